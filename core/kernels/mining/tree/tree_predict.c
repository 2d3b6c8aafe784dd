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

enum { DATA, NODES, SHARES, SPLITS, STEPS, INPUTS, FACTS, FRAMES };

typedef struct {
  ms_inputs_found found;
  size_t width;
  int64_t count;
  tree_node *nodes;
  tree_missing missing;
  const double *values; /* of the nodes, or the shares of their classes */
  const double *classes;
  double *out;
  uint32_t *chosen; /* class of each row */
} prediction;

static ms_status changed(ms_context *context, const char *part) {
  return ms_fail(context, MS_EDATA, "%s: the model's part '%s' is not as it was made", name, part);
}

/* Columns that say a split, in nodes as in splits. */
typedef struct {
  const char *part;
  const int64_t *input, *swapped;
  const double *cut;
  const ms_column *sides;
} questions;

static ms_status find_questions(ms_context *context, const prediction *p, const ms_frame *frame,
                                questions *out) {
  int64_t at = ms_frame_find(frame, "sides");
  if (at < 0 || ms_frame_type(frame, (size_t)at) != MS_TEXT) return changed(context, out->part);
  out->sides = ms_frame_column(frame, (size_t)at);
  out->input = ms_part_index(context, name, frame, "input", (int64_t)p->found.inputs.count + 1);
  out->swapped = out->input ? ms_part_index(context, name, frame, "swapped", 2) : NULL;
  out->cut = out->swapped ? ms_part_real(context, name, frame, "cut") : NULL;
  return out->cut ? MS_OK : ms_error_status(context);
}

static ms_status read_question(ms_context *context, const prediction *p, const questions *from,
                               int64_t row, tree_split *out) {
  if (from->input[row] == 0) return changed(context, from->part);
  *out = (tree_split){
      .input = from->input[row] - 1, .cut = from->cut[row], .swapped = from->swapped[row] != 0};
  const ms_input *input = &p->found.inputs.items[out->input];
  if (!input->category) return isnan(out->cut) ? changed(context, from->part) : MS_OK;
  if (!ms_column_valid(from->sides, row)) return changed(context, from->part);
  ms_slice text = ms_column_text(from->sides, row);
  if (text.size != input->levels.count) return changed(context, from->part);
  out->sides = ms_scratch_text(context, text.data, text.size);
  return out->sides ? MS_OK : MS_EMEMORY;
}

/* Children stand behind their parents, so that every way down ends. */
static ms_status read_nodes(ms_context *context, prediction *p, const ms_frame *frame) {
  questions from = {.part = "nodes"};
  int64_t most = p->count + 1;
  const int64_t *left = ms_part_index(context, name, frame, "left", most);
  const int64_t *right = left ? ms_part_index(context, name, frame, "right", most) : NULL;
  const int64_t *majority = right ? ms_part_index(context, name, frame, "most_left", 2) : NULL;
  const double *number = majority ? ms_part_real(context, name, frame, "node") : NULL;
  if (!number) return ms_error_status(context);
  ms_status status = find_questions(context, p, frame, &from);
  for (int64_t i = 0; status == MS_OK && i < p->count; i++) {
    p->nodes[i] = (tree_node){.left = left[i] - 1,
                              .right = right[i] - 1,
                              .majority = !majority[i],
                              .number = (int64_t)fmin(fmax(number[i], 0), 4e18)};
    if (left[i] == 0 && right[i] == 0) continue;
    if (left[i] <= i + 1 || right[i] <= i + 1) return changed(context, "nodes");
    status = read_question(context, p, &from, i, &p->nodes[i].split);
  }
  return status;
}

static bool is_surrogate(const ms_column *kind, int64_t row) {
  return ms_column_valid(kind, row) &&
         ms_slice_equal(ms_column_text(kind, row), ms_slice_of("surrogate"));
}

/* The splits stand in the order of the nodes. */
static ms_status read_surrogates(ms_context *context, prediction *p, const ms_frame *frame) {
  questions from = {.part = "splits"};
  int64_t at = ms_frame_find(frame, "kind"), node = 0;
  if (at < 0 || ms_frame_type(frame, (size_t)at) != MS_TEXT) return changed(context, "splits");
  const ms_column *kind = ms_frame_column(frame, (size_t)at);
  const double *number = ms_part_real(context, name, frame, "node");
  if (!number) return ms_error_status(context);
  ms_status status = find_questions(context, p, frame, &from);
  tree_split *splits = ms_scratch(context, (size_t)frame->rows + 1, sizeof *splits);
  if (!splits) return MS_EMEMORY;
  for (int64_t i = 0; status == MS_OK && i < frame->rows; i++) {
    if (!is_surrogate(kind, i)) continue;
    while (node < p->count && (double)p->nodes[node].number != number[i]) node++;
    if (node == p->count) return changed(context, "splits");
    tree_node *of = &p->nodes[node];
    if (!of->others) of->others = &splits[i];
    if (of->others + of->surrogates != &splits[i]) return changed(context, "splits");
    of->surrogates++;
    status = read_question(context, p, &from, i, &splits[i]);
  }
  return status;
}

static ms_status read_values(ms_context *context, const ms_inputs *inputs, prediction *p) {
  bool classes = p->found.target.classes;
  const ms_frame *frame = inputs->frames[classes ? SHARES : NODES];
  p->width = classes ? p->found.target.levels.count : 1;
  if (frame->rows != p->count * (int64_t)p->width) return changed(context, "shares");
  p->values = ms_part_real(context, name, frame, classes ? "share" : "prediction");
  p->classes = ms_part_real(context, name, inputs->frames[NODES], "prediction");
  if (!p->values || !p->classes) return ms_error_status(context);
  for (int64_t i = 0; classes && i < p->count; i++)
    if (!(p->classes[i] >= 0 && p->classes[i] < (double)p->width)) return changed(context, "nodes");
  size_t rows = (size_t)p->found.inputs.rows + 1;
  p->out = ms_scratch(context, rows * p->width, sizeof *p->out);
  p->chosen = ms_scratch(context, rows, sizeof *p->chosen);
  return p->out && p->chosen ? MS_OK : MS_EMEMORY;
}

static ms_status read_model(ms_context *context, const ms_inputs *inputs, prediction *p) {
  const ms_frame *nodes = inputs->frames[NODES];
  ms_status status =
      ms_inputs_find(context, name, inputs->frames[INPUTS], inputs->frames[DATA], &p->found);
  if (status != MS_OK) return status;
  p->count = nodes->rows;
  if (p->count == 0) return changed(context, "nodes");
  p->nodes = ms_scratch(context, (size_t)p->count, sizeof *p->nodes);
  const char *missing = ms_facts_get_text(context, inputs->frames[FACTS], "missing");
  if (!p->nodes || !missing) return MS_EMEMORY;
  p->missing = strcmp(missing, "stay") == 0        ? TREE_STAY
               : strcmp(missing, "surrogate") == 0 ? TREE_SURROGATES
                                                   : TREE_MAJORITY;
  status = read_nodes(context, p, nodes);
  if (status == MS_OK) status = read_surrogates(context, p, inputs->frames[SPLITS]);
  return status == MS_OK ? read_values(context, inputs, p) : status;
}

static ms_status predict_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(p->found.inputs.rows, task);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    int64_t at = 0;
    while (p->nodes[at].left >= 0) {
      const tree_node *node = &p->nodes[at];
      int side = tree_send(node, p->found.inputs.items, p->missing, (uint32_t)i, NULL);
      if (side < 0) break;
      at = side ? node->right : node->left;
    }
    for (size_t k = 0; k < p->width; k++)
      p->out[(size_t)i * p->width + k] = p->values[(size_t)at * p->width + k];
    p->chosen[i] = p->found.target.classes ? (uint32_t)p->classes[at] : 0;
  }
  return MS_OK;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  prediction p = {.width = 0};
  if (read_model(context, inputs, &p) != MS_OK) return NULL;
  if (ms_parallel(context, ms_morsels(p.found.inputs.rows), predict_morsel, &p) != MS_OK)
    return NULL;
  return p.found.target.classes ? ms_predict_chosen(context, inputs->frames[DATA], &p.found.target,
                                                    (ms_chosen){p.out, p.chosen}, given->each)
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
