/* Stored values into cells, by the kind that each column is read as.
 *
 * SQLite decides the type of each value, not of each column. So every value is looked at, and one that
 * contradicts what the column is read as is an error, a null, or (after a second reading) a text. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/calendar.h"
#include "core/io/sqlite_part.h"

/* After this many texts, more than 9 in 10 of them distinct, a part's texts are kept plain. */
enum { TRIAL = 4096 };
/* Rows between two questions whether to stop. */
enum { BLOCK = 2048 };

/* ---- parts ------------------------------------------------------------------------------------- */

typedef struct {
  size_t count;
  ms_part *parts;
} part_list;

static void release_parts(void *thing) {
  part_list *list = thing;
  for (size_t i = 0; i < list->count; i++) {
    ms_part *part = &list->parts[i];
    for (size_t c = 0; c < part->count; c++) {
      ms_memory_give(part->columns[c].values);
      ms_memory_give(part->columns[c].classes);
      ms_intern_free(part->columns[c].intern);
    }
  }
}

ms_part *ms_parts_new(ms_context *context, const ms_sqlite_plan *plan, size_t count) {
  part_list *list = ms_scratch(context, 1, sizeof *list);
  ms_part *parts = list ? ms_scratch_zero(context, count, sizeof *parts) : NULL;
  ms_cells *cells = parts ? ms_scratch_zero(context, count * plan->count, sizeof *cells) : NULL;
  if (!cells) return NULL;
  for (size_t i = 0; i < count; i++) {
    parts[i] = (ms_part){.count = plan->count, .columns = cells + i * plan->count, .plan = plan};
    for (size_t c = 0; c < plan->count; c++) {
      parts[i].columns[c].low = INT64_MAX;
      parts[i].columns[c].high = INT64_MIN;
    }
  }
  *list = (part_list){count, parts};
  return ms_defer(context, release_parts, list) == MS_OK ? parts : NULL;
}

ms_part *ms_part_at(ms_part *parts, size_t i) { return &parts[i]; }
int64_t ms_part_rows(const ms_part *part) { return part->rows; }

static bool grow(ms_context *context, ms_part *part) {
  ms_memory *memory = ms_context_account(context);
  int64_t capacity = part->capacity ? part->capacity * 4 : BLOCK * 2;
  for (size_t c = 0; c < part->count; c++) {
    ms_cells *cells = &part->columns[c];
    int64_t *values = ms_memory_grow(memory, cells->values, (size_t)capacity * sizeof *values);
    if (!values) return false;
    cells->values = values;
    uint8_t *classes = ms_memory_grow(memory, cells->classes, (size_t)capacity);
    if (!classes) return false;
    cells->classes = classes;
  }
  part->capacity = capacity;
  return true;
}

/* ---- cells ------------------------------------------------------------------------------------- */

typedef enum { TAKEN, REFUSED, FAILED } taking;

static taking put_integer(ms_cells *cells, int64_t row, int64_t value) {
  cells->values[row] = value;
  cells->classes[row] = CELL_INTEGER;
  cells->seen |= 1U << CELL_INTEGER;
  if (value < cells->low) cells->low = value;
  if (value > cells->high) cells->high = value;
  return TAKEN;
}

static taking put_real(ms_cells *cells, int64_t row, double value) {
  memcpy(&cells->values[row], &value, sizeof value);
  cells->classes[row] = CELL_REAL;
  cells->seen |= 1U << CELL_REAL;
  return TAKEN;
}

static taking put_text(ms_context *context, ms_cells *cells, int64_t row, ms_slice text) {
  if (!cells->intern && !(cells->intern = ms_intern_new(context))) return FAILED;
  if (cells->texts == TRIAL && ms_intern_count(cells->intern) * 10 > cells->texts * 9) {
    cells->plain = true;
  }
  int64_t code = cells->plain ? ms_intern_append(cells->intern, text.data, text.size)
                              : ms_intern_add(cells->intern, text.data, text.size);
  if (code < 0) return FAILED;
  cells->values[row] = code;
  cells->classes[row] = CELL_TEXT;
  cells->seen |= 1U << CELL_TEXT;
  cells->texts++;
  return TAKEN;
}

static ms_slice text_of(sqlite3_value *value) {
  const char *text = (const char *)sqlite3_value_text(value);
  return (ms_slice){text ? text : "", (size_t)sqlite3_value_bytes(value)};
}

static taking take_boolean(ms_cells *cells, int64_t row, sqlite3_value *value) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) {
    int64_t integer = sqlite3_value_int64(value);
    return integer == 0 || integer == 1 ? put_integer(cells, row, integer) : REFUSED;
  }
  if (type != SQLITE_TEXT) return REFUSED;
  ms_slice text = text_of(value);
  if (text.size == 4 && sqlite3_strnicmp(text.data, "true", 4) == 0) {
    return put_integer(cells, row, 1);
  }
  bool no = text.size == 5 && sqlite3_strnicmp(text.data, "false", 5) == 0;
  return no ? put_integer(cells, row, 0) : REFUSED;
}

static taking take_integer(ms_cells *cells, int64_t row, sqlite3_value *value) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_INTEGER) return put_integer(cells, row, sqlite3_value_int64(value));
  double real = type == SQLITE_FLOAT ? sqlite3_value_double(value) : NAN;
  bool whole = real >= -0x1p63 && real < 0x1p63 && real == floor(real);
  return whole ? put_integer(cells, row, (int64_t)real) : REFUSED;
}

static taking take_real(ms_cells *cells, int64_t row, sqlite3_value *value) {
  int type = sqlite3_value_type(value);
  if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return REFUSED;
  return put_real(cells, row, sqlite3_value_double(value));
}

/* Micros since 1970 from ISO text, unix seconds or a julian day. An integer that cannot be seconds of the
 * years 1 … 9999, or that reads as a date like 20240131, is refused: it was meant otherwise. */
static bool moment(sqlite3_value *value, int64_t *micros, bool *midnight) {
  int type = sqlite3_value_type(value);
  if (type == SQLITE_TEXT) {
    ms_slice text = text_of(value);
    return ms_sqlite_moment(text.data, text.size, micros, midnight);
  }
  if (type == SQLITE_INTEGER) {
    int64_t seconds = sqlite3_value_int64(value);
    bool compact =
        seconds >= 19000101 && seconds <= 29991231 &&
        ms_civil_valid(seconds / 10000, (int)(seconds / 100 % 100), (int)(seconds % 100));
    if (compact || seconds < MS_TIME_LOW / MS_SECOND || seconds > MS_TIME_HIGH / MS_SECOND) {
      return false;
    }
    *micros = seconds * MS_SECOND;
    *midnight = *micros % MS_DAY == 0;
    return true;
  }
  double julian = type == SQLITE_FLOAT ? sqlite3_value_double(value) : -1;
  if (!(julian >= 1721425.5 && julian < 5373484.5)) return false;
  /* Julian days are kept to the millisecond, as SQLite's own functions do. */
  *micros = (int64_t)llround((julian - 2440587.5) * 86400000.0) * 1000;
  *midnight = *micros % MS_DAY == 0;
  return true;
}

static taking take_moment(ms_cells *cells, int64_t row, sqlite3_value *value, bool date) {
  int64_t micros;
  bool midnight;
  if (!moment(value, &micros, &midnight) || (date && !midnight)) return REFUSED;
  return put_integer(cells, row, date ? micros / MS_DAY : micros);
}

static taking take_compact(ms_cells *cells, int64_t row, sqlite3_value *value) {
  int64_t number;
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    ms_slice text = text_of(value);
    if (text.size != 8 || strspn(text.data, "0123456789") < 8) return REFUSED;
    number = strtoll(text.data, NULL, 10);
  } else if (sqlite3_value_type(value) == SQLITE_INTEGER) {
    number = sqlite3_value_int64(value);
  } else {
    return REFUSED;
  }
  if (number < 0 || number > 99991231) return REFUSED;
  int month = (int)(number / 100 % 100), day = (int)(number % 100);
  if (!ms_civil_valid(number / 10000, month, day)) return REFUSED;
  return put_integer(cells, row, ms_civil_days(number / 10000, month, day));
}

static taking take_unix(ms_cells *cells, int64_t row, sqlite3_value *value, int64_t unit) {
  int64_t micros;
  if (sqlite3_value_type(value) != SQLITE_INTEGER) return REFUSED;
  if (__builtin_mul_overflow(sqlite3_value_int64(value), unit, &micros)) return REFUSED;
  return put_integer(cells, row, micros);
}

static taking take_inferred(ms_context *context, ms_cells *cells, int64_t row,
                            sqlite3_value *value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return put_integer(cells, row, sqlite3_value_int64(value));
    case SQLITE_FLOAT: return put_real(cells, row, sqlite3_value_double(value));
    case SQLITE_TEXT: return put_text(context, cells, row, text_of(value));
    default: return REFUSED;
  }
}

static taking take(ms_context *context, ms_cells *cells, int64_t row, sqlite3_value *value,
                   ms_sqlite_kind kind) {
  switch (kind) {
    case MS_READ_INFER: return take_inferred(context, cells, row, value);
    case MS_READ_BOOLEAN: return take_boolean(cells, row, value);
    case MS_READ_INTEGER: return take_integer(cells, row, value);
    case MS_READ_REAL: return take_real(cells, row, value);
    case MS_READ_DATE: return take_moment(cells, row, value, true);
    case MS_READ_TIME: return take_moment(cells, row, value, false);
    case MS_READ_COMPACT: return take_compact(cells, row, value);
    case MS_READ_MILLI: return take_unix(cells, row, value, 1000);
    case MS_READ_MICRO: return take_unix(cells, row, value, 1);
    case MS_READ_TEXT:
      if (sqlite3_value_type(value) != SQLITE_TEXT) return REFUSED;
      return put_text(context, cells, row, text_of(value));
    case MS_READ_ANY:
      if (sqlite3_value_type(value) == SQLITE_BLOB) return REFUSED;
      return put_text(context, cells, row, text_of(value));
    case MS_READ_BLOB: return REFUSED;
  }
  return REFUSED;
}

/* ---- contradictions ---------------------------------------------------------------------------- */

/* A row as SQLite has it: in the statement, or as the arguments of a function. */
typedef struct {
  sqlite3_stmt *statement;
  sqlite3_value **values;
} stored_row;

static inline sqlite3_value *value_at(const ms_sqlite_plan *plan, const stored_row *stored,
                                      size_t column) {
  int at = plan->first + (int)column;
  return stored->values ? stored->values[at] : sqlite3_column_value(stored->statement, at);
}

static int64_t rowid_of(const stored_row *stored) {
  return stored->values ? sqlite3_value_int64(stored->values[0])
                        : sqlite3_column_int64(stored->statement, 0);
}

static const char *class_name(int type) {
  switch (type) {
    case SQLITE_INTEGER: return "an integer";
    case SQLITE_FLOAT: return "a real";
    case SQLITE_TEXT: return "a text";
    case SQLITE_BLOB: return "a blob";
    default: return "a null";
  }
}

static void hint(ms_context *context, const ms_sqlite_field *field, int type) {
  if (type == SQLITE_BLOB) {
    ms_fail_hint(context, "leave the column out, or select hex(%s) in a query", field->name);
    return;
  }
  bool moment = field->kind == MS_READ_DATE || field->kind == MS_READ_TIME;
  if (moment && type == SQLITE_INTEGER) {
    ms_fail_hint(context,
                 "integers are unix seconds; otherwise say types = { %s = 'unix_ms' } or "
                 "'yyyymmdd'",
                 field->name);
  }
  ms_fail_hint(context,
               "on_mismatch = 'null' reads such values as null, 'text' the column as text");
}

static ms_status mismatch(ms_context *context, const ms_part *part, size_t column,
                          const stored_row *stored) {
  const ms_sqlite_plan *plan = part->plan;
  const ms_sqlite_field *field = &plan->fields[column];
  int type = sqlite3_value_type(value_at(plan, stored, column));
  char row[32];
  int64_t number = plan->rowid ? rowid_of(stored) : part->rows + 1;
  (void)sqlite3_snprintf(sizeof row, row, "%lld", (long long)number);
  const char *declared = field->declared && field->declared[0]
                             ? field->declared
                             : ms_type_name(ms_sqlite_kind_type(field->kind));
  bool inferred = field->kind == MS_READ_INFER || field->kind == MS_READ_ANY;
  (void)ms_fail(context, MS_EMISMATCH, "%s: %s%s%s, %s %s: %s where %s %s", plan->verb,
                field->table, field->table[0] ? "." : "", field->name,
                plan->rowid ? "rowid" : "row", row, class_name(type),
                inferred ? "a number or a text" : declared, inferred ? "is wanted" : "is declared");
  hint(context, field, type);
  ms_fail_cell(context, field->name, plan->rowid ? -1 : part->rows);
  return MS_EMISMATCH;
}

static ms_status refuse(ms_context *context, ms_part *part, size_t column,
                        const stored_row *stored) {
  ms_cells *cells = &part->columns[column];
  const ms_sqlite_plan *plan = part->plan;
  bool blob = sqlite3_value_type(value_at(plan, stored, column)) == SQLITE_BLOB;
  if (plan->on_mismatch == MS_MISMATCH_ERROR || (blob && plan->on_mismatch == MS_MISMATCH_TEXT)) {
    return mismatch(context, part, column, stored);
  }
  if (cells->mismatches++ == 0) {
    cells->mismatch_rowid = plan->rowid ? rowid_of(stored) : -1;
  }
  cells->classes[part->rows] = CELL_NULL;
  cells->values[part->rows] = 0;
  return MS_OK;
}

static ms_status take_row(ms_context *context, ms_part *part, const stored_row *stored) {
  const ms_sqlite_plan *plan = part->plan;
  if (part->rows == part->capacity && !grow(context, part)) {
    return ms_fail(context, MS_EMEMORY, "%s: not enough memory for %lld rows", plan->verb,
                   (long long)part->rows);
  }
  int64_t row = part->rows;
  for (size_t c = 0; c < part->count; c++) {
    ms_cells *cells = &part->columns[c];
    sqlite3_value *value = value_at(plan, stored, c);
    if (sqlite3_value_type(value) == SQLITE_NULL) {
      cells->classes[row] = CELL_NULL;
      cells->values[row] = 0;
      continue;
    }
    taking taken = take(context, cells, row, value, plan->fields[c].kind);
    if (taken == FAILED) return ms_error_status(context);
    if (taken == REFUSED) {
      ms_status status = refuse(context, part, c, stored);
      if (status != MS_OK) return status;
    }
  }
  part->rows++;
  if (part->rows % BLOCK == 0 && ms_cancelled(context)) return MS_ECANCEL;
  if (part->rows <= MS_ROWS_MOST) return MS_OK;
  return ms_fail(context, MS_ELIMIT, "%s: more than %lld rows", plan->verb,
                 (long long)MS_ROWS_MOST);
}

/* ---- a row at a time, by the caller ------------------------------------------------------------ */

ms_status ms_part_fill(ms_context *context, ms_part *part, ms_connection *connection,
                       sqlite3_stmt *statement) {
  const stored_row stored = {.statement = statement};
  int code;
  connection->context = context;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    ms_status status = take_row(context, part, &stored);
    if (status != MS_OK) return status;
  }
  return code == SQLITE_DONE ? MS_OK : ms_sqlite_fail(context, connection, part->plan->verb);
}

/* ---- all rows in one step, by an aggregate function -------------------------------------------- */

struct ms_part_taking {
  ms_part *part;
  int64_t rowid; /* of the last row */
  ms_status status;
};

/* SQLite calls it with the rowid and the values of each row. That is a third cheaper than giving the row to
 * the caller of sqlite3_step. Rows of an aggregate have no promised order, so it is looked at. */
static void on_row(sqlite3_context *call, int count, sqlite3_value **values) {
  (void)count;
  ms_connection *connection = sqlite3_user_data(call);
  ms_part_taking *job = connection->taking;
  if (!job || job->status != MS_OK) return;
  const stored_row stored = {.values = values};
  int64_t rowid = sqlite3_value_int64(values[0]);
  if (job->part->rows && rowid <= job->rowid) {
    job->status = ms_fail(connection->context, MS_EINTERNAL, "table: rows came out of order");
  } else {
    job->status = take_row(connection->context, job->part, &stored);
  }
  job->rowid = rowid;
  if (job->status != MS_OK) sqlite3_result_error(call, "stopped", -1);
}

static void on_end(sqlite3_context *call) { sqlite3_result_null(call); }

ms_status ms_part_function(ms_context *context, ms_connection *connection) {
  int code = sqlite3_create_function_v2(connection->handle, MS_PART_FUNCTION, -1,
                                        SQLITE_UTF8 | SQLITE_DIRECTONLY, connection, NULL, on_row,
                                        on_end, NULL);
  return code == SQLITE_OK ? MS_OK : ms_sqlite_fail(context, connection, "table");
}

ms_status ms_part_fill_once(ms_context *context, ms_part *part, ms_connection *connection,
                            sqlite3_stmt *statement) {
  ms_part_taking job = {.part = part};
  connection->context = context;
  connection->taking = &job;
  int code = sqlite3_step(statement);
  connection->taking = NULL;
  if (job.status != MS_OK) return job.status;
  return code == SQLITE_ROW ? MS_OK : ms_sqlite_fail(context, connection, part->plan->verb);
}
