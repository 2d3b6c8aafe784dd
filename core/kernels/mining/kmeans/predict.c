/* The nearest centre of each row of new data. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <math.h>

static const char name[] = "kmeans_predict";

enum { DATA, CENTRES, SCALE, INPUTS, FACTS, FRAMES };

static const ms_option options[] = {{0}};

typedef struct {
  ms_points points;
  ms_centres centres;
  const int64_t *names;
  int64_t *labels;
  double *distances;
  uint64_t *valid;
} prediction;

static ms_status nearest_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  double *block = ms_block_new(worker, &p->points);
  ms_nearest_two *two = ms_scratch(worker, 1, sizeof *two);
  if (!block || !two) return MS_EMEMORY;
  ms_range range = ms_morsel(p->points.rows, task);
  for (int64_t at = range.first; at < range.first + range.count; at += MS_DISTANCE_ROWS) {
    int64_t left = range.first + range.count - at;
    size_t count = left < MS_DISTANCE_ROWS ? (size_t)left : MS_DISTANCE_ROWS;
    ms_block_load(&p->points, at, count, block);
    ms_block_nearest(block, count, &p->centres, two);
    for (size_t i = 0; i < count; i++) {
      int64_t row = at + (int64_t)i;
      p->labels[row] = p->names[two->nearest[i]];
      p->distances[row] = sqrt(two->first[i]);
      if (isinf(two->first[i])) ms_bit_clear(p->valid, row);
    }
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* The centres in the units of a block. */
static ms_status read_centres(ms_context *context, const ms_frame *part,
                              const ms_input_list *inputs, const ms_scale *scale, prediction *p) {
  size_t k = (size_t)part->rows, columns = inputs->count;
  double *values = ms_scratch(context, k * columns + 1, sizeof *values);
  if (!values) return MS_EMEMORY;
  bool fine = k > 0;
  for (size_t j = 0; fine && j < columns; j++) {
    const double *from = ms_part_real(context, name, part, inputs->items[j].name);
    if (!from) return ms_error_status(context);
    for (size_t c = 0; c < k; c++) {
      values[c * columns + j] = (from[c] - scale->centre[j]) / scale->spread[j];
      fine = fine && isfinite(from[c]);
    }
  }
  if (!fine)
    return ms_fail(context, MS_EDATA, "%s: the model's part 'centres' is not as it was made", name);
  p->centres = (ms_centres){k, columns, values};
  p->names = ms_part_index(context, name, part, "cluster", INT64_C(1) << 53);
  return p->names ? MS_OK : ms_error_status(context);
}

static ms_frame *lay_out(ms_context *context, const ms_frame *data, const prediction *p,
                         ms_buffer *validity, ms_buffer *distances) {
  ms_buffer *again = ms_buffer_share(validity);
  ms_column *cluster = ms_column_from_int64(context, MS_INTEGER, data->rows, p->labels, validity);
  ms_column *distance = ms_column_from_real(context, data->rows, distances, again);
  ms_frame *frame = ms_predict_with(context, ms_frame_share(data), "cluster", cluster);
  return ms_predict_with(context, frame, "distance", distance);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  (void)checked;
  const ms_frame *data = inputs->frames[DATA];
  ms_inputs_found found;
  ms_scale scale;
  prediction p;
  if (ms_inputs_find(context, name, inputs->frames[INPUTS], data, &found) != MS_OK) return NULL;
  for (size_t j = 0; j < found.inputs.count; j++) {
    if (found.inputs.items[j].category)
      return ms_fail_null(context, MS_EDATA, "%s: the model's part 'inputs' is not as it was made",
                          name);
  }
  if (ms_scale_read(context, name, inputs->frames[SCALE], found.inputs.count, &scale) != MS_OK ||
      ms_points_of(context, &found.inputs, NULL, &scale, &p.points) != MS_OK ||
      read_centres(context, inputs->frames[CENTRES], &found.inputs, &scale, &p) != MS_OK)
    return NULL;
  p.labels = ms_scratch(context, (size_t)data->rows + 1, sizeof *p.labels);
  ms_buffer *validity = p.labels ? ms_buffer_new(context, ms_bitmap_words(data->rows), 8) : NULL;
  ms_buffer *distances = validity ? ms_buffer_new(context, (size_t)data->rows, 8) : NULL;
  if (distances) {
    p.valid = (uint64_t *)(void *)validity->data;
    p.distances = (double *)(void *)distances->data;
    ms_bitmap_fill(p.valid, data->rows);
    if (ms_parallel(context, ms_morsels(data->rows), nearest_morsel, &p) == MS_OK)
      return lay_out(context, data, &p, validity, distances);
  }
  ms_buffer_free(validity);
  ms_buffer_free(distances);
  return NULL;
}

const ms_kernel ms_kernel_kmeans_predict = {
    .name = "kmeans_predict",
    .group = "predict",
    .brief = "the nearest centre of k-means",
    .cost = "O(rows * columns * k) time, O(rows) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = 1,
    .run = run,
};
