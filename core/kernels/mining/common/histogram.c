/* Filling histograms: rows of bins one after the other, a sum a column and row. */
#include "core/kernels/mining/common/histogram.h"

#include <math.h>
#include <string.h>

/* Rows up to which gradients have a word each. */
enum { PAIRS_MOST = 65536, AHEAD = 16 };

ms_status ms_gradients_new(ms_context *context, int64_t rows, bool exact, ms_gradients *out) {
  *out = (ms_gradients){.rows = rows};
  if (exact || rows <= PAIRS_MOST)
    out->pairs = ms_scratch(context, (size_t)rows + 1, sizeof *out->pairs);
  else
    out->packed = ms_scratch(context, (size_t)rows + 1, sizeof *out->packed);
  return out->pairs || out->packed ? MS_OK : MS_EMEMORY;
}

typedef struct {
  ms_gradients *gradients;
  const double *g, *h;
  uint32_t seed;
  double *most; /* morsel: largest |g|, largest h */
} setting;

static ms_status find_most(ms_context *worker, void *state, size_t task) {
  const setting *s = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(s->gradients->rows, task);
  double g = 0, h = 0;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    double size = fabs(s->g[i]);
    g = size > g ? size : g;
    h = s->h[i] > h ? s->h[i] : h;
  }
  s->most[2 * task] = g;
  s->most[2 * task + 1] = h;
  return MS_OK;
}

/* Two numbers below 1 of 16 random bits each, by the finaliser of MurmurHash3. */
static inline uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bU;
  x ^= x >> 13;
  x *= 0xc2b2ae35U;
  return x ^ x >> 16;
}

static void set_packed(const setting *s, ms_range range) {
  float per_g = (float)(1 / s->gradients->unit_g), per_h = (float)(1 / s->gradients->unit_h);
  uint64_t *to = s->gradients->packed;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint32_t random = mix((uint32_t)i * 0x9e3779b9U ^ s->seed);
    /* 32768 is added and taken off, so that cutting the fraction off is rounding down. */
    float g = (float)s->g[i] * per_g + 32768.0f + (float)(random & 0xffff) * 0x1p-16f;
    float h = (float)s->h[i] * per_h + (float)(random >> 16) * 0x1p-16f;
    to[i] = ((uint64_t)(int64_t)((int32_t)g - 32768) << 32) + (uint64_t)(int32_t)h;
  }
}

static ms_status set_morsel(ms_context *worker, void *state, size_t task) {
  const setting *s = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(s->gradients->rows, task);
  if (s->gradients->packed) {
    set_packed(s, range);
    return MS_OK;
  }
  ms_gradient_sum *to = s->gradients->pairs;
  double per_g = 1 / s->gradients->unit_g, per_h = 1 / s->gradients->unit_h;
  for (int64_t i = range.first; i < range.first + range.count; i++)
    to[i] = (ms_gradient_sum){llrint(s->g[i] * per_g), llrint(s->h[i] * per_h)};
  return MS_OK;
}

/* The power of two whose multiples up to `most`, added `rows` times, stay below 2^61. */
static double unit_of(double most, int64_t rows) {
  int size;
  (void)frexp(most * (double)rows, &size);
  return ldexp(1, size - 61);
}

ms_status ms_gradients_set(ms_context *context, ms_gradients *gradients, const double *g,
                           const double *h, uint64_t seed) {
  size_t morsels = ms_morsels(gradients->rows);
  ms_mark mark = ms_scratch_mark(context);
  setting s = {.gradients = gradients, .g = g, .h = h, .seed = mix((uint32_t)seed + 1)};
  s.most = ms_scratch(context, 2 * morsels + 1, sizeof *s.most);
  if (!s.most) return MS_EMEMORY;
  ms_status status = ms_parallel(context, morsels, find_most, &s);
  if (status != MS_OK) return status;
  double most_g = 0, most_h = 0;
  for (size_t m = 0; m < morsels; m++) {
    most_g = fmax(most_g, s.most[2 * m]);
    most_h = fmax(most_h, s.most[2 * m + 1]);
  }
  if (!isfinite(most_g) || !isfinite(most_h))
    return ms_fail(context, MS_EDATA, "gradients that are too large to be added up");
  bool packed = gradients->packed;
  /* Not so small that 1 / unit is infinite. */
  most_g = fmax(most_g, 1e-30), most_h = fmax(most_h, 1e-30);
  gradients->unit_g = packed ? most_g / 32766 : unit_of(most_g, gradients->rows);
  gradients->unit_h = packed ? most_h / 65534 : unit_of(most_h, gradients->rows);
  status = ms_parallel(context, morsels, set_morsel, &s);
  ms_scratch_release(context, mark);
  return status;
}

/* ---- filling ---- */

size_t ms_histogram_slots(const ms_bins *bins) {
  return bins->wide ? bins->first[bins->count] : bins->count * 256;
}

/* Four columns a step: their bins are read as one word. */
static void fill_packed(const ms_bins *bins, const uint64_t *packed,
                        const ms_histogram_piece *piece) {
  const uint8_t *by_row = bins->by_row;
  const uint32_t *rows = piece->rows;
  size_t columns = bins->count, fours = columns & ~(size_t)3;
  uint64_t *sums = piece->sums;
  for (uint32_t i = 0; i < piece->count; i++) {
    /* The list of rows has room behind its end. */
    uint32_t next = rows[i + AHEAD < piece->count ? i + AHEAD : i];
    __builtin_prefetch(by_row + (size_t)next * columns);
    __builtin_prefetch(packed + next);
    uint32_t row = rows[i];
    uint64_t value = packed[row];
    const uint8_t *bin = by_row + (size_t)row * columns;
    uint64_t *to = sums;
    for (size_t c = 0; c < fours; c += 4, to += 1024) {
      uint32_t word;
      memcpy(&word, bin + c, 4);
      to[word & 255] += value;
      to[256 + (word >> 8 & 255)] += value;
      to[512 + (word >> 16 & 255)] += value;
      to[768 + (word >> 24)] += value;
    }
    for (size_t c = fours; c < columns; c++, to += 256) to[bin[c]] += value;
  }
}

static inline __attribute__((always_inline)) void fill_pairs(const ms_bins *bins,
                                                             const ms_gradient_sum *pairs,
                                                             const ms_histogram_piece *piece,
                                                             bool wide) {
  size_t columns = bins->count;
  ms_gradient_sum *sums = piece->sums;
  for (uint32_t i = 0; i < piece->count; i++) {
    size_t row = piece->rows[i];
    ms_gradient_sum value = pairs[row];
    for (size_t c = 0; c < columns; c++) {
      ms_gradient_sum *to = sums + (wide ? bins->first[c] : c * 256) +
                            ms_bin_at(bins->by_row, row * columns + c, wide);
      to->g += value.g;
      to->h += value.h;
    }
  }
}

typedef struct {
  const ms_bins *bins;
  const ms_gradients *gradients;
  const ms_histogram_piece *pieces;
} filling;

static ms_status fill_task(ms_context *worker, void *state, size_t task) {
  const filling *f = state;
  const ms_histogram_piece *piece = &f->pieces[task];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  memset(piece->sums, 0, ms_histogram_slots(f->bins) * ms_histogram_size(f->gradients));
  if (f->gradients->packed)
    fill_packed(f->bins, f->gradients->packed, piece);
  else if (f->bins->wide)
    fill_pairs(f->bins, f->gradients->pairs, piece, true);
  else
    fill_pairs(f->bins, f->gradients->pairs, piece, false);
  return MS_OK;
}

ms_status ms_histogram_fill(ms_context *context, const ms_bins *bins, const ms_gradients *gradients,
                            const ms_histogram_piece *pieces, size_t count) {
  filling f = {bins, gradients, pieces};
  return ms_parallel(context, count, fill_task, &f);
}

void ms_histogram_add(const ms_bins *bins, const ms_gradients *gradients, const void *sums,
                      size_t column, ms_gradient_sum *to) {
  size_t first = ms_histogram_first(bins, column), count = bins->columns[column].bins + 1;
  if (!gradients->packed) {
    const ms_gradient_sum *from = (const ms_gradient_sum *)sums + first;
    for (size_t b = 0; b < count; b++) to[b].g += from[b].g, to[b].h += from[b].h;
    return;
  }
  const uint64_t *from = (const uint64_t *)sums + first;
  for (size_t b = 0; b < count; b++) {
    uint64_t h = from[b] & UINT32_MAX;
    to[b].h += (int64_t)h;
    to[b].g += (int64_t)(from[b] - h) >> 32;
  }
}
