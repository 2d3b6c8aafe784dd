/* Predictions of a boosted model. */
#include "core/kernels/mining/boost/boost.h"
#include "core/kernels/mining/boost/boosted.h"

#include <math.h>

typedef struct {
  bool each, margin;
} predict_options;

static const ms_option options[] = {{.name = "each",
                                     .type = MS_OPTION_BOOLEAN,
                                     .fallback = "false",
                                     .brief = "a column probability_LEVEL for each class",
                                     .offset = offsetof(predict_options, each)},
                                    {.name = "margin",
                                     .type = MS_OPTION_BOOLEAN,
                                     .fallback = "false",
                                     .brief = "what the trees add up to, before it is made a "
                                              "probability, count or hazard",
                                     .offset = offsetof(predict_options, margin)},
                                    {0}};

/* Two columns a row, of which the first is what is not in the second. */
static double *both_classes(ms_context *context, const double *event, size_t rows) {
  double *out = ms_scratch(context, 2 * rows + 1, sizeof *out);
  for (size_t i = 0; out && i < rows; i++) {
    out[2 * i] = 1 - event[i];
    out[2 * i + 1] = event[i];
  }
  return out;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  ms_boost_model model;
  if (ms_boost_model_read(context, "boost_predict", inputs, &model) != MS_OK) return NULL;
  double *values = ms_boost_margins(context, &model);
  if (!values) return NULL;
  size_t rows = (size_t)model.found.inputs.rows;
  const ms_frame *data = inputs->frames[0];
  if (given->margin && model.outputs > 1)
    return ms_fail_null(context, MS_EARGUMENT, "boost_predict: margin is not for several classes");
  if (given->margin) return ms_predict_numbers(context, data, values);
  ms_objective_predict(model.objective, model.outputs, rows, values);
  if (model.objective == MS_OBJECTIVE_SOFTMAX)
    return ms_predict_classes(context, data, &model.found.target, values, given->each);
  if (model.objective != MS_OBJECTIVE_LOGISTIC) return ms_predict_numbers(context, data, values);
  double *both = both_classes(context, values, rows);
  return both ? ms_predict_classes(context, data, &model.found.target, both, given->each) : NULL;
}

const ms_kernel ms_kernel_boost_predict = {
    .name = "boost_predict",
    .group = "predict",
    .brief = "predictions by a boosted model",
    .cost = "O(rows * trees * depth) time, O(rows * classes) memory",
    .least = MS_BOOST_FRAMES,
    .most = MS_BOOST_FRAMES,
    .options = options,
    .size = sizeof(predict_options),
    .run = run,
};
