/* What k-means is given: inputs without holes, further frames, start centres. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <math.h>
#include <string.h>

static ms_status check_names(ms_context *context, const ms_input_list *inputs) {
  static const char *const taken[] = {"cluster", "size", "within"};
  for (size_t j = 0; j < inputs->count; j++) {
    for (size_t t = 0; t < sizeof taken / sizeof *taken; t++) {
      if (strcmp(inputs->items[j].name, taken[t]) != 0) continue;
      (void)ms_fail(context, MS_EARGUMENT,
                    "kmeans: column '%s' cannot be an input: the model has a '%s'", taken[t],
                    taken[t]);
      ms_fail_hint(context, "give it another name: frame:rename { %s = \"…\" }", taken[t]);
      return MS_EARGUMENT;
    }
  }
  return MS_OK;
}

ms_status ms_kmeans_check(ms_context *context, const ms_input_list *inputs) {
  ms_status status = check_names(context, inputs);
  return status == MS_OK ? ms_inputs_complete(context, "kmeans", inputs) : status;
}

/* Centres of a frame, in the units of a block; its columns have the inputs' names. */
double *ms_kmeans_centres(ms_context *context, const ms_frame *frame, const ms_input_list *inputs,
                          const ms_scale *scale, size_t *k) {
  size_t rows = (size_t)frame->rows, p = inputs->count;
  if (rows == 0 || rows > MS_CLUSTERS_MOST) {
    return ms_fail_null(context, MS_EARGUMENT, "kmeans: %zu centres given, 1 to %d wanted", rows,
                        MS_CLUSTERS_MOST);
  }
  *k = rows;
  double *out = ms_scratch(context, rows * p, sizeof *out);
  for (size_t j = 0; out && j < p; j++) {
    const ms_column *column = ms_frame_get(context, frame, "kmeans", inputs->items[j].name);
    if (!column) return NULL;
    bool fine = column->type != MS_TEXT;
    const double *values = fine ? ms_view_real(context, column) : NULL;
    if (fine && !values) return NULL;
    for (size_t c = 0; c < rows && fine; c++) {
      out[c * p + j] = (values[c] - scale->centre[j]) / scale->spread[j];
      fine = isfinite(values[c]);
    }
    if (!fine) {
      return ms_fail_null(context, MS_EDATA,
                          "kmeans: the centres' column '%s' is no column of numbers",
                          inputs->items[j].name);
    }
  }
  return out;
}

/* The start centres of the option, laid out as a row a centre. */
double *ms_kmeans_listed(ms_context *context, const ms_reals *list, const ms_scale *scale,
                         size_t *k) {
  if (list->count % scale->count != 0 || list->count / scale->count > MS_CLUSTERS_MOST) {
    return ms_fail_null(
        context, MS_EARGUMENT,
        "kmeans: option 'centres' has %zu numbers; a number for each of %zu columns, "
        "centre by centre, wanted",
        list->count, scale->count);
  }
  *k = list->count / scale->count;
  double *out = ms_scratch(context, list->count, sizeof *out);
  for (size_t i = 0; out && i < list->count; i++) {
    size_t j = i % scale->count;
    if (!isfinite(list->items[i]))
      return ms_fail_null(context, MS_EARGUMENT,
                          "kmeans: option 'centres' has a number that is not finite");
    out[i] = (list->items[i] - scale->centre[j]) / scale->spread[j];
  }
  return out;
}

ms_status ms_kmeans_frames_of(ms_context *context, const ms_inputs *inputs, int frames,
                              ms_kmeans_frames *out) {
  size_t wanted = frames == MS_KMEANS_BOTH ? 3 : 2;
  *out = (ms_kmeans_frames){NULL, NULL};
  if (inputs->count == 1 && frames == MS_KMEANS_CENTRES) return MS_OK;
  if (inputs->count != wanted) {
    return ms_fail(context, MS_EARGUMENT, "kmeans: %zu further frames given, %zu wanted",
                   inputs->count - 1, wanted - 1);
  }
  if (frames != MS_KMEANS_MATCH) out->start = inputs->frames[1];
  if (frames != MS_KMEANS_CENTRES) out->match = inputs->frames[wanted - 1];
  return MS_OK;
}
