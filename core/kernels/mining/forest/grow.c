/* One tree of a forest: rows drawn, then nodes split one after the other, the last one made first. */
#include "core/kernels/mining/forest/forest.h"

#include <float.h>
#include <math.h>
#include <string.h>

ms_status ms_forest_slot_start(ms_context *context, const ms_forest_data *data,
                               ms_forest_slot *slot) {
  size_t rows = (size_t)data->bins->rows, count = data->bins->count, most = 0;
  for (size_t c = 0; c < count; c++) {
    if (data->bins->columns[c].bins > most) most = data->bins->columns[c].bins;
  }
  slot->ensemble = ms_ensemble_new(context, data->width);
  for (int list = 0; list < 2; list++) {
    slot->rows[list] = ms_scratch(context, rows + 1, sizeof(uint32_t));
    if (!slot->rows[list]) return MS_EMEMORY;
  }
  slot->moved = ms_scratch(context, rows + 1, sizeof *slot->moved);
  slot->times = ms_scratch(context, rows + 1, sizeof *slot->times);
  slot->leaf_of = ms_scratch(context, rows + 1, sizeof *slot->leaf_of);
  slot->sums = ms_scratch_zero(context, (most + 1) * (data->width + 2), sizeof *slot->sums);
  slot->touched = ms_scratch_zero(context, most / 64 + 1, sizeof *slot->touched);
  slot->columns = ms_scratch(context, count, sizeof *slot->columns);
  slot->order = ms_scratch(context, most + 1, sizeof *slot->order);
  slot->keys = ms_scratch(context, most + 1, sizeof *slot->keys);
  slot->worse = ms_scratch_zero(context, count, sizeof *slot->worse);
  slot->shuffled = ms_scratch(context, rows + 1, sizeof *slot->shuffled);
  bool fine = slot->worse && slot->shuffled && slot->moved && slot->times && slot->leaf_of &&
              slot->sums && slot->touched && slot->columns && slot->order && slot->keys;
  return fine ? MS_OK : MS_EMEMORY;
}

/* How often each row is in the tree, and the lists of those that are and are not. */
static ms_forest_node draw_rows(const ms_forest_data *data, ms_forest_slot *slot,
                                ms_random *random) {
  int64_t rows = data->bins->rows;
  int64_t wanted = (int64_t)ceil(data->options.sample * (double)rows - 1e-9);
  memset(slot->times, 0, (size_t)rows * sizeof *slot->times);
  if (data->options.replace) {
    for (int64_t i = 0; i < wanted; i++) slot->times[ms_random_below(random, (uint64_t)rows)] += 1;
  } else {
    /* Each row with the chance that is left: exactly `wanted` of them. */
    for (int64_t i = 0, left = wanted; i < rows; i++) {
      bool drawn = left == rows - i ||
                   (left && (int64_t)ms_random_below(random, (uint64_t)(rows - i)) < left);
      slot->times[i] = drawn;
      left -= drawn;
    }
  }
  ms_forest_node root = {0};
  for (int64_t i = 0; i < rows; i++) {
    bool drawn = slot->times[i] > 0;
    slot->leaf_of[i] = MS_MISSING;
    if (drawn)
      slot->rows[0][root.count++] = (uint32_t)i;
    else
      slot->rows[1][root.out_count++] = (uint32_t)i;
    if (drawn && data->weights) slot->times[i] *= data->weights[i];
  }
  return root;
}

/* The values of a node; false where there is nothing to divide. */
static bool fill_node(const ms_forest_data *data, ms_forest_slot *slot, const ms_forest_node *at) {
  ms_tree_node *node = &slot->ensemble.node[at->node];
  double *values = slot->ensemble.values + at->node * data->width, weight = 0, squares = 0, sum = 0;
  const uint32_t *rows = slot->rows[0] + at->begin;
  for (uint32_t i = 0; i < at->count; i++) {
    uint32_t row = rows[i];
    double times = slot->times[row];
    weight += times;
    if (data->width > 1) {
      values[data->codes[row]] += times;
    } else {
      sum += times * data->target[row];
      squares += times * data->target[row] * data->target[row];
    }
  }
  node->cover = weight;
  node->rows = at->count;
  if (data->width == 1) {
    values[0] = sum / weight;
    return squares - sum * sum / weight > 1e-12 * squares;
  }
  bool pure = false;
  for (size_t k = 0; k < data->width; k++) {
    values[k] /= weight;
    pure |= values[k] == 1;
  }
  return !pure;
}

/* Tries columns in random order, mtry of those on which the rows differ. */
static ms_forest_cut find_cut(const ms_forest_data *data, ms_forest_slot *slot,
                              const ms_forest_node *node, ms_random *random) {
  size_t count = data->bins->count;
  ms_forest_cut best = {.gain = 1e-12};
  int64_t tried = 0;
  for (size_t c = 0; c < count && tried < data->options.mtry; c++) {
    size_t at = c;
    if ((size_t)data->options.mtry < count) at += (size_t)ms_random_below(random, count - c);
    uint32_t column = slot->columns[at];
    slot->columns[at] = slot->columns[c];
    slot->columns[c] = column;
    tried += ms_forest_try(data, slot, node, column, &best);
  }
  if (!(best.gain > 1e-12)) best.gain = 0;
  return best;
}

static ms_status write_cut(ms_context *context, const ms_forest_data *data, ms_forest_slot *slot,
                           const ms_forest_node *at, const ms_forest_cut *cut) {
  const ms_bin_column *in = &data->bins->columns[cut->column];
  uint32_t children = ms_ensemble_add(&slot->ensemble, 2);
  if (children == UINT32_MAX) return ms_error_status(context);
  uint32_t set = in->category ? ms_ensemble_set(&slot->ensemble, in->levels / 64 + 1) : 0;
  if (set == UINT32_MAX) return ms_error_status(context);
  ms_tree_node *node = &slot->ensemble.node[at->node];
  node->input = (int32_t)cut->column;
  node->left = children;
  node->right = children + 1;
  node->gain = cut->gain;
  node->category = in->category;
  node->set = set;
  node->threshold = in->category ? 0 : cut->bin + 1 < in->bins ? in->cuts[cut->bin] : DBL_MAX;
  if (!in->category) return MS_OK;
  /* The bins that go left are put down as levels. */
  (void)ms_forest_order(data, slot, at, cut->column);
  uint64_t bins[MS_LEVELS_MOST / 64 + 1] = {0};
  for (uint32_t i = 0; i < cut->bin; i++)
    bins[slot->order[i] >> 6] |= UINT64_C(1) << (slot->order[i] & 63);
  for (size_t k = 0; k < in->levels; k++) {
    if (ms_set_has(bins, in->of_code[k]))
      slot->ensemble.sets[set + (k >> 6)] |= UINT64_C(1) << (k & 63);
  }
  return MS_OK;
}

/* Bins that go left, as a table: a byte a bin. */
static void left_bins(const ms_forest_data *data, const ms_forest_slot *slot,
                      const ms_forest_cut *cut, const ms_tree_node *node, uint8_t *left) {
  const ms_bin_column *in = &data->bins->columns[cut->column];
  memset(left, 0, in->bins + 1);
  for (uint32_t b = 0; !in->category && b < in->bins; b++) left[b] = b <= cut->bin;
  for (size_t k = 0; in->category && k < in->levels; k++)
    left[in->of_code[k]] = ms_set_has(slot->ensemble.sets + node->set, (uint32_t)k);
  left[in->bins] = cut->missing_left;
}

typedef struct {
  const ms_forest_data *data;
  ms_forest_slot *slot;
  uint32_t column;
  uint8_t left[MS_BINS_MOST_EXACT + 1];
} dividing;

static uint32_t divide(const dividing *d, int list, uint32_t begin, uint32_t count) {
  const ms_bins *bins = d->data->bins;
  size_t from = (size_t)d->column * (size_t)bins->rows;
  uint32_t *rows = d->slot->rows[list] + begin, *right = d->slot->moved, l = 0, r = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t row = rows[i], goes = d->left[ms_bin_at(bins->by_column, from + row, bins->wide)];
    rows[l] = row;
    right[r] = row;
    l += goes;
    r += 1 - goes;
  }
  memcpy(rows + l, right, r * sizeof *rows);
  return l;
}

static void finish_leaf(ms_forest_slot *slot, const ms_forest_node *at) {
  for (uint32_t i = 0; i < at->out_count; i++)
    slot->leaf_of[slot->rows[1][at->out_begin + i]] = at->node;
}

static ms_status push(ms_context *context, ms_forest_slot *slot, size_t count,
                      const ms_forest_node *node) {
  if (count >= slot->stack_room) {
    size_t room = slot->stack_room * 2 + 64;
    ms_forest_node *stack = ms_scratch(context, room, sizeof *stack);
    if (!stack) return MS_EMEMORY;
    if (count) memcpy(stack, slot->stack, count * sizeof *stack);
    slot->stack = stack;
    slot->stack_room = room;
  }
  ((ms_forest_node *)slot->stack)[count] = *node;
  return MS_OK;
}

/* Splits the node if that does something: *split says so, and the children are written. */
static ms_status split_node(ms_context *context, dividing *d, const ms_forest_node *at,
                            ms_random *random, ms_forest_node children[2]) {
  const ms_forest_options *options = &d->data->options;
  children[0].count = 0;
  bool more = fill_node(d->data, d->slot, at) && at->count >= options->min_node &&
              at->count >= 2 * options->min_leaf &&
              (options->max_depth == 0 || at->depth < options->max_depth);
  ms_forest_cut cut = {.gain = 0};
  if (more) cut = find_cut(d->data, d->slot, at, random);
  if (!(cut.gain > 0)) return MS_OK;
  ms_status status = write_cut(context, d->data, d->slot, at, &cut);
  if (status != MS_OK) return status;
  ms_tree_node *node = &d->slot->ensemble.node[at->node];
  d->column = cut.column;
  left_bins(d->data, d->slot, &cut, node, d->left);
  uint32_t left = divide(d, 0, at->begin, at->count);
  /* Where nothing was missing it goes where most rows went. */
  const ms_bin_column *in = &d->data->bins->columns[cut.column];
  if (!cut.missing_left && left * 2 >= at->count) {
    bool holes = false;
    for (uint32_t i = left; in->holes && !holes && i < at->count; i++)
      holes = ms_bin_at(d->data->bins->by_column,
                        (size_t)cut.column * (size_t)d->data->bins->rows +
                            d->slot->rows[0][at->begin + i],
                        d->data->bins->wide) == in->bins;
    if (!holes) d->left[in->bins] = 1;
  }
  node->missing_left = d->left[in->bins];
  uint32_t out_left = divide(d, 1, at->out_begin, at->out_count);
  children[0] =
      (ms_forest_node){at->begin, left, at->out_begin, out_left, node->left, at->depth + 1};
  children[1] =
      (ms_forest_node){at->begin + left,         at->count - left, at->out_begin + out_left,
                       at->out_count - out_left, node->right,      at->depth + 1};
  return MS_OK;
}

ms_status ms_forest_grow(ms_context *context, const ms_forest_data *data, ms_forest_slot *slot,
                         size_t tree) {
  ms_random random = ms_random_new((uint64_t)data->options.seed, tree + 1);
  ms_ensemble_cut(&slot->ensemble, 0);
  slot->ensemble.words = 0;
  slot->ensemble.context = context;
  for (size_t c = 0; c < data->bins->count; c++) slot->columns[c] = (uint32_t)c;
  dividing d = {.data = data, .slot = slot};
  ms_forest_node root = draw_rows(data, slot, &random);
  root.node = ms_ensemble_tree(&slot->ensemble) ? ms_ensemble_add(&slot->ensemble, 1) : UINT32_MAX;
  if (root.node == UINT32_MAX) return ms_error_status(context);
  ms_status status = push(context, slot, 0, &root);
  for (size_t count = 1; status == MS_OK && count > 0;) {
    ms_forest_node at = ((ms_forest_node *)slot->stack)[--count], children[2];
    if (ms_cancelled(context)) return MS_ECANCEL;
    status = split_node(context, &d, &at, &random, children);
    if (status == MS_OK && children[0].count == 0) finish_leaf(slot, &at);
    for (int side = 1; status == MS_OK && children[0].count && side >= 0; side--)
      status = push(context, slot, count++, &children[side]);
  }
  return status;
}
