/* Statements: preparing, binding, running, and SQLite's refusals in our words. */
#include <stdlib.h>
#include <string.h>

#include "core/base/calendar.h"
#include "core/io/sqlite.h"

static ms_status locked(ms_context *context, const ms_connection *connection, const char *verb) {
  const ms_database *database = connection->database;
  double seconds = (double)database->timeout / 1000;
  (void)ms_fail(context, MS_ELOCKED, "%s: %s is locked by another program (waited %g s)", verb,
                database->name, seconds);
  ms_fail_hint(context, "close the other program, or wait longer: ms.open(path, { timeout = %g })",
               seconds < 30 ? 60 : seconds * 2);
  return MS_ELOCKED;
}

ms_status ms_sqlite_fail(ms_context *context, const ms_connection *connection, const char *verb) {
  sqlite3 *handle = connection->handle;
  const char *name = connection->database->name;
  const char *text = handle ? sqlite3_errmsg(handle) : "out of memory";
  int code = handle ? sqlite3_errcode(handle) & 0xFF : SQLITE_NOMEM;
  if (ms_cancelled(context)) return MS_ECANCEL;
  switch (code) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return locked(context, connection, verb);
    case SQLITE_NOMEM: return ms_fail(context, MS_EMEMORY, "%s: not enough memory", verb);
    case SQLITE_FULL: return ms_fail(context, MS_EIO, "%s: %s: the disk is full", verb, name);
    case SQLITE_IOERR: return ms_fail(context, MS_EIO, "%s: %s: %s", verb, name, text);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ms_fail(context, MS_EFORMAT, "%s: %s is damaged: %s", verb, name, text);
    case SQLITE_TOOBIG: return ms_fail(context, MS_ELIMIT, "%s: %s: %s", verb, name, text);
    case SQLITE_READONLY:
      (void)ms_fail(context, MS_EDATABASE, "%s: %s is open for reading only", verb, name);
      ms_fail_hint(context, "ms.open(path, { write = true })");
      return MS_EDATABASE;
    case SQLITE_AUTH:
      return ms_fail(context, MS_EDATABASE, "%s: %s: scripts may not do this", verb, text);
    default: return ms_fail(context, MS_EDATABASE, "%s: %s", verb, text);
  }
}

sqlite3_stmt *ms_sqlite_prepare(ms_context *context, ms_connection *connection, const char *verb,
                                const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (!sql) return NULL;
  connection->context = context;
  if (sqlite3_prepare_v2(connection->handle, sql, -1, &statement, NULL) == SQLITE_OK) {
    return statement;
  }
  (void)ms_sqlite_fail(context, connection, verb);
  return NULL;
}

ms_status ms_sqlite_run(ms_context *context, ms_connection *connection, const char *verb,
                        const char *sql) {
  if (!sql) return MS_EMEMORY;
  connection->context = context;
  if (sqlite3_exec(connection->handle, sql, NULL, NULL, NULL) == SQLITE_OK) return MS_OK;
  return ms_sqlite_fail(context, connection, verb);
}

ms_status ms_sqlite_integer(ms_context *context, ms_connection *connection, const char *sql,
                            int64_t *out) {
  sqlite3_stmt *statement = ms_sqlite_prepare(context, connection, "read", sql);
  if (!statement) return ms_error_status(context);
  int code = sqlite3_step(statement);
  if (code == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
    *out = sqlite3_column_int64(statement, 0);
  }
  ms_status status = code == SQLITE_ROW || code == SQLITE_DONE
                         ? MS_OK
                         : ms_sqlite_fail(context, connection, "read");
  (void)sqlite3_finalize(statement);
  return status;
}

void ms_sqlite_add_quoted(ms_string *sql, const char *name) {
  ms_string_char(sql, '"', 1);
  for (const char *at = name; *at; at++) ms_string_char(sql, *at, *at == '"' ? 2 : 1);
  ms_string_char(sql, '"', 1);
}

const char *ms_sqlite_about(ms_context *context, const char *sql, const char *table) {
  ms_string text = ms_string_new(context);
  ms_string_text(&text, sql);
  ms_string_text(&text, " main.");
  ms_sqlite_add_quoted(&text, table);
  return ms_string_done(&text);
}

const void *ms_sqlite_options(ms_context *context, const ms_kernel *descriptor,
                              const ms_options *given) {
  ms_options *none = NULL;
  if (!given) {
    given = none = ms_options_new(context);
    if (!none) return NULL;
  }
  const ms_inputs inputs = {.given = given};
  const void *options = ms_kernel_options_read(context, descriptor, &inputs);
  ms_options_free(none);
  return options;
}

/* ---- parameters -------------------------------------------------------------------------------- */

static int bind_value(sqlite3_stmt *statement, int at, const ms_value *value) {
  char text[MS_MOMENT_SIZE];
  if (value->null) return sqlite3_bind_null(statement, at);
  switch (value->type) {
    case MS_BOOLEAN:
    case MS_INTEGER: return sqlite3_bind_int64(statement, at, value->integer);
    case MS_REAL: return sqlite3_bind_double(statement, at, value->real);
    case MS_DATE:
      return sqlite3_bind_text(statement, at, text, (int)ms_date_format(value->integer, text),
                               SQLITE_TRANSIENT);
    case MS_TIME:
      return sqlite3_bind_text(statement, at, text, (int)ms_time_format(value->integer, text),
                               SQLITE_TRANSIENT);
    case MS_TEXT:
      return sqlite3_bind_text64(statement, at, value->text.data, value->text.size,
                                 SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  return SQLITE_MISUSE;
}

static ms_status no_value(ms_context *context, const ms_options *given, const char *name) {
  size_t count = given ? ms_options_count(given) : 0, known = 0;
  const char **names = ms_scratch(context, count + 1, sizeof *names);
  if (!names) return MS_EMEMORY;
  for (size_t i = 0; i < count; i++) {
    const char *one = ms_options_at(given, i)->name;
    if (one[0] == '@') names[known++] = one + 1;
  }
  bool number = name[0] >= '0' && name[0] <= '9';
  (void)ms_fail(context, MS_EPARAMETER, "query: parameter %s%s has no value", number ? "" : "'@",
                ms_scratch_format(context, "%s%s", name, number ? "" : "'"));
  ms_fail_suggest(context, name, names, known);
  return MS_EPARAMETER;
}

ms_status ms_sqlite_bind(ms_context *context, const ms_connection *connection,
                         sqlite3_stmt *statement, const ms_options *given, int skip) {
  int count = sqlite3_bind_parameter_count(statement);
  for (int i = skip + 1; i <= count; i++) {
    const char *name = sqlite3_bind_parameter_name(statement, i);
    const char *key =
        name ? ms_scratch_format(context, "@%s", name + 1) : ms_scratch_format(context, "@%d", i);
    if (!key) return MS_EMEMORY;
    const ms_option_value *value = ms_options_find(given, key);
    if (!value) return no_value(context, given, key + 1);
    if (value->count != 1 || value->list) {
      return ms_fail(context, MS_EPARAMETER,
                     "query: parameter '%s' is a list of %zu; one value wanted", key, value->count);
    }
    if (bind_value(statement, i, &value->values[0]) != SQLITE_OK) {
      return ms_sqlite_fail(context, connection, "query");
    }
  }
  return MS_OK;
}
