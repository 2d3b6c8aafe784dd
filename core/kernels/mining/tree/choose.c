/* The splits of the nodes of a batch: of each input, the best of them, competitors and surrogates. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/grow.h"

static tree_case case_of(const tree_growing *g, const tree_node *node, size_t input) {
  const tree_growth *growth = g->growth;
  const ms_input *of = &growth->training->inputs.items[input];
  tree_case at = {.training = growth->training,
                  .settings = growth->settings,
                  .factors = &growth->factors,
                  .input = input,
                  .counted = growth->orders->counted,
                  .rows = node->rows,
                  .whole = !of->category,
                  .events = growth->orders->counted ? (int64_t)node->shares[1] : 0};
  const uint32_t *order = of->category ? growth->orders->all : growth->orders->numbers[input];
  at.order = order + node->first;
  if (of->category || !growth->orders->gaps[input]) return at;
  int64_t low = 0, high = node->rows; /* those without a value stand behind */
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (isnan(of->values[at.order[middle] & TREE_ROW]))
      high = middle;
    else
      low = middle + 1;
  }
  at.whole = low == at.rows;
  at.rows = low;
  return at;
}

ms_status tree_scan_input(ms_context *worker, void *state, size_t input) {
  tree_growing *g = state;
  ms_mark mark = ms_scratch_mark(worker);
  tree_room room;
  for (size_t b = 0; b < g->batched; b++) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    tree_case at = case_of(g, &g->out->nodes[g->batch[b]], input);
    tree_found *found = &g->found[b * g->inputs + input];
    if (b == 0 && !tree_room_new(worker, &at, &room)) return MS_EMEMORY;
    if (g->growth->training->inputs.items[input].category)
      tree_split_category(&at, &room, found, NULL);
    else
      tree_split_number(&at, &room, found);
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* The split in full; a category's sides are looked for again, which saves keeping them for all inputs. */
static ms_status take_split(ms_context *worker, const tree_growing *g, const tree_node *node,
                            const tree_found *found, tree_split *out) {
  tree_case at = case_of(g, node, (size_t)out->input);
  const ms_input *input = &g->growth->training->inputs.items[out->input];
  out->gain = found->gain, out->cut = found->cut, out->swapped = found->swapped;
  if (g->growth->settings->criterion == TREE_ANOVA) out->gain /= node->risk;
  out->rows = at.rows;
  if (!input->category) return MS_OK;
  out->rows = 0;
  for (int64_t i = 0; i < at.rows; i++)
    out->rows += input->codes[at.order[i] & TREE_ROW] != MS_MISSING;
  out->sides = ms_scratch(worker, input->levels.count + 1, 1);
  if (!out->sides) return MS_EMEMORY;
  out->sides[input->levels.count] = 0;
  ms_mark mark = ms_scratch_mark(worker);
  tree_room room;
  tree_found again;
  if (!tree_room_new(worker, &at, &room)) return MS_EMEMORY;
  tree_split_category(&at, &room, &again, out->sides);
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* The best splits that are not the chosen one, the best first; of equal ones the first. */
static ms_status take_competitors(ms_context *worker, const tree_growing *g, tree_node *node,
                                  const tree_found *found) {
  int64_t most = g->growth->settings->competitors, last = node->split.input;
  double bound = found[last].gain;
  for (node->competitors = 0; node->competitors < most; node->competitors++) {
    int64_t best = -1;
    for (int64_t i = 0; i < (int64_t)g->inputs; i++) {
      double gain = found[i].gain;
      if (!(gain > 0) || gain > bound || (gain == bound && i <= last)) continue;
      if (best < 0 || gain > found[best].gain) best = i;
    }
    if (best < 0) return MS_OK;
    bound = found[best].gain, last = best;
    tree_split *split = &node->others[node->competitors];
    *split = (tree_split){.input = best};
    if (take_split(worker, g, node, &found[best], split) != MS_OK) return MS_EMEMORY;
  }
  return MS_OK;
}

/* Sides of the rows for which the split has a value. */
static void send_known(const tree_growing *g, tree_node *node) {
  const ms_training *t = g->growth->training;
  const uint32_t *entries = g->growth->orders->all + node->first;
  for (int64_t i = 0; i < node->rows; i++) {
    uint32_t row = entries[i] & TREE_ROW;
    int side = tree_side(&node->split, t->inputs.items, row);
    g->side[row] = side < 0 ? 2 : (uint8_t)side;
    node->unknown += side < 0;
    if (side >= 0) node->sent[side] += t->weights ? t->weights[row] : 1;
  }
  node->majority = node->sent[1] > node->sent[0];
}

ms_status tree_choose_split(ms_context *worker, void *state, size_t task) {
  tree_growing *g = state;
  tree_node *node = &g->out->nodes[g->batch[task]];
  const tree_found *found = &g->found[task * g->inputs];
  const tree_settings *settings = g->growth->settings;
  int64_t best = -1;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (size_t i = 0; i < g->inputs; i++)
    if (found[i].gain > 0 && (best < 0 || found[i].gain > found[best].gain)) best = (int64_t)i;
  node->split.input = best;
  if (best < 0) return MS_OK;
  if (settings->surrogates + settings->competitors > 0) {
    size_t others = (size_t)(settings->surrogates + settings->competitors);
    node->others = ms_scratch_zero(worker, others, sizeof *node->others);
    if (!node->others) return MS_EMEMORY;
  }
  if (take_split(worker, g, node, &found[best], &node->split) != MS_OK ||
      take_competitors(worker, g, node, found) != MS_OK)
    return MS_EMEMORY;
  send_known(g, node);
  return MS_OK;
}

/* ---- surrogates ---- */

ms_status tree_agree_input(ms_context *worker, void *state, size_t input) {
  tree_growing *g = state;
  ms_mark mark = ms_scratch_mark(worker);
  tree_room room;
  for (size_t b = 0; b < g->batched; b++) {
    const tree_node *node = &g->out->nodes[g->batch[b]];
    tree_agreed *agreed = &g->agreed[b * g->inputs + input];
    tree_sent sent = {g->side, g->right, node->unknown == 0, node->sent};
    if (ms_cancelled(worker)) return MS_ECANCEL;
    tree_case at = case_of(g, node, input);
    if (b == 0 && !tree_room_new(worker, &at, &room)) return MS_EMEMORY;
    *agreed = (tree_agreed){.adjusted = 0};
    if (node->split.input < 0 || node->split.input == (int64_t)input) continue;
    if (g->growth->training->inputs.items[input].category)
      tree_agree_category(&at, &sent, &room, agreed, NULL);
    else
      tree_agree_number(&at, &sent, agreed);
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

static ms_status surrogate_sides(ms_context *worker, const tree_growing *g, const tree_node *node,
                                 tree_split *out) {
  tree_case at = case_of(g, node, (size_t)out->input);
  const ms_input *input = &g->growth->training->inputs.items[out->input];
  if (!input->category) return MS_OK;
  out->sides = ms_scratch(worker, input->levels.count + 1, 1);
  if (!out->sides) return MS_EMEMORY;
  out->sides[input->levels.count] = 0;
  ms_mark mark = ms_scratch_mark(worker);
  tree_room room;
  tree_agreed again;
  tree_sent sent = {g->side, g->right, node->unknown == 0, node->sent};
  if (!tree_room_new(worker, &at, &room)) return MS_EMEMORY;
  tree_agree_category(&at, &sent, &room, &again, out->sides);
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* Those that agree best, in front of the competitors; of equal ones the first. */
ms_status tree_take_surrogates(ms_context *worker, const tree_growing *g, tree_node *node,
                               const tree_agreed *agreed) {
  int64_t most = g->growth->settings->surrogates, last = -1;
  double bound = INFINITY;
  tree_split *competitors = node->others;
  if (most == 0) return MS_OK;
  memmove(node->others + most, competitors, (size_t)node->competitors * sizeof *competitors);
  for (node->surrogates = 0; node->surrogates < most; node->surrogates++) {
    int64_t best = -1;
    for (int64_t i = 0; i < (int64_t)g->inputs; i++) {
      double share = agreed[i].agreement;
      if (!(agreed[i].adjusted > 1e-10) || share > bound || (share == bound && i <= last)) continue;
      if (best < 0 || share > agreed[best].agreement) best = i;
    }
    if (best < 0) break;
    bound = agreed[best].agreement, last = best;
    node->others[node->surrogates] = (tree_split){.input = best,
                                                  .gain = bound,
                                                  .adjusted = agreed[best].adjusted,
                                                  .cut = agreed[best].cut,
                                                  .swapped = agreed[best].swapped};
    if (surrogate_sides(worker, g, node, &node->others[node->surrogates]) != MS_OK)
      return MS_EMEMORY;
  }
  memmove(node->others + node->surrogates, node->others + most,
          (size_t)node->competitors * sizeof *node->others);
  return MS_OK;
}
