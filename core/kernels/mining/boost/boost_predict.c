/* Predictions of a boosted model. */
#include "core/kernels/mining/boost/boost.h"
#include "core/kernels/mining/boost/boosted.h"

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

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  ms_boost_model model;
  if (ms_boost_model_read(context, "boost_predict", inputs, &model) != MS_OK) return NULL;
  if (given->margin && model.outputs > 1)
    return ms_fail_null(context, MS_EARGUMENT, "boost_predict: margin is not for several classes");
  double *values = ms_boost_margins(context, &model);
  if (!values) return NULL;
  if (given->margin) return ms_predict_numbers(context, inputs->frames[0], values);
  return ms_boost_prediction(context, &model, inputs->frames[0], values, given->each);
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
