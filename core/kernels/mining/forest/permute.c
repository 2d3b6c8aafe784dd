/* Permutation importance of one tree: its error on the rows that it did not draw, with a column shuffled. */
#include "core/kernels/mining/forest/forest.h"

#include <math.h>
#include <string.h>

/* Where a row ends if `column` has the value of row `other`. */
static uint32_t walk(const ms_forest_data *data, const ms_ensemble *ensemble, uint32_t row,
                     int32_t column, uint32_t other) {
  uint32_t at = 0;
  for (const ms_tree_node *node = ensemble->node; node->input >= 0; node = &ensemble->node[at]) {
    const ms_input *input = &data->inputs->items[node->input];
    uint32_t from = node->input == column ? other : row;
    bool missing = input->category ? input->codes[from] == MS_MISSING : isnan(input->values[from]);
    bool left = missing          ? node->missing_left
                : node->category ? ms_set_has(ensemble->sets + node->set, input->codes[from])
                                 : input->values[from] <= node->threshold;
    at = left ? node->left : node->right;
  }
  return at;
}

static double error_of(const ms_forest_data *data, const ms_ensemble *ensemble, uint32_t row,
                       uint32_t leaf) {
  const double *values = ensemble->values + leaf * data->width;
  if (data->width == 1 && !data->codes)
    return (values[0] - data->target[row]) * (values[0] - data->target[row]);
  if (data->width == 1) return (values[0] >= 0.5) != (data->target[row] > 0.5);
  size_t best = 0;
  for (size_t k = 1; k < data->width; k++) best = values[k] > values[best] ? k : best;
  return best != data->codes[row];
}

ms_status ms_forest_permute(ms_context *context, const ms_forest_data *data, ms_forest_slot *slot,
                            size_t tree) {
  const ms_ensemble *ensemble = &slot->ensemble;
  ms_random random = ms_random_new((uint64_t)data->options.seed + 1, tree + 1);
  uint32_t count = 0;
  for (int64_t i = 0; i < data->bins->rows; i++) {
    if (slot->leaf_of[i] != MS_MISSING) slot->rows[1][count++] = (uint32_t)i;
  }
  memset(slot->worse, 0, data->bins->count * sizeof *slot->worse);
  double before = 0;
  for (uint32_t i = 0; i < count; i++)
    before += error_of(data, ensemble, slot->rows[1][i], slot->leaf_of[slot->rows[1][i]]);
  for (size_t c = 0; count && c < data->bins->count; c++) {
    bool used = false;
    for (size_t i = 0; i < ensemble->nodes; i++) used |= ensemble->node[i].input == (int32_t)c;
    if (!used) continue;
    if (ms_cancelled(context)) return MS_ECANCEL;
    memcpy(slot->shuffled, slot->rows[1], count * sizeof *slot->shuffled);
    for (uint32_t i = count; i > 1; i--) {
      uint32_t other = (uint32_t)ms_random_below(&random, i), row = slot->shuffled[i - 1];
      slot->shuffled[i - 1] = slot->shuffled[other];
      slot->shuffled[other] = row;
    }
    double after = 0;
    for (uint32_t i = 0; i < count; i++) {
      uint32_t row = slot->rows[1][i];
      after +=
          error_of(data, ensemble, row, walk(data, ensemble, row, (int32_t)c, slot->shuffled[i]));
    }
    slot->worse[c] = (after - before) / count;
  }
  return MS_OK;
}
