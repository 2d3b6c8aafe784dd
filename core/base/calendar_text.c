/* Dates and times as people write them, read without a pattern. */
#include "core/base/calendar.h"

#include <string.h>

typedef struct {
  const char *at, *end;
} reader;

/* One to `most` digits, at least `least`; -1 where they are not there. */
static int64_t number(reader *r, int least, int most) {
  int64_t value = 0;
  int count = 0;
  while (count < most && r->at < r->end && (unsigned)(*r->at - '0') < 10) {
    value = value * 10 + (*r->at++ - '0');
    count++;
  }
  return count < least ? -1 : value;
}

static bool take(reader *r, const char *text) {
  size_t size = strlen(text);
  if ((size_t)(r->end - r->at) < size || memcmp(r->at, text, size) != 0) return false;
  r->at += size;
  return true;
}

static bool read_date(reader *r, ms_moment *out) {
  int64_t year = number(r, 4, 4);
  if (year < 0 || r->at == r->end) return false;
  char mark[2] = {*r->at, 0};
  bool chinese = take(r, "年");
  if (!chinese && !((mark[0] == '-' || mark[0] == '/' || mark[0] == '.') && take(r, mark))) {
    return false;
  }
  int64_t month = number(r, 1, 2);
  if (month < 0 || !take(r, chinese ? "月" : mark)) return false;
  int64_t day = number(r, 1, 2);
  if (day < 0 || (chinese && !take(r, "日"))) return false;
  if (!ms_civil_valid(year, (int)month, (int)day)) return false;
  out->days = ms_civil_days(year, (int)month, (int)day);
  return true;
}

/* Digits behind a point, as microseconds; -1 if there are none or more than nine. */
static int64_t read_fraction(reader *r) {
  static const int64_t scale[] = {0, 100000, 10000, 1000, 100, 10, 1};
  const char *begin = r->at;
  int64_t value = number(r, 1, 6);
  if (value < 0) return -1;
  value *= scale[r->at - begin];
  if (r->at < r->end && (unsigned)(*r->at - '0') < 10) (void)number(r, 1, 3);
  return value;
}

/* Z, +08, +0800, +08:00. */
static bool read_offset(reader *r, ms_moment *out) {
  out->has_offset = true;
  out->offset = 0;
  if (take(r, "Z") || take(r, "z")) return true;
  bool west = take(r, "-");
  if (!west && !take(r, "+")) return false;
  int64_t hours = number(r, 2, 2), minutes = 0;
  if (hours < 0) return false;
  bool colon = take(r, ":");
  if (colon || r->at < r->end) minutes = number(r, 2, 2);
  if (minutes < 0 || hours > 18 || minutes > 59) return false;
  out->offset = (int32_t)((hours * 3600 + minutes * 60) * (west ? -1 : 1));
  return true;
}

static bool read_clock(reader *r, ms_moment *out) {
  int64_t hour = number(r, 1, 2), second = 0, fraction = 0;
  if (hour < 0 || !take(r, ":")) return false;
  int64_t minute = number(r, 2, 2);
  if (minute < 0) return false;
  if (take(r, ":")) {
    second = number(r, 2, 2);
    if (second >= 0 && (take(r, ".") || take(r, ","))) fraction = read_fraction(r);
  }
  if (hour > 23 || minute > 59 || second < 0 || second > 59 || fraction < 0) return false;
  out->has_time = true;
  out->micros = ((hour * 60 + minute) * 60 + second) * MS_SECOND + fraction;
  return true;
}

bool ms_moment_parse(ms_slice text, ms_moment *out) {
  reader r = {text.data, text.data + text.size};
  *out = (ms_moment){0};
  if (!read_date(&r, out)) return false;
  if (r.at == r.end) return true;
  if (!take(&r, "T") && !take(&r, "t") && !take(&r, " ")) return false;
  if (!read_clock(&r, out)) return false;
  if (r.at == r.end) return true;
  (void)take(&r, " ");
  return read_offset(&r, out) && r.at == r.end;
}
