/* Every descriptor in kernels.def: complete, free of contradictions, and read by its own table. */
#include "tests/core/unit.h"

#include "core/frame/kernel.h"
#include "core/kernels/registry.h"

static bool one_line(const char *text) { return text && text[0] && !strchr(text, '\n'); }

static void names_differ_and_are_plain(void **state) {
  (void)state;
  for (size_t i = 0; i < ms_kernel_count(); i++) {
    const char *name = ms_kernel_name(i);
    assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
    for (size_t j = 0; j < i; j++) assert_string_not_equal(name, ms_kernel_name(j));
  }
}

static void every_kernel_says_what_it_does_and_costs(void **state) {
  (void)state;
  for (size_t i = 0; i < ms_kernel_count(); i++) {
    if (!one_line(ms_kernel_group(i)) || !one_line(ms_kernel_brief(i)) ||
        !one_line(ms_kernel_cost(i))) {
      fail_msg("%s: group, brief or cost is missing", ms_kernel_name(i));
    }
    int least = ms_kernel_inputs_least(i), most = ms_kernel_inputs_most(i);
    assert_true(least >= 0 && (most < 0 || most >= least));
  }
}

/* Whether the word is one of the words, which are separated by blanks. */
static bool is_word_of(const char *word, const char *words) {
  size_t size = strlen(word);
  while (*words) {
    size_t length = strcspn(words, " ");
    if (length == size && strncmp(words, word, size) == 0) return true;
    words += length + strspn(words + length, " ");
  }
  return false;
}

static void check_option(size_t kernel, size_t option) {
  const char *name = ms_option_name(kernel, option), *type = ms_option_type(kernel, option);
  const char *fallback = ms_option_default(kernel, option);
  double low = ms_option_low(kernel, option), high = ms_option_high(kernel, option);
  const char *wrong = NULL;
  if (!one_line(ms_option_brief(kernel, option))) wrong = "has no brief";
  if (ms_option_required(kernel, option) && fallback[0]) wrong = "is required and has a default";
  if (low > high) wrong = "has a range that is empty";
  if (strcmp(type, "choice") == 0) {
    if (!ms_option_unit(kernel, option)[0]) wrong = "is a choice of nothing";
    if (fallback[0] && !is_word_of(fallback, ms_option_unit(kernel, option))) {
      wrong = "has a default that is none of its words";
    }
  }
  if (strcmp(type, "boolean") == 0 && fallback[0] && !is_word_of(fallback, "true false")) {
    wrong = "has a default that is neither true nor false";
  }
  bool number = strcmp(type, "integer") == 0 || strcmp(type, "real") == 0;
  if (number && fallback[0] && low < high) {
    double value = strtod(fallback, NULL);
    if (value < low || value > high) wrong = "has a default out of its range";
  }
  for (size_t i = 0; i < option; i++) {
    if (strcmp(name, ms_option_name(kernel, i)) == 0) wrong = "stands there twice";
  }
  if (wrong) fail_msg("%s: option '%s' %s", ms_kernel_name(kernel), name, wrong);
}

static void every_option_is_described_and_consistent(void **state) {
  (void)state;
  for (size_t i = 0; i < ms_kernel_count(); i++) {
    for (size_t j = 0; j < ms_kernel_options(i); j++) check_option(i, j);
  }
}

static void an_unknown_option_is_refused_by_every_kernel(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_builder *builder = ms_builder_new(context);
  assert_int_equal(ms_builder_column(builder, "id", MS_INTEGER), MS_OK);
  ms_frame *frame = ms_builder_finish(builder);
  const ms_frame *inputs[] = {frame, frame, frame, frame};
  for (size_t i = 0; i < ms_kernel_count(); i++) {
    size_t count = (size_t)ms_kernel_inputs_least(i);
    ms_options *options = ms_options_new(context);
    ms_options_integer(options, "no_such_option", MS_INTEGER, 1);
    ms_error_clear(context);
    assert_null(ms_kernel_call(context, ms_kernel_name(i), inputs, count, options));
    assert_int_equal(ms_error_status(context), MS_EOPTION);
    ms_options_free(options);
    ms_context_end(context);
  }
  ms_frame_free(frame);
  ms_context_free(context);
}

static void an_unknown_kernel_names_the_nearest(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  assert_null(ms_kernel_call(context, "simulate_shpo", NULL, 0, NULL));
  assert_int_equal(ms_error_status(context), MS_EKERNEL);
  assert_non_null(strstr(ms_error_hint(context), "'simulate_shop'"));
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_differ_and_are_plain),
      cmocka_unit_test(every_kernel_says_what_it_does_and_costs),
      cmocka_unit_test(every_option_is_described_and_consistent),
      cmocka_unit_test(an_unknown_option_is_refused_by_every_kernel),
      cmocka_unit_test(an_unknown_kernel_names_the_nearest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
