/* The best split of a number in a node: entries by value are moved from the right to the left one at a time.
 *
 * The goodness of a set of rows is sum w_k^2 / w (Gini), sum w_k log(w_k / w) (information) or (sum w y)^2 / w (anova). For two
 * sums, Gini and anova come to one product: with d = sum_left * w - w_left * sum the gain is largest where d^2 / (w_left *
 * w_right) is. The first of equal splits wins. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/tree.h"

double tree_goodness(const double *stat, size_t width, tree_criterion criterion) {
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

void tree_add_row(const tree_case *at, uint32_t entry, double *stat, double mean) {
  const ms_training *training = at->training;
  uint32_t row = entry & TREE_ROW;
  double w = training->weights ? training->weights[row] : 1;
  if (training->target.classes) {
    uint32_t class = training->target.codes[row];
    w *= at->factors->split[class];
    stat[0] += w;
    stat[1 + class] += w;
  } else {
    stat[0] += w;
    stat[1] += w * (training->target.values[row] - mean);
  }
}

/* The mean of the target, classes counted from 0. */
static double side_mean(const double *stat, size_t width, bool classes) {
  double sum = 0;
  for (size_t k = 1; k <= width; k++) sum += (classes ? (double)(k - 1) : 1.0) * stat[k];
  return sum / stat[0];
}

bool tree_left_is_less(const tree_case *at, const tree_room *room) {
  bool classes = at->training->target.classes;
  size_t width = at->factors->width;
  return side_mean(room->left, width, classes) < side_mean(room->right, width, classes);
}

/* The best place so far: entries 0 … where - 1 go left. */
typedef struct {
  double score;
  int64_t where;
} place;

/* Rows of the second class that have a value. */
static int64_t count_events(const tree_case *at) {
  int64_t events = 0;
  if (at->whole) return at->events;
  for (int64_t i = 0; i < at->rows; i++) events += at->order[i] >> 30 & 1;
  return events;
}

static place scan_counted(const tree_case *at, int64_t all, double *left_event) {
  const uint32_t *order = at->order;
  int64_t n = at->rows, edge = at->settings->minbucket, events = 0, found = 0;
  double f0 = at->factors->split[0], f1 = at->factors->split[1];
  place best = {0, 0};
  double event = f1 * (double)all, weight = event + f0 * (double)(n - all);
  for (int64_t i = 0; i + 1 < edge && i < n; i++) events += order[i] >> 30 & 1;
  for (int64_t i = edge - 1; i + edge < n; i++) {
    events += order[i] >> 30 & 1;
    if (order[i + 1] & TREE_SAME) continue;
    double left = f1 * (double)events, side = left + f0 * (double)(i + 1 - events);
    double d = left * weight - side * event;
    double score = d * d / (side * (weight - side));
    if (score > best.score) best = (place){score, i + 1}, found = events;
  }
  *left_event = (double)found;
  return best;
}

static place scan_anova(const tree_case *at, double total, double mean) {
  const double *y = at->training->target.values, *w = at->training->weights;
  int64_t n = at->rows, edge = at->settings->minbucket;
  place best = {0, 0};
  double side = 0, sum = 0;
  for (int64_t i = 0; i + edge < n; i++) {
    uint32_t row = at->order[i] & TREE_ROW;
    double here = w ? w[row] : 1;
    side += here;
    sum += here * (y[row] - mean);
    if (i + 1 < edge || at->order[i + 1] & TREE_SAME) continue;
    double score = sum * sum / (side * (total - side));
    if (score > best.score) best = (place){score, i + 1};
  }
  return best;
}

static place scan_classes(const tree_case *at, tree_room *room) {
  size_t width = at->factors->width;
  int64_t n = at->rows, edge = at->settings->minbucket;
  tree_criterion criterion = at->settings->criterion;
  double base = tree_goodness(room->total, width, criterion);
  place best = {0, 0};
  for (int64_t i = 0; i + edge < n; i++) {
    tree_add_row(at, at->order[i], room->left, 0);
    if (i + 1 < edge || at->order[i + 1] & TREE_SAME) continue;
    for (size_t k = 0; k <= width; k++) room->right[k] = room->total[k] - room->left[k];
    double score = tree_goodness(room->left, width, criterion) +
                   tree_goodness(room->right, width, criterion) - base;
    if (score > best.score) best = (place){score, i + 1};
  }
  return best;
}

/* Total, and the mean of a number. */
static double sum_up(const tree_case *at, tree_room *room) {
  const double *y = at->training->target.values;
  size_t size = (at->factors->width + 1) * sizeof(double);
  double mean = 0, weight = 0;
  memset(room->total, 0, size);
  memset(room->left, 0, size);
  for (int64_t i = 0; !at->training->target.classes && i < at->rows; i++) {
    uint32_t row = at->order[i] & TREE_ROW;
    double w = at->training->weights ? at->training->weights[row] : 1;
    weight += w;
    mean += w * y[row];
  }
  if (weight > 0) mean /= weight;
  for (int64_t i = 0; i < at->rows; i++) tree_add_row(at, at->order[i], room->total, mean);
  return mean;
}

/* What stands left of the place: from the counts where there are any, else summed again. */
static void sum_left(const tree_case *at, tree_room *room, int64_t where, double mean) {
  memset(room->left, 0, (at->factors->width + 1) * sizeof(double));
  for (int64_t i = 0; i < where; i++) tree_add_row(at, at->order[i], room->left, mean);
}

static void sum_counted(const tree_case *at, tree_room *room, int64_t all, place best,
                        double left_event) {
  const double *f = at->factors->split;
  room->left[2] = f[1] * left_event;
  room->left[1] = f[0] * ((double)best.where - left_event);
  room->left[0] = room->left[1] + room->left[2];
  room->total[2] = f[1] * (double)all;
  room->total[1] = f[0] * (double)(at->rows - all);
  room->total[0] = room->total[1] + room->total[2];
}

void tree_split_number(const tree_case *at, tree_room *room, tree_found *out) {
  const double *x = at->training->inputs.items[at->input].values;
  tree_criterion criterion = at->settings->criterion;
  size_t width = at->factors->width;
  place best;
  *out = (tree_found){0, 0, false};
  if (at->rows < 2 * at->settings->minbucket) return;
  if (at->counted && criterion == TREE_GINI) {
    double left_event;
    int64_t all = count_events(at);
    best = scan_counted(at, all, &left_event);
    if (best.where == 0) return;
    sum_counted(at, room, all, best, left_event);
  } else {
    double mean = sum_up(at, room);
    best = criterion == TREE_ANOVA ? scan_anova(at, room->total[0], mean) : scan_classes(at, room);
    if (best.where == 0) return;
    sum_left(at, room, best.where, mean);
  }
  for (size_t k = 0; k <= width; k++) room->right[k] = room->total[k] - room->left[k];
  out->gain = tree_goodness(room->left, width, criterion) +
              tree_goodness(room->right, width, criterion) -
              tree_goodness(room->total, width, criterion);
  double low = x[at->order[best.where - 1] & TREE_ROW], high = x[at->order[best.where] & TREE_ROW];
  out->cut = low / 2 + high / 2;
  if (!(out->cut > low)) out->cut = high; /* neighbours: nothing lies between */
  out->swapped = !tree_left_is_less(at, room);
}
