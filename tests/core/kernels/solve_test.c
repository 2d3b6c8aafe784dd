/* Small systems and smooth minima, by hand. */
#include "tests/core/unit.h"

#include <math.h>

#include "core/kernels/mining/common/solve.h"
#include "core/kernels/mining/common/solve_smooth.h"

static void a_system_is_solved_and_inverted(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  /* Lower triangle of 4 2 0, 2 5 3, 0 3 10, whose solution for (10, 21, 36) is (1, 3, 2.7). */
  const double matrix[9] = {4, NAN, NAN, 2, 5, NAN, 0, 3, 10};
  ms_factor factor;
  assert_int_equal(ms_factor_new(context, 3, &factor), MS_OK);
  assert_true(ms_factor_make(&factor, matrix, 1e-10, false));
  assert_int_equal(factor.rank, 3);
  double x[3] = {4 + 6, 2 + 15 + 8.1, 9 + 27}, inverse[9];
  ms_factor_solve(&factor, x);
  assert_true(fabs(x[0] - 1) < 1e-14 && fabs(x[1] - 3) < 1e-14 && fabs(x[2] - 2.7) < 1e-14);
  ms_factor_inverse(&factor, inverse);
  assert_true(fabs(inverse[0] - 41.0 / 124) < 1e-15 && fabs(inverse[1] + 20.0 / 124) < 1e-15);
  ms_context_free(context);
}

static void what_follows_from_columns_before_it_is_left_out(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  /* Of (1, 1), (2, 2), (1, 0): the second is twice the first. */
  const double matrix[9] = {2, 0, 0, 4, 8, 0, 1, 2, 1};
  ms_factor factor;
  assert_int_equal(ms_factor_new(context, 3, &factor), MS_OK);
  assert_true(ms_factor_make(&factor, matrix, 1e-10, false));
  assert_int_equal(factor.rank, 2);
  assert_true(factor.kept[0] && !factor.kept[1] && factor.kept[2]);
  double x[3] = {5, 10, 3}; /* X' (3, 2) */
  ms_factor_solve(&factor, x);
  assert_true(fabs(x[0] - 2) < 1e-14 && x[1] == 0 && fabs(x[2] - 1) < 1e-14);
  const double bad[9] = {2, 0, 0, 4, INFINITY, 0, 1, 2, 1};
  assert_false(ms_factor_make(&factor, bad, 1e-10, false));
  ms_context_free(context);
}

/* Rosenbrock's banana. */
static ms_status banana(ms_context *context, void *state, const double *x, double *out,
                        double *gradient) {
  (void)context;
  int *calls = state;
  ++*calls;
  double bend = x[1] - x[0] * x[0], off = 1 - x[0];
  *out = 100 * bend * bend + off * off;
  if (gradient) gradient[0] = -400 * x[0] * bend - 2 * off, gradient[1] = 200 * bend;
  return MS_OK;
}

static ms_status nowhere(ms_context *context, void *state, const double *x, double *out,
                         double *gradient) {
  (void)context, (void)state, (void)x, (void)gradient;
  *out = NAN;
  return MS_OK;
}

static void the_least_value_is_found(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  int calls = 0;
  ms_smooth smooth = {
      .n = 2, .iterations = 1000, .relative = 1e-16, .value = banana, .state = &calls};
  double x[2] = {-1.2, 1};
  ms_smooth_end end;
  assert_int_equal(ms_smooth_least(context, &smooth, x, &end), MS_OK);
  assert_true(end.converged && end.value < 1e-15);
  assert_true(fabs(x[0] - 1) < 1e-7 && fabs(x[1] - 1) < 1e-7);
  /* R 4.2.2: optim(c(-1.2, 1), fr, grr, method = "BFGS") takes 110 values and 43 gradients. */
  assert_true(calls < 200);
  smooth.value = nowhere;
  assert_int_equal(ms_smooth_least(context, &smooth, x, &end), MS_EDATA);
  ms_context_end(context);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_system_is_solved_and_inverted),
      cmocka_unit_test(what_follows_from_columns_before_it_is_left_out),
      cmocka_unit_test(the_least_value_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
