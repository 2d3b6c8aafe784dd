/* Slices, growing text, UTF-8, bitmaps. */
#include "tests/core/unit.h"

#include "core/base/bitmap.h"
#include "core/base/text.h"

static void slices_compare_by_bytes(void **state) {
  (void)state;
  assert_true(ms_slice_compare(ms_slice_of("a"), ms_slice_of("b")) < 0);
  assert_true(ms_slice_compare(ms_slice_of("a"), ms_slice_of("ab")) < 0);
  assert_true(ms_slice_compare(ms_slice_of("上"), ms_slice_of("z")) > 0);
  assert_int_equal(ms_slice_compare((ms_slice){NULL, 0}, ms_slice_of("")), 0);
  assert_true(ms_slice_equal((ms_slice){"a\0b", 3}, (ms_slice){"a\0b", 3}));
  assert_false(ms_slice_equal((ms_slice){"a\0b", 3}, (ms_slice){"a\0c", 3}));
}

static void growing_text_keeps_all_and_reports_want_of_memory(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_string string = ms_string_new(context);
  for (int i = 0; i < 1000; i++) ms_string_format(&string, "%d,", i);
  ms_string_char(&string, '-', 3);
  ms_string_text(&string, "end");
  const char *text = ms_string_done(&string);
  assert_int_equal(strlen(text), 3890 + 6);
  assert_string_equal(text + 3890, "---end");
  string = ms_string_new(context);
  ms_context_fail_at(context, 1);
  ms_string_text(&string, "lost");
  ms_string_text(&string, "lost too");
  assert_null(ms_string_done(&string));
  assert_int_equal(ms_error_status(context), MS_EMEMORY);
  ms_context_free(context);
}

static void code_points_are_counted_and_found(void **state) {
  (void)state;
  ms_slice text = ms_slice_of("aé上😀z");
  assert_int_equal(text.size, 11);
  assert_int_equal(ms_utf8_length(text), 5);
  assert_int_equal(ms_utf8_offset(text, 3), 6);
  assert_int_equal(ms_utf8_offset(text, 99), 11);
  size_t at = 3;
  assert_int_equal(ms_utf8_next(text, &at), 0x4E0A);
  assert_int_equal(at, 6);
  char out[4];
  assert_int_equal(ms_utf8_put(out, 0x1F600), 4);
  assert_memory_equal(out, "😀", 4);
}

static void bytes_that_are_not_utf8_are_seen(void **state) {
  (void)state;
  const char *const wrong[] = {"\xff",         "ab\xc3",       "\xc0\x80",
                               "\xed\xa0\x80", "12345678\x80", "\xf4\x90\x80\x80"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(ms_utf8_valid(ms_slice_of(wrong[i])));
  }
  assert_true(ms_utf8_valid(ms_slice_of("12345678上海 é and more ascii")));
  assert_true(ms_utf8_valid((ms_slice){NULL, 0}));
  assert_int_equal(ms_utf8_length(ms_slice_of("a\xff\xfe"
                                              "b")),
                   4);
}

static void widths_are_those_of_a_terminal(void **state) {
  (void)state;
  assert_int_equal(ms_cell_width('a', false), 1);
  assert_int_equal(ms_cell_width(0x4E0A, false), 2);
  assert_int_equal(ms_cell_width(0x1F600, false), 2);
  assert_int_equal(ms_cell_width(0x301, false), 0); /* a combining accent */
  assert_int_equal(ms_cell_width('\n', false), 0);
  assert_int_equal(ms_cell_width(0x2026, false), 1); /* the ellipsis is ambiguous */
  assert_int_equal(ms_cell_width(0x2026, true), 2);
}

static void bitmaps_are_filled_counted_and_converted(void **state) {
  (void)state;
  for (int64_t bits = 0; bits <= 200; bits++) {
    uint64_t map[4], back[4] = {0};
    uint8_t bytes[200];
    memset(map, 0xFF, sizeof map);
    ms_bitmap_fill(map, bits);
    assert_int_equal(ms_bitmap_count(map, bits), bits);
    if (bits % 64) assert_int_equal(map[bits / 64] >> bits % 64, 0);
    for (int64_t i = 0; i < bits; i += 3) ms_bit_clear(map, i);
    int64_t ones = ms_bitmap_count(map, bits);
    assert_int_equal(ones, bits - (bits + 2) / 3);
    ms_bitmap_unpack(map, 0, bits, bytes);
    for (int64_t i = 0; i < bits; i++) assert_int_equal(bytes[i], i % 3 != 0);
    assert_int_equal(ms_bitmap_pack(bytes, 0, bits, back), ones);
    assert_memory_equal(back, map, ms_bitmap_words(bits) * sizeof *map);
    if (bits > 10) {
      ms_bitmap_unpack(map, 10, bits - 10, bytes);
      for (int64_t i = 10; i < bits; i++) assert_int_equal(bytes[i - 10], i % 3 != 0);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slices_compare_by_bytes),
      cmocka_unit_test(growing_text_keeps_all_and_reports_want_of_memory),
      cmocka_unit_test(code_points_are_counted_and_found),
      cmocka_unit_test(bytes_that_are_not_utf8_are_seen),
      cmocka_unit_test(widths_are_those_of_a_terminal),
      cmocka_unit_test(bitmaps_are_filled_counted_and_converted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
