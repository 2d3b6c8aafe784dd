/* Which tables there are, and what their columns are declared as. */
#include <string.h>

#include "core/io/sqlite.h"

static const char TABLES[] = "select name, type from pragma_table_list where schema = 'main' and "
                             "type in ('table', 'view', 'virtual') "
                             "and name not like 'sqlite\\_%' escape '\\' order by name";

static ms_status unknown_table(ms_context *context, ms_database *database, const char *verb,
                               const char *name) {
  enum { MOST = 200 };
  const char **names = ms_scratch(context, MOST, sizeof *names);
  sqlite3_stmt *statement =
      names ? ms_sqlite_prepare(context, &database->main, verb, TABLES) : NULL;
  size_t count = 0;
  while (statement && count < MOST && sqlite3_step(statement) == SQLITE_ROW) {
    const char *one = (const char *)sqlite3_column_text(statement, 0);
    names[count] = ms_scratch_text(context, one, strlen(one));
    if (!names[count]) break;
    count++;
  }
  (void)sqlite3_finalize(statement);
  (void)ms_fail(context, MS_EDATABASE, "%s: no table '%s' in %s", verb, name, database->name);
  ms_fail_suggest(context, name, names, count);
  return MS_EDATABASE;
}

/* The name as stored, whether it is a view, strict, has a rowid. 1: found, 0: not, -1: an error. */
static int look_up(ms_context *context, ms_database *database, const char *verb, const char *name,
                   ms_sqlite_table *table) {
  sqlite3_stmt *statement =
      ms_sqlite_prepare(context, &database->main, verb,
                        "select name, type, wr, strict from pragma_table_list "
                        "where schema = 'main' and name = ?1 collate nocase");
  if (!statement) return -1;
  (void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
  int code = sqlite3_step(statement), found = code == SQLITE_ROW;
  if (found) {
    const char *type = (const char *)sqlite3_column_text(statement, 1);
    const char *stored = (const char *)sqlite3_column_text(statement, 0);
    table->name = ms_scratch_text(context, stored, strlen(stored));
    table->view = strcmp(type, "view") == 0;
    bool plain = strcmp(type, "table") == 0 && !sqlite3_column_int(statement, 2);
    table->rowid = plain ? "rowid" : NULL;
    table->strict = sqlite3_column_int(statement, 3) != 0;
    if (!table->name) found = -1;
  } else if (code != SQLITE_DONE) {
    (void)ms_sqlite_fail(context, &database->main, verb);
    found = -1;
  }
  (void)sqlite3_finalize(statement);
  return found;
}

static ms_status read_column(ms_context *context, sqlite3_stmt *statement, ms_sqlite_column *out) {
  const char *name = (const char *)sqlite3_column_text(statement, 0);
  const char *declared = (const char *)sqlite3_column_text(statement, 1);
  *out = (ms_sqlite_column){.kind = ms_sqlite_kind_declared(declared),
                            .required = sqlite3_column_int(statement, 2) != 0,
                            .key = sqlite3_column_int(statement, 3),
                            .generated = sqlite3_column_int(statement, 4) >= 2,
                            .defaulted = sqlite3_column_type(statement, 5) != SQLITE_NULL};
  out->name = ms_scratch_text(context, name, strlen(name));
  out->declared =
      ms_scratch_text(context, declared ? declared : "", declared ? strlen(declared) : 0);
  return out->name && out->declared ? MS_OK : MS_EMEMORY;
}

static ms_status read_columns(ms_context *context, ms_database *database, const char *verb,
                              ms_sqlite_table *table) {
  sqlite3_stmt *statement = ms_sqlite_prepare(
      context, &database->main, verb,
      "select name, type, \"notnull\", pk, hidden, dflt_value from pragma_table_xinfo(?1, 'main') "
      "where hidden <> 1");
  if (!statement) return ms_error_status(context);
  (void)sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
  size_t capacity = 0;
  int code;
  ms_status status = MS_OK;
  while (status == MS_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (table->count == capacity) {
      capacity = capacity ? capacity * 2 : 16;
      ms_sqlite_column *grown = ms_scratch(context, capacity, sizeof *grown);
      if (!grown) {
        status = MS_EMEMORY;
        break;
      }
      if (table->count) memcpy(grown, table->columns, table->count * sizeof *grown);
      table->columns = grown;
    }
    status = read_column(context, statement, &table->columns[table->count++]);
  }
  if (status == MS_OK && code != SQLITE_DONE) {
    status = ms_sqlite_fail(context, &database->main, verb);
  }
  (void)sqlite3_finalize(statement);
  return status;
}

/* A column may be called like the rowid and hide it; SQLite has three names for that. */
static const char *rowid_name(const ms_sqlite_table *table) {
  static const char *const names[] = {"rowid", "_rowid_", "oid"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    bool taken = false;
    for (size_t c = 0; c < table->count && !taken; c++) {
      taken = sqlite3_stricmp(table->columns[c].name, names[i]) == 0;
    }
    if (!taken) return names[i];
  }
  return NULL;
}

const ms_sqlite_table *ms_sqlite_table_find(ms_context *context, ms_database *database,
                                            const char *verb, const char *name, bool optional) {
  ms_sqlite_table *table = ms_scratch_zero(context, 1, sizeof *table);
  int found = table ? look_up(context, database, verb, name, table) : -1;
  if (found == 0 && !optional) (void)unknown_table(context, database, verb, name);
  if (found <= 0 || read_columns(context, database, verb, table) != MS_OK) return NULL;
  if (table->rowid) table->rowid = rowid_name(table);
  return table;
}

int64_t ms_sqlite_column_find(const ms_sqlite_table *table, const char *name) {
  for (size_t i = 0; i < table->count; i++) {
    if (strcmp(table->columns[i].name, name) == 0) return (int64_t)i;
  }
  return -1;
}

ms_status ms_sqlite_column_unknown(ms_context *context, const ms_sqlite_table *table,
                                   const char *verb, const char *name) {
  const char **names = ms_scratch(context, table->count, sizeof *names);
  if (!names) return MS_EMEMORY;
  for (size_t i = 0; i < table->count; i++) names[i] = table->columns[i].name;
  (void)ms_fail(context, MS_ECOLUMN, "%s: unknown column '%s' in table %s", verb, name,
                table->name);
  ms_fail_suggest(context, name, names, table->count);
  return MS_ECOLUMN;
}

/* ---- as frames --------------------------------------------------------------------------------- */

ms_frame *ms_database_tables(ms_context *context, ms_database *database) {
  sqlite3_stmt *statement = ms_sqlite_prepare(context, &database->main, "tables", TABLES);
  ms_builder *builder = statement ? ms_builder_new(context) : NULL;
  bool ok = builder && ms_builder_column(builder, "name", MS_TEXT) == MS_OK &&
            ms_builder_column(builder, "kind", MS_TEXT) == MS_OK;
  int code = SQLITE_DONE;
  while (ok && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int c = 0; c < 2; c++) {
      const char *text = (const char *)sqlite3_column_text(statement, c);
      ms_builder_text(builder, (size_t)c, text, strlen(text));
    }
  }
  if (ok && code != SQLITE_DONE) {
    (void)ms_sqlite_fail(context, &database->main, "tables");
    ok = false;
  }
  (void)sqlite3_finalize(statement);
  if (ok) return ms_builder_finish(builder);
  ms_builder_free(builder);
  return NULL;
}

static void add_column(ms_builder *builder, const ms_sqlite_column *column) {
  const char *type = column->kind == MS_READ_INFER ? "by its values"
                     : column->kind == MS_READ_BLOB
                         ? "not read"
                         : ms_type_name(ms_sqlite_kind_type(column->kind));
  ms_builder_text(builder, 0, column->name, strlen(column->name));
  ms_builder_text(builder, 1, column->declared, strlen(column->declared));
  ms_builder_text(builder, 2, type, strlen(type));
  ms_builder_integer(builder, 3, column->required);
  if (column->key) {
    ms_builder_integer(builder, 4, column->key);
  } else {
    ms_builder_null(builder, 4);
  }
}

ms_frame *ms_database_schema(ms_context *context, ms_database *database, const char *name) {
  static const struct {
    const char *name;
    ms_type type;
  } columns[] = {{"column", MS_TEXT},
                 {"declared", MS_TEXT},
                 {"type", MS_TEXT},
                 {"required", MS_BOOLEAN},
                 {"key", MS_INTEGER}};
  const ms_sqlite_table *table = ms_sqlite_table_find(context, database, "schema", name, false);
  ms_builder *builder = table ? ms_builder_new(context) : NULL;
  if (!builder) return NULL;
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
    if (ms_builder_column(builder, columns[i].name, columns[i].type) != MS_OK) {
      ms_builder_free(builder);
      return NULL;
    }
  }
  for (size_t i = 0; i < table->count; i++) add_column(builder, &table->columns[i]);
  return ms_builder_finish(builder);
}
