/* Expressions where memory is short: whichever allocation fails, the answer is an error and nothing is kept. */
#include "tests/core/unit.h"

#include "core/expr/expr.h"

enum { ROWS = 200 };

static ms_frame *make(ms_context *context) {
  static const char *const words[] = {"上海", "Köln", "a,b", "", "x1y2"};
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "i", MS_INTEGER);
  ms_builder_column(builder, "r", MS_REAL);
  ms_builder_column(builder, "t", MS_TEXT);
  ms_builder_column(builder, "u", MS_TEXT);
  ms_builder_column(builder, "d", MS_DATE);
  for (int n = 0; n < ROWS; n++) {
    char unique[16];
    snprintf(unique, sizeof unique, "u%d", n);
    ms_builder_integer(builder, 0, n % 9 - 4);
    ms_builder_real(builder, 1, n / 8.0);
    ms_builder_text(builder, 2, words[n % 5], strlen(words[n % 5]));
    ms_builder_text(builder, 3, unique, strlen(unique));
    if (n % 7 == 0) {
      ms_builder_null(builder, 4);
    } else {
      ms_builder_integer(builder, 4, 19000 + n % 40);
    }
  }
  return ms_builder_finish(builder);
}

static const char *const expressions[] = {
    "i * 2 + i",
    "r / i > 1 and i in (1, 2) or t in ('a,b', 'c')",
    "upper(t) .. u",
    "matches(t, '[0-9]') and t like 'x%'",
    "replace_matches(u, '(u)', '\\1\\1')",
    "case when i > 0 then t when r > 3 then u else 'none' end",
    "coalesce(nullif(t, ''), u)",
    "least(t, u, 'm')",
    "format_date(date_trunc('month', d), '%Y-%m')",
    "year(d) * 12 + month(d)",
    "cast(i as text) .. cast(r as text)",
    "try_cast(u as integer)",
    "t == u or t <=> t",
    "sum(r where i > 0) over (partition by t order by d desc nulls first) + lag(i, 1, 0)",
    "unknown + 1",
    "lenght(t)"};

/* What the expression gives: its column, or NULL with an error. */
static ms_column *run(ms_context *context, const char *text, const ms_frame *frame) {
  ms_scope scope = {.verb = "test", .rows = frame, .calls = true};
  size_t next = 0;
  const ms_call *const *calls;
  ms_expression *expression = ms_expression_new(context, &scope, text, &next);
  if (!expression || ms_expression_calls(expression, &calls) > 0) return NULL;
  if (ms_expression_type(expression) == MS_BOOLEAN) {
    int64_t count;
    if (!ms_expression_rows(context, expression, frame, &count)) return NULL;
  }
  return ms_expression_column(context, expression, frame);
}

static void any_failing_allocation_is_an_error(void **state) {
  (void)state;
  for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++) {
    ms_context *context = ms_context_new();
    ms_context_threads(context, 1);
    ms_frame *frame = make(context);
    ms_column *column = run(context, expressions[e], frame);
    ms_column_free(column);
    ms_context_end(context);
    uint64_t held = ms_context_memory(context);
    for (uint64_t n = 1;; n++) {
      assert_true(n < 5000);
      ms_error_clear(context);
      ms_context_fail_at(context, n);
      column = run(context, expressions[e], frame);
      bool reached = ms_memory_fail_left(ms_context_account(context)) == 0;
      ms_context_fail_at(context, 0);
      if (reached && !column) assert_int_not_equal(ms_error_status(context), MS_OK);
      ms_column_free(column);
      ms_error_clear(context);
      ms_context_end(context);
      assert_true(ms_context_memory(context) <= held);
      if (!reached) break;
    }
    ms_frame_free(frame);
    ms_context_free(context);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(any_failing_allocation_is_an_error)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
