/* Values of a column widened: a stretch into an array, or the whole as one array. */
#include <math.h>
#include <string.h>

#include "core/frame/column.h"

void ms_load_int64(const ms_column *column, int64_t first, int64_t count, int64_t *out) {
  const void *data = ms_column_data(column);
  const int8_t *in8 = (const int8_t *)data;
  const int16_t *in16 = (const int16_t *)data;
  const int32_t *in32 = (const int32_t *)data;
  if (count == 0) return;
  switch (column->storage) {
    case MS_INT8:
      for (int64_t i = 0; i < count; i++) out[i] = in8[first + i];
      break;
    case MS_INT16:
      for (int64_t i = 0; i < count; i++) out[i] = in16[first + i];
      break;
    case MS_INT32:
      for (int64_t i = 0; i < count; i++) out[i] = in32[first + i];
      break;
    case MS_INT64: memcpy(out, (const int64_t *)data + first, (size_t)count * sizeof *out); break;
    case MS_FLOAT64:
    case MS_CODE8:
    case MS_CODE16:
    case MS_CODE32:
    case MS_CODE_ROW: memset(out, 0, (size_t)count * sizeof *out); break;
  }
}

void ms_load_real(const ms_column *column, int64_t first, int64_t count, double *out) {
  const void *data = ms_column_data(column);
  const int8_t *in8 = (const int8_t *)data;
  const int16_t *in16 = (const int16_t *)data;
  const int32_t *in32 = (const int32_t *)data;
  const int64_t *in64 = (const int64_t *)data;
  if (count == 0) return;
  switch (column->storage) {
    case MS_INT8:
      for (int64_t i = 0; i < count; i++) out[i] = in8[first + i];
      break;
    case MS_INT16:
      for (int64_t i = 0; i < count; i++) out[i] = in16[first + i];
      break;
    case MS_INT32:
      for (int64_t i = 0; i < count; i++) out[i] = in32[first + i];
      break;
    case MS_INT64:
      for (int64_t i = 0; i < count; i++) out[i] = (double)in64[first + i];
      break;
    case MS_FLOAT64: memcpy(out, (const double *)data + first, (size_t)count * sizeof *out); break;
    case MS_CODE8:
    case MS_CODE16:
    case MS_CODE32:
    case MS_CODE_ROW: memset(out, 0, (size_t)count * sizeof *out); break;
  }
}

void ms_load_codes(const ms_column *column, int64_t first, int64_t count, uint32_t *out) {
  const void *data = ms_column_data(column);
  const uint8_t *in8 = (const uint8_t *)data;
  const uint16_t *in16 = (const uint16_t *)data;
  if (count == 0) return;
  switch (column->storage) {
    case MS_CODE8:
      for (int64_t i = 0; i < count; i++) out[i] = in8[first + i];
      break;
    case MS_CODE16:
      for (int64_t i = 0; i < count; i++) out[i] = in16[first + i];
      break;
    case MS_CODE32: memcpy(out, (const uint32_t *)data + first, (size_t)count * sizeof *out); break;
    case MS_CODE_ROW:
      for (int64_t i = 0; i < count; i++) out[i] = (uint32_t)(first + i);
      break;
    case MS_INT8:
    case MS_INT16:
    case MS_INT32:
    case MS_INT64:
    case MS_FLOAT64: memset(out, 0, (size_t)count * sizeof *out); break;
  }
}

typedef struct {
  const ms_column *column;
  void *out;
  void (*load)(const ms_column *column, int64_t first, int64_t count, void *out, size_t at);
} viewing;

static void load_real(const ms_column *column, int64_t first, int64_t count, void *out, size_t at) {
  double *values = (double *)out + at;
  ms_load_real(column, first, count, values);
  if (!column->validity) return;
  for (int64_t i = 0; i < count; i++) {
    if (!ms_column_valid(column, first + i)) values[i] = NAN;
  }
}
static void load_int64(const ms_column *column, int64_t first, int64_t count, void *out,
                       size_t at) {
  ms_load_int64(column, first, count, (int64_t *)out + at);
}
static void load_codes(const ms_column *column, int64_t first, int64_t count, void *out,
                       size_t at) {
  ms_load_codes(column, first, count, (uint32_t *)out + at);
}

static ms_status view_morsel(ms_context *worker, void *state, size_t task) {
  (void)worker;
  viewing *job = state;
  ms_range range = ms_morsel(job->column->rows, task);
  job->load(job->column, range.first, range.count, job->out, (size_t)range.first);
  return MS_OK;
}

static const void *view(ms_context *context, viewing job, size_t size) {
  job.out = ms_scratch(context, (size_t)job.column->rows, size);
  if (!job.out) return NULL;
  size_t morsels = ms_morsels(job.column->rows);
  return ms_parallel(context, morsels, view_morsel, &job) == MS_OK ? job.out : NULL;
}

const double *ms_view_real(ms_context *context, const ms_column *column) {
  if (column->type == MS_TEXT) {
    return ms_fail_null(context, MS_ETYPE, "a text column where numbers are wanted");
  }
  if (column->storage == MS_FLOAT64 && !column->validity) return ms_column_data(column);
  return view(context, (viewing){column, NULL, load_real}, sizeof(double));
}

const int64_t *ms_view_int64(ms_context *context, const ms_column *column) {
  if (column->type == MS_TEXT || column->type == MS_REAL) {
    return ms_fail_null(context, MS_ETYPE, "a %s column where integers are wanted",
                        ms_type_name(column->type));
  }
  if (column->storage == MS_INT64) return ms_column_data(column);
  return view(context, (viewing){column, NULL, load_int64}, sizeof(int64_t));
}

const uint32_t *ms_view_codes(ms_context *context, const ms_column *column) {
  if (column->type != MS_TEXT) {
    return ms_fail_null(context, MS_ETYPE, "a %s column where text is wanted",
                        ms_type_name(column->type));
  }
  if (column->storage == MS_CODE32) return ms_column_data(column);
  return view(context, (viewing){column, NULL, load_codes}, sizeof(uint32_t));
}
