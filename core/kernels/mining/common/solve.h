/* Small symmetric systems, as normal equations give them, solved by a Cholesky factor.
 *
 * Columns are scaled to a unit diagonal first. They are taken in their order: one that is a linear combination of those before it
 * is left out, as R's lm and glm do it. The matrix is n × n, row after row; its lower triangle is read. */
#ifndef MS_MINING_SOLVE_H
#define MS_MINING_SOLVE_H

#include "core/base/context.h"

typedef struct {
  size_t n, rank;
  double *lower; /* n × n, lower triangle; rows and columns of what is left out are zero */
  double *scale; /* 1 / sqrt of the diagonal */
  bool *kept;
} ms_factor;

/* Everything in scratch. MS_EMEMORY. */
ms_status ms_factor_new(ms_context *context, size_t n, ms_factor *out);
/* Factors the matrix. A column is left out if what those before it do not explain of it (of its squared length) is below
 * `tolerance`; with `fixed`, those that were kept before are kept, and false is the answer if that cannot be (or if
 * a number is not finite). O(n³ / 3). */
bool ms_factor_make(ms_factor *factor, const double *matrix, double tolerance, bool fixed);
/* Solves A x = b in place; zero for what is left out. O(n²). */
void ms_factor_solve(const ms_factor *factor, double *x);
/* The inverse, whole, n × n; zero for what is left out. O(n³). */
void ms_factor_inverse(const ms_factor *factor, double *out);

#endif
