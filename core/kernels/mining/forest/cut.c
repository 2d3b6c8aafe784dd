/* The best cut of a node of a forest's tree on one column.
 *
 * Gain: what Σ S² / W grows by, S the weighted sums (a class each, or of the number) and W the weight: for numbers the fall of the
 * squared error, for classes that of the Gini impurity (half of it where two classes are one number). Categories are ordered
 * by their mean, or by the share of the node's most frequent class. */
#include "core/kernels/mining/forest/forest.h"

#include <math.h>
#include <string.h>

enum { ROWS, WEIGHT, SUMS }; /* of a bin */

/* Adds the node's rows up by bin. */
static void add_rows(const ms_forest_data *data, ms_forest_slot *slot, const ms_forest_node *node,
                     uint32_t column) {
  const ms_bins *bins = data->bins;
  const uint32_t *rows = slot->rows[0] + node->begin;
  size_t from = (size_t)column * (size_t)bins->rows, step = data->width + SUMS;
  for (uint32_t i = 0; i < node->count; i++) {
    uint32_t row = rows[i], bin = ms_bin_at(bins->by_column, from + row, bins->wide);
    double *to = slot->sums + bin * step, times = slot->times[row];
    slot->touched[bin >> 6] |= UINT64_C(1) << (bin & 63);
    to[ROWS] += 1;
    to[WEIGHT] += times;
    if (data->width == 1)
      to[SUMS] += times * data->target[row];
    else
      to[SUMS + data->codes[row]] += times;
  }
}

/* The touched bins in their order, missing not among them; gives their number. */
static uint32_t list_bins(const ms_forest_data *data, ms_forest_slot *slot, uint32_t column) {
  uint32_t missing = data->bins->columns[column].bins, count = 0;
  for (uint32_t w = 0; w <= missing >> 6; w++) {
    for (uint64_t bits = slot->touched[w]; bits; bits &= bits - 1) {
      uint32_t bin = (w << 6) + (uint32_t)__builtin_ctzll(bits);
      if (bin != missing) slot->order[count++] = bin;
    }
  }
  return count;
}

static void clear(const ms_forest_data *data, ms_forest_slot *slot, uint32_t column) {
  size_t step = data->width + SUMS;
  for (uint32_t w = 0; w <= data->bins->columns[column].bins >> 6; w++) {
    for (uint64_t bits = slot->touched[w]; bits; bits &= bits - 1) {
      size_t bin = (w << 6) + (size_t)__builtin_ctzll(bits);
      memset(slot->sums + bin * step, 0, step * sizeof *slot->sums);
    }
    slot->touched[w] = 0;
  }
}

static double score(const double *sums, size_t width) {
  double total = 0;
  for (size_t k = 0; k < width; k++) total += sums[SUMS + k] * sums[SUMS + k];
  return sums[WEIGHT] > 0 ? total / sums[WEIGHT] : 0;
}

/* Sorts the bins by mean, or by the share of class `most`: insertion, then they are few, or few are out of order. */
static void order_bins(const ms_forest_data *data, ms_forest_slot *slot, uint32_t count,
                       size_t most) {
  size_t step = data->width + SUMS;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t bin = slot->order[i], at = i;
    const double *sums = slot->sums + bin * step;
    double key = sums[SUMS + most] / sums[WEIGHT];
    while (at > 0 && slot->keys[at - 1] > key) {
      slot->keys[at] = slot->keys[at - 1];
      slot->order[at] = slot->order[at - 1];
      at--;
    }
    slot->keys[at] = key;
    slot->order[at] = bin;
  }
}

enum { WIDTH_MOST = 256 };

typedef struct {
  const ms_forest_data *data;
  ms_forest_slot *slot;
  uint32_t column, count;
  double whole[WIDTH_MOST + SUMS], parent;
  ms_forest_cut *best;
} scanning;

/* Cuts behind each listed bin; `missing` (may be NULL) is on the left from the start. */
static void scan(scanning *s, const double *missing) {
  size_t width = s->data->width, step = width + SUMS;
  const ms_bin_column *column = &s->data->bins->columns[s->column];
  double left[WIDTH_MOST + SUMS] = {0}, right[WIDTH_MOST + SUMS];
  double least = (double)s->data->options.min_leaf;
  if (missing) memcpy(left, missing, step * sizeof *left);
  for (uint32_t i = 0; i < s->count; i++) {
    const double *sums = s->slot->sums + s->slot->order[i] * step;
    for (size_t k = 0; k < step; k++) left[k] += sums[k];
    if (left[ROWS] < least) continue;
    if (s->whole[ROWS] - left[ROWS] < least || s->whole[ROWS] - left[ROWS] < 1) break;
    for (size_t k = 0; k < step; k++) right[k] = s->whole[k] - left[k];
    double gain = score(left, width) + score(right, width) - s->parent;
    if (!(gain > s->best->gain)) continue;
    /* In the middle between the two bins that have rows here. */
    uint32_t bin = s->slot->order[i];
    uint32_t next = i + 1 < s->count ? s->slot->order[i + 1] : bin + 1;
    s->best->gain = gain;
    s->best->column = s->column;
    s->best->bin = column->category ? i + 1 : (bin + next - 1) / 2;
    s->best->missing_left = missing != NULL;
  }
}

static size_t most_frequent(const scanning *s) {
  size_t most = 0;
  for (size_t k = 1; k < s->data->width; k++) {
    if (s->whole[SUMS + k] > s->whole[SUMS + most]) most = k;
  }
  return most;
}

static void add_up(scanning *s, const double *missing) {
  size_t step = s->data->width + SUMS;
  memset(s->whole, 0, step * sizeof *s->whole);
  for (uint32_t i = 0; i < s->count; i++) {
    const double *sums = s->slot->sums + s->slot->order[i] * step;
    for (size_t k = 0; k < step; k++) s->whole[k] += sums[k];
  }
  for (size_t k = 0; missing && k < step; k++) s->whole[k] += missing[k];
  s->parent = score(s->whole, s->data->width);
}

bool ms_forest_try(const ms_forest_data *data, ms_forest_slot *slot, const ms_forest_node *node,
                   uint32_t column, ms_forest_cut *best) {
  const ms_bin_column *in = &data->bins->columns[column];
  add_rows(data, slot, node, column);
  scanning s = {.data = data, .slot = slot, .column = column, .best = best};
  s.count = list_bins(data, slot, column);
  const double *missing = slot->sums + in->bins * (data->width + SUMS);
  bool holes = missing[ROWS] > 0, differ = s.count + holes > 1;
  if (differ) {
    add_up(&s, holes ? missing : NULL);
    if (in->category) order_bins(data, slot, s.count, data->width == 1 ? 0 : most_frequent(&s));
    scan(&s, NULL);
    if (holes) scan(&s, missing);
  }
  clear(data, slot, column);
  return differ;
}

uint32_t ms_forest_order(const ms_forest_data *data, ms_forest_slot *slot,
                         const ms_forest_node *node, uint32_t column) {
  add_rows(data, slot, node, column);
  scanning s = {.data = data, .slot = slot, .column = column};
  s.count = list_bins(data, slot, column);
  const double *missing = slot->sums + data->bins->columns[column].bins * (data->width + SUMS);
  add_up(&s, missing);
  order_bins(data, slot, s.count, data->width == 1 ? 0 : most_frequent(&s));
  clear(data, slot, column);
  return s.count;
}
