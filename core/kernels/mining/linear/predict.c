/* Predictions of linear models: the linear predictor of each row, and its mean by the link. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/common/family.h"

typedef struct {
  bool each, linear;
} predict_options;

static const ms_option number_options[] = {{.name = "linear",
                                            .type = MS_OPTION_BOOLEAN,
                                            .fallback = "false",
                                            .brief = "the linear predictor rather than the mean",
                                            .offset = offsetof(predict_options, linear)},
                                           {0}};
static const ms_option class_options[] = {
    {.name = "each",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "a column probability_LEVEL for each class",
     .offset = offsetof(predict_options, each)},
    {.name = "linear",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "the linear predictor (log odds) as `prediction` rather than class and probability",
     .offset = offsetof(predict_options, linear)},
    {0}};

enum { DATA, TERMS, INPUTS, FACTS, FRAMES }; /* an elastic net has its path behind the terms */

typedef struct {
  const char *kernel;
  ms_inputs_found found;
  double constant;
  double **coefficients; /* of each input: one, or one a level */
  ms_link_id link;
  bool linear, classes;
  double *out; /* a row: its mean, or the probabilities of both classes */
} prediction;

static ms_status changed(ms_context *context, const prediction *p, const char *part) {
  return ms_fail(context, MS_EDATA, "%s: the model's part '%s' is not as it was made", p->kernel,
                 part);
}

/* The place of a term's coefficient; NULL if there is none. */
static double *place_of(prediction *p, const ms_column *inputs, const ms_column *levels,
                        int64_t row) {
  if (!ms_column_valid(inputs, row)) return &p->constant;
  size_t i = 0;
  while (i < p->found.inputs.count && !ms_part_says(inputs, row, p->found.inputs.items[i].name))
    i++;
  if (i == p->found.inputs.count) return NULL;
  const ms_input *input = &p->found.inputs.items[i];
  if (!input->category) return ms_column_valid(levels, row) ? NULL : p->coefficients[i];
  size_t k = 0;
  while (k < input->levels.count && !ms_part_says(levels, row, input->levels.names[k])) k++;
  return k < input->levels.count ? p->coefficients[i] + k : NULL;
}

static ms_status read_terms(ms_context *context, const ms_frame *terms, prediction *p) {
  const ms_column *inputs = ms_part_text(terms, "input"), *levels = ms_part_text(terms, "level");
  if (!inputs || !levels) return changed(context, p, "terms");
  const double *estimates = ms_part_real(context, p->kernel, terms, "estimate");
  p->coefficients = ms_scratch(context, p->found.inputs.count, sizeof *p->coefficients);
  if (!estimates || !p->coefficients) return ms_error_status(context);
  size_t wanted = 1, categories = 0;
  for (size_t i = 0; i < p->found.inputs.count; i++) {
    const ms_input *input = &p->found.inputs.items[i];
    size_t count = input->category ? input->levels.count : 1;
    p->coefficients[i] = ms_scratch_zero(context, count + 1, sizeof(double));
    if (!p->coefficients[i]) return MS_EMEMORY;
    wanted += count;
    categories += input->category && count > 0;
  }
  /* A term each, but for the bases, and perhaps no intercept. */
  size_t rows = (size_t)terms->rows;
  if (rows + categories != wanted && rows + categories + 1 != wanted)
    return changed(context, p, "terms");
  for (int64_t i = 0; i < terms->rows; i++) {
    double *place = place_of(p, inputs, levels, i);
    if (!place || isinf(estimates[i])) return changed(context, p, "terms");
    *place = isnan(estimates[i]) ? 0 : estimates[i];
  }
  return MS_OK;
}

static ms_status read_link(ms_context *context, const ms_frame *facts, prediction *p) {
  const char *word = ms_facts_get_text(context, facts, "link");
  if (!word) return MS_EMEMORY;
  for (int k = MS_LINK_IDENTITY; k <= MS_LINK_PROBIT; k++) {
    p->link = (ms_link_id)k;
    if (strcmp(word, ms_link_name(p->link)) == 0) return MS_OK;
  }
  return changed(context, p, "facts");
}

static void add_input(const prediction *p, size_t at, ms_range range, double *eta) {
  const ms_input *input = &p->found.inputs.items[at];
  const double *coefficients = p->coefficients[at];
  if (!input->category) {
    const double *values = input->values + range.first;
    for (int64_t i = 0; i < range.count; i++) eta[i] += *coefficients * values[i];
    return;
  }
  const uint32_t *codes = input->codes + range.first;
  for (int64_t i = 0; i < range.count; i++) {
    eta[i] += codes[i] == MS_MISSING ? NAN : coefficients[codes[i]];
  }
}

static ms_status predict_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  ms_range range = ms_morsel(p->found.inputs.rows, task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  double *eta = ms_scratch(worker, (size_t)range.count + 1, sizeof *eta);
  if (!eta) return MS_EMEMORY;
  for (int64_t i = 0; i < range.count; i++) {
    eta[i] = p->constant + (p->found.offset ? p->found.offset[range.first + i] : 0);
  }
  for (size_t k = 0; k < p->found.inputs.count; k++) add_input(p, k, range, eta);
  for (int64_t i = 0; i < range.count; i++) {
    double mean = p->linear ? eta[i] : ms_link_mean(p->link, eta[i]);
    if (p->classes) {
      double *out = p->out + 2 * (range.first + i);
      out[0] = p->link == MS_LINK_LOG ? 1 - mean : ms_link_mean(p->link, -eta[i]);
      out[1] = mean;
    } else {
      p->out[range.first + i] = mean;
    }
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

static ms_frame *predict(ms_context *context, const ms_inputs *inputs, const void *checked,
                         const char *kernel) {
  const predict_options *given = checked;
  prediction p = {.kernel = kernel, .linear = given->linear};
  const ms_frame *data = inputs->frames[DATA];
  const ms_frame *const *tail = inputs->frames + inputs->count - FRAMES;
  if (ms_inputs_find(context, kernel, tail[INPUTS], data, &p.found) != MS_OK ||
      read_terms(context, inputs->frames[TERMS], &p) != MS_OK ||
      read_link(context, tail[FACTS], &p) != MS_OK) {
    return NULL;
  }
  p.classes = p.found.target.classes && !p.linear;
  if (p.classes && p.found.target.levels.count != 2) {
    (void)changed(context, &p, "inputs");
    return NULL;
  }
  p.out = ms_scratch(context, (size_t)data->rows + 1, (p.classes ? 2 : 1) * sizeof *p.out);
  if (!p.out || ms_parallel(context, ms_morsels(data->rows), predict_morsel, &p) != MS_OK)
    return NULL;
  if (!p.classes) return ms_predict_numbers(context, data, p.out);
  return ms_predict_classes(context, data, &p.found.target, p.out, given->each);
}

static ms_frame *run_linear(ms_context *context, const ms_inputs *inputs, const void *checked) {
  return predict(context, inputs, checked, "linear_predict");
}
static ms_frame *run_logistic(ms_context *context, const ms_inputs *inputs, const void *checked) {
  return predict(context, inputs, checked, "logistic_predict");
}
static ms_frame *run_glm(ms_context *context, const ms_inputs *inputs, const void *checked) {
  return predict(context, inputs, checked, "glm_predict");
}

static ms_frame *run_net(ms_context *context, const ms_inputs *inputs, const void *checked) {
  return predict(context, inputs, checked, "elastic_net_predict");
}

const ms_kernel ms_kernel_linear_predict = {.name = "linear_predict",
                                            .group = "predict",
                                            .brief = "numbers by a linear model",
                                            .cost = "O(rows * columns) time, O(rows) memory",
                                            .least = FRAMES,
                                            .most = FRAMES,
                                            .options = number_options,
                                            .size = sizeof(predict_options),
                                            .run = run_linear};
const ms_kernel ms_kernel_logistic_predict = {.name = "logistic_predict",
                                              .group = "predict",
                                              .brief = "probabilities by logistic regression",
                                              .cost = "O(rows * columns) time, O(rows) memory",
                                              .least = FRAMES,
                                              .most = FRAMES,
                                              .options = class_options,
                                              .size = sizeof(predict_options),
                                              .run = run_logistic};
const ms_kernel ms_kernel_glm_predict = {.name = "glm_predict",
                                         .group = "predict",
                                         .brief = "means by a generalised linear model",
                                         .cost = "O(rows * columns) time, O(rows) memory",
                                         .least = FRAMES,
                                         .most = FRAMES,
                                         .options = class_options,
                                         .size = sizeof(predict_options),
                                         .run = run_glm};
const ms_kernel ms_kernel_elastic_net_predict = {.name = "elastic_net_predict",
                                                 .group = "predict",
                                                 .brief =
                                                     "numbers or probabilities by an elastic net",
                                                 .cost = "O(rows * columns) time, O(rows) memory",
                                                 .least = FRAMES + 1,
                                                 .most = FRAMES + 1,
                                                 .options = class_options,
                                                 .size = sizeof(predict_options),
                                                 .run = run_net};
