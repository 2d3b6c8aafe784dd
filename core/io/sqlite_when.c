/* Dates and times as SQLite's own functions write and read them, in UTC.
 *
 * Method: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013). */
#include <stdio.h>
#include <string.h>

#include "core/io/sqlite.h"

static const int64_t DAY = INT64_C(86400) * 1000000;

static int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t of_era = year - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool ms_sqlite_days(int64_t year, int64_t month, int64_t day, int64_t *days) {
  static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < -9999 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > lengths[month - 1] + (month == 2 && leap)) return false;
  *days = days_from_civil(year, month, day);
  return true;
}

/* `digits` decimal digits at text[at]; -1 if they are not there. */
static int64_t number(const char *text, size_t size, size_t at, size_t digits) {
  int64_t value = 0;
  if (at + digits > size) return -1;
  for (size_t i = at; i < at + digits; i++) {
    unsigned digit = (unsigned)(unsigned char)text[i] - '0';
    if (digit > 9) return -1;
    value = value * 10 + (int64_t)digit;
  }
  return value;
}

/* The fraction of a second behind its point, as microseconds; further digits are cut. */
static bool fraction(const char *text, size_t size, size_t *at, int64_t *micros) {
  int64_t unit = 100000;
  size_t first = ++*at;
  for (; *at < size && text[*at] >= '0' && text[*at] <= '9'; ++*at) {
    *micros += (text[*at] - '0') * unit;
    unit /= 10;
  }
  return *at > first;
}

/* Z, +08:00, +0800 or nothing up to the end. */
static bool offset(const char *text, size_t size, size_t at, int64_t *micros) {
  if (at < size && text[at] == ' ') at++;
  if (at == size) return text[at - 1] != ' ';
  if ((text[at] == 'Z' || text[at] == 'z') && at + 1 == size) return true;
  if (text[at] != '+' && text[at] != '-') return false;
  size_t colon = at + 3 < size && text[at + 3] == ':';
  int64_t hours = number(text, size, at + 1, 2), minutes = number(text, size, at + 3 + colon, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || at + 5 + colon != size) {
    return false;
  }
  int64_t away = (hours * 60 + minutes) * 60 * 1000000;
  *micros += text[at] == '-' ? away : -away;
  return true;
}

bool ms_sqlite_moment(const char *text, size_t size, int64_t *micros, bool *midnight) {
  int64_t days;
  *midnight = true;
  if (size < 10 || text[4] != '-' || text[7] != '-') return false;
  int64_t year = number(text, size, 0, 4), month = number(text, size, 5, 2),
          day = number(text, size, 8, 2);
  if (year < 0 || !ms_sqlite_days(year, month, day, &days)) return false;
  *micros = days * DAY;
  if (size == 10) return true;
  if ((text[10] != ' ' && text[10] != 'T') || size < 16 || text[13] != ':') return false;
  int64_t hour = number(text, size, 11, 2), minute = number(text, size, 14, 2), second = 0;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  size_t at = 16;
  if (at < size && text[at] == ':') {
    second = number(text, size, 17, 2);
    at = 19;
  }
  if (second < 0 || second > 59) return false;
  int64_t clock = ((hour * 60 + minute) * 60 + second) * 1000000;
  if (at < size && text[at] == '.' && at == 19 && !fraction(text, size, &at, &clock)) return false;
  *midnight = clock == 0 && at == size;
  *micros += clock;
  return at == size || offset(text, size, at, micros);
}

size_t ms_sqlite_date_text(int64_t days, char *out) {
  int64_t z = days + 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
  int64_t d = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * d + d / 4 - d / 100), m = (5 * of_year + 2) / 153;
  int64_t month = m < 10 ? m + 3 : m - 9, year = d + era * 400 + (month <= 2);
  int wrote = snprintf(out, 16, "%04d-%02d-%02d", (int)(year % 100000), (int)month,
                       (int)(of_year - (153 * m + 2) / 5 + 1));
  return wrote < 0 ? 0 : (size_t)wrote;
}

size_t ms_sqlite_time_text(int64_t micros, char *out) {
  int64_t days = micros / DAY - (micros % DAY < 0), clock = micros - days * DAY;
  size_t size = ms_sqlite_date_text(days, out);
  int64_t seconds = clock / 1000000;
  int wrote = snprintf(out + size, 24, " %02d:%02d:%02d", (int)(seconds / 3600),
                       (int)(seconds / 60 % 60), (int)(seconds % 60));
  size += (size_t)wrote;
  if (clock % 1000000) {
    wrote = snprintf(out + size, 12, ".%06d", (int)(clock % 1000000));
    size += (size_t)wrote;
  }
  return size;
}
