/* Growing a tree: cuts are found for all open nodes together, then applied, then the histograms of the smaller children are
 * filled and those of their siblings are what is left of the parent's. */
#include "core/kernels/mining/boost/grow.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Children of one node whose cuts are to be looked for; the root has no sibling. */
typedef struct {
  ms_growing *small, *large; /* large: NULL for the root */
  size_t first, pieces;      /* of the small one */
} pair;

typedef struct {
  ms_context *context;
  ms_grower *grower;
  ms_ensemble *ensemble;
  ms_growing *open; /* nodes that may be split, and leaves: all without children */
  size_t count;
  pair *pairs;
  size_t pair_count;
  ms_histogram_piece *pieces;
  size_t piece_count;
  ms_cut *cuts; /* pair, side, column */
} growth;

ms_status ms_grower_start(ms_context *context, ms_grower *grower) {
  uint32_t most = grower->count[0] > grower->count[1] ? grower->count[0] : grower->count[1];
  for (int i = 0; i < 2; i++) {
    grower->moved[i] = ms_scratch(context, (size_t)most + 64, sizeof(uint32_t));
    if (!grower->moved[i]) return MS_EMEMORY;
  }
  return MS_OK;
}

/* ---- room that is used again ---- */

/* At least count * size bytes; what stood there stays. */
static void *room_of(growth *w, ms_room_use use, size_t count, size_t size) {
  ms_room *room = &w->grower->rooms[use];
  if (room->data && count * size <= room->bytes) return room->data;
  size_t more = count + count / 2 + 8;
  void *data = ms_scratch(w->context, more, size);
  if (!data) return NULL;
  if (room->data) memcpy(data, room->data, room->bytes);
  *room = (ms_room){data, more * size};
  return data;
}

static ms_gradient_sum *take_sums(growth *w) {
  ms_grower *grower = w->grower;
  if (grower->spare_count) return grower->spare[--grower->spare_count];
  return ms_scratch(w->context, ms_histogram_slots(grower->bins), sizeof(ms_gradient_sum));
}

static ms_status give_sums(growth *w, ms_gradient_sum **sums) {
  ms_grower *grower = w->grower;
  if (!*sums) return MS_OK;
  if (grower->spare_count == grower->spare_room) {
    size_t room = grower->spare_room * 2 + 16;
    ms_gradient_sum **spare = ms_scratch(w->context, room, sizeof *spare);
    if (!spare) return MS_EMEMORY;
    if (grower->spare_count) memcpy(spare, grower->spare, grower->spare_count * sizeof *spare);
    grower->spare = spare;
    grower->spare_room = room;
  }
  grower->spare[grower->spare_count++] = *sums;
  *sums = NULL;
  return MS_OK;
}

/* ---- finding cuts ---- */

/* Room for the pieces of all pairs, and the pieces themselves. */
static ms_status lay_pieces(growth *w) {
  ms_grower *grower = w->grower;
  size_t count = 0, bytes = ms_histogram_slots(grower->bins) * ms_histogram_size(grower->gradients);
  for (size_t i = 0; i < w->pair_count; i++) {
    pair *p = &w->pairs[i];
    p->first = count;
    p->pieces = (p->small->spans[0].count + MS_PIECE - 1) / MS_PIECE;
    count += p->pieces;
  }
  char *sums = room_of(w, MS_ROOM_SUMS, count, bytes);
  w->pieces = room_of(w, MS_ROOM_PIECES, count, sizeof *w->pieces);
  if (!sums || !w->pieces) return MS_EMEMORY;
  for (size_t i = 0; i < w->pair_count; i++) {
    const pair *p = &w->pairs[i];
    const ms_span *span = &p->small->spans[0];
    for (size_t k = 0; k < p->pieces; k++) {
      uint32_t from = (uint32_t)k * MS_PIECE, left = span->count - from;
      w->pieces[p->first + k] = (ms_histogram_piece){.rows = grower->rows[0] + span->begin + from,
                                                     .count = left < MS_PIECE ? left : MS_PIECE,
                                                     .sums = sums + (p->first + k) * bytes};
    }
  }
  w->piece_count = count;
  return MS_OK;
}

/* Task: a pair and a column. Puts the small one's histogram together, takes it off the parent's, and looks for cuts in
 * both. */
static ms_status find_task(ms_context *worker, void *state, size_t task) {
  growth *w = state;
  ms_grower *grower = w->grower;
  size_t columns = grower->bins->count, column = task % columns;
  const pair *p = &w->pairs[task / columns];
  size_t bins = grower->bins->columns[column].bins + 1;
  size_t first = ms_histogram_first(grower->bins, column);
  ms_gradient_sum *sums = p->small->sums + first;
  memset(sums, 0, bins * sizeof *sums);
  for (size_t k = 0; k < p->pieces; k++) {
    ms_histogram_add(grower->bins, grower->gradients, w->pieces[p->first + k].sums, column, sums);
  }
  ms_gradient_sum *other = p->large ? p->large->sums + first : NULL;
  for (size_t b = 0; other && b < bins; b++) other[b].g -= sums[b].g, other[b].h -= sums[b].h;
  ms_cut *cuts = w->cuts + task / columns * 2 * columns + column;
  cuts[0] = cuts[columns] = (ms_cut){.column = -1};
  if (!grower->use[column]) return MS_OK;
  ms_mark mark = ms_scratch_mark(worker);
  uint32_t *order = ms_scratch(worker, bins, sizeof *order);
  if (!order) return MS_EMEMORY;
  if (!p->large) { /* the root's sum is that of any column */
    ms_growing root = *p->small;
    root.sum = (ms_gradient_sum){0, 0};
    for (size_t b = 0; b < bins; b++) root.sum.g += sums[b].g, root.sum.h += sums[b].h;
    cuts[0] = ms_cut_find(grower, &root, column, sums, order);
  } else {
    cuts[0] = ms_cut_find(grower, p->small, column, sums, order);
    cuts[columns] = ms_cut_find(grower, p->large, column, other, order);
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

static void choose(const growth *w, ms_growing *node, const ms_cut *cuts) {
  node->cut = (ms_cut){.column = -1};
  for (size_t c = 0; c < w->grower->bins->count; c++) {
    if (cuts[c].column >= 0 && cuts[c].gain > node->cut.gain) node->cut = cuts[c];
  }
}

static ms_status find_cuts(growth *w) {
  size_t columns = w->grower->bins->count;
  if (w->pair_count == 0) return MS_OK;
  w->cuts = room_of(w, MS_ROOM_CUTS, w->pair_count * 2 * columns, sizeof *w->cuts);
  ms_status status = w->cuts ? lay_pieces(w) : MS_EMEMORY;
  if (status == MS_OK)
    status = ms_histogram_fill(w->context, w->grower->bins, w->grower->gradients, w->pieces,
                               w->piece_count);
  if (status == MS_OK) status = ms_parallel(w->context, w->pair_count * columns, find_task, w);
  for (size_t i = 0; status == MS_OK && i < w->pair_count; i++) {
    choose(w, w->pairs[i].small, w->cuts + i * 2 * columns);
    if (w->pairs[i].large) choose(w, w->pairs[i].large, w->cuts + (i * 2 + 1) * columns);
  }
  return status;
}

/* ---- splitting ---- */

static double real_h(const growth *w, ms_gradient_sum sum) {
  return (double)sum.h * w->grower->gradients->unit_h;
}

static void write_node(growth *w, const ms_growing *node) {
  w->ensemble->node[node->node].cover = real_h(w, node->sum);
  w->ensemble->node[node->node].rows = node->spans[0].count;
  w->ensemble->values[node->node] =
      w->grower->rules.learning_rate * ms_step_of(w->grower, node->sum, node->low, node->high);
}

/* The bins that go left, and the same as levels in the ensemble. */
static ms_status write_set(growth *w, const ms_growing *node, uint64_t **bins) {
  size_t column = (size_t)node->cut.column;
  const ms_bin_column *in = &w->grower->bins->columns[column];
  *bins = ms_scratch_zero(w->context, in->bins / 64 + 1, sizeof **bins);
  uint32_t set = ms_ensemble_set(w->ensemble, in->levels / 64 + 1);
  ms_mark mark = ms_scratch_mark(w->context);
  uint32_t *order = ms_scratch(w->context, in->bins + 1, sizeof *order);
  if (!order || !*bins || set == UINT32_MAX) return MS_EMEMORY;
  (void)ms_cut_order(w->grower, column, node->sums + ms_histogram_first(w->grower->bins, column),
                     order);
  for (uint32_t i = 0; i < node->cut.bin; i++)
    (*bins)[order[i] >> 6] |= UINT64_C(1) << (order[i] & 63);
  ms_scratch_release(w->context, mark);
  for (size_t k = 0; k < in->levels; k++) {
    if (ms_set_has(*bins, in->of_code[k]))
      w->ensemble->sets[set + (k >> 6)] |= UINT64_C(1) << (k & 63);
  }
  w->ensemble->node[node->node].set = set;
  w->ensemble->node[node->node].category = true;
  return MS_OK;
}

/* Makes a node of the ensemble an inner one with two leaves. */
static ms_status write_cut(growth *w, const ms_growing *node, uint64_t **bins) {
  uint32_t children = ms_ensemble_add(w->ensemble, 2);
  if (children == UINT32_MAX) return MS_EMEMORY;
  const ms_bin_column *in = &w->grower->bins->columns[node->cut.column];
  ms_tree_node *to = &w->ensemble->node[node->node];
  to->input = node->cut.column;
  to->left = children;
  to->right = children + 1;
  to->gain = node->cut.gain;
  ms_gradient_sum left = node->cut.left;
  const ms_gradient_sum *sums =
      node->sums + ms_histogram_first(w->grower->bins, (size_t)node->cut.column);
  bool holes = sums[in->bins].h > 0 || sums[in->bins].g != 0;
  /* Where nothing was missing it goes where most rows went. */
  to->missing_left = holes ? node->cut.missing_left : left.h * 2 >= node->sum.h;
  *bins = NULL;
  if (in->category) return write_set(w, node, bins);
  to->threshold = node->cut.bin + 1 < in->bins ? in->cuts[node->cut.bin] : DBL_MAX;
  return MS_OK;
}

static bool may_split(const growth *w, const ms_growing *node) {
  return (w->grower->rules.max_depth == 0 || node->depth < w->grower->rules.max_depth) &&
         real_h(w, node->sum) >= 2 * w->grower->rules.least_cover && node->spans[0].count > 1;
}

/* The children of a node: their rows, sums and bounds. */
static void make_children(growth *w, const ms_growing *node, const ms_division *division,
                          ms_growing children[2]) {
  const ms_tree_node *in = &w->ensemble->node[node->node];
  for (int side = 0; side < 2; side++) {
    ms_growing *child = &children[side];
    *child = (ms_growing){.low = node->low,
                          .high = node->high,
                          .node = side ? in->right : in->left,
                          .depth = node->depth + 1,
                          .cut = {.column = -1}};
    for (int list = 0; list < 2; list++) {
      const ms_span *span = &node->spans[list];
      uint32_t left = division->left[list];
      child->spans[list] =
          side ? (ms_span){span->begin + left, span->count - left} : (ms_span){span->begin, left};
    }
    child->sum = node->cut.left;
    if (side) {
      child->sum.g = node->sum.g - node->cut.left.g;
      child->sum.h = node->sum.h - node->cut.left.h;
    }
  }
  int monotone = w->grower->monotone ? w->grower->monotone[node->cut.column] : 0;
  if (monotone == 0) return;
  double middle = (ms_step_of(w->grower, children[0].sum, node->low, node->high) +
                   ms_step_of(w->grower, children[1].sum, node->low, node->high)) /
                  2;
  if (monotone > 0)
    children[0].high = children[1].low = middle;
  else
    children[0].low = children[1].high = middle;
}

/* Decides which child's histogram is filled, and which gets the parent's. */
static ms_status make_pair(growth *w, ms_growing *parent, ms_growing *left, ms_growing *right) {
  if (!may_split(w, left) && !may_split(w, right)) return give_sums(w, &parent->sums);
  bool left_small = left->spans[0].count <= right->spans[0].count;
  pair *p = &w->pairs[w->pair_count++];
  *p = (pair){.small = left_small ? left : right, .large = left_small ? right : left};
  p->large->sums = parent->sums;
  parent->sums = NULL;
  p->small->sums = take_sums(w);
  return p->small->sums ? MS_OK : MS_EMEMORY;
}

/* Splits the chosen open nodes: the left child takes its parent's place, the right one comes last. */
static ms_status split_nodes(growth *w, const size_t *chosen, size_t count) {
  ms_division *divisions = room_of(w, MS_ROOM_DIVISIONS, count, sizeof *divisions);
  w->pairs = room_of(w, MS_ROOM_PAIRS, count, sizeof *w->pairs);
  w->open = room_of(w, MS_ROOM_OPEN, w->count + count, sizeof *w->open);
  if (!divisions || !w->pairs || !w->open) return MS_EMEMORY;
  for (size_t i = 0; i < count; i++) {
    ms_growing *node = &w->open[chosen[i]];
    uint64_t *set;
    ms_status status = write_cut(w, node, &set);
    if (status != MS_OK) return status;
    divisions[i] = (ms_division){.node = node, .set = set};
  }
  ms_status status = ms_divide(w->context, w->grower, divisions, count);
  w->pair_count = 0;
  for (size_t i = 0; status == MS_OK && i < count; i++) {
    ms_growing parent = w->open[chosen[i]], children[2];
    make_children(w, &parent, &divisions[i], children);
    ms_growing *left = &w->open[chosen[i]], *right = &w->open[w->count++];
    *left = children[0];
    *right = children[1];
    write_node(w, left);
    write_node(w, right);
    status = make_pair(w, &parent, left, right);
  }
  if (status == MS_OK) status = find_cuts(w);
  for (size_t i = 0; status == MS_OK && i < w->pair_count; i++) {
    ms_growing *both[2] = {w->pairs[i].small, w->pairs[i].large};
    for (int k = 0; status == MS_OK && k < 2; k++) {
      if (!may_split(w, both[k])) both[k]->cut = (ms_cut){.column = -1};
      if (both[k]->cut.column < 0) status = give_sums(w, &both[k]->sums);
    }
  }
  return status;
}

/* The nodes to be split next: all that can be, or the one with the largest gain. */
static size_t choose_nodes(const growth *w, size_t *chosen) {
  size_t count = 0;
  for (size_t i = 0; i < w->count; i++) {
    if (w->open[i].cut.column < 0) continue;
    bool better = count == 0 || w->open[i].cut.gain > w->open[chosen[0]].cut.gain;
    if (w->grower->rules.max_leaves == 0)
      chosen[count++] = i;
    else if (better)
      chosen[0] = i, count = 1;
  }
  if (w->grower->rules.max_leaves && w->count >= (size_t)w->grower->rules.max_leaves) return 0;
  return count;
}

static ms_status grow_root(growth *w) {
  ms_grower *grower = w->grower;
  w->open = room_of(w, MS_ROOM_OPEN, 1, sizeof *w->open);
  w->pairs = room_of(w, MS_ROOM_PAIRS, 1, sizeof *w->pairs);
  if (!w->open || !w->pairs) return MS_EMEMORY;
  uint32_t node = ms_ensemble_tree(w->ensemble) ? ms_ensemble_add(w->ensemble, 1) : UINT32_MAX;
  if (node == UINT32_MAX) return MS_EMEMORY;
  ms_growing *root = w->open;
  double most = grower->rules.max_step;
  *root = (ms_growing){.spans = {{0, grower->count[0]}, {0, grower->count[1]}},
                       .low = most > 0 ? -most : -INFINITY,
                       .high = most > 0 ? most : INFINITY,
                       .node = node,
                       .cut = {.column = -1}};
  w->count = 1;
  root->sums = take_sums(w);
  if (!root->sums) return MS_EMEMORY;
  w->pairs[0] = (pair){.small = root};
  w->pair_count = 1;
  ms_status status = find_cuts(w);
  if (status != MS_OK) return status;
  size_t first = ms_histogram_first(grower->bins, 0);
  for (size_t b = 0; b <= grower->bins->columns[0].bins; b++) {
    root->sum.g += root->sums[first + b].g;
    root->sum.h += root->sums[first + b].h;
  }
  write_node(w, root);
  if (!may_split(w, root)) root->cut.column = -1;
  return root->cut.column < 0 ? give_sums(w, &root->sums) : MS_OK;
}

ms_status ms_grow_tree(ms_context *context, ms_grower *grower, ms_ensemble *ensemble) {
  growth w = {.context = context, .grower = grower, .ensemble = ensemble};
  ms_status status = grow_root(&w);
  while (status == MS_OK) {
    size_t *chosen = room_of(&w, MS_ROOM_CHOSEN, w.count + 1, sizeof *chosen);
    if (!chosen) return MS_EMEMORY;
    size_t count = choose_nodes(&w, chosen);
    if (count == 0) break;
    status = split_nodes(&w, chosen, count);
  }
  for (size_t i = 0; status == MS_OK && i < w.count; i++) status = give_sums(&w, &w.open[i].sums);
  grower->leaves = w.open;
  grower->leaf_count = w.count;
  return status;
}
