/* Numbers as text: what is read, what is refused, what is written, and back again. */
#include "tests/core/unit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/number.h"

static ms_slice slice(const char *text) { return (ms_slice){text, strlen(text)}; }

static void integers_are_read_up_to_their_limits(void **state) {
  (void)state;
  int64_t value;
  assert_true(ms_integer_parse(slice("-9223372036854775808"), &value) && value == INT64_MIN);
  assert_true(ms_integer_parse(slice("9223372036854775807"), &value) && value == INT64_MAX);
  assert_true(ms_integer_parse(slice("+007"), &value) && value == 7);
  static const char *const wrong[] = {"",
                                      "-",
                                      "+",
                                      "1 ",
                                      " 1",
                                      "1.0",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999",
                                      "0x10",
                                      "1e3",
                                      "1_000"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(ms_integer_parse(slice(wrong[i]), &value));
  }
}

static void reals_are_read_as_the_nearest_double(void **state) {
  (void)state;
  static const char *const texts[] = {"0",
                                      "-0",
                                      "1",
                                      "1.",
                                      ".5",
                                      "0.1",
                                      "123.456",
                                      "1e22",
                                      "1e23",
                                      "9007199254740993",
                                      "2.2250738585072014e-308",
                                      "4.9e-324",
                                      "1.7976931348623157e308",
                                      "179769313486231570000000000000000000000e270",
                                      "0.000001e-10",
                                      "9007199254740992.5",
                                      "123456789012345678901234567890",
                                      "1e-400",
                                      "8.5e-3",
                                      "3.14159265358979323846264338327950288"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    double value = -1, want = strtod(texts[i], NULL);
    assert_true(ms_real_parse(slice(texts[i]), &value));
    assert_memory_equal(&value, &want, sizeof value);
  }
  static const char *const wrong[] = {"",    "-",   ".",     "e5", "1e",  "1e+", "1e999",
                                      "nan", "inf", "0x1p3", "1 ", "1,5", "--1"};
  double value;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(ms_real_parse(slice(wrong[i]), &value));
  }
}

/* 2^53 + 1 lies halfway: the last of 2,000 digits decides. */
static void very_long_numbers_are_exact(void **state) {
  (void)state;
  char text[2100];
  memset(text, '0', sizeof text);
  memcpy(text, "9007199254740993.", 17);
  double value;
  assert_true(ms_real_parse((ms_slice){text, 2000}, &value) && value == 9007199254740992.0);
  text[1999] = '1';
  assert_true(ms_real_parse((ms_slice){text, 2000}, &value) && value == 9007199254740994.0);
  memset(text, '0', sizeof text);
  text[1] = '.';
  text[1999] = '7';
  memcpy(text + 2000, "e1998", 5);
  assert_true(ms_real_parse((ms_slice){text, 2005}, &value) && value == 7.0);
}

static void special_words_are_read_only_where_asked(void **state) {
  (void)state;
  double value;
  assert_true(ms_real_parse_special(slice("NaN"), &value) && isnan(value));
  assert_true(ms_real_parse_special(slice("-Infinity"), &value) && value == -(double)INFINITY);
  assert_true(ms_real_parse_special(slice("+inf"), &value) && value == (double)INFINITY);
  assert_true(ms_real_parse_special(slice("2.5"), &value) && value == 2.5);
  assert_false(ms_real_parse_special(slice("infinite"), &value));
}

static void reals_are_written_shortest(void **state) {
  (void)state;
  static const struct {
    double value;
    const char *text;
  } table[] = {{0, "0"},
               {-0.0, "-0"},
               {1, "1"},
               {-1, "-1"},
               {0.1, "0.1"},
               {0.05, "0.05"},
               {-0.25, "-0.25"},
               {19.99, "19.99"},
               {100, "100"},
               {1e15, "1e+15"},
               {123456789, "123456789"},
               {0.1 + 0.2, "0.30000000000000004"},
               {1.0 / 3, "0.3333333333333333"},
               {1e300, "1e+300"},
               {5e-324, "4.94065645841247e-324"},
               {9007199254740993.0, "9.00719925474099e+15"},
               {(double)NAN, "nan"},
               {-(double)INFINITY, "-inf"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    char out[MS_NUMBER_SIZE];
    size_t size = ms_real_format(table[i].value, out);
    assert_int_equal(size, strlen(out));
    double back = 0;
    if (isfinite(table[i].value)) {
      assert_true(ms_real_parse(slice(out), &back) && back == table[i].value);
    }
    if (i < 14 && i != 9) assert_string_equal(out, table[i].text);
  }
}

static void random_doubles_come_back(void **state) {
  (void)state;
  uint64_t random = 88172645463325252u;
  for (int i = 0; i < 200000; i++) {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    double value;
    if (i % 2) {
      memcpy(&value, &random, sizeof value);
    } else {
      value = (double)(int64_t)(random >> 40) / (i % 4 ? 100 : 1000);
    }
    if (!isfinite(value)) continue;
    char out[MS_NUMBER_SIZE];
    double back;
    assert_true(ms_real_parse((ms_slice){out, ms_real_format(value, out)}, &back));
    assert_memory_equal(&back, &value, sizeof value);
  }
}

static void integers_are_written(void **state) {
  (void)state;
  char out[MS_NUMBER_SIZE];
  assert_int_equal(ms_integer_format(INT64_MIN, out), 20);
  assert_string_equal(out, "-9223372036854775808");
  assert_int_equal(ms_integer_format(0, out), 1);
  assert_string_equal(out, "0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(integers_are_read_up_to_their_limits),
      cmocka_unit_test(reals_are_read_as_the_nearest_double),
      cmocka_unit_test(very_long_numbers_are_exact),
      cmocka_unit_test(special_words_are_read_only_where_asked),
      cmocka_unit_test(reals_are_written_shortest),
      cmocka_unit_test(random_doubles_come_back),
      cmocka_unit_test(integers_are_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
