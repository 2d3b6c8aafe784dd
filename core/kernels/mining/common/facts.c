/* Figures of a model as a whole, and reading parts that may have been changed in a database. */
#include "core/kernels/mining/common/training.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

ms_facts ms_facts_new(ms_context *context) {
  ms_builder *builder = ms_builder_new(context);
  /* What fails here is remembered by the builder. */
  if (builder) {
    (void)ms_builder_column(builder, "fact", MS_TEXT);
    (void)ms_builder_column(builder, "number", MS_REAL);
    (void)ms_builder_column(builder, "text", MS_TEXT);
  }
  return (ms_facts){builder};
}

void ms_facts_number(ms_facts *facts, const char *fact, double number) {
  if (!facts->builder) return;
  ms_builder_text(facts->builder, 0, fact, strlen(fact));
  if (isnan(number))
    ms_builder_null(facts->builder, 1);
  else
    ms_builder_real(facts->builder, 1, number);
  ms_builder_null(facts->builder, 2);
}

void ms_facts_text(ms_facts *facts, const char *fact, const char *text) {
  if (!facts->builder) return;
  ms_builder_text(facts->builder, 0, fact, strlen(fact));
  ms_builder_null(facts->builder, 1);
  ms_builder_text(facts->builder, 2, text, strlen(text));
}

ms_frame *ms_facts_finish(ms_facts *facts) {
  return facts->builder ? ms_builder_finish(facts->builder) : NULL;
}

static int64_t fact_row(const ms_frame *facts, const char *fact) {
  int64_t at = ms_frame_find(facts, "fact");
  if (at < 0 || ms_frame_type(facts, (size_t)at) != MS_TEXT) return -1;
  const ms_column *names = ms_frame_column(facts, (size_t)at);
  for (int64_t i = 0; i < facts->rows; i++) {
    if (ms_column_valid(names, i) && ms_slice_equal(ms_column_text(names, i), ms_slice_of(fact)))
      return i;
  }
  return -1;
}

double ms_facts_get(const ms_frame *facts, const char *fact, double fallback) {
  int64_t row = fact_row(facts, fact), at = ms_frame_find(facts, "number");
  if (row < 0 || at < 0 || ms_frame_type(facts, (size_t)at) == MS_TEXT) return fallback;
  const ms_column *numbers = ms_frame_column(facts, (size_t)at);
  if (!ms_column_valid(numbers, row)) return fallback;
  return numbers->type == MS_REAL ? ms_column_real(numbers, row)
                                  : (double)ms_column_integer(numbers, row);
}

const char *ms_facts_get_text(ms_context *context, const ms_frame *facts, const char *fact) {
  int64_t row = fact_row(facts, fact), at = ms_frame_find(facts, "text");
  if (row < 0 || at < 0 || ms_frame_type(facts, (size_t)at) != MS_TEXT) return "";
  const ms_column *texts = ms_frame_column(facts, (size_t)at);
  if (!ms_column_valid(texts, row)) return "";
  ms_slice text = ms_column_text(texts, row);
  return ms_scratch_text(context, text.data, text.size);
}

static const ms_column *part_column(ms_context *context, const char *kernel, const ms_frame *part,
                                    const char *column) {
  int64_t at = ms_frame_find(part, column);
  const ms_column *found = at < 0 ? NULL : ms_frame_column(part, (size_t)at);
  if (found && found->type != MS_TEXT) return found;
  return ms_fail_null(context, MS_EDATA,
                      "%s: the model has no numbers '%s'; it was changed since it was made", kernel,
                      column);
}

const double *ms_part_real(ms_context *context, const char *kernel, const ms_frame *part,
                           const char *column) {
  const ms_column *found = part_column(context, kernel, part, column);
  return found ? ms_view_real(context, found) : NULL;
}

const int64_t *ms_part_index(ms_context *context, const char *kernel, const ms_frame *part,
                             const char *column, int64_t below) {
  const ms_column *found = part_column(context, kernel, part, column);
  if (!found) return NULL;
  /* A column of whole numbers that went through a database may have come back as reals. */
  const double *values = ms_view_real(context, found);
  int64_t *out = ms_scratch(context, (size_t)part->rows + 1, sizeof *out);
  if (!values || !out) return NULL;
  for (int64_t i = 0; i < part->rows; i++) {
    if (!(values[i] >= 0 && values[i] < (double)below) || values[i] != floor(values[i])) {
      return ms_fail_null(context, MS_EDATA,
                          "%s: the model has %.15g as '%s' in row %" PRId64 ", 0 to %" PRId64
                          " wanted; it was changed since it was made",
                          kernel, values[i], column, i + 1, below - 1);
    }
    out[i] = (int64_t)values[i];
  }
  return out;
}

const ms_column *ms_part_text(const ms_frame *part, const char *column) {
  int64_t at = ms_frame_find(part, column);
  const ms_column *found = at < 0 ? NULL : ms_frame_column(part, (size_t)at);
  return found && found->type == MS_TEXT ? found : NULL;
}

bool ms_part_says(const ms_column *texts, int64_t row, const char *text) {
  return ms_column_valid(texts, row) &&
         ms_slice_equal(ms_column_text(texts, row), ms_slice_of(text));
}

void ms_part_put_text(ms_builder *part, size_t column, const char *text) {
  if (text)
    ms_builder_text(part, column, text, strlen(text));
  else
    ms_builder_null(part, column);
}

void ms_part_put_real(ms_builder *part, size_t column, double value) {
  if (isfinite(value))
    ms_builder_real(part, column, value);
  else
    ms_builder_null(part, column);
}

static void free_frame(void *frame) { ms_frame_free(frame); }

bool ms_part_attach(ms_context *context, ms_frame *frame) {
  if (frame) ms_context_attach(context, frame, free_frame);
  return frame != NULL;
}
