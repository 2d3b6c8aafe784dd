/* Columns one under another, and text columns over distinct dictionaries. */
#include <string.h>

#include "core/frame/adopt.h"

/* ---- distinct dictionaries ---- */

enum { ASK_ROWS = 8192 }; /* of each so many, whether to stop */

/* The dictionary with each text once, and for each old entry its new code. */
static ms_dictionary *compact(ms_context *context, const ms_dictionary *dictionary,
                              const uint32_t **codes) {
  uint32_t *canon = ms_dictionary_canon(context, dictionary);
  if (!canon) return NULL;
  const int64_t *from = (const int64_t *)(const void *)dictionary->offsets->data;
  int64_t count = 0, bytes = 0;
  for (int64_t i = 0; i < dictionary->count; i++) {
    if (canon[i] != (uint32_t)i) continue;
    count++;
    bytes += from[i + 1] - from[i];
  }
  ms_buffer *offsets = ms_buffer_new(context, (size_t)count + 1, sizeof(int64_t));
  ms_buffer *texts = offsets ? ms_buffer_new(context, (size_t)bytes, 1) : NULL;
  if (!texts) {
    ms_buffer_free(offsets);
    return NULL;
  }
  int64_t *to = (int64_t *)(void *)offsets->data;
  uint32_t code = 0;
  to[0] = 0;
  for (int64_t i = 0; i < dictionary->count; i++) {
    if (i % ASK_ROWS == 0 && ms_cancelled(context)) break;
    if (canon[i] != (uint32_t)i) {
      canon[i] = canon[canon[i]]; /* the first of its kind has its new code already */
      continue;
    }
    size_t size = (size_t)(from[i + 1] - from[i]);
    if (size) memcpy(texts->data + to[code], dictionary->bytes->data + from[i], size);
    to[code + 1] = to[code] + (int64_t)size;
    canon[i] = code++;
  }
  *codes = canon;
  if (ms_cancelled(context)) {
    ms_buffer_free(offsets);
    ms_buffer_free(texts);
    return NULL;
  }
  return ms_dictionary_new(context, count, offsets, texts, true);
}

typedef struct {
  const ms_column *column;
  const uint32_t *map;
  uint32_t *out;
} remapping;

static ms_status remap(ms_context *worker, void *state, size_t task) {
  remapping *job = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(job->column->rows, task);
  uint32_t *out = job->out + range.first;
  ms_load_codes(job->column, range.first, range.count, out);
  for (int64_t i = 0; i < range.count; i++) out[i] = job->map[out[i]];
  return MS_OK;
}

ms_column *ms_column_distinct(ms_context *context, const ms_column *column) {
  if (column->dictionary->distinct) return ms_column_share(column);
  remapping job = {.column = column};
  if (column->dictionary->count == 0) {
    /* All rows are null: any empty dictionary is distinct. */
    return ms_column_null(context, MS_TEXT, column->rows);
  }
  ms_dictionary *dictionary = compact(context, column->dictionary, &job.map);
  if (!dictionary) return NULL;
  job.out = ms_scratch(context, (size_t)column->rows, sizeof *job.out);
  if (!job.out || ms_parallel(context, ms_morsels(column->rows), remap, &job) != MS_OK) {
    ms_dictionary_free(dictionary);
    return NULL;
  }
  return ms_column_from_codes(context, column->rows, job.out, dictionary,
                              ms_buffer_share(column->validity));
}

/* ---- concatenation ---- */

static ms_buffer *concat_validity(ms_context *context, const ms_column *const *columns,
                                  size_t count, int64_t rows) {
  ms_buffer *validity = ms_buffer_zero(context, ms_bitmap_words(rows), sizeof(uint64_t));
  if (!validity) return NULL;
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  int64_t at = 0;
  for (size_t c = 0; c < count; c++) {
    for (int64_t i = 0; i < columns[c]->rows; i++, at++) {
      if (ms_column_valid(columns[c], i)) ms_bit_set(bits, at);
    }
  }
  return validity;
}

static ms_column *concat_integers(ms_context *context, const ms_column *const *columns,
                                  size_t count, int64_t rows, ms_buffer *validity) {
  int64_t *values = ms_scratch(context, (size_t)rows, sizeof *values);
  if (!values) {
    ms_buffer_free(validity);
    return NULL;
  }
  int64_t at = 0;
  for (size_t c = 0; c < count; at += columns[c++]->rows) {
    ms_load_int64(columns[c], 0, columns[c]->rows, values + at);
  }
  return ms_column_from_int64(context, columns[0]->type, rows, values, validity);
}

static ms_column *concat_reals(ms_context *context, const ms_column *const *columns, size_t count,
                               int64_t rows, ms_buffer *validity) {
  ms_buffer *values = ms_buffer_new(context, (size_t)rows, sizeof(double));
  int64_t at = 0;
  for (size_t c = 0; values && c < count; at += columns[c++]->rows) {
    ms_load_real(columns[c], 0, columns[c]->rows, (double *)(void *)values->data + at);
  }
  return ms_column_from_real(context, rows, values, validity);
}

/* Interns the used entries of each part in turn, so that the result's dictionary is distinct. */
static bool concat_codes(ms_intern *intern, const ms_column *part, ms_context *context,
                         uint32_t *out) {
  size_t entries = (size_t)part->dictionary->count;
  uint32_t *map = ms_scratch(context, entries, sizeof *map);
  if (!map) return false;
  memset(map, 0xFF, entries * sizeof *map);
  for (int64_t i = 0; i < part->rows; i++) {
    if (i % ASK_ROWS == 0 && ms_cancelled(context)) return false;
    out[i] = 0;
    if (!ms_column_valid(part, i)) continue;
    uint32_t code = ms_column_code(part, i);
    if (map[code] == UINT32_MAX) {
      ms_slice text = ms_dictionary_entry(part->dictionary, code);
      int64_t added = ms_intern_add(intern, text.data, text.size);
      if (added < 0) return false;
      map[code] = (uint32_t)added;
    }
    out[i] = map[code];
  }
  return true;
}

static ms_column *concat_texts(ms_context *context, const ms_column *const *columns, size_t count,
                               int64_t rows, ms_buffer *validity) {
  uint32_t *codes = ms_scratch(context, (size_t)rows, sizeof *codes);
  ms_intern *intern = codes ? ms_intern_new(context) : NULL;
  bool ok = intern != NULL;
  int64_t at = 0;
  for (size_t c = 0; ok && c < count; at += columns[c++]->rows) {
    ok = concat_codes(intern, columns[c], context, codes + at);
  }
  ms_dictionary *dictionary = ok ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  if (dictionary) return ms_column_from_codes(context, rows, codes, dictionary, validity);
  ms_buffer_free(validity);
  return NULL;
}

ms_column *ms_column_concat(ms_context *context, const ms_column *const *columns, size_t count) {
  if (count == 1) return ms_column_share(columns[0]);
  ms_type type = columns[0]->type;
  int64_t rows = 0;
  bool nulls = false;
  if (ms_cancelled(context)) return NULL;
  for (size_t c = 0; c < count; c++) {
    rows += columns[c]->rows;
    nulls = nulls || columns[c]->nulls;
    ms_type other = columns[c]->type;
    bool numbers =
        (type == MS_REAL && other == MS_INTEGER) || (type == MS_INTEGER && other == MS_REAL);
    if (other != type && !numbers) {
      return ms_fail_null(context, MS_ETYPE, "a %s column under a %s column", ms_type_name(other),
                          ms_type_name(type));
    }
    if (numbers) type = MS_REAL;
  }
  ms_buffer *validity = nulls ? concat_validity(context, columns, count, rows) : NULL;
  if (nulls && !validity) return NULL;
  if (type == MS_TEXT) return concat_texts(context, columns, count, rows, validity);
  if (type == MS_REAL) return concat_reals(context, columns, count, rows, validity);
  return concat_integers(context, columns, count, rows, validity);
}
