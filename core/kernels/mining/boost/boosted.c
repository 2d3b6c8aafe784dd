/* A boosted model from its parts, checked. */
#include "core/kernels/mining/boost/boosted.h"

#include <math.h>
#include <string.h>

static ms_status changed(ms_context *context, const char *kernel) {
  return ms_fail(context, MS_EDATA, "%s: the model's part 'facts' is not as it was made", kernel);
}

static ms_status read_facts(ms_context *context, const char *kernel, const ms_frame *facts,
                            ms_boost_model *model) {
  const char *word = ms_facts_get_text(context, facts, "objective");
  if (!word) return MS_EMEMORY;
  for (int i = MS_OBJECTIVE_AUTO + 1; i < MS_OBJECTIVE_COUNT; i++) {
    if (strcmp(word, ms_objective_word((ms_objective)i)) == 0) model->objective = (ms_objective)i;
  }
  size_t levels = model->found.target.levels.count;
  bool softmax = model->objective == MS_OBJECTIVE_SOFTMAX;
  if (model->objective == MS_OBJECTIVE_AUTO || (softmax && levels < 2) ||
      (model->objective == MS_OBJECTIVE_LOGISTIC && levels != 2))
    return changed(context, kernel);
  model->outputs = softmax ? levels : 1;
  model->base = ms_scratch(context, model->outputs, sizeof *model->base);
  if (!model->base) return MS_EMEMORY;
  for (size_t k = 0; k < model->outputs; k++) {
    const char *name = softmax ? ms_scratch_format(context, "base_%zu", k + 1) : "base";
    if (!name) return MS_EMEMORY;
    model->base[k] = ms_facts_get(facts, name, NAN);
    if (!isfinite(model->base[k])) return changed(context, kernel);
  }
  return MS_OK;
}

ms_status ms_boost_model_read(ms_context *context, const char *kernel, const ms_inputs *inputs,
                              ms_boost_model *out) {
  *out = (ms_boost_model){.objective = MS_OBJECTIVE_AUTO};
  ms_status status = ms_inputs_find(context, kernel, inputs->frames[MS_BOOST_INPUTS],
                                    inputs->frames[MS_BOOST_DATA], &out->found);
  if (status == MS_OK) status = read_facts(context, kernel, inputs->frames[MS_BOOST_FACTS], out);
  if (status == MS_OK)
    status = ms_ensemble_read(context, kernel, inputs->frames[MS_BOOST_TREES], &out->found.inputs,
                              &out->ensemble);
  if (status == MS_OK && out->ensemble.width != 1) return changed(context, kernel);
  return status;
}

double *ms_boost_margins(ms_context *context, const ms_boost_model *model) {
  size_t rows = (size_t)model->found.inputs.rows, outputs = model->outputs;
  double *out = ms_scratch(context, rows * outputs + 1, sizeof *out);
  if (!out) return NULL;
  for (size_t i = 0; i < rows; i++) {
    double offset = model->found.offset ? model->found.offset[i] : 0;
    for (size_t k = 0; k < outputs; k++) out[i * outputs + k] = model->base[k] + offset;
  }
  ms_status status =
      ms_ensemble_add_up(context, &model->ensemble, &model->found.inputs, outputs, out);
  return status == MS_OK ? out : NULL;
}

/* Two columns a row, of which the first is what is not in the second. */
static double *both_classes(ms_context *context, const double *event, size_t rows) {
  double *out = ms_scratch(context, 2 * rows + 1, sizeof *out);
  for (size_t i = 0; out && i < rows; i++) {
    out[2 * i] = 1 - event[i];
    out[2 * i + 1] = event[i];
  }
  return out;
}

ms_frame *ms_boost_prediction(ms_context *context, const ms_boost_model *model,
                              const ms_frame *data, double *margins, bool each) {
  size_t rows = (size_t)model->found.inputs.rows;
  ms_objective_predict(model->objective, model->outputs, rows, margins);
  if (model->objective == MS_OBJECTIVE_SOFTMAX)
    return ms_predict_classes(context, data, &model->found.target, margins, each);
  if (model->objective != MS_OBJECTIVE_LOGISTIC) return ms_predict_numbers(context, data, margins);
  double *both = both_classes(context, margins, rows);
  return both ? ms_predict_classes(context, data, &model->found.target, both, each) : NULL;
}
