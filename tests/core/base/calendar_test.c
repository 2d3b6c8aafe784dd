/* The calendar: days and civil dates, months, ISO weeks, reading and writing. */
#include "tests/core/unit.h"

#include "core/base/calendar.h"

static ms_slice slice(const char *text) { return (ms_slice){text, strlen(text)}; }

static void every_day_of_ten_thousand_years_is_the_next(void **state) {
  (void)state;
  int64_t days = MS_DATE_LOW;
  for (int64_t year = 1; year <= 9999; year++) {
    for (int month = 1; month <= 12; month++) {
      for (int day = 1; day <= ms_month_days(year, month); day++, days++) {
        ms_civil date = ms_days_civil(days);
        assert_true(date.year == year && date.month == month && date.day == day);
        assert_true(ms_civil_days(year, month, day) == days);
      }
    }
  }
  assert_int_equal(days, MS_DATE_HIGH + 1);
  assert_int_equal(ms_civil_days(1970, 1, 1), 0);
  assert_false(ms_civil_valid(1900, 2, 29));
  assert_true(ms_civil_valid(2000, 2, 29));
  assert_false(ms_civil_valid(0, 1, 1));
}

static void weeks_are_those_of_iso_8601(void **state) {
  (void)state;
  static const struct {
    int year, month, day, iso_year, week, weekday;
  } table[] = {{2005, 1, 1, 2004, 53, 6}, {2005, 1, 2, 2004, 53, 7},  {2005, 12, 31, 2005, 52, 6},
               {2006, 1, 2, 2006, 1, 1},  {2008, 12, 29, 2009, 1, 1}, {2009, 12, 31, 2009, 53, 4},
               {2010, 1, 3, 2009, 53, 7}, {1970, 1, 1, 1970, 1, 4},   {2024, 12, 30, 2025, 1, 1}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    int64_t days = ms_civil_days(table[i].year, table[i].month, table[i].day), year;
    assert_int_equal(ms_iso_week(days, &year), table[i].week);
    assert_int_equal(year, table[i].iso_year);
    assert_int_equal(ms_weekday(days), table[i].weekday);
  }
}

static void months_are_added_with_the_day_clamped(void **state) {
  (void)state;
  int64_t january = ms_civil_days(2024, 1, 31);
  assert_int_equal(ms_add_months(january, 1), ms_civil_days(2024, 2, 29));
  assert_int_equal(ms_add_months(january, 13), ms_civil_days(2025, 2, 28));
  assert_int_equal(ms_add_months(january, -2), ms_civil_days(2023, 11, 30));
  assert_int_equal(ms_months_between(january, ms_civil_days(2024, 2, 28)), 0);
  assert_int_equal(ms_months_between(january, ms_civil_days(2024, 2, 29)), 1);
  assert_int_equal(ms_months_between(january, ms_civil_days(2025, 1, 31)), 12);
  assert_int_equal(ms_months_between(ms_civil_days(2025, 1, 31), january), -12);
}

static void iso_and_chinese_dates_are_read(void **state) {
  (void)state;
  int64_t day = ms_civil_days(2024, 1, 31);
  static const struct {
    const char *text;
    int64_t micros;
    bool time, zoned;
    int offset;
  } table[] = {{"2024-01-31", 0, false, false, 0},
               {"2024/1/31", 0, false, false, 0},
               {"2024.01.31", 0, false, false, 0},
               {"2024年1月31日", 0, false, false, 0},
               {"2024-01-31T10:00:00.123+08:00", 36000123000, true, true, 28800},
               {"2024-01-31 10:00", 36000000000, true, false, 0},
               {"2024-01-31 9:05:07", 32707000000, true, false, 0},
               {"2024-01-31T10:00:00Z", 36000000000, true, true, 0},
               {"2024年1月31日 10:00:00", 36000000000, true, false, 0},
               {"2024-01-31 10:00:00.123456789 -0530", 36000123456, true, true, -19800},
               {"2024-01-31T10:00:00,5+08", 36000500000, true, true, 28800}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    ms_moment m;
    assert_true(ms_moment_parse(slice(table[i].text), &m));
    assert_int_equal(m.days, day);
    assert_int_equal(m.micros, table[i].micros);
    assert_int_equal(m.has_time, table[i].time);
    assert_int_equal(m.has_offset, table[i].zoned);
    assert_int_equal(m.offset, table[i].offset);
  }
}

static void what_is_no_date_is_refused(void **state) {
  (void)state;
  static const char *const wrong[] = {"",
                                      "2024",
                                      "20240131",
                                      "2024-1",
                                      "2024-01/31",
                                      "2024-02-30",
                                      "0000-01-01",
                                      "24-01-31",
                                      "2024-01-31 ",
                                      " 2024-01-31",
                                      "2024-01-31T",
                                      "2024-01-31 24:00",
                                      "2024-01-31 10:60",
                                      "2024-01-31 10:00:60",
                                      "2024-01-31 10:00:00.",
                                      "2024-01-31 10:00:00 +",
                                      "2024-01-31 10:00:00.1234567890",
                                      "2024年1月31",
                                      "2024-01-31 10:00:00+8",
                                      "2024-01-31 10:00:00Zx",
                                      "31.01.2024"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    ms_moment m;
    assert_false(ms_moment_parse(slice(wrong[i]), &m));
  }
}

static void patterns_read_what_they_say(void **state) {
  (void)state;
  static const struct {
    const char *format, *text, *want;
  } table[] = {{"%Y%m%d", "20240131", "2024-01-31 00:00:00"},
               {"%d.%m.%Y", "31.1.2024", "2024-01-31 00:00:00"},
               {"%d %b %Y", "31 jan 2024", "2024-01-31 00:00:00"},
               {"%B %d, %Y", "January 31, 2024", "2024-01-31 00:00:00"},
               {"%m/%d/%y %I:%M %p", "1/31/69 12:05 am", "1969-01-31 00:05:00"},
               {"%F %T.%f", "2024-01-31 10:11:12.5", "2024-01-31 10:11:12.5"},
               {"%Y-%j", "2024-366", "2024-12-31 00:00:00"},
               {"%Y年%m月%d日", "2024年1月31日", "2024-01-31 00:00:00"},
               {"%s", "-1", "1969-12-31 23:59:59"},
               {"%Y-%j", "2023-366", NULL},
               {"%F", "2024-02-30", NULL},
               {"%F", "2024-02-3x", NULL},
               {"%I %p", "13 PM", NULL},
               {"%H", "24", NULL}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    ms_moment m;
    assert_null(ms_format_fault(table[i].format, true));
    bool fine = ms_moment_parse_format(slice(table[i].text), table[i].format, &m);
    assert_int_equal(fine, table[i].want != NULL);
    if (!fine) continue;
    char out[MS_MOMENT_SIZE];
    assert_int_equal(ms_time_format(m.days * MS_DAY + m.micros, out), strlen(table[i].want));
    assert_string_equal(out, table[i].want);
  }
  assert_non_null(ms_format_fault("%Q", true));
  assert_non_null(ms_format_fault("%Y%", false));
  assert_non_null(ms_format_fault("%a", true));
}

static void patterns_write_what_they_say(void **state) {
  (void)state;
  ms_context *context = ms_context_new();
  ms_moment m = {.days = ms_civil_days(2009, 12, 31),
                 .micros = (13 * 3600 + 5 * 60 + 9) * MS_SECOND + 42,
                 .offset = -19800};
  ms_string out = ms_string_new(context);
  ms_moment_format(
      &out, "%Y-%m-%d|%y|%b|%B|%a|%A|%e|%j|%H|%I|%p|%M|%S|%f|%z|%F|%T|%u|%w|%G|%V|%q|%%", &m);
  assert_string_equal(
      ms_string_done(&out),
      "2009-12-31|09|Dec|December|Thu|Thursday|31|365|13|01|PM|05|09|000042|-0530|2009-12-31|"
      "13:05:09|4|4|2009|53|4|%");
  ms_context_end(context);
  ms_context_free(context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_day_of_ten_thousand_years_is_the_next),
      cmocka_unit_test(weeks_are_those_of_iso_8601),
      cmocka_unit_test(months_are_added_with_the_day_clamped),
      cmocka_unit_test(iso_and_chinese_dates_are_read),
      cmocka_unit_test(what_is_no_date_is_refused),
      cmocka_unit_test(patterns_read_what_they_say),
      cmocka_unit_test(patterns_write_what_they_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
