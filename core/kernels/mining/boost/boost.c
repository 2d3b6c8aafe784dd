/* ms.boost: gradient boosting over histograms.
 *
 * Friedman 2001, "Greedy Function Approximation"; Chen, Guestrin 2016, "XGBoost"; Ke et al. 2017, "LightGBM". */
#include "core/kernels/mining/boost/boost.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "what to predict: a class, a number, a count, or the time to an event",
     .offset = offsetof(ms_boost_options, target)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     .offset = offsetof(ms_boost_options, columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     .offset = offsetof(ms_boost_options, categories)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how often each row counts",
     .offset = offsetof(ms_boost_options, weights)},
    {.name = "offset",
     .type = MS_OPTION_COLUMN,
     .brief = "what each row begins with, on the scale of the trees",
     .offset = offsetof(ms_boost_options, offset)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that `probability` is of; with cox, the column that says whether the "
              "event was seen",
     .offset = offsetof(ms_boost_options, event)},
    {.name = "objective",
     .type = MS_OPTION_CHOICE,
     .fallback = "auto",
     .unit = MS_OBJECTIVES,
     .brief = "what is made small; auto: by the type of the target",
     .offset = offsetof(ms_boost_options, objective)},
    {.name = "trees",
     .type = MS_OPTION_INTEGER,
     .fallback = "100",
     .low = 1,
     .high = 100000,
     .brief = "rounds, each a tree (softmax: a tree a class)",
     .offset = offsetof(ms_boost_options, trees)},
    {.name = "learning_rate",
     .type = MS_OPTION_REAL,
     .fallback = "0.1",
     .low = 1e-6,
     .high = 1,
     .brief = "part of each step that is taken",
     .offset = offsetof(ms_boost_options, learning_rate)},
    {.name = "max_depth",
     .type = MS_OPTION_INTEGER,
     .fallback = "6",
     .low = 0,
     .high = 64,
     .brief = "most questions on the way to a leaf; 0: no limit",
     .offset = offsetof(ms_boost_options, max_depth)},
    {.name = "max_leaves",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 100000,
     .brief =
         "most leaves of a tree, which grows best leaf first then; 0: no limit, level by level",
     .offset = offsetof(ms_boost_options, max_leaves)},
    {.name = "min_child_weight",
     .type = MS_OPTION_REAL,
     .fallback = "1",
     .low = 0,
     .high = 1e300,
     .brief = "least sum of second derivatives in a leaf",
     .offset = offsetof(ms_boost_options, min_child_weight)},
    {.name = "lambda",
     .type = MS_OPTION_REAL,
     .fallback = "1",
     .low = 0,
     .high = 1e300,
     .brief = "penalty on the squares of leaf values",
     .offset = offsetof(ms_boost_options, lambda)},
    {.name = "gamma",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .low = 0,
     .high = 1e300,
     .brief = "gain that a split must have",
     .offset = offsetof(ms_boost_options, gamma)},
    {.name = "smooth",
     .type = MS_OPTION_REAL,
     .fallback = "10",
     .low = 0,
     .high = 1e300,
     .brief = "added to a level's second derivatives where levels are put in order",
     .offset = offsetof(ms_boost_options, smooth)},
    {.name = "max_step",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .low = 0,
     .high = 1e300,
     .brief = "most that a leaf may add before the learning rate; 0: no limit (poisson: 0.7)",
     .offset = offsetof(ms_boost_options, max_step)},
    {.name = "increasing",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers with which the prediction may not fall",
     .offset = offsetof(ms_boost_options, increasing)},
    {.name = "decreasing",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers with which the prediction may not rise",
     .offset = offsetof(ms_boost_options, decreasing)},
    {.name = "sample",
     .type = MS_OPTION_REAL,
     .fallback = "1",
     .low = 1e-6,
     .high = 1,
     .brief = "share of the rows drawn for each tree",
     .offset = offsetof(ms_boost_options, sample)},
    {.name = "column_sample",
     .type = MS_OPTION_REAL,
     .fallback = "1",
     .low = 1e-6,
     .high = 1,
     .brief = "share of the columns drawn for each tree",
     .offset = offsetof(ms_boost_options, column_sample)},
    {.name = "early_stopping",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 100000,
     .brief = "stop after so many rounds without a better figure on the rows held out; 0: never",
     .offset = offsetof(ms_boost_options, early_stopping)},
    {.name = "holdout",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .low = 0,
     .high = 0.9,
     .brief = "share of the rows held out; 0.2 where early_stopping asks for some",
     .offset = offsetof(ms_boost_options, holdout)},
    {.name = "fold",
     .type = MS_OPTION_COLUMN,
     .brief = "a column that is true (or 1) for the rows held out",
     .offset = offsetof(ms_boost_options, fold)},
    {.name = "base_score",
     .type = MS_OPTION_REALS,
     .brief = "prediction before the first tree; none: the best constant",
     .offset = offsetof(ms_boost_options, base_score)},
    {.name = "bins",
     .type = MS_OPTION_INTEGER,
     .fallback = "255",
     .low = 2,
     .high = 255,
     .brief = "most bins of a number",
     .offset = offsetof(ms_boost_options, bins)},
    {.name = "exact",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "a cut between any two values rather than between bins",
     .offset = offsetof(ms_boost_options, exact)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .low = 0,
     .high = 1e15,
     .brief = "of all that is drawn",
     .offset = offsetof(ms_boost_options, seed)},
    {0}};

/* ---- what is learned from ---- */

static ms_target_kind kind_of(ms_objective objective) {
  switch (objective) {
    case MS_OBJECTIVE_LOGISTIC: return MS_TARGET_BINARY;
    case MS_OBJECTIVE_SOFTMAX: return MS_TARGET_CLASSES;
    case MS_OBJECTIVE_SQUARED:
    case MS_OBJECTIVE_POISSON:
    case MS_OBJECTIVE_COX: return MS_TARGET_NUMBER;
    case MS_OBJECTIVE_AUTO:
    case MS_OBJECTIVE_COUNT: break;
  }
  return MS_TARGET_ANY;
}

static ms_status read_training(ms_context *context, const ms_frame *frame,
                               const ms_boost_options *given, ms_training *out) {
  const char *except[2];
  size_t count = 0;
  bool cox = given->objective == MS_OBJECTIVE_COX;
  if (cox) {
    if (!given->event)
      return ms_fail(
          context, MS_EARGUMENT,
          "boost: objective 'cox' wants the option 'event': the column that says whether "
          "the event was seen");
    if (!ms_frame_get(context, frame, "boost", given->event)) return ms_error_status(context);
    except[count++] = given->event;
  }
  if (given->fold) except[count++] = given->fold;
  ms_training_request request = {.kernel = "boost",
                                 .kind = kind_of((ms_objective)given->objective),
                                 .target = given->target,
                                 .event = cox ? NULL : given->event,
                                 .columns = given->columns,
                                 .categories = given->categories,
                                 .except = {count, except},
                                 .weights = given->weights,
                                 .offset = given->offset};
  return ms_training_read(context, frame, &request, out);
}

/* A column of yes and no: 0 and 1 for each row that is used. */
static const double *flags_of(ms_context *context, const ms_training *training, const char *name) {
  const ms_column *column = ms_frame_get(context, training->frame, "boost", name);
  if (!column) return NULL;
  const double *values =
      column->type == MS_BOOLEAN || column->type == MS_INTEGER || column->type == MS_REAL
          ? ms_view_real(context, column)
          : NULL;
  for (int64_t i = 0; values && i < training->inputs.rows; i++) {
    if (values[i] == 0 || values[i] == 1) continue;
    values = NULL;
  }
  if (!values && ms_error_status(context) != MS_EMEMORY) {
    return ms_fail_null(context, MS_EDATA,
                        "boost: column '%s' is to say yes or no: true or false, 1 or 0", name);
  }
  return values;
}

/* Marks the rows that are held out; fails where none is left on a side. */
static ms_status hold_out(ms_context *context, const ms_boost_options *given, ms_boosting *b) {
  double share = given->holdout;
  if (share == 0 && given->early_stopping && !given->fold) share = 0.2;
  if (!given->fold && share == 0) return MS_OK;
  const double *fold = given->fold ? flags_of(context, b->training, given->fold) : NULL;
  uint8_t *held = ms_scratch(context, (size_t)b->rows + 1, 1);
  if (!held || (given->fold && !fold)) return ms_error_status(context);
  ms_random random = ms_random_new((uint64_t)given->seed, 1);
  int64_t count = 0;
  for (int64_t i = 0; i < b->rows; i++) {
    held[i] = fold ? fold[i] > 0 : ms_random_unit(&random) < share;
    count += held[i];
  }
  if (count == b->rows || (count == 0 && given->early_stopping))
    return ms_fail(context, MS_EDATA, "boost: of %lld rows %lld are held out; some of each wanted",
                   (long long)b->rows, (long long)count);
  if (count) b->held = held;
  return MS_OK;
}

static ms_status lay_out(ms_context *context, const ms_boost_options *given,
                         const ms_training *training, ms_boosting *b) {
  *b = (ms_boosting){.objective = (ms_objective)given->objective,
                     .outputs = 1,
                     .rows = training->inputs.rows,
                     .training = training};
  size_t classes = training->target.levels.count;
  if (b->objective == MS_OBJECTIVE_AUTO) {
    b->objective = !training->target.classes ? MS_OBJECTIVE_SQUARED
                   : classes == 2            ? MS_OBJECTIVE_LOGISTIC
                                             : MS_OBJECTIVE_SOFTMAX;
  }
  if (b->objective == MS_OBJECTIVE_SOFTMAX) b->outputs = classes;
  size_t room = b->outputs * (size_t)b->rows + 1;
  b->margin = ms_scratch(context, room, sizeof *b->margin);
  b->g = ms_scratch(context, room, sizeof *b->g);
  b->h = ms_scratch(context, room, sizeof *b->h);
  b->base = ms_scratch_zero(context, b->outputs, sizeof *b->base);
  if (!b->margin || !b->g || !b->h || !b->base) return MS_EMEMORY;
  if (b->objective == MS_OBJECTIVE_COX) {
    b->happened = flags_of(context, training, given->event);
    if (!b->happened) return ms_error_status(context);
  }
  ms_status status = hold_out(context, given, b);
  if (status == MS_OK) status = ms_objective_start(context, b);
  return status == MS_OK ? ms_objective_base(context, b, given->base_score) : status;
}

/* ---- the parts ---- */

static ms_frame *rounds_part(ms_context *context, const ms_boosted *boosted) {
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "round", MS_INTEGER);
  (void)ms_builder_column(out, "learned", MS_REAL);
  (void)ms_builder_column(out, "held_out", MS_REAL);
  for (size_t i = 0; i < boosted->evaluations; i++) {
    ms_builder_integer(out, 0, boosted->round[i]);
    double values[2] = {boosted->learned[i], boosted->held[i]};
    for (size_t k = 0; k < 2; k++) {
      if (isfinite(values[k]))
        ms_builder_real(out, k + 1, values[k]);
      else
        ms_builder_null(out, k + 1);
    }
  }
  return ms_builder_finish(out);
}

static ms_frame *facts_part(ms_context *context, const ms_boosting *b, const ms_boosted *boosted,
                            const ms_boost_options *given) {
  ms_facts facts = ms_facts_new(context);
  int64_t held = 0;
  for (int64_t i = 0; b->held && i < b->rows; i++) held += b->held[i];
  ms_facts_text(&facts, "objective", ms_objective_word(b->objective));
  ms_facts_text(&facts, "measure", ms_objective_measure(b->objective));
  ms_facts_number(&facts, "rows", (double)(b->rows - held));
  ms_facts_number(&facts, "held_out", (double)held);
  ms_facts_number(&facts, "rounds", (double)boosted->rounds);
  ms_facts_number(&facts, "trees", (double)boosted->ensemble.trees);
  ms_facts_number(&facts, "learning_rate", given->learning_rate);
  ms_facts_number(&facts, "outputs", (double)b->outputs);
  for (size_t k = 0; k < b->outputs; k++) {
    const char *name = b->outputs == 1 ? "base" : ms_scratch_format(context, "base_%zu", k + 1);
    ms_facts_number(&facts, name ? name : "", b->base[k]);
  }
  return ms_facts_finish(&facts);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const ms_boost_options *given = checked;
  ms_training training;
  ms_boosting b;
  ms_bins bins;
  ms_boosted boosted;
  ms_bins_request request = {(uint32_t)given->bins, given->exact, true};
  ms_status status = read_training(context, inputs->frames[0], given, &training);
  if (status == MS_OK) status = lay_out(context, given, &training, &b);
  if (status == MS_OK) status = ms_bins_make(context, "boost", &training.inputs, request, &bins);
  if (status == MS_OK) status = ms_boost_train(context, given, &bins, &b, &boosted);
  if (status != MS_OK) return NULL;
  ms_frame *trees = ms_ensemble_part(context, &boosted.ensemble, &training.inputs);
  bool fine = ms_part_attach(context, rounds_part(context, &boosted));
  fine = ms_part_attach(context, ms_training_part(context, &training)) && fine;
  fine = ms_part_attach(context, facts_part(context, &b, &boosted, given)) && fine;
  if (fine && trees) return trees;
  ms_frame_free(trees);
  return NULL;
}

const ms_kernel ms_kernel_boost = {
    .name = "boost",
    .group = "mining",
    .brief = "gradient boosting: classes, numbers, counts or hazards by many small trees",
    .cost = "O(trees * rows * columns * depth) time, 2 bytes a value and 60 a row (40 more an "
            "output), 4 "
            "KB a column and leaf",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(ms_boost_options),
    .parts = "trees rounds inputs facts",
    .run = run,
};
