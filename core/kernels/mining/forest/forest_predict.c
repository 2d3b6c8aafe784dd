/* Predictions of a forest: the mean of its trees. */
#include "core/kernels/mining/common/ensemble.h"

static const char name[] = "forest_predict";

typedef struct {
  bool each;
} predict_options;

static const ms_option options[] = {{.name = "each",
                                     .type = MS_OPTION_BOOLEAN,
                                     .fallback = "false",
                                     .brief = "a column probability_LEVEL for each class",
                                     .offset = offsetof(predict_options, each)},
                                    {0}};

enum { DATA, TREES, IMPORTANCE, INPUTS, FACTS, FRAMES };

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  ms_inputs_found found;
  ms_ensemble forest;
  const ms_frame *data = inputs->frames[DATA];
  if (ms_inputs_find(context, name, inputs->frames[INPUTS], data, &found) != MS_OK) return NULL;
  if (ms_ensemble_read(context, name, inputs->frames[TREES], &found.inputs, &forest) != MS_OK)
    return NULL;
  size_t rows = (size_t)data->rows, classes = found.target.classes ? found.target.levels.count : 1;
  size_t width = classes == 2 ? 1 : classes, outputs = classes == 2 ? 2 : width;
  if (forest.trees == 0 || forest.width != width)
    return ms_fail_null(context, MS_EDATA, "%s: the model's part 'trees' is not as it was made",
                        name);
  double *values = ms_scratch_zero(context, rows * outputs + 1, sizeof *values);
  if (!values || ms_ensemble_add_up(context, &forest, &found.inputs, width, values) != MS_OK)
    return NULL;
  for (size_t i = 0; i < rows * width; i++) values[i] /= (double)forest.trees;
  if (classes == 1) return ms_predict_numbers(context, data, values);
  for (size_t i = rows; classes == 2 && i-- > 0;) {
    values[2 * i + 1] = values[i];
    values[2 * i] = 1 - values[2 * i + 1];
  }
  return ms_predict_classes(context, data, &found.target, values, given->each);
}

const ms_kernel ms_kernel_forest_predict = {
    .name = "forest_predict",
    .group = "predict",
    .brief = "predictions by a random forest",
    .cost = "O(rows * trees * depth) time, O(rows * classes) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = sizeof(predict_options),
    .run = run,
};
