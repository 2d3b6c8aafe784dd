/* POSIX TZ strings, with the extension of RFC 9636: hours of a change within ±167. */
#include "core/base/zone_rule.h"

#include <string.h>

typedef struct {
  const char *at, *end;
} reader;

static char peek(const reader *r) { return r->at < r->end ? *r->at : 0; }

static bool take(reader *r, char c) {
  if (peek(r) != c) return false;
  r->at++;
  return true;
}

static bool number(reader *r, int64_t most, int64_t *out) {
  const char *begin = r->at;
  int64_t value = 0;
  while ((unsigned)(peek(r) - '0') < 10 && value <= most) value = value * 10 + (*r->at++ - '0');
  *out = value;
  return r->at > begin && value <= most;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool duration(reader *r, int64_t *out) {
  bool negative = take(r, '-');
  int64_t hours, minutes = 0, seconds = 0;
  if (!negative) (void)take(r, '+');
  if (!number(r, 167, &hours)) return false;
  if (take(r, ':') && !number(r, 59, &minutes)) return false;
  if (take(r, ':') && !number(r, 59, &seconds)) return false;
  *out = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
  return true;
}

/* Letters, or anything within < >. */
static bool abbreviation(reader *r) {
  const char *begin = r->at;
  if (take(r, '<')) {
    while (peek(r) && peek(r) != '>') r->at++;
    return take(r, '>');
  }
  while ((unsigned)((peek(r) | 32) - 'a') < 26) r->at++;
  return r->at > begin;
}

static bool rule_day(reader *r, ms_zone_day *out) {
  int64_t a, b = 0, c = 0;
  *out = (ms_zone_day){.kind = '0', .second = 7200};
  if (!take(r, ',')) return false;
  if (take(r, 'M')) {
    if (!number(r, 12, &a) || !take(r, '.') || !number(r, 5, &b) || !take(r, '.') ||
        !number(r, 6, &c) || a < 1 || b < 1) {
      return false;
    }
    out->kind = 'M';
    out->month = (int)a;
    out->week = (int)b;
    out->day = (int)c;
  } else {
    if (take(r, 'J')) out->kind = 'J';
    if (!number(r, 365, &a)) return false;
    out->day = (int)a;
  }
  return !take(r, '/') || duration(r, &out->second);
}

bool ms_zone_rule_read(ms_slice text, ms_zone_rule *out) {
  const char *stop = memchr(text.data, '\n', text.size);
  reader r = {text.data, stop};
  *out = (ms_zone_rule){0};
  if (!stop) return false;
  if (r.at == r.end) return true;
  int64_t standard, summer;
  if (!abbreviation(&r) || !duration(&r, &standard)) return false;
  out->given = true;
  out->standard = (int32_t)-standard;
  if (r.at == r.end) return true;
  summer = standard - 3600;
  if (!abbreviation(&r)) return false;
  if (peek(&r) != ',' && !duration(&r, &summer)) return false;
  out->summer = (int32_t)-summer;
  out->changes = true;
  return rule_day(&r, &out->begin) && rule_day(&r, &out->end) && r.at == r.end;
}

/* Seconds since 1970 that the wall shows at the change. */
static int64_t local_second(const ms_zone_day *rule, int64_t year) {
  int64_t days = ms_civil_days(year, 1, 1);
  if (rule->kind == 'J') {
    bool leap = ms_month_days(year, 2) == 29;
    days += rule->day - 1 + (leap && rule->day >= 60);
  } else if (rule->kind == '0') {
    days += rule->day;
  } else {
    days = ms_civil_days(year, rule->month, 1);
    int first = ms_weekday(days) % 7; /* 0 is Sunday, as in the rule */
    int day = (rule->day - first + 7) % 7 + (rule->week - 1) * 7;
    while (day >= ms_month_days(year, rule->month)) day -= 7;
    days += day;
  }
  return days * 86400 + rule->second;
}

void ms_zone_rule_year(const ms_zone_rule *rule, int64_t year, ms_zone_change out[static 2]) {
  ms_zone_change begin = {local_second(&rule->begin, year) - rule->standard, rule->summer};
  ms_zone_change end = {local_second(&rule->end, year) - rule->summer, rule->standard};
  bool southern = end.at < begin.at;
  out[southern] = begin;
  out[!southern] = end;
}
