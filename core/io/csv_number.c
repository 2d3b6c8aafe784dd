/* Numbers in fields: see the header. */
#include "core/io/csv_number.h"

#include <math.h>

#include "core/base/number.h"

const double ms_csv_powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

bool ms_csv_integer(ms_slice text, int64_t *out) {
  const char *at = text.data, *end = at + text.size;
  bool negative = text.size > 1 && *at == '-';
  at += negative;
  size_t size = (size_t)(end - at);
  uint64_t value;
  if (size == 0 || size > 19 || (*at == '0' && (size > 1 || negative))) return false;
  char room[32]; /* the text may begin its memory */
  memset(room, '0', 8);
  memcpy(room + 8, at, size);
  if (!ms_csv_long_digits(room + 8 + size, size, &value)) return false;
  if (value > (uint64_t)INT64_MAX + negative) return false;
  *out = negative ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

/* The parts of a decimal number. */
typedef struct {
  bool negative, exact; /* exact: all digits are in the mantissa */
  bool zeros;           /* more than one digit in front of the point, the first a zero */
  bool point, power, nonzero;
  uint64_t mantissa;
  int64_t exponent;
} decimal;

static void add_digit(decimal *d, char c) {
  d->nonzero |= c != '0';
  if (d->mantissa > (UINT64_MAX - 9) / 10)
    d->exact = false;
  else
    d->mantissa = d->mantissa * 10 + (uint64_t)(c - '0');
}

static bool split_power(const char *at, const char *end, decimal *d) {
  bool negative = at < end && *at == '-';
  at += at < end && (*at == '-' || *at == '+');
  int64_t power = 0;
  if (at == end) return false;
  for (; at < end; at++) {
    if (!ms_csv_digit(*at)) return false;
    power = power > 100000 ? power : power * 10 + (*at - '0');
  }
  d->power = true;
  d->exponent += negative ? -power : power;
  return true;
}

static bool split(ms_slice text, decimal *d) {
  const char *at = text.data, *end = at + text.size;
  *d = (decimal){.exact = true};
  d->negative = at < end && *at == '-';
  at += d->negative;
  const char *begin = at;
  for (; at < end && ms_csv_digit(*at); at++) add_digit(d, *at);
  size_t digits = (size_t)(at - begin);
  d->zeros = digits > 1 && *begin == '0';
  if (at < end && *at == '.') {
    d->point = true;
    for (at++; at < end && ms_csv_digit(*at); at++, digits++) {
      add_digit(d, *at);
      d->exponent--;
    }
  }
  if (digits == 0) return false;
  return at == end || ((*at == 'e' || *at == 'E') && split_power(at + 1, end, d));
}

static bool value_of(ms_slice text, const decimal *d, double *out) {
  if (d->exact && d->mantissa <= (UINT64_C(1) << 53) && d->exponent >= -22 && d->exponent <= 22) {
    double value = (double)d->mantissa;
    value =
        d->exponent < 0 ? value / ms_csv_powers[-d->exponent] : value * ms_csv_powers[d->exponent];
    *out = d->negative ? -value : value;
    return true;
  }
  return ms_real_parse(text, out) && isfinite(*out) && (*out != 0 || !d->nonzero);
}

bool ms_csv_decimal(ms_slice text, double *out) {
  decimal d;
  return split(text, &d) && value_of(text, &d, out);
}

static bool is(ms_slice text, const char *wanted) {
  return ms_slice_equal(text, ms_slice_of(wanted));
}

bool ms_csv_real(ms_slice text, double *out) {
  if (is(text, "-0")) {
    *out = -0.0;
    return true;
  }
  if (is(text, "NaN") || is(text, "inf") || is(text, "-inf")) {
    *out = text.data[0] == 'N' ? NAN : text.data[0] == 'i' ? INFINITY : -INFINITY;
    return true;
  }
  decimal d;
  return split(text, &d) && (d.point || d.power) && !d.zeros && value_of(text, &d, out);
}
