/* Durations: reading, and adding to dates and times. */
#include "core/expr/duration.h"

#include <string.h>

static bool add_part(int64_t number, ms_slice unit, ms_duration *out) {
  static const struct {
    const char *unit;
    int64_t months, days, micros;
  } units[] = {{"us", 0, 0, 1},
               {"ms", 0, 0, 1000},
               {"s", 0, 0, MS_SECOND},
               {"min", 0, 0, 60 * MS_SECOND},
               {"h", 0, 0, 3600 * MS_SECOND},
               {"d", 0, 1, 0},
               {"w", 0, 7, 0},
               {"mo", 1, 0, 0},
               {"y", 12, 0, 0}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (!ms_slice_equal(unit, ms_slice_of(units[i].unit))) continue;
    out->months += number * units[i].months;
    out->days += number * units[i].days;
    return !__builtin_mul_overflow(number, units[i].micros, &number) &&
           !__builtin_add_overflow(out->micros, number, &out->micros);
  }
  return false;
}

bool ms_duration_parse(ms_slice text, ms_duration *out) {
  const char *at = text.data, *end = at + text.size;
  *out = (ms_duration){0};
  bool negative = at < end && *at == '-';
  at += at < end && (*at == '-' || *at == '+');
  if (at == end) return false;
  while (at < end) {
    int64_t number = 0;
    const char *begin = at;
    for (; at < end && (unsigned)(*at - '0') < 10; at++) {
      number = number * 10 + (*at - '0');
      if (number > INT64_C(1000000000000)) return false;
    }
    if (at == begin) return false;
    begin = at;
    while (at < end && (unsigned)(*at - 'a') < 26) at++;
    if (!add_part(number, (ms_slice){begin, (size_t)(at - begin)}, out)) return false;
  }
  if (negative) *out = ms_duration_negated(*out);
  return true;
}

ms_duration ms_duration_negated(ms_duration duration) {
  return (ms_duration){-duration.months, -duration.days, -duration.micros};
}

bool ms_duration_date(int64_t days, const ms_duration *duration, int64_t *out) {
  const int64_t most = MS_DATE_HIGH - MS_DATE_LOW;
  if (duration->months > 120000 || duration->months < -120000) return false;
  if (duration->days > most || duration->days < -most) return false;
  int64_t moved = duration->months ? ms_add_months(days, duration->months) : days;
  *out = moved + duration->days;
  return *out >= MS_DATE_LOW && *out <= MS_DATE_HIGH;
}

bool ms_duration_time(const ms_zone *zone, int64_t time, const ms_duration *duration,
                      int64_t *out) {
  if (duration->months || duration->days) {
    int64_t local = ms_zone_local(zone, time), days = ms_floor_div(local, MS_DAY);
    int64_t moved;
    if (!ms_duration_date(days, duration, &moved)) return false;
    time = ms_zone_utc(zone, moved * MS_DAY + (local - days * MS_DAY));
  }
  return !__builtin_add_overflow(time, duration->micros, out) && *out >= MS_TIME_LOW - MS_DAY &&
         *out <= MS_TIME_HIGH + MS_DAY;
}

int64_t ms_duration_moment(const ms_context *context, const ms_moment *moment) {
  return ms_moment_time(ms_context_zone_of(context), moment);
}
