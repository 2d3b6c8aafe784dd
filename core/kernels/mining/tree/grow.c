/* Growing and pruning: rows are sorted once by each number; each split keeps these orders by a stable partition.
 *
 * Complexity is that of Breiman et al. (1984), chapter 3, reckoned on the way back as rpart does (Therneau and Atkinson, "An
 * Introduction to Recursive Partitioning Using the RPART Routines", section 4): a node whose complexity is not above cp
 * times the root's risk is a leaf again. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/tree.h"

typedef struct {
  ms_context *context;
  const ms_training *training;
  const tree_settings *settings;
  tree_grown *out;
  uint32_t **
      orders; /* of each number the rows by its value, missing ones last; the last one: of all categories */
  uint32_t *spare;    /* inputs + 1 times rows */
  uint8_t *side;      /* of a row: goes right */
  tree_split *splits; /* of each input, of the node at hand */
  int64_t node;       /* at hand */
  double alpha;
} growing;

/* ---- sorting ---- */

static uint64_t key_of(double x) {
  uint64_t bits;
  if (isnan(x)) return UINT64_MAX;
  x += 0.0; /* -0 is 0 */
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* By 16 bits at a time, from the lowest; a digit that all share is passed over. */
static ms_status sort_input(ms_context *worker, void *state, size_t task) {
  growing *g = state;
  const ms_input *input = &g->training->inputs.items[task];
  if (input->category) return MS_OK;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  size_t rows = (size_t)g->training->inputs.rows;
  uint32_t *from = g->orders[task], *to = g->spare + task * rows;
  ms_mark mark = ms_scratch_mark(worker);
  uint32_t *counts = ms_scratch(worker, 65537, sizeof *counts);
  if (!counts) return MS_EMEMORY;
  for (size_t i = 0; i < rows; i++) from[i] = (uint32_t)i;
  for (unsigned shift = 0; shift < 64; shift += 16) {
    memset(counts, 0, 65537 * sizeof *counts);
    for (size_t i = 0; i < rows; i++) counts[(key_of(input->values[i]) >> shift & 65535) + 1]++;
    if (counts[(key_of(input->values[0]) >> shift & 65535) + 1] == rows) continue;
    for (size_t b = 0; b < 65536; b++) counts[b + 1] += counts[b];
    for (size_t i = 0; i < rows; i++)
      to[counts[key_of(input->values[from[i]]) >> shift & 65535]++] = from[i];
    uint32_t *other = from;
    from = to, to = other;
  }
  if (from != g->orders[task]) memcpy(g->orders[task], from, rows * sizeof *from);
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* ---- a node ---- */

static tree_node *at_hand(const growing *g) { return &g->out->nodes[g->node]; }

static int64_t node_new(growing *g, int64_t number, int64_t parent, ms_range range) {
  tree_grown *out = g->out;
  if (out->count == out->room) {
    size_t room = out->room * 2 + 64;
    tree_node *nodes = ms_scratch(g->context, room, sizeof *nodes);
    if (!nodes) return -1;
    if (out->count) memcpy(nodes, out->nodes, out->count * sizeof *nodes);
    out->nodes = nodes, out->room = room;
  }
  double *shares = ms_scratch_zero(g->context, out->width, sizeof *shares);
  if (!shares) return -1;
  out->nodes[out->count] = (tree_node){.number = number,
                                       .first = range.first,
                                       .rows = range.count,
                                       .parent = parent,
                                       .left = -1,
                                       .right = -1,
                                       .shares = shares};
  return (int64_t)out->count++;
}

/* Weight, prediction and risk: the weight of errors, or the squares around the mean. */
static void measure(const growing *g, tree_node *node) {
  const ms_training *t = g->training;
  const uint32_t *rows = g->orders[t->inputs.count] + node->first;
  for (int64_t i = 0; i < node->rows; i++) {
    double w = t->weights ? t->weights[rows[i]] : 1;
    node->weight += w;
    if (t->target.classes)
      node->shares[t->target.codes[rows[i]]] += w;
    else
      node->prediction += w * t->target.values[rows[i]];
  }
  if (t->target.classes) {
    size_t best = 0;
    for (size_t k = 1; k < g->out->width; k++)
      if (node->shares[k] > node->shares[best]) best = k;
    node->risk = node->weight - node->shares[best];
    node->prediction = (double)best;
    for (size_t k = 0; k < g->out->width; k++) node->shares[k] /= node->weight;
    return;
  }
  node->prediction /= node->weight;
  for (int64_t i = 0; i < node->rows; i++) {
    double from = t->target.values[rows[i]] - node->prediction;
    node->risk += (t->weights ? t->weights[rows[i]] : 1) * from * from;
  }
}

static ms_status split_input(ms_context *worker, void *state, size_t task) {
  growing *g = state;
  const tree_node *node = at_hand(g);
  const ms_input *input = &g->training->inputs.items[task];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  tree_split *split = &g->splits[task];
  split->gain = 0, split->cut = 0, split->swapped = false;
  tree_case at = {.training = g->training,
                  .settings = g->settings,
                  .input = task,
                  .width = g->out->width,
                  .order = g->orders[task] + node->first,
                  .rows = node->rows,
                  .mean = g->training->target.classes ? 0 : node->prediction};
  while (!input->category && at.rows > 0 && isnan(input->values[at.order[at.rows - 1]])) at.rows--;
  return tree_split_find(worker, &at, split);
}

/* Takes the best; false where there is none. */
static bool take_best(growing *g, double *least) {
  tree_node *node = at_hand(g);
  int64_t best = -1;
  for (size_t i = 0; i < g->training->inputs.count; i++) {
    double gain = g->splits[i].gain;
    if (gain > *least) *least = gain;
    if (gain > *least * 1e-10 && (best < 0 || gain > g->splits[best].gain)) best = (int64_t)i;
  }
  if (best < 0) return false;
  node->input = best;
  node->improvement = g->splits[best].gain;
  node->cut = g->splits[best].cut;
  node->swapped = g->splits[best].swapped;
  return true;
}

static int side_of(const tree_node *node, const ms_input *input, uint32_t row) {
  if (input->category) {
    uint32_t code = input->codes[row];
    char side = code == MS_MISSING ? '-' : node->sides[code];
    return side == '-' ? -1 : side == 'R';
  }
  double x = input->values[row];
  return isnan(x) ? -1 : (x >= node->cut) != node->swapped;
}

/* Sides of all rows of the node; gives the number that go left. */
static int64_t send_rows(const growing *g, tree_node *node) {
  const ms_training *t = g->training;
  const ms_input *input = &t->inputs.items[node->input];
  const uint32_t *rows = g->orders[t->inputs.count] + node->first;
  double weight[2] = {0, 0};
  for (int64_t i = 0; i < node->rows; i++) {
    int side = side_of(node, input, rows[i]);
    if (side >= 0) weight[side] += t->weights ? t->weights[rows[i]] : 1;
  }
  node->most_left = weight[0] >= weight[1];
  int64_t left = 0;
  for (int64_t i = 0; i < node->rows; i++) {
    int side = side_of(node, input, rows[i]);
    if (side < 0) side = !node->most_left;
    g->side[rows[i]] = (uint8_t)side;
    left += !side;
  }
  return left;
}

/* Stable, so that the orders stay; missing values stay behind the others. */
static ms_status partition_input(ms_context *worker, void *state, size_t task) {
  growing *g = state;
  const tree_node *node = at_hand(g);
  const ms_training *t = g->training;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  if (task < t->inputs.count && t->inputs.items[task].category) return MS_OK;
  uint32_t *rows = g->orders[task] + node->first;
  uint32_t *right = g->spare + task * (size_t)t->inputs.rows;
  size_t l = 0, r = 0;
  for (int64_t i = 0; i < node->rows; i++) {
    uint32_t row = rows[i], side = g->side[row];
    rows[l] = row;
    right[r] = row;
    l += !side, r += side;
  }
  memcpy(rows + l, right, r * sizeof *right);
  return MS_OK;
}

/* Makes the children of the node at hand; 0 where it stays a leaf, -1 on failure. */
static int divide(growing *g, double *least) {
  size_t inputs = g->training->inputs.count;
  if (ms_parallel(g->context, inputs, split_input, g) != MS_OK) return -1;
  if (!take_best(g, least)) return 0;
  tree_node *node = at_hand(g);
  const ms_levels *levels = &g->training->inputs.items[node->input].levels;
  if (g->training->inputs.items[node->input].category) {
    node->sides = ms_scratch_text(g->context, g->splits[node->input].sides, levels->count);
    if (!node->sides) return -1;
  }
  int64_t left = send_rows(g, node);
  if (ms_parallel(g->context, inputs + 1, partition_input, g) != MS_OK) return -1;
  ms_range whole = {node->first, node->rows};
  int64_t number = node->number, parent = g->node;
  int64_t a = node_new(g, number * 2, parent, (ms_range){whole.first, left});
  int64_t b = a < 0 ? -1
                    : node_new(g, number * 2 + 1, parent,
                               (ms_range){whole.first + left, whole.count - left});
  if (b < 0) return -1;
  g->out->nodes[parent].left = a;
  g->out->nodes[parent].right = b;
  return 1;
}

/* ---- complexity ---- */

typedef struct {
  double risk;
  int64_t splits;
} subtree;

static double gain_a_split(double risk, subtree a, subtree b) {
  return (risk - (a.risk + b.risk)) / (double)(a.splits + b.splits + 1);
}

/* The node's complexity once its weaker parts have gone first. */
static void weigh(tree_node *node, const tree_node *l, const tree_node *r, subtree *a, subtree *b) {
  double cp = gain_a_split(node->risk, *a, *b);
  bool left_first = r->complexity > l->complexity;
  const tree_node *first = left_first ? l : r, *second = left_first ? r : l;
  subtree *one = left_first ? a : b, *two = left_first ? b : a;
  if (cp > first->complexity) {
    *one = (subtree){first->risk, 0};
    if (gain_a_split(node->risk, *a, *b) > second->complexity) *two = (subtree){second->risk, 0};
  }
  node->complexity = gain_a_split(node->risk, *a, *b);
}

static int grow_node(growing *g, int64_t at, double bound, subtree *out) {
  tree_node *node = &g->out->nodes[at];
  double least = 0;
  measure(g, node);
  *out = (subtree){node->risk, 0};
  double cp = at == 0 ? node->risk : fmin(node->risk, bound);
  if (at == 0) g->alpha = g->settings->cp * node->risk;
  node->complexity = g->alpha;
  if (node->rows < g->settings->minsplit || cp <= g->alpha ||
      node->number >= INT64_C(1) << g->settings->maxdepth)
    return 0;
  g->node = at;
  int made = divide(g, &least);
  if (made <= 0) return made;
  subtree a, b;
  int64_t l = g->out->nodes[at].left, r = g->out->nodes[at].right;
  if (grow_node(g, l, cp - g->alpha, &a) < 0) return -1;
  node = &g->out->nodes[at];
  double next = (node->risk - a.risk) / (double)(a.splits + 1);
  next = fmin(fmax(next, node->risk - g->out->nodes[l].risk), cp);
  if (grow_node(g, r, next - g->alpha, &b) < 0) return -1;
  node = &g->out->nodes[at];
  weigh(node, &g->out->nodes[l], &g->out->nodes[r], &a, &b);
  if (node->complexity <= g->alpha) {
    g->out->count = (size_t)l; /* all that stands behind came of this node */
    node->left = node->right = -1;
    node->complexity = g->alpha;
    return 0;
  }
  *out = (subtree){a.risk + b.risk, a.splits + b.splits + 1};
  return 0;
}

ms_status tree_grow(ms_context *context, const ms_training *training, const tree_settings *settings,
                    tree_grown *out) {
  size_t rows = (size_t)training->inputs.rows, inputs = training->inputs.count;
  *out = (tree_grown){.width = training->target.classes ? training->target.levels.count : 1};
  growing g = {.context = context, .training = training, .settings = settings, .out = out};
  g.orders = ms_scratch(context, inputs + 1, sizeof *g.orders);
  g.spare = ms_scratch(context, (inputs + 1) * rows, sizeof *g.spare);
  g.side = ms_scratch(context, rows, 1);
  g.splits = ms_scratch_zero(context, inputs, sizeof *g.splits);
  uint32_t *all = ms_scratch(context, rows, sizeof *all);
  if (!g.orders || !g.spare || !g.side || !g.splits || !all) return MS_EMEMORY;
  for (size_t i = 0; i < rows; i++) all[i] = (uint32_t)i;
  g.orders[inputs] = all;
  for (size_t i = 0; i < inputs; i++) {
    const ms_input *input = &training->inputs.items[i];
    g.orders[i] = input->category ? all : ms_scratch(context, rows, sizeof(uint32_t));
    g.splits[i].sides = ms_scratch(context, input->levels.count + 1, 1);
    if (!g.orders[i] || !g.splits[i].sides) return MS_EMEMORY;
  }
  ms_status status = ms_parallel(context, inputs, sort_input, &g);
  if (status != MS_OK) return status;
  if (node_new(&g, 1, -1, (ms_range){0, (int64_t)rows}) < 0) return MS_EMEMORY;
  subtree whole;
  if (grow_node(&g, 0, 0, &whole) < 0) return ms_error_status(context);
  for (size_t i = 1; i < out->count; i++) { /* a node goes with its parent at the latest */
    tree_node *node = &out->nodes[i];
    node->complexity = fmin(node->complexity, out->nodes[node->parent].complexity);
  }
  return MS_OK;
}
