/* The table that a frame goes to: made, emptied, or checked. */
#include <string.h>

#include "core/io/sqlite_write.h"

static ms_status create(ms_context *context, const ms_table_write *write) {
  ms_string sql = ms_string_new(context);
  ms_string_text(&sql, "create table main.");
  ms_sqlite_add_quoted(&sql, write->name);
  for (size_t i = 0; i < write->frame->count; i++) {
    ms_string_text(&sql, i ? ", " : " (");
    ms_sqlite_add_quoted(&sql, write->frame->names[i]);
    ms_string_format(&sql, " %s", ms_sqlite_declaration(write->frame->columns[i]->type));
  }
  for (size_t i = 0; i < write->key.count; i++) {
    ms_string_text(&sql, i ? ", " : ", primary key (");
    ms_sqlite_add_quoted(&sql, write->key.items[i]);
  }
  ms_string_text(&sql, write->key.count ? "))" : ")");
  return ms_sqlite_run(context, &write->database->main, "write", ms_string_done(&sql));
}

/* Whether a replacement may keep the table, with its indexes, triggers and constraints. */
static bool same_columns(const ms_table_write *write, const ms_sqlite_table *table) {
  if (table->count != write->frame->count) return false;
  for (size_t i = 0; i < table->count; i++) {
    const ms_sqlite_column *column = &table->columns[i];
    const char *declared = ms_sqlite_declaration(write->frame->columns[i]->type);
    if (strcmp(column->name, write->frame->names[i]) != 0) return false;
    if (sqlite3_stricmp(column->declared, declared) != 0 || column->generated) return false;
  }
  for (size_t i = 0; i < write->key.count; i++) {
    int64_t found = ms_sqlite_column_find(table, write->key.items[i]);
    if (found < 0 || table->columns[found].key != (int)i + 1) return false;
  }
  return true;
}

static ms_status drop(ms_context *context, const ms_table_write *write) {
  ms_connection *connection = &write->database->main;
  sqlite3_stmt *statement = ms_sqlite_prepare(
      context, connection, "write",
      "select count(*) from main.sqlite_schema where tbl_name = ?1 collate nocase "
      "and type in ('index', 'trigger') and sql is not null");
  if (!statement) return ms_error_status(context);
  (void)sqlite3_bind_text(statement, 1, write->name, -1, SQLITE_STATIC);
  int lost = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
  (void)sqlite3_finalize(statement);
  const char *sql = ms_sqlite_about(context, "drop table", write->name);
  ms_status status = ms_sqlite_run(context, connection, "write", sql);
  if (status == MS_OK && lost) {
    ms_warn(context,
            "write: the columns of %s changed; its %d indexes and triggers went with the old table",
            write->name, lost);
  }
  return status;
}

static ms_status replace(ms_context *context, const ms_table_write *write,
                         const ms_sqlite_table *table) {
  if (same_columns(write, table)) {
    const char *sql = ms_sqlite_about(context, "delete from", write->name);
    return ms_sqlite_run(context, &write->database->main, "write", sql);
  }
  ms_status status = drop(context, write);
  return status == MS_OK ? create(context, write) : status;
}

/* ---- append, upsert ---------------------------------------------------------------------------- */

static bool fits(ms_type type, ms_sqlite_kind kind) {
  if (kind == MS_READ_INFER) return true;
  switch (type) {
    case MS_BOOLEAN: return kind == MS_READ_BOOLEAN || kind == MS_READ_INTEGER;
    case MS_INTEGER: return kind == MS_READ_INTEGER || kind == MS_READ_REAL;
    case MS_REAL: return kind == MS_READ_REAL;
    case MS_DATE: return kind == MS_READ_DATE || kind == MS_READ_TIME || kind == MS_READ_TEXT;
    case MS_TIME: return kind == MS_READ_TIME || kind == MS_READ_TEXT;
    case MS_TEXT: return kind == MS_READ_TEXT;
  }
  return false;
}

static ms_status check_column(ms_context *context, const ms_table_write *write, size_t i,
                              const ms_sqlite_table *table) {
  const char *name = write->frame->names[i];
  ms_type type = write->frame->columns[i]->type;
  int64_t found = ms_sqlite_column_find(table, name);
  if (found < 0) return ms_sqlite_column_unknown(context, table, "write", name);
  const ms_sqlite_column *column = &table->columns[found];
  if (column->generated) {
    return ms_fail(context, MS_EDATABASE, "write: %s.%s is computed by the database", table->name,
                   name);
  }
  if (!fits(type, column->kind)) {
    (void)ms_fail(context, MS_ETYPE,
                  "write: column '%s' is %s in the frame, and %s.%s is declared %s", name,
                  ms_type_name(type), table->name, name, column->declared);
    ms_fail_cell(context, name, -1);
    return MS_ETYPE;
  }
  if (type == MS_TEXT && column->kind == MS_READ_INFER && column->declared[0]) {
    ms_warn(context,
            "write: %s.%s is declared %s: SQLite keeps texts that look like numbers as numbers",
            table->name, name, column->declared);
  }
  return MS_OK;
}

static ms_status check_table(ms_context *context, const ms_table_write *write,
                             const ms_sqlite_table *table) {
  for (size_t i = 0; i < write->frame->count; i++) {
    ms_status status = check_column(context, write, i, table);
    if (status != MS_OK) return status;
  }
  for (size_t i = 0; i < table->count; i++) {
    const ms_sqlite_column *column = &table->columns[i];
    bool filled = !column->required || column->defaulted || column->generated || column->key;
    for (size_t j = 0; !filled && j < write->frame->count; j++) {
      filled = strcmp(write->frame->names[j], column->name) == 0;
    }
    if (!filled) {
      return ms_fail(context, MS_EDATA, "write: the frame has no column '%s', which %s requires",
                     column->name, table->name);
    }
  }
  return MS_OK;
}

ms_status ms_table_prepare(ms_context *context, const ms_table_write *write) {
  ms_error_clear(context);
  if (sqlite3_strnicmp(write->name, "sqlite_", 7) == 0) {
    return ms_fail(context, MS_EDATABASE, "write: names that begin with sqlite_ belong to SQLite");
  }
  const ms_sqlite_table *table =
      ms_sqlite_table_find(context, write->database, "write", write->name, true);
  if (!table) {
    ms_status status = ms_error_status(context);
    return status == MS_OK ? create(context, write) : status;
  }
  if (table->view) {
    return ms_fail(context, MS_EDATABASE, "write: '%s' is a view; a table wanted", table->name);
  }
  switch (write->mode) {
    case MS_WRITE_CREATE:
      (void)ms_fail(context, MS_EDATABASE, "write: table '%s' exists already", table->name);
      ms_fail_hint(context, "mode = 'append', 'replace' or 'upsert' writes to an existing table");
      return MS_EDATABASE;
    case MS_WRITE_REPLACE: return replace(context, write, table);
    case MS_WRITE_APPEND:
    case MS_WRITE_UPSERT: break;
  }
  return check_table(context, write, table);
}
