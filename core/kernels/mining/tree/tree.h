/* Growing a classification or regression tree. */
#ifndef MS_MINING_TREE_H
#define MS_MINING_TREE_H

#include "core/kernels/mining/common/training.h"

typedef enum { TREE_GINI, TREE_INFORMATION, TREE_ANOVA } tree_criterion;

typedef struct {
  double cp;
  int64_t minsplit, minbucket, maxdepth;
  tree_criterion criterion;
} tree_settings;

/* A node; `left` < 0: a leaf. Children stand behind their parents. */
typedef struct {
  int64_t number; /* 1 is the root, 2n and 2n + 1 are the children of n */
  int64_t first, rows, parent, left, right;
  double weight, risk, complexity, prediction, improvement;
  int64_t input;  /* of the split */
  double cut;     /* a number goes left below the cut, or from the cut on where `swapped` */
  bool swapped;   /* false too where a category is split */
  bool most_left; /* what is missing goes to the side of more weight */
  char *sides;    /* of a category: 'L', 'R' or '-' (no row in the node) for each level */
  double *shares; /* of classes */
} tree_node;

typedef struct {
  size_t count, room, width; /* width: classes, or 1 for a number */
  tree_node *nodes;
} tree_grown;

/* The best split of one input in a node; gain 0: there is none. */
typedef struct {
  double gain, cut;
  bool swapped;
  char *sides; /* room for the levels, given by the caller */
} tree_split;

/* What is split: rows of a node in the order of the input's values, those without a value left out. */
typedef struct {
  const ms_training *training;
  const tree_settings *settings;
  size_t input, width;
  const uint32_t *order; /* of a category: the node's rows in any order */
  int64_t rows;
  double mean; /* of the node; 0 for classes */
} tree_case;

ms_status tree_split_find(ms_context *worker, const tree_case *at, tree_split *out);
/* Everything lives in scratch. */
ms_status tree_grow(ms_context *context, const ms_training *training, const tree_settings *settings,
                    tree_grown *out);

#endif
