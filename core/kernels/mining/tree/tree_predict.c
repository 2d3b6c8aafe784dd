/* Predictions of a tree: each row goes down to its leaf. */
#include "core/kernels/mining/tree/tree.h"

#include <math.h>
#include <string.h>

static const char name[] = "tree_predict";

typedef struct {
  bool each;
} predict_options;

static const ms_option options[] = {{.name = "each",
                                     .type = MS_OPTION_BOOLEAN,
                                     .fallback = "false",
                                     .brief = "a column probability_LEVEL for each class",
                                     .offset = offsetof(predict_options, each)},
                                    {0}};

enum { DATA, NODES, SHARES, INPUTS, FACTS, FRAMES };

typedef struct {
  ms_inputs_found found;
  size_t width;
  const int64_t *left, *right, *input, *swapped, *most_left; /* links count from 1; 0: a leaf */
  const double *cuts, *values; /* values: of the nodes, or the shares of their classes */
  const char **sides;
  double *out;
} prediction;

static ms_status changed(ms_context *context) {
  return ms_fail(context, MS_EDATA, "%s: the model's part 'nodes' is not as it was made", name);
}

/* Children stand behind their parents, so that every way down ends. */
static ms_status check_nodes(ms_context *context, const prediction *p, const ms_frame *nodes) {
  int64_t at = ms_frame_find(nodes, "sides");
  if (at < 0 || ms_frame_type(nodes, (size_t)at) != MS_TEXT) return changed(context);
  const ms_column *sides = ms_frame_column(nodes, (size_t)at);
  for (int64_t i = 0; i < nodes->rows; i++) {
    p->sides[i] = NULL;
    if (p->left[i] == 0 && p->right[i] == 0) continue;
    if (p->left[i] <= i + 1 || p->right[i] <= i + 1 || p->input[i] == 0) return changed(context);
    const ms_input *input = &p->found.inputs.items[p->input[i] - 1];
    if (!input->category && isnan(p->cuts[i])) return changed(context);
    if (!input->category) continue;
    if (!ms_column_valid(sides, i)) return changed(context);
    ms_slice text = ms_column_text(sides, i);
    if (text.size != input->levels.count) return changed(context);
    p->sides[i] = ms_scratch_text(context, text.data, text.size);
    if (!p->sides[i]) return MS_EMEMORY;
  }
  return MS_OK;
}

static ms_status read_model(ms_context *context, const ms_inputs *inputs, prediction *p) {
  const ms_frame *nodes = inputs->frames[NODES];
  ms_status status =
      ms_inputs_find(context, name, inputs->frames[INPUTS], inputs->frames[DATA], &p->found);
  if (status != MS_OK) return status;
  bool classes = p->found.target.classes;
  p->width = classes ? p->found.target.levels.count : 1;
  const ms_frame *values = inputs->frames[classes ? SHARES : NODES];
  if (nodes->rows == 0 || values->rows != nodes->rows * (int64_t)p->width) return changed(context);
  int64_t count = nodes->rows + 1;
  p->left = ms_part_index(context, name, nodes, "left", count);
  p->right = p->left ? ms_part_index(context, name, nodes, "right", count) : NULL;
  p->input = p->right
                 ? ms_part_index(context, name, nodes, "input", (int64_t)p->found.inputs.count + 1)
                 : NULL;
  p->swapped = p->input ? ms_part_index(context, name, nodes, "swapped", 2) : NULL;
  p->most_left = p->swapped ? ms_part_index(context, name, nodes, "most_left", 2) : NULL;
  p->cuts = p->most_left ? ms_part_real(context, name, nodes, "cut") : NULL;
  p->values =
      p->cuts ? ms_part_real(context, name, values, classes ? "share" : "prediction") : NULL;
  if (!p->values) return ms_error_status(context);
  p->sides = ms_scratch(context, (size_t)nodes->rows, sizeof *p->sides);
  p->out = ms_scratch(context, (size_t)p->found.inputs.rows * p->width + 1, sizeof *p->out);
  return p->sides && p->out ? check_nodes(context, p, nodes) : MS_EMEMORY;
}

static bool goes_left(const prediction *p, int64_t node, int64_t row) {
  const ms_input *input = &p->found.inputs.items[p->input[node] - 1];
  if (input->category) {
    uint32_t code = input->codes[row];
    char side = code == MS_MISSING ? '-' : p->sides[node][code];
    return side == 'L' || (side != 'R' && p->most_left[node]);
  }
  double x = input->values[row];
  return isnan(x) ? p->most_left[node] : (x < p->cuts[node]) != p->swapped[node];
}

static ms_status predict_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(p->found.inputs.rows, task);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    int64_t node = 0;
    while (p->left[node]) node = (goes_left(p, node, i) ? p->left[node] : p->right[node]) - 1;
    for (size_t k = 0; k < p->width; k++)
      p->out[(size_t)i * p->width + k] = p->values[(size_t)node * p->width + k];
  }
  return MS_OK;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  prediction p = {.width = 0};
  if (read_model(context, inputs, &p) != MS_OK) return NULL;
  if (ms_parallel(context, ms_morsels(p.found.inputs.rows), predict_morsel, &p) != MS_OK)
    return NULL;
  return p.found.target.classes ? ms_predict_classes(context, inputs->frames[DATA], &p.found.target,
                                                     p.out, given->each)
                                : ms_predict_numbers(context, inputs->frames[DATA], p.out);
}

const ms_kernel ms_kernel_tree_predict = {
    .name = "tree_predict",
    .group = "predict",
    .brief = "classes or numbers by a tree",
    .cost = "O(rows * depth) time, O(rows * classes) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = sizeof(predict_options),
    .run = run,
};
