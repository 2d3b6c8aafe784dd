/* What the column loops need of a lane. */
#ifndef MS_IO_CSV_COLUMN_H
#define MS_IO_CSV_COLUMN_H

#include "core/io/csv.h"
#include "core/io/csv_number.h"
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Makes room to unquote `size` bytes. */
ms_status ms_csv_room(ms_csv_lane *lane, size_t size);
/* Makes the lane's arrays large enough for the window. */
ms_status ms_csv_prepare(ms_csv_lane *lane, const ms_csv_window *window);

/* How many of the first `size` (at most 16) bytes stand before the first point; `size` or more if there is
 * none. 16 bytes must be readable. */
static inline size_t ms_csv_point(const char *at, size_t size) {
  (void)size;
#if defined(__SSE2__)
  __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
  int points = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
  return (size_t)__builtin_ctz((unsigned)points | 1u << 16);
#else
  size_t point = 0;
  while (point < size && at[point] != '.') point++;
  return point;
#endif
}

/* A real of at most 8 digits, a point, and at most 8 digits: the common case. False: look closer. */
static inline bool ms_csv_short_real(ms_slice raw, double *out) {
  const char *at = raw.data, *end = at + raw.size;
  if (raw.size - 3 > 14) /* d.d at least, 17 at most */
    return false;
  bool negative = *at == '-';
  at += negative;
  size_t size = (size_t)(end - at), whole = ms_csv_point(at, size), fraction = size - whole - 1;
  const char *point = at + whole;
  uint64_t high, low;
  if (whole >= size || whole - 1 > 7 || fraction - 1 > 7 || (*at == '0' && whole > 1) ||
      !ms_csv_digits(point, whole, &high) || !ms_csv_digits(end, fraction, &low))
    return false;
  static const uint64_t scale[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  uint64_t mantissa = high * scale[fraction] + low;
  if (mantissa > UINT64_C(1) << 53) return false;
  double value = (double)mantissa / ms_csv_powers[fraction];
  *out = negative ? -value : value;
  return true;
}

#endif
