/* Texts of two dictionaries as numbers: each entry gets the number of the first entry on the right with its text.
 *
 * All texts are hashed on all threads, the right ones scattered by the top bits of their hash, and each part becomes a
 * table of its own, in the order of the entries, so that the first one wins. Equal hashes are compared as texts. */
#include <string.h>
#include <xxhash.h>

#include "core/kernels/relational/join_keys.h"

enum { PART_ENTRIES = 8192, BITS_MOST = 11 };

typedef struct {
  uint64_t hash;
  uint32_t entry; /* MS_MISSING: empty */
} slot;

typedef struct {
  size_t offset, mask;
} part;

typedef struct {
  const ms_dictionary *side[2];
  uint64_t *hashes;  /* of the right entries */
  uint32_t *places;  /* [morsels][parts] */
  uint32_t *entries; /* right ones, part after part */
  slot *slots;
  part *parts;
  unsigned bits;
  uint32_t *map[2];
} numbering;

static size_t parts_of(const numbering *n) { return (size_t)1 << n->bits; }
static inline size_t part_of(const numbering *n, uint64_t hash) {
  return n->bits ? hash >> (64 - n->bits) : 0;
}
static inline uint64_t hash_of(ms_slice text) { return XXH3_64bits(text.data, text.size); }

static ms_status hash_right(ms_context *worker, void *state, size_t task) {
  numbering *n = state;
  const ms_dictionary *right = n->side[MS_RIGHT];
  uint32_t *counts = n->places + task * parts_of(n);
  memset(counts, 0, parts_of(n) * sizeof *counts);
  ms_range range = ms_morsel(right->count, task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    n->hashes[i] = hash_of(ms_dictionary_entry(right, i));
    counts[part_of(n, n->hashes[i])]++;
  }
  return MS_OK;
}

static ms_status scatter(ms_context *worker, void *state, size_t task) {
  numbering *n = state;
  uint32_t *places = n->places + task * parts_of(n);
  ms_range range = ms_morsel(n->side[MS_RIGHT]->count, task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    n->entries[places[part_of(n, n->hashes[i])]++] = (uint32_t)i;
  }
  return MS_OK;
}

/* The slot of the text, or the empty one where it belongs. */
static inline slot *find(const numbering *n, ms_slice text, uint64_t hash) {
  part p = n->parts[part_of(n, hash)];
  for (size_t at = hash & p.mask;; at = (at + 1) & p.mask) {
    slot *s = &n->slots[p.offset + at];
    if (s->entry == MS_MISSING) return s;
    if (s->hash != hash) continue;
    if (ms_slice_equal(ms_dictionary_entry(n->side[MS_RIGHT], s->entry), text)) return s;
  }
}

static ms_status fill_part(ms_context *worker, void *state, size_t p) {
  numbering *n = state;
  const ms_dictionary *right = n->side[MS_RIGHT];
  /* after the scatter a place is the end of its piece; the last morsel's is the part's */
  const uint32_t *ends = n->places + (ms_morsels(right->count) - 1) * parts_of(n);
  slot *slots = n->slots + n->parts[p].offset;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (size_t i = 0; i <= n->parts[p].mask; i++) slots[i].entry = MS_MISSING;
  for (uint32_t i = p ? ends[p - 1] : 0; i < ends[p]; i++) {
    uint32_t entry = n->entries[i];
    slot *s = find(n, ms_dictionary_entry(right, entry), n->hashes[entry]);
    if (s->entry == MS_MISSING) *s = (slot){n->hashes[entry], entry};
    n->map[MS_RIGHT][entry] = s->entry;
  }
  return MS_OK;
}

/* Slots, then texts, are asked for before they are needed: each look-up would wait for memory twice. */
static ms_status find_left(ms_context *worker, void *state, size_t task) {
  enum { BATCH = 64 };
  numbering *n = state;
  const ms_dictionary *left = n->side[MS_LEFT];
  const int64_t *offsets = (const int64_t *)(const void *)n->side[MS_RIGHT]->offsets->data;
  ms_range range = ms_morsel(left->count, task);
  uint64_t hashes[BATCH];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t first = range.first; first < range.first + range.count; first += BATCH) {
    int64_t rest = range.first + range.count - first, count = rest < BATCH ? rest : BATCH;
    for (int64_t i = 0; i < count; i++) {
      hashes[i] = hash_of(ms_dictionary_entry(left, first + i));
      part p = n->parts[part_of(n, hashes[i])];
      __builtin_prefetch(&n->slots[p.offset + (hashes[i] & p.mask)]);
    }
    for (int64_t i = 0; i < count; i++) {
      part p = n->parts[part_of(n, hashes[i])];
      const slot *s = &n->slots[p.offset + (hashes[i] & p.mask)];
      if (s->entry != MS_MISSING) __builtin_prefetch(&offsets[s->entry]);
    }
    for (int64_t i = 0; i < count; i++) {
      slot *s = find(n, ms_dictionary_entry(left, first + i), hashes[i]);
      n->map[MS_LEFT][first + i] = s->entry;
    }
  }
  return MS_OK;
}

static size_t place(numbering *n) {
  size_t morsels = ms_morsels(n->side[MS_RIGHT]->count), offset = 0;
  uint32_t sum = 0;
  for (size_t p = 0; p < parts_of(n); p++) {
    uint32_t begin = sum;
    for (size_t task = 0; task < morsels; task++) {
      uint32_t *at = &n->places[task * parts_of(n) + p], here = *at;
      *at = sum;
      sum += here;
    }
    size_t size = 4;
    while (size < (size_t)(sum - begin) * 2) size *= 2;
    n->parts[p] = (part){offset, size - 1};
    offset += size;
  }
  return offset;
}

static bool make_room(ms_context *context, numbering *n) {
  size_t right = (size_t)n->side[MS_RIGHT]->count, left = (size_t)n->side[MS_LEFT]->count;
  size_t morsels = ms_morsels(n->side[MS_RIGHT]->count);
  while (n->bits < BITS_MOST && right >> n->bits > PART_ENTRIES) n->bits++;
  n->hashes = ms_scratch(context, right, sizeof *n->hashes);
  n->places = ms_scratch(context, morsels * parts_of(n), sizeof *n->places);
  n->entries = ms_scratch(context, right, sizeof *n->entries);
  n->parts = ms_scratch(context, parts_of(n), sizeof *n->parts);
  n->map[MS_RIGHT] = ms_scratch(context, right, sizeof *n->map[MS_RIGHT]);
  n->map[MS_LEFT] = ms_scratch(context, left, sizeof *n->map[MS_LEFT]);
  return n->hashes && n->places && n->entries && n->parts && n->map[MS_RIGHT] && n->map[MS_LEFT];
}

ms_status ms_join_texts(ms_context *context, const ms_dictionary *const *sides, uint32_t **maps) {
  numbering n = {.side = {sides[MS_LEFT], sides[MS_RIGHT]}};
  if (!make_room(context, &n)) return MS_EMEMORY;
  size_t morsels = ms_morsels(sides[MS_RIGHT]->count);
  ms_status status = ms_parallel(context, morsels, hash_right, &n);
  if (status != MS_OK) return status;
  n.slots = ms_scratch(context, place(&n), sizeof *n.slots);
  if (!n.slots) return MS_EMEMORY;
  status = ms_parallel(context, morsels, scatter, &n);
  if (status == MS_OK) status = ms_parallel(context, parts_of(&n), fill_part, &n);
  if (status == MS_OK) {
    status = ms_parallel(context, ms_morsels(sides[MS_LEFT]->count), find_left, &n);
  }
  maps[MS_LEFT] = n.map[MS_LEFT];
  maps[MS_RIGHT] = n.map[MS_RIGHT];
  return status;
}
