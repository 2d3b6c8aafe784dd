/* The assignment problem: shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957; this form: Jonker and
 * Volgenant 1987). Row 0 and column 0 of the arrays are nobody's, so that 0 can mean "none". */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <math.h>

typedef struct {
  size_t columns;
  const double *costs;
  double *row_price, *column_price, *least;
  size_t *owner, *from; /* of each column: the row that has it; the column before it on the path */
  bool *used;
} problem;

/* Extends the tree from the column at its end to the nearest free one; which that is. */
static size_t step(problem *p, size_t at) {
  size_t row = p->owner[at], next = 0;
  double shortest = INFINITY;
  for (size_t j = 1; j <= p->columns; j++) {
    if (p->used[j]) continue;
    double cost = p->costs[(row - 1) * p->columns + j - 1] - p->row_price[row] - p->column_price[j];
    if (cost < p->least[j]) {
      p->least[j] = cost;
      p->from[j] = at;
    }
    if (p->least[j] < shortest || next == 0) {
      shortest = p->least[j];
      next = j;
    }
  }
  for (size_t j = 0; j <= p->columns; j++) {
    if (p->used[j]) {
      p->row_price[p->owner[j]] += shortest;
      p->column_price[j] -= shortest;
    } else {
      p->least[j] -= shortest;
    }
  }
  return next;
}

ms_status ms_assignment(ms_context *context, size_t rows, size_t columns, const double *costs,
                        size_t *column) {
  problem p = {.columns = columns, .costs = costs};
  p.row_price = ms_scratch_zero(context, rows + 1, sizeof *p.row_price);
  p.column_price = ms_scratch_zero(context, columns + 1, sizeof *p.column_price);
  p.least = ms_scratch(context, columns + 1, sizeof *p.least);
  p.owner = ms_scratch_zero(context, columns + 1, sizeof *p.owner);
  p.from = ms_scratch_zero(context, columns + 1, sizeof *p.from);
  p.used = ms_scratch(context, columns + 1, sizeof *p.used);
  if (!p.row_price || !p.column_price || !p.least || !p.owner || !p.from || !p.used)
    return MS_EMEMORY;
  for (size_t row = 1; row <= rows; row++) {
    if (ms_cancelled(context)) return MS_ECANCEL;
    for (size_t j = 0; j <= columns; j++) {
      p.least[j] = INFINITY;
      p.used[j] = false;
    }
    size_t at = 0;
    p.owner[0] = row;
    do {
      p.used[at] = true;
      at = step(&p, at);
    } while (p.owner[at] != 0);
    for (; at; at = p.from[at]) p.owner[at] = p.owner[p.from[at]];
  }
  for (size_t j = 1; j <= columns; j++) {
    if (p.owner[j]) column[p.owner[j] - 1] = j - 1;
  }
  return MS_OK;
}
