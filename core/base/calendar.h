/* Dates and times of day in the proleptic Gregorian calendar, years 0001 … 9999, and as text.
 *
 * A date is days since 1970-01-01; a time is microseconds since 1970-01-01T00:00Z. What is local
 * stands as a moment: days and microseconds of the day on the wall. core/base/zone.h joins them. */
#ifndef MS_BASE_CALENDAR_H
#define MS_BASE_CALENDAR_H

#include "core/base/text.h"

#define MS_DATE_LOW INT64_C(-719162)  /* 0001-01-01 */
#define MS_DATE_HIGH INT64_C(2932896) /* 9999-12-31 */
#define MS_SECOND INT64_C(1000000)    /* microseconds */
#define MS_DAY (INT64_C(86400) * MS_SECOND)
#define MS_TIME_LOW (MS_DATE_LOW * MS_DAY)
#define MS_TIME_HIGH (MS_DATE_HIGH * MS_DAY + MS_DAY - 1)

typedef struct {
  int64_t year;
  int month, day; /* 1 … 12, 1 … 31 */
} ms_civil;

/* Exact for all years within ±10^9; month and day must be in range. */
int64_t ms_civil_days(int64_t year, int month, int day);
ms_civil ms_days_civil(int64_t days);
/* Whether there is such a date, in the years 0001 … 9999. */
bool ms_civil_valid(int64_t year, int month, int day);
int ms_month_days(int64_t year, int month);
/* 1 (Monday) … 7. */
int ms_weekday(int64_t days);
/* 1 … 366. */
int ms_day_of_year(int64_t days);
/* ISO 8601 week, 1 … 53, and the year that it belongs to. */
int ms_iso_week(int64_t days, int64_t *iso_year);
/* The date that many months later (or earlier), the day clamped to the end of the month. */
int64_t ms_add_months(int64_t days, int64_t months);
/* Whole months from one date to another: the largest m ≥ 0 with add_months(from, m) ≤ to; negative
 * the other way round. */
int64_t ms_months_between(int64_t from, int64_t to);
/* Floor division and its remainder, for splitting times into days. `by` > 0. */
static inline int64_t ms_floor_div(int64_t value, int64_t by) {
  return value / by - (value % by < 0);
}

/* What a date or time as text says. */
typedef struct {
  int64_t days;
  int64_t micros; /* of the day */
  int32_t offset; /* seconds east of UTC */
  bool has_time, has_offset;
} ms_moment;

/* Reads the whole slice: a date 2024-01-31, 2024/1/31, 2024.1.31 or 2024年1月31日, alone or followed by T, t
 * or one blank and a time H:MM[:SS[.fraction]], followed by Z or ±HH[[:]MM] (after a blank or not). Of the
 * fraction (1 … 9 digits) six digits count. False where it is something else or there is no such
 * date. */
bool ms_moment_parse(ms_slice text, ms_moment *out);
/* By a pattern as of strptime: %Y %y (69 … 99 are 19xx) %m %b %B (English) %d %e %j %H %I %p %M %S
 * %f (fraction, 1 … 9 digits) %z %F %T %s (seconds since 1970) %%, a blank for any blanks. Numbers may have
 * fewer digits than their width. The pattern must be valid. */
bool ms_moment_parse_format(ms_slice text, const char *format, ms_moment *out);
/* Adds the moment by a pattern as of strftime: those of above and %a %A %u (1 is Monday) %w (0 is Sunday)
 * %G %V (ISO year and week) %q (quarter). Widths are fixed. */
void ms_moment_format(ms_string *out, const char *format, const ms_moment *moment);
/* The first directive that the pattern may not have (two bytes within it), or NULL. */
const char *ms_format_fault(const char *format, bool parsing);

/* 2024-01-31, and 2024-01-31 10:00:00[.fraction], with a NUL; give the length. */
enum { MS_MOMENT_SIZE = 40 };
size_t ms_date_format(int64_t days, char out[static MS_MOMENT_SIZE]);
size_t ms_time_format(int64_t local_micros, char out[static MS_MOMENT_SIZE]);

#endif
