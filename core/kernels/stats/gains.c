/* The kernel gains: the rows in bins of equal size from the greatest score down: events, lift, captured events.
 *
 * A bin takes exactly its share of the rows. Where a cut falls into a group of equal scores, the group's events are shared
 * between the bins in proportion, so that the table does not depend on the order of the rows. */
#include <math.h>

#include "core/kernels/stats/scored.h"

typedef struct {
  ms_scored_request scored;
  int64_t bins;
} gains_options;

static const ms_option options[] = {MS_SCORED_OPTIONS(gains_options),
                                    {.name = "bins",
                                     .type = MS_OPTION_INTEGER,
                                     .fallback = "10",
                                     .low = 1,
                                     .high = 10000,
                                     .unit = "bins",
                                     .brief = "number of bins",
                                     .offset = offsetof(gains_options, bins)},
                                    {0}};

static const ms_figure figures[] = {{"bin", MS_INTEGER},
                                    {"rows", MS_REAL},
                                    {"high", MS_REAL},
                                    {"low", MS_REAL},
                                    {"events", MS_REAL},
                                    {"rate", MS_REAL},
                                    {"lift", MS_REAL},
                                    {"cumulative_rate", MS_REAL},
                                    {"cumulative_lift", MS_REAL},
                                    {"captured", MS_REAL},
                                    {"ks", MS_REAL},
                                    {0}};

typedef struct {
  const ms_scored *scored;
  ms_builder *builder;
  int64_t bins, bin;           /* the bin being filled, from 1 */
  double rows, events, high;   /* of it */
  double all_rows, all_events; /* of it and those before */
} filling;

static void finish_bin(filling *f, double low) {
  const ms_scored *s = f->scored;
  double rate = s->events / s->total, so_far = f->all_events / f->all_rows;
  double others = s->total - s->events;
  double ks = f->all_events / s->events - (f->all_rows - f->all_events) / others;
  double row[] = {(double)f->bin,
                  f->rows,
                  f->high,
                  low,
                  f->events,
                  f->events / f->rows,
                  f->events / f->rows / rate,
                  so_far,
                  so_far / rate,
                  f->all_events / s->events,
                  isfinite(ks) ? ks : NAN};
  ms_figures_row(f->builder, figures, row);
  f->bin++;
  f->rows = f->events = 0, f->high = NAN;
}

/* Pours a group of equal scores into the bins. */
static void pour(filling *f, double score, ms_tied group, double reached) {
  const ms_scored *s = f->scored;
  double from = reached, to = reached + group.weight;
  while (from < to) {
    bool last = f->bin == f->bins;
    double end = s->total * (double)f->bin / (double)f->bins;
    double part = last || end >= to ? to : end;
    if (part > from) {
      double share = (part - from) / group.weight;
      if (f->high != f->high) f->high = score;
      f->rows += part - from, f->events += share * group.events;
      f->all_rows += part - from, f->all_events += share * group.events;
    }
    from = part;
    if (!last && part >= end) finish_bin(f, score);
  }
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const gains_options *given = checked;
  ms_scored s;
  if (ms_scored_read(context, "gains", inputs->frames[0], &given->scored, &s) != MS_OK) return NULL;
  filling f = {.scored = &s, .bins = given->bins, .bin = 1, .high = NAN};
  if (!s.weighted && f.bins > s.rows) f.bins = s.rows;
  f.builder = ms_figures_new(context, figures);
  if (!f.builder) return NULL;
  double reached = 0;
  for (int64_t i = 0; i < s.rows;) {
    ms_tied group = ms_scored_group(&s, i);
    if (ms_cancelled_between(context, i, group.end)) break;
    pour(&f, s.score[i], group, reached);
    reached += group.weight;
    i = group.end;
  }
  if (ms_cancelled(context)) {
    ms_builder_free(f.builder);
    return NULL;
  }
  if (f.rows > 0) finish_bin(&f, s.score[s.rows - 1]);
  return ms_builder_finish(f.builder);
}

const ms_kernel ms_kernel_gains = {
    .name = "gains",
    .group = "stats",
    .brief = "lift and captured events by bins of equal size from the greatest score down",
    .cost = "O(rows log rows) time, 48 bytes a row",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(gains_options),
    .run = run,
};
