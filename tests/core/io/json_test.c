/* read_json and write_json: objects to rows and back. */
#include "csv_helpers.h"

static ms_frame *read_json(ms_context *context, const char *text) {
  const char *path = file_with(text, strlen(text));
  ms_options *options = ms_options_new(context);
  ms_options_text(options, "path", path, strlen(path));
  ms_frame *frame = ms_kernel_call(context, "read_json", NULL, 0, options);
  ms_options_free(options);
  ms_context_end(context);
  unlink(path);
  return frame;
}

static void check(const char *text, const char *wanted) {
  ms_context *context = ms_context_new();
  ms_frame *frame = read_json(context, text);
  if (strncmp(wanted, "E-", 2) == 0) {
    char got[512];
    assert_null(frame);
    const char *line = strstr(ms_error_text(context), "line ");
    snprintf(got, sizeof got, "%s %s", ms_error_code(context),
             line ? line : ms_error_text(context));
    got[strlen(wanted)] = 0;
    assert_string_equal(got, wanted);
  } else {
    if (!frame) fail_msg("%s", ms_error_text(context));
    char *got = frame_text(frame);
    assert_string_equal(got, wanted);
    free(got);
  }
  ms_frame_free(frame);
  ms_context_free(context);
}

static void reads_lines_and_arrays(void **state) {
  (void)state;
  const char *wanted = "a:integer b:text c:real\n1|x|∅\n∅|y|1.5\n";
  check("{\"a\":1,\"b\":\"x\"}\n\n{\"b\":\"y\",\"c\":1.5}\n", wanted);
  check("\xef\xbb\xbf[{\"a\":1,\"b\":\"x\"},\n {\"b\":\"y\",\n\"c\":1.5}]\n", wanted);
  check("", "\n");
  check("[]", "\n");
}

static void keeps_integers_exact(void **state) {
  (void)state;
  check("{\"a\":9223372036854775807}\n{\"a\":-9223372036854775808}\n",
        "a:integer\n9223372036854775807\n-9223372036854775808\n");
  check("{\"a\":9007199254740993}\n{\"a\":1.5}\n", "a:text\n9007199254740993\n1.5\n");
  check("{\"a\":1.5}\n{\"a\":9007199254740993}\n", "a:text\n1.5\n9007199254740993\n");
  check("{\"a\":2}\n{\"a\":1.5}\n", "a:real\n2\n1.5\n");
  check("{\"a\":9223372036854775808}\n", "E-FORMAT line 1: too big integer");
}

static void keeps_nested_and_mixed_values_as_json(void **state) {
  (void)state;
  check("{\"a\":{\"x\":[1,null]},\"b\":1}\n{\"a\":null,\"b\":\"z\"}\n{\"b\":true}\n",
        "a:text b:text\n{\"x\":[1,null]}|1\n∅|z\n∅|true\n");
  check(
      "{\"d\":\"2024-01-31\",\"t\":\"2024-01-31\",\"n\":\"1\"}\n{\"t\":\"2024-01-31T00:00:01Z\"}\n",
      "d:date t:time n:text\n19753|1706659200000000|1\n∅|1706659201000000|∅\n");
}

static void names_the_line_of_a_fault(void **state) {
  (void)state;
  check("{\"a\":1}\n{\"a\":}\n", "E-FORMAT line 2: ");
  check("{\"a\":1}\n[1]\n", "E-FORMAT line 2: an object wanted");
  check("{\"a\":1,\"a\":2}\n", "E-FORMAT line 1: duplicate");
  check("[{\"a\":1}\n{\"a\":2}]", "E-FORMAT line 2: a comma or ]");
  check("[{\"a\":1}", "E-FORMAT line 1: the array is not closed");
}

static void reads_back_what_it_writes(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_frame *frame = read_json(
      context,
      "{\"b\":true,\"i\":-5,\"r\":0.1,\"d\":\"2024-02-29\",\"t\":\"1969-12-31T23:59:59.25Z\","
      "\"s\":\"上 \\\"q\\\" \\n\\u0001\"}\n"
      "{\"b\":null,\"i\":9223372036854775807,\"r\":1e300,\"d\":null,\"t\":null,\"s\":\"\"}\n");
  char *wanted = frame_text(frame);
  static const char *const formats[] = {"format=lines", "format=array"};
  for (size_t i = 0; i < 2; i++) {
    const char *path = file_with("old", 3);
    ms_options *options = options_of(context, (const char *const[]){formats[i], NULL});
    ms_options_text(options, "path", path, strlen(path));
    ms_frame *report =
        ms_kernel_call(context, "write_json", (const ms_frame *const[]){frame}, 1, options);
    if (!report) fail_msg("%s", ms_error_text(context));
    assert_int_equal(ms_cell_integer(report, 0, 0), 2);
    ms_frame_free(report);
    ms_options_free(options);
    options = ms_options_new(context);
    ms_options_text(options, "path", path, strlen(path));
    ms_frame *back = ms_kernel_call(context, "read_json", NULL, 0, options);
    if (!back) fail_msg("%s", ms_error_text(context));
    char *got = frame_text(back);
    assert_string_equal(got, wanted);
    free(got);
    ms_frame_free(back);
    ms_options_free(options);
    unlink(path);
  }
  free(wanted);
  ms_frame_free(frame);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_lines_and_arrays),
      cmocka_unit_test(keeps_integers_exact),
      cmocka_unit_test(keeps_nested_and_mixed_values_as_json),
      cmocka_unit_test(names_the_line_of_a_fault),
      cmocka_unit_test(reads_back_what_it_writes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
