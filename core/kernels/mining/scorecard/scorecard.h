/* Scorecards: inputs cut into a few bins, each with its weight of evidence, and a logistic regression over these. */
#ifndef MS_MINING_SCORECARD_H
#define MS_MINING_SCORECARD_H

#include "core/kernels/mining/common/training.h"

/* Most bins of an input, and most pieces that bins are made of. */
enum { MS_SCORE_BINS_MOST = 20, MS_SCORE_PIECES_MOST = 200 };

/* In the order of the words of the option `trend`. */
typedef enum { MS_TREND_AUTO, MS_TREND_UP, MS_TREND_DOWN, MS_TREND_NONE } ms_trend;
#define MS_TREND_WORDS "auto up down none"

typedef struct {
  double rows, events; /* sums of weights */
} ms_score_count;

/* How pieces that stand in order may be joined to bins. */
typedef struct {
  size_t count; /* at most MS_SCORE_PIECES_MOST */
  const ms_score_count *pieces;
  ms_score_count total; /* of all rows, those with a missing value too */
  double least;         /* rows that a bin must have */
  size_t most;          /* bins; at most MS_SCORE_BINS_MOST */
  ms_trend trend;       /* of the share of events from bin to bin; auto: whichever is better */
} ms_optimal_request;

/* The bins with the largest information value of all ways to join neighbours, so that every bin has the rows wanted, an event
 * and another row, and shares rise or fall as wanted. `ends`: one behind the last piece of each bin. One bin where there is no
 * such way. O(most × pieces³) time. 0: no memory. */
size_t ms_optimal_bins(ms_context *context, const ms_optimal_request *request,
                       size_t ends[MS_SCORE_BINS_MOST]);

/* log(share of the other rows / share of the events); where one of them is 0, half a row is added to both. 0 of no rows. */
double ms_weight_of_evidence(ms_score_count bin, ms_score_count total);
/* The bin's part of the information value. */
double ms_information_value(ms_score_count bin, ms_score_count total);

typedef struct {
  ms_score_count count;
  double low, high; /* of a number: low < x <= high; infinite at the ends */
  double woe, iv, points;
} ms_score_bin;

typedef struct {
  const ms_input *input;
  size_t count;        /* of bins with values; bins[count] is for missing */
  ms_score_bin *bins;  /* [count + 1] */
  uint32_t *of_level;  /* of a category: the bin of each level */
  const uint8_t *rows; /* the bin of each row */
  double iv;
  bool used; /* in the regression */
  double coefficient, error;
} ms_score_input;

typedef struct {
  size_t most, pieces;
  double least; /* share of the rows */
  ms_trend trend;
  ms_names increasing, decreasing; /* numbers with a trend of their own */
} ms_binning_request;

/* Bins for every input of the training data: [inputs.count] in scratch; NULL with an error. */
ms_score_input *ms_score_bins(ms_context *context, const ms_training *training,
                              const ms_binning_request *request);

/* What a bin is called: "up to 3", "3 to 7.5", "above 7.5", "missing", "Rome, Paris". In scratch. */
const char *ms_score_label(ms_context *context, const ms_score_input *input, size_t bin);

#endif
