/* ms.scorecard: bins, a logistic regression over their weights of evidence, and points. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/kernels/mining/scorecard/card.h"

static const char kernel[] = "scorecard";

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "the class to predict, one of two",
     .offset = offsetof(ms_card_options, target)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that is predicted; the last one unless given",
     .offset = offsetof(ms_card_options, event)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     .offset = offsetof(ms_card_options, columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     .offset = offsetof(ms_card_options, categories)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how much each row counts",
     .offset = offsetof(ms_card_options, weights)},
    {.name = "bins",
     .type = MS_OPTION_INTEGER,
     .fallback = "6",
     .low = 1,
     .high = MS_SCORE_BINS_MOST,
     .brief = "most bins of an input, beside that of missing values",
     .offset = offsetof(ms_card_options, bins)},
    {.name = "pieces",
     .type = MS_OPTION_INTEGER,
     .fallback = "50",
     .low = 2,
     .high = MS_SCORE_PIECES_MOST,
     .brief = "most pieces of about as many rows that bins are made of",
     .offset = offsetof(ms_card_options, pieces)},
    {.name = "least",
     .type = MS_OPTION_REAL,
     .fallback = "0.05",
     .low = 0,
     .high = 0.5,
     .brief = "share of all rows that a bin must have",
     .offset = offsetof(ms_card_options, least)},
    {.name = "trend",
     .type = MS_OPTION_CHOICE,
     .fallback = "auto",
     .unit = MS_TREND_WORDS,
     .brief = "how the share of events goes from bin to bin of a number; auto: up or down",
     .offset = offsetof(ms_card_options, trend)},
    {.name = "increasing",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers with which the share of events may only rise",
     .offset = offsetof(ms_card_options, increasing)},
    {.name = "decreasing",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers with which the share of events may only fall",
     .offset = offsetof(ms_card_options, decreasing)},
    {.name = "min_iv",
     .type = MS_OPTION_REAL,
     .fallback = "0.02",
     .low = 0,
     .high = 100,
     .brief = "inputs with a smaller information value are left out",
     .offset = offsetof(ms_card_options, min_iv)},
    {.name = "points",
     .type = MS_OPTION_REAL,
     .fallback = "600",
     .low = -1e6,
     .high = 1e6,
     .brief = "the score at the odds of the option odds",
     .offset = offsetof(ms_card_options, points)},
    {.name = "odds",
     .type = MS_OPTION_REAL,
     .fallback = "50",
     .low = 1e-6,
     .high = 1e6,
     .brief = "so many to one for what a high score stands for",
     .offset = offsetof(ms_card_options, odds)},
    {.name = "double",
     .type = MS_OPTION_REAL,
     .fallback = "20",
     .low = 1e-3,
     .high = 1e6,
     .brief = "points that double the odds",
     .offset = offsetof(ms_card_options, twice)},
    {.name = "high",
     .type = MS_OPTION_CHOICE,
     .fallback = "other",
     .unit = "other event",
     .brief = "what a high score stands for: the other class, as for credit, or the event",
     .offset = offsetof(ms_card_options, high)},
    {.name = "round",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "true",
     .brief = "points are whole numbers",
     .offset = offsetof(ms_card_options, round)},
    {0}};

/* ---- the regression ---- */

/* The weights of evidence of the inputs that are used, as numbers a row. */
static ms_status lay_evidence(ms_card *c, ms_input_list *list) {
  list->rows = c->training.inputs.rows;
  list->items = ms_scratch_zero(c->context, c->training.inputs.count, sizeof *list->items);
  if (!list->items) return MS_EMEMORY;
  for (size_t i = 0; i < c->training.inputs.count; i++) {
    ms_score_input *input = &c->inputs[i];
    input->used = input->iv >= c->given->min_iv;
    if (!input->used) continue;
    double *values = ms_scratch(c->context, (size_t)list->rows + 1, sizeof *values);
    if (!values) return MS_EMEMORY;
    for (int64_t r = 0; r < list->rows; r++) values[r] = input->bins[input->rows[r]].woe;
    list->items[list->count++] =
        (ms_input){.name = input->input->name, .type = MS_REAL, .values = values};
  }
  c->used = list->count;
  if (list->count) return MS_OK;
  (void)ms_fail(c->context, MS_EDATA, "%s: no input has an information value of at least %g",
                kernel, c->given->min_iv);
  ms_fail_hint(c->context, "min_iv = 0 takes all");
  return MS_EDATA;
}

static void take_estimates(ms_card *c, double *estimates, double *covariance) {
  size_t n = c->design.count;
  memcpy(estimates, c->fit.coefficients, n * sizeof *estimates);
  ms_design_original(&c->design, estimates);
  ms_factor_inverse(&c->fit.factor, covariance);
  ms_design_original_covariance(&c->design, covariance);
  c->intercept = estimates[0];
  c->error = sqrt(fmax(covariance[0], 0));
  for (size_t i = 0, at = 1; i < c->training.inputs.count; i++) {
    if (!c->inputs[i].used) continue;
    c->inputs[i].coefficient = estimates[at];
    c->inputs[i].error = sqrt(fmax(covariance[at * n + at], 0));
    at++;
  }
}

static ms_status regress(ms_card *c) {
  ms_input_list list = {0};
  ms_status status = lay_evidence(c, &list);
  ms_design_request laid = {.kernel = kernel, .intercept = true};
  if (status == MS_OK) status = ms_design_make(c->context, &list, &laid, &c->design);
  if (status != MS_OK) return status;
  double *y = ms_scratch(c->context, (size_t)list.rows + 1, sizeof *y);
  if (!y) return MS_EMEMORY;
  for (int64_t i = 0; i < list.rows; i++) y[i] = c->training.target.codes[i];
  ms_fit_request request = {.kernel = kernel,
                            .design = &c->design,
                            .family = {.family = MS_BINOMIAL,
                                       .link = MS_LINK_LOGIT,
                                       .y = y,
                                       .weights = c->training.weights},
                            .steps = 50};
  status = ms_fit_make(c->context, &request, &c->fit);
  if (status != MS_OK) return status;
  size_t n = c->design.count;
  double *estimates = ms_scratch(c->context, n, sizeof *estimates);
  double *covariance = ms_scratch(c->context, n * n, sizeof *covariance);
  if (!estimates || !covariance) return MS_EMEMORY;
  take_estimates(c, estimates, covariance);
  return MS_OK;
}

/* Inputs whose coefficient turns their bins round. */
static void warn(const ms_card *c) {
  size_t turned = 0, first = 0;
  for (size_t i = c->training.inputs.count; i-- > 0;) {
    if (!c->inputs[i].used || c->inputs[i].coefficient <= 0) continue;
    first = i;
    turned++;
  }
  if (turned) {
    ms_warn(c->context,
            "%s: %zu inputs count against their own bins, since other inputs say the same; the "
            "first is '%s': leave it out, or what it goes with",
            kernel, turned, c->inputs[first].input->name);
  }
  if (c->fit.factor.rank < c->design.count) {
    ms_warn(c->context, "%s: %zu inputs follow from those before them and give no points", kernel,
            c->design.count - c->fit.factor.rank);
  }
  if (!c->fit.converged) {
    ms_warn(c->context, "%s: no end after %" PRId64 " steps; estimates are not exact", kernel,
            c->fit.iterations);
  }
}

/* Points so that the score is points + double / log 2 × log(odds / the odds wanted), shared out among the inputs. */
static void give_points(ms_card *c) {
  const ms_card_options *given = c->given;
  double factor = given->twice / log(2), sign = given->high ? 1 : -1, n = (double)c->used;
  double share = (given->points - factor * log(given->odds)) / n + sign * factor * c->intercept / n;
  for (size_t i = 0; i < c->training.inputs.count; i++) {
    ms_score_input *input = &c->inputs[i];
    for (size_t k = 0; k <= input->count; k++) {
      ms_score_bin *bin = &input->bins[k];
      bin->points = input->used ? share + sign * factor * input->coefficient * bin->woe : NAN;
      if (given->round) bin->points = round(bin->points);
    }
  }
}

/* What `increasing` and `decreasing` name are numbers that are learned from, each in one of them. */
static ms_status check_trends(const ms_card *c) {
  const ms_names *names[] = {&c->given->increasing, &c->given->decreasing};
  for (size_t i = 0; i < names[0]->count + names[1]->count; i++) {
    bool down = i >= names[0]->count;
    const char *wanted = names[down]->items[down ? i - names[0]->count : i];
    size_t at = 0, count = c->training.inputs.count;
    while (at < count && strcmp(c->training.inputs.items[at].name, wanted) != 0) at++;
    if (at == count || c->training.inputs.items[at].category) {
      return ms_fail(c->context, MS_EARGUMENT,
                     "%s: option '%s' names '%s', which is no number that is learned from", kernel,
                     down ? "decreasing" : "increasing", wanted);
    }
    for (size_t k = 0; down && k < names[0]->count; k++) {
      if (strcmp(names[0]->items[k], wanted) != 0) continue;
      return ms_fail(c->context, MS_EARGUMENT, "%s: '%s' is both increasing and decreasing", kernel,
                     wanted);
    }
  }
  return MS_OK;
}

/* The part "inputs": those that are used, so that new data need no others. */
static ms_frame *inputs_part(const ms_card *c) {
  ms_training used = c->training;
  used.inputs.items = ms_scratch(c->context, c->used, sizeof *used.inputs.items);
  if (!used.inputs.items) return NULL;
  used.inputs.count = 0;
  for (size_t i = 0; i < c->training.inputs.count; i++) {
    if (c->inputs[i].used) used.inputs.items[used.inputs.count++] = c->training.inputs.items[i];
  }
  return ms_training_part(c->context, &used);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  ms_card c = {.context = context, .given = checked};
  ms_training_request wanted = {.kernel = kernel,
                                .kind = MS_TARGET_BINARY,
                                .target = c.given->target,
                                .event = c.given->event,
                                .columns = c.given->columns,
                                .categories = c.given->categories,
                                .weights = c.given->weights,
                                .boolean_categories = true};
  if (ms_training_read(context, inputs->frames[0], &wanted, &c.training) != MS_OK) return NULL;
  if (check_trends(&c) != MS_OK) return NULL;
  ms_binning_request binning = {.increasing = c.given->increasing,
                                .decreasing = c.given->decreasing,
                                .most = (size_t)c.given->bins,
                                .pieces = (size_t)c.given->pieces,
                                .least = c.given->least,
                                .trend = (ms_trend)c.given->trend};
  c.inputs = ms_score_bins(context, &c.training, &binning);
  if (!c.inputs || regress(&c) != MS_OK) return NULL;
  warn(&c);
  give_points(&c);
  ms_frame *bins = ms_card_bins(&c);
  bool fine = ms_part_attach(context, ms_card_levels(&c));
  fine = ms_part_attach(context, ms_card_terms(&c)) && fine;
  fine = ms_part_attach(context, inputs_part(&c)) && fine;
  fine = ms_part_attach(context, ms_card_facts(&c)) && fine;
  if (fine && bins) return bins;
  ms_frame_free(bins);
  return NULL;
}

const ms_kernel ms_kernel_scorecard = {
    .name = "scorecard",
    .group = "mining",
    .brief = "scorecard: bins by weight of evidence, points for each, a probability",
    .cost = "O(columns * (rows + bins * pieces^3) + steps * rows * columns^2) time, 10 bytes a "
            "value beside the columns read",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(ms_card_options),
    .parts = "bins levels terms inputs facts",
    .run = run,
};
