/* The kernel metrics: how well a score tells events from the rest, in one row of figures.
 *
 * Area under the curve with the interval of DeLong, DeLong and Clarke-Pearson (1988), from one walk down the groups of equal
 * scores (as the fast version of Sun and Xu 2014, whose midranks are the same sums): for an event, V is the share of the
 * others with a lower score, those of equal score by half; for an other the share of the events with a higher one. The
 * variance of the area is var(V of events) / events + var(V of others) / others. With weights the squares are weighted
 * twice and divided by W² - sum w², which is n (n - 1) where all weights are 1. */
#include <math.h>

#include "core/kernels/stats/scored.h"
#include "core/base/tails.h"

typedef struct {
  ms_scored_request scored;
  double level;
} metrics_options;

static const ms_option options[] = {
    MS_SCORED_OPTIONS(metrics_options),
    {.name = "level",
     .type = MS_OPTION_REAL,
     .fallback = "0.95",
     .low = 0.5,
     .high = 0.9999,
     .brief = "confidence level of the interval of the area under the curve",
     .offset = offsetof(metrics_options, level)},
    {0}};

enum {
  ROWS,
  EVENTS,
  RATE,
  AUC,
  AUC_ERROR,
  AUC_LOW,
  AUC_HIGH,
  GINI,
  KS,
  KS_SCORE,
  PRECISION,
  LOG_LOSS,
  BRIER,
  CALIBRATION,
  FIGURES
};
static const ms_figure figures[] = {{"rows", MS_INTEGER},
                                    {"events", MS_REAL},
                                    {"rate", MS_REAL},
                                    {"auc", MS_REAL},
                                    {"auc_error", MS_REAL},
                                    {"auc_low", MS_REAL},
                                    {"auc_high", MS_REAL},
                                    {"gini", MS_REAL},
                                    {"ks", MS_REAL},
                                    {"ks_score", MS_REAL},
                                    {"average_precision", MS_REAL},
                                    {"log_loss", MS_REAL},
                                    {"brier", MS_REAL},
                                    {"calibration_error", MS_REAL},
                                    {0}};

/* Area, Kolmogorov-Smirnov and average precision in one walk. */
static void ranks(ms_context *context, const ms_scored *s, double *out) {
  double others = s->total - s->events, above = 0, other_above = 0, area = 0, precision = 0;
  out[KS] = 0;
  for (int64_t i = 0; i < s->rows;) {
    ms_tied g = ms_scored_group(s, i);
    if (ms_cancelled_between(context, i, g.end)) return;
    double other = g.weight - g.events;
    area += g.events * (others - other_above - other / 2);
    above += g.events, other_above += other;
    precision += g.events * above / (above + other_above);
    double distance = fabs(above / s->events - other_above / others);
    if (distance > out[KS]) out[KS] = distance, out[KS_SCORE] = s->score[i];
    i = g.end;
  }
  out[AUC] = area / s->events / others;
  out[GINI] = 2 * out[AUC] - 1;
  out[PRECISION] = precision / s->events;
}

/* The second walk: squares of the shares around the area. */
static double delong(ms_context *context, const ms_scored *s, double area) {
  double others = s->total - s->events, above = 0, other_above = 0;
  double square[2] = {0, 0}, weights[2] = {0, 0};
  for (int64_t i = 0; i < s->rows;) {
    ms_tied g = ms_scored_group(s, i);
    if (ms_cancelled_between(context, i, g.end)) return NAN;
    double other = g.weight - g.events;
    double of_event = (others - other_above - other / 2) / others - area;
    double of_other = (above + g.events / 2) / s->events - area;
    for (; i < g.end; i++) {
      double w = s->weight[i] * s->weight[i];
      bool event = s->event[i] > 0;
      double share = event ? of_event : of_other;
      square[event] += w * share * share;
      weights[event] += w;
    }
    above += g.events, other_above += other;
  }
  double variance =
      square[1] / (s->events * s->events - weights[1]) + square[0] / (others * others - weights[0]);
  return sqrt(variance); /* NaN with a single event or other */
}

/* Figures of a score that is a probability. */
static void probabilities(ms_context *context, const ms_scored *s, double *out) {
  double loss = 0, brier = 0;
  const double least = 2.220446049250313e-16;
  if (s->rows && (s->score[0] > 1 || s->score[s->rows - 1] < 0)) return;
  double sum[10] = {0}, error = 0;
  for (int64_t i = 0; i < s->rows; i++) {
    double p = s->score[i], d = p - s->event[i];
    if (ms_cancelled_between(context, i, i + 1)) return;
    double kept = fmin(fmax(p, least), 1 - least);
    loss -= s->weight[i] * log(s->event[i] > 0 ? kept : 1 - kept);
    brier += s->weight[i] * d * d;
    int bin = 0;
    while (bin < 9 && p > (bin + 1) / 10.0) bin++;
    sum[bin] += s->weight[i] * d;
  }
  for (int b = 0; b < 10; b++) error += fabs(sum[b]);
  out[LOG_LOSS] = loss / s->total;
  out[BRIER] = brier / s->total;
  out[CALIBRATION] = error / s->total;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const metrics_options *given = checked;
  ms_scored s;
  double out[FIGURES];
  for (int i = 0; i < FIGURES; i++) out[i] = NAN;
  if (ms_scored_read(context, "metrics", inputs->frames[0], &given->scored, &s) != MS_OK)
    return NULL;
  out[ROWS] = (double)s.rows, out[EVENTS] = s.events;
  if (s.rows) {
    out[RATE] = s.events / s.total;
    probabilities(context, &s, out);
  }
  if (s.events > 0 && s.events < s.total) {
    ranks(context, &s, out);
    out[AUC_ERROR] = delong(context, &s, out[AUC]);
    double reach = out[AUC_ERROR] * ms_normal_quantile(0.5 + given->level / 2);
    if (reach == reach) {
      out[AUC_LOW] = fmax(0, out[AUC] - reach);
      out[AUC_HIGH] = fmin(1, out[AUC] + reach);
    }
  }
  if (ms_cancelled(context)) return NULL;
  ms_builder *builder = ms_figures_new(context, figures);
  if (!builder) return NULL;
  ms_figures_row(builder, figures, out);
  return ms_builder_finish(builder);
}

const ms_kernel ms_kernel_metrics = {
    .name = "metrics",
    .group = "stats",
    .brief =
        "how well a score tells events from the rest: area under the curve, KS, log loss and more",
    .cost = "O(rows log rows) time, 48 bytes a row",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(metrics_options),
    .run = run,
};
