/* Why a boosted model says what it says: shares of the inputs, as numbers or in words. */
#include "core/kernels/mining/boost/boosted.h"
#include "core/kernels/mining/common/shap.h"

#include <string.h>

typedef struct {
  const char *class_name;
  int64_t top;
} reason_options;

#define CLASS_OPTION                                                                               \
  {                                                                                                \
    .name = "class", .type = MS_OPTION_TEXT,                                                       \
    .brief = "the class that is explained, where there "                                           \
             "are more than two",                                                                  \
    .offset = offsetof(reason_options, class_name)                                                 \
  }

static const ms_option contribution_options[] = {CLASS_OPTION, {0}};
static const ms_option options[] = {{.name = "top",
                                     .type = MS_OPTION_INTEGER,
                                     .fallback = "3",
                                     .low = 1,
                                     .high = 100,
                                     .brief = "reasons a row",
                                     .offset = offsetof(reason_options, top)},
                                    CLASS_OPTION,
                                    {0}};

/* The output that is explained. */
static ms_status choose_output(ms_context *context, const char *kernel, const ms_boost_model *model,
                               const char *wanted, size_t *out) {
  *out = 0;
  const ms_levels *levels = &model->found.target.levels;
  if (model->outputs == 1) {
    return wanted ? ms_fail(context, MS_EARGUMENT,
                            "%s: option 'class' is for more than two classes", kernel)
                  : MS_OK;
  }
  for (size_t k = 0; wanted && k < levels->count; k++) {
    if (strcmp(levels->names[k], wanted) != 0) continue;
    *out = k;
    return MS_OK;
  }
  (void)ms_fail(context, MS_EARGUMENT, "%s: option 'class' is %s; one of the %zu classes wanted",
                kernel, wanted ? wanted : "missing", levels->count);
  if (wanted) ms_fail_suggest(context, wanted, levels->names, levels->count);
  return MS_EARGUMENT;
}

static double *shares_of(ms_context *context, const char *kernel, const ms_inputs *inputs,
                         const char *wanted, ms_boost_model *model) {
  ms_shap_request request = {
      .ensemble = &model->ensemble, .inputs = &model->found.inputs, .scale = 1};
  if (ms_boost_model_read(context, kernel, inputs, model) != MS_OK) return NULL;
  if (choose_output(context, kernel, model, wanted, &request.output) != MS_OK) return NULL;
  request.outputs = model->outputs;
  double *shares = ms_shap_values(context, &request);
  if (shares) model->base[0] = model->base[request.output];
  return shares;
}

static ms_frame *run_contributions(ms_context *context, const ms_inputs *inputs,
                                   const void *checked) {
  const reason_options *given = checked;
  ms_boost_model model;
  double *shares = shares_of(context, "boost_contributions", inputs, given->class_name, &model);
  if (!shares) return NULL;
  return ms_shap_frame(context, &model.found.inputs, shares, model.base[0], model.found.offset);
}

static ms_frame *run_reasons(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const reason_options *given = checked;
  ms_boost_model model;
  double *shares = shares_of(context, "boost_reasons", inputs, given->class_name, &model);
  double *margins = NULL;
  if (shares && ms_boost_model_read(context, "boost_reasons", inputs, &model) == MS_OK)
    margins = ms_boost_margins(context, &model);
  if (!margins) return NULL;
  ms_frame *predicted =
      ms_boost_prediction(context, &model, inputs->frames[MS_BOOST_DATA], margins, false);
  return ms_shap_reasons(context, predicted, &model.found.inputs, shares, given->top);
}

const ms_kernel ms_kernel_boost_contributions = {
    .name = "boost_contributions",
    .group = "predict",
    .brief = "what each input adds to the prediction of a boosted model",
    .cost = "O(rows * leaves * depth^2) time, O(rows * inputs) memory",
    .least = MS_BOOST_FRAMES,
    .most = MS_BOOST_FRAMES,
    .options = contribution_options,
    .size = sizeof(reason_options),
    .run = run_contributions,
};

const ms_kernel ms_kernel_boost_reasons = {
    .name = "boost_reasons",
    .group = "predict",
    .brief = "the largest contributions to each prediction of a boosted model, in words",
    .cost = "O(rows * leaves * depth^2) time, O(rows * inputs) memory",
    .least = MS_BOOST_FRAMES,
    .most = MS_BOOST_FRAMES,
    .options = options,
    .size = sizeof(reason_options),
    .run = run_reasons,
};
