/* Time zones from TZif files. The rule in a file's footer (POSIX TZ) is written out as transitions of 400
 * years, the period of the Gregorian calendar; later moments are looked up some periods earlier. */
#include "core/base/zone.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/context_private.h"
#include "core/base/zone_rule.h"

enum { FILE_MOST = 1 << 20, HEADER = 44, PERIOD_YEARS = 400 };
#define PERIOD (INT64_C(146097) * 86400)

struct ms_zone {
  char *name;
  size_t count;     /* transitions */
  size_t recurring; /* of these, how many at the end are the rule's; 0: no rule */
  int64_t *at;      /* UTC seconds, ascending */
  int32_t *offset;  /* [count + 1]: before the first, then from each on */
};

typedef struct {
  const unsigned char *data;
  size_t size;
} bytes;

static uint32_t read32(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static int64_t read64(const unsigned char *p) {
  return (int64_t)((uint64_t)read32(p) << 32 | read32(p + 4));
}

/* Counts of a header: isutc, isstd, leap, transitions, types, characters. */
typedef struct {
  size_t isutc, isstd, leap, times, types, chars, width;
} counts;

static bool read_header(bytes file, size_t at, size_t width, counts *out) {
  if (file.size < at + HEADER || memcmp(file.data + at, "TZif", 4) != 0) return false;
  const unsigned char *p = file.data + at + 20;
  *out = (counts){read32(p),      read32(p + 4),  read32(p + 8), read32(p + 12),
                  read32(p + 16), read32(p + 20), width};
  return out->isutc < FILE_MOST && out->isstd < FILE_MOST && out->leap < FILE_MOST &&
         out->times < FILE_MOST && out->types < FILE_MOST && out->chars < FILE_MOST;
}
static size_t block_size(const counts *c) {
  return c->times * (c->width + 1) + c->types * 6 + c->chars + c->leap * (c->width + 4) + c->isstd +
         c->isutc;
}

static ms_zone *zone_alloc(ms_context *context, const char *name, size_t transitions) {
  ms_memory *memory = ms_context_account(context);
  ms_zone *zone = ms_memory_zero(memory, 1, sizeof *zone);
  if (zone) {
    zone->name = ms_memory_take(memory, strlen(name) + 1);
    zone->at = ms_memory_zero(memory, transitions + 1, sizeof *zone->at);
    zone->offset = ms_memory_zero(memory, transitions + 1, sizeof *zone->offset);
    if (zone->name) memcpy(zone->name, name, strlen(name) + 1);
    if (zone->name && zone->at && zone->offset) return zone;
    ms_zone_free(zone);
  }
  return ms_fail_null(context, MS_EMEMORY, "out of memory for the time zone '%s'", name);
}

/* Two transitions a year by the rule, from the year of the last transition on. */
static void add_rule(ms_zone *zone, const ms_zone_rule *rule) {
  int64_t last = zone->count ? zone->at[zone->count - 1] : INT64_MIN;
  int64_t year = zone->count ? ms_days_civil(ms_floor_div(last, 86400)).year : 1970;
  size_t before = zone->count;
  for (int64_t y = year; y < year + PERIOD_YEARS + 2; y++) {
    ms_zone_change change[2];
    ms_zone_rule_year(rule, y, change);
    for (int i = 0; i < 2; i++) {
      if (change[i].at <= last) continue;
      zone->at[zone->count++] = change[i].at;
      zone->offset[zone->count] = change[i].offset;
    }
  }
  zone->recurring = zone->count - before;
}

static bool fill(ms_zone *zone, bytes file, size_t at, const counts *c, const ms_zone_rule *rule) {
  const unsigned char *times = file.data + at, *index = times + c->times * 8;
  const unsigned char *types = index + c->times;
  zone->offset[0] = (int32_t)read32(types);
  for (size_t i = 0; i < c->times; i++) {
    if (index[i] >= c->types) return false;
    zone->at[i] = read64(times + 8 * i);
    zone->offset[i + 1] = (int32_t)read32(types + 6 * index[i]);
    if (i && zone->at[i] <= zone->at[i - 1]) return false;
  }
  zone->count = c->times;
  if (rule->changes) {
    add_rule(zone, rule);
  } else if (rule->given && zone->offset[zone->count] != rule->standard) {
    return false;
  }
  return true;
}

static ms_zone *zone_read(ms_context *context, const char *name, bytes file) {
  counts c;
  size_t at = HEADER;
  ms_zone_rule rule = {0};
  bool fine = read_header(file, 0, 4, &c) && file.data[4] >= '2';
  if (fine) {
    at += block_size(&c);
    fine = read_header(file, at, 8, &c) && c.types && file.size >= at + HEADER + block_size(&c) + 2;
    at += HEADER;
  }
  if (fine) {
    size_t footer = at + block_size(&c) + 1;
    ms_slice text = {(const char *)file.data + footer, file.size - footer};
    fine = ms_zone_rule_read(text, &rule);
  }
  if (fine) {
    ms_zone *zone = zone_alloc(context, name, c.times + (rule.changes ? 2 * PERIOD_YEARS + 4 : 0));
    if (!zone || fill(zone, file, at, &c, &rule)) return zone;
    ms_zone_free(zone);
  }
  return ms_fail_null(context, MS_EARGUMENT, "time zone '%s': its file is damaged", name);
}

static bool name_is_safe(const char *name) {
  if (!*name || *name == '/' || strlen(name) > 100 || strstr(name, "..")) return false;
  return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
         strlen(name);
}

/* Bytes of the file into scratch; -1 where it cannot be read. */
static ssize_t read_file(ms_context *context, const char *name, unsigned char **out) {
  const char *path = ms_scratch_format(context, "/usr/share/zoneinfo/%s", name);
  *out = path ? ms_scratch(context, FILE_MOST, 1) : NULL;
  if (!*out) return -1;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t size = 0, got;
  while (size < FILE_MOST && (got = read(file, *out + size, (size_t)(FILE_MOST - size))) > 0) {
    size += got;
  }
  close(file);
  return size;
}

ms_zone *ms_zone_new(ms_context *context, const char *name) {
  ms_mark mark = ms_scratch_mark(context);
  if (strcmp(name, "UTC") == 0) return zone_alloc(context, name, 0);
  unsigned char *data = NULL;
  ssize_t size = name_is_safe(name) ? read_file(context, name, &data) : -1;
  ms_zone *zone = NULL;
  if (size > 0) {
    zone = zone_read(context, name, (bytes){data, (size_t)size});
  } else if (data || !name_is_safe(name)) {
    (void)ms_fail(context, MS_EARGUMENT, "time zone '%s' is not known", name);
    ms_fail_hint(context,
                 "write an IANA name such as 'Asia/Shanghai'; if that is one, install tzdata");
  }
  ms_scratch_release(context, mark);
  return zone;
}

void ms_zone_free(ms_zone *zone) {
  if (!zone) return;
  ms_memory_give(zone->name);
  ms_memory_give(zone->at);
  ms_memory_give(zone->offset);
  ms_memory_give(zone);
}

const char *ms_zone_name(const ms_zone *zone) { return zone ? zone->name : "UTC"; }

/* The wall's second from which on offset i + 1 holds: after the change, and never twice. */
static int64_t local_from(const ms_zone *zone, size_t i) {
  int32_t before = zone->offset[i], after = zone->offset[i + 1];
  return zone->at[i] + (before > after ? before : after);
}

/* Number of transitions at or before the moment. */
static size_t passed(const ms_zone *zone, int64_t seconds, bool local) {
  size_t low = 0, high = zone->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int64_t from = local ? local_from(zone, middle) : zone->at[middle];
    if (from <= seconds) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static ms_zone_span span_at(const ms_zone *zone, int64_t seconds, bool local) {
  if (!zone || !zone->count)
    return (ms_zone_span){INT64_MIN, INT64_MAX, zone ? zone->offset[0] : 0};
  int64_t shift = 0;
  int64_t end = zone->at[zone->count - 1] - 86400;
  if (zone->recurring && seconds >= end) {
    shift = ((seconds - end) / PERIOD + 1) * PERIOD;
    seconds -= shift;
  }
  size_t i = passed(zone, seconds, local);
  ms_zone_span span = {INT64_MIN, INT64_MAX, zone->offset[i]};
  if (i) span.from = (local ? local_from(zone, i - 1) : zone->at[i - 1]) + shift;
  if (i < zone->count) span.until = (local ? local_from(zone, i) : zone->at[i]) + shift;
  return span;
}

ms_zone_span ms_zone_at(const ms_zone *zone, int64_t seconds) {
  return span_at(zone, seconds, false);
}
ms_zone_span ms_zone_at_local(const ms_zone *zone, int64_t local_seconds) {
  return span_at(zone, local_seconds, true);
}

int64_t ms_zone_local(const ms_zone *zone, int64_t time) {
  return time + ms_zone_at(zone, ms_floor_div(time, MS_SECOND)).offset * MS_SECOND;
}
int64_t ms_zone_utc(const ms_zone *zone, int64_t local) {
  return local - ms_zone_at_local(zone, ms_floor_div(local, MS_SECOND)).offset * MS_SECOND;
}
int64_t ms_moment_time(const ms_zone *zone, const ms_moment *moment) {
  int64_t local = moment->days * MS_DAY + moment->micros;
  return moment->has_offset ? local - moment->offset * MS_SECOND : ms_zone_utc(zone, local);
}

/* ---- the session's zone ---- */

const ms_zone *ms_context_zone_of(const ms_context *context) {
  return context->parent ? context->parent->zone : context->zone;
}

ms_status ms_context_zone(ms_context *context, const char *name) {
  ms_zone *zone = ms_zone_new(context, name);
  if (!zone) return ms_error_status(context);
  ms_zone_free(context->zone);
  context->zone = zone;
  return MS_OK;
}

const char *ms_context_zone_name(const ms_context *context) {
  return ms_zone_name(ms_context_zone_of(context));
}
