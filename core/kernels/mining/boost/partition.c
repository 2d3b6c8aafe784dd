/* Dividing the rows of nodes by their cuts, in pieces: each piece puts its left and right rows apart, then all are moved to
 * their places. */
#include "core/kernels/mining/boost/grow.h"

#include <string.h>

typedef struct {
  ms_division *division;
  int list;
  uint32_t begin, count;      /* in the list */
  uint32_t left;              /* found */
  uint32_t to_left, to_right; /* where they go */
} piece;

typedef struct {
  ms_grower *grower;
  piece *pieces;
} dividing;

static inline bool goes_left(const ms_division *d, uint32_t bin, uint32_t missing) {
  const ms_cut *cut = &d->node->cut;
  if (bin == missing) return cut->missing_left;
  return d->set ? ms_set_has(d->set, bin) : bin <= cut->bin;
}

/* Without branches: each row is written to both sides and counted on one. */
static inline __attribute__((always_inline)) void part_rows(const ms_grower *grower, piece *p,
                                                            bool wide, bool plain) {
  const ms_bins *bins = grower->bins;
  const ms_cut *cut = &p->division->node->cut;
  size_t from = (size_t)cut->column * (size_t)bins->rows;
  uint32_t missing = bins->columns[cut->column].bins;
  const uint32_t *rows = grower->rows[p->list] + p->begin;
  uint32_t *left = grower->moved[0] + p->begin, *right = grower->moved[1] + p->begin;
  uint32_t l = 0, r = 0;
  for (uint32_t i = 0; i < p->count; i++) {
    uint32_t row = rows[i], bin = ms_bin_at(bins->by_column, from + row, wide);
    uint32_t goes = plain ? bin <= cut->bin : goes_left(p->division, bin, missing);
    left[l] = row;
    right[r] = row;
    l += goes;
    r += 1 - goes;
  }
  p->left = l;
}

static ms_status part_task(ms_context *worker, void *state, size_t task) {
  dividing *d = state;
  piece *p = &d->pieces[task];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  const ms_cut *cut = &p->division->node->cut;
  const ms_bin_column *column = &d->grower->bins->columns[cut->column];
  /* Missing has the highest bin, so that it goes right by itself. */
  bool plain = !p->division->set && (!column->holes || !cut->missing_left);
  if (d->grower->bins->wide)
    part_rows(d->grower, p, true, false);
  else if (plain)
    part_rows(d->grower, p, false, true);
  else
    part_rows(d->grower, p, false, false);
  return MS_OK;
}

static ms_status move_task(ms_context *worker, void *state, size_t task) {
  (void)worker;
  const dividing *d = state;
  const piece *p = &d->pieces[task];
  uint32_t *rows = d->grower->rows[p->list];
  memcpy(rows + p->to_left, d->grower->moved[0] + p->begin, p->left * sizeof *rows);
  memcpy(rows + p->to_right, d->grower->moved[1] + p->begin, (p->count - p->left) * sizeof *rows);
  return MS_OK;
}

static size_t pieces_of(uint32_t count) { return (count + MS_PIECE - 1) / MS_PIECE; }

/* Where the pieces of a division's list go, once it is known how many of each are left. */
static void place(ms_division *division, int list, piece *pieces, size_t count) {
  uint32_t left = division->node->spans[list].begin, total = 0;
  for (size_t i = 0; i < count; i++) total += pieces[i].left;
  uint32_t right = left + total;
  for (size_t i = 0; i < count; i++) {
    pieces[i].to_left = left;
    pieces[i].to_right = right;
    left += pieces[i].left;
    right += pieces[i].count - pieces[i].left;
  }
  division->left[list] = total;
}

static ms_status divide_list(ms_context *context, dividing *d, ms_division *divisions, size_t count,
                             int list) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    const ms_span *span = &divisions[i].node->spans[list];
    divisions[i].left[list] = 0;
    for (uint32_t at = 0; at < span->count; at += MS_PIECE) {
      uint32_t most = span->count - at < MS_PIECE ? span->count - at : MS_PIECE;
      d->pieces[n++] = (piece){
          .division = &divisions[i], .list = list, .begin = span->begin + at, .count = most};
    }
  }
  ms_status status = ms_parallel(context, n, part_task, d);
  if (status != MS_OK) return status;
  n = 0;
  for (size_t i = 0; i < count; i++) {
    size_t own = pieces_of(divisions[i].node->spans[list].count);
    place(&divisions[i], list, d->pieces + n, own);
    n += own;
  }
  return ms_parallel(context, n, move_task, d);
}

ms_status ms_divide(ms_context *context, ms_grower *grower, ms_division *divisions, size_t count) {
  size_t room = 1;
  for (size_t i = 0; i < count; i++) {
    room += pieces_of(divisions[i].node->spans[0].count);
    room += pieces_of(divisions[i].node->spans[1].count);
  }
  ms_mark mark = ms_scratch_mark(context);
  dividing d = {grower, ms_scratch(context, room, sizeof(piece))};
  if (!d.pieces) return MS_EMEMORY;
  ms_status status = divide_list(context, &d, divisions, count, 0);
  if (status == MS_OK && grower->count[1]) status = divide_list(context, &d, divisions, count, 1);
  ms_scratch_release(context, mark);
  return status;
}
