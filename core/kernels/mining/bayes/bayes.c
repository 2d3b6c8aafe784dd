/* Naive Bayes: inputs are taken as independent within a class; numbers as normal, categories by their shares.
 *
 * Source: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning" (2009), 6.6.3. Shares are
 * (count + laplace) / (class total + laplace * levels); missing values do not count. Means come first and deviations in a
 * second pass; both are summed morsel by morsel, so that the number of threads does not matter. */
#include "core/kernels/mining/common/training.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *target, *event, *weights;
  ms_names columns, categories;
  double laplace;
} bayes_options;

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "the class to predict",
     .offset = offsetof(bayes_options, target)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     .offset = offsetof(bayes_options, columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     .offset = offsetof(bayes_options, categories)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how often each row counts",
     .offset = offsetof(bayes_options, weights)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that `probability` is of; the last one unless given",
     .offset = offsetof(bayes_options, event)},
    {.name = "laplace",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "rows",
     .brief = "added to the count of each level of a category",
     .offset = offsetof(bayes_options, laplace)},
    {0}};

/* Rows go to the sums of four lanes in turn, since an addition that waits for the last one takes longer than reading
 * a row. */
enum { LANES = 4 };

typedef struct {
  const ms_training *training;
  size_t classes, morsels;
  double *sums;        /* input, morsel, class: weight, and weighted sum (or sum of squares) */
  const double *means; /* input, class; NULL in the first pass */
} pass;

static void sum_values(const pass *p, const double *values, ms_range range, double *lanes) {
  const uint32_t *codes = p->training->target.codes;
  const double *weights = p->training->weights;
  size_t width = p->classes * 2;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    double x = values[i];
    if (isnan(x)) continue;
    double *to = lanes + (size_t)(i % LANES) * width + 2 * codes[i], w = weights ? weights[i] : 1;
    to[0] += w;
    to[1] += w * x;
  }
}

static void sum_squares(const pass *p, size_t at, ms_range range, double *lanes) {
  const uint32_t *codes = p->training->target.codes;
  const double *weights = p->training->weights, *means = p->means + at * p->classes;
  const double *values = p->training->inputs.items[at].values;
  size_t width = p->classes * 2;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    double from = values[i] - means[codes[i]];
    if (isnan(from)) continue;
    double *to = lanes + (size_t)(i % LANES) * width + 2 * codes[i], w = weights ? weights[i] : 1;
    to[0] += w;
    to[1] += w * from * from;
  }
}

/* Task: a numeric input in a morsel. */
static ms_status sum_morsel(ms_context *worker, void *state, size_t task) {
  const pass *p = state;
  size_t at = task / p->morsels, width = p->classes * 2;
  if (p->training->inputs.items[at].category) return MS_OK;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(p->training->inputs.rows, task % p->morsels);
  ms_mark mark = ms_scratch_mark(worker);
  double *lanes = ms_scratch_zero(worker, LANES * width, sizeof *lanes);
  if (!lanes) return MS_EMEMORY;
  if (p->means)
    sum_squares(p, at, range, lanes);
  else
    sum_values(p, p->training->inputs.items[at].values, range, lanes);
  double *sums = p->sums + task * width;
  for (size_t c = 0; c < width; c++) {
    sums[c] = (lanes[c] + lanes[width + c]) + (lanes[2 * width + c] + lanes[3 * width + c]);
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* Adds the morsels up, in their order: for each input and class the weight and the sum. */
static double *add_morsels(ms_context *context, const pass *p) {
  size_t inputs = p->training->inputs.count, width = p->classes * 2;
  double *totals = ms_scratch_zero(context, inputs * width, sizeof *totals);
  if (!totals) return NULL;
  for (size_t task = 0; task < inputs * p->morsels; task++) {
    if (p->training->inputs.items[task / p->morsels].category) continue;
    double *to = totals + task / p->morsels * width;
    for (size_t c = 0; c < width; c++) to[c] += p->sums[task * width + c];
  }
  return totals;
}

typedef struct {
  double *means, *deviations; /* input, class; NaN where there is no value */
} moments;

static ms_status find_moments(ms_context *context, const ms_training *training, moments *out) {
  size_t classes = training->target.levels.count, inputs = training->inputs.count;
  pass p = {.training = training, .classes = classes, .morsels = ms_morsels(training->inputs.rows)};
  p.sums = ms_scratch(context, inputs * p.morsels * classes * 2, sizeof *p.sums);
  out->means = ms_scratch_zero(context, inputs * classes, sizeof *out->means);
  out->deviations = ms_scratch_zero(context, inputs * classes, sizeof *out->deviations);
  if (!p.sums || !out->means || !out->deviations) return MS_EMEMORY;
  for (int second = 0; second < 2; second++) {
    ms_status status = ms_parallel(context, inputs * p.morsels, sum_morsel, &p);
    double *totals = status == MS_OK ? add_morsels(context, &p) : NULL;
    if (!totals) return ms_error_status(context);
    for (size_t c = 0; c < inputs * classes; c++) {
      double weight = totals[2 * c], sum = totals[2 * c + 1];
      if (second)
        out->deviations[c] = weight > 1 ? sqrt(sum / (weight - 1)) : NAN;
      else
        out->means[c] = weight > 0 ? sum / weight : NAN;
    }
    p.means = out->means;
  }
  return MS_OK;
}

/* Weights of a category's levels in each class: class, level. */
static double *count_levels(ms_context *context, const ms_training *training,
                            const ms_input *input) {
  size_t levels = input->levels.count;
  double *counts =
      ms_scratch_zero(context, training->target.levels.count * levels + 1, sizeof *counts);
  for (int64_t i = 0; counts && i < training->inputs.rows; i++) {
    if (input->codes[i] == MS_MISSING) continue;
    counts[training->target.codes[i] * levels + input->codes[i]] +=
        training->weights ? training->weights[i] : 1;
  }
  return counts;
}

/* ---- the parts ---- */

static ms_builder *builder_of(ms_context *context, size_t count, const char *const *names,
                              size_t texts) {
  ms_builder *out = ms_builder_new(context);
  for (size_t i = 0; out && i < count; i++) {
    (void)ms_builder_column(out, names[i], i < texts ? MS_TEXT : MS_REAL);
  }
  return out;
}

static void put_number(ms_builder *out, const ms_training *training, size_t at,
                       const moments *found) {
  const ms_levels *classes = &training->target.levels;
  for (size_t k = 0; k < classes->count; k++) {
    ms_part_put_text(out, 0, training->inputs.items[at].name);
    ms_builder_null(out, 1);
    ms_part_put_text(out, 2, classes->names[k]);
    ms_builder_null(out, 3);
    ms_part_put_real(out, 4, found->means[at * classes->count + k]);
    ms_part_put_real(out, 5, found->deviations[at * classes->count + k]);
  }
}

static void put_category(ms_builder *out, const ms_training *training, const ms_input *input,
                         const double *counts, double laplace) {
  const ms_levels *classes = &training->target.levels;
  size_t levels = input->levels.count;
  for (size_t k = 0; k < classes->count; k++) {
    double total = 0;
    for (size_t l = 0; l < levels; l++) total += counts[k * levels + l];
    for (size_t l = 0; l < levels; l++) {
      ms_part_put_text(out, 0, input->name);
      ms_part_put_text(out, 1, input->levels.names[l]);
      ms_part_put_text(out, 2, classes->names[k]);
      ms_part_put_real(out, 3,
                       (counts[k * levels + l] + laplace) / (total + laplace * (double)levels));
      ms_builder_null(out, 4);
      ms_builder_null(out, 5);
    }
  }
}

static ms_frame *terms_part(ms_context *context, const ms_training *training, double laplace) {
  static const char *const names[] = {"input", "level", "class", "share", "mean", "deviation"};
  moments found;
  if (find_moments(context, training, &found) != MS_OK) return NULL;
  ms_builder *out = builder_of(context, 6, names, 3);
  for (size_t i = 0; out && i < training->inputs.count; i++) {
    const ms_input *input = &training->inputs.items[i];
    if (!input->category) {
      put_number(out, training, i, &found);
      continue;
    }
    const double *counts = count_levels(context, training, input);
    if (!counts) {
      ms_builder_free(out);
      return NULL;
    }
    put_category(out, training, input, counts, laplace);
  }
  return out ? ms_builder_finish(out) : NULL;
}

static ms_frame *classes_part(ms_context *context, const ms_training *training) {
  static const char *const names[] = {"class", "weight", "prior"};
  const ms_levels *levels = &training->target.levels;
  double *weights = ms_scratch_zero(context, levels->count, sizeof *weights), total = 0;
  ms_builder *out = weights ? builder_of(context, 3, names, 1) : NULL;
  if (!out) return NULL;
  for (int64_t i = 0; i < training->inputs.rows; i++) {
    double w = training->weights ? training->weights[i] : 1;
    weights[training->target.codes[i]] += w;
    total += w;
  }
  for (size_t k = 0; k < levels->count; k++) {
    ms_part_put_text(out, 0, levels->names[k]);
    ms_part_put_real(out, 1, weights[k]);
    ms_part_put_real(out, 2, weights[k] / total);
  }
  return ms_builder_finish(out);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const bayes_options *given = checked;
  ms_training_request request = {.kernel = "bayes",
                                 .kind = MS_TARGET_CLASSES,
                                 .target = given->target,
                                 .event = given->event,
                                 .columns = given->columns,
                                 .categories = given->categories,
                                 .weights = given->weights,
                                 .boolean_categories = true};
  ms_training training;
  if (ms_training_read(context, inputs->frames[0], &request, &training) != MS_OK) return NULL;
  ms_frame *terms = terms_part(context, &training, given->laplace);
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)training.inputs.rows);
  ms_facts_number(&facts, "laplace", given->laplace);
  bool fine = ms_part_attach(context, classes_part(context, &training));
  fine = ms_part_attach(context, ms_training_part(context, &training)) && fine;
  fine = ms_part_attach(context, ms_facts_finish(&facts)) && fine;
  if (fine && terms) return terms;
  ms_frame_free(terms);
  return NULL;
}

const ms_kernel ms_kernel_bayes = {
    .name = "bayes",
    .group = "mining",
    .brief = "naive Bayes: classes from numbers and categories taken as independent",
    .cost = "O(rows * columns) time, O(rows) memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(bayes_options),
    .parts = "terms classes inputs facts",
    .run = run,
};
