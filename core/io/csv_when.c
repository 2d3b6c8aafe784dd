/* Dates and times in fields. Days are counted by H. Hinnant's days_from_civil: years begin in March, so
 * that the leap day is the last of a year. */
#include "core/io/csv_when.h"

#include "core/io/csv_number.h"

static const int64_t day_micros = INT64_C(86400000000);

static bool leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

static int64_t civil_days(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool days_of(int64_t year, int64_t month, int64_t day, int64_t *out) {
  static const char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || year < 1) return false;
  if (day > lengths[month - 1] + (month == 2 && leap(year))) return false;
  *out = civil_days(year, month, day);
  return true;
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
  (void)context;
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
  *out = days * day_micros + micros - offset;
  return true;
}

bool ms_csv_compact(ms_slice text, int64_t *days) {
  int64_t year, month, day;
  return take(&text, 4, 4, &year) && take(&text, 2, 2, &month) && take(&text, 2, 2, &day) &&
         text.size == 0 && days_of(year, month, day, days);
}

int64_t ms_csv_midnight(ms_context *context, int64_t day) {
  (void)context;
  return day * day_micros;
}

/* One directive of a format; false where the text does not fit. */
typedef struct {
  int64_t year, month, day, hour, minute, second, micros, offset;
  bool clock, afternoon, twelve;
} fields;

static bool month_name(ms_slice *text, int64_t *month) {
  static const char *const names[] = {"january",   "february", "march",    "april",
                                      "may",       "june",     "july",     "august",
                                      "september", "october",  "november", "december"};
  for (size_t i = 0; i < 12; i++) {
    size_t size = 0;
    while (names[i][size] && size < text->size && (text->data[size] | 0x20) == names[i][size])
      size++;
    if (size == 3 || (size > 3 && !names[i][size])) {
      text->data += size;
      text->size -= size;
      *month = (int64_t)i + 1;
      return true;
    }
  }
  return false;
}

static bool half(ms_slice *text, fields *f) {
  if (text->size < 2 || (text->data[1] | 0x20) != 'm') return false;
  char c = (char)(text->data[0] | 0x20);
  f->afternoon = c == 'p';
  f->twelve = true;
  text->data += 2;
  text->size -= 2;
  return c == 'a' || c == 'p';
}

static bool directive(char c, ms_slice *text, fields *f) {
  bool given;
  f->clock |= c == 'H' || c == 'I' || c == 'M' || c == 'S' || c == 'T' || c == 'R';
  switch (c) {
    case 'Y': return take(text, 4, 4, &f->year);
    case 'y':
      if (!take(text, 2, 2, &f->year)) return false;
      f->year += f->year < 69 ? 2000 : 1900; /* POSIX */
      return true;
    case 'm': return take(text, 1, 2, &f->month);
    case 'b':
    case 'B': return month_name(text, &f->month);
    case 'd':
    case 'e': return take(text, 1, 2, &f->day);
    case 'H':
    case 'I': return take(text, 1, 2, &f->hour);
    case 'M': return take(text, 1, 2, &f->minute);
    case 'S': return take(text, 1, 2, &f->second);
    case 'f': return take_fraction(text, &f->micros);
    case 'p': return half(text, f);
    case 'z': return take_offset(text, &f->offset, &given) && given;
    case 'T':
      return directive('H', text, f) && skip(text, ':') && directive('M', text, f) &&
             skip(text, ':') && directive('S', text, f);
    case 'R': return directive('H', text, f) && skip(text, ':') && directive('M', text, f);
    case '%': return skip(text, '%');
    default: return false;
  }
}

bool ms_csv_when_format(ms_context *context, ms_slice text, const char *format, int64_t *out,
                        bool *time) {
  fields f = {.month = 1, .day = 1};
  int64_t days;
  (void)context;
  for (const char *at = format; *at; at++) {
    if (*at == '%' && at[1]) {
      if (!directive(*++at, &text, &f)) return false;
    } else if (!skip(&text, *at)) {
      return false;
    }
  }
  if (text.size > 0 || !days_of(f.year, f.month, f.day, &days)) return false;
  if (f.twelve) {
    if (f.hour < 1 || f.hour > 12) return false;
    f.hour = f.hour % 12 + (f.afternoon ? 12 : 0);
  }
  if (f.hour > 23 || f.minute > 59 || f.second > 59) return false;
  *time = f.clock;
  *out = f.clock ? days * day_micros + ((f.hour * 60 + f.minute) * 60 + f.second) * 1000000 +
                       f.micros - f.offset
                 : days;
  return true;
}
