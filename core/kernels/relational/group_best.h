/* The best few rows of each group by one number. */
#ifndef MS_KERNELS_RELATIONAL_GROUP_BEST_H
#define MS_KERNELS_RELATIONAL_GROUP_BEST_H

#include "core/kernels/relational/group_keys.h"
#include "core/kernels/relational/order.h"

/* Whether the way of ms_group_best fits: a number, date, time or boolean, and few rows of each group. */
bool ms_group_best_fits(const ms_sort_key *order, int64_t n);

/* Up to n rows of each group in the order of the key, ties in the order of the rows; groups one behind the other:
 * uint32_t[*count] in scratch. O(rows * n) at worst, near O(rows). */
uint32_t *ms_group_best(ms_context *context, const ms_groups *groups, const ms_sort_key *order,
                        int64_t n, int64_t *count);

#endif
