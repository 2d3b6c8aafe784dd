/* One boosted tree: grown from gradients, level by level or best leaf first. */
#ifndef MS_MINING_BOOST_GROW_H
#define MS_MINING_BOOST_GROW_H

#include "core/kernels/mining/common/ensemble.h"
#include "core/kernels/mining/common/histogram.h"

typedef struct {
  double lambda, gamma, least_cover, learning_rate, smooth;
  double max_step;               /* of a leaf, before the learning rate; 0: no limit */
  int64_t max_depth, max_leaves; /* max_leaves > 0: the leaf with the largest gain is split first */
} ms_grow_rules;

/* A cut of a node: the best one found. gain 0: none. */
typedef struct {
  double gain;
  int32_t column; /* -1: none */
  uint32_t bin;   /* number: bins up to it go left; category: so many of the ordered bins do */
  bool missing_left;
  ms_gradient_sum left;
} ms_cut;

/* Rows of a node: those that are learned from (0) and the others (1). */
typedef struct {
  uint32_t begin, count;
} ms_span;

typedef struct {
  ms_span spans[2];
  ms_gradient_sum sum;
  ms_gradient_sum *sums; /* the histogram; NULL where it is not needed */
  double low, high;      /* between which the value must lie (monotone constraints) */
  ms_cut cut;
  uint32_t node; /* in the ensemble */
  int64_t depth;
} ms_growing;

/* Scratch that is used again by each level of each tree. */
typedef struct {
  void *data;
  size_t bytes;
} ms_room;
typedef enum {
  MS_ROOM_SUMS,
  MS_ROOM_PIECES,
  MS_ROOM_CUTS,
  MS_ROOM_PAIRS,
  MS_ROOM_DIVISIONS,
  MS_ROOM_OPEN,
  MS_ROOM_CHOSEN,
  MS_ROOMS
} ms_room_use;

typedef struct {
  const ms_bins *bins;
  const ms_gradients *gradients;
  ms_grow_rules rules;
  const int8_t *monotone; /* of each column: -1, 0, 1; NULL: none */
  const bool *use;        /* columns that may be asked */
  uint32_t *rows[2];      /* the lists that spans are of */
  uint32_t count[2];
  /* what is left after a tree: its leaves */
  ms_growing *leaves;
  size_t leaf_count;
  /* room that is used again */
  uint32_t *moved[2]; /* as long as the longer list */
  ms_gradient_sum **spare;
  size_t spare_count, spare_room;
  ms_room rooms[MS_ROOMS];
} ms_grower;

/* Room for the grower's lists; bins, rules, rows and count must be set. */
ms_status ms_grower_start(ms_context *context, ms_grower *grower);
/* Adds a tree to the ensemble: grows it on the gradients over all rows of the lists, which are put in the order of the leaves.
 * Node values are step widths times the learning rate. */
ms_status ms_grow_tree(ms_context *context, ms_grower *grower, ms_ensemble *ensemble);

/* ---- split.c ---- */

/* The best cut of a node on one column; `sums` is the column's histogram. Room: [bins + 1] for the order. */
ms_cut ms_cut_find(const ms_grower *grower, const ms_growing *node, size_t column,
                   const ms_gradient_sum *sums, uint32_t *order);
/* A category's bins that have rows, ordered by gradient; gives their number. */
uint32_t ms_cut_order(const ms_grower *grower, size_t column, const ms_gradient_sum *sums,
                      uint32_t *order);
/* The step of a node, before the learning rate; within its bounds. */
double ms_step_of(const ms_grower *grower, ms_gradient_sum sum, double low, double high);

/* ---- partition.c ---- */

/* Divides the spans of nodes by their cuts: left rows first, each part in the order it had. sets: bins that go left, of nodes
 * whose cut is on a category. left: counts that result, [nodes][2]. */
typedef struct {
  const ms_growing *node;
  const uint64_t *set;
  uint32_t left[2];
} ms_division;
ms_status ms_divide(ms_context *context, ms_grower *grower, ms_division *divisions, size_t count);

#endif
