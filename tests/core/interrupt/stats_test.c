/* Statistics and simulated data end soon when they are told to stop. */
#include "tests/core/interrupt/stopping.h"

static const stopping_case cases[] = {
#include "tests/core/interrupt/cases/stats.def"
    {0}};

static void statistics_end_soon(void **state) {
  (void)state;
  stopping_all(cases, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(statistics_end_soon)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
