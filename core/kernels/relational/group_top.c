/* The verb group_top: the first rows of each group, in an order. Groups stand in the order of first appearance. All
 * rows are sorted once, then taken in that order until their group is full. */
#include "core/kernels/relational/group_calls.h"
#include "core/kernels/relational/order_by.h"
#include "core/kernels/relational/group_best.h"

#include <string.h>

typedef struct {
  ms_names by, order;
  int64_t n;
  int from;
} top_options;

static const ms_option options[] = {
    {.name = "by",
     .type = MS_OPTION_TEXTS,
     .brief = "keys: columns, or definitions; none: all rows are one group",
     .offset = offsetof(top_options, by)},
    {.name = "n",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .low = 0,
     .high = 1e9,
     .unit = "rows",
     .brief = "rows of each group, at most",
     .offset = offsetof(top_options, n)},
    {.name = "order",
     .type = MS_OPTION_TEXTS,
     .brief = "keys as those of sort: columns or expressions, '-' in front for descending; "
              "ties and no order: the order of the rows",
     .offset = offsetof(top_options, order)},
    {.name = "from",
     .type = MS_OPTION_CHOICE,
     .fallback = "start",
     .unit = "start end",
     .brief = "whether the first or the last rows in that order are taken",
     .offset = offsetof(top_options, from)},
    {0}};

typedef struct {
  const top_options *given;
  ms_groups groups;
  const uint32_t *sorted; /* NULL: the order of the rows */
  int64_t rows;
} taking;

/* Takes up to n rows of each group in the order given (from its end: kept in that order). Rows of a group stand
 * together in the result. */
static uint32_t *take(ms_context *context, const taking *t, int64_t *count) {
  const ms_groups *groups = &t->groups;
  const uint32_t *sorted = t->sorted;
  int64_t rows = t->rows;
  uint32_t *begin = ms_scratch_zero(context, (size_t)groups->count + 1, sizeof *begin);
  uint32_t *chosen = begin ? ms_scratch(context, (size_t)rows, sizeof *chosen) : NULL;
  uint32_t *used = chosen ? ms_scratch_zero(context, (size_t)groups->count, sizeof *used) : NULL;
  if (!used) return NULL;
  uint32_t n = (uint32_t)t->given->n;
  for (int64_t i = 0; i < rows; i++) {
    uint32_t *size = &begin[groups->ids[i] + 1];
    *size += *size < n;
  }
  for (int64_t g = 0; g < groups->count; g++) begin[g + 1] += begin[g];
  bool end = t->given->from == 1;
  for (int64_t i = 0; i < rows; i++) {
    int64_t at = end ? rows - 1 - i : i;
    uint32_t row = sorted ? sorted[at] : (uint32_t)at, g = groups->ids[row];
    uint32_t size = begin[g + 1] - begin[g];
    if (used[g] == size) continue;
    uint32_t place = used[g]++;
    chosen[begin[g] + (end ? size - 1 - place : place)] = row;
  }
  *count = begin[groups->count];
  return chosen;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const top_options *given = checked;
  const ms_frame *rows = inputs->frames[0];
  ms_scope scope = {.verb = "top", .rows = rows, .given = inputs->given};
  ms_group_keys by;
  taking t = {.given = given, .rows = rows->rows};
  if (ms_group_keys_new(context, &scope, &given->by, &by) != MS_OK) return NULL;
  ms_order_scope order = {.verb = "top", .frame = rows, .given = inputs->given};
  ms_sort_key *keys = ms_order_by(context, &order, &given->order);
  if (!keys) return NULL;
  if (ms_groups_new(context, by.columns, by.count, rows->rows, &t.groups) != MS_OK) return NULL;
  uint32_t *chosen;
  int64_t count;
  if (given->order.count == 1 && given->from == 0 && ms_group_best_fits(keys, given->n)) {
    chosen = ms_group_best(context, &t.groups, keys, given->n, &count);
    return chosen ? ms_frame_gather(context, rows, chosen, count) : NULL;
  }
  if (given->order.count > 0) {
    t.sorted = ms_sort_rows(context, keys, given->order.count, rows->rows, 0);
    if (!t.sorted) return NULL;
  }
  chosen = take(context, &t, &count);
  return chosen ? ms_frame_gather(context, rows, chosen, count) : NULL;
}

const ms_kernel ms_kernel_group_top = {
    .name = "group_top",
    .group = "frame",
    .brief = "the first rows of each group, in an order",
    .cost = "O(rows) time and memory; O(rows log rows) for other orders than one number",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(top_options),
    .run = run,
};
