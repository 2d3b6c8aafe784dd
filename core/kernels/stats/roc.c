/* The kernel roc: the curve of true against false positive rates, with precision: a row a threshold. */
#include <math.h>

#include "core/kernels/stats/scored.h"

typedef struct {
  ms_scored_request scored;
  int64_t points;
} roc_options;

static const ms_option options[] = {
    MS_SCORED_OPTIONS(roc_options),
    {.name = "points",
     .type = MS_OPTION_INTEGER,
     .fallback = "1000",
     .low = 2,
     .high = 10000000,
     .brief = "most rows of the curve; where there are more scores, steps of equal numbers of rows",
     .offset = offsetof(roc_options, points)},
    {0}};

static const ms_figure figures[] = {
    {"threshold", MS_REAL},          {"share", MS_REAL},     {"false_positive_rate", MS_REAL},
    {"true_positive_rate", MS_REAL}, {"precision", MS_REAL}, {0}};

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const roc_options *given = checked;
  ms_scored s;
  if (ms_scored_read(context, "roc", inputs->frames[0], &given->scored, &s) != MS_OK) return NULL;
  ms_builder *builder = ms_figures_new(context, figures);
  if (!builder) return NULL;
  double others = s.total - s.events, above = 0, other_above = 0;
  int64_t scores = 0, steps = given->points - 1, next = 1;
  for (int64_t i = 0, from = 0; i < s.rows && !ms_cancelled_between(context, from, i); scores++) {
    from = i;
    i = ms_scored_group(&s, i).end;
  }
  if (s.rows) {
    double first[] = {NAN, 0, others > 0 ? 0 : NAN, s.events > 0 ? 0 : NAN, NAN};
    ms_figures_row(builder, figures, first);
  }
  for (int64_t i = 0; i < s.rows;) {
    double threshold = s.score[i];
    ms_tied group = ms_scored_group(&s, i);
    if (ms_cancelled_between(context, i, group.end)) break;
    i = group.end;
    above += group.events, other_above += group.weight - group.events;
    double taken = above + other_above;
    if (scores > steps && i < s.rows && taken < s.total * (double)next / (double)steps) continue;
    while (next < steps && taken >= s.total * (double)next / (double)steps) next++;
    double row[] = {threshold, taken / s.total, other_above / others, above / s.events,
                    above / taken};
    ms_figures_row(builder, figures, row);
  }
  if (!ms_cancelled(context)) return ms_builder_finish(builder);
  ms_builder_free(builder);
  return NULL;
}

const ms_kernel ms_kernel_roc = {
    .name = "roc",
    .group = "stats",
    .brief = "the curve of true against false positive rates of a score, with precision",
    .cost = "O(rows log rows) time, 48 bytes a row",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(roc_options),
    .run = run,
};
