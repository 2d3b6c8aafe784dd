/* The kernel profit: what contacting everybody down to a score earns and costs, and where to stop.
 *
 * The rows of the table are thresholds that can be acted on: those of equal scores are contacted together. The threshold of the
 * greatest profit over all scores, not only those of the table, is a row of its own where it is not among them. */
#include <math.h>

#include "core/kernels/stats/scored.h"

typedef struct {
  ms_scored_request scored;
  double value, cost, fixed;
  int64_t bins;
} profit_options;

static const ms_option options[] = {
    MS_SCORED_OPTIONS(profit_options),
    {.name = "value",
     .type = MS_OPTION_REAL,
     .required = true,
     .unit = "money",
     .brief = "what an event is worth",
     .offset = offsetof(profit_options, value)},
    {.name = "cost",
     .type = MS_OPTION_REAL,
     .required = true,
     .unit = "money",
     .brief = "what a contact costs",
     .offset = offsetof(profit_options, cost)},
    {.name = "fixed",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .unit = "money",
     .brief = "what the campaign costs however many are contacted, unless nobody is",
     .offset = offsetof(profit_options, fixed)},
    {.name = "bins",
     .type = MS_OPTION_INTEGER,
     .fallback = "10",
     .low = 1,
     .high = 10000,
     .brief = "steps of the table",
     .offset = offsetof(profit_options, bins)},
    {0}};

enum { BEST = 8 };
static const ms_figure figures[] = {{"share", MS_REAL},     {"rows", MS_REAL},
                                    {"threshold", MS_REAL}, {"events", MS_REAL},
                                    {"rate", MS_REAL},      {"revenue", MS_REAL},
                                    {"cost", MS_REAL},      {"profit", MS_REAL},
                                    {"best", MS_BOOLEAN},   {0}};

/* Everybody down to a score: nobody where there is none yet. */
typedef struct {
  double rows, events, threshold, profit;
} stand;

static double profit_of(const profit_options *given, const stand *at) {
  if (!(at->rows > 0)) return 0;
  return at->events * given->value - at->rows * given->cost - given->fixed;
}

static void add_stand(ms_builder *builder, const profit_options *given, const stand *at,
                      const double summary[2]) {
  bool nobody = !(at->rows > 0);
  double row[] = {summary[0] > 0 ? at->rows / summary[0] : 0,
                  at->rows,
                  nobody ? NAN : at->threshold,
                  at->events,
                  nobody ? NAN : at->events / at->rows,
                  at->events * given->value,
                  nobody ? 0 : at->rows * given->cost + given->fixed,
                  at->profit};
  for (size_t i = 0; i < BEST; i++) {
    if (row[i] != row[i])
      ms_builder_null(builder, i);
    else
      ms_builder_real(builder, i, row[i]);
  }
  ms_builder_integer(builder, BEST, at->rows == summary[1]);
}

/* The stand after the group that begins at `i`, which moves on. */
static void step(const ms_scored *s, const profit_options *given, int64_t *i, stand *at) {
  ms_tied group = ms_scored_group(s, *i);
  at->rows += group.weight, at->events += group.events;
  at->threshold = s->score[*i];
  at->profit = profit_of(given, at);
  *i = group.end;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const profit_options *given = checked;
  ms_scored s;
  if (ms_scored_read(context, "profit", inputs->frames[0], &given->scored, &s) != MS_OK)
    return NULL;
  stand at = {0}, best = {0};
  for (int64_t i = 0, from = 0; i < s.rows; from = i) {
    step(&s, given, &i, &at);
    if (ms_cancelled_between(context, from, i)) return NULL;
    if (at.profit > best.profit) best = at;
  }
  ms_builder *builder = ms_figures_new(context, figures);
  if (!builder) return NULL;
  const double summary[2] = {s.total, best.rows};
  at = (stand){0};
  add_stand(builder, given, &at, summary);
  int64_t next = 1;
  for (int64_t i = 0, from = 0; i < s.rows; from = i) {
    step(&s, given, &i, &at);
    if (ms_cancelled_between(context, from, i)) break;
    bool reached = i == s.rows || at.rows >= s.total * (double)next / (double)given->bins;
    if (reached || at.rows == best.rows) add_stand(builder, given, &at, summary);
    while (next < given->bins && at.rows >= s.total * (double)next / (double)given->bins) next++;
  }
  if (!ms_cancelled(context)) return ms_builder_finish(builder);
  ms_builder_free(builder);
  return NULL;
}

const ms_kernel ms_kernel_profit = {
    .name = "profit",
    .group = "stats",
    .brief = "what contacting everybody down to a score earns and costs, and where to stop",
    .cost = "O(rows log rows) time, 48 bytes a row",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(profit_options),
    .run = run,
};
