/* A tree as frames. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/tree.h"

static void put_real(ms_builder *out, size_t column, double value, bool there) {
  if (there)
    ms_builder_real(out, column, value);
  else
    ms_builder_null(out, column);
}

static ms_builder *part_new(ms_context *context, const char *const *names, size_t count,
                            const char *texts) {
  ms_builder *out = ms_builder_new(context);
  for (size_t i = 0; out && i < count; i++)
    (void)ms_builder_column(out, names[i], texts[i] == 't' ? MS_TEXT : MS_REAL);
  return out;
}

enum {
  NODE,
  PARENT,
  LEFT,
  RIGHT,
  ROWS,
  WEIGHT,
  RISK,
  COMPLEXITY,
  PREDICTION,
  INPUT,
  CUT,
  SWAPPED,
  MOST_LEFT,
  IMPROVEMENT,
  SIDES,
  NODE_COLUMNS
};

static void put_node(ms_builder *out, const tree_node *node, double root) {
  bool inner = node->left >= 0, category = inner && node->split.sides;
  put_real(out, NODE, (double)node->number, true);
  put_real(out, PARENT, (double)node->parent + 1, node->parent >= 0);
  put_real(out, LEFT, (double)node->left + 1, true);
  put_real(out, RIGHT, (double)node->right + 1, true);
  put_real(out, ROWS, (double)node->rows, true);
  put_real(out, WEIGHT, node->weight, true);
  put_real(out, RISK, node->risk, true);
  put_real(out, COMPLEXITY, root > 0 ? node->complexity / root : 0, inner);
  put_real(out, PREDICTION, node->prediction, true);
  put_real(out, INPUT, inner ? (double)node->split.input + 1 : 0, true);
  put_real(out, CUT, node->split.cut, inner && !category);
  put_real(out, SWAPPED, inner && node->split.swapped, true);
  put_real(out, MOST_LEFT, inner && node->majority == 0, true);
  put_real(out, IMPROVEMENT, node->split.gain, inner);
  ms_part_put_text(out, SIDES, category ? node->split.sides : NULL);
}

ms_frame *tree_nodes_part(ms_context *context, const tree_grown *tree) {
  static const char *const names[] = {"node",   "parent",  "left",       "right",       "rows",
                                      "weight", "risk",    "complexity", "prediction",  "input",
                                      "cut",    "swapped", "most_left",  "improvement", "sides"};
  ms_builder *out = part_new(context, names, NODE_COLUMNS, "rrrrrrrrrrrrrrt");
  if (!out) return NULL;
  for (size_t i = 0; i < tree->count; i++) put_node(out, &tree->nodes[i], tree->nodes[0].risk);
  return ms_builder_finish(out);
}

/* A row for each node and class. Of a number: none. */
ms_frame *tree_shares_part(ms_context *context, const tree_grown *tree, const ms_target *target) {
  static const char *const names[] = {"node", "class", "share"};
  ms_builder *out = part_new(context, names, 3, "rtr");
  if (!out) return NULL;
  for (size_t i = 0; target->classes && i < tree->count; i++) {
    for (size_t k = 0; k < target->levels.count; k++) {
      ms_builder_real(out, 0, (double)tree->nodes[i].number);
      ms_builder_text(out, 1, target->levels.names[k], strlen(target->levels.names[k]));
      ms_builder_real(out, 2, tree->nodes[i].shares[k]);
    }
  }
  return ms_builder_finish(out);
}

static void put_split(ms_builder *out, int64_t number, const char *kind, const tree_split *split) {
  ms_builder_real(out, 0, (double)number);
  ms_part_put_text(out, 1, kind);
  ms_builder_real(out, 2, (double)split->input + 1);
  ms_builder_real(out, 3, (double)split->rows);
  ms_builder_real(out, 4, split->gain);
  put_real(out, 5, split->adjusted, kind[0] == 's');
  put_real(out, 6, split->cut, !split->sides);
  ms_builder_real(out, 7, split->swapped);
  ms_part_put_text(out, 8, split->sides);
}

/* The splits of each inner node: the primary one, its surrogates, its competitors. */
ms_frame *tree_splits_part(ms_context *context, const tree_grown *tree) {
  static const char *const names[] = {"node",     "kind", "input",   "rows", "improvement",
                                      "adjusted", "cut",  "swapped", "sides"};
  ms_builder *out = part_new(context, names, 9, "rtrrrrrrt");
  if (!out) return NULL;
  for (size_t i = 0; i < tree->count; i++) {
    const tree_node *node = &tree->nodes[i];
    if (node->left < 0) continue;
    put_split(out, node->number, "primary", &node->split);
    for (int64_t k = 0; k < node->surrogates + node->competitors; k++)
      put_split(out, node->number, k < node->surrogates ? "surrogate" : "competitor",
                &node->others[k]);
  }
  return ms_builder_finish(out);
}

ms_frame *tree_steps_part(ms_context *context, const tree_steps *steps) {
  static const char *const names[] = {"cp", "splits", "error", "xerror", "xstd"};
  ms_builder *out = part_new(context, names, 5, "rrrrr");
  if (!out) return NULL;
  for (size_t i = 0; i < steps->count; i++) {
    const tree_step *step = &steps->items[i];
    ms_builder_real(out, 0, step->cp);
    ms_builder_real(out, 1, (double)step->splits);
    ms_builder_real(out, 2, step->error);
    put_real(out, 3, step->xerror, !isnan(step->xerror));
    put_real(out, 4, step->xstd, !isnan(step->xstd));
  }
  return ms_builder_finish(out);
}
