/* The measures: how a row changes a slot's words, and how the words of two parts are put together.
 *
 * Sums of reals carry the error of every addition (Neumaier, ZAMM 54, 1974), so that they hardly depend on the order of
 * the rows or on what else is computed. Deviations follow Welford (Technometrics 4, 1962) and are combined as
 * Chan, Golub and LeVeque (COMPSTAT 1982) do. */
#include "core/kernels/relational/aggregate.h"

#include <string.h>

static inline double real_of(uint64_t word) {
  double value;
  memcpy(&value, &word, sizeof value);
  return value;
}
static inline uint64_t word_of(double value) {
  uint64_t word;
  memcpy(&word, &value, sizeof word);
  return word;
}

static void update_rows(uint64_t *table, const ms_batch *b) {
  for (size_t i = 0; i < b->count; i++) {
    uint64_t *word = table + b->places[i];
    *word = (*word ? *word : (uint64_t)b->rows[i] << 32) + 1;
  }
}

static void update_values(uint64_t *table, const ms_batch *b) {
  for (size_t i = 0; i < b->count; i++) table[b->places[i]]++;
}

static void update_add(ms_measure_term term, uint64_t *table, const ms_batch *b) {
  const int64_t *x = term == MS_ADD_Y || term == MS_ADD_YY ? b->y : b->x;
  const int64_t *y = term == MS_ADD_XX ? b->x : b->y;
  if (term == MS_ADD_X || term == MS_ADD_Y) {
    for (size_t i = 0; i < b->count; i++) table[b->places[i]] += (uint64_t)x[i];
  } else {
    for (size_t i = 0; i < b->count; i++) table[b->places[i]] += (uint64_t)(x[i] * y[i]);
  }
}

static inline void add_wide(uint64_t *words, uint64_t low, uint64_t high) {
  words[0] += low;
  words[1] += high + (words[0] < low);
}

static void update_wide(uint64_t *table, const ms_batch *b) {
  for (size_t i = 0; i < b->count; i++) {
    add_wide(table + b->places[i], (uint64_t)b->x[i], b->x[i] < 0 ? UINT64_MAX : 0);
  }
}

static inline void add_real(uint64_t *words, double x) {
  double sum = real_of(words[0]), next = sum + x, back = next - sum;
  words[0] = word_of(next);
  __asm__(
      ""
      : "+m"(words[0])); /* two stores: the next row's loads wait longer for one of both words */
  words[1] = word_of(real_of(words[1]) + ((sum - (next - back)) + (x - back)));
}

static void update_real(uint64_t *table, const ms_batch *b) {
  const double *x = (const double *)(const void *)b->x;
  const uint32_t *places = b->places;
  for (size_t i = 0, count = b->count; i < count; i++) add_real(table + places[i], x[i]);
}

/* Unsigned numbers in the order of the values; NaN is above all, also where the least is wanted. */
static inline uint64_t key_of_integer(int64_t x) { return (uint64_t)x ^ UINT64_C(1) << 63; }
static inline uint64_t key_of_real(double x, bool low) {
  uint64_t bits = word_of(x + 0.0);
  uint64_t key = bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
  if (x != x) return UINT64_MAX;
  return low ? ~key : key;
}
static inline void raise_to(uint64_t *word, uint64_t key) { *word = key > *word ? key : *word; }

static void update_most(const ms_measure *measure, uint64_t *table, const ms_batch *b) {
  const double *reals = (const double *)(const void *)b->x;
  bool low = measure->key == MS_KEY_LOW;
  if (measure->key == MS_KEY_FIRST) {
    for (size_t i = 0; i < b->count; i++) raise_to(table + b->places[i], UINT32_MAX - b->rows[i]);
  } else if (measure->key == MS_KEY_LAST) {
    for (size_t i = 0; i < b->count; i++) {
      raise_to(table + b->places[i], (uint64_t)b->rows[i] + 1);
    }
  } else if (b->real) {
    for (size_t i = 0; i < b->count; i++) {
      raise_to(table + b->places[i], key_of_real(reals[i], low));
    }
  } else {
    uint64_t flip = low ? UINT64_MAX : 0;
    for (size_t i = 0; i < b->count; i++) {
      raise_to(table + b->places[i], key_of_integer(b->x[i]) ^ flip);
    }
  }
}

static void update_moments(uint64_t *table, const ms_batch *b) {
  const double *x = (const double *)(const void *)b->x;
  for (size_t i = 0; i < b->count; i++) {
    uint64_t *words = table + b->places[i];
    double mean = real_of(words[1]), apart = x[i] - mean;
    mean += apart / (double)++words[0];
    words[1] = word_of(mean);
    words[2] = word_of(real_of(words[2]) + apart * (x[i] - mean));
  }
}

static void update_comoments(uint64_t *table, const ms_batch *b) {
  const double *xs = (const double *)(const void *)b->x, *ys = (const double *)(const void *)b->y;
  for (size_t i = 0; i < b->count; i++) {
    uint64_t *words = table + b->places[i];
    double share = 1.0 / (double)++words[0], x = real_of(words[1]), y = real_of(words[2]);
    double dx = xs[i] - x, dy = ys[i] - y;
    x += dx * share;
    y += dy * share;
    words[1] = word_of(x);
    words[2] = word_of(y);
    words[3] = word_of(real_of(words[3]) + dx * (xs[i] - x));
    words[4] = word_of(real_of(words[4]) + dy * (ys[i] - y));
    words[5] = word_of(real_of(words[5]) + dx * (ys[i] - y));
  }
}

void ms_measure_update(const ms_measure *measure, uint64_t *table, const ms_batch *batch) {
  table += measure->offset;
  switch (measure->kind) {
    case MS_MEASURE_ROWS: update_rows(table, batch); break;
    case MS_MEASURE_VALUES: update_values(table, batch); break;
    case MS_MEASURE_ADD: update_add(measure->term, table, batch); break;
    case MS_MEASURE_WIDE: update_wide(table, batch); break;
    case MS_MEASURE_REAL: update_real(table, batch); break;
    case MS_MEASURE_MOST: update_most(measure, table, batch); break;
    case MS_MEASURE_MOMENTS: update_moments(table, batch); break;
    case MS_MEASURE_COMOMENTS: update_comoments(table, batch); break;
  }
}

/* ---- two parts ---- */

static void merge_moments(uint64_t *to, const uint64_t *from) {
  double m = (double)to[0], n = (double)from[0], apart = real_of(from[1]) - real_of(to[1]);
  double share = n / (m + n);
  to[0] += from[0];
  to[1] = word_of(real_of(to[1]) + apart * share);
  to[2] = word_of(real_of(to[2]) + real_of(from[2]) + apart * apart * m * share);
}

static void merge_comoments(uint64_t *to, const uint64_t *from) {
  double m = (double)to[0], n = (double)from[0], share = n / (m + n);
  double dx = real_of(from[1]) - real_of(to[1]), dy = real_of(from[2]) - real_of(to[2]);
  to[0] += from[0];
  to[1] = word_of(real_of(to[1]) + dx * share);
  to[2] = word_of(real_of(to[2]) + dy * share);
  to[3] = word_of(real_of(to[3]) + real_of(from[3]) + dx * dx * m * share);
  to[4] = word_of(real_of(to[4]) + real_of(from[4]) + dy * dy * m * share);
  to[5] = word_of(real_of(to[5]) + real_of(from[5]) + dx * dy * m * share);
}

static inline void merge_one(ms_measure_kind kind, uint64_t *to, const uint64_t *from) {
  switch (kind) {
    case MS_MEASURE_ROWS:
      if (*from && (!*to || *from < *to)) /* the earlier first row; both counts */
        *to = *from + (uint32_t)*to;
      else
        *to += (uint32_t)*from;
      break;
    case MS_MEASURE_VALUES:
    case MS_MEASURE_ADD: *to += *from; break;
    case MS_MEASURE_WIDE: add_wide(to, from[0], from[1]); break;
    case MS_MEASURE_REAL: {
      double error = real_of(from[1]);
      add_real(to, real_of(from[0]));
      to[1] = word_of(real_of(to[1]) + error);
      break;
    }
    case MS_MEASURE_MOST: raise_to(to, *from); break;
    case MS_MEASURE_MOMENTS:
      if (from[0]) merge_moments(to, from);
      break;
    case MS_MEASURE_COMOMENTS:
      if (from[0]) merge_comoments(to, from);
      break;
  }
}

void ms_measure_merge(const ms_measure *measure, ms_measure_view to, const uint64_t *from,
                      size_t stride, size_t count) {
  ms_measure_kind kind = measure->kind;
  uint64_t *out = to.words;
  from += measure->offset;
  for (size_t i = 0; i < count; i++, out += to.stride, from += stride) merge_one(kind, out, from);
}
