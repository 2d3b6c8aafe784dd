/* Sorting. */
#ifndef MS_KERNELS_RELATIONAL_ORDER_H
#define MS_KERNELS_RELATIONAL_ORDER_H

#include "core/expr/expr.h"

typedef struct {
  const ms_column *column;
  bool descending, nulls_first;
} ms_sort_key;

/* Row numbers in sorted order, stable, nulls last unless told, NaN behind the numbers (before the
 * nulls): uint32_t[rows] in scratch, or NULL. `limit` > 0: only the first `limit` of them are
 * wanted. */
uint32_t *ms_sort_rows(ms_context *context, const ms_sort_key *keys, size_t count, int64_t rows,
                       int64_t limit);

#endif
