/* The rule at the end of a TZif file: a POSIX TZ string such as "CET-1CEST,M3.5.0,M10.5.0/3". */
#ifndef MS_BASE_ZONE_RULE_H
#define MS_BASE_ZONE_RULE_H

#include "core/base/calendar.h"

/* A day of the year and the wall's second of that day (may be negative or beyond a day). */
typedef struct {
  char kind; /* 'M' month.week.weekday, 'J' day 1 … 365 without leap days, '0' day 0 … 365 */
  int month, week, day; /* J and 0: day only */
  int64_t second;
} ms_zone_day;

typedef struct {
  bool given, changes;      /* changes: there is a summer time */
  int32_t standard, summer; /* seconds east of UTC */
  ms_zone_day begin, end;   /* of the summer time */
} ms_zone_rule;

/* From that moment on (UTC seconds) the offset holds. */
typedef struct {
  int64_t at;
  int32_t offset;
} ms_zone_change;

/* The footer without its first line break, up to the closing one. Empty is fine (not given). */
bool ms_zone_rule_read(ms_slice text, ms_zone_rule *out);
/* The two changes of a year, in their order. */
void ms_zone_rule_year(const ms_zone_rule *rule, int64_t year, ms_zone_change out[static 2]);

#endif
