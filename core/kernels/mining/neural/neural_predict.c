/* Predictions of a neural net that may come from a database. */
#include <math.h>

#include "core/kernels/mining/neural/net.h"

static const char name[] = "neural_predict";

typedef struct {
  bool each;
} predict_options;

static const ms_option options[] = {{.name = "each",
                                     .type = MS_OPTION_BOOLEAN,
                                     .fallback = "false",
                                     .brief = "a column probability_LEVEL for each class",
                                     .offset = offsetof(predict_options, each)},
                                    {0}};

enum { DATA, WEIGHTS, SCALES, INPUTS, FACTS, FRAMES };

typedef struct {
  ms_inputs_found found;
  ms_design design;
  ms_net net;
  const double *weights;
  double centre, scale;
} prediction;

static ms_status changed(ms_context *context, const char *part) {
  return ms_fail(context, MS_EDATA, "%s: the model's part '%s' is not as it was made", name, part);
}

static ms_status read_scales(ms_context *context, const ms_frame *part, prediction *p) {
  const double *centres = ms_part_real(context, name, part, "centre");
  const double *scales = centres ? ms_part_real(context, name, part, "scale") : NULL;
  if (!scales) return ms_error_status(context);
  size_t dense = p->design.dense;
  if ((size_t)part->rows != dense + 1) return changed(context, "scales");
  for (size_t j = 0; j <= dense; j++) {
    if (!isfinite(centres[j]) || !(scales[j] > 0)) return changed(context, "scales");
  }
  for (size_t j = 0; j < dense; j++)
    p->design.centre[j] = centres[j], p->design.scale[j] = scales[j];
  p->centre = centres[dense], p->scale = scales[dense];
  return MS_OK;
}

static ms_status read_model(ms_context *context, const ms_inputs *inputs, prediction *p) {
  ms_design_request laid = {name, false, {0, NULL}};
  ms_status status =
      ms_inputs_find(context, name, inputs->frames[INPUTS], inputs->frames[DATA], &p->found);
  if (status == MS_OK) status = ms_design_make(context, &p->found.inputs, &laid, &p->design);
  if (status == MS_OK) status = read_scales(context, inputs->frames[SCALES], p);
  if (status != MS_OK) return status;
  size_t levels = p->found.target.levels.count;
  if (p->found.target.classes && levels < 2) return changed(context, "inputs");
  double size = ms_facts_get(inputs->frames[FACTS], "size", 0);
  if (!(size >= 1 && size <= 1000) || size != floor(size)) return changed(context, "facts");
  ms_net_kind kind = !p->found.target.classes ? MS_NET_NUMBER
                     : levels == 2            ? MS_NET_EVENT
                                              : MS_NET_CLASSES;
  ms_net_shape shape = {kind, (size_t)size, kind == MS_NET_CLASSES ? levels : 1};
  status = ms_net_make(context, &p->design, shape, &p->net);
  if (status != MS_OK) return status;
  if ((size_t)inputs->frames[WEIGHTS]->rows != ms_net_weights(&p->net))
    return changed(context, "weights");
  p->weights = ms_part_real(context, name, inputs->frames[WEIGHTS], "weight");
  return p->weights ? MS_OK : ms_error_status(context);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  const ms_frame *data = inputs->frames[DATA];
  prediction p = {.centre = 0};
  if (read_model(context, inputs, &p) != MS_OK) return NULL;
  size_t rows = (size_t)data->rows;
  double *out = ms_scratch(context, rows + 1, p.net.outputs * sizeof *out);
  if (!out || ms_net_predict(context, &p.net, p.weights, out) != MS_OK) return NULL;
  if (p.net.kind == MS_NET_CLASSES)
    return ms_predict_classes(context, data, &p.found.target, out, given->each);
  if (p.net.kind == MS_NET_NUMBER) {
    for (size_t i = 0; i < rows; i++) out[i] = out[i] / p.scale + p.centre;
    return ms_predict_numbers(context, data, out);
  }
  double *both = ms_scratch(context, rows + 1, 2 * sizeof *both);
  if (!both) return NULL;
  for (size_t i = 0; i < rows; i++) both[2 * i] = 1 - out[i], both[2 * i + 1] = out[i];
  return ms_predict_classes(context, data, &p.found.target, both, given->each);
}

const ms_kernel ms_kernel_neural_predict = {
    .name = "neural_predict",
    .group = "predict",
    .brief = "numbers or classes by a neural net",
    .cost = "O(rows * weights) time, O(rows * classes) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = sizeof(predict_options),
    .run = run,
};
