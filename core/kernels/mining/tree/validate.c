/* Cross-validation of the prunings, as rpart does it: for each fold a tree is grown from the others, and the fold's rows go
 * down it as far as the geometric mean of two neighbouring complexities allows.
 *
 * An error costs what the loss matrix says of it; rpart 4.1.19 reads that matrix the other way round here, which shows where it
 * is not symmetric. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/tree.h"

enum { ASK_ROWS = 32 }; /* a row goes down the tree once for each of perhaps thousands of steps */

typedef struct {
  const ms_training *training;
  const tree_settings *settings;
  const tree_folds *folds;
  tree_factors factors;
  tree_grown tree;
  uint32_t fold;
  size_t steps;
  const double *limits; /* least complexity of a node that is split, of each step */
  double *sums;         /* of each morsel: errors and squared errors of each step */
} judging;

static double error_of(const judging *j, uint32_t row, double prediction) {
  const ms_target *target = &j->training->target;
  if (!target->classes) {
    double from = target->values[row] - prediction;
    return from * from;
  }
  uint32_t class = target->codes[row];
  size_t said = (size_t)prediction;
  double cost = j->factors.loss ? j->factors.loss[class * j->factors.width + said] : class != said;
  return cost * j->factors.prior[class];
}

static ms_status judge_morsel(ms_context *worker, void *state, size_t task) {
  const judging *j = state;
  const ms_training *t = j->training;
  ms_range range = ms_morsel(t->inputs.rows, task);
  double *errors = j->sums + task * 2 * j->steps, *squares = errors + j->steps;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint32_t row = (uint32_t)i;
    if (i % ASK_ROWS == 0 && ms_cancelled(worker)) return MS_ECANCEL;
    if (j->folds->of_row[row] != j->fold) continue;
    double w = t->weights ? t->weights[row] : 1;
    const tree_node *node = j->tree.nodes;
    for (size_t s = 0; s < j->steps; s++) {
      while (node->left >= 0 && node->complexity > j->limits[s]) {
        int side = tree_send(node, t->inputs.items, j->settings->missing, row, NULL);
        if (side < 0) break;
        node = &j->tree.nodes[side ? node->right : node->left];
      }
      double error = error_of(j, row, node->prediction);
      errors[s] += w * error;
      squares[s] += w * error * error;
    }
  }
  return MS_OK;
}

static double weight_of(const ms_training *training, const tree_orders *orders) {
  double sum = 0;
  for (int64_t i = 0; i < orders->rows; i++)
    sum += training->weights ? training->weights[orders->all[i] & TREE_ROW] : 1;
  return sum;
}

/* Grows from the other folds and adds the errors of this one. */
static ms_status judge_fold(ms_context *context, const tree_growth *growth, judging *j,
                            const tree_orders *sorted, tree_orders *orders) {
  const ms_training *t = growth->training;
  uint8_t *keep = ms_scratch(context, (size_t)t->inputs.rows + 1, 1);
  if (!keep) return MS_EMEMORY;
  for (int64_t i = 0; i < t->inputs.rows; i++) keep[i] = j->folds->of_row[i] != j->fold;
  ms_status status = tree_orders_take(context, t, sorted, keep, orders);
  if (status != MS_OK || orders->rows == 0) return status;
  tree_growth others = *growth;
  others.orders = orders;
  others.alpha = growth->alpha * weight_of(t, orders) / weight_of(t, sorted);
  double *limits = ms_scratch(context, j->steps, sizeof *limits);
  if (!limits) return MS_EMEMORY;
  double here_weight = weight_of(t, orders), whole = weight_of(t, sorted);
  for (size_t s = 0; s < j->steps; s++) limits[s] = j->limits[s] * here_weight / whole;
  status = tree_grow(context, &others, &j->tree);
  if (status == MS_OK) status = tree_finish(context, &others, &j->tree);
  if (status != MS_OK) return status;
  judging here = *j;
  here.limits = limits;
  return ms_parallel(context, ms_morsels(t->inputs.rows), judge_morsel, &here);
}

static ms_status judge_folds(ms_context *context, const tree_growth *growth, judging *j,
                             const tree_orders *sorted) {
  tree_orders orders;
  ms_status status = tree_orders_room(context, growth->training, sorted, &orders);
  for (j->fold = 0; status == MS_OK && j->fold < j->folds->count; j->fold++) {
    ms_report(context, "tree: fold", j->fold, j->folds->count);
    ms_mark mark = ms_scratch_mark(context);
    status = judge_fold(context, growth, j, sorted, &orders);
    if (status == MS_OK) ms_scratch_release(context, mark);
  }
  return status;
}

ms_status tree_validate(ms_context *context, const tree_growth *growth, const tree_folds *folds,
                        const tree_orders *sorted, tree_steps *steps) {
  const ms_training *t = growth->training;
  size_t morsels = ms_morsels(t->inputs.rows), count = steps->count;
  double root = growth->risk, weight = weight_of(t, sorted);
  double *limits = ms_scratch(context, count, sizeof *limits);
  judging j = {.training = t, .settings = growth->settings, .folds = folds, .steps = count};
  j.factors = growth->factors;
  j.limits = limits;
  j.sums = ms_scratch_zero(context, morsels * 2 * count, sizeof *j.sums);
  if (!limits || !j.sums) return MS_EMEMORY;
  for (size_t s = 0; s < count; s++) {
    limits[s] = s ? sqrt(steps->items[s - 1].cp * steps->items[s].cp) * root : INFINITY;
  }
  ms_status status = judge_folds(context, growth, &j, sorted);
  if (status != MS_OK || !(root > 0)) return status;
  for (size_t s = 0; s < count; s++) {
    double error = 0, squares = 0;
    for (size_t m = 0; m < morsels; m++) {
      error += j.sums[m * 2 * count + s];
      squares += j.sums[m * 2 * count + count + s];
    }
    steps->items[s].xerror = error / root;
    steps->items[s].xstd = sqrt(fmax(0, squares - error * error / weight)) / root;
  }
  return MS_OK;
}
