/* The rows of a join's right side by their keys.
 *
 * Dense keys index an array; if row i has key i, as in a table kept in the order of its numbers, even that is
 * spared. Other keys are hashed. Keys that repeat are brought together by sorting the rows by their code. */
#include "core/kernels/relational/join_table.h"

#include <stdatomic.h>
#include <string.h>

#include "core/kernels/relational/order_keys.h"

typedef struct {
  const ms_join_code *code;
  ms_join_table *table;
  atomic_uint *direct;
  atomic_bool twice, other;     /* a key was there before; a row whose code is not its number */
  atomic_uint fit_count, taken; /* right rows with a code; codes with a row */
  uint64_t *keys;
  uint64_t *fit_bits;   /* which right rows fit */
  uint32_t *fit_counts; /* by morsel */
  uint32_t *rows;
  ms_side side;
  uint32_t *entries;
} building;

static ms_range block_of(ms_range range, int64_t done) {
  int64_t left = range.count - done;
  return (ms_range){range.first + done, left < MS_JOIN_BLOCK ? left : MS_JOIN_BLOCK};
}

/* ---- dense keys ---- */

static ms_status check_same(ms_context *worker, void *state, size_t task) {
  building *b = state;
  ms_range range = ms_morsel(b->code->rows[MS_RIGHT], task);
  uint32_t codes[MS_JOIN_BLOCK];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t done = 0; done < range.count; done += MS_JOIN_BLOCK) {
    if (atomic_load_explicit(&b->other, memory_order_relaxed)) return MS_OK;
    ms_range block = block_of(range, done);
    ms_join_codes_narrow(b->code, MS_RIGHT, block, codes);
    bool same = true;
    for (int64_t i = 0; i < block.count; i++) same &= codes[i] == (uint32_t)(block.first + i);
    if (!same) atomic_store_explicit(&b->other, true, memory_order_relaxed);
  }
  return MS_OK;
}

/* A key that was there before is seen here, unless two threads write it at the same moment; count_direct sees those.
 * An exchange would see all, but no two rows could wait for memory together. */
static ms_status fill_direct(ms_context *worker, void *state, size_t task) {
  building *b = state;
  ms_range range = ms_morsel(b->code->rows[MS_RIGHT], task);
  uint32_t codes[MS_JOIN_BLOCK], fits = 0;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t done = 0; done < range.count; done += MS_JOIN_BLOCK) {
    if (atomic_load_explicit(&b->twice, memory_order_relaxed)) return MS_OK;
    ms_range block = block_of(range, done);
    ms_join_codes_narrow(b->code, MS_RIGHT, block, codes);
    bool twice = false;
    for (int64_t i = 0; i < block.count; i++) {
      if (codes[i] == MS_MISSING) continue;
      atomic_uint *place = &b->direct[codes[i]];
      twice |= atomic_load_explicit(place, memory_order_relaxed) != MS_MISSING;
      atomic_store_explicit(place, (uint32_t)(block.first + i), memory_order_relaxed);
      fits++;
    }
    if (twice) atomic_store_explicit(&b->twice, true, memory_order_relaxed);
  }
  atomic_fetch_add_explicit(&b->fit_count, fits, memory_order_relaxed);
  return MS_OK;
}

static ms_status clear_direct(ms_context *worker, void *state, size_t task) {
  building *b = state;
  ms_range range = ms_morsel((int64_t)b->code->range, task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  memset(b->direct + range.first, 0xFF, (size_t)range.count * sizeof *b->direct);
  return MS_OK;
}

static ms_status count_direct(ms_context *worker, void *state, size_t task) {
  building *b = state;
  const uint32_t *direct = b->table->direct;
  ms_range range = ms_morsel((int64_t)b->code->range, task);
  uint32_t taken = 0;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    taken += direct[i] != MS_MISSING;
  }
  atomic_fetch_add_explicit(&b->taken, taken, memory_order_relaxed);
  return MS_OK;
}

/* MS_JOIN_SAME or MS_JOIN_DIRECT where each key is there once; otherwise *twice. */
static ms_status build_dense(ms_context *context, building *b, bool *twice) {
  uint64_t range = b->code->range;
  int64_t rows = b->code->rows[MS_RIGHT];
  ms_join_table *table = b->table;
  table->unique = true;
  table->count = rows;
  *twice = false;
  if ((uint64_t)rows == range) {
    ms_status status = ms_parallel(context, ms_morsels(rows), check_same, b);
    if (status != MS_OK) return status;
    table->kind = MS_JOIN_SAME;
    if (!atomic_load(&b->other)) return MS_OK;
  }
  b->direct = ms_scratch(context, range, sizeof *b->direct);
  if (!b->direct) return MS_EMEMORY;
  table->kind = MS_JOIN_DIRECT;
  table->direct = (const uint32_t *)(const void *)b->direct;
  size_t pieces = ms_morsels((int64_t)range);
  ms_status status = ms_parallel(context, pieces, clear_direct, b);
  if (status == MS_OK) status = ms_parallel(context, ms_morsels(rows), fill_direct, b);
  *twice = atomic_load(&b->twice);
  if (status != MS_OK || *twice) return status;
  status = ms_parallel(context, pieces, count_direct, b);
  *twice = atomic_load(&b->taken) != atomic_load(&b->fit_count);
  return status;
}

/* ---- keys and rows of the right side, for hashing and sorting ---- */

static ms_status fill_keys(ms_context *worker, void *state, size_t task) {
  building *b = state;
  ms_range range = ms_morsel(b->code->rows[MS_RIGHT], task);
  uint8_t fits[MS_JOIN_BLOCK];
  uint32_t count = 0;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t done = 0; done < range.count; done += MS_JOIN_BLOCK) {
    ms_range block = block_of(range, done);
    ms_join_codes(b->code, MS_RIGHT, block, b->keys + block.first, fits);
    count += (uint32_t)ms_bitmap_pack(fits, block.first, block.count, b->fit_bits);
  }
  b->fit_counts[task] = count;
  return MS_OK;
}

/* Fills `keys` for all rows and lists in `rows` those that fit; *count of them. */
static ms_status collect(ms_context *context, building *b, int64_t *count) {
  int64_t rows = b->code->rows[MS_RIGHT];
  size_t morsels = ms_morsels(rows);
  b->keys = ms_scratch(context, (size_t)rows, sizeof *b->keys);
  b->fit_bits = b->keys ? ms_scratch_zero(context, ms_bitmap_words(rows), sizeof(uint64_t)) : NULL;
  b->fit_counts = b->fit_bits ? ms_scratch(context, morsels, sizeof *b->fit_counts) : NULL;
  if (!b->fit_counts) return MS_EMEMORY;
  ms_status status = ms_parallel(context, morsels, fill_keys, b);
  if (status != MS_OK) return status;
  *count = 0;
  for (size_t m = 0; m < morsels; m++) *count += b->fit_counts[m];
  b->rows = ms_scratch(context, (size_t)*count + 1, sizeof *b->rows);
  if (!b->rows) return MS_EMEMORY;
  uint32_t *at = b->rows;
  for (size_t w = 0; w < ms_bitmap_words(rows); w++) {
    for (uint64_t left = b->fit_bits[w]; left; left &= left - 1) {
      *at++ = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
    }
  }
  return MS_OK;
}

/* ---- keys that repeat ---- */

/* Starts over codes: entry = code. `sorted`: the rows by their code. */
static ms_status starts_of_codes(ms_context *context, building *b, const uint32_t *sorted,
                                 int64_t count) {
  uint64_t range = b->code->range;
  uint32_t *starts = ms_scratch(context, range + 1, sizeof *starts);
  if (!starts) return MS_EMEMORY;
  uint64_t code = 0;
  starts[0] = 0;
  for (int64_t i = 0; i < count; i++) {
    for (uint64_t key = b->keys[sorted[i]]; code < key;) starts[++code] = (uint32_t)i;
  }
  while (code < range) starts[++code] = (uint32_t)count;
  b->table->kind = MS_JOIN_SAME;
  b->table->count = (int64_t)range;
  b->table->starts = starts;
  return MS_OK;
}

/* Starts over distinct keys, which are hashed: entry = number of the key in order. */
static ms_status starts_of_keys(ms_context *context, building *b, const uint32_t *sorted,
                                int64_t count) {
  uint32_t *starts = ms_scratch(context, (size_t)count + 1, sizeof *starts);
  uint64_t *keys = starts ? ms_scratch(context, (size_t)count + 1, sizeof *keys) : NULL;
  if (!keys) return MS_EMEMORY;
  int64_t n = 0;
  for (int64_t i = 0; i < count; i++) {
    uint64_t key = b->keys[sorted[i]];
    if (n > 0 && keys[n - 1] == key) continue;
    starts[n] = (uint32_t)i;
    keys[n++] = key;
  }
  starts[n] = (uint32_t)count;
  bool twice;
  b->table->count = n;
  b->table->starts = starts;
  return ms_join_hash_new(context, &(ms_join_entries){.keys = keys, .count = n}, b->table, &twice);
}

static ms_status build_repeated(ms_context *context, building *b, int64_t count, bool dense) {
  uint32_t *sorted = ms_scratch(context, (size_t)count + 1, sizeof *sorted);
  if (!sorted) return MS_EMEMORY;
  ms_status status = ms_order_word(context, b->keys, b->rows, count, sorted);
  if (status != MS_OK) return status;
  b->table->unique = false;
  b->table->members = sorted;
  return dense ? starts_of_codes(context, b, sorted, count)
               : starts_of_keys(context, b, sorted, count);
}

/* ---- all ---- */

ms_status ms_join_table_new(ms_context *context, const ms_join_code *code, ms_join_table *out) {
  building b = {.code = code, .table = out};
  *out = (ms_join_table){.code = code};
  /* At 8 codes a row the array was faster than hashing in every case measured; at 16 it is
   * not where a million rows meet few (docs/speed.md). */
  uint64_t room = (uint64_t)code->rows[MS_RIGHT] * 8 + 65536;
  bool dense = code->range && code->range <= room && code->range < MS_MISSING, twice = false;
  int64_t count;
  ms_status status = dense ? build_dense(context, &b, &twice) : MS_OK;
  if (status != MS_OK || (dense && !twice)) return status;
  status = collect(context, &b, &count);
  if (status != MS_OK) return status;
  if (!dense) {
    /* rows that do not fit are left out: keys and rows side by side */
    uint64_t *keys = ms_scratch(context, (size_t)count + 1, sizeof *keys);
    if (!keys) return MS_EMEMORY;
    for (int64_t i = 0; i < count; i++) keys[i] = b.keys[b.rows[i]];
    ms_join_entries entries = {keys, b.rows, count};
    out->unique = true;
    out->count = code->rows[MS_RIGHT];
    status = ms_join_hash_new(context, &entries, out, &twice);
    if (status != MS_OK || !twice) return status;
  }
  return build_repeated(context, &b, count, dense);
}

/* ---- looking up ---- */

static void find_hashed(const ms_join_table *table, ms_side side, ms_range range,
                        uint32_t *entries) {
  uint64_t keys[MS_JOIN_BLOCK];
  uint8_t fits[MS_JOIN_BLOCK];
  const ms_join_slot *slots[MS_JOIN_BLOCK];
  ms_join_codes(table->code, side, range, keys, fits);
  for (int64_t i = 0; i < range.count; i++) {
    uint64_t hash = ms_join_hash(keys[i]);
    const ms_join_part *part = &table->parts[table->bits ? hash >> (64 - table->bits) : 0];
    slots[i] = &table->slots[part->offset + (hash & part->mask)];
    __builtin_prefetch(slots[i]);
  }
  for (int64_t i = 0; i < range.count; i++) {
    const ms_join_slot *slot = slots[i];
    if (fits[i] && slot->value != MS_MISSING && slot->key != keys[i]) {
      uint64_t hash = ms_join_hash(keys[i]);
      const ms_join_part *part = &table->parts[table->bits ? hash >> (64 - table->bits) : 0];
      size_t at = hash & part->mask;
      do {
        at = (at + 1) & part->mask;
        slot = &table->slots[part->offset + at];
      } while (slot->value != MS_MISSING && slot->key != keys[i]);
    }
    entries[i] = fits[i] ? slot->value : MS_MISSING;
  }
}

void ms_join_find(const ms_join_table *table, ms_side side, ms_range range, uint32_t *entries) {
  if (table->kind == MS_JOIN_HASHED) {
    find_hashed(table, side, range, entries);
    return;
  }
  ms_join_codes_narrow(table->code, side, range, entries);
  if (table->kind == MS_JOIN_SAME) return;
  const uint32_t *direct = table->direct;
  for (int64_t i = 0; i < range.count; i++) {
    entries[i] = entries[i] == MS_MISSING ? MS_MISSING : direct[entries[i]];
  }
}

static ms_status find_morsel(ms_context *worker, void *state, size_t task) {
  building *b = state;
  ms_range range = ms_morsel(b->code->rows[b->side], task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t done = 0; done < range.count; done += MS_JOIN_BLOCK) {
    ms_range block = block_of(range, done);
    ms_join_find(b->table, b->side, block, b->entries + block.first);
  }
  return MS_OK;
}

ms_status ms_join_find_all(ms_context *context, const ms_join_table *table, ms_side side,
                           uint32_t *entries) {
  ms_join_table copy = *table;
  building b = {.code = table->code, .table = &copy, .side = side, .entries = entries};
  return ms_parallel(context, ms_morsels(table->code->rows[side]), find_morsel, &b);
}
