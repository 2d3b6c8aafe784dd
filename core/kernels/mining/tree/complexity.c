/* Which splits pay, the list of prunings, and the factors of classes.
 *
 * Complexity is that of Breiman et al. (1984), chapter 3, reckoned on the way back as rpart does (Therneau and Atkinson, "An
 * Introduction to Recursive Partitioning Using the RPART Routines", section 4): a node whose complexity is not above alpha is
 * a leaf again. rpart leaves a node alone whose bound on what can be gained is not above alpha; this comes here after the
 * growing, so that growing may take all nodes of a level at once. */
#include <math.h>
#include <stdlib.h>

#include "core/kernels/mining/tree/tree.h"

typedef struct {
  tree_grown *tree;
  double alpha;
} weighing;

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

static subtree weigh_node(const weighing *w, int64_t at, double bound) {
  tree_node *node = &w->tree->nodes[at];
  subtree leaf = {node->risk, 0};
  double cp = at == 0 ? node->risk : fmin(node->risk, bound);
  node->complexity = w->alpha;
  if (cp <= w->alpha || node->left < 0) {
    node->left = node->right = -1;
    return leaf;
  }
  const tree_node *l = &w->tree->nodes[node->left], *r = &w->tree->nodes[node->right];
  subtree a = weigh_node(w, node->left, cp - w->alpha);
  double next = (node->risk - a.risk) / (double)(a.splits + 1);
  next = fmin(fmax(next, node->risk - l->risk), cp);
  subtree b = weigh_node(w, node->right, next - w->alpha);
  weigh(node, l, r, &a, &b);
  if (node->complexity > w->alpha) return (subtree){a.risk + b.risk, a.splits + b.splits + 1};
  node->left = node->right = -1;
  node->complexity = w->alpha;
  return leaf;
}

/* Copies the part below a node behind what is there, the parent's complexity being the most it may have. */
static int64_t lay_out(const tree_grown *from, int64_t at, int64_t parent, tree_grown *out) {
  int64_t to = (int64_t)out->count++;
  tree_node *node = &out->nodes[to];
  *node = from->nodes[at];
  node->parent = parent;
  if (parent >= 0) node->complexity = fmin(node->complexity, out->nodes[parent].complexity);
  if (node->left < 0) return to;
  node->left = lay_out(from, from->nodes[at].left, to, out);
  node->right = lay_out(from, from->nodes[at].right, to, out);
  return to;
}

static void to_shares(const tree_factors *factors, tree_node *node) {
  double sum = 0;
  for (size_t k = 0; k < factors->width; k++) sum += node->shares[k] *= factors->prior[k];
  for (size_t k = 0; k < factors->width; k++) node->shares[k] /= sum;
}

ms_status tree_finish(ms_context *context, const tree_growth *growth, tree_grown *tree) {
  weighing w = {tree, growth->alpha};
  (void)weigh_node(&w, 0, 0);
  size_t count = 0;
  int64_t *stack = ms_scratch(context, tree->count + 1, sizeof *stack);
  if (!stack) return MS_EMEMORY;
  for (size_t waits = (stack[0] = 0, 1); waits; count++) {
    const tree_node *node = &tree->nodes[stack[--waits]];
    if (node->left < 0) continue;
    stack[waits++] = node->left;
    stack[waits++] = node->right;
  }
  tree_grown out = {.room = count, .width = tree->width};
  out.nodes = ms_scratch(context, count, sizeof *out.nodes);
  if (!out.nodes) return MS_EMEMORY;
  (void)lay_out(tree, 0, -1, &out);
  for (size_t i = 0; growth->training->target.classes && i < out.count; i++)
    to_shares(&growth->factors, &out.nodes[i]);
  *tree = out;
  return MS_OK;
}

/* ---- factors ---- */

ms_status tree_factors_make(ms_context *context, const ms_training *training,
                            const tree_settings *settings, const tree_orders *orders,
                            tree_factors *out) {
  size_t width = training->target.classes ? training->target.levels.count : 1;
  double *share = ms_scratch_zero(context, width, sizeof *share);
  double *prior = ms_scratch(context, width, sizeof *prior);
  double *split = ms_scratch(context, width, sizeof *split);
  if (!share || !prior || !split) return MS_EMEMORY;
  *out = (tree_factors){width, prior, split, settings->loss};
  for (size_t k = 0; k < width; k++) prior[k] = split[k] = 1;
  if (!training->target.classes || (!settings->prior && !settings->loss)) return MS_OK;
  double weight = 0, sum = 0;
  for (int64_t i = 0; i < orders->rows; i++) {
    uint32_t row = orders->all[i] & TREE_ROW;
    double w = training->weights ? training->weights[row] : 1;
    share[training->target.codes[row]] += w;
    weight += w;
  }
  for (size_t k = 0; k < width; k++) {
    double costs = 0;
    for (size_t j = 0; j < width; j++)
      costs += settings->loss ? settings->loss[k * width + j] : j != k;
    share[k] /= weight;
    double of = settings->prior ? settings->prior[k] : share[k];
    split[k] = of * costs;
    sum += split[k];
    prior[k] = share[k] > 0 ? of / share[k] : 0;
  }
  for (size_t k = 0; k < width; k++) split[k] = share[k] > 0 ? split[k] / (sum * share[k]) : 0;
  return MS_OK;
}

/* ---- the list of prunings ---- */

typedef struct {
  double complexity, change; /* of risk where the node is split */
} opening;

static int by_complexity(const void *a, const void *b) {
  double x = ((const opening *)a)->complexity, y = ((const opening *)b)->complexity;
  return (x < y) - (x > y);
}

/* A node is split where its complexity is above cp; a child's is never above its parent's. */
ms_status tree_steps_make(ms_context *context, const tree_growth *growth, const tree_grown *tree,
                          tree_steps *out) {
  opening *inner = ms_scratch(context, tree->count + 1, sizeof *inner);
  const tree_node *nodes = tree->nodes;
  double root = nodes[0].risk, risk = root;
  size_t splits = 0, count = 0;
  out->items = ms_scratch(context, tree->count + 1, sizeof *out->items);
  if (!inner || !out->items) return MS_EMEMORY;
  for (size_t i = 0; i < tree->count; i++) {
    if (nodes[i].left < 0) continue;
    double below = nodes[nodes[i].left].risk + nodes[nodes[i].right].risk;
    inner[splits++] = (opening){nodes[i].complexity, below - nodes[i].risk};
  }
  if (splits > 1) qsort(inner, splits, sizeof *inner, by_complexity);
  inner[splits].complexity = growth->alpha;
  for (size_t i = 0; i <= splits; i++) {
    if (i == 0 || inner[i].complexity < inner[i - 1].complexity) {
      out->items[count++] = (tree_step){.cp = root > 0 ? inner[i].complexity / root : 0,
                                        .error = root > 0 ? risk / root : 1,
                                        .xerror = NAN,
                                        .xstd = NAN,
                                        .splits = (int64_t)i};
    }
    if (i < splits) risk += inner[i].change;
  }
  out->count = count;
  return MS_OK;
}
