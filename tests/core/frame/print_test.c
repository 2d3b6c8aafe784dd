/* Printing frames: alignment, cut rows, cut columns, escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/frame/frame.h"

static ms_frame *make(ms_context *context) {
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "city", MS_TEXT);
  ms_builder_column(builder, "n", MS_INTEGER);
  ms_builder_column(builder, "rev", MS_REAL);
  ms_builder_column(builder, "at", MS_DATE);
  const char *cities[] = {"上海", "杭州\n", "Zürich", "\xff"};
  for (int i = 0; i < 4; i++) {
    ms_builder_text(builder, 0, cities[i], strlen(cities[i]));
    ms_builder_integer(builder, 1, 182304 + i);
    ms_builder_real(builder, 2, 9120331.5 / (i + 1));
    ms_builder_integer(builder, 3, 10000 * i);
  }
  for (size_t c = 0; c < 4; c++) ms_builder_null(builder, c);
  return ms_builder_finish(builder);
}

static void shows(int width, int rows, const char *want) {
  ms_context *context = ms_context_new();
  ms_frame *frame = make(context);
  assert_non_null(frame);
  size_t size;
  const char *text =
      ms_frame_print(context, frame, &(ms_print_options){.width = width, .rows = rows}, &size);
  assert_string_equal(text, want);
  assert_int_equal(size, strlen(want));
  ms_frame_free(frame);
  ms_context_free(context);
}

static void a_whole_table_is_aligned(void **state) {
  (void)state;
  shows(0, 0,
        "┌────────┬─────────┬──────────────┬────────────┐\n"
        "│ city   │       n │          rev │ at         │\n"
        "│ text   │ integer │         real │ date       │\n"
        "├────────┼─────────┼──────────────┼────────────┤\n"
        "│ 上海   │ 182,304 │ 9,120,331.50 │ 1970-01-01 │\n"
        "│ 杭州\\n │ 182,305 │ 4,560,165.75 │ 1997-05-19 │\n"
        "│ Zürich │ 182,306 │ 3,040,110.50 │ 2024-10-04 │\n"
        "│ \\xFF   │ 182,307 │ 2,280,082.88 │ 2052-02-20 │\n"
        "│ ∅      │       ∅ │            ∅ │ ∅          │\n"
        "└────────┴─────────┴──────────────┴────────────┘\n"
        " 5 rows × 4 columns\n");
}

static void middle_rows_are_cut(void **state) {
  (void)state;
  shows(0, 2,
        "┌──────┬─────────┬─────────────┬────────────┐\n"
        "│ city │       n │         rev │ at         │\n"
        "│ text │ integer │        real │ date       │\n"
        "├──────┼─────────┼─────────────┼────────────┤\n"
        "│ 上海 │ 182,304 │ 9,120,331.5 │ 1970-01-01 │\n"
        "│ ⋮    │       ⋮ │           ⋮ │ ⋮          │\n"
        "│ ∅    │       ∅ │           ∅ │ ∅          │\n"
        "└──────┴─────────┴─────────────┴────────────┘\n"
        " 5 rows × 4 columns (2 shown)\n");
}

static void middle_columns_are_cut(void **state) {
  (void)state;
  shows(30, 2,
        "┌──────┬───┬────────────┐\n"
        "│ city │ … │ at         │\n"
        "│ text │ … │ date       │\n"
        "├──────┼───┼────────────┤\n"
        "│ 上海 │ … │ 1970-01-01 │\n"
        "│ ⋮    │ ⋮ │ ⋮          │\n"
        "│ ∅    │ … │ ∅          │\n"
        "└──────┴───┴────────────┘\n"
        " 5 rows × 4 columns (2 rows, 2 columns shown)\n");
}

static void numbers_that_are_labels_have_no_separators(void **state) {
  (void)state;
  static const char *const names[] = {"OrderID", "order_id", "id", "paid", "n"};
  ms_context *context = ms_context_new();
  ms_builder *builder = ms_builder_new(context);
  for (size_t c = 0; c < 5; c++) {
    ms_builder_column(builder, names[c], MS_INTEGER);
    ms_builder_integer(builder, c, 10248);
  }
  ms_frame *frame = ms_builder_finish(builder);
  size_t size;
  const char *text = ms_frame_print(context, frame, &(ms_print_options){0}, &size);
  assert_non_null(strstr(text, "│   10248 │    10248 │   10248 │  10,248 │  10,248 │"));
  ms_frame_free(frame);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_whole_table_is_aligned),
                                     cmocka_unit_test(middle_rows_are_cut),
                                     cmocka_unit_test(middle_columns_are_cut),
                                     cmocka_unit_test(numbers_that_are_labels_have_no_separators)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
