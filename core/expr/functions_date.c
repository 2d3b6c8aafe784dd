/* Functions of dates. A time that is given stands for its date in the session's zone. */
#include <string.h>

#include "core/expr/functions.h"

static int64_t year(int64_t days) { return ms_days_civil(days).year; }
static int64_t quarter(int64_t days) { return (ms_days_civil(days).month + 2) / 3; }
static int64_t month(int64_t days) { return ms_days_civil(days).month; }
static int64_t day(int64_t days) { return ms_days_civil(days).day; }
static int64_t weekday(int64_t days) { return ms_weekday(days); }
static int64_t day_of_year(int64_t days) { return ms_day_of_year(days); }
static int64_t week(int64_t days) { return ms_iso_week(days, NULL); }
static int64_t iso_year(int64_t days) {
  int64_t result;
  (void)ms_iso_week(days, &result);
  return result;
}
static int64_t last_day(int64_t days) {
  ms_civil date = ms_days_civil(days);
  return days - date.day + ms_month_days(date.year, date.month);
}

static ms_status days_between(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = args[1].integer - args[0].integer;
  return MS_OK;
}
static ms_status weeks_between(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = (args[1].integer - args[0].integer) / 7;
  return MS_OK;
}
static ms_status months_between(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = ms_months_between(args[0].integer, args[1].integer);
  return MS_OK;
}
static ms_status years_between(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = ms_months_between(args[0].integer, args[1].integer) / 12;
  return MS_OK;
}

static ms_status outside(ms_row *row) {
  return ms_fail(row->context, MS_EOVERFLOW, "the date lies outside of the years 0001 to 9999");
}

static ms_status date(ms_row *row, const ms_cell *args, ms_cell *out) {
  int64_t y = args[0].integer, m = args[1].integer, d = args[2].integer;
  bool fits = m >= 1 && m <= 12 && d >= 1 && d <= 31 && ms_civil_valid(y, (int)m, (int)d);
  if (!fits) return ms_fail(row->context, MS_EDATA, "there is no such date");
  out->integer = ms_civil_days(y, (int)m, (int)d);
  return MS_OK;
}

/* ---- shifts: of a date, or of a time on the wall of the zone ---- */

static ms_status shift(ms_row *row, const ms_cell *args, ms_cell *out, int64_t months) {
  int64_t count = args[1].integer, value = args[0].integer, moved;
  bool time = row->node->type == MS_TIME;
  int64_t local = time ? ms_row_local(row, value) : value;
  int64_t days = time ? ms_floor_div(local, MS_DAY) : local;
  if (count > 4000000 || count < -4000000) return outside(row);
  moved = months ? ms_add_months(days, count * months) : days + count;
  if (moved < MS_DATE_LOW || moved > MS_DATE_HIGH) return outside(row);
  out->integer = time ? ms_zone_utc(row->zone, moved * MS_DAY + (local - days * MS_DAY)) : moved;
  return MS_OK;
}
static ms_status add_days(ms_row *row, const ms_cell *args, ms_cell *out) {
  return shift(row, args, out, 0);
}
static ms_status add_months(ms_row *row, const ms_cell *args, ms_cell *out) {
  return shift(row, args, out, 1);
}
static ms_status add_years(ms_row *row, const ms_cell *args, ms_cell *out) {
  return shift(row, args, out, 12);
}
static ms_status add_weeks(ms_row *row, const ms_cell *args, ms_cell *out) {
  if (args[1].integer > 1000000 || args[1].integer < -1000000) return outside(row);
  ms_cell days[2] = {args[0], {.integer = args[1].integer * 7}};
  return shift(row, days, out, 0);
}

/* ---- date_trunc ---- */

static const char *const units[] = {"year", "quarter", "month",  "week",
                                    "day",  "hour",    "minute", "second"};
enum { YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, UNITS };

static ms_status prepare_unit(const ms_source *source, ms_node *node) {
  ms_slice unit;
  bool day_only = node->type == MS_DATE;
  if (ms_argument_text(node, 0, &unit)) {
    for (size_t i = 0; i < UNITS; i++) {
      if (!ms_slice_equal(unit, ms_slice_of(units[i])) || (day_only && i > DAY)) continue;
      node->prepared = units[i];
      return MS_OK;
    }
  }
  ms_status status =
      ms_source_fail(source, MS_ETYPE, node->args[0]->span, "date_trunc does not know this unit");
  ms_fail_hint(source->context, "units: 'year' 'quarter' 'month' 'week' (from Monday) 'day'%s",
               day_only ? "" : " 'hour' 'minute' 'second'");
  return status;
}

static size_t unit_of(const ms_node *node) {
  size_t i = 0;
  while (units[i] != node->prepared) i++;
  return i;
}

static int64_t truncate_days(int64_t days, size_t unit) {
  ms_civil d = ms_days_civil(days);
  if (unit == YEAR) return ms_civil_days(d.year, 1, 1);
  if (unit == QUARTER) return ms_civil_days(d.year, (d.month - 1) / 3 * 3 + 1, 1);
  if (unit == MONTH) return days - d.day + 1;
  if (unit == WEEK) return days - ms_weekday(days) + 1;
  return days;
}

/* Hours and less keep the offset of the moment, so that the two hours of a clock set back stay apart. */
static ms_status date_trunc(ms_row *row, const ms_cell *args, ms_cell *out) {
  static const int64_t sizes[] = {3600 * MS_SECOND, 60 * MS_SECOND, MS_SECOND};
  size_t unit = unit_of(row->node);
  if (row->node->type == MS_DATE) {
    out->integer = truncate_days(args[1].integer, unit);
    return MS_OK;
  }
  int64_t local = ms_row_local(row, args[1].integer);
  if (unit >= HOUR) {
    int64_t size = sizes[unit - HOUR];
    out->integer = args[1].integer - (local - ms_floor_div(local, size) * size);
  } else {
    out->integer =
        ms_zone_utc(row->zone, truncate_days(ms_floor_div(local, MS_DAY), unit) * MS_DAY);
  }
  return MS_OK;
}

#define PART(NAME, FUNCTION, BRIEF)                                                                \
  {                                                                                                \
    .name = NAME, .types = "d", .result = 'i', .cost = 8, .integer = FUNCTION,                     \
    .signature = NAME "(date)", .brief = BRIEF                                                     \
  }
#define BETWEEN(NAME, FUNCTION, BRIEF)                                                             \
  {                                                                                                \
    .name = NAME, .types = "dd", .result = 'i', .cost = 8, .row = FUNCTION,                        \
    .signature = NAME "(from, to)", .brief = BRIEF                                                 \
  }
#define SHIFT(NAME, FUNCTION, BRIEF)                                                               \
  {                                                                                                \
    .name = NAME, .types = "xi", .result = 'x', .cost = 10, .fails = true, .row = FUNCTION,        \
    .signature = NAME "(date, n)", .brief = BRIEF                                                  \
  }

static const ms_function functions[] = {
    PART("year", year, "year"),
    PART("quarter", quarter, "quarter, 1 … 4"),
    PART("month", month, "month, 1 … 12"),
    PART("week", week, "week by ISO 8601, 1 … 53"),
    PART("iso_year", iso_year, "year that the ISO week belongs to"),
    PART("weekday", weekday, "day of the week, 1 (Monday) … 7"),
    PART("day", day, "day of the month"),
    PART("day_of_year", day_of_year, "day of the year, 1 … 366"),
    {.name = "last_day",
     .types = "d",
     .result = 'd',
     .cost = 8,
     .integer = last_day,
     .signature = "last_day(date)",
     .brief = "last day of the month"},
    BETWEEN("days_between", days_between, "days from the first date to the second"),
    BETWEEN("weeks_between", weeks_between, "whole weeks from the first date to the second"),
    BETWEEN("months_between", months_between, "whole months from the first date to the second"),
    BETWEEN("years_between", years_between,
            "whole years from the first date to the second; an age"),
    SHIFT("add_days", add_days, "so many days later"),
    SHIFT("add_weeks", add_weeks, "so many weeks later"),
    SHIFT("add_months", add_months, "so many months later, the day not behind the month's end"),
    SHIFT("add_years", add_years, "so many years later; 29 February becomes the 28th"),
    {.name = "date",
     .types = "iii",
     .result = 'd',
     .cost = 8,
     .fails = true,
     .row = date,
     .signature = "date(year, month, day)",
     .brief = "the date of these numbers"},
    {.name = "date_trunc",
     .types = "tx",
     .result = 'x',
     .cost = 10,
     .row = date_trunc,
     .prepare = prepare_unit,
     .signature = "date_trunc(unit, date)",
     .brief =
         "begin of the year, quarter, month, week or day; of times also hour, minute, second"}};
const ms_function_group_table ms_functions_date = {"date", functions,
                                                   sizeof functions / sizeof *functions};
