/* Values as text. A real is first tried as an integer over a power of ten: if that quotient, which is
 * rounded once, is the value, its digits are the shortest that name it. */
#include "core/io/text_out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/number.h"

bool ms_out_room(ms_out *out, size_t more) {
  if (out->failed) return false;
  if (out->room - out->size >= more) return true;
  size_t room = out->room * 2 + more + 256;
  char *data = ms_memory_grow(out->memory, out->data, room);
  if (!data) {
    out->failed = true;
    return false;
  }
  out->data = data;
  out->room = room;
  return true;
}

void ms_out_bytes(ms_out *out, const char *data, size_t size) {
  if (size == 0 || !ms_out_room(out, size)) return;
  memcpy(out->data + out->size, data, size);
  out->size += size;
}

/* Digits of the value before `end`; gives where they begin. */
static char *digits_before(char *end, uint64_t value) {
  do {
    *--end = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  return end;
}

void ms_out_integer(ms_out *out, int64_t value) {
  char room[MS_NUMBER_SIZE];
  ms_out_bytes(out, room, ms_integer_format(value, room));
}

/* As an integer over a power of ten; false if it is none. */
static bool fixed(ms_out *out, double value) {
  static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  double size = fabs(value);
  if (!(size < 1e15) || (size > 0 && size < 1e-5)) return false;
  for (size_t k = 0; k < sizeof powers / sizeof *powers; k++) {
    double scaled = size * powers[k];
    if (scaled > 9e15) return false;
    double whole = nearbyint(scaled);
    if (whole / powers[k] != size) continue;
    char room[48], *end = room + sizeof room;
    char *at = digits_before(end, (uint64_t)whole);
    while ((size_t)(end - at) <= k) *--at = '0';
    size_t front = (size_t)(end - at) - k;
    if (signbit(value)) ms_out_char(out, '-');
    ms_out_bytes(out, at, front);
    ms_out_char(out, '.');
    if (k == 0) ms_out_char(out, '0');
    ms_out_bytes(out, at + front, k);
    return true;
  }
  return false;
}

void ms_out_real(ms_out *out, double value) {
  char room[MS_NUMBER_SIZE];
  if (isnan(value)) {
    ms_out_bytes(out, "NaN", 3);
  } else if (isinf(value)) {
    ms_out_bytes(out, value < 0 ? "-inf" : "inf", value < 0 ? 4 : 3);
  } else if (!fixed(out, value)) {
    ms_out_bytes(out, room, ms_real_format(value, room));
    if (!strpbrk(room, ".e")) ms_out_bytes(out, ".0", 2);
  }
}

void ms_out_date(ms_out *out, int64_t days) {
  char room[MS_MOMENT_SIZE];
  ms_out_bytes(out, room, ms_date_format(days, room));
}

void ms_out_time(ms_out *out, int64_t micros, const ms_zone *zone, bool iso) {
  char room[MS_MOMENT_SIZE];
  int64_t offset = zone ? ms_zone_at(zone, ms_floor_div(micros, MS_SECOND)).offset : 0;
  size_t size = ms_time_format(micros + offset * MS_SECOND, room);
  char *blank = memchr(room, ' ', size);
  if (iso && blank) *blank = 'T';
  ms_out_bytes(out, room, size);
  if (zone) {
    int64_t minutes = (offset < 0 ? -offset : offset) / 60;
    char shown[16];
    ms_out_bytes(out, shown,
                 (size_t)snprintf(shown, sizeof shown, "%c%02d:%02d", offset < 0 ? '-' : '+',
                                  (int)(minutes / 60), (int)(minutes % 60)));
  } else if (iso) {
    ms_out_char(out, 'Z');
  }
}
