/* Growing: every node that may be split is, in batches; what does not pay is taken back afterwards (complexity.c).
 *
 * Rows are sorted once by each number (orders.c); a split keeps these orders by a stable partition. A batch of nodes goes
 * through five passes, over inputs or over nodes, so that a whole level is spread over the threads at once:
 * scan the splits of each input; choose in each node; let surrogates agree; send the rows; partition the orders. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/grow.h"

enum { BATCH = 4096, BATCH_LEAST = 64, BATCH_FOUND = 1 << 18 };

/* ---- nodes ---- */

/* Twice the room and a little, with what there is. */
static void *widen(tree_growing *g, const void *from, size_t count, size_t size, size_t *room) {
  size_t more = *room * 2 + 64;
  void *to = ms_scratch(g->context, more, size);
  if (!to) return NULL;
  if (count) memcpy(to, from, count * size);
  *room = more;
  return to;
}

static int64_t node_new(tree_growing *g, int64_t number, int64_t parent) {
  tree_grown *out = g->out;
  if (out->count == out->room) {
    void *nodes = widen(g, out->nodes, out->count, sizeof *out->nodes, &out->room);
    if (!nodes) return -1;
    out->nodes = nodes;
  }
  double *shares = ms_scratch_zero(g->context, out->width, sizeof *shares);
  if (!shares) return -1;
  out->nodes[out->count] =
      (tree_node){.number = number, .parent = parent, .left = -1, .right = -1, .shares = shares};
  return (int64_t)out->count++;
}

/* The class whose choice costs least, and what it costs. */
static void judge_classes(const tree_factors *f, tree_node *node) {
  for (size_t k = 0; k < f->width; k++) {
    double cost = 0;
    for (size_t j = 0; j < f->width; j++)
      cost += node->shares[j] * f->prior[j] * (f->loss ? f->loss[j * f->width + k] : j != k);
    if (k > 0 && !(cost < node->risk)) continue;
    node->risk = cost;
    node->prediction = (double)k;
  }
}

/* Weight, prediction and risk: the cost of errors, or the squares around the mean. */
static void measure(const tree_growing *g, tree_node *node) {
  const ms_training *t = g->growth->training;
  const uint32_t *entries = g->growth->orders->all + node->first;
  for (int64_t i = 0; i < node->rows; i++) {
    uint32_t row = entries[i] & TREE_ROW;
    double w = t->weights ? t->weights[row] : 1;
    node->weight += w;
    if (t->target.classes)
      node->shares[t->target.codes[row]] += w;
    else
      node->prediction += w * t->target.values[row];
  }
  if (t->target.classes) {
    judge_classes(&g->growth->factors, node);
    return;
  }
  node->prediction /= node->weight;
  for (int64_t i = 0; i < node->rows; i++) {
    uint32_t row = entries[i] & TREE_ROW;
    double from = t->target.values[row] - node->prediction;
    node->risk += (t->weights ? t->weights[row] : 1) * from * from;
  }
}

/* Puts the node on the list if it may be split. */
static bool wait_for(tree_growing *g, int64_t at) {
  const tree_node *node = &g->out->nodes[at];
  const tree_settings *settings = g->growth->settings;
  if (node->rows < settings->minsplit || !(node->risk > g->alpha) ||
      node->number >= INT64_C(1) << settings->maxdepth)
    return true;
  if (g->waits == g->room) {
    void *waiting = widen(g, g->waiting, g->waits, sizeof *g->waiting, &g->room);
    if (!waiting) return false;
    g->waiting = waiting;
  }
  g->waiting[g->waits++] = at;
  return true;
}

/* ---- the passes ---- */

static ms_status send_rows(ms_context *worker, void *state, size_t task) {
  tree_growing *g = state;
  const tree_growth *growth = g->growth;
  tree_node *node = &g->out->nodes[g->batch[task]];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  if (node->split.input < 0) return MS_OK;
  if (tree_take_surrogates(worker, g, node, &g->agreed[task * g->inputs]) != MS_OK)
    return MS_EMEMORY;
  uint32_t *entries = growth->orders->all + node->first;
  int64_t left = 0, right = 0;
  ms_mark mark = ms_scratch_mark(worker);
  uint32_t *spare = ms_scratch(worker, (size_t)node->rows, sizeof *spare);
  if (!spare) return MS_EMEMORY;
  for (int64_t i = 0; i < node->rows; i++) {
    uint32_t entry = entries[i], row = entry & TREE_ROW;
    if (g->side[row] == 2) {
      int64_t used = -1;
      int side =
          tree_send(node, growth->training->inputs.items, growth->settings->missing, row, &used);
      if (used >= 0) node->others[used].rows++;
      if (side >= 0) g->side[row] = (uint8_t)side;
    }
    entries[left] = entry;
    spare[right] = entry;
    left += g->side[row] == 0, right += g->side[row] == 1;
  }
  memcpy(entries + left, spare, (size_t)right * sizeof *spare);
  ms_scratch_release(worker, mark);
  node->unknown = node->rows - left - right;
  tree_node *l = &g->out->nodes[node->left], *r = &g->out->nodes[node->right];
  l->first = node->first, l->rows = left;
  r->first = node->first + left, r->rows = right;
  measure(g, l);
  measure(g, r);
  return MS_OK;
}

static ms_status pack_sides(ms_context *worker, void *state, size_t task) {
  const tree_growing *g = state;
  ms_range range = ms_morsel(g->growth->training->inputs.rows, task);
  (void)worker;
  for (int64_t first = range.first; first < range.first + range.count; first += 64) {
    int64_t end = first + 64 < range.first + range.count ? first + 64 : range.first + range.count;
    uint64_t word = 0;
    for (int64_t i = first; i < end; i++) word |= (uint64_t)(g->side[i] & 1) << (i - first);
    g->right[first >> 6] = word;
  }
  return MS_OK;
}

/* On either side an entry is the same as the one before if no value changed since. `changed` has a bit for each side. */
static uint32_t passed_on(uint32_t entry, uint32_t side, uint32_t *changed) {
  *changed |= entry & TREE_SAME ? 0 : 7;
  entry = (entry & ~TREE_SAME) | (*changed >> side & 1 ? 0 : TREE_SAME);
  *changed &= ~(UINT32_C(1) << side);
  return entry;
}

/* Stable, so that the order stays. Some rows stay in the node: those are left out. */
static void partition_some(uint32_t *order, int64_t rows, const uint8_t *sides, uint32_t *spare) {
  int64_t left = 0, right = 0;
  uint32_t changed = 3;
  for (int64_t i = 0; i < rows; i++) {
    uint32_t side = sides[order[i] & TREE_ROW], entry = passed_on(order[i], side, &changed);
    order[left] = entry;
    spare[right] = entry;
    left += side == 0, right += side == 1;
  }
  memcpy(order + left, spare, (size_t)right * sizeof *spare);
}

static void partition_all(uint32_t *order, int64_t rows, const uint64_t *bits, uint32_t *spare) {
  int64_t left = 0, right = 0;
  uint32_t changed = 3;
  for (int64_t i = 0; i < rows; i++) {
    uint32_t side = (uint32_t)tree_bit(bits, order[i]);
    uint32_t entry = passed_on(order[i], side, &changed);
    order[left] = entry;
    spare[right] = entry;
    left += !side, right += side;
  }
  memcpy(order + left, spare, (size_t)right * sizeof *spare);
}

static ms_status partition_input(ms_context *worker, void *state, size_t input) {
  const tree_growing *g = state;
  uint32_t *order = g->growth->orders->numbers[input];
  int64_t most = 0;
  if (!order) return MS_OK;
  for (size_t b = 0; b < g->batched; b++) {
    const tree_node *node = &g->out->nodes[g->batch[b]];
    if (node->rows > most) most = node->rows;
  }
  ms_mark mark = ms_scratch_mark(worker);
  uint32_t *spare = ms_scratch(worker, (size_t)most, sizeof *spare);
  if (!spare) return MS_EMEMORY;
  for (size_t b = 0; b < g->batched; b++) {
    const tree_node *node = &g->out->nodes[g->batch[b]];
    if (ms_cancelled(worker)) return MS_ECANCEL;
    if (node->split.input < 0) continue;
    if (node->unknown)
      partition_some(order + node->first, node->rows, g->side, spare);
    else
      partition_all(order + node->first, node->rows, g->right, spare);
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* Nothing counts as a gain that is 1e-10 of the largest one yet. */
static void note_least(tree_growing *g) {
  const tree_node *nodes = g->out->nodes;
  for (size_t b = 0; b < g->batched; b++) {
    double risk = g->growth->settings->criterion == TREE_ANOVA ? nodes[g->batch[b]].risk : 1;
    for (size_t i = 0; i < g->inputs; i++) {
      tree_found *found = &g->found[b * g->inputs + i];
      if (found->gain <= g->least * risk) found->gain = 0;
    }
  }
}

static ms_status divide_batch(tree_growing *g) {
  ms_status status = ms_parallel(g->context, g->inputs, tree_scan_input, g);
  if (status != MS_OK) return status;
  if (g->out->count == 1) {
    double risk = g->growth->settings->criterion == TREE_ANOVA ? g->out->nodes[0].risk : 1;
    for (size_t i = 0; i < g->inputs; i++)
      g->least = fmax(g->least, 1e-10 * g->found[i].gain / risk);
  }
  note_least(g);
  status = ms_parallel(g->context, g->batched, tree_choose_split, g);
  if (status != MS_OK) return status;
  size_t morsels = ms_morsels(g->growth->training->inputs.rows);
  status = ms_parallel(g->context, morsels, pack_sides, g);
  if (status != MS_OK) return status;
  if (g->growth->settings->surrogates > 0)
    status = ms_parallel(g->context, g->inputs, tree_agree_input, g);
  if (status != MS_OK) return status;
  for (size_t b = 0; b < g->batched; b++) {
    int64_t at = g->batch[b], number = g->out->nodes[at].number;
    if (g->out->nodes[at].split.input < 0) continue;
    int64_t left = node_new(g, number * 2, at);
    int64_t right = left < 0 ? -1 : node_new(g, number * 2 + 1, at);
    if (right < 0) return MS_EMEMORY;
    g->out->nodes[at].left = left, g->out->nodes[at].right = right;
  }
  bool unknown = false;
  for (size_t b = 0; b < g->batched; b++)
    unknown = unknown || g->out->nodes[g->batch[b]].unknown > 0;
  status = ms_parallel(g->context, g->batched, send_rows, g);
  if (status == MS_OK && unknown) status = ms_parallel(g->context, morsels, pack_sides, g);
  if (status != MS_OK) return status;
  return ms_parallel(g->context, g->inputs, partition_input, g);
}

static ms_status grow_all(tree_growing *g) {
  while (g->waits) {
    g->batched = g->waits < g->most ? g->waits : g->most;
    g->waits -= g->batched;
    memcpy(g->batch, g->waiting + g->waits, g->batched * sizeof *g->batch);
    ms_status status = divide_batch(g);
    if (status != MS_OK) return status;
    for (size_t b = 0; b < g->batched; b++) {
      const tree_node *node = &g->out->nodes[g->batch[b]];
      int64_t left = node->left, right = node->right;
      if (left >= 0 && !(wait_for(g, left) && wait_for(g, right))) return MS_EMEMORY;
    }
  }
  return MS_OK;
}

ms_status tree_grow(ms_context *context, tree_growth *growth, tree_grown *out) {
  size_t inputs = growth->training->inputs.count;
  *out = (tree_grown){.width = growth->factors.width};
  tree_growing g = {.context = context, .growth = growth, .out = out, .inputs = inputs};
  g.most = BATCH_FOUND / inputs;
  if (g.most > BATCH) g.most = BATCH;
  if (g.most < BATCH_LEAST) g.most = BATCH_LEAST;
  g.side = ms_scratch(context, (size_t)growth->training->inputs.rows, 1);
  g.right = ms_scratch(context, (size_t)growth->training->inputs.rows / 64 + 1, sizeof *g.right);
  g.batch = ms_scratch(context, g.most, sizeof *g.batch);
  g.found = ms_scratch(context, g.most * inputs, sizeof *g.found);
  g.agreed = ms_scratch(context, g.most * inputs, sizeof *g.agreed);
  if (!g.side || !g.right || !g.batch || !g.found || !g.agreed) return MS_EMEMORY;
  if (node_new(&g, 1, -1) < 0) return MS_EMEMORY;
  out->nodes[0].rows = growth->orders->rows;
  measure(&g, &out->nodes[0]);
  growth->risk = out->nodes[0].risk;
  if (growth->alpha < 0) growth->alpha = growth->settings->cp * growth->risk;
  g.alpha = growth->alpha;
  if (!wait_for(&g, 0)) return MS_EMEMORY;
  return grow_all(&g);
}
