/* How well a number agrees with the split of a node, as a surrogate: entries are moved from the right to the left, from the
 * smallest value up. At least two rows are on each side, so that an outlier that agrees by chance is none. */
#include "core/kernels/mining/tree/tree.h"

/* Weight of the rows that the split and the number both decide, which is that of all where both decide all. */
typedef struct {
  double known[2], agree;
  int64_t where; /* entries 0 … where - 1 go left; 0: the majority's side is best */
  bool swapped;
} agreeing;

static void note(agreeing *a, double ahead, int64_t where) {
  double plain = a->known[1] + ahead, swapped = a->known[0] - ahead;
  if (plain > a->agree)
    a->agree = plain, a->where = where, a->swapped = false;
  else if (swapped > a->agree)
    a->agree = swapped, a->where = where, a->swapped = true;
}

/* Each row counts 1, and has a side. */
static void count_rows(const tree_case *at, const uint64_t *right, agreeing *a) {
  const uint32_t *order = at->order;
  int64_t ahead = 0; /* of the rows below the cut: left less right */
  if (at->rows < 4) return;
  ahead += 1 - 2 * tree_bit(right, order[0]);
  int64_t most = (int64_t)(a->agree - a->known[1]), least = (int64_t)(a->known[0] - a->agree);
  for (int64_t i = 1; i + 2 < at->rows; i++) {
    ahead += 1 - 2 * tree_bit(right, order[i]);
    if ((ahead <= most && ahead >= least) || order[i + 1] & TREE_SAME) continue;
    note(a, (double)ahead, i + 1);
    most = (int64_t)(a->agree - a->known[1]), least = (int64_t)(a->known[0] - a->agree);
  }
}

static void weigh_rows(const tree_case *at, const uint8_t *side, agreeing *a) {
  const double *weights = at->training->weights;
  double ahead = 0;
  int64_t rows = 0, below = 0;
  a->known[0] = a->known[1] = 0;
  for (int64_t i = 0; i < at->rows; i++) {
    uint32_t row = at->order[i] & TREE_ROW;
    if (side[row] > 1) continue;
    a->known[side[row]] += weights ? weights[row] : 1;
    rows++;
  }
  a->agree = a->known[0] > a->known[1] ? a->known[0] : a->known[1];
  for (int64_t i = 0; i + 1 < at->rows; i++) {
    uint32_t row = at->order[i] & TREE_ROW;
    if (side[row] < 2) {
      double w = weights ? weights[row] : 1;
      ahead += side[row] ? -w : w;
      below++;
    }
    if (!(at->order[i + 1] & TREE_SAME) && below > 1 && rows - below > 1) note(a, ahead, i + 1);
  }
}

void tree_agree_number(const tree_case *at, const tree_sent *sent, tree_agreed *out) {
  const double *weight = sent->weight;
  const double *x = at->training->inputs.items[at->input].values;
  agreeing a = {.known = {weight[0], weight[1]}};
  a.agree = weight[0] > weight[1] ? weight[0] : weight[1];
  *out = (tree_agreed){.adjusted = 0};
  if (at->whole && !at->training->weights && sent->decided)
    count_rows(at, sent->right, &a);
  else
    weigh_rows(at, sent->of_row, &a);
  if (a.where == 0) return;
  const double *of = at->settings->known_only ? a.known : weight;
  double total = of[0] + of[1], majority = (of[0] > of[1] ? of[0] : of[1]) / total;
  double low = x[at->order[a.where - 1] & TREE_ROW], high = x[at->order[a.where] & TREE_ROW];
  out->cut = low / 2 + high / 2;
  if (!(out->cut > low)) out->cut = high;
  out->swapped = a.swapped;
  out->agreement = a.agree / total;
  out->adjusted = majority < 1 ? (out->agreement - majority) / (1 - majority) : 0;
}
