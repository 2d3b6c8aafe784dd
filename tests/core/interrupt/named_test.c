/* Every kernel is either stopped by a test of this folder, or listed here with the reason why not. */
#include "core/frame/kernel.h"
#include "tests/core/unit.h"

static const char *const named[] = {
#define STOP(kernel, inputs, options) kernel,
#define CALL(name, inputs, options) #name,
#define PREDICT(learner, inputs, learn, options) learner "_predict",
#define OF_MODEL(kernel, inputs, learn, options) kernel,
#include "tests/core/interrupt/cases/files.def"
#include "tests/core/interrupt/cases/learners.def"
#include "tests/core/interrupt/cases/stats.def"
#include "tests/core/interrupt/cases/verbs.def"
};

static const struct {
  const char *kernel, *why;
} exempt[] = {
    {"drop", "shares the columns that stay"},
    {"rename", "shares all columns"},
    {"hclust_predict", "cuts a tree of the learner's rows, which are thousands, not millions"},
};

static bool is_named(const char *kernel) {
  for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
    if (strcmp(named[i], kernel) == 0) return true;
  }
  return false;
}

static bool is_exempt(const char *kernel) {
  for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++) {
    if (strcmp(exempt[i].kernel, kernel) == 0) return true;
  }
  return false;
}

static void every_kernel_is_stopped_or_exempt(void **state) {
  (void)state;
  int absent = 0;
  for (size_t i = 0; i < ms_kernel_count(); i++) {
    const char *kernel = ms_kernel_name(i);
    if (is_named(kernel) != is_exempt(kernel)) continue;
    print_message(is_named(kernel) ? "'%s' is stopped, and exempt\n"
                                   : "tests/core/interrupt/cases has no call of '%s'\n",
                  kernel);
    absent++;
  }
  assert_int_equal(absent, 0);
}

static void who_is_exempt_is_a_kernel(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++) {
    bool found = false;
    for (size_t k = 0; k < ms_kernel_count() && !found; k++) {
      found = strcmp(ms_kernel_name(k), exempt[i].kernel) == 0;
    }
    if (!found) fail_msg("there is no kernel '%s'", exempt[i].kernel);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_kernel_is_stopped_or_exempt),
                                     cmocka_unit_test(who_is_exempt_is_a_kernel)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
