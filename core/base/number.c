/* Numbers as text. Reading: up to 19 digits and a power of ten within ±22 are exact in doubles
 * (W. Clinger, "How to read floating point numbers accurately", 1990, the fast path); everything
 * else goes to the C library's reader in the C locale, which is exact. */
#include "core/base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c) { return (unsigned)(c - '0') < 10; }

bool ms_integer_parse(ms_slice text, int64_t *out) {
  size_t i = 0;
  bool negative = false;
  if (text.size && (text.data[0] == '-' || text.data[0] == '+')) negative = text.data[i++] == '-';
  if (i == text.size) return false;
  uint64_t value = 0;
  const uint64_t most = (uint64_t)INT64_MAX + negative;
  for (; i < text.size; i++) {
    if (!is_digit(text.data[i])) return false;
    uint64_t digit = (uint64_t)(text.data[i] - '0');
    if (value > (most - digit) / 10) return false;
    value = value * 10 + digit;
  }
  *out = negative ? (int64_t)(0 - value) : (int64_t)value;
  return true;
}

/* A decimal taken apart: mantissa * 10^exponent. */
typedef struct {
  uint64_t mantissa;
  int64_t exponent, power; /* power: the written one */
  bool negative, exact;    /* exact: no digit was left out of the mantissa */
} decimal;

/* Digits from *at on, into the mantissa as long as it has room; gives how many there were. */
static size_t take_digits(ms_slice text, size_t *at, decimal *d, bool fraction) {
  size_t begin = *at, i = begin;
  for (; i < text.size && is_digit(text.data[i]); i++) {
    uint64_t digit = (uint64_t)(text.data[i] - '0');
    if (d->mantissa < UINT64_C(1000000000000000000)) {
      d->mantissa = d->mantissa * 10 + digit;
      d->exponent -= fraction;
    } else {
      d->exponent += !fraction;
      if (digit) d->exact = false;
    }
  }
  *at = i;
  return i - begin;
}

static bool take_exponent(ms_slice text, size_t *at, decimal *d) {
  size_t i = *at + 1;
  bool negative = false;
  if (i < text.size && (text.data[i] == '-' || text.data[i] == '+')) {
    negative = text.data[i++] == '-';
  }
  if (i == text.size) return false;
  int64_t value = 0;
  for (; i < text.size && is_digit(text.data[i]); i++) {
    if (value < 1000000) value = value * 10 + (text.data[i] - '0');
  }
  *at = i;
  d->power = negative ? -value : value;
  d->exponent += d->power;
  return true;
}

static bool take_apart(ms_slice text, decimal *d) {
  *d = (decimal){.exact = true};
  size_t i = 0;
  if (text.size && (text.data[0] == '-' || text.data[0] == '+')) {
    d->negative = text.data[i++] == '-';
  }
  size_t digits = take_digits(text, &i, d, false);
  if (i < text.size && text.data[i] == '.') {
    i++;
    digits += take_digits(text, &i, d, true);
  }
  if (!digits) return false;
  if (i < text.size && (text.data[i] == 'e' || text.data[i] == 'E')) {
    if (!take_exponent(text, &i, d)) return false;
  }
  return i == text.size;
}

static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

enum { DIGITS_MOST = 800 }; /* behind the 768th only "not zero" matters */

/* The number again with at most DIGITS_MOST digits and a 1 for what was left out. */
static size_t write_short(ms_slice text, const decimal *d, char out[static DIGITS_MOST + 40]) {
  size_t size = 0, digits = 0;
  int64_t exponent = 0;
  bool fraction = false, rest = false;
  if (d->negative) out[size++] = '-';
  for (size_t i = 0; i < text.size && text.data[i] != 'e' && text.data[i] != 'E'; i++) {
    char c = text.data[i];
    if (c == '.') fraction = true;
    if (!is_digit(c)) continue;
    if (digits == 0 && c == '0') {
      exponent -= fraction;
    } else if (digits < DIGITS_MOST) {
      out[size++] = c;
      digits++;
      exponent -= fraction;
    } else {
      rest = rest || c != '0';
      exponent += !fraction;
    }
  }
  if (rest) {
    out[size++] = '1';
    exponent--;
  }
  exponent += d->power;
  return size + (size_t)snprintf(out + size, 30, "e%lld", (long long)exponent);
}

/* The text is known to be a number. In glibc the C locale is a constant: nothing is allocated. */
static bool read_slowly(ms_slice text, const decimal *d, double *out) {
  char copy[DIGITS_MOST + 40];
  if (text.size < DIGITS_MOST) {
    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
  } else {
    (void)write_short(text, d, copy);
  }
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (!plain) return false;
  *out = strtod_l(copy, NULL, plain);
  freelocale(plain);
  return isfinite(*out);
}

bool ms_real_parse(ms_slice text, double *out) {
  decimal d;
  if (!take_apart(text, &d)) return false;
  if (d.mantissa == 0 && d.exact) {
    *out = d.negative ? -0.0 : 0.0;
    return true;
  }
  bool fast = d.exact && d.mantissa <= (UINT64_C(1) << 53) && d.exponent >= -22 && d.exponent <= 22;
  if (!fast) return read_slowly(text, &d, out);
  double value = (double)d.mantissa;
  value = d.exponent < 0 ? value / tens[-d.exponent] : value * tens[d.exponent];
  *out = d.negative ? -value : value;
  return true;
}

bool ms_real_parse_special(ms_slice text, double *out) {
  if (ms_real_parse(text, out)) return true;
  bool sign = text.size && (text.data[0] == '-' || text.data[0] == '+');
  ms_slice word = {text.data + sign, text.size - sign};
  bool negative = sign && text.data[0] == '-';
  if (word.size == 3 && strncasecmp(word.data, "nan", 3) == 0) {
    *out = (double)NAN;
    return true;
  }
  bool infinite = (word.size == 3 && strncasecmp(word.data, "inf", 3) == 0) ||
                  (word.size == 8 && strncasecmp(word.data, "infinity", 8) == 0);
  if (infinite) *out = negative ? -(double)INFINITY : (double)INFINITY;
  return infinite;
}

size_t ms_integer_format(int64_t value, char out[static MS_NUMBER_SIZE]) {
  char digits[20];
  size_t count = 0, size = 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    digits[count++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest && count < sizeof digits);
  if (value < 0) out[size++] = '-';
  while (count) out[size++] = digits[--count];
  out[size] = 0;
  return size;
}

/* Amounts: value = n / 10^k with few digits is written from n. Exact, as ms_real_parse reads it by
 * the same division. */
static size_t format_amount(double value, char out[static MS_NUMBER_SIZE]) {
  double size = fabs(value);
  if (!(size < 1e9) || (value == 0 && signbit(value))) return 0;
  for (int k = 0; k <= 6; k++) {
    double scaled = size * tens[k];
    int64_t n = (int64_t)(scaled + 0.5);
    if ((double)n / tens[k] != size) continue;
    char digits[MS_NUMBER_SIZE];
    size_t count = ms_integer_format(n, digits), at = 0, whole = (size_t)k;
    if (value < 0) out[at++] = '-';
    if (count <= whole) { /* 0.05: zeros up to the point */
      out[at++] = '0';
      out[at++] = '.';
      for (size_t i = count; i < whole; i++) out[at++] = '0';
      memcpy(out + at, digits, count);
      at += count;
    } else {
      memcpy(out + at, digits, count - whole);
      at += count - whole;
      if (k) out[at++] = '.';
      memcpy(out + at, digits + (count - whole), whole);
      at += whole;
    }
    out[at] = 0;
    return at;
  }
  return 0;
}

size_t ms_real_format(double value, char out[static MS_NUMBER_SIZE]) {
  if (isnan(value)) return (size_t)snprintf(out, MS_NUMBER_SIZE, "nan");
  if (isinf(value)) return (size_t)snprintf(out, MS_NUMBER_SIZE, value < 0 ? "-inf" : "inf");
  size_t size = format_amount(value, out);
  if (size) return size;
  for (int digits = 15; digits <= 17; digits++) {
    size = (size_t)snprintf(out, MS_NUMBER_SIZE, "%.*g", digits, value);
    for (char *c = out; *c; c++) {
      if (*c == ',') *c = '.';
    }
    double back = 0;
    if (ms_real_parse((ms_slice){out, size}, &back) && back == value) break;
  }
  return size;
}
