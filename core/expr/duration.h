/* Lengths of calendar time, as added to dates and times. */
#ifndef MS_EXPR_DURATION_H
#define MS_EXPR_DURATION_H

#include "core/base/zone.h"
#include "core/expr/node.h"

/* One or more of number and unit: us ms s min h d w mo y, such as '7d', '-1y6mo'. */
bool ms_duration_parse(ms_slice text, ms_duration *out);
/* The date that much later; months first (clamped to the month's end), then days. Parts of days must
 * be zero. False beyond the years 0001 … 9999. */
bool ms_duration_date(int64_t days, const ms_duration *duration, int64_t *out);
/* The time that much later: months and days on the wall of the zone, the rest in true time. */
bool ms_duration_time(const ms_zone *zone, int64_t time, const ms_duration *duration, int64_t *out);
ms_duration ms_duration_negated(ms_duration duration);
/* The time that a moment means in the session's zone. */
int64_t ms_duration_moment(const ms_context *context, const ms_moment *moment);

#endif
