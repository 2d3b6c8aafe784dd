/* The best split of a category in a node, without coding: each level goes to a side.
 *
 * Levels are put in the order of their mean, or of the share of a class, where that finds the best split (two classes, numbers:
 * Breiman et al., theorem 4.5); with more classes and at most EXHAUSTIVE levels in the node all divisions are tried, with more
 * levels the order is that of the share of the node's most common class, which need not find the best. */
#include <stdlib.h>
#include <string.h>

#include "core/kernels/mining/tree/tree.h"

enum { EXHAUSTIVE = 10 };

bool tree_room_new(ms_context *context, const tree_case *at, tree_room *out) {
  const ms_input *input = &at->training->inputs.items[at->input];
  size_t size = at->factors->width + 1, levels = input->category ? input->levels.count : 0;
  *out = (tree_room){.count = 0};
  out->left = ms_scratch(context, 3 * size, sizeof *out->left);
  if (!out->left) return false;
  out->right = out->left + size;
  out->total = out->right + size;
  if (!input->category) return true;
  if (size < 3) size = 3; /* agreement: the weight and that of either side */
  out->stats = ms_scratch_zero(context, (levels + 1) * size, sizeof *out->stats);
  out->rows = ms_scratch_zero(context, levels + 1, sizeof *out->rows);
  out->present = ms_scratch(context, levels + 1, sizeof *out->present);
  out->marks = ms_scratch(context, levels + 1, 1);
  return out->stats && out->rows && out->present && out->marks;
}

static int by_key(const void *a, const void *b) {
  const tree_keyed *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->level > y->level) - (x->level < y->level);
}

static void sort_present(tree_room *room) {
  if (room->count > 1) qsort(room->present, room->count, sizeof *room->present, by_key);
}

static void note(tree_room *room, uint32_t level) {
  if (room->rows[level]++ == 0) room->present[room->count++] = (tree_keyed){level, 0};
}

static double mean_of(const tree_case *at, const uint32_t *codes) {
  const double *y = at->training->target.values;
  double weight = 0, sum = 0;
  for (int64_t i = 0; i < at->rows; i++) {
    uint32_t row = at->order[i] & TREE_ROW;
    double w = at->training->weights ? at->training->weights[row] : 1;
    if (codes[row] == MS_MISSING) continue;
    weight += w;
    sum += w * y[row];
  }
  return weight > 0 ? sum / weight : 0;
}

/* Sums of each level that the node has, in the order of levels, and their total. */
static void collect(const tree_case *at, tree_room *room) {
  const uint32_t *codes = at->training->inputs.items[at->input].codes;
  size_t size = at->factors->width + 1;
  double mean = at->training->target.classes ? 0 : mean_of(at, codes);
  room->count = 0;
  for (int64_t i = 0; i < at->rows; i++) {
    uint32_t level = codes[at->order[i] & TREE_ROW];
    if (level == MS_MISSING) continue;
    note(room, level);
    tree_add_row(at, at->order[i], room->stats + level * size, mean);
  }
  sort_present(room);
  memset(room->total, 0, size * sizeof *room->total);
  for (size_t i = 0; i < room->count; i++) {
    const double *stat = room->stats + room->present[i].level * size;
    for (size_t k = 0; k < size; k++) room->total[k] += stat[k];
  }
}

static void clear(tree_room *room, size_t size) {
  for (size_t i = 0; i < room->count; i++) {
    memset(room->stats + room->present[i].level * size, 0, size * sizeof *room->stats);
    room->rows[room->present[i].level] = 0;
  }
}

static void order_levels(const tree_case *at, tree_room *room) {
  size_t width = at->factors->width, common = 1;
  for (size_t k = 2; width > 2 && k <= width; k++)
    if (room->total[k] > room->total[common]) common = k;
  for (size_t i = 0; i < room->count; i++) {
    const double *stat = room->stats + room->present[i].level * (width + 1);
    room->present[i].key = stat[common] / stat[0];
  }
  sort_present(room);
}

static double gain_of(const tree_case *at, tree_room *room) {
  size_t width = at->factors->width;
  tree_criterion criterion = at->settings->criterion;
  for (size_t k = 0; k <= width; k++) room->right[k] = room->total[k] - room->left[k];
  return tree_goodness(room->left, width, criterion) +
         tree_goodness(room->right, width, criterion) -
         tree_goodness(room->total, width, criterion);
}

/* Rows and sums of the marked levels. */
static int64_t add_marked(const tree_case *at, tree_room *room) {
  size_t size = at->factors->width + 1;
  int64_t rows = 0;
  memset(room->left, 0, size * sizeof *room->left);
  for (size_t i = 0; i < room->count; i++) {
    uint32_t level = room->present[i].level;
    if (!room->marks[i]) continue;
    rows += room->rows[level];
    for (size_t k = 0; k < size; k++) room->left[k] += room->stats[level * size + k];
  }
  return rows;
}

static int64_t count_rows(const tree_room *room) {
  int64_t rows = 0;
  for (size_t i = 0; i < room->count; i++) rows += room->rows[room->present[i].level];
  return rows;
}

/* Leaves the best division in the marks; its gain. */
static double try_all(const tree_case *at, tree_room *room) {
  int64_t all = count_rows(room), edge = at->settings->minbucket;
  uint32_t best = 0;
  double gain = 0;
  for (uint32_t set = 1; set < UINT32_C(1) << (room->count - 1); set++) {
    for (size_t i = 0; i < room->count; i++) room->marks[i] = (char)(set >> i & 1);
    int64_t rows = add_marked(at, room);
    if (rows < edge || all - rows < edge) continue;
    double here = gain_of(at, room);
    if (here > gain) gain = here, best = set;
  }
  for (size_t i = 0; i < room->count; i++) room->marks[i] = (char)(best >> i & 1);
  return gain;
}

static double try_in_order(const tree_case *at, tree_room *room) {
  int64_t all = count_rows(room), edge = at->settings->minbucket, rows = 0;
  size_t size = at->factors->width + 1, best = 0;
  double gain = 0;
  order_levels(at, room);
  memset(room->left, 0, size * sizeof *room->left);
  for (size_t i = 0; i + 1 < room->count; i++) {
    uint32_t level = room->present[i].level;
    rows += room->rows[level];
    for (size_t k = 0; k < size; k++) room->left[k] += room->stats[level * size + k];
    if (rows < edge || all - rows < edge) continue;
    double here = gain_of(at, room);
    if (here > gain) gain = here, best = i + 1;
  }
  for (size_t i = 0; i < room->count; i++) room->marks[i] = i < best;
  return gain;
}

void tree_split_category(const tree_case *at, tree_room *room, tree_found *out, char *sides) {
  *out = (tree_found){0, 0, false};
  collect(at, room);
  if (room->count > 1) {
    bool all = at->factors->width > 2 && room->count <= EXHAUSTIVE;
    out->gain = all ? try_all(at, room) : try_in_order(at, room);
  }
  if (sides && out->gain > 0) {
    (void)add_marked(at, room);
    (void)gain_of(at, room);
    bool less = tree_left_is_less(at, room);
    memset(sides, '-', at->training->inputs.items[at->input].levels.count);
    for (size_t i = 0; i < room->count; i++)
      sides[room->present[i].level] = (room->marks[i] != 0) == less ? 'L' : 'R';
  }
  clear(room, at->factors->width + 1);
}

/* A level goes where more of its weight went, on equal weights where more of all went. */
void tree_agree_category(const tree_case *at, const tree_sent *sent, tree_room *room,
                         tree_agreed *out, char *sides) {
  const uint8_t *side = sent->of_row;
  const uint32_t *codes = at->training->inputs.items[at->input].codes;
  double known[2] = {0, 0}, agree = 0;
  if (sides) memset(sides, '-', at->training->inputs.items[at->input].levels.count);
  room->count = 0;
  for (int64_t i = 0; i < at->rows; i++) {
    uint32_t row = at->order[i] & TREE_ROW, level = codes[row];
    if (level == MS_MISSING || side[row] > 1) continue;
    double w = at->training->weights ? at->training->weights[row] : 1;
    note(room, level);
    room->stats[level * 3 + side[row]] += w;
    known[side[row]] += w;
  }
  bool right = known[1] > known[0];
  for (size_t i = 0; i < room->count; i++) {
    const double *stat = room->stats + room->present[i].level * 3;
    bool goes_right = stat[1] > stat[0] || (stat[1] == stat[0] && right);
    agree += stat[goes_right];
    if (sides) sides[room->present[i].level] = goes_right ? 'R' : 'L';
  }
  clear(room, 3);
  const double *of = at->settings->known_only ? known : sent->weight;
  double total = of[0] + of[1], majority = (of[0] > of[1] ? of[0] : of[1]) / total;
  *out = (tree_agreed){.agreement = agree / total};
  out->adjusted = majority < 1 ? (out->agreement - majority) / (1 - majority) : 0;
}
