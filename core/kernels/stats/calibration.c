/* The kernel calibration: predicted probabilities in bins against what happened, as scikit-learn's calibration_curve.
 *
 * Cuts are i / bins (width) or the quantiles of the scores, type 7 (quantile); a score equal to a cut is in the bin below it.
 * Bins without rows are left out. The interval of the rate is Wilson's (1927), 95 %. */
#include <math.h>

#include "core/kernels/stats/scored.h"

typedef struct {
  ms_scored_request scored;
  int64_t bins;
  int method;
} calibration_options;

enum { QUANTILE, WIDTH };

static const ms_option options[] = {
    MS_SCORED_OPTIONS(calibration_options),
    {.name = "bins",
     .type = MS_OPTION_INTEGER,
     .fallback = "10",
     .low = 1,
     .high = 10000,
     .unit = "bins",
     .brief = "number of bins",
     .offset = offsetof(calibration_options, bins)},
    {.name = "method",
     .type = MS_OPTION_CHOICE,
     .fallback = "quantile",
     .unit = "quantile width",
     .brief = "quantile: bins of equal size, equal scores stay together; width: of equal width",
     .offset = offsetof(calibration_options, method)},
    {0}};

static const ms_figure figures[] = {{"bin", MS_INTEGER},
                                    {"low", MS_REAL},
                                    {"high", MS_REAL},
                                    {"rows", MS_INTEGER},
                                    {"predicted", MS_REAL},
                                    {"events", MS_REAL},
                                    {"rate", MS_REAL},
                                    {"rate_low", MS_REAL},
                                    {"rate_high", MS_REAL},
                                    {"difference", MS_REAL},
                                    {0}};

/* The i-th cut. Scores descend. */
static double cut_of(const ms_scored *s, const calibration_options *given, int64_t i) {
  double share = (double)i / (double)given->bins;
  if (given->method == WIDTH) return share;
  double at = share * (double)(s->rows - 1);
  int64_t below = (int64_t)at;
  double low = s->score[s->rows - 1 - below];
  double high = below + 1 < s->rows ? s->score[s->rows - 2 - below] : low;
  return low + (at - (double)below) * (high - low);
}

typedef struct {
  int64_t rows;
  double low, high, weight, squares, events, score;
} bin_sums;

static void add_bin(ms_builder *builder, int64_t number, const bin_sums *b) {
  const double z = 1.959963984540054;
  double rate = b->events / b->weight, predicted = b->score / b->weight;
  double n = b->weight * b->weight / b->squares; /* rows, or those that the weights are worth */
  double centre = (rate + z * z / (2 * n)) / (1 + z * z / n);
  double reach = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
  double row[] = {(double)number, b->low, b->high,        (double)b->rows, predicted,
                  b->events,      rate,   centre - reach, centre + reach,  rate - predicted};
  ms_figures_row(builder, figures, row);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const calibration_options *given = checked;
  ms_scored s;
  if (ms_scored_read(context, "calibration", inputs->frames[0], &given->scored, &s) != MS_OK)
    return NULL;
  if (s.rows && (s.score[0] > 1 || s.score[s.rows - 1] < 0))
    return ms_fail_null(context, MS_EDATA,
                        "calibration: column '%s' has scores outside 0 … 1, probabilities wanted",
                        given->scored.score);
  ms_builder *builder = ms_figures_new(context, figures);
  if (!builder) return NULL;
  int64_t i = s.rows - 1;
  for (int64_t bin = 1; bin <= given->bins && i >= 0; bin++) {
    double cut = bin < given->bins ? cut_of(&s, given, bin) : INFINITY;
    bin_sums sums = {.low = s.score[i]};
    for (; i >= 0 && s.score[i] <= cut; i--) {
      double w = s.weight[i];
      sums.rows++, sums.weight += w, sums.squares += w * w;
      sums.events += w * s.event[i], sums.score += w * s.score[i], sums.high = s.score[i];
    }
    if (sums.rows) add_bin(builder, bin, &sums);
  }
  return ms_builder_finish(builder);
}

const ms_kernel ms_kernel_calibration = {
    .name = "calibration",
    .group = "stats",
    .brief = "predicted probabilities in bins against what happened",
    .cost = "O(rows log rows) time, 48 bytes a row",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(calibration_options),
    .run = run,
};
