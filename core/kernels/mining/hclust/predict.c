/* The tree of hclust cut: clusters of the rows that it was made of. */
#include <inttypes.h>
#include <math.h>

#include "core/kernels/mining/common/training.h"

static const char name[] = "hclust_predict";

enum { DATA, MERGES, INPUTS, FACTS, FRAMES };

typedef struct {
  int64_t k;
  double height;
} cut_options;

static const ms_option options[] = {{.name = "k",
                                     .type = MS_OPTION_INTEGER,
                                     .fallback = "0",
                                     .low = 0,
                                     .high = 1e9,
                                     .unit = "clusters",
                                     .brief = "number of clusters; 0: as many as stand at `height`",
                                     .offset = offsetof(cut_options, k)},
                                    {.name = "height",
                                     .type = MS_OPTION_REAL,
                                     .fallback = "-1",
                                     .low = -1,
                                     .high = 1e300,
                                     .brief = "joins up to this height are made",
                                     .offset = offsetof(cut_options, height)},
                                    {0}};

/* The row of a cluster's name: a row's own, or the one that stands for the step; -1 where the name is none. */
static int64_t row_of(double value, const int64_t *of_step, int64_t step, int64_t rows) {
  if (!(value >= -(double)rows && value <= (double)step) || value == 0 || value != floor(value))
    return -1;
  return value < 0 ? (int64_t)-value - 1 : of_step[(int64_t)value - 1];
}

static int64_t root(int64_t *parent, int64_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

/* Joins the first `joins` pairs; the cluster of each row, numbered by first appearance. */
static int64_t *cut(ms_context *context, const ms_frame *merges, int64_t rows, int64_t joins) {
  const double *left = ms_part_real(context, name, merges, "left");
  const double *right = left ? ms_part_real(context, name, merges, "right") : NULL;
  int64_t *parent = right ? ms_scratch(context, (size_t)rows + 1, sizeof *parent) : NULL;
  int64_t *of_step = parent ? ms_scratch(context, (size_t)rows + 1, sizeof *of_step) : NULL;
  int64_t *out = of_step ? ms_scratch(context, (size_t)rows + 1, sizeof *out) : NULL;
  int64_t *number = out ? ms_scratch_zero(context, (size_t)rows + 1, sizeof *number) : NULL;
  if (!number) return NULL;
  for (int64_t i = 0; i < rows; i++) parent[i] = i;
  for (int64_t step = 0; step < joins; step++) {
    int64_t a = row_of(left[step], of_step, step, rows),
            b = row_of(right[step], of_step, step, rows);
    if (a < 0 || b < 0)
      return ms_fail_null(context, MS_EDATA, "%s: the model's part 'merges' is not as it was made",
                          name);
    of_step[step] = a;
    parent[root(parent, b)] = root(parent, a);
  }
  int64_t next = 0;
  for (int64_t i = 0; i < rows; i++) {
    int64_t at = root(parent, i);
    if (number[at] == 0) number[at] = ++next;
    out[i] = number[at];
  }
  return out;
}

/* How many joins are made for what is given; -1 with an error. */
static int64_t count_joins(ms_context *context, const ms_frame *merges, int64_t rows,
                           const cut_options *given) {
  if ((given->k > 0) == (given->height >= 0)) {
    (void)ms_fail(context, MS_EARGUMENT, "predict: one of the options 'k' and 'height' is wanted");
    return -1;
  }
  if (given->k > rows) {
    (void)ms_fail(context, MS_EARGUMENT,
                  "predict: option 'k' is %" PRId64 ", but there are %" PRId64 " rows", given->k,
                  rows);
    return -1;
  }
  if (given->k > 0) return rows - given->k;
  const double *heights = ms_part_real(context, name, merges, "height");
  int64_t joins = 0;
  if (!heights) return -1;
  while (joins < rows - 1 && heights[joins] <= given->height) joins++;
  return joins;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const cut_options *given = checked;
  const ms_frame *data = inputs->frames[DATA], *merges = inputs->frames[MERGES];
  ms_inputs_found found;
  if (ms_inputs_find(context, name, inputs->frames[INPUTS], data, &found) != MS_OK) return NULL;
  if (data->rows != merges->rows + 1) {
    (void)ms_fail(context, MS_EDATA,
                  "predict: the frame has %" PRId64 " rows; the tree was made of %" PRId64,
                  data->rows, merges->rows + 1);
    ms_fail_hint(context,
                 "a tree gives clusters of its own rows; ms.kmeans has predictions for others");
    return NULL;
  }
  int64_t joins = count_joins(context, merges, data->rows, given);
  const int64_t *clusters = joins < 0 ? NULL : cut(context, merges, data->rows, joins);
  ms_column *column =
      clusters ? ms_column_from_int64(context, MS_INTEGER, data->rows, clusters, NULL) : NULL;
  ms_frame *frame = column ? ms_frame_with(context, data, "cluster", column) : NULL;
  ms_column_free(column);
  return frame;
}

const ms_kernel ms_kernel_hclust_predict = {
    .name = "hclust_predict",
    .group = "predict",
    .brief = "clusters of a tree that is cut",
    .cost = "O(rows) time and memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = sizeof(cut_options),
    .run = run,
};
