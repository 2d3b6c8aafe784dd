/* Parts, read one beside the other, into one frame: in the order of the parts, so that the result does not
 * depend on who read what when. */
#include <string.h>

#include "core/io/sqlite_part.h"

typedef struct {
  ms_part *parts;
  size_t count, column;
  int64_t rows;
  const int64_t *first; /* row of the frame that each part begins with */
  unsigned seen;
  ms_sqlite_kind kind;
  /* what the tasks write */
  ms_storage storage;
  void *out;
  uint32_t *codes;
  const uint32_t *const *maps; /* of each part: its codes to those of the column */
} joining;

static const ms_cells *cells_of(const joining *j, size_t part) {
  return &j->parts[part].columns[j->column];
}

/* ---- validity ---------------------------------------------------------------------------------- */

/* NULL with *ok where no cell is null. */
static ms_buffer *join_validity(ms_context *context, const joining *j, bool *ok) {
  *ok = true;
  if (!(j->seen & 1U << CELL_NULL)) return NULL;
  ms_buffer *validity = ms_buffer_zero(context, ms_bitmap_words(j->rows), sizeof(uint64_t));
  *ok = validity != NULL;
  if (!validity) return NULL;
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (size_t p = 0; p < j->count; p++) {
    const uint8_t *classes = cells_of(j, p)->classes;
    for (int64_t i = 0; i < j->parts[p].rows; i++) {
      if (classes[i] != CELL_NULL) ms_bit_set(bits, j->first[p] + i);
    }
  }
  return validity;
}

/* ---- numbers ----------------------------------------------------------------------------------- */

static ms_status copy_integers(ms_context *worker, void *state, size_t task) {
  (void)worker;
  const joining *j = state;
  const int64_t *values = cells_of(j, task)->values;
  int64_t rows = j->parts[task].rows, first = j->first[task];
  size_t size = ms_storage_size(j->storage);
  char *at = (char *)j->out + (size_t)first * size;
  int8_t *out8 = (int8_t *)at;
  int16_t *out16 = (int16_t *)(void *)at;
  int32_t *out32 = (int32_t *)(void *)at;
  if (size == 1) {
    for (int64_t i = 0; i < rows; i++) out8[i] = (int8_t)values[i];
  } else if (size == 2) {
    for (int64_t i = 0; i < rows; i++) out16[i] = (int16_t)values[i];
  } else if (size == 4) {
    for (int64_t i = 0; i < rows; i++) out32[i] = (int32_t)values[i];
  } else if (rows) {
    memcpy(at, values, (size_t)rows * size);
  }
  return MS_OK;
}

static ms_column *join_integers(ms_context *context, joining *j, ms_type type,
                                ms_buffer *validity) {
  ms_column_shape shape = {.type = type, .rows = j->rows, .low = INT64_MAX, .high = INT64_MIN};
  for (size_t p = 0; p < j->count; p++) {
    const ms_cells *cells = cells_of(j, p);
    if (cells->low < shape.low) shape.low = cells->low;
    if (cells->high > shape.high) shape.high = cells->high;
  }
  shape.storage = j->storage = ms_storage_for(shape.low, shape.high);
  ms_buffer *buffer = ms_buffer_new(context, (size_t)j->rows, ms_storage_size(j->storage));
  if (buffer) j->out = buffer->data;
  if (buffer && ms_parallel(context, j->count, copy_integers, j) != MS_OK) {
    ms_buffer_free(buffer);
    buffer = NULL;
  }
  return ms_column_from_buffer(context, shape, buffer, validity);
}

static ms_status copy_reals(ms_context *worker, void *state, size_t task) {
  (void)worker;
  const joining *j = state;
  const ms_cells *cells = cells_of(j, task);
  double *out = (double *)j->out + j->first[task];
  for (int64_t i = 0; i < j->parts[task].rows; i++) {
    if (cells->classes[i] == CELL_INTEGER) {
      out[i] = (double)cells->values[i];
    } else {
      memcpy(&out[i], &cells->values[i], sizeof *out);
    }
  }
  return MS_OK;
}

static ms_column *join_reals(ms_context *context, joining *j, ms_buffer *validity) {
  ms_buffer *buffer = ms_buffer_new(context, (size_t)j->rows, sizeof(double));
  if (buffer) j->out = buffer->data;
  if (buffer && ms_parallel(context, j->count, copy_reals, j) != MS_OK) {
    ms_buffer_free(buffer);
    buffer = NULL;
  }
  return ms_column_from_real(context, j->rows, buffer, validity);
}

/* ---- texts ------------------------------------------------------------------------------------- */

static ms_status copy_codes(ms_context *worker, void *state, size_t task) {
  (void)worker;
  const joining *j = state;
  const ms_cells *cells = cells_of(j, task);
  uint32_t *out = j->codes + j->first[task];
  for (int64_t i = 0; i < j->parts[task].rows; i++) {
    out[i] = cells->classes[i] == CELL_TEXT ? j->maps[task][cells->values[i]] : 0;
  }
  return MS_OK;
}

/* Each text once, in the order of first appearance. */
static ms_dictionary *join_distinct(ms_context *context, joining *j, const uint32_t **maps) {
  ms_intern *intern = ms_intern_new(context);
  bool ok = intern != NULL;
  for (size_t p = 0; ok && p < j->count; p++) {
    const ms_intern *from = cells_of(j, p)->intern;
    int64_t count = from ? ms_intern_count(from) : 0;
    uint32_t *map = ms_scratch(context, (size_t)count, sizeof *map);
    ok = map != NULL;
    for (int64_t i = 0; ok && i < count; i++) {
      ms_slice text = ms_intern_entry(from, i);
      int64_t code = ms_intern_add(intern, text.data, text.size);
      ok = code >= 0;
      map[i] = (uint32_t)code;
    }
    maps[p] = map;
  }
  ms_dictionary *dictionary = ok ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  return dictionary;
}

/* All entries of all parts one behind the other, equal ones not looked for. */
static ms_dictionary *join_plain(ms_context *context, joining *j, const uint32_t **maps) {
  ms_intern *intern = ms_intern_new(context);
  bool ok = intern != NULL;
  int64_t at = 0;
  for (size_t p = 0; ok && p < j->count; p++) {
    const ms_intern *from = cells_of(j, p)->intern;
    int64_t count = from ? ms_intern_count(from) : 0;
    uint32_t *map = ms_scratch(context, (size_t)count, sizeof *map);
    ok = map != NULL;
    for (int64_t i = 0; ok && i < count; i++) {
      ms_slice text = ms_intern_entry(from, i);
      ok = ms_intern_append(intern, text.data, text.size) >= 0;
      map[i] = (uint32_t)at++;
    }
    maps[p] = map;
  }
  ms_dictionary *dictionary = ok ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  return dictionary;
}

static ms_column *join_texts(ms_context *context, joining *j, ms_buffer *validity) {
  int64_t texts = 0, entries = 0;
  for (size_t p = 0; p < j->count; p++) {
    const ms_cells *cells = cells_of(j, p);
    texts += cells->texts;
    entries += cells->intern ? ms_intern_count(cells->intern) : 0;
  }
  const uint32_t **maps = ms_scratch(context, j->count, sizeof *maps);
  bool plain = entries * 2 > texts && entries > MS_MORSEL;
  ms_dictionary *dictionary = NULL;
  if (maps) dictionary = plain ? join_plain(context, j, maps) : join_distinct(context, j, maps);
  if (!dictionary) {
    ms_buffer_free(validity);
    return NULL;
  }
  if (plain && entries == j->rows) return ms_column_from_texts(context, dictionary, validity);
  j->codes = ms_scratch(context, (size_t)j->rows, sizeof *j->codes);
  j->maps = maps;
  if (!j->codes || ms_parallel(context, j->count, copy_codes, j) != MS_OK) {
    ms_dictionary_free(dictionary);
    ms_buffer_free(validity);
    return NULL;
  }
  return ms_column_from_codes(context, j->rows, j->codes, dictionary, validity);
}

/* A column of numbers and texts: numbers become the texts that SQLite makes of them. */
static ms_status numbers_to_texts(ms_context *context, joining *j) {
  char text[64];
  for (size_t p = 0; p < j->count; p++) {
    ms_cells *cells = &j->parts[p].columns[j->column];
    if (!cells->intern && !(cells->intern = ms_intern_new(context))) return MS_EMEMORY;
    for (int64_t i = 0; i < j->parts[p].rows; i++) {
      double real;
      if (cells->classes[i] == CELL_INTEGER) {
        (void)sqlite3_snprintf(sizeof text, text, "%lld", (long long)cells->values[i]);
      } else if (cells->classes[i] == CELL_REAL) {
        memcpy(&real, &cells->values[i], sizeof real);
        (void)sqlite3_snprintf(sizeof text, text, "%!.15g", real);
      } else {
        continue;
      }
      cells->values[i] = ms_intern_append(cells->intern, text, strlen(text));
      if (cells->values[i] < 0) {
        return ms_fail(context, MS_EMEMORY, "not enough memory for the texts of a column");
      }
      cells->classes[i] = CELL_TEXT;
      cells->texts++;
    }
  }
  return MS_OK;
}

/* ---- columns ----------------------------------------------------------------------------------- */

static ms_type type_of(const joining *j) {
  if (j->kind != MS_READ_INFER) return ms_sqlite_kind_type(j->kind);
  if (j->seen & 1U << CELL_TEXT) return MS_TEXT;
  if (j->seen & 1U << CELL_REAL) return MS_REAL;
  return j->seen & 1U << CELL_INTEGER ? MS_INTEGER : MS_TEXT;
}

static void look(joining *j) {
  j->seen = 0;
  for (size_t p = 0; p < j->count; p++) {
    const uint8_t *classes = cells_of(j, p)->classes;
    unsigned seen = cells_of(j, p)->seen;
    for (int64_t i = 0; i < j->parts[p].rows && !(seen & 1U << CELL_NULL); i++) {
      if (classes[i] == CELL_NULL) seen |= 1U << CELL_NULL;
    }
    j->seen |= seen;
  }
}

static ms_column *join_column(ms_context *context, joining *j, const ms_sqlite_field *field) {
  look(j);
  ms_type type = type_of(j);
  unsigned numbers = 1U << CELL_INTEGER | 1U << CELL_REAL;
  if (j->seen == 1U << CELL_NULL || j->seen == 0) return ms_column_null(context, type, j->rows);
  if (type == MS_TEXT && (j->seen & numbers)) {
    ms_warn(context, "%s%s%s holds numbers and texts: read as text", field->table,
            field->table[0] ? "." : "", field->name);
    if (numbers_to_texts(context, j) != MS_OK) return NULL;
  }
  bool ok;
  ms_buffer *validity = join_validity(context, j, &ok);
  if (!ok) return NULL;
  if (type == MS_TEXT) return join_texts(context, j, validity);
  if (type == MS_REAL) return join_reals(context, j, validity);
  return join_integers(context, j, type, validity);
}

/* Reports values that were read as null; true where the columns must be read again as text. */
static bool contradictions(ms_context *context, ms_sqlite_plan *plan, const ms_part *parts,
                           size_t count) {
  bool again = false;
  for (size_t c = 0; c < plan->count; c++) {
    int64_t found = 0, rowid = -1;
    for (size_t p = 0; p < count; p++) {
      const ms_cells *cells = &parts[p].columns[c];
      if (found == 0 && cells->mismatches) rowid = cells->mismatch_rowid;
      found += cells->mismatches;
    }
    if (!found) continue;
    ms_sqlite_field *field = &plan->fields[c];
    if (plan->on_mismatch == MS_MISMATCH_TEXT) {
      field->kind = MS_READ_ANY;
      again = true;
      continue;
    }
    const char *where =
        plan->rowid ? ms_scratch_format(context, " (first: rowid %lld)", (long long)rowid) : "";
    ms_warn(context, "%s%s%s: %lld value%s not %s, read as null%s", field->table,
            field->table[0] ? "." : "", field->name, (long long)found, found == 1 ? " is" : "s are",
            ms_type_name(ms_sqlite_kind_type(field->kind)), where ? where : "");
  }
  return again;
}

ms_frame *ms_parts_frame(ms_context *context, ms_sqlite_plan *plan, ms_part *parts, size_t count,
                         bool *again) {
  *again = contradictions(context, plan, parts, count);
  if (*again) return NULL;
  int64_t *first = ms_scratch(context, count, sizeof *first), rows = 0;
  if (!first) return NULL;
  for (size_t p = 0; p < count; p++) {
    first[p] = rows;
    rows += parts[p].rows;
  }
  if (rows > MS_ROWS_MOST) {
    return ms_fail_null(context, MS_ELIMIT, "%s: %lld rows; at most %lld", plan->verb,
                        (long long)rows, (long long)MS_ROWS_MOST);
  }
  ms_assembly assembly = ms_assembly_new(context, plan->count);
  for (size_t c = 0; c < plan->count && !assembly.failed; c++) {
    joining j = {.parts = parts,
                 .count = count,
                 .column = c,
                 .rows = rows,
                 .first = first,
                 .kind = plan->fields[c].kind};
    ms_assembly_add(&assembly, plan->fields[c].name, join_column(context, &j, &plan->fields[c]));
  }
  return ms_assembly_finish(&assembly, rows);
}
