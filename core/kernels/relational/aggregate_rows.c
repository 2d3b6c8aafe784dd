/* Aggregates by rows: a fixed number of parts of the rows, each with a table of all slots, put together in the order of
 * the parts. Parts may pack several sums into one word (aggregate_pack.h). Where there are few slots, a part has several
 * copies of its table and row i goes to copy i % copies, since a row that adds to the place of a row shortly before
 * it would wait for that row's store. */
#include "core/kernels/relational/aggregate_pack.h"

#include <string.h>

enum { TABLES_MOST = 256 << 20, PARTS_MOST = 16, MERGE_SLOTS = 1024 };
/* copies of a part's table: a power of two; all of them in half of a first-level cache. Measured:
 * docs/speed.md */
enum { COPIES_MOST = 4, COPIES_SIZE = 16 << 10, COPIES_ROWS = 1 << 17 };

typedef struct {
  ms_aggregates *plan;
  ms_packing packing;
  size_t parts, copies;
  uint64_t *parts_tables; /* [parts][copies][slots][packing.words] */
  uint64_t *table;        /* [slots][plan->words] */
  int64_t groups;
} run;

static ms_status run_part(ms_context *worker, void *state, size_t part) {
  run *r = state;
  const ms_packing *packing = &r->packing;
  size_t copy = (size_t)r->plan->code.range * packing->words, size = copy * r->copies;
  uint64_t *table = r->parts_tables + part * size;
  ms_workspace *w = ms_scratch_zero(worker, 1, sizeof *w);
  if (!w) return MS_EMEMORY;
  w->packing = packing;
  memset(table, 0, size * sizeof *table);
  ms_range range = ms_part(r->plan->rows, r->parts, part);
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t row = range.first + done, left = range.count - done;
    int64_t n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    ms_key_block_narrow(&r->plan->code, row, n, w->places);
    for (int64_t i = 0; i < n; i++) {
      w->rows[i] = (uint32_t)(row + i);
      w->places[i] = w->places[i] * (uint32_t)packing->words +
                     (w->rows[i] & (uint32_t)(r->copies - 1)) * (uint32_t)copy;
    }
    ms_packing_begin(packing, (size_t)n, w->sums);
    ms_rows rows = {.first = row, .count = (size_t)n};
    for (size_t i = 0; i < r->plan->input_count; i++) {
      ms_aggregates_update(r->plan, i, &rows, w, table);
    }
    ms_batch batch = {.count = (size_t)n, .places = w->places, .rows = w->rows};
    ms_packing_update(packing, table, &batch, w->sums);
  }
  return MS_OK;
}

/* The parts put together in their order, a piece of the slots; piece by piece through the cache. */
static ms_status merge_piece(ms_context *worker, void *state, size_t piece) {
  run *r = state;
  (void)worker;
  size_t words = r->plan->words, part_words = r->packing.words;
  size_t range = (size_t)r->plan->code.range, first = piece * MERGE_SLOTS, left = range - first;
  size_t count = left < MERGE_SLOTS ? left : MERGE_SLOTS;
  uint64_t *to = r->table + first * words;
  memset(to, 0, count * words * sizeof *to);
  for (size_t part = 0; part < r->parts * r->copies; part++) {
    const uint64_t *from = r->parts_tables + (part * range + first) * part_words;
    ms_packing_merge(&r->packing, r->plan, to, from, count);
  }
  return MS_OK;
}

/* Finds the groups of a direct table: the slots with rows, in the order of their first rows. */
static ms_status order_slots(ms_context *context, run *r, ms_groups *groups) {
  size_t words = r->plan->words, row_words = ms_bitmap_words(r->plan->rows);
  uint64_t *marks = ms_scratch_zero(context, row_words, sizeof *marks);
  uint32_t *before = marks ? ms_scratch(context, row_words, sizeof *before) : NULL;
  uint32_t *first = NULL;
  if (!before) return MS_EMEMORY;
  for (uint64_t s = 0; s < r->plan->code.range; s++) {
    uint64_t word = r->table[s * words];
    if (word) ms_bit_set(marks, (int64_t)(word >> 32));
  }
  int64_t count = ms_group_number(context, marks, r->plan->rows, before, &first);
  uint32_t *slots = count < 0 ? NULL : ms_scratch(context, (size_t)count, sizeof *slots);
  if (!slots) return MS_EMEMORY;
  for (int64_t g = 0; g < count; g++) ms_key_block_narrow(&r->plan->code, first[g], 1, &slots[g]);
  r->plan->slots = slots;
  *groups = (ms_groups){.count = count, .first = first};
  return MS_OK;
}

static ms_status finish_piece(ms_context *worker, void *state, size_t piece) {
  run *r = state;
  ms_range range = ms_morsel(r->groups, piece);
  size_t words = r->plan->words;
  const uint64_t *table = r->table + (r->plan->slots ? 0 : (size_t)range.first * words);
  return ms_aggregates_finish(worker, r->plan, table,
                              r->plan->slots ? r->plan->slots + range.first : NULL, range);
}

/* How many parts: more keep more threads busy, but each has its tables to clear and to merge. */
static size_t parts_for(const ms_aggregates *plan) {
  size_t range = (size_t)plan->code.range, size = range * plan->words * sizeof(uint64_t);
  size_t parts = ms_morsels(plan->rows), most = (size_t)plan->rows / (16 * range + 1);
  if (most < 4) most = 4;
  if (most > PARTS_MOST) most = PARTS_MOST;
  if (most > TABLES_MOST / (size + 1)) most = TABLES_MOST / (size + 1);
  if (parts > most) parts = most;
  return parts ? parts : 1;
}

/* How many copies of the table a part has, and the layout of each: a copy sees so many fewer rows, so that its sums need
 * fewer bits. Both follow from the rows and slots alone, as the parts do. */
static ms_status choose_layout(run *r) {
  ms_aggregates *plan = r->plan;
  int64_t rows = ms_part(plan->rows, r->parts, 0).count;
  for (r->copies = plan->rows < COPIES_ROWS ? 1 : COPIES_MOST;; r->copies /= 2) {
    int64_t of_copy = (rows + (int64_t)r->copies - 1) / (int64_t)r->copies;
    ms_status status = ms_packing_new(plan->context, plan, of_copy, &r->packing);
    size_t size = (size_t)plan->code.range * r->packing.words * sizeof(uint64_t);
    if (status != MS_OK || r->copies == 1 || r->copies * size <= COPIES_SIZE) return status;
  }
}

ms_status ms_aggregates_by_rows(ms_aggregates *plan, ms_groups *groups) {
  ms_context *context = plan->context;
  size_t range = (size_t)plan->code.range;
  run r = {.plan = plan, .parts = parts_for(plan)};
  ms_status status = choose_layout(&r);
  if (status != MS_OK) return status;
  r.parts_tables =
      ms_scratch(context, r.parts * r.copies * range, r.packing.words * sizeof(uint64_t));
  r.table = r.parts_tables ? ms_scratch(context, range, plan->words * sizeof(uint64_t)) : NULL;
  if (!r.table) return MS_EMEMORY;
  status = ms_parallel(context, r.parts, run_part, &r);
  if (status != MS_OK) return status;
  status = ms_parallel(context, (range + MERGE_SLOTS - 1) / MERGE_SLOTS, merge_piece, &r);
  if (status == MS_OK && !groups->ids) status = order_slots(context, &r, groups);
  r.groups = groups->count;
  if (status == MS_OK) status = ms_aggregates_room(plan, groups->count);
  if (status != MS_OK) return status;
  return ms_parallel(context, ms_morsels(groups->count), finish_piece, &r);
}
