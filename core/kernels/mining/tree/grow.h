/* What the passes over a batch of nodes share: grow.c says which there are. */
#ifndef MS_MINING_TREE_GROW_H
#define MS_MINING_TREE_GROW_H

#include "core/kernels/mining/tree/tree.h"

typedef struct {
  ms_context *context;
  const tree_growth *growth;
  tree_grown *out;
  size_t inputs;
  uint8_t *side; /* of a row: 0 left, 1 right, 2 has no value for the split; later: stays */
  uint64_t *
      right; /* a bit for each row of which side is 1: a node's rows lie anywhere, and bits stay in the cache */
  double alpha;     /* least risk of a node that is split */
  double least;     /* a gain up to this is an error of rounding */
  int64_t *waiting; /* nodes that may be split, the next ones last */
  size_t waits, room;
  int64_t *batch;
  size_t batched, most;
  tree_found *found;   /* of each node of the batch and input */
  tree_agreed *agreed; /* the same */
} tree_growing;

/* Tasks over inputs: finds the best split of each in each node; how well each agrees with the chosen split. */
ms_status tree_scan_input(ms_context *worker, void *state, size_t input);
ms_status tree_agree_input(ms_context *worker, void *state, size_t input);
/* A task over nodes: takes the best split (input -1: there is none) and notes the side of each row that it decides. */
ms_status tree_choose_split(ms_context *worker, void *state, size_t task);
/* Puts the surrogates of a node in front of its competitors. */
ms_status tree_take_surrogates(ms_context *worker, const tree_growing *g, tree_node *node,
                               const tree_agreed *agreed);

#endif
