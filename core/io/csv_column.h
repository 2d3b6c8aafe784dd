/* What the column loops need of a lane. */
#ifndef MS_IO_CSV_COLUMN_H
#define MS_IO_CSV_COLUMN_H

#include "core/io/csv.h"
#include "core/io/csv_number.h"

/* Makes room to unquote `size` bytes. */
ms_status ms_csv_room(ms_csv_lane *lane, size_t size);
/* Makes the lane's arrays large enough for the window. */
ms_status ms_csv_prepare(ms_csv_lane *lane, const ms_csv_window *window);

/* A real of at most 8 digits, a point, and at most 8 digits: the common case. False: look closer. */
static inline bool ms_csv_short_real(ms_slice raw, double *out) {
  const char *at = raw.data, *end = at + raw.size;
  if (raw.size - 3 > 14) /* d.d at least, 17 at most */
    return false;
  bool negative = *at == '-';
  at += negative;
  const char *point = at;
  while (point < end && *point != '.') point++;
  size_t whole = (size_t)(point - at), fraction = (size_t)(end - point) - 1;
  uint64_t high, low;
  if (point == end || whole - 1 > 7 || fraction - 1 > 7 || (*at == '0' && whole > 1) ||
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
