/* Tails and quantiles of the normal, t, F and chi-squared distributions, for tests and intervals. */
#ifndef MS_BASE_TAILS_H
#define MS_BASE_TAILS_H

/* P(X > x) of the standard normal; P(|X| > |x|); the quantile of p in (0, 1). Relative error below 1e-13. */
double ms_normal_above(double x);
double ms_normal_beyond(double x);
double ms_normal_quantile(double p);

/* Student's t with `degrees` > 0 degrees of freedom: P(|T| > |t|), and the quantile of p in (0, 1). NaN passes through. */
double ms_t_beyond(double t, double degrees);
double ms_t_quantile(double p, double degrees);

/* P(F > f) with the degrees of numerator and denominator; P(X > x) of chi-squared. */
double ms_f_above(double f, double numerator, double denominator);
double ms_chi_squared_above(double x, double degrees);

/* Regularised incomplete beta I_x(a, b), its continued fraction by Lentz's method; relative error about 1e-13. */
double ms_beta_below(double x, double a, double b);

#endif
