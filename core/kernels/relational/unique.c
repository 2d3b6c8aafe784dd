/* The verb unique: of rows with equal values in some columns, one is kept. */
#include "core/kernels/relational/group.h"

#include <string.h>

typedef struct {
  ms_names by;
  int keep;
} unique_options;

enum { KEEP_FIRST, KEEP_LAST, KEEP_NONE, KEEP_ANY };

static const ms_option options[] = {
    {.name = "by",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns that make rows equal; none: all",
     .offset = offsetof(unique_options, by)},
    {.name = "keep",
     .type = MS_OPTION_CHOICE,
     .fallback = "first",
     .unit = "first last none any",
     .brief = "which of equal rows stays; none: only rows that have no equal; any: the quickest",
     .offset = offsetof(unique_options, keep)},
    {0}};

/* Rows that stay, ascending: the last row of each group, or rows that are alone. */
static uint32_t *choose(ms_context *context, const ms_groups *groups, int64_t rows, int keep,
                        int64_t *count) {
  size_t size = (size_t)groups->count;
  uint32_t *seen = ms_scratch_zero(context, size, sizeof *seen);
  uint32_t *chosen = seen ? ms_scratch(context, size, sizeof *chosen) : NULL;
  if (!chosen) return NULL;
  for (int64_t row = 0; row < rows; row++) {
    if (keep == KEEP_LAST)
      seen[groups->ids[row]] = (uint32_t)row;
    else
      seen[groups->ids[row]]++;
  }
  int64_t n = 0;
  for (int64_t row = 0; row < rows; row++) {
    uint32_t of_group = seen[groups->ids[row]];
    if (keep == KEEP_LAST ? of_group == row : of_group == 1) chosen[n++] = (uint32_t)row;
  }
  *count = n;
  return chosen;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const unique_options *given = checked;
  const ms_frame *rows = inputs->frames[0];
  size_t count = given->by.count ? given->by.count : rows->count;
  const ms_column **keys = ms_scratch(context, count, sizeof *keys);
  if (!keys) return NULL;
  for (size_t k = 0; k < count; k++) {
    keys[k] = rows->columns[k];
    if (!given->by.count) continue;
    keys[k] = ms_frame_get(context, rows, "unique", given->by.items[k]);
    if (!keys[k]) return NULL;
  }
  if (count == 0 || rows->rows == 0) return ms_frame_share(rows);
  ms_groups groups;
  if (ms_groups_new(context, keys, count, rows->rows, &groups) != MS_OK) return NULL;
  const uint32_t *chosen = groups.first;
  int64_t n = groups.count;
  if (n == rows->rows) return ms_frame_share(rows);
  if (given->keep == KEEP_LAST || given->keep == KEEP_NONE) {
    chosen = choose(context, &groups, rows->rows, given->keep, &n);
    if (!chosen) return NULL;
  }
  return ms_frame_gather(context, rows, chosen, n);
}

const ms_kernel ms_kernel_unique = {
    .name = "unique",
    .group = "frame",
    .brief = "one of the rows with equal values, in the order of the rows",
    .cost = "O(rows) time and memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(unique_options),
    .run = run,
};
