/* The columns that a prediction adds to the data. */
#include "core/kernels/mining/common/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The reals as a column, null where they are NaN. */
static ms_column *real_column(ms_context *context, const double *values, int64_t rows,
                              size_t step) {
  ms_buffer *out = ms_buffer_new(context, (size_t)rows + 1, sizeof(double));
  ms_buffer *validity =
      out ? ms_buffer_zero(context, ms_bitmap_words(rows) + 1, sizeof(uint64_t)) : NULL;
  if (!validity) {
    ms_buffer_free(out);
    return NULL;
  }
  double *to = (double *)(void *)out->data;
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (int64_t i = 0; i < rows; i++) {
    double value = values[(size_t)i * step];
    to[i] = isnan(value) ? 0 : value;
    if (!isnan(value)) ms_bit_set(bits, i);
  }
  return ms_column_from_real(context, rows, out, validity);
}

ms_frame *ms_predict_with(ms_context *context, ms_frame *frame, const char *name,
                          ms_column *column) {
  ms_frame *result = frame && column && name ? ms_frame_with(context, frame, name, column) : NULL;
  ms_column_free(column);
  ms_frame_free(frame);
  return result;
}

ms_frame *ms_predict_numbers(ms_context *context, const ms_frame *data, const double *values) {
  return ms_predict_with(context, ms_frame_share(data), "prediction",
                         real_column(context, values, data->rows, 1));
}

/* The predicted class of each row: MS_MISSING where a probability is NaN. */
static void choose(const double *probabilities, int64_t rows, size_t levels, uint32_t *out) {
  for (int64_t i = 0; i < rows; i++) {
    const double *p = probabilities + (size_t)i * levels;
    if (isnan(p[levels - 1])) {
      out[i] = MS_MISSING;
      continue;
    }
    uint32_t best = 0;
    for (uint32_t k = 1; k < levels; k++) {
      if (p[k] > p[best]) best = k;
    }
    out[i] = levels == 2 ? p[1] >= 0.5 : best;
  }
}

/* Codes of the levels' own dictionary: a row without a prediction has the null's bit and code 0. */
static ms_column *text_column(ms_context *context, const ms_levels *levels, uint32_t *chosen,
                              int64_t rows, ms_buffer *validity) {
  ms_intern *intern = ms_intern_new(context);
  bool fine = intern != NULL;
  for (size_t k = 0; fine && k < levels->count; k++) {
    fine = ms_intern_add(intern, levels->names[k], strlen(levels->names[k])) >= 0;
  }
  ms_dictionary *dictionary = fine ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  if (!dictionary) {
    ms_buffer_free(validity);
    return NULL;
  }
  return ms_column_from_codes(context, rows, chosen, dictionary, validity);
}

/* The chosen levels as values of the target's type. */
static ms_column *level_column(ms_context *context, const ms_target *target, const uint32_t *chosen,
                               int64_t rows) {
  uint32_t *codes = ms_scratch(context, (size_t)rows + 1, sizeof *codes);
  int64_t *values = ms_scratch(context, (size_t)rows + 1, sizeof *values);
  int64_t *whole = ms_scratch(context, target->levels.count, sizeof *whole);
  ms_buffer *validity = ms_buffer_zero(context, ms_bitmap_words(rows) + 1, sizeof(uint64_t));
  if (!codes || !values || !whole || !validity) {
    ms_buffer_free(validity);
    return NULL;
  }
  for (size_t k = 0; k < target->levels.count; k++) {
    const char *name = target->levels.names[k];
    whole[k] = strcmp(name, "true") == 0 ? 1 : strtoll(name, NULL, 10);
  }
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (int64_t i = 0; i < rows; i++) {
    bool known = chosen[i] != MS_MISSING;
    codes[i] = known ? chosen[i] : 0;
    values[i] = whole[codes[i]];
    if (known) ms_bit_set(bits, i);
  }
  if (target->type == MS_TEXT) return text_column(context, &target->levels, codes, rows, validity);
  return ms_column_from_int64(context, target->type, rows, values, validity);
}

static ms_column *probability_column(ms_context *context, const double *probabilities,
                                     size_t levels, const uint32_t *chosen, int64_t rows) {
  if (levels == 2) return real_column(context, probabilities + 1, rows, 2);
  double *best = ms_scratch(context, (size_t)rows + 1, sizeof *best);
  if (!best) return NULL;
  for (int64_t i = 0; i < rows; i++) {
    best[i] = chosen[i] == MS_MISSING ? NAN : probabilities[(size_t)i * levels + chosen[i]];
  }
  return real_column(context, best, rows, 1);
}

ms_frame *ms_predict_chosen(ms_context *context, const ms_frame *data, const ms_target *target,
                            ms_chosen chosen, bool each) {
  size_t levels = target->levels.count;
  int64_t rows = data->rows;
  ms_frame *frame = ms_predict_with(context, ms_frame_share(data), "prediction",
                                    level_column(context, target, chosen.codes, rows));
  if (!frame) return NULL;
  frame = ms_predict_with(
      context, frame, "probability",
      probability_column(context, chosen.probabilities, levels, chosen.codes, rows));
  for (size_t k = 0; each && frame && k < levels; k++) {
    const char *name = ms_scratch_format(context, "probability_%s", target->levels.names[k]);
    ms_column *column = name ? real_column(context, chosen.probabilities + k, rows, levels) : NULL;
    frame = ms_predict_with(context, frame, name, column);
  }
  return frame;
}

ms_frame *ms_predict_classes(ms_context *context, const ms_frame *data, const ms_target *target,
                             const double *probabilities, bool each) {
  uint32_t *chosen = ms_scratch(context, (size_t)data->rows + 1, sizeof *chosen);
  if (!chosen) return NULL;
  choose(probabilities, data->rows, target->levels.count, chosen);
  return ms_predict_chosen(context, data, target, (ms_chosen){probabilities, chosen}, each);
}
