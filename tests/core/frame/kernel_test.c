/* Options of kernels: what stands in the bag is checked against the table and laid into the struct. */
#include "tests/core/unit.h"

#include "core/frame/kernel.h"

typedef struct {
  bool flag;
  int64_t k;
  double share;
  const char *name, *column, *where;
  int how;
  ms_names columns, definitions;
  ms_integers cuts;
  ms_reals weights;
  const ms_option_value *value;
} options;

#define AT(field) .offset = offsetof(options, field)
static const ms_option table[] = {
    {.name = "flag", .type = MS_OPTION_BOOLEAN, .fallback = "true", AT(flag)},
    {.name = "k", .type = MS_OPTION_INTEGER, .fallback = "5", .low = 1, .high = 10, AT(k)},
    {.name = "share", .type = MS_OPTION_REAL, .fallback = "0.25", .low = 0, .high = 1, AT(share)},
    {.name = "name", .type = MS_OPTION_TEXT, AT(name)},
    {.name = "how",
     .type = MS_OPTION_CHOICE,
     .fallback = "left",
     .unit = "inner left right",
     AT(how)},
    {.name = "column", .type = MS_OPTION_COLUMN, AT(column)},
    {.name = "columns", .type = MS_OPTION_COLUMNS, AT(columns)},
    {.name = "definitions", .type = MS_OPTION_TEXTS, AT(definitions)},
    {.name = "where", .type = MS_OPTION_EXPRESSION, AT(where)},
    {.name = "cuts", .type = MS_OPTION_INTEGERS, AT(cuts)},
    {.name = "weights", .type = MS_OPTION_REALS, AT(weights)},
    {.name = "value", .type = MS_OPTION_VALUE, AT(value)},
    {.name = NULL}};

static options seen;

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  (void)context;
  seen = *(const options *)given;
  return ms_frame_share(inputs->frames[0]);
}

static const ms_kernel kernel = {
    .name = "probe", .least = 1, .most = 1, .options = table, .size = sizeof(options), .run = run};

typedef struct {
  ms_context *context;
  ms_frame *frame;
  ms_options *bag;
} fixture;

static int begin(void **state) {
  static fixture f;
  f.context = ms_context_new();
  ms_builder *builder = ms_builder_new(f.context);
  (void)ms_builder_column(builder, "id", MS_INTEGER);
  (void)ms_builder_column(builder, "city", MS_TEXT);
  f.frame = ms_builder_finish(builder);
  f.bag = ms_options_new(f.context);
  *state = &f;
  return f.frame && f.bag ? 0 : -1;
}

static int end(void **state) {
  fixture *f = *state;
  ms_options_free(f->bag);
  ms_frame_free(f->frame);
  ms_context_free(f->context);
  return 0;
}

static ms_status call(fixture *f) {
  ms_inputs inputs = {(const ms_frame *const *)&f->frame, 1, f->bag};
  ms_error_clear(f->context);
  ms_frame *out = ms_kernel_run(f->context, &kernel, &inputs);
  ms_frame_free(out);
  return out ? MS_OK : ms_error_status(f->context);
}

static void text(fixture *f, const char *name, const char *value) {
  ms_options_text(f->bag, name, value, strlen(value));
}

static void what_is_not_given_has_its_default(void **state) {
  assert_int_equal(call(*state), MS_OK);
  assert_true(seen.flag);
  assert_int_equal(seen.k, 5);
  assert_true(seen.share == 0.25);
  assert_null(seen.name);
  assert_int_equal(seen.how, 1);
  assert_null(seen.column);
  assert_int_equal(seen.columns.count, 0);
  assert_null(seen.value);
}

static void what_is_given_arrives(void **state) {
  fixture *f = *state;
  ms_options_integer(f->bag, "flag", MS_BOOLEAN, 0);
  ms_options_real(f->bag, "k", 7);
  ms_options_integer(f->bag, "share", MS_INTEGER, 1);
  text(f, "name", "上海");
  text(f, "how", "right");
  text(f, "column", "city");
  text(f, "columns", "city");
  text(f, "columns", "id");
  text(f, "definitions", "a = 1");
  ms_options_integer(f->bag, "cuts", MS_INTEGER, -3);
  ms_options_integer(f->bag, "cuts", MS_INTEGER, 4);
  ms_options_real(f->bag, "weights", 0.5);
  ms_options_null(f->bag, "value");
  ms_options_integer(f->bag, "@as_of", MS_DATE, 19000);
  assert_int_equal(call(f), MS_OK);
  assert_false(seen.flag);
  assert_int_equal(seen.k, 7);
  assert_true(seen.share == 1);
  assert_string_equal(seen.name, "上海");
  assert_int_equal(seen.how, 2);
  assert_string_equal(seen.column, "city");
  assert_int_equal(seen.columns.count, 2);
  assert_string_equal(seen.columns.items[1], "id");
  assert_string_equal(seen.definitions.items[0], "a = 1");
  assert_int_equal(seen.cuts.items[0], -3);
  assert_int_equal(seen.cuts.count, 2);
  assert_true(seen.weights.items[0] == 0.5);
  assert_true(seen.value && seen.value->values[0].null);
}

static void expect(fixture *f, ms_status status, const char *part) {
  assert_int_equal(call(f), status);
  if (!strstr(ms_error_text(f->context), part)) fail_msg("%s", ms_error_text(f->context));
  assert_non_null(strstr(ms_error_text(f->context), "probe"));
}

static void an_unknown_option_names_the_nearest(void **state) {
  fixture *f = *state;
  text(f, "definitoins", "id");
  expect(f, MS_EOPTION, "'definitoins'");
  assert_non_null(strstr(ms_error_hint(f->context), "did you mean 'definitions'?"));
}

static void an_unknown_column_names_the_nearest(void **state) {
  fixture *f = *state;
  text(f, "column", "ciyt");
  expect(f, MS_ECOLUMN, "'ciyt'");
  assert_non_null(strstr(ms_error_hint(f->context), "did you mean 'city'?"));
}

static void a_number_out_of_range_is_refused_with_the_range(void **state) {
  fixture *f = *state;
  ms_options_integer(f->bag, "k", MS_INTEGER, 11);
  expect(f, MS_EARGUMENT, "11");
  assert_non_null(strstr(ms_error_text(f->context), "10"));
}

static void a_fraction_is_no_integer(void **state) {
  ms_options_real(((fixture *)*state)->bag, "k", 2.5);
  expect(*state, MS_EARGUMENT, "integer");
}

static void not_a_number_is_out_of_every_range(void **state) {
  ms_options_real(((fixture *)*state)->bag, "share", (double)__builtin_nanf(""));
  expect(*state, MS_EARGUMENT, "share");
}

static void a_wrong_word_names_the_choices(void **state) {
  fixture *f = *state;
  text(f, "how", "iner");
  expect(f, MS_EARGUMENT, "inner left right");
  assert_non_null(strstr(ms_error_hint(f->context), "'inner'"));
}

static void a_wrong_type_or_a_list_is_refused(void **state) {
  fixture *f = *state;
  text(f, "flag", "yes");
  expect(f, MS_EARGUMENT, "flag");
  ms_options_free(f->bag);
  f->bag = ms_options_new(f->context);
  text(f, "name", "a");
  text(f, "name", "b");
  expect(f, MS_EARGUMENT, "list");
}

static void a_null_is_no_value_of_an_option(void **state) {
  fixture *f = *state;
  ms_options_null(f->bag, "name");
  expect(f, MS_EARGUMENT, "null");
}

static void a_text_with_a_zero_byte_is_refused(void **state) {
  ms_options_text(((fixture *)*state)->bag, "where", "a\0b", 3);
  expect(*state, MS_EARGUMENT, "zero byte");
}

static void a_bag_that_lost_a_value_is_refused(void **state) {
  fixture *f = *state;
  ms_context_fail_at(f->context, 1);
  text(f, "name", "a");
  ms_context_fail_at(f->context, 0);
  assert_int_equal(call(f), MS_EMEMORY);
}

static void the_number_of_frames_is_checked(void **state) {
  fixture *f = *state;
  ms_inputs inputs = {NULL, 0, f->bag};
  assert_null(ms_kernel_run(f->context, &kernel, &inputs));
  assert_int_equal(ms_error_status(f->context), MS_EARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_is_not_given_has_its_default),
      TEST(what_is_given_arrives),
      TEST(an_unknown_option_names_the_nearest),
      TEST(an_unknown_column_names_the_nearest),
      TEST(a_number_out_of_range_is_refused_with_the_range),
      TEST(a_fraction_is_no_integer),
      TEST(not_a_number_is_out_of_every_range),
      TEST(a_wrong_word_names_the_choices),
      TEST(a_wrong_type_or_a_list_is_refused),
      TEST(a_null_is_no_value_of_an_option),
      TEST(a_text_with_a_zero_byte_is_refused),
      TEST(a_bag_that_lost_a_value_is_refused),
      TEST(the_number_of_frames_is_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
