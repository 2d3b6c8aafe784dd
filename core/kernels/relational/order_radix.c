/* Sorting rows by one word: the first digit from the top splits the rows into buckets that fit the cache (in
 * parallel, stable), and each bucket is sorted by the digits below from the bottom (Knuth, TAOCP 3, 5.2.5). What
 * all keys have in common is left out. Neither parts nor buckets depend on the number of threads. */
#include <string.h>

#include "core/kernels/relational/order_keys.h"

/* Buckets of 65,536 rows take up to half longer, of 1,024 up to half longer or a sixth less, by the key; the limit of
 * insertion hardly matters between 8 and 160: docs/speed.md. */
enum {
  INSERTION_MOST = 40,
  BUCKET_ROWS = 8192,
  TOP_BITS_MOST = 11,
  PARTS_MOST = 64,
  ASK_ROWS = 1 << 18
};

typedef struct {
  const uint64_t *key;
  const uint32_t *rows; /* NULL: all, in order */
  int64_t count;
  size_t parts;
  uint64_t low;       /* smallest key */
  unsigned top, rest; /* bits of the first digit and below it */
  uint64_t *lows, *highs;
  uint8_t *sorted;  /* by part: whether it is in order already */
  uint32_t *places; /* [parts][buckets] */
  void *entries, *spare;
  uint32_t *out;
} sorting;

static size_t buckets(const sorting *s) { return (size_t)1 << s->top; }
static inline uint32_t row_at(const sorting *s, int64_t i) {
  return s->rows ? s->rows[i] : (uint32_t)i;
}
static inline size_t bucket_of(const sorting *s, uint64_t key) {
  return s->top ? key >> s->rest : 0;
}
static ms_range part_of(const sorting *s, size_t part) {
  int64_t size = (s->count + (int64_t)s->parts - 1) / (int64_t)s->parts;
  int64_t first = (int64_t)part * size, left = s->count - first;
  if (left <= 0) return (ms_range){s->count, 0};
  return (ms_range){first, left < size ? left : size};
}

/* An entry of one word where key and row fit together, otherwise of two. */
typedef struct {
  uint64_t key;
  uint32_t row;
} wide;

#define NAME(x) narrow_##x
#define ENTRY uint64_t
#define KEY(entry) ((entry) >> 32)
#define ROW(entry) ((uint32_t)(entry))
#define MAKE(key, row) ((key) << 32 | (row))
#include "core/kernels/relational/order_radix.inc.c"

#define NAME(x) wide_##x
#define ENTRY wide
#define KEY(entry) ((entry).key)
#define ROW(entry) ((entry).row)
#define MAKE(key, row) ((wide){key, row})
#include "core/kernels/relational/order_radix.inc.c"

static ms_status find_range(ms_context *worker, void *state, size_t part) {
  sorting *s = state;
  ms_range range = part_of(s, part);
  uint64_t low = UINT64_MAX, high = 0, before = 0;
  bool sorted = true;
  (void)worker;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint64_t key = s->key[row_at(s, i)];
    sorted &= key >= before;
    before = key;
    low = key < low ? key : low;
    high = key > high ? key : high;
  }
  s->lows[part] = low;
  s->highs[part] = high;
  s->sorted[part] = sorted;
  return MS_OK;
}

static ms_status count_part(ms_context *worker, void *state, size_t part) {
  sorting *s = state;
  uint32_t *counts = s->places + part * buckets(s);
  memset(counts, 0, buckets(s) * sizeof *counts);
  ms_range range = part_of(s, part);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    counts[bucket_of(s, s->key[row_at(s, i)] - s->low)]++;
  }
  return MS_OK;
}

/* Counts to places: bucket by bucket, within it part by part. */
static void place(sorting *s) {
  uint32_t sum = 0;
  for (size_t b = 0; b < buckets(s); b++) {
    for (size_t part = 0; part < s->parts; part++) {
      uint32_t *at = &s->places[part * buckets(s) + b], here = *at;
      *at = sum;
      sum += here;
    }
  }
}

/* Sets low, the widths of the digits, and whether the keys are in order as they stand. */
static ms_status measure(ms_context *context, sorting *s, bool *in_order) {
  s->lows = ms_scratch(context, s->parts, sizeof *s->lows);
  s->highs = s->lows ? ms_scratch(context, s->parts, sizeof *s->highs) : NULL;
  s->sorted = s->highs ? ms_scratch(context, s->parts, sizeof *s->sorted) : NULL;
  if (!s->sorted) return MS_EMEMORY;
  ms_status status = ms_parallel(context, s->parts, find_range, s);
  if (status != MS_OK) return status;
  uint64_t low = UINT64_MAX, high = 0;
  *in_order = true;
  for (size_t p = 0; p < s->parts; p++) {
    if (part_of(s, p).count == 0) continue;
    *in_order = *in_order && s->sorted[p] && s->lows[p] >= high;
    low = s->lows[p] < low ? s->lows[p] : low;
    high = s->highs[p] > high ? s->highs[p] : high;
  }
  s->low = low;
  unsigned bits = high > low ? 64 - (unsigned)__builtin_clzll(high - low) : 0;
  while (s->top < TOP_BITS_MOST && s->count >> s->top > BUCKET_ROWS) s->top++;
  if (bits <= TOP_BITS_MOST && s->top > 0) s->top = bits;
  if (s->top > bits) s->top = bits;
  s->rest = bits - s->top;
  return MS_OK;
}

static ms_status sort_entries(ms_context *context, sorting *s) {
  bool narrow = s->top + s->rest <= 32;
  size_t size = narrow ? sizeof(uint64_t) : sizeof(wide);
  s->places = ms_scratch(context, s->parts * buckets(s), sizeof *s->places);
  s->entries = s->places ? ms_scratch(context, (size_t)s->count, size) : NULL;
  if (!s->entries) return MS_EMEMORY;
  s->spare = s->rest ? ms_scratch(context, (size_t)s->count, size) : s->entries;
  if (!s->spare) return MS_EMEMORY;
  ms_status status = ms_parallel(context, s->parts, count_part, s);
  if (status != MS_OK) return status;
  place(s);
  status = ms_parallel(context, s->parts, narrow ? narrow_scatter : wide_scatter, s);
  if (status != MS_OK) return status;
  return ms_parallel(context, buckets(s), narrow ? narrow_sort_bucket : wide_sort_bucket, s);
}

ms_status ms_order_word(ms_context *context, const uint64_t *key, const uint32_t *rows,
                        int64_t count, uint32_t *out) {
  sorting s = {.key = key, .rows = rows, .count = count, .out = out, .parts = ms_morsels(count)};
  bool in_order;
  if (count == 0) return MS_OK;
  if (s.parts > PARTS_MOST) s.parts = PARTS_MOST;
  ms_mark mark = ms_scratch_mark(context);
  ms_status status = measure(context, &s, &in_order);
  if (status == MS_OK && in_order) {
    for (int64_t i = 0; i < count; i++) out[i] = row_at(&s, i);
  } else if (status == MS_OK) {
    status = sort_entries(context, &s);
  }
  ms_scratch_release(context, mark);
  return status;
}
