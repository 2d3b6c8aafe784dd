/* One statement of a script: a query that gives a frame, or a change. */
#include <ctype.h>
#include <string.h>

#include "core/io/sqlite.h"

typedef struct {
  ms_names types;
  int on_mismatch;
} querying;

static const ms_option options[] = {
    {.name = "types",
     .type = MS_OPTION_TEXTS,
     .brief = "pairs of column and type",
     .offset = offsetof(querying, types)},
    {.name = "on_mismatch",
     .type = MS_OPTION_CHOICE,
     .fallback = "error",
     .unit = "error null text",
     .brief = "what becomes of a value that contradicts the declared type",
     .offset = offsetof(querying, on_mismatch)},
    {0}};
static const ms_kernel descriptor = {
    .name = "query", .group = "read", .options = options, .size = sizeof(querying)};
static const ms_option no_options[] = {{0}};
static const ms_kernel execute_descriptor = {
    .name = "execute", .group = "write", .options = no_options, .size = 0};

static bool only_blanks(const char *text) {
  while (isspace((unsigned char)*text) || *text == ';') text++;
  return *text == 0 || strncmp(text, "--", 2) == 0;
}

/* The one statement of the text, checked by the authorizer; NULL with an error. */
static sqlite3_stmt *prepare(ms_context *context, ms_connection *connection, const char *verb,
                             const char *sql) {
  sqlite3_stmt *statement = NULL;
  const char *tail = NULL;
  connection->context = context;
  connection->guarded = true;
  int code = sqlite3_prepare_v2(connection->handle, sql, -1, &statement, &tail);
  connection->guarded = false;
  if (code != SQLITE_OK) {
    (void)ms_sqlite_fail(context, connection, verb);
    int offset = sqlite3_error_offset(connection->handle);
    size_t size = strlen(sql);
    if (offset >= 0 && (size_t)offset < size && ms_error_status(context) == MS_EDATABASE) {
      size_t end = (size_t)offset;
      while (end < size && (isalnum((unsigned char)sql[end]) || sql[end] == '_')) end++;
      ms_fail_place(context, sql, (size_t)offset, end > (size_t)offset ? end : (size_t)offset + 1);
    }
    return NULL;
  }
  if (!statement)
    return ms_fail_null(context, MS_EARGUMENT, "%s: the text holds no statement", verb);
  if (only_blanks(tail)) return statement;
  (void)sqlite3_finalize(statement);
  return ms_fail_null(context, MS_EARGUMENT, "%s: one statement wanted; there is more behind it",
                      verb);
}

static ms_status check_query(ms_context *context, sqlite3_stmt *statement) {
  if (!sqlite3_stmt_readonly(statement)) {
    (void)ms_fail(context, MS_EDATABASE,
                  "query: the statement changes the database; a SELECT wanted");
    ms_fail_hint(context, "db:write(table, frame) writes; db:execute(sql) runs such a statement");
    return MS_EDATABASE;
  }
  if (sqlite3_column_count(statement) == 0) {
    return ms_fail(context, MS_EDATABASE, "query: the statement gives no rows; a SELECT wanted");
  }
  return MS_OK;
}

static const char *copied(ms_context *context, const char *text) {
  return ms_scratch_text(context, text ? text : "", text ? strlen(text) : 0);
}

static ms_status plan_query(ms_context *context, sqlite3_stmt *statement, const querying *how,
                            ms_sqlite_plan *plan) {
  int count = sqlite3_column_count(statement);
  *plan = (ms_sqlite_plan){
      .verb = "query", .count = (size_t)count, .on_mismatch = (ms_mismatch)how->on_mismatch};
  plan->fields = ms_scratch(context, (size_t)count, sizeof *plan->fields);
  if (!plan->fields) return MS_EMEMORY;
  for (int i = 0; i < count; i++) {
    const char *declared = sqlite3_column_decltype(statement, i);
    ms_sqlite_kind kind = ms_sqlite_kind_declared(declared);
    ms_sqlite_field *field = &plan->fields[i];
    *field = (ms_sqlite_field){.name = copied(context, sqlite3_column_name(statement, i)),
                               .table = copied(context, sqlite3_column_table_name(statement, i)),
                               .declared = copied(context, declared),
                               .kind = kind == MS_READ_BLOB ? MS_READ_INFER : kind};
    if (!field->name || !field->table || !field->declared) return MS_EMEMORY;
  }
  return ms_sqlite_overrides(context, plan, &how->types);
}

static ms_frame *fetch(ms_context *context, ms_connection *connection, sqlite3_stmt *statement,
                       ms_sqlite_plan *plan, bool *again) {
  ms_part *parts = ms_parts_new(context, plan, 1);
  if (!parts || ms_part_fill(context, parts, connection, statement) != MS_OK) return NULL;
  return ms_parts_frame(context, plan, parts, 1, again);
}

ms_frame *ms_database_query(ms_context *context, ms_database *database, const char *sql,
                            const ms_options *given) {
  ms_connection *connection = &database->main;
  const querying *how = ms_sqlite_options(context, &descriptor, given);
  sqlite3_stmt *statement = how ? prepare(context, connection, "query", sql) : NULL;
  if (!statement) return NULL;
  ms_sqlite_plan plan;
  ms_frame *frame = NULL;
  bool again = false;
  ms_status status = check_query(context, statement);
  if (status == MS_OK) status = ms_sqlite_bind(context, connection, statement, given, 0);
  if (status == MS_OK) status = plan_query(context, statement, how, &plan);
  if (status == MS_OK) frame = fetch(context, connection, statement, &plan, &again);
  if (again) {
    (void)sqlite3_reset(statement);
    frame = fetch(context, connection, statement, &plan, &again);
  }
  (void)sqlite3_finalize(statement);
  return frame;
}

int64_t ms_database_execute(ms_context *context, ms_database *database, const char *sql,
                            const ms_options *given) {
  ms_connection *connection = &database->main;
  if (!ms_sqlite_options(context, &execute_descriptor, given)) return -1;
  sqlite3_stmt *statement = prepare(context, connection, "execute", sql);
  if (!statement) return -1;
  ms_status status = ms_sqlite_bind(context, connection, statement, given, 0);
  int64_t before = sqlite3_total_changes64(connection->handle);
  int code = SQLITE_ROW;
  while (status == MS_OK && code == SQLITE_ROW) code = sqlite3_step(statement);
  if (status == MS_OK && code != SQLITE_DONE)
    status = ms_sqlite_fail(context, connection, "execute");
  (void)sqlite3_finalize(statement);
  return status == MS_OK ? sqlite3_total_changes64(connection->handle) - before : -1;
}
