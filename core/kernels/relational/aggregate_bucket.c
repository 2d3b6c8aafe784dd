/* Rows distributed by ranges of slots: a counting sort that keeps the order of the rows within a range. */
#include "core/kernels/relational/aggregate.h"

#include <string.h>

enum { PARTS_MOST = 64 };

typedef struct {
  const ms_key_code *code;
  ms_buckets *buckets;
  size_t parts;
  uint32_t *places; /* [parts][buckets] */
} distribution;

static ms_status count_part(ms_context *worker, void *state, size_t part) {
  distribution *d = state;
  size_t buckets = d->buckets->count;
  unsigned shift = d->buckets->shift;
  uint32_t *counts = d->places + part * buckets, slots[MS_KEY_BLOCK];
  memset(counts, 0, buckets * sizeof *counts);
  ms_range range = ms_part(d->code->rows, d->parts, part);
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t left = range.count - done, n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    ms_key_block_narrow(d->code, range.first + done, n, slots);
    for (int64_t i = 0; i < n; i++) counts[slots[i] >> shift]++;
  }
  return MS_OK;
}

static ms_status scatter_part(ms_context *worker, void *state, size_t part) {
  distribution *d = state;
  unsigned shift = d->buckets->shift;
  uint32_t *places = d->places + part * d->buckets->count, slots[MS_KEY_BLOCK];
  uint32_t mask = (UINT32_C(1) << shift) - 1;
  ms_range range = ms_part(d->code->rows, d->parts, part);
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t row = range.first + done, left = range.count - done;
    int64_t n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    ms_key_block_narrow(d->code, row, n, slots);
    for (int64_t i = 0; i < n; i++) {
      uint32_t at = places[slots[i] >> shift]++;
      d->buckets->pairs[at] = (uint64_t)(slots[i] & mask) << 32 | (uint64_t)(row + i);
    }
  }
  return MS_OK;
}

ms_status ms_buckets_new(ms_context *context, const ms_key_code *code, size_t width,
                         ms_buckets *out) {
  unsigned shift = (unsigned)__builtin_ctzll(width);
  size_t count = (size_t)((code->range + width - 1) >> shift);
  *out = (ms_buckets){.count = count, .shift = shift, .slots = (int64_t)code->range};
  distribution d = {.code = code, .buckets = out, .parts = ms_morsels(code->rows)};
  if (d.parts > PARTS_MOST) d.parts = PARTS_MOST;
  out->ends = ms_scratch(context, count, sizeof *out->ends);
  out->pairs = out->ends ? ms_scratch(context, (size_t)code->rows, sizeof *out->pairs) : NULL;
  d.places = out->pairs ? ms_scratch(context, d.parts * count, sizeof *d.places) : NULL;
  if (!d.places) return MS_EMEMORY;
  ms_status status = ms_parallel(context, d.parts, count_part, &d);
  if (status != MS_OK) return status;
  uint32_t sum = 0;
  for (size_t b = 0; b < count; b++) {
    for (size_t part = 0; part < d.parts; part++) {
      uint32_t *at = &d.places[part * count + b], rows = *at;
      *at = sum;
      sum += rows;
    }
    out->ends[b] = sum;
  }
  return ms_parallel(context, d.parts, scatter_part, &d);
}
