/* Number of distinct values in each group: the distinct pairs of group and value are groups themselves; each counts
 * one where its value is not null. */
#include "core/kernels/relational/aggregate.h"

#include <string.h>

/* Group and value as one column of ids: rows with equal pairs get equal ids. */
static ms_status pair_groups(ms_context *context, const ms_groups *groups, const ms_column *x,
                             ms_groups *pairs) {
  ms_groups values;
  ms_status status = ms_groups_new(context, &x, 1, x->rows, &values);
  if (status != MS_OK) return status;
  ms_key_field *fields = ms_scratch(context, 2, sizeof *fields);
  if (!fields) return MS_EMEMORY;
  ms_key_of_ids(&fields[0], groups->ids, groups->count, x->rows);
  ms_key_of_ids(&fields[1], values.ids, values.count, x->rows);
  ms_key_code code = ms_key_pack(fields, 2, x->rows);
  return ms_key_small(&code) ? ms_group_direct(context, &code, pairs)
                             : ms_group_hashed(context, &code, pairs);
}

ms_column *ms_group_distinct(ms_context *context, const ms_groups *groups,
                             const ms_measured *call) {
  int64_t *counts = ms_scratch_zero(context, (size_t)groups->count, sizeof *counts);
  if (!counts) return NULL;
  const ms_column *x = call->x;
  if (x->rows > 0) {
    ms_groups pairs;
    if (pair_groups(context, groups, x, &pairs) != MS_OK) return NULL;
    uint8_t *met = NULL;
    if (call->where) {
      /* a pair counts if any of its rows meets the condition */
      met = ms_scratch_zero(context, (size_t)pairs.count, 1);
      if (!met) return NULL;
      for (int64_t row = 0; row < x->rows; row++) {
        met[pairs.ids[row]] |=
            ms_column_valid(call->where, row) && ms_column_integer(call->where, row) != 0;
      }
    }
    for (int64_t p = 0; p < pairs.count; p++) {
      uint32_t row = pairs.first[p];
      counts[groups->ids[row]] += ms_column_valid(x, row) && (!met || met[p]);
    }
  }
  return ms_column_from_int64(context, MS_INTEGER, groups->count, counts, NULL);
}
