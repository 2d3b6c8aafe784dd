/* Arithmetic that operators and functions share. */
#ifndef MS_EXPR_ARITHMETIC_H
#define MS_EXPR_ARITHMETIC_H

#include <math.h>

/* The rest of a division, with the sign of the divisor. */
static inline double ms_real_modulo(double a, double b) {
  double rest = fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

#endif
