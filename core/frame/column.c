/* Columns: life, construction from arrays, single values. */
#include "core/frame/column.h"

#include <string.h>

#include "core/frame/adopt.h"

static ms_column *column_new(ms_context *context, ms_column values) {
  ms_column *column = ms_memory_take(ms_context_account(context), sizeof *column);
  if (!column) {
    ms_buffer_free(values.values);
    ms_buffer_free(values.validity);
    ms_dictionary_free(values.dictionary);
    return ms_fail_null(context, MS_EMEMORY, "not enough memory for a column");
  }
  *column = values;
  atomic_init(&column->owners, 1);
  column->nulls = 0;
  if (column->validity) {
    column->nulls = column->rows - ms_bitmap_count(ms_column_bits(column), column->rows);
    if (column->nulls == 0) {
      ms_buffer_free(column->validity);
      column->validity = NULL;
    }
  }
  return column;
}

ms_column *ms_column_share(const ms_column *column) {
  ms_column *shared = (ms_column *)(uintptr_t)column;
  if (shared) atomic_fetch_add_explicit(&shared->owners, 1, memory_order_relaxed);
  return shared;
}

void ms_column_free(ms_column *column) {
  if (!column || atomic_fetch_sub(&column->owners, 1) != 1) return;
  ms_buffer_free(column->validity);
  ms_buffer_free(column->values);
  ms_dictionary_free(column->dictionary);
  ms_memory_give(column);
}

static void release(void *column) { ms_column_free(column); }

const ms_column *ms_column_keep(ms_context *context, ms_column *column) {
  if (!column || ms_defer(context, release, column) != MS_OK) return NULL;
  return column;
}

ms_storage ms_storage_for(int64_t low, int64_t high) {
  if (low > high || (low >= INT8_MIN && high <= INT8_MAX)) return MS_INT8;
  if (low >= INT16_MIN && high <= INT16_MAX) return MS_INT16;
  if (low >= INT32_MIN && high <= INT32_MAX) return MS_INT32;
  return MS_INT64;
}

ms_column *ms_column_from_buffer(ms_context *context, ms_column_shape shape, ms_buffer *values,
                                 ms_buffer *validity) {
  if (!values) {
    ms_buffer_free(validity);
    return NULL;
  }
  return column_new(context, (ms_column){.type = shape.type,
                                         .storage = shape.storage,
                                         .rows = shape.rows,
                                         .low = shape.low,
                                         .high = shape.high,
                                         .values = values,
                                         .validity = validity});
}

/* ---- narrowing int64_t, in parallel ---- */

typedef struct {
  const int64_t *values;
  const uint64_t *valid;
  int64_t rows;
  ms_storage storage;
  void *out;
  int64_t *lows, *highs; /* a pair a morsel */
} narrowing;

static ms_status find_range(ms_context *worker, void *state, size_t task) {
  (void)worker;
  narrowing *job = state;
  ms_range range = ms_morsel(job->rows, task);
  const int64_t *values = job->values + range.first;
  int64_t low = INT64_MAX, high = INT64_MIN;
  for (int64_t i = 0; i < range.count; i++) {
    if (job->valid && !ms_bit(job->valid, range.first + i)) continue;
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  job->lows[task] = low;
  job->highs[task] = high;
  return MS_OK;
}

static ms_status narrow(ms_context *worker, void *state, size_t task) {
  (void)worker;
  narrowing *job = state;
  ms_range range = ms_morsel(job->rows, task);
  const int64_t *values = job->values + range.first;
  size_t size = ms_storage_size(job->storage);
  char *out = (char *)job->out + (size_t)range.first * size;
  int8_t *out8 = (int8_t *)out;
  int16_t *out16 = (int16_t *)(void *)out;
  int32_t *out32 = (int32_t *)(void *)out;
  if (size == 1) {
    for (int64_t i = 0; i < range.count; i++) out8[i] = (int8_t)values[i];
  } else if (size == 2) {
    for (int64_t i = 0; i < range.count; i++) out16[i] = (int16_t)values[i];
  } else if (size == 4) {
    for (int64_t i = 0; i < range.count; i++) out32[i] = (int32_t)values[i];
  } else {
    memcpy(out, values, (size_t)range.count * size);
  }
  return MS_OK;
}

ms_column *ms_column_from_int64(ms_context *context, ms_type type, int64_t rows,
                                const int64_t *values, ms_buffer *validity) {
  size_t morsels = ms_morsels(rows);
  narrowing job = {.values = values, .rows = rows};
  job.valid = validity ? (const uint64_t *)(const void *)validity->data : NULL;
  job.lows = ms_scratch(context, morsels, sizeof *job.lows);
  job.highs = job.lows ? ms_scratch(context, morsels, sizeof *job.highs) : NULL;
  if (!job.highs || ms_parallel(context, morsels, find_range, &job) != MS_OK) goto failed;
  ms_column_shape shape = {.type = type, .rows = rows, .low = INT64_MAX, .high = INT64_MIN};
  for (size_t i = 0; i < morsels; i++) {
    if (job.lows[i] < shape.low) shape.low = job.lows[i];
    if (job.highs[i] > shape.high) shape.high = job.highs[i];
  }
  shape.storage = job.storage = ms_storage_for(shape.low, shape.high);
  ms_buffer *buffer = ms_buffer_new(context, (size_t)rows, ms_storage_size(job.storage));
  if (!buffer) goto failed;
  job.out = buffer->data;
  if (ms_parallel(context, morsels, narrow, &job) != MS_OK) {
    ms_buffer_free(buffer);
    goto failed;
  }
  return ms_column_from_buffer(context, shape, buffer, validity);
failed:
  ms_buffer_free(validity);
  return NULL;
}

ms_column *ms_column_from_real(ms_context *context, int64_t rows, ms_buffer *values,
                               ms_buffer *validity) {
  ms_column_shape shape = {.type = MS_REAL, .storage = MS_FLOAT64, .rows = rows};
  return ms_column_from_buffer(context, shape, values, validity);
}

/* ---- text ---- */

ms_column *ms_column_from_texts(ms_context *context, ms_dictionary *dictionary,
                                ms_buffer *validity) {
  if (!dictionary) {
    ms_buffer_free(validity);
    return NULL;
  }
  return column_new(context, (ms_column){.type = MS_TEXT,
                                         .storage = MS_CODE_ROW,
                                         .rows = dictionary->count,
                                         .dictionary = dictionary,
                                         .validity = validity});
}

static void narrow_codes(const uint32_t *codes, int64_t rows, ms_storage storage, void *out) {
  uint8_t *out8 = out;
  uint16_t *out16 = out;
  if (storage == MS_CODE8) {
    for (int64_t i = 0; i < rows; i++) out8[i] = (uint8_t)codes[i];
  } else if (storage == MS_CODE16) {
    for (int64_t i = 0; i < rows; i++) out16[i] = (uint16_t)codes[i];
  } else if (rows) {
    memcpy(out, codes, (size_t)rows * sizeof *codes);
  }
}

ms_storage ms_code_storage(int64_t entries) {
  return entries <= UINT8_MAX + 1 ? MS_CODE8 : entries <= UINT16_MAX + 1 ? MS_CODE16 : MS_CODE32;
}

ms_column *ms_column_adopt_codes(ms_context *context, ms_column_shape shape, ms_buffer *codes,
                                 ms_dictionary *dictionary, ms_buffer *validity) {
  if (!codes || !dictionary) {
    ms_buffer_free(codes);
    ms_dictionary_free(dictionary);
    ms_buffer_free(validity);
    return NULL;
  }
  return column_new(context, (ms_column){.type = MS_TEXT,
                                         .storage = shape.storage,
                                         .rows = shape.rows,
                                         .values = codes,
                                         .dictionary = dictionary,
                                         .validity = validity});
}

ms_column *ms_column_from_codes(ms_context *context, int64_t rows, const uint32_t *codes,
                                ms_dictionary *dictionary, ms_buffer *validity) {
  ms_buffer *buffer = NULL;
  ms_column_shape shape = {.type = MS_TEXT, .rows = rows};
  if (dictionary) {
    shape.storage = ms_code_storage(dictionary->count);
    buffer = ms_buffer_new(context, (size_t)rows, ms_storage_size(shape.storage));
    if (buffer) narrow_codes(codes, rows, shape.storage, buffer->data);
  }
  return ms_column_adopt_codes(context, shape, buffer, dictionary, validity);
}

/* ---- single values ---- */

int64_t ms_column_integer(const ms_column *column, int64_t row) {
  const void *data = ms_column_data(column);
  switch (column->storage) {
    case MS_INT8: return ((const int8_t *)data)[row];
    case MS_INT16: return ((const int16_t *)data)[row];
    case MS_INT32: return ((const int32_t *)data)[row];
    case MS_INT64: return ((const int64_t *)data)[row];
    case MS_FLOAT64:
    case MS_CODE8:
    case MS_CODE16:
    case MS_CODE32:
    case MS_CODE_ROW: break;
  }
  return 0;
}

uint32_t ms_column_code(const ms_column *column, int64_t row) {
  const void *data = ms_column_data(column);
  switch (column->storage) {
    case MS_CODE8: return ((const uint8_t *)data)[row];
    case MS_CODE16: return ((const uint16_t *)data)[row];
    case MS_CODE32: return ((const uint32_t *)data)[row];
    case MS_CODE_ROW: return (uint32_t)row;
    case MS_INT8:
    case MS_INT16:
    case MS_INT32:
    case MS_INT64:
    case MS_FLOAT64: break;
  }
  return 0;
}

ms_storage ms_column_storage(const ms_column *column) { return column->storage; }
const void *ms_column_values(const ms_column *column) { return ms_column_data(column); }
const uint64_t *ms_column_validity(const ms_column *column) { return ms_column_bits(column); }
int64_t ms_column_nulls(const ms_column *column) { return column->nulls; }
int64_t ms_column_entries(const ms_column *column) {
  return column->dictionary ? column->dictionary->count : 0;
}
const char *ms_column_entry(const ms_column *column, int64_t entry, size_t *size) {
  ms_slice text = ms_dictionary_entry(column->dictionary, entry);
  *size = text.size;
  return text.data;
}
