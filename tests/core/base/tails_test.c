/* Tails and quantiles of distributions, against R 4.2.2. */
#include "tests/core/unit.h"

#include <math.h>

#include "core/base/tails.h"

static void close_to(double got, double want) {
  if (fabs(got - want) > 1e-12 * fabs(want)) print_error("got %.17g, want %.17g\n", got, want);
  assert_true(fabs(got - want) <= 1e-12 * fabs(want));
}

static void normal(void **state) {
  (void)state;
  close_to(ms_normal_above(3), 0.0013498980316300946);     /* pnorm(3, lower = FALSE) */
  close_to(ms_normal_beyond(-10), 1.5239706048321054e-23); /* 2 * pnorm(-10) */
  close_to(ms_normal_quantile(0.975), 1.9599639845400536);
  close_to(ms_normal_quantile(1e-12), -7.0344838253011321);
  assert_true(ms_normal_quantile(0.5) == 0);
  assert_true(isinf(ms_normal_quantile(1)) && isnan(ms_normal_quantile(2)));
}

static void student(void **state) {
  (void)state;
  close_to(ms_t_beyond(-2.5, 3), 0.087706647008065505); /* 2 * pt(-2.5, 3) */
  close_to(ms_t_quantile(0.975, 5), 2.5705818356363137);
  close_to(ms_t_quantile(0.0005, 2.5), -18.277893528131514);
  close_to(ms_t_beyond(1.5, INFINITY), ms_normal_beyond(1.5));
  assert_true(ms_t_beyond(0, 7) == 1);
  assert_true(isnan(ms_t_beyond(1, 0)) && isnan(ms_t_quantile(0.5, -1)));
}

static void others(void **state) {
  (void)state;
  close_to(ms_f_above(3.3, 4, 17), 0.035666448209937709); /* pf(…, lower = FALSE) */
  close_to(ms_f_above(1.2, 1, 3), 0.35338746628869816);
  close_to(ms_f_above(45, 3, 200), 2.873377161513711e-22);
  close_to(ms_chi_squared_above(3.84, 1), 0.050043521248705224); /* pchisq(…, lower = FALSE) */
  close_to(ms_chi_squared_above(300, 20), 8.082849629775909e-52);
  close_to(ms_beta_below(0.3, 2.5, 7), 0.64122246297172114); /* pbeta */
  assert_true(ms_f_above(0, 2, 2) == 1 && ms_chi_squared_above(-1, 3) == 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(normal), cmocka_unit_test(student),
                                     cmocka_unit_test(others)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
