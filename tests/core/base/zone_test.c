/* Time zones: offsets on both sides of every kind of change, the far future, the wall's odd hours. */
#include "tests/core/unit.h"

#include <stdlib.h>
#include <time.h>

#include "core/base/zone.h"

static int set_up(void **state) { return !(*state = ms_context_new()); }
static int tear_down(void **state) {
  ms_context_free(*state);
  return 0;
}

static int64_t at(const char *text) {
  ms_moment m;
  assert_true(ms_moment_parse((ms_slice){text, strlen(text)}, &m));
  return m.days * 86400 + m.micros / MS_SECOND - m.offset;
}

static bool missing(ms_context *context, const char *name) {
  ms_zone *zone = ms_zone_new(context, name);
  if (zone) {
    ms_zone_free(zone);
    return false;
  }
  print_message("zone %s: tzdata is not installed; skipped\n", name);
  return true;
}

static void utc_needs_no_file(void **state) {
  ms_zone *zone = ms_zone_new(*state, "UTC");
  assert_int_equal(ms_zone_at(zone, 123456789).offset, 0);
  assert_string_equal(ms_zone_name(zone), "UTC");
  assert_int_equal(ms_zone_at(NULL, 0).offset, 0);
  ms_zone_free(zone);
}

static void offsets_follow_the_rules(void **state) {
  static const struct {
    const char *zone, *when;
    int offset;
  } table[] = {{"Asia/Shanghai", "2024-07-01 00:00Z", 28800},
               {"Asia/Shanghai", "1988-07-01 00:00Z", 32400},
               {"America/New_York", "2024-03-10 06:59:59Z", -18000},
               {"America/New_York", "2024-03-10 07:00:00Z", -14400},
               {"America/New_York", "2024-11-03 05:59:59Z", -14400},
               {"America/New_York", "2024-11-03 06:00:00Z", -18000},
               {"Europe/Berlin", "2500-07-01 00:00Z", 7200},
               {"Europe/Berlin", "2500-01-01 00:00Z", 3600},
               {"Europe/Berlin", "9999-07-01 00:00Z", 7200},
               {"Australia/Sydney", "2060-01-01 00:00Z", 39600},
               {"Australia/Sydney", "2060-07-01 00:00Z", 36000},
               {"Asia/Kolkata", "2024-01-01 00:00Z", 19800}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (missing(*state, table[i].zone)) continue;
    ms_zone *zone = ms_zone_new(*state, table[i].zone);
    ms_zone_span span = ms_zone_at(zone, at(table[i].when));
    assert_int_equal(span.offset, table[i].offset);
    assert_true(span.from <= at(table[i].when) && at(table[i].when) < span.until);
    ms_zone_free(zone);
  }
}

static void the_walls_odd_hours_take_the_offset_before_the_change(void **state) {
  if (missing(*state, "America/New_York")) return;
  ms_zone *zone = ms_zone_new(*state, "America/New_York");
  static const struct {
    const char *wall, *utc;
  } table[] = {{"2024-03-10 01:59:59", "2024-03-10 06:59:59"},
               {"2024-03-10 02:30:00", "2024-03-10 07:30:00"},
               {"2024-03-10 03:00:00", "2024-03-10 07:00:00"},
               {"2024-11-03 00:59:59", "2024-11-03 04:59:59"},
               {"2024-11-03 01:30:00", "2024-11-03 05:30:00"},
               {"2024-11-03 02:00:00", "2024-11-03 07:00:00"}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    assert_int_equal(ms_zone_utc(zone, at(table[i].wall) * MS_SECOND),
                     at(table[i].utc) * MS_SECOND);
  }
  ms_zone_free(zone);
}

/* The C library as the oracle: in a test the environment may be changed. */
static void offsets_are_those_of_the_c_library(void **state) {
  static const char *const zones[] = {
      "America/New_York",  "Europe/London",     "Asia/Shanghai", "Australia/Lord_Howe",
      "America/Sao_Paulo", "Africa/Casablanca", "Europe/Dublin", "Pacific/Apia"};
  for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
    if (missing(*state, zones[z])) continue;
    ms_zone *zone = ms_zone_new(*state, zones[z]);
    setenv("TZ", zones[z], 1);
    tzset();
    for (int64_t t = -2000000000; t < 8000000000; t += 1234567) {
      struct tm local;
      time_t seconds = (time_t)t;
      assert_non_null(localtime_r(&seconds, &local));
      ms_zone_span span = ms_zone_at(zone, t);
      assert_int_equal(span.offset, local.tm_gmtoff);
    }
    ms_zone_free(zone);
  }
  unsetenv("TZ");
  tzset();
}

static void unknown_names_are_refused(void **state) {
  static const char *const names[] = {"Mars/Base",   "",     "../../etc/passwd",
                                      "/etc/passwd", "Asia", "zone.tab"};
  ms_context *context = *state;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    assert_int_equal(ms_context_zone(context, names[i]), MS_EARGUMENT);
    assert_string_equal(ms_context_zone_name(context), "UTC");
  }
  if (missing(context, "Asia/Shanghai")) return;
  assert_int_equal(ms_context_zone(context, "Asia/Shanghai"), MS_OK);
  assert_string_equal(ms_context_zone_name(context), "Asia/Shanghai");
  assert_int_equal(ms_context_zone(context, "UTC"), MS_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(utc_needs_no_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(offsets_follow_the_rules, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_walls_odd_hours_take_the_offset_before_the_change, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(offsets_are_those_of_the_c_library, set_up, tear_down),
      cmocka_unit_test_setup_teardown(unknown_names_are_refused, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
