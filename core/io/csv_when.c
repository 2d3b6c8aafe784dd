/* Dates and times in fields. The common forms are read here, since there may be hundreds of millions of them;
 * fractions finer than a microsecond, which would be lost, are refused. */
#include "core/io/csv_when.h"

#include "core/base/zone.h"
#include "core/io/csv_number.h"

static bool days_of(int64_t year, int64_t month, int64_t day, int64_t *out) {
  if (!ms_civil_valid(year, (int)month, (int)day)) return false;
  *out = ms_civil_days(year, (int)month, (int)day);
  return true;
}

/* What the wall shows in the session's zone, as a moment. */
static int64_t from_local(ms_context *context, int64_t local) {
  const ms_zone *zone = ms_context_zone_of(context);
  return zone ? ms_zone_utc(zone, local) : local;
}

/* Takes between `least` and `most` digits. */
static bool take(ms_slice *text, size_t least, size_t most, int64_t *out) {
  size_t size = 0;
  int64_t value = 0;
  while (size < text->size && size < most && ms_csv_digit(text->data[size]))
    value = value * 10 + (text->data[size++] - '0');
  text->data += size;
  text->size -= size;
  *out = value;
  return size >= least;
}

static bool skip(ms_slice *text, char c) {
  if (text->size == 0 || text->data[0] != c) return false;
  text->data++;
  text->size--;
  return true;
}

/* Digits behind the point, as microseconds; finer ones must be zeros. */
static bool take_fraction(ms_slice *text, int64_t *micros) {
  int64_t scale = 100000, digits = 0;
  *micros = 0;
  for (; text->size > 0 && ms_csv_digit(text->data[0]); digits++, scale /= 10) {
    int64_t digit = text->data[0] - '0';
    if (scale == 0 && digit != 0) return false;
    *micros += digit * scale;
    text->data++;
    text->size--;
  }
  return digits > 0;
}

/* Z, +hh:mm, +hhmm, +hh; *offset stays as it is where there is none. */
static bool take_offset(ms_slice *text, int64_t *offset, bool *given) {
  int64_t hours, minutes = 0;
  *given = true;
  if (skip(text, 'Z')) return true;
  bool west = text->size > 0 && text->data[0] == '-';
  if (!skip(text, '+') && !skip(text, '-')) {
    *given = false;
    return true;
  }
  if (!take(text, 2, 2, &hours) || hours > 23) return false;
  bool colon = skip(text, ':');
  if ((colon || text->size > 0) && (!take(text, 2, 2, &minutes) || minutes > 59)) return false;
  *offset = (hours * 60 + minutes) * INT64_C(60000000) * (west ? -1 : 1);
  return true;
}

static bool take_clock(ms_slice *text, int64_t *micros) {
  int64_t hours, minutes, seconds = 0, fraction = 0;
  if (!take(text, 1, 2, &hours) || !skip(text, ':') || !take(text, 2, 2, &minutes)) return false;
  if (skip(text, ':')) {
    if (!take(text, 2, 2, &seconds)) return false;
    if (skip(text, '.') && !take_fraction(text, &fraction)) return false;
  }
  *micros = ((hours * 60 + minutes) * 60 + seconds) * INT64_C(1000000) + fraction;
  return hours < 24 && minutes < 60 && seconds < 60;
}

bool ms_csv_when(ms_context *context, ms_slice text, int64_t *out, bool *time) {
  int64_t year, month, day, days, micros, offset = 0;
  bool given;
  if (!take(&text, 4, 4, &year) || text.size == 0) return false;
  char mark = text.data[0];
  if ((mark != '-' && mark != '/') || !skip(&text, mark) || !take(&text, 1, 2, &month) ||
      !skip(&text, mark) || !take(&text, 1, 2, &day) || !days_of(year, month, day, &days))
    return false;
  *time = text.size > 0;
  *out = days;
  if (!*time) return true;
  if (!skip(&text, 'T') && !skip(&text, ' ')) return false;
  if (!take_clock(&text, &micros) || !take_offset(&text, &offset, &given) || text.size > 0)
    return false;
  *out = days * MS_DAY + micros;
  *out = given ? *out - offset : from_local(context, *out);
  return true;
}

bool ms_csv_compact(ms_slice text, int64_t *days) {
  int64_t year, month, day;
  return take(&text, 4, 4, &year) && take(&text, 2, 2, &month) && take(&text, 2, 2, &day) &&
         text.size == 0 && days_of(year, month, day, days);
}

int64_t ms_csv_midnight(ms_context *context, int64_t day) {
  return from_local(context, day * MS_DAY);
}

bool ms_csv_when_format(ms_context *context, ms_slice text, const char *format, int64_t *out,
                        bool *time) {
  ms_moment moment;
  if (!ms_moment_parse_format(text, format, &moment)) return false;
  *time = moment.has_time;
  *out = moment.has_time ? ms_moment_time(ms_context_zone_of(context), &moment) : moment.days;
  return true;
}
