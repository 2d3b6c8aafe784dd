/* Growing a classification or regression tree (CART), judging it by cross-validation, and sending rows down it.
 *
 * The method is that of Breiman, Friedman, Olshen, Stone (1984) as R's rpart has it: see grow.c, complexity.c. */
#ifndef MS_MINING_TREE_H
#define MS_MINING_TREE_H

#include "core/kernels/mining/common/training.h"

typedef enum { TREE_GINI, TREE_INFORMATION, TREE_ANOVA } tree_criterion;
/* What is done with a row whose primary split has no value: it stays in the node; surrogates are asked and it stays if
 * none has a value; or else it goes where most went. */
typedef enum { TREE_STAY, TREE_SURROGATES, TREE_MAJORITY } tree_missing;

typedef struct {
  double cp;
  int64_t minsplit, minbucket, maxdepth, surrogates, competitors;
  bool known_only; /* agreement of a surrogate is reckoned over the rows for which it has a value */
  tree_missing missing;
  tree_criterion criterion;
  const double *prior; /* of each class, sums to 1; NULL: as in the rows */
  const double *loss;  /* [true class * classes + predicted class]; NULL: 1 for each error */
} tree_settings;

/* A question. A number goes left below the cut, or from the cut on where `swapped`. A category: sides has 'L', 'R' or '-' (no
 * row that decides) for each level. */
typedef struct {
  int64_t input;
  double cut;
  bool swapped;
  char *sides;
  double gain;     /* of a surrogate: the share of rows that it sends the same way */
  double adjusted; /* of a surrogate: the part of the errors of the majority that it avoids */
  int64_t rows;    /* with a value; of a surrogate: that it sent */
} tree_split;

/* A node; `left` < 0: a leaf. Children stand behind their parents. */
typedef struct {
  int64_t number; /* 1 is the root, 2n and 2n + 1 are the children of n */
  int64_t first, rows, parent, left, right;
  double weight, risk, complexity, prediction;
  tree_split split;
  tree_split *others; /* surrogates, the best first, then competitors */
  int64_t surrogates, competitors;
  double sent[2];  /* weight that the split itself sends to each side */
  int64_t unknown; /* rows that the split itself does not decide; later: that stay */
  int majority;    /* 0: most of it left, 1: right */
  double *shares;  /* weight of each class; after tree_finish its share */
} tree_node;

typedef struct {
  size_t count, room, width; /* width: classes, or 1 for a number */
  tree_node *nodes;
} tree_grown;

/* What a row of each class counts: in risk and shares, and in the goodness of splits. All 1 without priors and loss. */
typedef struct {
  size_t width;
  const double *prior, *split;
  const double *loss; /* NULL: 1 for each error */
} tree_factors;

/* ---- rows in order ---- */

/* An entry of an order: the row, and whether its value is that of the entry before. Where classes are counted (two of them,
 * no weights) the class stands in the entry too. */
#define TREE_SAME UINT32_C(0x80000000)
#define TREE_EVENT UINT32_C(0x40000000)
#define TREE_ROW UINT32_C(0x3fffffff)
/* The bit of an entry's row. */
static inline int64_t tree_bit(const uint64_t *bits, uint32_t entry) {
  return (int64_t)(bits[(entry & TREE_ROW) >> 6] >> (entry & 63) & 1);
}

typedef struct {
  int64_t rows;
  uint32_t **
      numbers; /* of each number: entries by value, those without a value last; NULL for a category */
  uint32_t *all; /* entries in the order of rows */
  bool *gaps;    /* of each input that is a number: some row has no value */
  bool counted;  /* two classes, no weights */
} tree_orders;

ms_status tree_orders_make(ms_context *context, const ms_training *training, tree_orders *out);
/* Room for another with the same inputs; and the entries of the rows that have `keep` put into it. keep NULL: all. */
ms_status tree_orders_room(ms_context *context, const ms_training *training,
                           const tree_orders *like, tree_orders *out);
ms_status tree_orders_take(ms_context *context, const ms_training *training,
                           const tree_orders *from, const uint8_t *keep, tree_orders *out);

/* ---- splits ---- */

typedef struct {
  double gain, cut; /* gain 0: there is none */
  bool swapped;
} tree_found;

typedef struct {
  double agreement, adjusted, cut; /* adjusted 0: no better than the majority */
  bool swapped;
} tree_agreed;

/* One input in one node. */
typedef struct {
  const ms_training *training;
  const tree_settings *settings;
  const tree_factors *factors;
  size_t input;
  bool counted;
  const uint32_t *order; /* entries of the node that have a value; of a category: all of the node */
  int64_t rows;
  bool whole;     /* a number: all rows of the node have a value */
  int64_t events; /* where counted: rows of the node of the second class */
} tree_case;

/* Arrays of one task, made once for all nodes: of `width` + 1, and of the input's levels. */
typedef struct {
  uint32_t level;
  double key;
} tree_keyed;
typedef struct {
  double *left, *right, *total;
  double *stats; /* a weight and sums for each level; zero between calls, as `rows` */
  int64_t *rows;
  tree_keyed *present;
  size_t count; /* of present */
  char *marks;
} tree_room;
bool tree_room_new(ms_context *context, const tree_case *at, tree_room *out);

/* The goodness of rows: the gain of a split is what both sides have more of it than the whole. stat: weight, then sums. */
double tree_goodness(const double *stat, size_t width, tree_criterion criterion);
void tree_add_row(const tree_case *at, uint32_t entry, double *stat, double mean);
/* Whether the left sums in the room have a smaller mean (classes count from 0) than the right ones. */
bool tree_left_is_less(const tree_case *at, const tree_room *room);
void tree_split_number(const tree_case *at, tree_room *room, tree_found *out);
/* sides: NULL, or room for the levels. */
void tree_split_category(const tree_case *at, tree_room *room, tree_found *out, char *sides);
/* Where the split of the node sends its rows. */
typedef struct {
  const uint8_t *of_row; /* 0, 1, or 2 where it has no value */
  const uint64_t *right; /* a bit for each row: 1 */
  bool decided;          /* it has a value for each row of the node */
  const double *weight;  /* that went to each side */
} tree_sent;
void tree_agree_number(const tree_case *at, const tree_sent *sent, tree_agreed *out);
void tree_agree_category(const tree_case *at, const tree_sent *sent, tree_room *room,
                         tree_agreed *out, char *sides);

/* ---- trees ---- */

/* What is grown from; `orders` are permuted. alpha: the least gain in risk a split; negative: growing makes it cp times the
 * risk of the root, and notes that risk. */
typedef struct {
  const ms_training *training;
  const tree_settings *settings;
  tree_factors factors;
  tree_orders *orders;
  double alpha, risk;
} tree_growth;

/* Factors of the rows in the order. */
ms_status tree_factors_make(ms_context *context, const ms_training *training,
                            const tree_settings *settings, const tree_orders *orders,
                            tree_factors *out);
/* Everything lives in scratch. */
ms_status tree_grow(ms_context *context, tree_growth *growth, tree_grown *out);
/* Takes back what does not pay, and puts the rest in its order: each node, then its left part, then its right one. */
ms_status tree_finish(ms_context *context, const tree_growth *growth, tree_grown *tree);

/* The side of a row, 0 or 1; -1: the split has no value for it. */
int tree_side(const tree_split *split, const ms_input *inputs, uint32_t row);
/* The same after surrogates and majority; -1: it stays. used: -1 the split itself, else the surrogate's place; or NULL. */
int tree_send(const tree_node *node, const ms_input *inputs, tree_missing missing, uint32_t row,
              int64_t *used);

/* ---- complexity ---- */

typedef struct {
  double cp, error, xerror,
      xstd; /* error of the tree as a share of the root's; x…: by cross-validation, NaN without */
  int64_t splits;
} tree_step;
typedef struct {
  size_t count;
  tree_step *items;
} tree_steps;

ms_status tree_steps_make(ms_context *context, const tree_growth *growth, const tree_grown *tree,
                          tree_steps *out);
/* folds: of each row, from 0. `sorted` are the orders of all rows. Fills xerror and xstd. */
typedef struct {
  const uint32_t *of_row;
  size_t count;
} tree_folds;
ms_status tree_validate(ms_context *context, const tree_growth *growth, const tree_folds *folds,
                        const tree_orders *sorted, tree_steps *steps);

/* ---- as frames ---- */

/* The parts nodes, shares (of classes), splits and cp. NULL on failure. */
ms_frame *tree_nodes_part(ms_context *context, const tree_grown *tree);
ms_frame *tree_shares_part(ms_context *context, const tree_grown *tree, const ms_target *target);
ms_frame *tree_splits_part(ms_context *context, const tree_grown *tree);
ms_frame *tree_steps_part(ms_context *context, const tree_steps *steps);

#endif
