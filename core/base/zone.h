/* Time zones: what the wall shows at a moment, from the system's tz database.
 *
 * Files of TZif version 2 and later (RFC 9636) are read here, once, so that the process's own zone and
 * environment are never touched. UTC needs no file. A NULL zone is UTC. */
#ifndef MS_BASE_ZONE_H
#define MS_BASE_ZONE_H

#include "core/base/calendar.h"

typedef struct ms_zone ms_zone;

/* The zone of that name ("Asia/Shanghai"), or NULL: MS_EARGUMENT if it is not known, MS_EMEMORY. Free it. */
ms_zone *ms_zone_new(ms_context *context, const char *name);
void ms_zone_free(ms_zone *zone);
const char *ms_zone_name(const ms_zone *zone);
/* The session's zone, also from a worker; NULL is UTC. */
const ms_zone *ms_context_zone_of(const ms_context *context);

/* Seconds east of UTC at a moment (seconds since 1970, UTC), and the moments for which that holds. */
typedef struct {
  int64_t from, until; /* from ≤ t < until */
  int32_t offset;
} ms_zone_span;
ms_zone_span ms_zone_at(const ms_zone *zone, int64_t seconds);
/* The same for seconds that the wall shows. A time that comes twice (clocks set back) is the first one,
 * a time that never comes (clocks set forward) is read with the offset before the change: 02:30 becomes
 * 03:30. */
ms_zone_span ms_zone_at_local(const ms_zone *zone, int64_t local_seconds);

/* Microseconds. */
int64_t ms_zone_local(const ms_zone *zone, int64_t time);
int64_t ms_zone_utc(const ms_zone *zone, int64_t local);
/* The time that a moment means: by its own offset if it has one, otherwise by the zone. */
int64_t ms_moment_time(const ms_zone *zone, const ms_moment *moment);

#endif
