/* Dates and times as SQLite's own functions write and read them, in UTC. Stricter than
 * core/base/calendar.h: a stored text is ISO 8601 or it contradicts its declaration. */
#include "core/base/calendar.h"
#include "core/io/sqlite.h"

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
  *midnight = true;
  if (size < 10 || text[4] != '-' || text[7] != '-') return false;
  int64_t year = number(text, size, 0, 4), month = number(text, size, 5, 2),
          day = number(text, size, 8, 2);
  if (!ms_civil_valid(year, (int)month, (int)day)) return false;
  *micros = ms_civil_days(year, (int)month, (int)day) * MS_DAY;
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
