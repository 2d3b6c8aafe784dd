/* Which way a row goes. */
#include <math.h>

#include "core/kernels/mining/tree/tree.h"

int tree_side(const tree_split *split, const ms_input *inputs, uint32_t row) {
  const ms_input *input = &inputs[split->input];
  if (input->category) {
    uint32_t code = input->codes[row];
    char side = code == MS_MISSING ? '-' : split->sides[code];
    return side == '-' ? -1 : side == 'R';
  }
  double x = input->values[row];
  return isnan(x) ? -1 : (x >= split->cut) != split->swapped;
}

int tree_send(const tree_node *node, const ms_input *inputs, tree_missing missing, uint32_t row,
              int64_t *used) {
  int side = tree_side(&node->split, inputs, row);
  int64_t by = -1;
  for (int64_t i = 0; side < 0 && missing != TREE_STAY && i < node->surrogates; i++) {
    side = tree_side(&node->others[i], inputs, row);
    if (side >= 0) by = i;
  }
  if (used) *used = by;
  return side < 0 && missing == TREE_MAJORITY ? node->majority : side;
}
