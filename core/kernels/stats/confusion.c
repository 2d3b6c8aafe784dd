/* The kernel confusion: what a threshold on a score does: rows told right and wrong, and the usual ratios; a row a
 * threshold. Predicted is what has the threshold's score or a greater one. Matthews' correlation (1975) is 0 where a margin of
 * the table is empty, as in scikit-learn; other ratios without a denominator are null. */
#include <math.h>

#include "core/kernels/stats/scored.h"

typedef struct {
  ms_scored_request scored;
  ms_reals thresholds;
} confusion_options;

static const ms_option options[] = {
    MS_SCORED_OPTIONS(confusion_options),
    {.name = "thresholds",
     .type = MS_OPTION_REALS,
     .brief = "scores from which on the event is predicted; none: 0.5",
     .offset = offsetof(confusion_options, thresholds)},
    {0}};

static const ms_figure figures[] = {{"threshold", MS_REAL},
                                    {"true_positive", MS_REAL},
                                    {"false_positive", MS_REAL},
                                    {"true_negative", MS_REAL},
                                    {"false_negative", MS_REAL},
                                    {"precision", MS_REAL},
                                    {"recall", MS_REAL},
                                    {"specificity", MS_REAL},
                                    {"f1", MS_REAL},
                                    {"accuracy", MS_REAL},
                                    {"balanced_accuracy", MS_REAL},
                                    {"mcc", MS_REAL},
                                    {0}};

static double ratio(double part, double whole) { return whole > 0 ? part / whole : NAN; }

/* Rows from the top that have the threshold or more. */
static int64_t rows_from(const ms_scored *s, double threshold) {
  int64_t low = 0, high = s->rows;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (s->score[middle] >= threshold)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void add_row(ms_context *context, ms_builder *builder, const ms_scored *s,
                    double threshold) {
  double tp = 0, predicted = 0;
  int64_t end = rows_from(s, threshold);
  for (int64_t i = 0; i < end; i++) {
    if (ms_cancelled_between(context, i, i + 1)) return;
    predicted += s->weight[i];
    tp += s->weight[i] * s->event[i];
  }
  double fp = predicted - tp, fn = s->events - tp, tn = s->total - s->events - fp;
  double recall = ratio(tp, tp + fn), specificity = ratio(tn, tn + fp);
  double margins = sqrt((tp + fp) * (tp + fn)) * sqrt((tn + fp) * (tn + fn));
  double row[] = {threshold,
                  tp,
                  fp,
                  tn,
                  fn,
                  ratio(tp, predicted),
                  recall,
                  specificity,
                  ratio(2 * tp, 2 * tp + fp + fn),
                  ratio(tp + tn, s->total),
                  (recall + specificity) / 2,
                  margins > 0 ? (tp * tn - fp * fn) / margins
                  : s->rows   ? 0
                              : NAN};
  ms_figures_row(builder, figures, row);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const confusion_options *given = checked;
  ms_scored s;
  for (size_t i = 0; i < given->thresholds.count; i++) {
    if (given->thresholds.items[i] == given->thresholds.items[i]) continue;
    return ms_fail_null(context, MS_EARGUMENT, "confusion: threshold %zu is NaN, a number wanted",
                        i + 1);
  }
  if (ms_scored_read(context, "confusion", inputs->frames[0], &given->scored, &s) != MS_OK)
    return NULL;
  ms_builder *builder = ms_figures_new(context, figures);
  if (!builder) return NULL;
  for (size_t i = 0; i < given->thresholds.count; i++) {
    if (ms_cancelled(context)) break;
    add_row(context, builder, &s, given->thresholds.items[i]);
  }
  if (!given->thresholds.count) add_row(context, builder, &s, 0.5);
  if (!ms_cancelled(context)) return ms_builder_finish(builder);
  ms_builder_free(builder); /* a table without the last thresholds would be a wrong one */
  return NULL;
}

const ms_kernel ms_kernel_confusion = {
    .name = "confusion",
    .group = "stats",
    .brief = "rows told right and wrong at thresholds of a score: precision, recall, F1, accuracy",
    .cost = "O(rows log rows + rows * thresholds) time, 48 bytes a row",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(confusion_options),
    .run = run,
};
