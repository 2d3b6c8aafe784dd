/* Tails of distributions: incomplete beta and gamma by series and continued fractions (Abramowitz and Stegun 26.5.8,
 * 6.5.29, 6.5.31, evaluated by the modified method of Lentz 1976); quantiles by halving the bracket of Newton's steps. */
#include "core/base/tails.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

static const double tiny = 1e-300;
enum { STEPS_MOST = 100000 };

double ms_normal_above(double x) { return 0.5 * erfc(x * 0.70710678118654752440); }
double ms_normal_beyond(double x) { return erfc(fabs(x) * 0.70710678118654752440); }

/* A quantile for p below one half is the negative of that of the tail above: both tails keep their digits. */
double ms_normal_quantile(double p) {
  if (!(p > 0 && p < 1)) return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
  double tail = p < 0.5 ? p : 1 - p, low = 0, high = 40, x = 1;
  for (int i = 0; i < 200; i++) {
    double above = ms_normal_above(x), density = 0.39894228040143267794 * exp(-0.5 * x * x);
    if (above > tail)
      low = x;
    else
      high = x;
    double next = x + (above - tail) / density;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (fabs(next - x) <= DBL_EPSILON * fabs(x)) break;
    x = next;
  }
  return p == 0.5 ? 0 : p < 0.5 ? -x : x;
}

static double away_from_zero(double x) { return fabs(x) < tiny ? tiny : x; }

static double beta_fraction(double x, double a, double b) {
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), value = d;
  for (int m = 1; m <= STEPS_MOST; m++) {
    double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    value *= d * c;
    double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    value *= d * c;
    if (fabs(d * c - 1) < 1e-16) break;
  }
  return value;
}

/* I_x(a, b) where 1 - x is known better than x tells. */
static double beta_below(double x, double rest, double a, double b) {
  if (isnan(x) || isnan(a) || isnan(b)) return NAN;
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) +
                     b * (x > 0.5 ? log(rest) : log1p(-x)));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(rest, b, a) / b;
}

double ms_beta_below(double x, double a, double b) { return beta_below(x, 1 - x, a, b); }

double ms_t_beyond(double t, double degrees) {
  if (isnan(t) || !(degrees > 0)) return NAN;
  if (isinf(degrees)) return ms_normal_beyond(t);
  double square = t * t;
  if (isinf(square)) return 0;
  return beta_below(degrees / (degrees + square), square / (degrees + square), 0.5 * degrees, 0.5);
}

double ms_t_quantile(double p, double degrees) {
  if (!(p > 0 && p < 1) || !(degrees > 0)) return NAN;
  if (p == 0.5) return 0;
  double both = 2 * (p < 0.5 ? p : 1 - p), low = 0, high = 1;
  while (ms_t_beyond(high, degrees) > both && high < 1e300) high *= 2;
  for (int i = 0; i < 2000 && high - low > 1e-16 * high; i++) {
    double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    if (ms_t_beyond(middle, degrees) > both)
      low = middle;
    else
      high = middle;
  }
  return p < 0.5 ? -high : high;
}

double ms_f_above(double f, double numerator, double denominator) {
  if (isnan(f) || !(numerator > 0) || !(denominator > 0)) return NAN;
  if (f <= 0) return 1;
  double scaled = numerator * f, all = denominator + scaled;
  if (isinf(all)) return 0;
  return beta_below(denominator / all, scaled / all, 0.5 * denominator, 0.5 * numerator);
}

double ms_chi_squared_above(double x, double degrees) {
  if (isnan(x) || !(degrees > 0)) return NAN;
  if (x <= 0) return 1;
  double a = 0.5 * degrees, z = 0.5 * x, front = exp(a * log(z) - z - lgamma(a));
  if (isinf(z)) return 0;
  if (z < a + 1) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < STEPS_MOST && term > sum * 1e-17; n++) sum += term *= z / (a + n);
    return 1 - front * sum;
  }
  double b = z + 1 - a, c = 1 / tiny, d = 1 / b, value = d;
  for (int i = 1; i < STEPS_MOST; i++) {
    double step = -i * (i - a);
    b += 2;
    d = 1 / away_from_zero(step * d + b);
    c = away_from_zero(b + step / c);
    value *= d * c;
    if (fabs(d * c - 1) < 1e-16) break;
  }
  return front * value;
}
