/* Predictions of naive Bayes: the logarithms of prior and shares or densities added up, class by class. */
#include "core/kernels/mining/common/training.h"

#include <math.h>
#include <string.h>

static const char name[] = "bayes_predict";

typedef struct {
  bool each;
  double threshold;
} predict_options;

static const ms_option options[] = {{.name = "each",
                                     .type = MS_OPTION_BOOLEAN,
                                     .fallback = "false",
                                     .brief = "a column probability_LEVEL for each class",
                                     .offset = offsetof(predict_options, each)},
                                    {.name = "threshold",
                                     .type = MS_OPTION_REAL,
                                     .fallback = "0.001",
                                     .low = 1e-300,
                                     .high = 1,
                                     .brief = "stands for a share or a deviation of 0",
                                     .offset = offsetof(predict_options, threshold)},
                                    {0}};

enum { DATA, TERMS, CLASSES, INPUTS, FACTS, FRAMES };

typedef struct {
  ms_inputs_found found;
  size_t classes;
  double threshold;
  const double *priors;
  const double *shares, *means, *deviations; /* of the terms' rows */
  const size_t *first;                       /* an input's first row */
  double *out;                               /* row, class */
} prediction;

static ms_status changed(ms_context *context) {
  return ms_fail(context, MS_EDATA, "%s: the model's part 'terms' is not as it was made", name);
}

/* An input's rows stand together: classes of a number; classes × levels of a category. */
static ms_status lay_out(ms_context *context, prediction *p, int64_t rows) {
  size_t *first = ms_scratch(context, p->found.inputs.count, sizeof *first), at = 0;
  if (!first) return MS_EMEMORY;
  for (size_t i = 0; i < p->found.inputs.count; i++) {
    const ms_input *input = &p->found.inputs.items[i];
    first[i] = at;
    at += p->classes * (input->category ? input->levels.count : 1);
  }
  p->first = first;
  return at == (size_t)rows ? MS_OK : changed(context);
}

static double log_share(const prediction *p, size_t row) {
  double share = p->shares[row];
  return log(share > 0 ? share : p->threshold);
}

static void add_category(const prediction *p, size_t at, ms_range range, size_t k) {
  const ms_input *input = &p->found.inputs.items[at];
  size_t row = p->first[at] + k * input->levels.count;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    if (input->codes[i] != MS_MISSING)
      p->out[(size_t)i * p->classes + k] += log_share(p, row + input->codes[i]);
  }
}

static void add_number(const prediction *p, size_t at, ms_range range, size_t k) {
  const double *values = p->found.inputs.items[at].values;
  size_t row = p->first[at] + k;
  double mean = p->means[row],
         deviation = p->deviations[row] > 0 ? p->deviations[row] : p->threshold;
  if (isnan(mean)) return; /* no value in this class: nothing is known */
  double scale = -0.5 / (deviation * deviation), base = -log(deviation) - 0.91893853320467274178;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    double from = values[i] - mean;
    if (!isnan(from)) p->out[(size_t)i * p->classes + k] += base + scale * from * from;
  }
}

/* Logarithms to probabilities that add up to 1. */
static void normalise(double *row, size_t classes) {
  double most = row[0], sum = 0;
  for (size_t k = 1; k < classes; k++) most = row[k] > most ? row[k] : most;
  for (size_t k = 0; k < classes; k++) sum += row[k] = exp(row[k] - most);
  for (size_t k = 0; k < classes; k++) row[k] /= sum;
}

static ms_status predict_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(p->found.inputs.rows, task);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    for (size_t k = 0; k < p->classes; k++) p->out[(size_t)i * p->classes + k] = log(p->priors[k]);
  }
  for (size_t at = 0; at < p->found.inputs.count; at++) {
    for (size_t k = 0; k < p->classes; k++) {
      if (p->found.inputs.items[at].category)
        add_category(p, at, range, k);
      else
        add_number(p, at, range, k);
    }
  }
  for (int64_t i = range.first; i < range.first + range.count; i++)
    normalise(p->out + (size_t)i * p->classes, p->classes);
  return MS_OK;
}

static ms_status read_model(ms_context *context, const ms_inputs *inputs, prediction *p) {
  const ms_frame *terms = inputs->frames[TERMS], *classes = inputs->frames[CLASSES];
  ms_status status =
      ms_inputs_find(context, name, inputs->frames[INPUTS], inputs->frames[DATA], &p->found);
  if (status != MS_OK) return status;
  p->classes = p->found.target.levels.count;
  if (p->classes < 2 || (size_t)classes->rows != p->classes) return changed(context);
  p->priors = ms_part_real(context, name, classes, "prior");
  p->shares = p->priors ? ms_part_real(context, name, terms, "share") : NULL;
  p->means = p->shares ? ms_part_real(context, name, terms, "mean") : NULL;
  p->deviations = p->means ? ms_part_real(context, name, terms, "deviation") : NULL;
  if (!p->deviations) return ms_error_status(context);
  p->out = ms_scratch(context, (size_t)p->found.inputs.rows * p->classes + 1, sizeof *p->out);
  return p->out ? lay_out(context, p, terms->rows) : MS_EMEMORY;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  prediction p = {.threshold = given->threshold};
  if (read_model(context, inputs, &p) != MS_OK) return NULL;
  if (ms_parallel(context, ms_morsels(p.found.inputs.rows), predict_morsel, &p) != MS_OK)
    return NULL;
  return ms_predict_classes(context, inputs->frames[DATA], &p.found.target, p.out, given->each);
}

const ms_kernel ms_kernel_bayes_predict = {
    .name = "bayes_predict",
    .group = "predict",
    .brief = "classes by naive Bayes",
    .cost = "O(rows * columns * classes) time, O(rows * classes) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = sizeof(predict_options),
    .run = run,
};
