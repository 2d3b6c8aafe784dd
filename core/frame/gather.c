/* Columns made from rows of others: gather, slice, repeat.
 *
 * Storage and dictionary stay those of the source, so only codes and numbers are moved. */
#include <string.h>

#include "core/frame/adopt.h"

typedef struct {
  const ms_column *column;
  const uint32_t *index;
  int64_t count;
  void *out;
  uint64_t *valid; /* NULL: nothing is null */
  bool missing;    /* the index may hold MS_MISSING */
} gathering;

/* Loads that lie AHEAD rows before their use are asked for early: the rows of a join come in any
 * order. */
enum { AHEAD = 16 };

#define GATHER(T)                                                                                  \
  static void gather_##T(const T *restrict from, const uint32_t *restrict index, int64_t count,    \
                         T *restrict out) {                                                        \
    int64_t i = 0;                                                                                 \
    for (; i + AHEAD < count; i++) {                                                               \
      __builtin_prefetch(from + index[i + AHEAD]);                                                 \
      out[i] = from[index[i]];                                                                     \
    }                                                                                              \
    for (; i < count; i++) out[i] = from[index[i]];                                                \
  }                                                                                                \
  static void gather_missing_##T(const T *restrict from, const uint32_t *restrict index,           \
                                 int64_t count, T *restrict out) {                                 \
    for (int64_t i = 0; i < count; i++) out[i] = index[i] == MS_MISSING ? 0 : from[index[i]];      \
  }
GATHER(uint8_t)
GATHER(uint16_t)
GATHER(uint32_t)
GATHER(uint64_t)

static void gather_values(const gathering *job, ms_range range, size_t size) {
  const void *from = ms_column_data(job->column);
  const uint32_t *index = job->index + range.first;
  void *out = (char *)job->out + (size_t)range.first * size;
  if (job->missing) {
    if (size == 1) gather_missing_uint8_t(from, index, range.count, out);
    if (size == 2) gather_missing_uint16_t(from, index, range.count, out);
    if (size == 4) gather_missing_uint32_t(from, index, range.count, out);
    if (size == 8) gather_missing_uint64_t(from, index, range.count, out);
  } else {
    if (size == 1) gather_uint8_t(from, index, range.count, out);
    if (size == 2) gather_uint16_t(from, index, range.count, out);
    if (size == 4) gather_uint32_t(from, index, range.count, out);
    if (size == 8) gather_uint64_t(from, index, range.count, out);
  }
}

/* Text without codes: the index is the code. */
static void gather_rows(const gathering *job, ms_range range) {
  const uint32_t *index = job->index + range.first;
  uint32_t *out = (uint32_t *)job->out + range.first;
  for (int64_t i = 0; i < range.count; i++) out[i] = index[i] == MS_MISSING ? 0 : index[i];
}

static ms_status gather_morsel(ms_context *worker, void *state, size_t task) {
  (void)worker;
  gathering *job = state;
  ms_range range = ms_morsel(job->count, task);
  if (job->column->storage == MS_CODE_ROW) {
    gather_rows(job, range);
  } else {
    gather_values(job, range, ms_storage_size(job->column->storage));
  }
  if (!job->valid) return MS_OK;
  const uint64_t *bits = ms_column_bits(job->column);
  const uint32_t *index = job->index + range.first;
  for (int64_t i = 0; i < range.count; i += 64) {
    uint64_t word = 0;
    int64_t stop = range.count - i < 64 ? range.count - i : 64;
    for (int64_t j = 0; j < stop; j++) {
      uint32_t row = index[i + j];
      bool valid = row != MS_MISSING && (!bits || ms_bit(bits, row));
      word |= (uint64_t)valid << j;
    }
    job->valid[(range.first + i) / 64] = word;
  }
  return MS_OK;
}

/* A column of the same type, dictionary and bounds over new values; takes the buffers over. */
static ms_column *like(ms_context *context, const ms_column *column, ms_column_shape shape,
                       ms_buffer *values, ms_buffer *validity) {
  shape.type = column->type;
  shape.low = column->low;
  shape.high = column->high;
  if (column->type != MS_TEXT) return ms_column_from_buffer(context, shape, values, validity);
  return ms_column_adopt_codes(context, shape, values, ms_dictionary_share(column->dictionary),
                               validity);
}

static bool any_missing(const uint32_t *index, int64_t count) {
  uint32_t most = 0;
  for (int64_t i = 0; i < count; i++) most = index[i] > most ? index[i] : most;
  return most == MS_MISSING;
}

ms_column *ms_column_gather(ms_context *context, const ms_column *column, const uint32_t *index,
                            int64_t count) {
  ms_storage storage = column->storage == MS_CODE_ROW ? MS_CODE32 : column->storage;
  ms_buffer *values = ms_buffer_new(context, (size_t)count, ms_storage_size(storage));
  ms_buffer *validity = NULL;
  gathering job = {column, index, count, NULL, NULL, any_missing(index, count)};
  if (!values) return NULL;
  job.out = values->data;
  if (job.missing || column->validity) {
    validity = ms_buffer_new(context, ms_bitmap_words(count), sizeof(uint64_t));
    if (!validity) goto failed;
    job.valid = (uint64_t *)(void *)validity->data;
  }
  if (ms_parallel(context, ms_morsels(count), gather_morsel, &job) != MS_OK) goto failed;
  ms_column_shape shape = {.storage = storage, .rows = count};
  return like(context, column, shape, values, validity);
failed:
  ms_buffer_free(values);
  ms_buffer_free(validity);
  return NULL;
}

ms_column *ms_column_slice(ms_context *context, const ms_column *column, int64_t first,
                           int64_t count) {
  if (first == 0 && count == column->rows) return ms_column_share(column);
  ms_storage storage = column->storage == MS_CODE_ROW ? MS_CODE32 : column->storage;
  size_t size = ms_storage_size(storage);
  ms_buffer *values = ms_buffer_new(context, (size_t)count, size), *validity = NULL;
  if (!values) return NULL;
  if (column->storage == MS_CODE_ROW) {
    uint32_t *codes = (uint32_t *)(void *)values->data;
    for (int64_t i = 0; i < count; i++) codes[i] = (uint32_t)(first + i);
  } else if (count) {
    memcpy(values->data, (const char *)ms_column_data(column) + (size_t)first * size,
           (size_t)count * size);
  }
  if (column->validity) {
    validity = ms_buffer_zero(context, ms_bitmap_words(count), sizeof(uint64_t));
    if (!validity) {
      ms_buffer_free(values);
      return NULL;
    }
    uint64_t *bits = (uint64_t *)(void *)validity->data;
    for (int64_t i = 0; i < count; i++) {
      if (ms_column_valid(column, first + i)) ms_bit_set(bits, i);
    }
  }
  ms_column_shape shape = {.storage = storage, .rows = count};
  return like(context, column, shape, values, validity);
}

ms_column *ms_column_repeat(ms_context *context, const ms_column *column, int64_t row,
                            int64_t rows) {
  uint32_t *index = ms_scratch(context, (size_t)rows, sizeof *index);
  if (!index) return NULL;
  for (int64_t i = 0; i < rows; i++) index[i] = (uint32_t)row;
  return ms_column_gather(context, column, index, rows);
}

ms_column *ms_column_null(ms_context *context, ms_type type, int64_t rows) {
  ms_column_shape shape = {.type = type, .storage = MS_INT8, .rows = rows, .low = 1, .high = 0};
  if (type == MS_REAL) shape.storage = MS_FLOAT64;
  if (type == MS_TEXT) shape.storage = MS_CODE8;
  ms_buffer *values = ms_buffer_zero(context, (size_t)rows, ms_storage_size(shape.storage));
  ms_buffer *validity = NULL;
  if (values) validity = ms_buffer_zero(context, ms_bitmap_words(rows), sizeof(uint64_t));
  if (!validity) {
    ms_buffer_free(values);
    return NULL;
  }
  if (type != MS_TEXT) return ms_column_from_buffer(context, shape, values, validity);
  ms_intern *empty = ms_intern_new(context);
  ms_dictionary *dictionary = empty ? ms_intern_done(empty) : NULL;
  ms_intern_free(empty);
  return ms_column_adopt_codes(context, shape, values, dictionary, validity);
}
