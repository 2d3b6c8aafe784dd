/* Functions of numbers, and those of any type. What is no number for a number is null, as x / 0 is. */
#include <math.h>
#include <string.h>

#include "core/base/tails.h"
#include "core/expr/arithmetic.h"
#include "core/expr/functions.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- any type; these are operators for the checker ---- */

static const ms_function any[] = {{.name = "coalesce",
                                   .types = "a+",
                                   .special = MS_SPECIAL_COALESCE,
                                   .signature = "coalesce(x, …)",
                                   .brief = "the first value that is not null"},
                                  {.name = "if",
                                   .types = "baa",
                                   .special = MS_SPECIAL_IF,
                                   .signature = "if(condition, x, y)",
                                   .brief = "x where the condition is true, otherwise y"},
                                  {.name = "nullif",
                                   .types = "aa",
                                   .special = MS_SPECIAL_NULLIF,
                                   .signature = "nullif(x, y)",
                                   .brief = "null where x == y, otherwise x"},
                                  {.name = "least",
                                   .types = "a+",
                                   .special = MS_SPECIAL_LEAST,
                                   .signature = "least(x, …)",
                                   .brief = "the smallest of the values that are not null"},
                                  {.name = "greatest",
                                   .types = "a+",
                                   .special = MS_SPECIAL_GREATEST,
                                   .signature = "greatest(x, …)",
                                   .brief = "the largest of the values that are not null"}};
const ms_function_group_table ms_functions_any = {"any", any, sizeof any / sizeof *any};

/* ---- reals ---- */

static double not_positive(double x) { return x > 0 ? x : isnan(x) ? x : (double)NAN; }
static double natural(double x) { return log(not_positive(x)); }
static double decimal(double x) { return log10(not_positive(x)); }
static double binary(double x) { return log2(not_positive(x)); }

/* ---- rounding ---- */

static double power_of_ten(int64_t digits) {
  static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  return tens[digits];
}

/* Half away from zero, of the number as it is written in decimals: 2.675 is 2.68, though its double lies a little
 * below (SQLite does so too). Such a double is the one that the decimal tie itself is read as. Elsewhere the
 * exact product decides: fma tells on which side of a seeming tie it lies. */
static double round_to(double x, int64_t digits) {
  const double most = 4503599627370496.0; /* 2^52: no fractions from here on */
  double size = fabs(x);
  if (!(size < most) || digits > 21) return x;
  if (digits < -21) return x * 0;
  double scale = power_of_ten(digits < 0 ? -digits : digits);
  double scaled = digits < 0 ? size / scale : size * scale;
  if (!(scaled < most)) return x;
  double whole = floor(scaled), part = scaled - whole;
  bool up = part > 0.5;
  if (fabs(part - 0.5) <= scaled * 4e-16) {
    double tie = digits < 0 ? (whole * 10 + 5) * (scale / 10) : (whole * 10 + 5) / (scale * 10);
    double rest = digits < 0 ? fma(-scaled, scale, size) : fma(size, scale, -scaled);
    up = tie == size || part > 0.5 || (part == 0.5 && rest >= 0);
  }
  whole += up;
  double result = digits < 0 ? whole * scale : whole / scale;
  return result == 0 ? 0 : x < 0 ? -result : result;
}

/* Tens, hundreds, … of integers. */
static ms_status round_integer(ms_row *row, const ms_cell *args, ms_cell *out) {
  int64_t x = args[0].integer, digits = row->node->count > 1 ? args[1].integer : 0;
  out->integer = x;
  if (digits >= 0) return MS_OK;
  out->integer = 0;
  if (digits < -19) return MS_OK;
  uint64_t scale = 1, size = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
  for (int64_t i = 0; i > digits; i--) scale *= 10;
  uint64_t rest = size % scale, whole = size - rest;
  if (rest >= scale - rest && __builtin_add_overflow(whole, scale, &whole)) whole = UINT64_MAX;
  if (whole > (uint64_t)INT64_MAX) {
    return ms_fail(row->context, MS_EOVERFLOW, "the rounded integer does not fit 64 bits");
  }
  out->integer = x < 0 ? -(int64_t)whole : (int64_t)whole;
  return MS_OK;
}

/* ---- others ---- */

static ms_status absolute_integer(ms_row *row, const ms_cell *args, ms_cell *out) {
  if (args[0].integer == INT64_MIN) {
    return ms_fail(row->context, MS_EOVERFLOW, "the integer result does not fit 64 bits");
  }
  out->integer = args[0].integer < 0 ? -args[0].integer : args[0].integer;
  return MS_OK;
}

static int64_t sign_integer(int64_t x) { return (x > 0) - (x < 0); }
static ms_status sign_real(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  double x = args[0].real;
  out->null = isnan(x);
  out->integer = (x > 0) - (x < 0);
  return MS_OK;
}

static ms_status logarithm(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  double base = args[0].real, x = args[1].real;
  out->real = log(x) / log(base);
  out->null = x <= 0 || base <= 0 || base == 1;
  return MS_OK;
}

static ms_status clamp(ms_row *row, const ms_cell *args, ms_cell *out) {
  *out = args[0];
  if (row->node->type == MS_REAL) {
    if (args[0].real < args[1].real) *out = args[1];
    if (args[0].real > args[2].real) *out = args[2];
  } else {
    if (args[0].integer < args[1].integer) *out = args[1];
    if (args[0].integer > args[2].integer) *out = args[2];
  }
  return MS_OK;
}

static ms_status is_nan(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = isnan(args[0].real);
  return MS_OK;
}
static ms_status is_finite(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = isfinite(args[0].real);
  return MS_OK;
}
static ms_status is_known(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  (void)args;
  out->integer = 1;
  return MS_OK;
}
static ms_status is_never(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  (void)args;
  out->integer = 0;
  return MS_OK;
}

static ms_status power(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  double a = args[0].real, b = args[1].real;
  out->real = b == 2 ? a * a : pow(a, b);
  out->null = (isnan(out->real) && !isnan(a) && !isnan(b)) || (a == 0 && b < 0);
  return MS_OK;
}

/* ---- Student's t: for means that are compared ---- */

static ms_status t_beyond(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->null = !(args[1].real > 0);
  if (!out->null) out->real = ms_t_beyond(args[0].real, args[1].real);
  return MS_OK;
}

static ms_status t_quantile(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->null = !(args[1].real > 0) || !(args[0].real > 0 && args[0].real < 1);
  if (!out->null) out->real = ms_t_quantile(args[0].real, args[1].real);
  return MS_OK;
}

/* ---- hashes: stable for good, since they decide who gets which offer ---- */

static uint64_t hash_cell(const ms_node *arg, const ms_cell *cell, uint64_t seed) {
  if (arg->type == MS_TEXT) return XXH3_64bits_withSeed(cell->text.data, cell->text.size, seed);
  uint64_t bits = (uint64_t)cell->integer;
  if (arg->type == MS_REAL) {
    double value = cell->real == 0 ? 0 : isnan(cell->real) ? (double)NAN : cell->real;
    memcpy(&bits, &value, sizeof bits);
  }
  unsigned char bytes[8]; /* little endian on every machine */
  for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(bits >> 8 * i);
  return XXH3_64bits_withSeed(bytes, sizeof bytes, seed);
}

static ms_status hash(ms_row *row, const ms_cell *args, ms_cell *out) {
  uint64_t seed = row->node->count > 1 ? (uint64_t)args[1].integer : 0;
  out->integer = (int64_t)(hash_cell(row->node->args[0], &args[0], seed) >> 1);
  return MS_OK;
}

static ms_status bucket(ms_row *row, const ms_cell *args, ms_cell *out) {
  uint64_t seed = row->node->count > 2 ? (uint64_t)args[2].integer : 0;
  if (args[1].integer < 1) {
    return ms_fail(row->context, MS_EDATA, "bucket needs a number of buckets of 1 or more");
  }
  uint64_t h = hash_cell(row->node->args[0], &args[0], seed);
  out->integer = (int64_t)(((__uint128_t)h * (uint64_t)args[1].integer) >> 64) + 1;
  return MS_OK;
}

#define REAL(NAME, FUNCTION, BRIEF)                                                                \
  {                                                                                                \
    .name = NAME, .types = "r", .result = 'r', .cost = 10, .real = FUNCTION,                       \
    .signature = NAME "(x)", .brief = BRIEF                                                        \
  }

static const ms_function numbers[] = {
    {.name = "abs",
     .types = "i",
     .result = 'i',
     .cost = 5,
     .fails = true,
     .row = absolute_integer,
     .signature = "abs(x)",
     .brief = "size without sign"},
    REAL("abs", fabs, "size without sign"),
    {.name = "sign",
     .types = "i",
     .result = 'i',
     .cost = 3,
     .integer = sign_integer,
     .signature = "sign(x)",
     .brief = "-1, 0 or 1"},
    {.name = "sign",
     .types = "r",
     .result = 'i',
     .cost = 5,
     .row = sign_real,
     .signature = "sign(x)",
     .brief = "-1, 0 or 1"},
    {.name = "round",
     .types = "i[i",
     .result = 'i',
     .cost = 5,
     .fails = true,
     .row = round_integer,
     .signature = "round(x[, digits])",
     .brief = "nearest number with that many decimals, half away from zero"},
    {.name = "round",
     .types = "r[i",
     .result = 'r',
     .cost = 10,
     .digits = round_to,
     .signature = "round(x[, digits])",
     .brief = "nearest number with that many decimals, half away from zero"},
    REAL("floor", floor, "largest whole number that is not larger"),
    REAL("ceil", ceil, "smallest whole number that is not smaller"),
    REAL("trunc", trunc, "whole part, towards zero"),
    REAL("sqrt", sqrt, "square root; null for negative numbers"),
    REAL("exp", exp, "e to the power of x"),
    REAL("ln", natural, "natural logarithm; null unless x > 0"),
    {.name = "log",
     .types = "rr",
     .result = 'r',
     .cost = 20,
     .row = logarithm,
     .signature = "log(base, x)",
     .brief = "logarithm to a base; null unless both are positive"},
    REAL("log", natural, "natural logarithm; null unless x > 0"),
    REAL("log10", decimal, "logarithm to base 10; null unless x > 0"),
    REAL("log2", binary, "logarithm to base 2; null unless x > 0"),
    REAL("sin", sin, "sine of radians"),
    REAL("cos", cos, "cosine of radians"),
    REAL("tan", tan, "tangent of radians"),
    REAL("atan", atan, "arc tangent, in radians"),
    {.name = "pow",
     .types = "rr",
     .result = 'r',
     .cost = 20,
     .row = power,
     .signature = "pow(x, y)",
     .brief = "x to the power of y, as x ^ y"},
    {.name = "t_beyond",
     .types = "rr",
     .result = 'r',
     .cost = 200,
     .row = t_beyond,
     .signature = "t_beyond(t, degrees)",
     .brief = "probability that Student's t is farther from 0 than t: a two-sided p-value"},
    {.name = "t_quantile",
     .types = "rr",
     .result = 'r',
     .cost = 500,
     .row = t_quantile,
     .signature = "t_quantile(p, degrees)",
     .brief = "the value below which Student's t lies with probability p"},
    {.name = "clamp",
     .types = "nnn",
     .result = 'n',
     .cost = 5,
     .row = clamp,
     .signature = "clamp(x, low, high)",
     .brief = "x, but not below low and not above high"},
    {.name = "clamp",
     .types = "xxx",
     .result = 'x',
     .cost = 5,
     .row = clamp,
     .signature = "clamp(x, low, high)",
     .brief = "x, but not below low and not above high"},
    {.name = "is_nan",
     .types = "i",
     .result = 'b',
     .cost = 2,
     .row = is_never,
     .signature = "is_nan(x)",
     .brief = "whether x is not a number (which is not null)"},
    {.name = "is_nan",
     .types = "r",
     .result = 'b',
     .cost = 2,
     .row = is_nan,
     .signature = "is_nan(x)",
     .brief = "whether x is not a number (which is not null)"},
    {.name = "is_finite",
     .types = "i",
     .result = 'b',
     .cost = 2,
     .row = is_known,
     .signature = "is_finite(x)",
     .brief = "whether x is neither infinite nor NaN"},
    {.name = "is_finite",
     .types = "r",
     .result = 'b',
     .cost = 2,
     .row = is_finite,
     .signature = "is_finite(x)",
     .brief = "whether x is neither infinite nor NaN"},
    {.name = "hash",
     .types = "a[i",
     .result = 'i',
     .cost = 10,
     .row = hash,
     .signature = "hash(x[, seed])",
     .brief = "63 bits that are the same for the same value on every machine and day"},
    {.name = "bucket",
     .types = "ai[i",
     .result = 'i',
     .cost = 12,
     .fails = true,
     .row = bucket,
     .signature = "bucket(x, n[, seed])",
     .brief = "1 … n by the hash of x: stable groups for tests"}};
const ms_function_group_table ms_functions_number = {"number", numbers,
                                                     sizeof numbers / sizeof *numbers};
