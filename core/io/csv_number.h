/* Numbers in fields. Digits are read eight at a time as one word (D. Lemire and W. Muła's method: three
 * multiplications add up neighbours, pairs and fours). Reals of up to 19 digits and a small exponent are
 * exact by W. Clinger's theorem: both factors are doubles, so one operation rounds once. */
#ifndef MS_IO_CSV_NUMBER_H
#define MS_IO_CSV_NUMBER_H

#include <string.h>

#include "core/base/text.h"

static inline bool ms_csv_digit(char c) { return c >= '0' && c <= '9'; }

/* The `size` (1 … 8) characters before `end` as a number; false if one is no digit. The eight bytes
 * before `end` must be readable. */
static inline bool ms_csv_digits(const char *end, size_t size, uint64_t *out) {
  uint64_t word;
  memcpy(&word, end - 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  word ^= UINT64_C(0x3030303030303030);
  word &= UINT64_MAX << (64 - 8 * size); /* the first character is the lowest byte */
  if ((word | (word + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080)) return false;
  word = word * 10 + (word >> 8);
  word = ((word & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
          ((word >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
         32;
  *out = word;
  return true;
}

/* Up to 19 digits. */
static inline bool ms_csv_long_digits(const char *end, size_t size, uint64_t *out) {
  uint64_t low, middle = 0, high = 0;
  if (size <= 8) return size > 0 && ms_csv_digits(end, size, out);
  if (!ms_csv_digits(end, 8, &low) || size > 19) return false;
  size_t left = size - 8;
  if (!ms_csv_digits(end - 8, left > 8 ? 8 : left, &middle)) return false;
  if (left > 8 && !ms_csv_digits(end - 16, left - 8, &high)) return false;
  *out = low + middle * UINT64_C(100000000) + high * UINT64_C(10000000000000000);
  return true;
}

/* An integer that is written as a computer would write it: no leading zeros, no plus, no -0, 64 bits. */
bool ms_csv_integer(ms_slice text, int64_t *out);
/* A real: digits with a point or an exponent or both, NaN, inf; no leading zeros, no plus. False too
 * where the value would be infinite, or zero though its digits are not. Integers are false. */
bool ms_csv_real(ms_slice text, double *out);
/* As above, but integers and any zeros in front are fine. */
bool ms_csv_decimal(ms_slice text, double *out);

extern const double ms_csv_powers[23]; /* of ten */

#endif
