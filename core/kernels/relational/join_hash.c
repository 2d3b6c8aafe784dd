/* A hash table of a join, in parts that fit the cache while they are filled (radix partitioning: Manegold, Boncz and
 * Kersten 2002): entries are scattered by the top bits of their hash, then each part is filled on its own. Linear
 * probing, at most half full. */
#include <stdatomic.h>
#include <string.h>

#include "core/kernels/relational/join_table.h"

/* With parts of an eighth or of eight times the entries, times were 0.9 to 1.2 times these: docs/speed.md. */
enum { PART_ENTRIES = 16384, BITS_MOST = 11 };

typedef struct {
  const ms_join_entries *entries;
  ms_join_table *table;
  uint32_t *places; /* [tasks][parts] */
  uint64_t *keys;   /* by part */
  uint32_t *values;
  atomic_bool twice;
} filling;

static size_t parts_of(const filling *f) { return (size_t)1 << f->table->bits; }
static inline size_t part_of(const filling *f, uint64_t key) {
  return f->table->bits ? ms_join_hash(key) >> (64 - f->table->bits) : 0;
}

static ms_status count_keys(ms_context *worker, void *state, size_t task) {
  filling *f = state;
  uint32_t *counts = f->places + task * parts_of(f);
  memset(counts, 0, parts_of(f) * sizeof *counts);
  ms_range range = ms_morsel(f->entries->count, task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    counts[part_of(f, f->entries->keys[i])]++;
  }
  return MS_OK;
}

static ms_status scatter(ms_context *worker, void *state, size_t task) {
  filling *f = state;
  uint32_t *places = f->places + task * parts_of(f);
  const uint32_t *values = f->entries->values;
  ms_range range = ms_morsel(f->entries->count, task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint64_t key = f->entries->keys[i];
    uint32_t at = places[part_of(f, key)]++;
    f->keys[at] = key;
    f->values[at] = values ? values[i] : (uint32_t)i;
  }
  return MS_OK;
}

static ms_status fill_part(ms_context *worker, void *state, size_t p) {
  filling *f = state;
  /* after the scatter a place is the end of its piece; the last task's is the part's */
  const uint32_t *ends = f->places + (ms_morsels(f->entries->count) - 1) * parts_of(f);
  uint32_t begin = p ? ends[p - 1] : 0;
  ms_join_part part = f->table->parts[p];
  ms_join_slot *slots = f->table->slots + part.offset;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (size_t i = 0; i <= part.mask; i++) slots[i].value = MS_MISSING;
  for (uint32_t i = begin; i < ends[p]; i++) {
    uint64_t key = f->keys[i];
    size_t at = ms_join_hash(key) & part.mask;
    for (; slots[at].value != MS_MISSING; at = (at + 1) & part.mask) {
      if (slots[at].key != key) continue;
      atomic_store_explicit(&f->twice, true, memory_order_relaxed);
      return MS_OK;
    }
    slots[at] = (ms_join_slot){key, f->values[i]};
  }
  return MS_OK;
}

/* Counts to places, and the size of each part from its count. */
static size_t place(filling *f) {
  size_t tasks = ms_morsels(f->entries->count), offset = 0;
  uint32_t sum = 0;
  for (size_t p = 0; p < parts_of(f); p++) {
    uint32_t begin = sum;
    for (size_t task = 0; task < tasks; task++) {
      uint32_t *at = &f->places[task * parts_of(f) + p], here = *at;
      *at = sum;
      sum += here;
    }
    size_t size = 4;
    while (size < (size_t)(sum - begin) * 2) size *= 2;
    f->table->parts[p] = (ms_join_part){offset, size - 1};
    offset += size;
  }
  return offset;
}

ms_status ms_join_hash_new(ms_context *context, const ms_join_entries *entries, ms_join_table *out,
                           bool *twice) {
  filling f = {.entries = entries, .table = out};
  size_t count = (size_t)entries->count, tasks = ms_morsels(entries->count);
  out->kind = MS_JOIN_HASHED;
  out->bits = 0;
  *twice = false;
  while (out->bits < BITS_MOST && count >> out->bits > PART_ENTRIES) out->bits++;
  out->parts = ms_scratch(context, parts_of(&f), sizeof *out->parts);
  f.places = out->parts ? ms_scratch(context, (tasks + 1) * parts_of(&f), sizeof *f.places) : NULL;
  f.keys = f.places ? ms_scratch(context, count + 1, sizeof *f.keys) : NULL;
  f.values = f.keys ? ms_scratch(context, count + 1, sizeof *f.values) : NULL;
  if (!f.values) return MS_EMEMORY;
  ms_status status = ms_parallel(context, tasks, count_keys, &f);
  if (status != MS_OK) return status;
  size_t size = place(&f);
  out->slots = ms_scratch(context, size, sizeof *out->slots);
  if (!out->slots) return MS_EMEMORY;
  if (count == 0) {
    for (size_t i = 0; i < size; i++) out->slots[i].value = MS_MISSING;
    return MS_OK;
  }
  status = ms_parallel(context, tasks, scatter, &f);
  if (status == MS_OK) status = ms_parallel(context, parts_of(&f), fill_part, &f);
  *twice = atomic_load(&f.twice);
  return status;
}
