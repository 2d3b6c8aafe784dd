/* Dates and times in fields. */
#ifndef MS_IO_CSV_WHEN_H
#define MS_IO_CSV_WHEN_H

#include "core/base/text.h"

/* ISO 8601 dates and times, also with slashes and without leading zeros (2016/8/1 11:05): year, month,
 * day; blank or T; hours, minutes, seconds and fractions of up to a microsecond; Z or an offset.
 * Days, or microseconds UTC where *time is set; a time without an offset is in the session's zone.
 * False if it is nothing of that, or not in the calendar. */
bool ms_csv_when(ms_context *context, ms_slice text, int64_t *out, bool *time);
/* By a valid format of core/base/calendar.h. */
bool ms_csv_when_format(ms_context *context, ms_slice text, const char *format, int64_t *out,
                        bool *time);
/* yyyymmdd */
bool ms_csv_compact(ms_slice text, int64_t *days);
/* The day's first microsecond in the session's zone. */
int64_t ms_csv_midnight(ms_context *context, int64_t day);

#endif
