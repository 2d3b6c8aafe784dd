/* What a join looks keys up in: the rows of the right side by their code. */
#ifndef MS_KERNELS_RELATIONAL_JOIN_TABLE_H
#define MS_KERNELS_RELATIONAL_JOIN_TABLE_H

#include "core/kernels/relational/join_keys.h"

typedef struct {
  uint64_t key;
  uint32_t value; /* MS_MISSING: an empty slot */
} ms_join_slot;

/* A part of a hash table: slots [offset … offset + mask], a power of two of them. */
typedef struct {
  size_t offset;
  size_t mask;
} ms_join_part;

/* Looking a code up gives an entry: the right row itself where every key is there once (`unique`), otherwise the
 * number of the key, whose rows are members[starts[entry]] … members[starts[entry + 1] - 1], ascending. */
typedef struct {
  const ms_join_code *code;
  bool unique;
  int64_t count;          /* entries are below it */
  const uint32_t *starts; /* [count + 1] */
  const uint32_t *members;
  enum { MS_JOIN_SAME, MS_JOIN_DIRECT, MS_JOIN_HASHED } kind; /* same: the code is the entry */
  const uint32_t *direct;                                     /* [range]: entry, or MS_MISSING */
  ms_join_slot *slots;
  ms_join_part *parts;
  unsigned bits; /* 2^bits parts, by the top bits of the hash */
} ms_join_table;

/* In scratch. O(rows + range) or O(rows). */
ms_status ms_join_table_new(ms_context *context, const ms_join_code *code, ms_join_table *out);

/* Entries of rows first … first + count - 1 (count ≤ MS_JOIN_BLOCK), MS_MISSING where there is none. */
void ms_join_find(const ms_join_table *table, ms_side side, ms_range range, uint32_t *entries);
/* Of all rows of a side. Threads. */
ms_status ms_join_find_all(ms_context *context, const ms_join_table *table, ms_side side,
                           uint32_t *entries);

static inline uint32_t ms_join_rows(const ms_join_table *table, uint32_t entry) {
  if (entry == MS_MISSING) return 0;
  return table->unique ? 1 : table->starts[entry + 1] - table->starts[entry];
}

static inline uint64_t ms_join_hash(uint64_t key) {
  key ^= key >> 32;
  key *= UINT64_C(0xD6E8FEB86659FD93);
  key ^= key >> 32;
  return key * UINT64_C(0xD6E8FEB86659FD93);
}

/* ---- core/kernels/relational/join_hash.c ---- */

/* Fills slots, parts and bits from keys[i] → values[i], i < count (values NULL: i itself). *twice: a key was there
 * more than once, and the table is of no use. */
typedef struct {
  const uint64_t *keys;
  const uint32_t *values;
  int64_t count;
} ms_join_entries;
ms_status ms_join_hash_new(ms_context *context, const ms_join_entries *entries, ms_join_table *out,
                           bool *twice);

#endif
