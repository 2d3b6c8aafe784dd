/* Random forests: what the files share. */
#ifndef MS_MINING_FOREST_H
#define MS_MINING_FOREST_H

#include "core/base/random.h"
#include "core/kernels/mining/common/bins.h"
#include "core/kernels/mining/common/ensemble.h"

typedef struct {
  const char *target, *event, *weights;
  ms_names columns, categories;
  ms_reals class_weights;
  int64_t trees, mtry, min_leaf, min_node, max_depth, bins, seed;
  double sample;
  bool replace, balanced, exact, permutation;
} ms_forest_options;

/* What all trees are grown on. `width` numbers are summed a row: its value (numbers; 1 for the event of two classes), or
 * one a class. */
typedef struct {
  const ms_bins *bins;
  const ms_input_list *inputs;
  const double *target;  /* width 1 */
  const uint32_t *codes; /* width > 1 */
  const double *weights; /* of each row: case weight times class weight; NULL: all 1 */
  size_t width;
  ms_forest_options options; /* mtry, min_leaf and min_node are set */
} ms_forest_data;

/* Room of one tree while it is grown, used again by later ones. */
typedef struct {
  ms_ensemble ensemble; /* one tree */
  uint32_t *rows[2];    /* drawn; not drawn */
  uint32_t *moved;
  double *times;     /* weight of each row in this tree */
  uint32_t *leaf_of; /* node where a row that was not drawn ends; MS_MISSING for drawn ones */
  double *sums;      /* [most bins + 1][width + 2]: rows, weight, sums */
  uint64_t *touched; /* a bit a bin */
  uint32_t *columns, *order;
  double *keys;
  double *worse; /* [columns]: error added by shuffling the column */
  uint32_t *shuffled;
  void *stack;
  size_t stack_room;
} ms_forest_slot;

ms_status ms_forest_slot_start(ms_context *context, const ms_forest_data *data,
                               ms_forest_slot *slot);
/* Grows tree number `tree`. O(rows * mtry * depth). */
ms_status ms_forest_grow(ms_context *context, const ms_forest_data *data, ms_forest_slot *slot,
                         size_t tree);

/* Fills slot->worse: how much larger the error (share wrong, or mean squared) is of the rows not drawn where a column is
 * shuffled among them. */
ms_status ms_forest_permute(ms_context *context, const ms_forest_data *data, ms_forest_slot *slot,
                            size_t tree);

/* ---- cut.c ---- */

typedef struct {
  double gain;          /* 0: none */
  uint32_t column, bin; /* number: bins up to it; category: so many of slot->order */
  bool missing_left;
} ms_forest_cut;
typedef struct {
  uint32_t begin, count, out_begin, out_count; /* rows, and rows not drawn */
  uint32_t node, depth;
} ms_forest_node;
/* Tries a column; *best is replaced by a better cut. False if all rows are alike on it. Leaves the order of a category's bins in
 * slot->order where it has one. */
bool ms_forest_try(const ms_forest_data *data, ms_forest_slot *slot, const ms_forest_node *node,
                   uint32_t column, ms_forest_cut *best);
/* The order alone; gives the number of bins in it. */
uint32_t ms_forest_order(const ms_forest_data *data, ms_forest_slot *slot,
                         const ms_forest_node *node, uint32_t column);

#endif
