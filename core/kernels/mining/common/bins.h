/* Columns as small whole numbers, on which trees are grown: a number's bin says between which cuts it lies, a
 * category's which level it is. The last bin of a column is for what is missing. */
#ifndef MS_MINING_BINS_H
#define MS_MINING_BINS_H

#include "core/kernels/mining/common/training.h"

/* Most bins of a column with values: in one byte, and where every value is a cut. */
enum { MS_BINS_MOST = 255, MS_BINS_MOST_EXACT = 65535 };

typedef struct {
  uint32_t bins; /* with values; bin number `bins` is for missing */
  bool category;
  bool holes;              /* a training row is missing */
  const double *cuts;      /* number: [bins - 1]; bin b holds cuts[b - 1] < x <= cuts[b] */
  const uint16_t *of_code; /* category: bin of each level; rare levels share the last one */
  size_t levels;
} ms_bin_column;

typedef struct {
  int64_t rows;
  size_t count;
  bool wide; /* two bytes a bin, otherwise one */
  const ms_bin_column *columns;
  const uint32_t *first; /* [count + 1]: first slot of a column in a histogram of all columns */
  const void *by_row;    /* rows × count; NULL unless asked for */
  const void *by_column; /* count × rows */
} ms_bins;

typedef struct {
  uint32_t most; /* bins with values */
  bool exact; /* a cut between any two values; MS_ELIMIT for more than MS_BINS_MOST_EXACT of them */
  bool by_row;
} ms_bins_request;

/* Cuts are midpoints between neighbours where there are few values, else quantiles of a sample of 200,000 rows, one of each
 * stretch of the rows. In scratch. O(rows * columns) time, 1 or 2 bytes a value (twice that with by_row). */
ms_status ms_bins_make(ms_context *context, const char *kernel, const ms_input_list *inputs,
                       ms_bins_request request, ms_bins *out);

static inline uint32_t ms_bin_at(const void *bins, size_t at, bool wide) {
  return wide ? ((const uint16_t *)bins)[at] : ((const uint8_t *)bins)[at];
}

#endif
