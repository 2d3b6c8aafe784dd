/* Many rows: several morsels give the same cells for any number of threads and size of blocks, and the cells that
 * a row by itself gives. */
#include "tests/core/unit.h"

#include "core/expr/expr.h"

enum { ROWS = 150001 };

static ms_frame *make(ms_context *context) {
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "i", MS_INTEGER);
  ms_builder_column(builder, "r", MS_REAL);
  ms_builder_column(builder, "few", MS_TEXT);
  ms_builder_column(builder, "many", MS_TEXT);
  for (int64_t n = 0; n < ROWS; n++) {
    char text[24];
    int size = snprintf(text, sizeof text, "n%d", (int)(n * 7919 % 100003));
    if (n % 11 == 3) {
      ms_builder_null(builder, 0);
    } else {
      ms_builder_integer(builder, 0, n * n % 1000 - 500);
    }
    ms_builder_real(builder, 1, (double)(n % 977) / 7);
    ms_builder_text(builder, 2, text, n % 13 == 5 ? 1 : 2);
    ms_builder_text(builder, 3, text, (size_t)size);
  }
  return ms_builder_finish(builder);
}

static const char *const expressions[] = {
    "i * 1000003 + 7",
    "r / i",
    "many .. few",
    "few .. '!'",
    "upper(many)",
    "case when i > 100 then many when i < 0 then few .. 'x' else 'none' end",
    "coalesce(nullif(few, 'n1'), many)",
    "i > 0 and (r < 50 or many like 'n1%') and few ~= 'n'",
    "hash(many) % 10"};

static bool same_cell(const ms_column *a, int64_t i, const ms_column *b, int64_t j) {
  if (ms_column_valid(a, i) != ms_column_valid(b, j)) return false;
  if (!ms_column_valid(a, i)) return true;
  if (a->type == MS_TEXT) return ms_slice_equal(ms_column_text(a, i), ms_column_text(b, j));
  if (a->type != MS_REAL) return ms_column_integer(a, i) == ms_column_integer(b, j);
  double x = ms_column_real(a, i), y = ms_column_real(b, j);
  return memcmp(&x, &y, sizeof x) == 0;
}

static ms_column *run(ms_context *context, const char *text, const ms_frame *frame) {
  ms_scope scope = {.verb = "test", .rows = frame};
  size_t next = 0;
  ms_expression *expression = ms_expression_new(context, &scope, text, &next);
  assert_non_null(expression);
  ms_column *column = ms_expression_column(context, expression, frame);
  assert_non_null(column);
  ms_context_end(context);
  return column;
}

static void threads_and_blocks_change_nothing(void **state) {
  (void)state;
  static const int threads[] = {2, 4, 1, 3}, blocks[] = {0, 1000, 65536, 77};
  ms_context *context = ms_context_new();
  ms_frame *frame = make(context);
  for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++) {
    ms_context_threads(context, 1);
    ms_context_block(context, 0);
    ms_column *want = run(context, expressions[e], frame);
    for (size_t k = 0; k < 4; k++) {
      ms_context_threads(context, threads[k]);
      ms_context_block(context, blocks[k]);
      ms_column *got = run(context, expressions[e], frame);
      assert_int_equal(got->storage, want->storage);
      for (int64_t i = 0; i < ROWS; i++) assert_true(same_cell(want, i, got, i));
      ms_column_free(got);
    }
    ms_column_free(want);
  }
  ms_frame_free(frame);
  ms_context_free(context);
}

static void a_row_among_many_is_the_row_alone(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_frame *frame = make(context);
  for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++) {
    ms_column *all = run(context, expressions[e], frame);
    for (int64_t i = 0; i < ROWS; i += 1499) {
      ms_frame *one = ms_frame_slice(context, frame, i, 1);
      ms_column *alone = run(context, expressions[e], one);
      assert_true(same_cell(all, i, alone, 0));
      ms_column_free(alone);
      ms_frame_free(one);
    }
    ms_column_free(all);
  }
  ms_frame_free(frame);
  ms_context_free(context);
}

static void rows_are_those_where_the_column_is_true(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_frame *frame = make(context);
  const char *text = expressions[7];
  ms_column *flags = run(context, text, frame);
  for (int threads = 1; threads <= 4; threads *= 2) {
    ms_context_threads(context, threads);
    ms_scope scope = {.verb = "test", .rows = frame};
    size_t next = 0;
    int64_t count = 0, found = 0;
    ms_expression *expression = ms_expression_new(context, &scope, text, &next);
    const uint32_t *rows = ms_expression_rows(context, expression, frame, &count);
    assert_non_null(rows);
    for (int64_t i = 0; i < ROWS; i++) {
      if (!ms_column_valid(flags, i) || !ms_column_integer(flags, i)) continue;
      assert_true(found < count && rows[found] == i);
      found++;
    }
    assert_int_equal(found, count);
    ms_context_end(context);
  }
  ms_column_free(flags);
  ms_frame_free(frame);
  ms_context_free(context);
}

/* Two rows are at fault in different morsels: the first is named, whatever runs first. */
static void the_first_faulty_row_is_named(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "x", MS_INTEGER);
  for (int64_t n = 0; n < ROWS; n++)
    ms_builder_integer(builder, 0, n == 70007 || n == 140000 ? INT64_MAX : n);
  ms_frame *frame = ms_builder_finish(builder);
  for (int threads = 1; threads <= 4; threads *= 2) {
    ms_context_threads(context, threads);
    ms_context_block(context, threads * 500);
    ms_scope scope = {.verb = "test", .rows = frame};
    size_t next = 0;
    ms_expression *expression = ms_expression_new(context, &scope, "1 + (x + 1)", &next);
    assert_null(ms_expression_column(context, expression, frame));
    assert_int_equal(ms_error_row(context), 70007);
    assert_string_equal(ms_error_column(context), "x");
    ms_context_end(context);
  }
  ms_frame_free(frame);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_and_blocks_change_nothing),
      cmocka_unit_test(a_row_among_many_is_the_row_alone),
      cmocka_unit_test(rows_are_those_where_the_column_is_true),
      cmocka_unit_test(the_first_faulty_row_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
