/* Which stored values may be compared by SQLite, and the SQL that finds those that may not.
 *
 * SQLite orders values by their storage class first, whatever the column is declared as: every text is larger
 * than every number. So a condition is only right where each value has the class, and each date the form, that
 * the column is read as; the check finds the others. Strict tables and rowids need none. */
#include <string.h>

#include "core/io/sqlite_push.h"

typedef struct {
  const char *table, *where;
  ms_names types, columns, check;
} filtering;

static const ms_option options[] = {{.name = "table",
                                     .type = MS_OPTION_TEXT,
                                     .required = true,
                                     .brief = "the table",
                                     .offset = offsetof(filtering, table)},
                                    {.name = "where",
                                     .type = MS_OPTION_TEXT,
                                     .brief = "the expression",
                                     .offset = offsetof(filtering, where)},
                                    {.name = "types",
                                     .type = MS_OPTION_TEXTS,
                                     .brief = "pairs of column and type",
                                     .offset = offsetof(filtering, types)},
                                    {.name = "columns",
                                     .type = MS_OPTION_TEXTS,
                                     .brief = "pairs: name in the frame, in the table",
                                     .offset = offsetof(filtering, columns)},
                                    {.name = "check",
                                     .type = MS_OPTION_TEXTS,
                                     .brief = "more columns that matter",
                                     .offset = offsetof(filtering, check)},
                                    {0}};
static const ms_kernel descriptor = {
    .name = "filter", .group = "read", .options = options, .size = sizeof(filtering)};

bool ms_push_comparable(ms_sqlite_kind kind) {
  switch (kind) {
    case MS_READ_BOOLEAN:
    case MS_READ_INTEGER:
    case MS_READ_REAL:
    case MS_READ_DATE:
    case MS_READ_TIME:
    case MS_READ_TEXT:
    case MS_READ_ANY: return true;
    case MS_READ_INFER:
    case MS_READ_COMPACT:
    case MS_READ_MILLI:
    case MS_READ_MICRO:
    case MS_READ_BLOB: return false;
  }
  return false;
}

/* True where the column `"%w"` contradicts; %w is SQLite's own quoting. */
static const char *check_of(ms_sqlite_kind kind) {
  switch (kind) {
    case MS_READ_BOOLEAN:
      return "(\"%w\" is not null and (typeof(\"%w\") <> 'integer' or \"%w\" not in (0, 1)))";
    case MS_READ_INTEGER: return "typeof(\"%w\") not in ('integer', 'null')";
    case MS_READ_REAL: /* larger integers are rounded when they are read */
      return "case typeof(\"%w\") when 'real' then 0 when 'null' then 0 when 'integer' then "
             "\"%w\" not between -9007199254740992 and 9007199254740992 else 1 end";
    case MS_READ_DATE:
      return "(\"%w\" is not null and (typeof(\"%w\") <> 'text' or \"%w\" not glob "
             "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'))";
    case MS_READ_TIME:
      return "(\"%w\" is not null and (typeof(\"%w\") <> 'text' or \"%w\" not glob "
             "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]'))";
    case MS_READ_TEXT:
    case MS_READ_ANY: return "typeof(\"%w\") not in ('text', 'null')";
    case MS_READ_INFER:
    case MS_READ_COMPACT:
    case MS_READ_MILLI:
    case MS_READ_MICRO:
    case MS_READ_BLOB: return "1";
  }
  return "1";
}

/* Whether SQLite itself sees to it that the column holds what it is read as. */
static bool certain(const ms_sqlite_table *table, const ms_sqlite_column *column,
                    ms_sqlite_kind kind) {
  bool rowid =
      table->rowid && column->key == 1 && sqlite3_stricmp(column->declared, "INTEGER") == 0;
  for (size_t i = 0; rowid && i < table->count; i++) rowid = table->columns[i].key < 2;
  if (rowid) return kind == MS_READ_INTEGER;
  if (!table->strict) return false;
  const char *declared = column->declared;
  bool integer = sqlite3_stricmp(declared, "INTEGER") == 0 || sqlite3_stricmp(declared, "INT") == 0;
  if (kind == MS_READ_INTEGER) return integer;
  if (kind == MS_READ_REAL) return sqlite3_stricmp(declared, "REAL") == 0;
  bool text = kind == MS_READ_TEXT || kind == MS_READ_ANY;
  return text && sqlite3_stricmp(declared, "TEXT") == 0;
}

static const char *check_used(ms_push *push) {
  ms_string sql = ms_string_new(push->context);
  size_t count = 0;
  for (size_t i = 0; i < push->table->count; i++) {
    const ms_sqlite_column *column = &push->table->columns[i];
    if (!push->used[i] || certain(push->table, column, push->kinds[i])) continue;
    const char *n = column->name;
    char *one = sqlite3_mprintf(check_of(push->kinds[i]), n, n, n);
    if (count++) ms_string_text(&sql, " or ");
    if (one) ms_string_text(&sql, one);
    if (!one) sql.failed = true;
    sqlite3_free(one);
  }
  if (count) return ms_string_done(&sql);
  return NULL;
}

static ms_sqlite_kind *kinds_of(ms_context *context, const ms_sqlite_table *table,
                                const ms_names *types) {
  ms_sqlite_plan plan = {.verb = "filter", .count = table->count};
  plan.fields = ms_scratch_zero(context, table->count, sizeof *plan.fields);
  ms_sqlite_kind *kinds = ms_scratch(context, table->count, sizeof *kinds);
  if (!plan.fields || !kinds) return NULL;
  for (size_t i = 0; i < table->count; i++) {
    plan.fields[i] =
        (ms_sqlite_field){.name = table->columns[i].name, .kind = table->columns[i].kind};
  }
  if (ms_sqlite_overrides(context, &plan, types) != MS_OK) return NULL;
  for (size_t i = 0; i < table->count; i++) kinds[i] = plan.fields[i].kind;
  return kinds;
}

static ms_status mark_checked(ms_push *push, const ms_names *check) {
  for (size_t i = 0; i < check->count; i++) {
    int64_t found = ms_sqlite_column_find(push->table, check->items[i]);
    if (found < 0) {
      return ms_sqlite_column_unknown(push->context, push->table, "filter", check->items[i]);
    }
    push->used[found] = true;
    push->exact = push->exact && ms_push_comparable(push->kinds[found]);
  }
  return MS_OK;
}

const ms_pushed *ms_database_condition(ms_context *context, ms_database *database,
                                       const ms_frame *rows, const ms_options *given,
                                       ms_options *out) {
  const filtering *how = ms_sqlite_options(context, &descriptor, given);
  if (!how) return NULL;
  ms_push push = {.context = context,
                  .where = how->where,
                  .rows = rows,
                  .given = given,
                  .columns = how->columns,
                  .out = out,
                  .exact = true};
  push.table = ms_sqlite_table_find(context, database, "filter", how->table, false);
  if (!push.table) return NULL;
  push.kinds = kinds_of(context, push.table, &how->types);
  push.used = ms_scratch_zero(context, push.table->count, sizeof *push.used);
  ms_pushed *pushed = ms_scratch_zero(context, 1, sizeof *pushed);
  if (!push.kinds || !push.used || !pushed) return NULL;
  ms_error_clear(context);
  if (mark_checked(&push, &how->check) != MS_OK) return NULL;
  pushed->condition = how->where ? ms_push_condition(&push) : NULL;
  if (ms_error_status(context) == MS_OK) pushed->check = check_used(&push);
  pushed->exact = push.exact;
  return ms_error_status(context) == MS_OK ? pushed : NULL;
}
