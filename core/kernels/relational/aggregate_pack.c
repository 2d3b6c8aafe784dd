/* Several sums of small numbers in one word: a row adds once to one place for all of them. A part of the rows is short enough that
 * no sum leaves its bits; the parts' words are taken apart when the parts are put together. Only sums of numbers
 * that are never negative, over inputs that have a value in every row, and the count of rows are packed. */
#include "core/kernels/relational/aggregate_pack.h"

#include <string.h>

/* Most that a row adds to the measure, or -1 where it cannot be packed. */
static int64_t most_of(const ms_aggregates *plan, const ms_measure *measure) {
  if (measure->kind == MS_MEASURE_ROWS) return 1;
  const ms_measure_input *input = &plan->inputs[measure->input];
  if (measure->kind != MS_MEASURE_ADD || input->partial) return -1;
  const ms_column *x = input->x, *y = input->y ? input->y : x;
  if (x->low < 0 || y->low < 0 || x->high > (1 << 24) || y->high > (1 << 24)) return -1;
  switch (measure->term) {
    case MS_ADD_X: return x->high;
    case MS_ADD_Y: return y->high;
    case MS_ADD_XX: return x->high * x->high;
    case MS_ADD_YY: return y->high * y->high;
    case MS_ADD_XY: return x->high * y->high;
  }
  return -1;
}

static unsigned bits_for(uint64_t number) {
  return number ? 64 - (unsigned)__builtin_clzll(number) : 1;
}

/* First fit; the rows come first, so that they are in pack 0. */
static void place_lane(ms_packing *packing, unsigned *used, size_t measure, unsigned bits) {
  for (size_t pack = 0; pack < MS_PACKS_MOST; pack++) {
    if (used[pack] + bits > 64) continue;
    packing->lanes[packing->lane_count++] =
        (ms_lane){.measure = measure, .pack = pack, .shift = used[pack], .bits = bits};
    packing->packed[measure] = true;
    used[pack] += bits;
    if (pack + 1 > packing->pack_count) packing->pack_count = pack + 1;
    return;
  }
}

static void place_lanes(ms_packing *packing, const ms_aggregates *plan, int64_t rows) {
  unsigned used[MS_PACKS_MOST] = {0};
  for (unsigned bits = 64; bits > 0; bits--) {
    for (size_t m = 0; m < plan->measure_count; m++) {
      bool is_rows = plan->measures[m].kind == MS_MEASURE_ROWS;
      int64_t most = most_of(plan, &plan->measures[m]);
      uint64_t sum;
      if (most < 0 || __builtin_mul_overflow((uint64_t)most, (uint64_t)rows, &sum)) continue;
      /* the widest first; the rows before all */
      if (is_rows ? bits == 64 : bits_for(sum) == bits) {
        place_lane(packing, used, m, bits_for(sum));
        if (is_rows) packing->rows = true;
      }
    }
  }
}

ms_status ms_packing_new(ms_context *context, const ms_aggregates *plan, int64_t rows,
                         ms_packing *out) {
  size_t count = plan->measure_count, candidates = 0;
  *out = (ms_packing){0};
  out->lanes = ms_scratch(context, count, sizeof *out->lanes);
  out->packed = out->lanes ? ms_scratch_zero(context, count, sizeof *out->packed) : NULL;
  out->measures = out->packed ? ms_scratch(context, count, sizeof *out->measures) : NULL;
  if (!out->measures) return MS_EMEMORY;
  if (count) memcpy(out->measures, plan->measures, count * sizeof *out->measures);
  for (size_t m = 0; m < count; m++) candidates += most_of(plan, &plan->measures[m]) >= 0;
  if (candidates > 1) place_lanes(out, plan, rows);
  out->words = out->pack_count;
  if (out->rows) out->first = out->words++;
  for (size_t m = 0; m < count; m++) {
    if (out->packed[m]) continue;
    out->measures[m].offset = out->words;
    out->words += ms_measure_words(plan->measures[m].kind);
  }
  return MS_OK;
}

static void collect(const ms_lane *lane, const int64_t *x, const int64_t *y, size_t count,
                    uint64_t *sums) {
  unsigned shift = lane->shift;
  if (y) {
    for (size_t i = 0; i < count; i++) sums[i] += (uint64_t)(x[i] * y[i]) << shift;
  } else {
    for (size_t i = 0; i < count; i++) sums[i] += (uint64_t)x[i] << shift;
  }
}

void ms_packing_begin(const ms_packing *packing, size_t count, ms_pack_sums sums) {
  for (size_t pack = 0; pack < packing->pack_count; pack++) {
    /* a row counts one, in the lowest bits of pack 0 */
    uint64_t start = pack == 0 && packing->rows;
    for (size_t i = 0; i < count; i++) sums[pack][i] = start;
  }
}

void ms_packing_collect(const ms_packing *packing, size_t measure, const ms_batch *batch,
                        ms_pack_sums sums) {
  const ms_lane *lane = packing->lanes;
  while (lane->measure != measure) lane++;
  const int64_t *x = batch->x, *y = batch->y;
  uint64_t *out = sums[lane->pack];
  if (packing->measures[measure].kind == MS_MEASURE_ROWS) return; /* begun with */
  switch (packing->measures[measure].term) {
    case MS_ADD_X: collect(lane, x, NULL, batch->count, out); break;
    case MS_ADD_Y: collect(lane, y, NULL, batch->count, out); break;
    case MS_ADD_XX: collect(lane, x, x, batch->count, out); break;
    case MS_ADD_YY: collect(lane, y, y, batch->count, out); break;
    case MS_ADD_XY: collect(lane, x, y, batch->count, out); break;
  }
}

void ms_packing_update(const ms_packing *packing, uint64_t *table, const ms_batch *batch,
                       const ms_pack_sums sums) {
  const uint32_t *places = batch->places; /* copies, that stay in registers */
  size_t count = batch->count;
  for (size_t pack = 0; pack < packing->pack_count; pack++) {
    uint64_t *words = table + pack;
    if (pack == 0 && packing->rows) {
      uint64_t *first = table + packing->first;
      for (size_t i = 0; i < count; i++) {
        uint64_t word = words[places[i]];
        if (word == 0) first[places[i]] = batch->rows[i];
        words[places[i]] = word + sums[0][i];
      }
    } else {
      for (size_t i = 0; i < count; i++) words[places[i]] += sums[pack][i];
    }
  }
}

/* One lane of all slots. */
static void merge_lane(const ms_packing *packing, const ms_lane *lane, ms_measure_view out,
                       const uint64_t *from, size_t count) {
  uint64_t *to = out.words;
  uint64_t mask = lane->bits == 64 ? UINT64_MAX : (UINT64_C(1) << lane->bits) - 1;
  bool rows = packing->measures[lane->measure].kind == MS_MEASURE_ROWS;
  for (size_t i = 0; i < count; i++, to += out.stride, from += packing->words) {
    uint64_t sum = from[lane->pack] >> lane->shift & mask;
    uint64_t first = rows ? from[packing->first] : 0;
    if (rows && sum && (!*to || first < *to >> 32)) *to = first << 32 | (uint32_t)*to;
    *to += sum;
  }
}

void ms_packing_merge(const ms_packing *packing, const ms_aggregates *plan, uint64_t *to,
                      const uint64_t *from, size_t count) {
  for (size_t l = 0; l < packing->lane_count; l++) {
    const ms_lane *lane = &packing->lanes[l];
    ms_measure_view out = {to + plan->measures[lane->measure].offset, plan->words};
    merge_lane(packing, lane, out, from, count);
  }
  for (size_t m = 0; m < plan->measure_count; m++) {
    if (packing->packed[m]) continue;
    ms_measure_view out = {to + plan->measures[m].offset, plan->words};
    ms_measure_merge(&packing->measures[m], out, from, packing->words, count);
  }
}
