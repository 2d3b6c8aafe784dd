/* Definitions over groups: keys, aggregates, and expressions of them. */
#ifndef MS_KERNELS_RELATIONAL_GROUP_CALLS_H
#define MS_KERNELS_RELATIONAL_GROUP_CALLS_H

#include "core/kernels/relational/aggregate.h"

/* Key columns: names of columns, or definitions "name = expression" over the rows of a frame. */
typedef struct {
  size_t count;
  const char **names;
  const ms_column **columns;
} ms_group_keys;
ms_status ms_group_keys_new(ms_context *context, const ms_scope *scope, const ms_names *by,
                            ms_group_keys *out);

/* The groups of the keys, and all calls over the rows of `frame` in one plan: columns[i] (scratch) is the
 * result of calls[i], kept until the call ends. `groups` may come without ids. */
typedef struct {
  const ms_call *const *calls;
  size_t count;
  const ms_column **columns;
} ms_group_results;
ms_status ms_group_compute(ms_context *context, const ms_group_keys *keys, const ms_frame *frame,
                           ms_groups *groups, ms_group_results *results);

#endif
