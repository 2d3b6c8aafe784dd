/* tree: classification and regression trees (CART), as frames. */
#include "core/kernels/mining/tree/tree.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *target, *event, *weights;
  ms_names columns, categories;
  int criterion;
  double cp;
  int64_t minsplit, minbucket, maxdepth;
} tree_options;

#define FIELD(field) .offset = offsetof(tree_options, field)

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "text, boolean: classes; a number: regression",
     FIELD(target)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     FIELD(columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     FIELD(categories)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how often each row counts",
     FIELD(weights)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that `probability` is of; the last one unless given",
     FIELD(event)},
    {.name = "criterion",
     .type = MS_OPTION_CHOICE,
     .fallback = "gini",
     .unit = "gini information",
     .brief = "what a split of classes gains; numbers use squares",
     FIELD(criterion)},
    {.name = "cp",
     .type = MS_OPTION_REAL,
     .fallback = "0.01",
     .low = 0,
     .high = 1,
     .brief = "least share of the root's risk that a split has to gain",
     FIELD(cp)},
    {.name = "minsplit",
     .type = MS_OPTION_INTEGER,
     .fallback = "20",
     .low = 2,
     .high = 1e9,
     .unit = "rows",
     .brief = "least rows of a node that is split",
     FIELD(minsplit)},
    {.name = "minbucket",
     .type = MS_OPTION_INTEGER,
     .fallback = "7",
     .low = 1,
     .high = 1e9,
     .unit = "rows",
     .brief = "least rows of a leaf",
     FIELD(minbucket)},
    {.name = "maxdepth",
     .type = MS_OPTION_INTEGER,
     .fallback = "30",
     .low = 1,
     .high = 30,
     .brief = "most splits above a leaf",
     FIELD(maxdepth)},
    {0}};

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

static void put_real(ms_builder *out, size_t column, double value, bool there) {
  if (there)
    ms_builder_real(out, column, value);
  else
    ms_builder_null(out, column);
}

static void put_node(ms_builder *out, const tree_node *node, double root) {
  bool inner = node->left >= 0, category = inner && node->sides;
  put_real(out, NODE, (double)node->number, true);
  put_real(out, PARENT, (double)node->parent + 1, node->parent >= 0);
  put_real(out, LEFT, (double)node->left + 1, true);
  put_real(out, RIGHT, (double)node->right + 1, true);
  put_real(out, ROWS, (double)node->rows, true);
  put_real(out, WEIGHT, node->weight, true);
  put_real(out, RISK, node->risk, true);
  put_real(out, COMPLEXITY, root > 0 ? node->complexity / root : 0, inner);
  put_real(out, PREDICTION, node->prediction, true);
  put_real(out, INPUT, inner ? (double)node->input + 1 : 0, true);
  put_real(out, CUT, node->cut, inner && !category);
  put_real(out, SWAPPED, inner && node->swapped, true);
  put_real(out, MOST_LEFT, inner && node->most_left, true);
  put_real(out, IMPROVEMENT, node->improvement, inner);
  if (category)
    ms_builder_text(out, SIDES, node->sides, strlen(node->sides));
  else
    ms_builder_null(out, SIDES);
}

static ms_frame *nodes_part(ms_context *context, const tree_grown *grown) {
  static const char *const names[] = {"node",   "parent",  "left",       "right",       "rows",
                                      "weight", "risk",    "complexity", "prediction",  "input",
                                      "cut",    "swapped", "most_left",  "improvement", "sides"};
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t i = 0; i < NODE_COLUMNS; i++)
    (void)ms_builder_column(out, names[i], i == SIDES ? MS_TEXT : MS_REAL);
  for (size_t i = 0; i < grown->count; i++) put_node(out, &grown->nodes[i], grown->nodes[0].risk);
  return ms_builder_finish(out);
}

/* A row for each node and class. Of a number: none. */
static ms_frame *shares_part(ms_context *context, const tree_grown *grown,
                             const ms_target *target) {
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "node", MS_REAL);
  (void)ms_builder_column(out, "class", MS_TEXT);
  (void)ms_builder_column(out, "share", MS_REAL);
  for (size_t i = 0; target->classes && i < grown->count; i++) {
    for (size_t k = 0; k < target->levels.count; k++) {
      ms_builder_real(out, 0, (double)grown->nodes[i].number);
      ms_builder_text(out, 1, target->levels.names[k], strlen(target->levels.names[k]));
      ms_builder_real(out, 2, grown->nodes[i].shares[k]);
    }
  }
  return ms_builder_finish(out);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const tree_options *given = checked;
  ms_training_request request = {.kernel = "tree",
                                 .kind = MS_TARGET_ANY,
                                 .target = given->target,
                                 .event = given->event,
                                 .columns = given->columns,
                                 .categories = given->categories,
                                 .weights = given->weights};
  ms_training training;
  tree_grown grown;
  if (ms_training_read(context, inputs->frames[0], &request, &training) != MS_OK) return NULL;
  tree_settings settings = {.cp = given->cp,
                            .minsplit = given->minsplit,
                            .minbucket = given->minbucket,
                            .maxdepth = given->maxdepth,
                            .criterion = (tree_criterion)given->criterion};
  if (!training.target.classes) settings.criterion = TREE_ANOVA;
  if (tree_grow(context, &training, &settings, &grown) != MS_OK) return NULL;
  ms_frame *nodes = nodes_part(context, &grown);
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)training.inputs.rows);
  ms_facts_number(&facts, "cp", given->cp);
  bool fine = ms_part_attach(context, shares_part(context, &grown, &training.target));
  fine = ms_part_attach(context, ms_training_part(context, &training)) && fine;
  fine = ms_part_attach(context, ms_facts_finish(&facts)) && fine;
  if (fine && nodes) return nodes;
  ms_frame_free(nodes);
  return NULL;
}

const ms_kernel ms_kernel_tree = {
    .name = "tree",
    .group = "mining",
    .brief = "a classification or regression tree (CART) with complexity pruning",
    .cost =
        "O(rows * columns * depth) time; rows * (8 * numeric columns + 4 * categories + 9) bytes",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(tree_options),
    .parts = "nodes shares inputs facts",
    .run = run,
};
