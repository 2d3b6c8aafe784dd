/* A window call laid out: the rows by partition and order, and what is computed over them. */
#ifndef MS_KERNELS_RELATIONAL_WINDOW_PLAN_H
#define MS_KERNELS_RELATIONAL_WINDOW_PLAN_H

#include "core/kernels/relational/window.h"

typedef struct {
  const ms_call *call;
  int64_t rows;
  const uint32_t *order;  /* rows, partition after partition, each in its order */
  int64_t parts;          /* partitions; number p is at positions starts[p] … starts[p + 1] - 1 */
  const uint32_t *starts; /* [parts + 1] */
  const uint8_t
      *fresh; /* [rows]: whether the row there differs from the one before in the order's keys */
  /* what the call works on, by row */
  const ms_column *value;
  const uint8_t *chosen;   /* value (if there is one) not null and `where` true */
  const uint8_t *where;    /* `where` true */
  const int64_t *integers; /* sums of integers */
  const double *reals;     /* sums of reals */
  const uint64_t *word;    /* least and greatest: the greatest word wins */
  /* results, by row: one of the three, and where there is one */
  int64_t *out_integers;
  double *out_reals;
  uint32_t *out_rows; /* row whose value it is */
  uint8_t *out_valid;
} ms_window;

/* Positions begin … end - 1 of one partition. */
typedef ms_status ms_window_part(ms_context *worker, const ms_window *window, int64_t begin,
                                 int64_t end);

/* row_number … ntile, lag and lead. */
ms_status ms_window_rank(ms_context *worker, const ms_window *window, int64_t begin, int64_t end);
/* Sums, counts, means, least, greatest, first, last of a frame that moves with the row. */
ms_status ms_window_frame(ms_context *worker, const ms_window *window, int64_t begin, int64_t end);

#endif
