/* Trees as an array of nodes: how a boosted model and a forest are kept, made a frame, read again, and used. */
#ifndef MS_MINING_ENSEMBLE_H
#define MS_MINING_ENSEMBLE_H

#include "core/kernels/mining/common/training.h"

typedef struct {
  int32_t input;        /* index of the input that is asked; -1: a leaf */
  uint32_t left, right; /* indexes within the ensemble, both above this node's own */
  bool missing_left;
  bool category;
  uint32_t set; /* category: first word of the levels that go left; levels / 64 words, rounded up */
  double threshold; /* number: value <= threshold goes left */
  double gain, cover;
  double rows; /* of training, counted as weights say */
} ms_tree_node;

typedef struct {
  ms_context *context;
  size_t trees, tree_room;
  uint32_t *first; /* [trees]: each tree's root */
  size_t nodes, node_room;
  ms_tree_node *node;
  size_t width;   /* values of a node */
  double *values; /* node × width; of inner nodes too */
  size_t words, word_room;
  uint64_t *sets;
} ms_ensemble;

/* Empty; grows in scratch. */
ms_ensemble ms_ensemble_new(ms_context *context, size_t width);
/* Starts a tree; adds `count` nodes (leaves, cleared) to it and gives the first one's index; adds cleared words to the sets.
 * False, or UINT32_MAX, with an error. */
bool ms_ensemble_tree(ms_ensemble *ensemble);
uint32_t ms_ensemble_add(ms_ensemble *ensemble, size_t count);
uint32_t ms_ensemble_set(ms_ensemble *ensemble, size_t words);
/* Forgets all trees from number `trees` on. */
void ms_ensemble_cut(ms_ensemble *ensemble, size_t trees);
/* Puts the trees of `from` behind those of `to`. False with an error. */
bool ms_ensemble_append(ms_ensemble *to, const ms_ensemble *from);
/* One past the last node of a tree. */
static inline uint32_t ms_ensemble_end(const ms_ensemble *ensemble, size_t tree) {
  return tree + 1 < ensemble->trees ? ensemble->first[tree + 1] : (uint32_t)ensemble->nodes;
}

static inline bool ms_set_has(const uint64_t *set, uint32_t level) {
  return set[level >> 6] >> (level & 63) & 1;
}

/* The part "trees", a row a node: tree, node (both from 1), input, threshold, levels (numbers of the levels that go left, from 1,
 * with blanks between), missing_left, left, right, gain, cover, rows, value (or value_1 … where there are several). The
 * caller's. */
ms_frame *ms_ensemble_part(ms_context *context, const ms_ensemble *ensemble,
                           const ms_input_list *inputs);
/* Back from the part, checked: MS_EDATA if it is not as it was made. */
ms_status ms_ensemble_read(ms_context *context, const char *kernel, const ms_frame *part,
                           const ms_input_list *inputs, ms_ensemble *out);

/* Questions on the longest way down each tree: [trees] in scratch. */
uint32_t *ms_ensemble_depths(ms_context *context, const ms_ensemble *ensemble);

/* What each tree says, added up: out[row × outputs + k], on top of what stands there. Where the ensemble's width is 1, tree t
 * counts for output t % outputs; otherwise its width is `outputs`. Threads. O(rows * trees * depth). */
ms_status ms_ensemble_add_up(ms_context *context, const ms_ensemble *ensemble,
                             const ms_input_list *inputs, size_t outputs, double *out);

#endif
