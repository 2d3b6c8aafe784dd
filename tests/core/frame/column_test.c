/* Columns: narrow storage, text, gather, slice, concat, views. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>

#include "core/frame/frame.h"

static ms_context *start(void) {
  ms_context *context = ms_context_new();
  assert_non_null(context);
  return context;
}

static ms_column *integers(ms_context *context, const int64_t *values, int64_t rows, int64_t null) {
  ms_buffer *validity = NULL;
  if (null >= 0) {
    validity = ms_buffer_new(context, ms_bitmap_words(rows), 8);
    ms_bitmap_fill((uint64_t *)(void *)validity->data, rows);
    ms_bit_clear((uint64_t *)(void *)validity->data, null);
  }
  return ms_column_from_int64(context, MS_INTEGER, rows, values, validity);
}

static ms_column *texts(ms_context *context, const char *const *values, int64_t rows) {
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "t", MS_TEXT);
  for (int64_t i = 0; i < rows; i++) {
    if (values[i]) {
      ms_builder_text(builder, 0, values[i], strlen(values[i]));
    } else {
      ms_builder_null(builder, 0);
    }
  }
  ms_frame *frame = ms_builder_finish(builder);
  ms_column *column = ms_column_share(ms_frame_column(frame, 0));
  ms_frame_free(frame);
  return column;
}

static void storage_is_as_narrow_as_the_values(void **state) {
  (void)state;
  const struct {
    int64_t low, high;
    ms_storage storage;
  } cases[] = {{0, 0, MS_INT8},
               {-128, 127, MS_INT8},
               {-129, 0, MS_INT16},
               {0, 128, MS_INT16},
               {INT16_MIN, INT16_MAX, MS_INT16},
               {0, 32768, MS_INT32},
               {INT32_MIN, INT32_MAX, MS_INT32},
               {0, INT64_C(2147483648), MS_INT64},
               {INT64_MIN, INT64_MAX, MS_INT64}};
  ms_context *context = start();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t values[2] = {cases[i].low, cases[i].high};
    ms_column *column = integers(context, values, 2, -1);
    assert_int_equal(column->storage, cases[i].storage);
    assert_true(column->low == cases[i].low && column->high == cases[i].high);
    assert_true(ms_column_integer(column, 0) == values[0]);
    assert_true(ms_column_integer(column, 1) == values[1]);
    ms_column_free(column);
  }
  ms_context_free(context);
}

static void values_at_nulls_do_not_widen_a_column(void **state) {
  (void)state;
  ms_context *context = start();
  int64_t values[3] = {1, INT64_MAX, 3};
  ms_column *column = integers(context, values, 3, 1);
  assert_int_equal(column->storage, MS_INT8);
  assert_int_equal(column->nulls, 1);
  assert_false(ms_column_valid(column, 1));
  ms_column_free(column);
  ms_context_free(context);
}

static void a_validity_without_zeros_is_dropped(void **state) {
  (void)state;
  ms_context *context = start();
  int64_t values[2] = {1, 2};
  ms_buffer *validity = ms_buffer_new(context, 1, 8);
  ms_bitmap_fill((uint64_t *)(void *)validity->data, 2);
  ms_column *column = ms_column_from_int64(context, MS_INTEGER, 2, values, validity);
  assert_null(column->validity);
  ms_column_free(column);
  ms_context_free(context);
}

static void gather_moves_codes_and_shares_the_dictionary(void **state) {
  (void)state;
  ms_context *context = start();
  const char *cities[] = {"上海", "杭州", NULL, "上海"};
  ms_column *column = texts(context, cities, 4);
  assert_int_equal(column->storage, MS_CODE8);
  assert_true(column->dictionary->distinct);
  const uint32_t index[] = {3, MS_MISSING, 1, 2, 0};
  ms_column *out = ms_column_gather(context, column, index, 5);
  assert_ptr_equal(out->dictionary, column->dictionary);
  assert_int_equal(out->nulls, 2);
  assert_false(ms_column_valid(out, 1));
  assert_false(ms_column_valid(out, 3));
  assert_true(ms_slice_equal(ms_column_text(out, 0), ms_slice_of("上海")));
  assert_true(ms_slice_equal(ms_column_text(out, 2), ms_slice_of("杭州")));
  ms_column_free(out);
  ms_column_free(column);
  ms_context_free(context);
}

static void text_where_nearly_all_values_differ_is_plain(void **state) {
  (void)state;
  ms_context *context = start();
  ms_builder *builder = ms_builder_new(context);
  ms_builder_column(builder, "t", MS_TEXT);
  char text[32];
  for (int i = 0; i < 10000; i++) {
    int size = snprintf(text, sizeof text, "key %d", i < 9999 ? i : 0);
    ms_builder_text(builder, 0, text, (size_t)size);
  }
  ms_frame *frame = ms_builder_finish(builder);
  const ms_column *column = ms_frame_column(frame, 0);
  assert_int_equal(column->dictionary->count, 10000);
  assert_false(column->dictionary->distinct);
  ms_column *distinct = ms_column_distinct(context, column);
  assert_true(distinct->dictionary->distinct);
  assert_int_equal(distinct->dictionary->count, 9999);
  assert_int_equal(ms_column_code(distinct, 9999), ms_column_code(distinct, 0));
  assert_true(ms_slice_equal(ms_column_text(distinct, 4321), ms_slice_of("key 4321")));
  ms_column_free(distinct);
  ms_frame_free(frame);
  ms_context_free(context);
}

static void slices_and_concatenations_keep_values_and_nulls(void **state) {
  (void)state;
  ms_context *context = start();
  int64_t values[130];
  for (int i = 0; i < 130; i++) values[i] = i * 1000;
  ms_column *column = integers(context, values, 130, 100);
  ms_column *head = ms_column_slice(context, column, 0, 99);
  ms_column *tail = ms_column_slice(context, column, 99, 31);
  assert_int_equal(head->nulls, 0);
  assert_int_equal(tail->nulls, 1);
  const ms_column *parts[] = {head, tail};
  ms_column *whole = ms_column_concat(context, parts, 2);
  assert_int_equal(whole->rows, 130);
  for (int i = 0; i < 130; i++) {
    assert_int_equal(ms_column_valid(whole, i), i != 100);
    if (i != 100) assert_true(ms_column_integer(whole, i) == values[i]);
  }
  ms_column_free(whole);
  ms_column_free(head);
  ms_column_free(tail);
  ms_column_free(column);
  ms_context_free(context);
}

static void concatenated_texts_share_one_distinct_dictionary(void **state) {
  (void)state;
  ms_context *context = start();
  const char *a[] = {"x", "y"}, *b[] = {"y", NULL, "z"};
  ms_column *first = texts(context, a, 2), *second = texts(context, b, 3);
  const ms_column *parts[] = {first, second};
  ms_column *whole = ms_column_concat(context, parts, 2);
  assert_int_equal(whole->dictionary->count, 3);
  assert_true(whole->dictionary->distinct);
  assert_int_equal(ms_column_code(whole, 1), ms_column_code(whole, 2));
  assert_false(ms_column_valid(whole, 3));
  ms_column_free(whole);
  int64_t values[1] = {1};
  ms_column *number = integers(context, values, 1, -1);
  const ms_column *mixed[] = {first, number};
  assert_null(ms_column_concat(context, mixed, 2));
  assert_int_equal(ms_error_status(context), MS_ETYPE);
  ms_column_free(number);
  ms_column_free(first);
  ms_column_free(second);
  ms_context_free(context);
}

static void real_views_show_nulls_as_nan(void **state) {
  (void)state;
  ms_context *context = start();
  int64_t values[3] = {5, 6, 7};
  ms_column *column = integers(context, values, 3, 1);
  const double *view = ms_view_real(context, column);
  assert_true(view[0] == 5 && isnan(view[1]) && view[2] == 7);
  ms_column_free(column);
  ms_context_free(context);
}

static void a_frame_refuses_bad_parts(void **state) {
  (void)state;
  ms_context *context = start();
  int64_t values[3] = {1, 2, 3};
  ms_column *two = integers(context, values, 2, -1), *three = integers(context, values, 3, -1);
  const char *same[] = {"a", "a"}, *names[] = {"a", "b"};
  const ms_column *equal[] = {two, two}, *uneven[] = {two, three};
  assert_null(ms_frame_new(context, 2, 2, same, equal));
  assert_int_equal(ms_error_status(context), MS_EDUPLICATE);
  assert_null(ms_frame_new(context, 2, 2, names, uneven));
  assert_int_equal(ms_error_status(context), MS_EDATA);
  ms_frame *frame = ms_frame_new(context, 2, 2, names, equal);
  assert_null(ms_frame_get(context, frame, "sort", "c"));
  assert_string_equal(ms_error_text(context), "sort: unknown column 'c'");
  assert_int_equal(two->owners, 3);
  ms_frame_free(frame);
  assert_int_equal(two->owners, 1);
  ms_column_free(two);
  ms_column_free(three);
  ms_context_free(context);
}

static void ranks_follow_the_bytes(void **state) {
  (void)state;
  ms_context *context = start();
  const char *words[] = {"b", "", "a", "ab", "上", "abcdefghi", "abcdefgh", "B"};
  ms_column *column = texts(context, words, 8);
  const uint32_t *ranks = ms_dictionary_ranks(context, column->dictionary);
  const uint32_t want[] = {6, 0, 2, 3, 7, 5, 4, 1};
  for (int i = 0; i < 8; i++) assert_int_equal(ranks[i], want[i]);
  ms_column_free(column);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(storage_is_as_narrow_as_the_values),
      cmocka_unit_test(values_at_nulls_do_not_widen_a_column),
      cmocka_unit_test(a_validity_without_zeros_is_dropped),
      cmocka_unit_test(gather_moves_codes_and_shares_the_dictionary),
      cmocka_unit_test(text_where_nearly_all_values_differ_is_plain),
      cmocka_unit_test(slices_and_concatenations_keep_values_and_nulls),
      cmocka_unit_test(concatenated_texts_share_one_distinct_dictionary),
      cmocka_unit_test(real_views_show_nulls_as_nan),
      cmocka_unit_test(a_frame_refuses_bad_parts),
      cmocka_unit_test(ranks_follow_the_bytes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
