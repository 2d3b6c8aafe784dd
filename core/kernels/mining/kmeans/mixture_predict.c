/* The probabilities with which new rows belong to the components of a mixture. */
#include <math.h>

#include "core/kernels/mining/kmeans/mixture.h"

static const char name[] = "mixture_predict";

enum { DATA, COMPONENTS, COVARIANCES, INPUTS, FACTS, FRAMES };

typedef struct {
  bool each;
} predict_options;

static const ms_option options[] = {{.name = "each",
                                     .type = MS_OPTION_BOOLEAN,
                                     .fallback = "false",
                                     .brief = "a column probability_CLUSTER for each component",
                                     .offset = offsetof(predict_options, each)},
                                    {0}};

typedef struct {
  ms_points points;
  ms_mixture mixture;
  const int64_t *names;
  double *const *probabilities; /* a component: a number a row */
} prediction;

static ms_status row_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  size_t k = p->mixture.count;
  double *block = ms_block_new(worker, &p->points), density[MS_DISTANCE_ROWS];
  double *work = ms_scratch(worker, (p->points.count + 1) * MS_DISTANCE_ROWS, sizeof *work);
  double *logs = ms_scratch(worker, k * MS_DISTANCE_ROWS, sizeof *logs);
  if (!block || !work || !logs) return MS_EMEMORY;
  ms_range range = ms_morsel(p->points.rows, task);
  for (int64_t at = range.first; at < range.first + range.count; at += MS_DISTANCE_ROWS) {
    int64_t left = range.first + range.count - at;
    size_t count = left < MS_DISTANCE_ROWS ? (size_t)left : MS_DISTANCE_ROWS;
    ms_block_load(&p->points, at, count, block);
    ms_mixture_logs(&p->mixture, block, count, work, logs);
    ms_mixture_normalise(k, count, logs, density);
    for (size_t c = 0; c < k; c++) {
      for (size_t i = 0; i < count; i++)
        p->probabilities[c][at + (int64_t)i] = logs[c * MS_DISTANCE_ROWS + i];
    }
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

static ms_status changed(ms_context *context, const char *part) {
  return ms_fail(context, MS_EDATA, "%s: the model's part '%s' is not as it was made", name, part);
}

static ms_status read_components(ms_context *context, const ms_inputs *inputs,
                                 const ms_input_list *columns, prediction *p) {
  const ms_frame *means = inputs->frames[COMPONENTS], *cells = inputs->frames[COVARIANCES];
  size_t k = (size_t)means->rows, n = columns->count;
  if (k == 0) return changed(context, "components");
  if ((size_t)cells->rows != k * n) return changed(context, "covariances");
  ms_status status = ms_mixture_new(context, k, n, &p->mixture);
  const double *shares = status == MS_OK ? ms_part_real(context, name, means, "share") : NULL;
  p->names = shares ? ms_part_index(context, name, means, "cluster", INT64_C(1) << 53) : NULL;
  if (!p->names) return ms_error_status(context);
  for (size_t c = 0; c < k; c++) p->mixture.share[c] = shares[c];
  for (size_t j = 0; j < n; j++) {
    const double *mean = ms_part_real(context, name, means, columns->items[j].name);
    const double *cell = mean ? ms_part_real(context, name, cells, columns->items[j].name) : NULL;
    if (!cell) return ms_error_status(context);
    for (size_t c = 0; c < k; c++) {
      if (!isfinite(mean[c])) return changed(context, "components");
      p->mixture.means[c * n + j] = mean[c];
      for (size_t i = 0; i < n; i++) p->mixture.covariances[(c * n + i) * n + j] = cell[c * n + i];
    }
  }
  return ms_mixture_prepare(context, &p->mixture, name);
}

static ms_status read_model(ms_context *context, const ms_inputs *inputs, prediction *p) {
  ms_inputs_found found;
  ms_status status =
      ms_inputs_find(context, name, inputs->frames[INPUTS], inputs->frames[DATA], &found);
  if (status != MS_OK) return status;
  size_t n = found.inputs.count;
  double *zeros = ms_scratch_zero(context, n, sizeof *zeros),
         *ones = ms_scratch(context, n, sizeof *ones);
  if (!zeros || !ones) return MS_EMEMORY;
  for (size_t j = 0; j < n; j++) {
    if (found.inputs.items[j].category) return changed(context, "inputs");
    ones[j] = 1;
  }
  ms_scale scale = {n, zeros, ones};
  status = ms_points_of(context, &found.inputs, NULL, &scale, &p->points);
  if (status == MS_OK) status = read_components(context, inputs, &found.inputs, p);
  if (status != MS_OK) return status;
  double **columns = ms_scratch(context, p->mixture.count, sizeof *columns);
  for (size_t c = 0; columns && c < p->mixture.count; c++) {
    columns[c] = ms_scratch(context, (size_t)p->points.rows + 1, sizeof **columns);
    if (!columns[c]) return MS_EMEMORY;
  }
  p->probabilities = columns;
  return columns ? MS_OK : MS_EMEMORY;
}

/* A column of numbers, null where NaN. */
static ms_frame *with(ms_context *context, ms_frame *frame, const char *column_name,
                      const double *values) {
  if (!frame) return NULL;
  int64_t rows = frame->rows;
  ms_frame *out = NULL;
  ms_buffer *data = ms_buffer_new(context, (size_t)rows, sizeof(double));
  ms_buffer *validity = data ? ms_buffer_zero(context, ms_bitmap_words(rows), 8) : NULL;
  if (validity) {
    for (int64_t i = 0; i < rows && !ms_cancelled_between(context, i, i + 1); i++) {
      ((double *)(void *)data->data)[i] = values[i];
      if (!isnan(values[i])) ms_bit_set((uint64_t *)(void *)validity->data, i);
    }
    ms_column *column = ms_column_from_real(context, rows, data, validity);
    if (column && !ms_cancelled(context)) out = ms_frame_with(context, frame, column_name, column);
    ms_column_free(column);
  } else {
    ms_buffer_free(data);
  }
  ms_frame_free(frame);
  return out;
}

/* The likeliest component of each row, and its probability. */
static ms_frame *with_cluster(ms_context *context, const ms_frame *data, const prediction *p) {
  int64_t *labels = ms_scratch(context, (size_t)data->rows + 1, sizeof *labels);
  double *best = ms_scratch(context, (size_t)data->rows + 1, sizeof *best);
  ms_buffer *validity =
      labels && best ? ms_buffer_zero(context, ms_bitmap_words(data->rows), 8) : NULL;
  if (!validity) return NULL;
  for (int64_t i = 0; i < data->rows && !ms_cancelled_between(context, i, i + 1); i++) {
    size_t at = 0;
    for (size_t c = 1; c < p->mixture.count; c++) {
      if (p->probabilities[c][i] > p->probabilities[at][i]) at = c;
    }
    labels[i] = p->names[at];
    best[i] = p->probabilities[at][i];
    if (!isnan(best[i])) ms_bit_set((uint64_t *)(void *)validity->data, i);
  }
  ms_column *column = ms_column_from_int64(context, MS_INTEGER, data->rows, labels, validity);
  bool fine = column && !ms_cancelled(context);
  ms_frame *frame = fine ? ms_frame_with(context, data, "cluster", column) : NULL;
  ms_column_free(column);
  return with(context, frame, "probability", best);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const predict_options *given = checked;
  prediction p;
  if (read_model(context, inputs, &p) != MS_OK ||
      ms_parallel(context, ms_morsels(p.points.rows), row_morsel, &p) != MS_OK)
    return NULL;
  ms_frame *frame = with_cluster(context, inputs->frames[DATA], &p);
  for (size_t c = 0; given->each && frame && c < p.mixture.count; c++) {
    const char *column = ms_scratch_format(context, "probability_%lld", (long long)p.names[c]);
    if (!column) {
      ms_frame_free(frame);
      return NULL;
    }
    frame = with(context, frame, column, p.probabilities[c]);
  }
  return frame;
}

const ms_kernel ms_kernel_mixture_predict = {
    .name = "mixture_predict",
    .group = "predict",
    .brief = "components of a mixture, with probabilities",
    .cost = "O(rows * columns^2 * k) time, O(rows * k) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = sizeof(predict_options),
    .run = run,
};
