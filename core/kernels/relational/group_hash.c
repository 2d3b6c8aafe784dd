/* Groups by hashing 64-bit codes: radix partitioning, then a small table for each partition.
 *
 * 1. Each part of the rows counts its codes by the top bits of their hash (multiply-shift: Knuth, TAOCP 3,
 *    6.4), the counts become places, and codes and rows are scattered: partitions hold their rows in order.
 * 2. A partition's codes go through a hash table that fits the cache (linear probing, at most half full).
 *    The table knows the first row of each code; this is written as the row's id for now.
 * 3. A row that is its own first row begins a group. These rows are marked and numbered, and ids become
 *    numbers. Neither parts nor partitions depend on the number of threads. */
#include "core/kernels/relational/group_keys.h"

#include <string.h>

/* With partitions of an eighth or of eight times the rows, times were 0.8 to 1.3 times these: docs/speed.md. */
enum { PARTITION_ROWS = 16384, PARTITION_BITS_MOST = 12, PARTS_MOST = 64, TABLE_LEAST = 4096 };

typedef struct {
  uint64_t key;
  uint32_t row; /* first row, or MS_MISSING where the slot is empty */
} slot;

typedef struct {
  const ms_key_code *code;
  size_t parts;
  unsigned bits;    /* 2^bits partitions */
  uint32_t *places; /* [parts][partitions] */
  uint64_t *keys;   /* by partition */
  uint32_t *rows;
  uint32_t *ids;
  uint64_t *marks;
  uint32_t *before;
} hashed;

static inline uint64_t hash(uint64_t key) {
  key ^= key >> 32;
  return key * UINT64_C(0x9E3779B97F4A7C15);
}
static inline size_t partition_of(uint64_t hashed_key, unsigned bits) {
  return bits ? (size_t)(hashed_key >> (64 - bits)) : 0;
}
static size_t partitions(const hashed *h) { return (size_t)1 << h->bits; }

static ms_status count_part(ms_context *worker, void *state, size_t part) {
  hashed *h = state;
  uint32_t *counts = h->places + part * partitions(h);
  memset(counts, 0, partitions(h) * sizeof *counts);
  ms_range range = ms_part(h->code->rows, h->parts, part);
  uint64_t keys[MS_KEY_BLOCK];
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t left = range.count - done, n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    ms_key_block(h->code, range.first + done, n, keys);
    for (int64_t i = 0; i < n; i++) counts[partition_of(hash(keys[i]), h->bits)]++;
  }
  return MS_OK;
}

static ms_status scatter_part(ms_context *worker, void *state, size_t part) {
  hashed *h = state;
  uint32_t *places = h->places + part * partitions(h);
  ms_range range = ms_part(h->code->rows, h->parts, part);
  uint64_t keys[MS_KEY_BLOCK];
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t row = range.first + done, left = range.count - done;
    int64_t n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    ms_key_block(h->code, row, n, keys);
    for (int64_t i = 0; i < n; i++) {
      uint32_t at = places[partition_of(hash(keys[i]), h->bits)]++;
      h->keys[at] = keys[i];
      h->rows[at] = (uint32_t)(row + i);
    }
  }
  return MS_OK;
}

/* Counts to places: partition by partition, within it part by part. */
static void place(hashed *h) {
  uint32_t sum = 0;
  for (size_t p = 0; p < partitions(h); p++) {
    for (size_t part = 0; part < h->parts; part++) {
      uint32_t *at = &h->places[part * partitions(h) + p], count = *at;
      *at = sum;
      sum += count;
    }
  }
}

/* ---- one partition ---- */

typedef struct {
  slot *slots;
  size_t size, used;
  unsigned shift; /* the bits of the hash below the partition's choose the slot */
} table;

static bool table_new(ms_context *worker, table *t, size_t size, unsigned bits) {
  unsigned width = (unsigned)__builtin_ctzll(size);
  *t = (table){.slots = ms_scratch(worker, size, sizeof(slot)), .size = size};
  t->shift = bits + width > 64 ? 0 : 64 - bits - width;
  for (size_t i = 0; t->slots && i < size; i++) t->slots[i].row = MS_MISSING;
  return t->slots != NULL;
}

static inline slot *table_find(const table *t, uint64_t key) {
  size_t mask = t->size - 1;
  for (size_t i = hash(key) >> t->shift & mask;; i = (i + 1) & mask) {
    slot *s = &t->slots[i];
    if (s->row == MS_MISSING || s->key == key) return s;
  }
}

static bool table_grow(ms_context *worker, table *t, size_t most, unsigned bits) {
  table wide;
  size_t size = t->size * 8 < most ? t->size * 8 : most;
  if (!table_new(worker, &wide, size, bits)) return false;
  for (size_t i = 0; i < t->size; i++) {
    if (t->slots[i].row != MS_MISSING) *table_find(&wide, t->slots[i].key) = t->slots[i];
  }
  wide.used = t->used;
  *t = wide;
  return true;
}

static ms_status group_partition(ms_context *worker, void *state, size_t p) {
  hashed *h = state;
  /* after the scatter a place is the end of its piece; the last part's is the partition's */
  const uint32_t *ends = h->places + (h->parts - 1) * partitions(h);
  uint32_t begin = p ? ends[p - 1] : 0, end = ends[p];
  if (begin == end) return MS_OK;
  ms_mark mark = ms_scratch_mark(worker);
  size_t most = 64;
  while (most < (size_t)(end - begin) * 2) most *= 2;
  table t;
  if (!table_new(worker, &t, most < TABLE_LEAST ? most : TABLE_LEAST, h->bits)) return MS_EMEMORY;
  for (uint32_t i = begin; i < end; i++) {
    if ((i & 0xFFFF) == 0 && ms_cancelled(worker)) return MS_ECANCEL;
    slot *s = table_find(&t, h->keys[i]);
    if (s->row == MS_MISSING) {
      *s = (slot){h->keys[i], h->rows[i]};
      t.used++;
    }
    h->ids[h->rows[i]] = s->row;
    if (t.used * 2 > t.size && !table_grow(worker, &t, most, h->bits)) return MS_EMEMORY;
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* ---- numbering ---- */

static ms_status mark_part(ms_context *worker, void *state, size_t part) {
  hashed *h = state;
  (void)worker;
  ms_range range = ms_part(h->code->rows, h->parts, part);
  int64_t end = range.first + range.count;
  for (int64_t row = range.first; row < end; row += 64) {
    uint64_t word = 0;
    for (int64_t i = row; i < row + 64 && i < end; i++) {
      word |= (uint64_t)(h->ids[i] == (uint32_t)i) << (i & 63);
    }
    h->marks[row >> 6] = word;
  }
  return MS_OK;
}

static ms_status number_part(ms_context *worker, void *state, size_t part) {
  hashed *h = state;
  (void)worker;
  ms_range range = ms_part(h->code->rows, h->parts, part);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint32_t row = h->ids[i];
    uint64_t below = h->marks[row >> 6] & ((UINT64_C(1) << (row & 63)) - 1);
    h->ids[i] = h->before[row >> 6] + (uint32_t)__builtin_popcountll(below);
  }
  return MS_OK;
}

static ms_status number(ms_context *context, hashed *h, ms_groups *out) {
  size_t words = ms_bitmap_words(h->code->rows);
  h->marks = ms_scratch(context, words, sizeof *h->marks);
  h->before = h->marks ? ms_scratch(context, words, sizeof *h->before) : NULL;
  if (!h->before) return MS_EMEMORY;
  ms_status status = ms_parallel(context, h->parts, mark_part, h);
  if (status != MS_OK) return status;
  uint32_t *first = NULL;
  int64_t count = ms_group_number(context, h->marks, h->code->rows, h->before, &first);
  if (count < 0) return MS_EMEMORY;
  status = ms_parallel(context, h->parts, number_part, h);
  *out = (ms_groups){.count = count, .ids = h->ids, .first = first};
  return status;
}

ms_status ms_group_hashed(ms_context *context, const ms_key_code *code, ms_groups *out) {
  size_t rows = (size_t)code->rows;
  hashed h = {.code = code, .parts = ms_morsels(code->rows)};
  if (h.parts > PARTS_MOST) h.parts = PARTS_MOST;
  while (h.bits < PARTITION_BITS_MOST && rows >> h.bits > PARTITION_ROWS) h.bits++;
  h.ids = ms_scratch(context, rows, sizeof *h.ids);
  h.keys = h.ids ? ms_scratch(context, rows, sizeof *h.keys) : NULL;
  h.rows = h.keys ? ms_scratch(context, rows, sizeof *h.rows) : NULL;
  h.places = h.rows ? ms_scratch(context, h.parts * partitions(&h), sizeof *h.places) : NULL;
  if (!h.places) return MS_EMEMORY;
  ms_status status = ms_parallel(context, h.parts, count_part, &h);
  if (status == MS_OK) {
    place(&h);
    status = ms_parallel(context, h.parts, scatter_part, &h);
  }
  if (status == MS_OK) status = ms_parallel(context, partitions(&h), group_partition, &h);
  return status == MS_OK ? number(context, &h, out) : status;
}
