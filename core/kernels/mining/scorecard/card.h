/* A scorecard being made, and its parts. */
#ifndef MS_MINING_CARD_H
#define MS_MINING_CARD_H

#include "core/kernels/mining/common/fit.h"
#include "core/kernels/mining/scorecard/scorecard.h"

typedef struct {
  const char *target, *event, *weights;
  ms_names columns, categories, increasing, decreasing;
  int64_t bins, pieces;
  double least, min_iv, points, odds, twice;
  int trend, high;
  bool round;
} ms_card_options;

typedef struct {
  ms_context *context;
  const ms_card_options *given;
  ms_training training;
  ms_score_input *inputs;
  size_t used;
  ms_design design;
  ms_fit fit;
  double intercept, error;
} ms_card;

/* The parts; the caller's. */
ms_frame *ms_card_bins(const ms_card *c);
ms_frame *ms_card_levels(const ms_card *c);
ms_frame *ms_card_terms(const ms_card *c);
ms_frame *ms_card_facts(const ms_card *c);

#endif
