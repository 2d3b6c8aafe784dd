/* Gradient boosting: what its files share. */
#ifndef MS_MINING_BOOST_H
#define MS_MINING_BOOST_H

#include "core/kernels/mining/boost/grow.h"

/* The words of the option `objective`, in this order. */
#define MS_OBJECTIVES "auto logistic softmax squared poisson cox"
typedef enum {
  MS_OBJECTIVE_AUTO,
  MS_OBJECTIVE_LOGISTIC,
  MS_OBJECTIVE_SOFTMAX,
  MS_OBJECTIVE_SQUARED,
  MS_OBJECTIVE_POISSON,
  MS_OBJECTIVE_COX,
  MS_OBJECTIVE_COUNT
} ms_objective;

typedef struct {
  const char *target, *event, *weights, *offset, *fold;
  ms_names columns, categories, increasing, decreasing;
  ms_reals base_score;
  int objective;
  int64_t trees, max_depth, max_leaves, bins, early_stopping, seed;
  double learning_rate, lambda, gamma, min_child_weight, smooth, sample, column_sample, holdout,
      max_step;
  bool exact;
} ms_boost_options;

/* A model while it is learned. Arrays of outputs × rows: output k begins at k × rows. */
typedef struct {
  ms_objective objective;
  size_t outputs; /* classes of softmax, otherwise 1 */
  int64_t rows;
  const ms_training *training;
  const double *target;    /* numbers, or 0 and 1 for two classes; NULL for softmax */
  const double *happened;  /* Cox: 1 where the event was seen */
  const uint32_t *by_time; /* Cox: rows by target, the longest first */
  const uint8_t *held;     /* 1: not learned from, only evaluated; NULL: none */
  double *margin, *g, *h;
  double *base; /* [outputs] */
} ms_boosting;

/* ---- objective.c ---- */

const char *ms_objective_word(ms_objective objective);
/* What the evaluation figure is called. */
const char *ms_objective_measure(ms_objective objective);
/* Checks the target's values, and makes what the objective needs. */
ms_status ms_objective_start(ms_context *context, ms_boosting *boosting);
/* The constant that fits best, or what is given (a mean or probability), as margins. */
ms_status ms_objective_base(ms_context *context, ms_boosting *boosting, ms_reals given);
/* First and second derivatives by the margin, times the weight. Threads. */
ms_status ms_objective_gradients(ms_context *context, ms_boosting *boosting);
/* The mean loss of the rows that are learned from, or of the held ones; NaN where there is none. Threads. */
ms_status ms_objective_loss(ms_context *context, const ms_boosting *boosting, bool held,
                            double *out);
/* Margins to what is predicted, in place: row × outputs. */
void ms_objective_predict(ms_objective objective, size_t outputs, size_t rows, double *values);

/* ---- cox.c ---- */

ms_status ms_cox_start(ms_context *context, ms_boosting *boosting);
ms_status ms_cox_gradients(ms_context *context, ms_boosting *boosting);
ms_status ms_cox_loss(ms_context *context, const ms_boosting *boosting, bool held, double *out);

/* ---- train.c ---- */

typedef struct {
  ms_ensemble ensemble;
  size_t rounds, evaluations;
  int64_t *round; /* evaluations */
  double *learned, *held;
  int64_t best_round; /* 0: no early stopping */
} ms_boosted;
ms_status ms_boost_train(ms_context *context, const ms_boost_options *options, const ms_bins *bins,
                         ms_boosting *boosting, ms_boosted *out);

#endif
