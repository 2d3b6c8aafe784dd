/* The best split of one input in a node, as in CART (Breiman, Friedman, Olshen, Stone 1984).
 *
 * The goodness of a set of rows is sum w_k^2 / w (Gini), sum w_k log(w_k / w) (information) or (sum w y)^2 / w (anova); the gain
 * of a split is what both sides have more of it than the whole. The first of equal splits wins. Levels of a category are put in
 * the order of their mean, or of the share of a class, where that finds the best split (two classes, numbers: Breiman et al.,
 * theorem 4.5); with more classes and at most EXHAUSTIVE levels in the node all divisions are tried, with more levels the order
 * is that of the share of the node's most common class, which need not find the best. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/tree.h"

enum { EXHAUSTIVE = 10 };

static double goodness(const double *stat, size_t width, tree_criterion criterion) {
  double weight = stat[0], sum = 0;
  if (!(weight > 0)) return 0;
  if (criterion == TREE_INFORMATION) {
    for (size_t k = 1; k <= width; k++)
      if (stat[k] > 0) sum += stat[k] * log(stat[k] / weight);
    return sum;
  }
  for (size_t k = 1; k <= width; k++) sum += stat[k] * stat[k];
  return sum / weight;
}

static void add_row(const tree_case *at, uint32_t row, double *stat) {
  const ms_training *training = at->training;
  double w = training->weights ? training->weights[row] : 1;
  stat[0] += w;
  if (training->target.classes)
    stat[1 + training->target.codes[row]] += w;
  else
    stat[1] += w * (training->target.values[row] - at->mean);
}

/* What decides which side is the left one: the mean of the target, classes counted from 0. */
static double side_mean(const double *stat, size_t width, bool classes) {
  double sum = 0;
  for (size_t k = 1; k <= width; k++) sum += (classes ? (double)(k - 1) : 1.0) * stat[k];
  return sum / stat[0];
}

typedef struct {
  double *left, *right, *total, base;
} sums;

static bool sums_new(ms_context *worker, const tree_case *at, sums *out) {
  size_t size = at->width + 1;
  double *room = ms_scratch_zero(worker, 3 * size, sizeof *room);
  if (!room) return false;
  *out = (sums){room, room + size, room + 2 * size, 0};
  return true;
}

/* The gain with the rest of the total on the right. */
static double gain_of(const tree_case *at, sums *s) {
  for (size_t k = 0; k <= at->width; k++) s->right[k] = s->total[k] - s->left[k];
  return goodness(s->left, at->width, at->settings->criterion) +
         goodness(s->right, at->width, at->settings->criterion) - s->base;
}

static bool left_is_less(const tree_case *at, const sums *s) {
  bool classes = at->training->target.classes;
  return side_mean(s->left, at->width, classes) < side_mean(s->right, at->width, classes);
}

static ms_status split_number(ms_context *worker, const tree_case *at, tree_split *out) {
  const double *x = at->training->inputs.items[at->input].values;
  sums s;
  if (!sums_new(worker, at, &s)) return MS_EMEMORY;
  for (int64_t i = 0; i < at->rows; i++) add_row(at, at->order[i], s.total);
  s.base = goodness(s.total, at->width, at->settings->criterion);
  int64_t edge = at->settings->minbucket;
  for (int64_t i = 0; i + 1 < at->rows && at->rows - i - 1 >= edge; i++) {
    if (i % MS_MORSEL == 0 && ms_cancelled(worker)) return MS_ECANCEL;
    add_row(at, at->order[i], s.left);
    double low = x[at->order[i]], high = x[at->order[i + 1]];
    if (low == high || i + 1 < edge) continue;
    double gain = gain_of(at, &s);
    if (!(gain > out->gain)) continue;
    out->gain = gain;
    out->cut = low / 2 + high / 2;
    if (!(out->cut > low)) out->cut = high; /* neighbours: nothing lies between */
    out->swapped = !left_is_less(at, &s);
  }
  return MS_OK;
}

/* ---- categories ---- */

typedef struct {
  size_t count; /* levels that have rows in the node */
  uint32_t *levels;
  int64_t *rows;
  double *stats, *keys; /* of all levels */
} present;

static bool present_new(ms_context *worker, const tree_case *at, present *out, sums *s) {
  const ms_input *input = &at->training->inputs.items[at->input];
  size_t all = input->levels.count, size = at->width + 1;
  out->count = 0;
  out->levels = ms_scratch(worker, all + 1, sizeof *out->levels);
  out->rows = ms_scratch_zero(worker, all + 1, sizeof *out->rows);
  out->stats = ms_scratch_zero(worker, (all + 1) * size, sizeof *out->stats);
  out->keys = ms_scratch_zero(worker, all + 1, sizeof *out->keys);
  if (!out->levels || !out->rows || !out->stats || !out->keys) return false;
  for (int64_t i = 0; i < at->rows; i++) {
    uint32_t level = input->codes[at->order[i]];
    if (level == MS_MISSING) continue;
    out->rows[level]++;
    add_row(at, at->order[i], out->stats + level * size);
  }
  for (size_t l = 0; l < all; l++) {
    if (out->rows[l] == 0) continue;
    out->levels[out->count++] = (uint32_t)l;
    for (size_t k = 0; k < size; k++) s->total[k] += out->stats[l * size + k];
  }
  return true;
}

/* Keeps the division whose left levels are marked, if it is the best so far. */
static void try_division(const tree_case *at, const present *p, const char *marks, sums *s,
                         tree_split *out) {
  size_t size = at->width + 1;
  int64_t rows = 0, all = 0;
  memset(s->left, 0, size * sizeof *s->left);
  for (size_t i = 0; i < p->count; i++) {
    all += p->rows[p->levels[i]];
    if (!marks[i]) continue;
    rows += p->rows[p->levels[i]];
    for (size_t k = 0; k < size; k++) s->left[k] += p->stats[p->levels[i] * size + k];
  }
  if (rows < at->settings->minbucket || all - rows < at->settings->minbucket) return;
  double gain = gain_of(at, s);
  if (!(gain > out->gain)) return;
  out->gain = gain;
  bool less = left_is_less(at, s);
  memset(out->sides, '-', at->training->inputs.items[at->input].levels.count);
  for (size_t i = 0; i < p->count; i++)
    out->sides[p->levels[i]] = (marks[i] != 0) == less ? 'L' : 'R';
}

static void order_levels(const tree_case *at, const present *p, const sums *s) {
  size_t size = at->width + 1, common = 1;
  for (size_t k = 2; k <= at->width; k++)
    if (s->total[k] > s->total[common]) common = k;
  if (at->width == 2) common = 1;
  for (size_t i = 0; i < p->count; i++) {
    const double *stat = p->stats + p->levels[i] * size;
    p->keys[p->levels[i]] = stat[common] / stat[0];
  }
  for (size_t i = 1; i < p->count; i++) {
    uint32_t level = p->levels[i];
    size_t j = i;
    for (; j > 0 && p->keys[p->levels[j - 1]] > p->keys[level]; j--)
      p->levels[j] = p->levels[j - 1];
    p->levels[j] = level;
  }
}

static ms_status split_category(ms_context *worker, const tree_case *at, tree_split *out) {
  sums s;
  present p;
  if (!sums_new(worker, at, &s) || !present_new(worker, at, &p, &s)) return MS_EMEMORY;
  if (p.count < 2) return MS_OK;
  s.base = goodness(s.total, at->width, at->settings->criterion);
  char *marks = ms_scratch_zero(worker, p.count, 1);
  if (!marks) return MS_EMEMORY;
  if (at->width > 2 && p.count <= EXHAUSTIVE) {
    for (uint32_t set = 1; set < UINT32_C(1) << (p.count - 1); set++) {
      for (size_t i = 0; i < p.count; i++) marks[i] = (char)(set >> i & 1);
      try_division(at, &p, marks, &s, out);
    }
    return MS_OK;
  }
  order_levels(at, &p, &s);
  for (size_t i = 0; i + 1 < p.count; i++) {
    marks[i] = 1;
    try_division(at, &p, marks, &s, out);
  }
  return MS_OK;
}

ms_status tree_split_find(ms_context *worker, const tree_case *at, tree_split *out) {
  ms_mark mark = ms_scratch_mark(worker);
  ms_status status = at->training->inputs.items[at->input].category
                         ? split_category(worker, at, out)
                         : split_number(worker, at, out);
  ms_scratch_release(worker, mark);
  return status;
}
