/* The best few rows of each group: a short sorted list for each group, into which a row goes if it beats the last. Fixed
 * parts of the rows have lists of their own, which are put together in the order of the parts; so earlier rows win
 * ties, and threads change nothing. */
#include "core/kernels/relational/group_best.h"

#include <string.h>

enum { MOST = 16, PARTS_MOST = 16, BYTES_MOST = 64 << 20 };
/* Ranks of what is not a number; numbers are above, an empty place is 0. */
enum { RANK_NULL = 1, RANK_NAN = 2, RANK_LEAST = 3 };

typedef struct {
  uint64_t rank; /* greater is better */
  uint32_t row;
} entry;

typedef struct {
  const ms_groups *groups;
  const ms_sort_key *order;
  size_t n, parts;
  entry *lists; /* [parts][groups][n] */
} best;

bool ms_group_best_fits(const ms_sort_key *order, int64_t n) {
  const ms_column *column = order->column;
  if (n < 1 || n > MOST || column->type == MS_TEXT || order->nulls_first) return false;
  if (column->type == MS_REAL || column->low > column->high) return true;
  return (uint64_t)column->high - (uint64_t)column->low < UINT64_MAX - RANK_LEAST;
}

static inline uint64_t rank_of_real(double value, bool descending) {
  uint64_t bits;
  value += 0.0;
  memcpy(&bits, &value, sizeof bits);
  uint64_t rank = bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
  if (value != value) return RANK_NAN;
  return descending ? rank : ~rank;
}

static void load_ranks(const ms_sort_key *order, int64_t first, int64_t count, uint64_t *ranks) {
  const ms_column *column = order->column;
  bool down = order->descending;
  if (column->type == MS_REAL) {
    const double *values = (const double *)ms_column_data(column) + first;
    for (int64_t i = 0; i < count; i++) ranks[i] = rank_of_real(values[i], down);
  } else {
    int64_t values[MS_KEY_BLOCK];
    ms_load_int64(column, first, count, values);
    uint64_t low = (uint64_t)column->low, high = (uint64_t)column->high;
    for (int64_t i = 0; i < count; i++) {
      uint64_t value = (uint64_t)values[i];
      ranks[i] = (down ? value - low : high - value) + RANK_LEAST;
    }
  }
  if (column->nulls == 0) return;
  const uint64_t *bits = ms_column_bits(column);
  for (int64_t i = 0; i < count; i++) ranks[i] = ms_bit(bits, first + i) ? ranks[i] : RANK_NULL;
}

static inline void offer(entry *list, size_t n, entry candidate) {
  if (candidate.rank <= list[n - 1].rank) return;
  size_t at = n - 1;
  for (; at > 0 && candidate.rank > list[at - 1].rank; at--) list[at] = list[at - 1];
  list[at] = candidate;
}

static ms_status run_part(ms_context *worker, void *state, size_t part) {
  best *b = state;
  size_t size = (size_t)b->groups->count * b->n;
  entry *lists = b->lists + part * size;
  memset(lists, 0, size * sizeof *lists);
  ms_range range = ms_part(b->order->column->rows, b->parts, part);
  uint64_t ranks[MS_KEY_BLOCK];
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t row = range.first + done, left = range.count - done;
    int64_t count = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    const uint32_t *ids = b->groups->ids + row;
    load_ranks(b->order, row, count, ranks);
    for (int64_t i = 0; i < count; i++) {
      offer(lists + ids[i] * b->n, b->n, (entry){ranks[i], (uint32_t)(row + i)});
    }
  }
  return MS_OK;
}

/* Lists of parts 1 … offered to those of part 0. */
static ms_status merge_piece(ms_context *worker, void *state, size_t piece) {
  best *b = state;
  (void)worker;
  size_t size = (size_t)b->groups->count * b->n;
  ms_range range = ms_morsel(b->groups->count, piece);
  for (size_t part = 1; part < b->parts; part++) {
    for (int64_t g = range.first; g < range.first + range.count; g++) {
      entry *list = b->lists + (size_t)g * b->n, *from = list + part * size;
      for (size_t i = 0; i < b->n && from[i].rank; i++) offer(list, b->n, from[i]);
    }
  }
  return MS_OK;
}

uint32_t *ms_group_best(ms_context *context, const ms_groups *groups, const ms_sort_key *order,
                        int64_t n, int64_t *count) {
  best b = {.groups = groups, .order = order, .n = (size_t)n};
  size_t size = (size_t)groups->count * b.n;
  b.parts = BYTES_MOST / (size * sizeof *b.lists + 1);
  size_t morsels = ms_morsels(order->column->rows);
  if (b.parts > PARTS_MOST) b.parts = PARTS_MOST;
  if (b.parts > morsels) b.parts = morsels;
  if (b.parts < 1) b.parts = 1;
  b.lists = ms_scratch(context, b.parts * size, sizeof *b.lists);
  uint32_t *rows = b.lists ? ms_scratch(context, size, sizeof *rows) : NULL;
  if (!rows || ms_parallel(context, b.parts, run_part, &b) != MS_OK) return NULL;
  if (ms_parallel(context, ms_morsels(groups->count), merge_piece, &b) != MS_OK) return NULL;
  int64_t used = 0;
  for (size_t i = 0; i < size; i++) {
    if (b.lists[i].rank) rows[used++] = b.lists[i].row;
  }
  *count = used;
  return rows;
}
