/* Functions of times, and of dates and times as text. */
#include <string.h>

#include "core/expr/functions.h"

/* Of microseconds on the wall. */
static int64_t of_day(int64_t local) { return local - ms_floor_div(local, MS_DAY) * MS_DAY; }
static int64_t hour(int64_t local) { return of_day(local) / (3600 * MS_SECOND); }
static int64_t minute(int64_t local) { return of_day(local) / (60 * MS_SECOND) % 60; }
static int64_t second(int64_t local) { return of_day(local) / MS_SECOND % 60; }

/* Seconds since 1970-01-01T00:00Z. */
static int64_t epoch(int64_t time) { return ms_floor_div(time, MS_SECOND); }
static ms_status from_epoch(ms_row *row, const ms_cell *args, ms_cell *out) {
  int64_t seconds = args[0].integer;
  if (seconds < MS_TIME_LOW / MS_SECOND || seconds > MS_TIME_HIGH / MS_SECOND) {
    return ms_fail(row->context, MS_EOVERFLOW, "the time lies outside of the years 0001 to 9999");
  }
  out->integer = seconds * MS_SECOND;
  return MS_OK;
}

static int64_t whole(int64_t micros, int64_t unit) { return micros / unit; }
static ms_status seconds_between(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = whole(args[1].integer - args[0].integer, MS_SECOND);
  return MS_OK;
}
static ms_status minutes_between(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = whole(args[1].integer - args[0].integer, 60 * MS_SECOND);
  return MS_OK;
}
static ms_status hours_between(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = whole(args[1].integer - args[0].integer, 3600 * MS_SECOND);
  return MS_OK;
}

/* ---- patterns ---- */

/* The pattern is a constant that can be read (or written); node->prepared is it, with a NUL behind. */
static ms_status prepare_format(const ms_source *source, ms_node *node, bool parsing) {
  ms_slice format;
  const ms_node *argument = node->args[1];
  if (argument->kind == MS_NODE_CONSTANT && argument->value.null) return MS_OK;
  if (!ms_argument_text(node, 1, &format)) {
    return ms_source_fail(source, MS_ETYPE, argument->span,
                          "the format must be a constant, such as '%%Y-%%m-%%d'");
  }
  const char *copy = ms_scratch_text(source->context, format.data, format.size);
  if (!copy) return MS_EMEMORY;
  node->prepared = copy;
  const char *fault = ms_format_fault(copy, parsing);
  if (!fault && strlen(copy) == format.size) return MS_OK;
  ms_status status = ms_source_fail(source, MS_ETYPE, argument->span,
                                    "the format has an unknown part '%.2s'", fault ? fault : "\\0");
  ms_fail_hint(
      source->context,
      "%%Y year %%m month %%d day %%H hour %%M minute %%S second %%f fraction %%b month's name …");
  return status;
}
static ms_status prepare_reading(const ms_source *source, ms_node *node) {
  return prepare_format(source, node, true);
}
static ms_status prepare_writing(const ms_source *source, ms_node *node) {
  return prepare_format(source, node, false);
}

static bool read(ms_row *row, const ms_cell *args, ms_cell *out) {
  ms_moment moment;
  bool time = row->node->type == MS_TIME;
  bool fine = row->node->count > 1
                  ? ms_moment_parse_format(args[0].text, row->node->prepared, &moment)
                  : ms_moment_parse(args[0].text, &moment);
  if (!fine) return false;
  out->integer = time ? ms_moment_time(row->zone, &moment) : moment.days;
  return true;
}
static ms_status to_when(ms_row *row, const ms_cell *args, ms_cell *out) {
  if (read(row, args, out)) return MS_OK;
  return ms_fail(row->context, MS_EDATA, "the text cannot be read as %s",
                 ms_type_name(row->node->type));
}
static ms_status try_when(ms_row *row, const ms_cell *args, ms_cell *out) {
  out->null = !read(row, args, out);
  return MS_OK;
}

static ms_status format(ms_row *row, const ms_cell *args, ms_cell *out) {
  ms_moment moment = {.days = args[0].integer};
  if (row->node->args[0]->type == MS_TIME) {
    int64_t local = ms_row_local(row, args[0].integer);
    moment.days = ms_floor_div(local, MS_DAY);
    moment.micros = local - moment.days * MS_DAY;
    moment.offset = (int32_t)((local - args[0].integer) / MS_SECOND);
  }
  ms_string string = ms_string_new(row->context);
  ms_moment_format(&string, row->node->prepared, &moment);
  size_t size = string.size;
  const char *data = ms_string_done(&string);
  out->text = (ms_slice){data, size};
  return data ? MS_OK : MS_EMEMORY;
}

#define PART(NAME, FUNCTION, LOCAL, BRIEF)                                                         \
  {                                                                                                \
    .name = NAME, .types = "m", .result = 'i', .cost = 10, .integer = FUNCTION, .local = LOCAL,    \
    .signature = NAME "(time)", .brief = BRIEF                                                     \
  }
#define BETWEEN(NAME, FUNCTION, BRIEF)                                                             \
  {                                                                                                \
    .name = NAME, .types = "mm", .result = 'i', .cost = 5, .row = FUNCTION,                        \
    .signature = NAME "(from, to)", .brief = BRIEF                                                 \
  }
#define READ(NAME, RESULT, FUNCTION, FAILS, BRIEF)                                                 \
  {                                                                                                \
    .name = NAME, .types = "t[t", .result = RESULT, .cost = 60, .fails = FAILS, .row = FUNCTION,   \
    .prepare = prepare_reading_if, .signature = NAME "(text[, format])", .brief = BRIEF            \
  }

static ms_status prepare_reading_if(const ms_source *source, ms_node *node) {
  return node->count > 1 ? prepare_reading(source, node) : MS_OK;
}

static const ms_function functions[] = {
    PART("hour", hour, true, "hour of the day, 0 … 23"),
    PART("minute", minute, true, "minute of the hour"),
    PART("second", second, true, "second of the minute"),
    PART("epoch", epoch, false, "seconds since 1970-01-01 00:00 UTC"),
    {.name = "from_epoch",
     .types = "i",
     .result = 'm',
     .cost = 5,
     .fails = true,
     .row = from_epoch,
     .signature = "from_epoch(seconds)",
     .brief = "the time so many seconds after 1970-01-01 00:00 UTC"},
    BETWEEN("seconds_between", seconds_between, "whole seconds from the first time to the second"),
    BETWEEN("minutes_between", minutes_between, "whole minutes from the first time to the second"),
    BETWEEN("hours_between", hours_between, "whole hours from the first time to the second"),
    READ("to_date", 'd', to_when, true, "the date that the text says, by a format as '%d.%m.%Y'"),
    READ("try_to_date", 'd', try_when, false, "as to_date, null where it cannot be read"),
    READ("to_time", 'm', to_when, true,
         "the time that the text says, by a format as '%d.%m.%Y %H:%M'"),
    READ("try_to_time", 'm', try_when, false, "as to_time, null where it cannot be read"),
    {.name = "format_date",
     .types = "xt",
     .result = 't',
     .cost = 60,
     .row = format,
     .prepare = prepare_writing,
     .signature = "format_date(date, format)",
     .brief = "the date or time as text, as '%Y-%m-%d' says"}};
const ms_function_group_table ms_functions_time = {"date", functions,
                                                   sizeof functions / sizeof *functions};
