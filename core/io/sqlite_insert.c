/* Rows of a frame into a table: one prepared statement, stepped once a row. */
#include <math.h>
#include <string.h>

#include "core/base/calendar.h"
#include "core/io/sqlite_write.h"

/* Rows between two questions whether to stop. */
enum { BLOCK = 2048 };

static void upsert_clause(ms_string *sql, const ms_table_write *write) {
  ms_string_text(sql, " on conflict (");
  for (size_t i = 0; i < write->key.count; i++) {
    if (i) ms_string_text(sql, ", ");
    ms_sqlite_add_quoted(sql, write->key.items[i]);
  }
  ms_string_text(sql, ") do ");
  size_t set = 0;
  for (size_t i = 0; i < write->frame->count; i++) {
    const char *name = write->frame->names[i];
    bool key = false;
    for (size_t k = 0; k < write->key.count && !key; k++) {
      key = strcmp(name, write->key.items[k]) == 0;
    }
    if (key) continue;
    ms_string_text(sql, set++ ? ", " : "update set ");
    ms_sqlite_add_quoted(sql, name);
    ms_string_text(sql, " = excluded.");
    ms_sqlite_add_quoted(sql, name);
  }
  if (set == 0) ms_string_text(sql, "nothing");
}

static const char *statement_of(ms_context *context, const ms_table_write *write) {
  ms_string sql = ms_string_new(context);
  ms_string_text(&sql, "insert into main.");
  ms_sqlite_add_quoted(&sql, write->name);
  for (size_t i = 0; i < write->frame->count; i++) {
    ms_string_text(&sql, i ? ", " : " (");
    ms_sqlite_add_quoted(&sql, write->frame->names[i]);
  }
  ms_string_text(&sql, ") values (?");
  for (size_t i = 1; i < write->frame->count; i++) ms_string_text(&sql, ", ?");
  ms_string_text(&sql, ")");
  if (write->mode == MS_WRITE_UPSERT) upsert_clause(&sql, write);
  return ms_string_done(&sql);
}

static sqlite3_stmt *prepare(ms_context *context, const ms_table_write *write) {
  ms_connection *connection = &write->database->main;
  sqlite3_stmt *statement =
      ms_sqlite_prepare(context, connection, "write", statement_of(context, write));
  if (statement || !strstr(ms_error_text(context), "ON CONFLICT clause does not match")) {
    return statement;
  }
  ms_string columns = ms_string_new(context);
  for (size_t i = 0; i < write->key.count; i++) {
    if (i) ms_string_text(&columns, ", ");
    ms_string_text(&columns, write->key.items[i]);
  }
  const char *list = ms_string_done(&columns);
  if (!list) return NULL;
  (void)ms_fail(context, MS_EDATABASE, "write: table %s has no primary key or unique index on %s",
                write->name, list);
  ms_fail_hint(context, "db:execute \"create unique index … on %s (%s)\"", write->name, list);
  return NULL;
}

typedef struct {
  sqlite3_stmt *statement;
  char (*moments)[MS_MOMENT_SIZE]; /* text of a date or time, a column each */
  int64_t nans;
} inserting;

static ms_status bad_moment(ms_context *context, const ms_frame *frame, size_t column,
                            int64_t row) {
  (void)ms_fail(context, MS_EDATA, "write: '%s' in row %lld lies outside of the years 0001 … 9999",
                frame->names[column], (long long)row + 1);
  ms_fail_cell(context, frame->names[column], row);
  return MS_EDATA;
}

static ms_status bind_moment(ms_context *context, inserting *job, const ms_frame *frame, size_t i,
                             int64_t row) {
  const ms_column *column = frame->columns[i];
  int64_t value = ms_column_integer(column, row);
  bool date = column->type == MS_DATE;
  int64_t low = date ? MS_DATE_LOW : MS_TIME_LOW;
  int64_t high = date ? MS_DATE_HIGH : MS_TIME_HIGH;
  if (value < low || value > high) return bad_moment(context, frame, i, row);
  char *text = job->moments[i];
  size_t size = date ? ms_date_format(value, text) : ms_time_format(value, text);
  (void)sqlite3_bind_text(job->statement, (int)i + 1, text, (int)size, SQLITE_STATIC);
  return MS_OK;
}

static ms_status bind_cell(ms_context *context, inserting *job, const ms_frame *frame, size_t i,
                           int64_t row) {
  const ms_column *column = frame->columns[i];
  int at = (int)i + 1;
  if (!ms_column_valid(column, row)) {
    (void)sqlite3_bind_null(job->statement, at);
    return MS_OK;
  }
  double real;
  ms_slice text;
  switch (column->type) {
    case MS_BOOLEAN:
    case MS_INTEGER:
      (void)sqlite3_bind_int64(job->statement, at, ms_column_integer(column, row));
      return MS_OK;
    case MS_REAL:
      real = ms_column_real(column, row);
      job->nans += isnan(real) != 0;
      (void)sqlite3_bind_double(job->statement, at, real); /* NaN becomes null */
      return MS_OK;
    case MS_DATE:
    case MS_TIME: return bind_moment(context, job, frame, i, row);
    case MS_TEXT:
      text = ms_column_text(column, row);
      (void)sqlite3_bind_text64(job->statement, at, text.size ? text.data : "", text.size,
                                SQLITE_STATIC, SQLITE_UTF8);
      return MS_OK;
  }
  return MS_OK;
}

static ms_status refused(ms_context *context, const ms_table_write *write, int64_t row) {
  ms_connection *connection = &write->database->main;
  bool constraint = (sqlite3_errcode(connection->handle) & 0xFF) == SQLITE_CONSTRAINT;
  if (!constraint) return ms_sqlite_fail(context, connection, "write");
  (void)ms_fail(context, MS_EDATA, "write: row %lld: %s", (long long)row + 1,
                sqlite3_errmsg(connection->handle));
  ms_fail_cell(context, NULL, row);
  return MS_EDATA;
}

ms_status ms_table_insert(ms_context *context, const ms_table_write *write) {
  const ms_frame *frame = write->frame;
  inserting job = {.moments = ms_scratch(context, frame->count, sizeof *job.moments)};
  if (!job.moments) return MS_EMEMORY;
  job.statement = prepare(context, write);
  if (!job.statement) return ms_error_status(context);
  ms_status status = MS_OK;
  for (int64_t row = 0; status == MS_OK && row < frame->rows; row++) {
    if (row % BLOCK == 0) {
      if (ms_cancelled(context)) status = MS_ECANCEL;
      ms_report(context, write->name, (uint64_t)row, (uint64_t)frame->rows);
    }
    for (size_t i = 0; status == MS_OK && i < frame->count; i++) {
      status = bind_cell(context, &job, frame, i, row);
    }
    if (status != MS_OK) break;
    if (sqlite3_step(job.statement) != SQLITE_DONE) status = refused(context, write, row);
    (void)sqlite3_reset(job.statement);
  }
  (void)sqlite3_finalize(job.statement);
  if (status == MS_OK && job.nans) {
    ms_warn(context, "write: %lld NaN in %s became null: SQLite has no NaN", (long long)job.nans,
            write->name);
  }
  return status;
}
