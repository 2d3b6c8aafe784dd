/* Values as text. A real is first tried as an integer over a power of ten: if that quotient, which is
 * rounded once, is the value, its digits are the shortest that name it. Otherwise 15 to 17 digits are
 * tried, of which 17 always do. */
#include "core/io/text_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  char room[24], *end = room + sizeof room;
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  char *at = digits_before(end, size);
  if (value < 0) *--at = '-';
  ms_out_bytes(out, at, (size_t)(end - at));
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
  char room[40];
  if (isnan(value)) {
    ms_out_bytes(out, "NaN", 3);
  } else if (isinf(value)) {
    ms_out_bytes(out, value < 0 ? "-inf" : "inf", value < 0 ? 4 : 3);
  } else if (!fixed(out, value)) {
    for (int digits = 15; digits <= 17; digits++) {
      snprintf(room, sizeof room, "%.*g", digits, value);
      if (strtod(room, NULL) == value) break;
    }
    ms_out_bytes(out, room, strlen(room));
    if (!strpbrk(room, ".e")) ms_out_bytes(out, ".0", 2);
  }
}

static void pair(char *at, int64_t value) {
  at[0] = (char)('0' + value / 10);
  at[1] = (char)('0' + value % 10);
}

/* H. Hinnant's civil_from_days. */
void ms_out_date(ms_out *out, int64_t days) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
  int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  int64_t shifted = (5 * of_year + 2) / 153, day = of_year - (153 * shifted + 2) / 5 + 1;
  int64_t month = shifted + (shifted < 10 ? 3 : -9);
  year += era * 400 + (month <= 2);
  char room[6];
  if (year < 0) ms_out_char(out, '-');
  year = year < 0 ? -year : year;
  for (int64_t scale = 1000; scale > year && scale > 1; scale /= 10) ms_out_char(out, '0');
  ms_out_integer(out, year);
  room[0] = room[3] = '-';
  pair(room + 1, month);
  pair(room + 4, day);
  ms_out_bytes(out, room, sizeof room);
}

void ms_out_time(ms_out *out, int64_t micros, char separator, const char *zone) {
  const int64_t day = INT64_C(86400000000);
  int64_t days = micros / day - (micros % day < 0), rest = micros - days * day;
  int64_t seconds = rest / 1000000, fraction = rest % 1000000;
  ms_out_date(out, days);
  char room[16] = {separator, 0, 0, ':', 0, 0, ':', 0, 0, '.'};
  size_t size = 9;
  pair(room + 1, seconds / 3600);
  pair(room + 4, seconds / 60 % 60);
  pair(room + 7, seconds % 60);
  for (int64_t scale = 100000; fraction > 0; fraction %= scale, scale /= 10) {
    size = size == 9 ? 10 : size;
    room[size++] = (char)('0' + fraction / scale);
    if (scale == 1) break;
  }
  ms_out_bytes(out, room, size);
  ms_out_bytes(out, zone, strlen(zone));
}
