/* The best cut of a node on one column, by the gain of a Newton step.
 *
 * gain = GL² / (HL + λ) + GR² / (HR + λ) - G² / (H + λ) (Chen, Guestrin 2016, "XGBoost", without their factor ½). What is
 * missing is tried on both sides. Numbers are tried from the largest cut down and the first of equal gains wins, as
 * XGBoost's exact method does. Categories are ordered by G / (H + smooth), and cut as if they were numbers: for one fixed
 * node that is the best of all subsets (Fisher 1958); with more than four of them λ grows by `smooth`, against luck. */
#include "core/kernels/mining/boost/grow.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  const ms_grower *grower;
  const ms_growing *node;
  double unit_g, unit_h, lambda;
  double parent; /* gain of the whole */
  int monotone;
  bool bounded;
  ms_cut best;
} search;

static double clamped(double value, double low, double high) {
  return value < low ? low : value > high ? high : value;
}

double ms_step_of(const ms_grower *grower, ms_gradient_sum sum, double low, double high) {
  double g = (double)sum.g * grower->gradients->unit_g,
         h = (double)sum.h * grower->gradients->unit_h;
  double under = h + grower->rules.lambda;
  return under > 0 ? clamped(-g / under, low, high) : clamped(0, low, high);
}

/* Gain of a side whose step is held within bounds. */
static double bounded_gain(const search *s, double g, double h, double *step) {
  double under = h + s->lambda;
  *step = clamped(under > 0 ? -g / under : 0, s->node->low, s->node->high);
  return -(2 * g * *step + under * *step * *step);
}

static double gain_of(const search *s, ms_gradient_sum left, ms_gradient_sum right) {
  double gl = (double)left.g * s->unit_g, hl = (double)left.h * s->unit_h;
  double gr = (double)right.g * s->unit_g, hr = (double)right.h * s->unit_h;
  double least = s->grower->rules.least_cover;
  if (hl < least || hr < least || !(hl + s->lambda > 0) || !(hr + s->lambda > 0)) return -1;
  if (!s->bounded) {
    return gl * gl / (hl + s->lambda) + gr * gr / (hr + s->lambda) - s->parent;
  }
  double step_left, step_right;
  double gain = bounded_gain(s, gl, hl, &step_left) + bounded_gain(s, gr, hr, &step_right);
  if (s->monotone * (step_right - step_left) < 0) return -1;
  return gain - s->parent;
}

static ms_gradient_sum less(ms_gradient_sum whole, ms_gradient_sum part) {
  return (ms_gradient_sum){whole.g - part.g, whole.h - part.h};
}

static void try_cut(search *s, ms_gradient_sum left, uint32_t bin, bool missing_left) {
  double gain = gain_of(s, left, less(s->node->sum, left));
  if (gain > s->best.gain) {
    s->best = (ms_cut){gain, s->best.column, bin, missing_left, left};
  }
}

/* Cuts behind each of the bins but the last one; `order` NULL: as they are numbered. */
static void scan(search *s, const ms_gradient_sum *sums, const uint32_t *order, uint32_t count,
                 ms_gradient_sum missing) {
  bool holes = missing.h > 0 || missing.g != 0;
  ms_gradient_sum right = {0, 0};
  for (uint32_t b = count; b-- > 1;) {
    const ms_gradient_sum *bin = &sums[order ? order[b] : b];
    if (bin->h == 0 && bin->g == 0) continue;
    right.g += bin->g, right.h += bin->h;
    try_cut(s, less(s->node->sum, right), order ? b : b - 1, true);
  }
  if (!holes) return;
  ms_gradient_sum left = {0, 0};
  for (uint32_t b = 0; b < count; b++) {
    const ms_gradient_sum *bin = &sums[order ? order[b] : b];
    if (bin->h == 0 && bin->g == 0) continue;
    left.g += bin->g, left.h += bin->h;
    try_cut(s, left, order ? b + 1 : b, false);
  }
}

typedef struct {
  double key;
  uint32_t bin;
} ranked;

static int by_key(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return x->bin < y->bin ? -1 : x->bin > y->bin;
}

uint32_t ms_cut_order(const ms_grower *grower, size_t column, const ms_gradient_sum *sums,
                      uint32_t *order) {
  uint32_t bins = grower->bins->columns[column].bins, count = 0;
  ranked few[256], *list = few;
  /* What is kept beside the order itself: a category has at most MS_LEVELS_MOST bins. */
  ranked many[MS_LEVELS_MOST];
  if (bins > 256) list = many;
  for (uint32_t b = 0; b < bins; b++) {
    if (sums[b].h == 0 && sums[b].g == 0) continue;
    double g = (double)sums[b].g * grower->gradients->unit_g;
    double h = (double)sums[b].h * grower->gradients->unit_h;
    list[count++] = (ranked){g / (h + grower->rules.smooth + 1e-12), b};
  }
  qsort(list, count, sizeof *list, by_key);
  for (uint32_t i = 0; i < count; i++) order[i] = list[i].bin;
  return count;
}

ms_cut ms_cut_find(const ms_grower *grower, const ms_growing *node, size_t column,
                   const ms_gradient_sum *sums, uint32_t *order) {
  const ms_bin_column *in = &grower->bins->columns[column];
  search s = {.grower = grower,
              .node = node,
              .unit_g = grower->gradients->unit_g,
              .unit_h = grower->gradients->unit_h,
              .lambda = grower->rules.lambda,
              .monotone = grower->monotone ? grower->monotone[column] : 0,
              .bounded = grower->monotone || grower->rules.max_step > 0};
  uint32_t count = in->bins;
  if (in->category) count = ms_cut_order(grower, column, sums, order);
  double g = (double)node->sum.g * s.unit_g, h = (double)node->sum.h * s.unit_h, step;
  s.parent = s.bounded          ? bounded_gain(&s, g, h, &step)
             : h + s.lambda > 0 ? g * g / (h + s.lambda)
                                : 0;
  if (in->category && count > 4) s.lambda += grower->rules.smooth;
  double least = fmax(grower->rules.gamma, 1e-6);
  s.best = (ms_cut){.gain = least, .column = (int32_t)column};
  scan(&s, sums, in->category ? order : NULL, count, sums[in->bins]);
  if (!(s.best.gain > least)) return (ms_cut){.gain = 0, .column = -1};
  return s.best;
}
