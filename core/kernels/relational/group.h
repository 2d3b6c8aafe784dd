/* Groups: rows with equal keys, and aggregates over them. */
#ifndef MS_KERNELS_RELATIONAL_GROUP_H
#define MS_KERNELS_RELATIONAL_GROUP_H

#include "core/expr/expr.h"

/* Group of each row, numbered in the order of first appearance. Null is a group; NaN equals NaN;
 * -0.0 equals 0.0. */
typedef struct {
  int64_t count;         /* groups */
  const uint32_t *ids;   /* [rows] */
  const uint32_t *first; /* [count]: first row of each group */
} ms_groups;

/* Any number of key columns of any type (no column: one group, even of no rows). In scratch. */
ms_status ms_groups_new(ms_context *context, const ms_column *const *keys, size_t count,
                        int64_t rows, ms_groups *out);

/* One aggregate call for each group: a column of groups->count rows, the caller's. `frame` holds
 * the rows that the call's arguments are evaluated over. */
ms_column *ms_group_call(ms_context *context, const ms_groups *groups, const ms_call *call,
                         const ms_frame *frame);

#endif
