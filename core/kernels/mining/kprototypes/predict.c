/* The nearest prototype of each row of new data. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/kprototypes/kprototypes.h"

static const char name[] = "kprototypes_predict";

enum { DATA, PROTOTYPES, SCALE, INPUTS, FACTS, FRAMES };

static const ms_option options[] = {{0}};

typedef struct {
  ms_mixed mixed;
  ms_prototypes prototypes;
  const int64_t *names;
  int64_t *labels;
  double *distances;
  uint64_t *valid;
} prediction;

static ms_status nearest_morsel(ms_context *worker, void *state, size_t task) {
  const prediction *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(p->mixed.rows, task);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    p->labels[i] = p->names[ms_mixed_nearest(&p->mixed, &p->prototypes, i, &p->distances[i])];
    if (isnan(p->distances[i])) ms_bit_clear(p->valid, i);
  }
  return MS_OK;
}

static ms_status changed(ms_context *context) {
  return ms_fail(context, MS_EDATA, "%s: the model's part 'prototypes' is not as it was made",
                 name);
}

/* The level that a prototype's cell names. */
static bool find_level(const ms_levels *levels, ms_slice text, uint32_t *out) {
  for (size_t l = 0; l < levels->count; l++) {
    if (!ms_slice_equal(text, ms_slice_of(levels->names[l]))) continue;
    *out = (uint32_t)l;
    return true;
  }
  return false;
}

static ms_status read_category(ms_context *context, const ms_frame *part, const ms_input *input,
                               size_t at, prediction *p) {
  int64_t found = ms_frame_find(part, input->name);
  const ms_column *column = found < 0 ? NULL : ms_frame_column(part, (size_t)found);
  if (!column || column->type != MS_TEXT || column->nulls) return changed(context);
  for (size_t k = 0; k < p->prototypes.count; k++) {
    if (!find_level(&input->levels, ms_column_text(column, (int64_t)k),
                    &p->prototypes.codes[k * p->mixed.categories + at]))
      return changed(context);
  }
  return MS_OK;
}

static ms_status read_prototypes(ms_context *context, const ms_frame *part,
                                 const ms_input_list *inputs, prediction *p) {
  size_t k = (size_t)part->rows, number = 0, category = 0;
  p->prototypes.count = k;
  p->prototypes.numbers = ms_scratch(context, k * p->mixed.numbers + 1, sizeof(double));
  p->prototypes.codes = ms_scratch(context, k * p->mixed.categories + 1, sizeof(uint32_t));
  if (!p->prototypes.numbers || !p->prototypes.codes) return MS_EMEMORY;
  for (size_t j = 0; j < inputs->count; j++) {
    const ms_input *input = &inputs->items[j];
    if (input->category) {
      ms_status status = read_category(context, part, input, category++, p);
      if (status != MS_OK) return status;
      continue;
    }
    const double *values = ms_part_real(context, name, part, input->name);
    if (!values) return ms_error_status(context);
    for (size_t c = 0; c < k; c++) {
      if (!isfinite(values[c])) return changed(context);
      p->prototypes.numbers[c * p->mixed.numbers + number] =
          (values[c] - p->mixed.centre[number]) / p->mixed.spread[number];
    }
    number++;
  }
  p->names = ms_part_index(context, name, part, "cluster", INT64_C(1) << 53);
  if (!p->names) return ms_error_status(context);
  return k ? MS_OK : changed(context);
}

static ms_status read_model(ms_context *context, const ms_inputs *inputs, prediction *p) {
  ms_inputs_found found;
  ms_scale scale;
  ms_status status =
      ms_inputs_find(context, name, inputs->frames[INPUTS], inputs->frames[DATA], &found);
  if (status == MS_OK) status = ms_mixed_of(context, &found.inputs, &p->mixed);
  if (status == MS_OK)
    status = ms_scale_read(context, name, inputs->frames[SCALE], p->mixed.numbers, &scale);
  if (status != MS_OK) return status;
  p->mixed.centre = scale.centre;
  p->mixed.spread = scale.spread;
  p->mixed.gamma = ms_facts_get(inputs->frames[FACTS], "gamma", NAN);
  if (!(p->mixed.gamma >= 0))
    return ms_fail(context, MS_EDATA, "%s: the model's part 'facts' is not as it was made", name);
  return read_prototypes(context, inputs->frames[PROTOTYPES], &found.inputs, p);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  (void)checked;
  const ms_frame *data = inputs->frames[DATA];
  prediction p;
  if (read_model(context, inputs, &p) != MS_OK) return NULL;
  p.labels = ms_scratch(context, (size_t)data->rows + 1, sizeof *p.labels);
  ms_buffer *validity = p.labels ? ms_buffer_new(context, ms_bitmap_words(data->rows), 8) : NULL;
  ms_buffer *distances = validity ? ms_buffer_new(context, (size_t)data->rows, 8) : NULL;
  if (distances) {
    p.valid = (uint64_t *)(void *)validity->data;
    p.distances = (double *)(void *)distances->data;
    ms_bitmap_fill(p.valid, data->rows);
    if (ms_parallel(context, ms_morsels(data->rows), nearest_morsel, &p) == MS_OK) {
      ms_buffer *again = ms_buffer_share(validity);
      ms_frame *frame = ms_predict_with(
          context, ms_frame_share(data), "cluster",
          ms_column_from_int64(context, MS_INTEGER, data->rows, p.labels, validity));
      return ms_predict_with(context, frame, "distance",
                             ms_column_from_real(context, data->rows, distances, again));
    }
  }
  ms_buffer_free(validity);
  ms_buffer_free(distances);
  return NULL;
}

const ms_kernel ms_kernel_kprototypes_predict = {
    .name = "kprototypes_predict",
    .group = "predict",
    .brief = "the nearest prototype",
    .cost = "O(rows * columns * k) time, O(rows) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = 1,
    .run = run,
};
