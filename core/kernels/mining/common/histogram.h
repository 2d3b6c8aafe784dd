/* Sums of gradients by bin: the heart of growing trees by histograms.
 *
 * Gradients are held as whole numbers, so that sums are exact, do not depend on their order, and a sibling's are a difference
 * without loss. Where rows are few each has 61 bits of room. Where they are many the two numbers of a row share a
 * word of 64 bits, the first in 15 bits and a sign, the second in 16, rounded up or down at random with the right mean
 * (as Shi et al. 2022, "Quantized Training of Gradient Boosting Decision Trees", do with fewer bits). What rounding adds to
 * the variance of a sum is below rows / 4e9 of what there is, as the largest gradient, which sets the unit, is one of
 * them. */
#ifndef MS_MINING_HISTOGRAM_H
#define MS_MINING_HISTOGRAM_H

#include "core/kernels/mining/common/bins.h"

typedef struct {
  int64_t g, h;
} ms_gradient_sum;

typedef struct {
  int64_t rows;
  double unit_g, unit_h;  /* what 1 stands for */
  uint64_t *packed;       /* [rows], or NULL */
  ms_gradient_sum *pairs; /* [rows], where packed is NULL */
} ms_gradients;

/* Room for the gradients of that many rows, in scratch. `exact`: never packed. */
ms_status ms_gradients_new(ms_context *context, int64_t rows, bool exact, ms_gradients *out);
/* Takes g and h ≥ 0 of each row over; `seed` is for the rounding. */
ms_status ms_gradients_set(ms_context *context, ms_gradients *gradients, const double *g,
                           const double *h, uint64_t seed);

/* Rows of a piece: those whose packed sums cannot run over. */
enum { MS_PIECE = 32768 };

/* Slots of a histogram of all columns, and a column's first one. */
static inline size_t ms_histogram_first(const ms_bins *bins, size_t column) {
  return bins->wide ? bins->first[column] : column * 256;
}
size_t ms_histogram_slots(const ms_bins *bins);

/* A piece of rows, and where its sums are to go: [slots] of uint64_t or ms_gradient_sum, cleared first. */
typedef struct {
  const uint32_t *rows;
  uint32_t count; /* at most MS_PIECE */
  void *sums;
} ms_histogram_piece;
/* Fills the sums of all pieces. Threads. bins->by_row is needed. */
ms_status ms_histogram_fill(ms_context *context, const ms_bins *bins, const ms_gradients *gradients,
                            const ms_histogram_piece *pieces, size_t count);
/* Adds the piece's sums of one column to `to` [bins + 1]. */
void ms_histogram_add(const ms_bins *bins, const ms_gradients *gradients, const void *sums,
                      size_t column, ms_gradient_sum *to);
static inline size_t ms_histogram_size(const ms_gradients *gradients) {
  return gradients->packed ? sizeof(uint64_t) : sizeof(ms_gradient_sum);
}

#endif
