/* Shapley values as frames: a column an input, or the largest of each row in words. */
#include "core/kernels/mining/common/shap.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/number.h"

static ms_column *share_column(ms_context *context, const double *shares, size_t rows,
                               size_t step) {
  ms_buffer *out = ms_buffer_new(context, rows + 1, sizeof(double));
  ms_buffer *validity =
      out ? ms_buffer_zero(context, ms_bitmap_words((int64_t)rows) + 1, sizeof(uint64_t)) : NULL;
  if (!validity) {
    ms_buffer_free(out);
    return NULL;
  }
  double *to = (double *)(void *)out->data;
  for (size_t i = 0; i < rows; i++) {
    double value = shares[i * step];
    to[i] = isnan(value) ? 0 : value;
    if (!isnan(value)) ms_bit_set((uint64_t *)(void *)validity->data, (int64_t)i);
  }
  return ms_column_from_real(context, (int64_t)rows, out, validity);
}

ms_frame *ms_shap_frame(ms_context *context, const ms_input_list *inputs, double *shares,
                        double base, const double *add) {
  size_t rows = (size_t)inputs->rows, width = inputs->count + 1;
  for (size_t i = 0; i < rows; i++) shares[i * width + inputs->count] += base + (add ? add[i] : 0);
  ms_assembly out = ms_assembly_new(context, width);
  bool taken = false;
  for (size_t c = 0; c < inputs->count; c++) {
    taken |= strcmp(inputs->items[c].name, "base") == 0;
    ms_assembly_add(&out, inputs->items[c].name, share_column(context, shares + c, rows, width));
  }
  ms_assembly_add(&out, taken ? "base_value" : "base",
                  share_column(context, shares + inputs->count, rows, width));
  return ms_assembly_finish(&out, inputs->rows);
}

/* "tenure = 2 (+0.53)"; what does not fit is cut off. */
static void reason_text(const ms_input *input, size_t row, double share, char *out, size_t size) {
  char number[MS_NUMBER_SIZE];
  const char *value = "missing";
  if (input->category && input->codes[row] != MS_MISSING) {
    value = input->levels.names[input->codes[row]];
  } else if (!input->category && !isnan(input->values[row])) {
    value = number;
    if (input->type == MS_BOOLEAN)
      value = input->values[row] > 0 ? "true" : "false";
    else
      (void)ms_real_format(input->values[row], number);
  }
  (void)snprintf(out, size, "%s = %s (%+.2f)", input->name, value, share);
}

/* The input with the largest share that is not marked; inputs->count where all that are left are 0. */
static size_t largest(const double *shares, const uint8_t *marked, size_t count) {
  size_t best = count;
  for (size_t c = 0; c < count; c++) {
    if (!marked[c] && shares[c] != 0 && (best == count || fabs(shares[c]) > fabs(shares[best])))
      best = c;
  }
  return best;
}

static ms_column *reason_column(ms_context *context, const ms_input_list *inputs,
                                const double *shares, uint8_t *marked) {
  size_t rows = (size_t)inputs->rows, count = inputs->count;
  uint32_t *codes = ms_scratch_zero(context, rows + 1, sizeof *codes);
  ms_intern *intern = ms_intern_new(context);
  ms_buffer *validity =
      ms_buffer_zero(context, ms_bitmap_words((int64_t)rows) + 1, sizeof(uint64_t));
  bool fine = codes && intern && validity;
  for (size_t i = 0; fine && i < rows; i++) {
    size_t at = largest(shares + i * (count + 1), marked + i * count, count);
    if (at == count) continue;
    char text[512];
    marked[i * count + at] = 1;
    reason_text(&inputs->items[at], i, shares[i * (count + 1) + at], text, sizeof text);
    int64_t code = ms_intern_add(intern, text, strlen(text));
    fine = code >= 0;
    codes[i] = (uint32_t)code;
    ms_bit_set((uint64_t *)(void *)validity->data, (int64_t)i);
  }
  ms_dictionary *dictionary = fine ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  if (!dictionary) {
    ms_buffer_free(validity);
    return NULL;
  }
  return ms_column_from_codes(context, inputs->rows, codes, dictionary, validity);
}

ms_frame *ms_shap_reasons(ms_context *context, ms_frame *frame, const ms_input_list *inputs,
                          const double *shares, int64_t top) {
  uint8_t *marked =
      frame ? ms_scratch_zero(context, (size_t)inputs->rows * inputs->count + 1, 1) : NULL;
  for (int64_t k = 1; frame && k <= top; k++) {
    const char *name = ms_scratch_format(context, "reason_%d", (int)k);
    ms_column *column = marked && name ? reason_column(context, inputs, shares, marked) : NULL;
    ms_frame *next = column ? ms_frame_with(context, frame, name, column) : NULL;
    ms_column_free(column);
    ms_frame_free(frame);
    frame = next;
  }
  return frame;
}
