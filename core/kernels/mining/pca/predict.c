/* Scores: new rows along the components. */
#include <math.h>

#include "core/kernels/mining/common/distance.h"

static const char name[] = "pca_predict";

enum { DATA, LOADINGS, DEVIATIONS, SCALE, INPUTS, FACTS, FRAMES };

static const ms_option options[] = {{0}};

typedef struct {
  ms_points points;
  size_t components;
  const double *const *loadings; /* a component: a number an input */
  double *const *scores;         /* a component: a number a row, NaN where an input is missing */
} prediction;

static ms_status score_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  double *block = ms_block_new(worker, &p->points);
  if (!block) return MS_EMEMORY;
  ms_range range = ms_morsel(p->points.rows, task);
  for (int64_t at = range.first; at < range.first + range.count; at += MS_DISTANCE_ROWS) {
    int64_t left = range.first + range.count - at;
    size_t count = left < MS_DISTANCE_ROWS ? (size_t)left : MS_DISTANCE_ROWS;
    ms_block_load(&p->points, at, count, block);
    for (size_t v = 0; v < p->components; v++) {
      double *to = p->scores[v] + at;
      for (size_t i = 0; i < count; i++) to[i] = 0;
      for (size_t j = 0; j < p->points.count; j++) {
        const double *from = block + j * MS_DISTANCE_ROWS;
        double loading = p->loadings[v][j];
        for (size_t i = 0; i < count; i++) to[i] += loading * from[i];
      }
    }
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

static ms_column *score_column(ms_context *context, const double *scores, int64_t rows) {
  ms_buffer *values = ms_buffer_new(context, (size_t)rows, sizeof(double));
  ms_buffer *validity = values ? ms_buffer_zero(context, ms_bitmap_words(rows), 8) : NULL;
  if (!validity) {
    ms_buffer_free(values);
    return NULL;
  }
  double *to = (double *)(void *)values->data;
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (int64_t i = 0; i < rows; i++) {
    to[i] = scores[i];
    if (!isnan(scores[i])) ms_bit_set(bits, i);
  }
  return ms_column_from_real(context, rows, values, validity);
}

static ms_status read_model(ms_context *context, const ms_inputs *inputs, prediction *p) {
  const ms_frame *loadings = inputs->frames[LOADINGS];
  ms_inputs_found found;
  ms_scale scale;
  ms_status status =
      ms_inputs_find(context, name, inputs->frames[INPUTS], inputs->frames[DATA], &found);
  bool fine = true;
  for (size_t j = 0; status == MS_OK && j < found.inputs.count; j++)
    fine = fine && !found.inputs.items[j].category;
  if (status == MS_OK)
    status = ms_scale_read(context, name, inputs->frames[SCALE], found.inputs.count, &scale);
  if (status == MS_OK) status = ms_points_of(context, &found.inputs, NULL, &scale, &p->points);
  if (status != MS_OK) return status;
  if (!fine || loadings->count < 2 || (size_t)loadings->rows != found.inputs.count)
    return ms_fail(context, MS_EDATA, "%s: the model's part 'loadings' is not as it was made",
                   name);
  p->components = loadings->count - 1;
  const double **values = ms_scratch(context, p->components, sizeof *values);
  double **scores = ms_scratch(context, p->components, sizeof *scores);
  if (!values || !scores) return MS_EMEMORY;
  for (size_t v = 0; v < p->components; v++) {
    const char *column = ms_scratch_format(context, "component_%zu", v + 1);
    values[v] = column ? ms_part_real(context, name, loadings, column) : NULL;
    scores[v] = values[v] ? ms_scratch(context, (size_t)p->points.rows + 1, sizeof **scores) : NULL;
    if (!scores[v]) return ms_error_status(context);
  }
  p->loadings = values;
  p->scores = scores;
  return MS_OK;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  (void)checked;
  prediction p;
  if (read_model(context, inputs, &p) != MS_OK) return NULL;
  int64_t rows = p.points.rows;
  if (ms_parallel(context, ms_morsels(rows), score_morsel, &p) != MS_OK) return NULL;
  ms_frame *frame = ms_frame_share(inputs->frames[DATA]);
  for (size_t v = 0; frame && v < p.components; v++) {
    const char *column_name = ms_scratch_format(context, "component_%zu", v + 1);
    ms_column *column = column_name ? score_column(context, p.scores[v], rows) : NULL;
    ms_frame *more = column ? ms_frame_with(context, frame, column_name, column) : NULL;
    ms_frame_free(frame);
    ms_column_free(column);
    frame = more;
  }
  return frame;
}

const ms_kernel ms_kernel_pca_predict = {
    .name = "pca_predict",
    .group = "predict",
    .brief = "scores on principal components",
    .cost = "O(rows * columns * components) time, O(rows * components) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = 1,
    .run = run,
};
