/* Dates and times read and written by a pattern, in the manner of strptime and strftime. */
#include "core/base/calendar.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const weekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};

const char *ms_format_fault(const char *format, bool parsing) {
  const char *known = parsing ? "YymbBdejHIpMSfzFTs%" : "YymbBdejHIpMSfzFTs%aAuwGVq";
  for (const char *c = format; *c; c++) {
    if (*c != '%') continue;
    if (!c[1] || !strchr(known, c[1])) return c;
    c++;
  }
  return NULL;
}

/* ---- reading ---- */

typedef struct {
  const char *at, *end;
  int64_t year, month, day, of_year, hour, minute, second, micros, epoch;
  int64_t half; /* -1: no %p; 0 morning; 1 afternoon */
  bool has_epoch, has_time, has_offset;
  int32_t offset;
} parsed;

static bool number(parsed *p, int most, int64_t *out) {
  int64_t value = 0;
  const char *begin = p->at;
  while (p->at < p->end && p->at - begin < most && (unsigned)(*p->at - '0') < 10) {
    value = value * 10 + (*p->at++ - '0');
  }
  *out = value;
  return p->at > begin;
}

static bool month_name(parsed *p) {
  for (int i = 0; i < 12; i++) {
    size_t full = strlen(months[i]), left = (size_t)(p->end - p->at);
    size_t size = left >= full && strncasecmp(p->at, months[i], full) == 0 ? full : 3;
    if (left < size || strncasecmp(p->at, months[i], size) != 0) continue;
    p->at += size;
    p->month = i + 1;
    return true;
  }
  return false;
}

static bool half_of_day(parsed *p) {
  if (p->end - p->at < 2 || (p->at[1] | 32) != 'm') return false;
  int c = p->at[0] | 32;
  p->half = c == 'p';
  p->at += 2;
  return c == 'a' || c == 'p';
}

static bool fraction(parsed *p) {
  const char *begin = p->at;
  int64_t value;
  if (!number(p, 9, &value)) return false;
  for (int64_t digits = p->at - begin; digits < 9; digits++) value *= 10;
  p->micros = value / 1000;
  return p->has_time = true;
}

static bool offset(parsed *p) {
  int64_t hours, minutes = 0;
  p->has_offset = true;
  if (p->at < p->end && (*p->at | 32) == 'z') return p->at++, true;
  if (p->at == p->end || (*p->at != '+' && *p->at != '-')) return false;
  bool west = *p->at++ == '-';
  if (!number(p, 2, &hours)) return false;
  if (p->at < p->end && *p->at == ':') p->at++;
  if (p->at < p->end && (unsigned)(*p->at - '0') < 10 && !number(p, 2, &minutes)) return false;
  p->offset = (int32_t)((hours * 3600 + minutes * 60) * (west ? -1 : 1));
  return hours <= 18 && minutes < 60;
}

static bool two_digit_year(parsed *p) {
  if (!number(p, 2, &p->year)) return false;
  p->year += p->year < 69 ? 2000 : 1900;
  return true;
}

static bool epoch(parsed *p) {
  bool negative = p->at < p->end && *p->at == '-';
  p->at += negative;
  p->has_epoch = p->has_time = true;
  if (!number(p, 12, &p->epoch)) return false;
  if (negative) p->epoch = -p->epoch;
  return true;
}

static bool clock_part(parsed *p, int64_t *part) {
  p->has_time = true;
  return number(p, 2, part);
}

static bool literal(parsed *p, char c) {
  if (p->at == p->end || *p->at != c) return false;
  p->at++;
  return true;
}

static bool read_directive(parsed *p, char directive) {
  switch (directive) {
    case 'Y': return number(p, 4, &p->year);
    case 'y': return two_digit_year(p);
    case 'm': return number(p, 2, &p->month);
    case 'b':
    case 'B': return month_name(p);
    case 'e':
      while (p->at < p->end && *p->at == ' ') p->at++;
      return number(p, 2, &p->day);
    case 'd': return number(p, 2, &p->day);
    case 'j': return number(p, 3, &p->of_year);
    case 'H': return clock_part(p, &p->hour);
    case 'I': return clock_part(p, &p->hour) && p->hour >= 1 && p->hour <= 12;
    case 'p': return half_of_day(p);
    case 'M': return clock_part(p, &p->minute);
    case 'S': return clock_part(p, &p->second);
    case 'f': return fraction(p);
    case 'z': return offset(p);
    case 's': return epoch(p);
    case 'F':
      return number(p, 4, &p->year) && literal(p, '-') && number(p, 2, &p->month) &&
             literal(p, '-') && number(p, 2, &p->day);
    case 'T':
      return clock_part(p, &p->hour) && literal(p, ':') && number(p, 2, &p->minute) &&
             literal(p, ':') && number(p, 2, &p->second);
    default: return literal(p, '%');
  }
}

static bool settle(parsed *p, ms_moment *out) {
  *out = (ms_moment){.has_time = p->has_time, .has_offset = p->has_offset, .offset = p->offset};
  if (p->has_epoch) {
    out->days = ms_floor_div(p->epoch, 86400);
    out->micros = (p->epoch - out->days * 86400) * MS_SECOND + p->micros;
    out->has_offset = true;
    return out->days >= MS_DATE_LOW && out->days <= MS_DATE_HIGH;
  }
  if (p->of_year) {
    if (!ms_civil_valid(p->year, 1, 1)) return false;
    out->days = ms_civil_days(p->year, 1, 1) + p->of_year - 1;
    if (ms_days_civil(out->days).year != p->year) return false;
  } else {
    if (!ms_civil_valid(p->year, (int)p->month, (int)p->day)) return false;
    out->days = ms_civil_days(p->year, (int)p->month, (int)p->day);
  }
  if (p->half >= 0) {
    if (p->hour < 1 || p->hour > 12) return false;
    p->hour = p->hour % 12 + p->half * 12;
  }
  if (p->hour > 23 || p->minute > 59 || p->second > 59) return false;
  out->micros = ((p->hour * 60 + p->minute) * 60 + p->second) * MS_SECOND + p->micros;
  return true;
}

static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool ms_moment_parse_format(ms_slice text, const char *format, ms_moment *out) {
  parsed p = {
      .at = text.data, .end = text.data + text.size, .month = 1, .day = 1, .year = -1, .half = -1};
  for (const char *c = format; *c; c++) {
    if (is_blank(*c)) {
      while (p.at < p.end && is_blank(*p.at)) p.at++;
    } else if (*c == '%') {
      if (!read_directive(&p, *++c)) return false;
    } else if (!literal(&p, *c)) {
      return false;
    }
  }
  return p.at == p.end && settle(&p, out);
}

/* ---- writing ---- */

static void add_offset(ms_string *out, const ms_moment *moment) {
  int32_t seconds = moment->offset < 0 ? -moment->offset : moment->offset;
  ms_string_format(out, "%c%02d%02d", moment->offset < 0 ? '-' : '+', seconds / 3600,
                   seconds / 60 % 60);
}

static void add_clock(ms_string *out, const ms_moment *moment, char directive) {
  int hour = (int)(moment->micros / (3600 * MS_SECOND));
  int minute = (int)(moment->micros / (60 * MS_SECOND) % 60);
  int second = (int)(moment->micros / MS_SECOND % 60);
  switch (directive) {
    case 'H': ms_string_format(out, "%02d", hour); break;
    case 'I': ms_string_format(out, "%02d", (hour + 11) % 12 + 1); break;
    case 'p': ms_string_text(out, hour < 12 ? "AM" : "PM"); break;
    case 'M': ms_string_format(out, "%02d", minute); break;
    case 'S': ms_string_format(out, "%02d", second); break;
    case 'f': ms_string_format(out, "%06d", (int)(moment->micros % MS_SECOND)); break;
    case 'T': ms_string_format(out, "%02d:%02d:%02d", hour, minute, second); break;
    default: {
      int64_t seconds = moment->days * 86400 + moment->micros / MS_SECOND - moment->offset;
      ms_string_format(out, "%lld", (long long)seconds);
    }
  }
}

static void add_day(ms_string *out, int64_t days, char directive) {
  ms_civil date = ms_days_civil(days);
  int64_t iso_year = 0;
  int week = ms_iso_week(days, &iso_year);
  switch (directive) {
    case 'Y': ms_string_format(out, "%04d", (int)date.year); break;
    case 'y': ms_string_format(out, "%02d", (int)(date.year % 100)); break;
    case 'm': ms_string_format(out, "%02d", date.month); break;
    case 'b': ms_string_add(out, months[date.month - 1], 3); break;
    case 'B': ms_string_text(out, months[date.month - 1]); break;
    case 'd': ms_string_format(out, "%02d", date.day); break;
    case 'e': ms_string_format(out, "%2d", date.day); break;
    case 'j': ms_string_format(out, "%03d", ms_day_of_year(days)); break;
    case 'a': ms_string_add(out, weekdays[ms_weekday(days) - 1], 3); break;
    case 'A': ms_string_text(out, weekdays[ms_weekday(days) - 1]); break;
    case 'u': ms_string_format(out, "%d", ms_weekday(days)); break;
    case 'w': ms_string_format(out, "%d", ms_weekday(days) % 7); break;
    case 'G': ms_string_format(out, "%04d", (int)iso_year); break;
    case 'V': ms_string_format(out, "%02d", week); break;
    case 'q': ms_string_format(out, "%d", (date.month + 2) / 3); break;
    default: {
      char text[MS_MOMENT_SIZE];
      ms_string_add(out, text, ms_date_format(days, text)); /* F */
    }
  }
}

void ms_moment_format(ms_string *out, const char *format, const ms_moment *moment) {
  for (const char *c = format; *c; c++) {
    if (*c != '%') {
      ms_string_char(out, *c, 1);
    } else if (*++c == '%') {
      ms_string_char(out, '%', 1);
    } else if (*c == 'z') {
      add_offset(out, moment);
    } else if (strchr("HIpMSfTs", *c)) {
      add_clock(out, moment, *c);
    } else {
      add_day(out, moment->days, *c);
    }
  }
}
