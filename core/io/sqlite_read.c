/* Reading a table: by ranges of its rowid on several connections, all of which see one state of the database.
 *
 * The ranges are fixed by the table, and parts are joined in their order, so the result is the same for any
 * number of threads. One state: in rollback mode the reading transaction of the first connection keeps
 * writers from committing. In WAL mode each reader's `pragma data_version` is asked before the first
 * connection begins and again within the reader's own transaction: where it is the same, nobody committed in
 * between, and the reader sees what the first connection sees. Otherwise it is tried again. */
#include <stdatomic.h>
#include <string.h>

#include "core/io/sqlite.h"

/* Rowids of a range at least; ranges of a table at most; attempts at one state before one connection does. */
enum { RANGE = 65536, RANGES_MOST = 1024, ATTEMPTS = 8 };

typedef struct {
  ms_names columns, types;
  int on_mismatch;
  const char *where;
  bool empty;
} reading;

static const ms_option options[] = {
    {.name = "columns",
     .type = MS_OPTION_TEXTS,
     .brief = "columns to read; all but blobs",
     .offset = offsetof(reading, columns)},
    {.name = "types",
     .type = MS_OPTION_TEXTS,
     .brief = "pairs of column and type",
     .offset = offsetof(reading, types)},
    {.name = "on_mismatch",
     .type = MS_OPTION_CHOICE,
     .fallback = "error",
     .unit = "error null text",
     .brief = "what becomes of a value that contradicts the declared type",
     .offset = offsetof(reading, on_mismatch)},
    {.name = "where",
     .type = MS_OPTION_TEXT,
     .brief = "a condition in SQL",
     .offset = offsetof(reading, where)},
    {.name = "empty",
     .type = MS_OPTION_BOOLEAN,
     .brief = "no rows, only the types",
     .offset = offsetof(reading, empty)},
    {0}};
static const ms_kernel descriptor = {
    .name = "table", .group = "read", .options = options, .size = sizeof(reading)};

typedef struct {
  ms_database *database;
  const ms_sqlite_table *table;
  ms_sqlite_plan plan;
  const char *where;
  const ms_options *given; /* parameters of `where` */
} table_read;

/* ---- what to read ------------------------------------------------------------------------------ */

static ms_status add_field(ms_context *context, table_read *read, const char *name) {
  int64_t found = ms_sqlite_column_find(read->table, name);
  if (found < 0) return ms_sqlite_column_unknown(context, read->table, "table", name);
  const ms_sqlite_column *column = &read->table->columns[found];
  for (size_t i = 0; i < read->plan.count; i++) {
    if (strcmp(read->plan.fields[i].name, name) == 0) {
      return ms_fail(context, MS_EDUPLICATE, "table: column '%s' is asked for twice", name);
    }
  }
  read->plan.fields[read->plan.count++] = (ms_sqlite_field){.name = column->name,
                                                            .table = read->table->name,
                                                            .declared = column->declared,
                                                            .kind = column->kind};
  return MS_OK;
}

static ms_status add_fields(ms_context *context, table_read *read, const reading *how,
                            bool columns_given) {
  size_t room = read->table->count + how->columns.count;
  read->plan.fields = ms_scratch(context, room, sizeof *read->plan.fields);
  if (!read->plan.fields) return MS_EMEMORY;
  ms_status status = MS_OK;
  for (size_t i = 0; status == MS_OK && columns_given && i < how->columns.count; i++) {
    status = add_field(context, read, how->columns.items[i]);
  }
  for (size_t i = 0; status == MS_OK && !columns_given && i < read->table->count; i++) {
    if (read->table->columns[i].kind == MS_READ_BLOB) continue;
    status = add_field(context, read, read->table->columns[i].name);
  }
  for (size_t i = 0; status == MS_OK && i + 1 < how->types.count; i += 2) {
    if (ms_sqlite_column_find(read->table, how->types.items[i]) < 0) {
      status = ms_sqlite_column_unknown(context, read->table, "types", how->types.items[i]);
    }
  }
  if (status == MS_OK) status = ms_sqlite_overrides(context, &read->plan, &how->types);
  for (size_t i = 0; status == MS_OK && i < read->plan.count; i++) {
    if (read->plan.fields[i].kind != MS_READ_BLOB) continue;
    status = ms_fail(context, MS_ETYPE, "table: %s.%s is declared %s, which is not read",
                     read->table->name, read->plan.fields[i].name, read->plan.fields[i].declared);
    ms_fail_hint(context, "db:query \"select hex(…) from …\" gives it as text");
  }
  return status;
}

/* Whether the rows of a range are taken by a function, in one step. */
static bool at_once(const table_read *read) { return read->plan.count <= MS_PART_MOST; }

/* `ranged`: with a range of rowids as parameters 1 and 2. */
static const char *statement_of(ms_context *context, const table_read *read, bool ranged) {
  ms_string sql = ms_string_new(context);
  const char *rowid = read->table->rowid;
  bool once = ranged && at_once(read);
  ms_string_text(&sql, once ? "select " MS_PART_FUNCTION "(" : "select ");
  ms_string_text(&sql, rowid ? rowid : "0");
  for (size_t i = 0; i < read->plan.count; i++) {
    ms_string_text(&sql, ", ");
    ms_sqlite_add_quoted(&sql, read->plan.fields[i].name);
  }
  ms_string_text(&sql, once ? ") from main." : " from main.");
  ms_sqlite_add_quoted(&sql, read->table->name);
  if (ranged) ms_string_format(&sql, " not indexed where %s between ?1 and ?2", rowid);
  if (read->where) ms_string_format(&sql, " %s (%s)", ranged ? "and" : "where", read->where);
  if (rowid && !once) ms_string_format(&sql, " order by %s", rowid);
  return ms_string_done(&sql);
}

/* ---- one connection ---------------------------------------------------------------------------- */

static ms_frame *read_alone(ms_context *context, table_read *read, bool *again) {
  ms_connection *connection = &read->database->main;
  const char *sql = statement_of(context, read, false);
  sqlite3_stmt *statement = ms_sqlite_prepare(context, connection, "table", sql);
  if (!statement) return NULL;
  ms_part *parts = ms_parts_new(context, &read->plan, 1);
  ms_status status = parts ? ms_sqlite_bind(context, connection, statement, read->given, 0)
                           : ms_error_status(context);
  if (status == MS_OK) status = ms_part_fill(context, parts, connection, statement);
  (void)sqlite3_finalize(statement);
  return status == MS_OK ? ms_parts_frame(context, &read->plan, parts, 1, again) : NULL;
}

/* ---- several connections ----------------------------------------------------------------------- */

typedef struct {
  table_read *read;
  const char *sql;
  int64_t low, high;
  uint64_t width;
  size_t ranges;
  ms_part *parts;
  size_t connections;
  atomic_flag *taken;
  sqlite3_stmt **statements;
} ranged_read;

/* A worker reads with any connection that nobody else reads with; there are as many as threads. */
static size_t take_connection(ranged_read *r) {
  for (size_t i = 0;; i = (i + 1) % r->connections) {
    if (!atomic_flag_test_and_set_explicit(&r->taken[i], memory_order_acquire)) return i;
  }
}

static ms_status read_range(ms_context *worker, void *state, size_t task) {
  ranged_read *r = state;
  size_t at = take_connection(r);
  ms_connection *connection = r->read->database->readers[at];
  uint64_t first = (uint64_t)r->low + r->width * task, last = first + (r->width - 1);
  ms_status status = MS_OK;
  if (!r->statements[at]) {
    r->statements[at] = ms_sqlite_prepare(worker, connection, "table", r->sql);
    status = r->statements[at]
                 ? ms_sqlite_bind(worker, connection, r->statements[at], r->read->given, 2)
                 : ms_error_status(worker);
  }
  if (status == MS_OK) {
    (void)sqlite3_bind_int64(r->statements[at], 1, (int64_t)first);
    (void)sqlite3_bind_int64(r->statements[at], 2, task + 1 == r->ranges ? r->high : (int64_t)last);
    ms_part *part = ms_part_at(r->parts, task);
    status = at_once(r->read) ? ms_part_fill_once(worker, part, connection, r->statements[at])
                              : ms_part_fill(worker, part, connection, r->statements[at]);
    (void)sqlite3_reset(r->statements[at]);
    ms_report(worker, r->read->table->name, task, r->ranges);
  }
  connection->context = NULL;
  atomic_flag_clear_explicit(&r->taken[at], memory_order_release);
  return status;
}

static void end_readers(ms_database *database, size_t count) {
  for (size_t i = 0; i < count; i++) {
    (void)sqlite3_exec(database->readers[i]->handle, "rollback", NULL, NULL, NULL);
  }
}

/* Begins a reading transaction in the main connection and in `count` readers, all of one state. MS_OK with
 * *same false where somebody kept committing. */
static ms_status begin_readers(ms_context *context, ms_database *database, size_t count,
                               bool *same) {
  static const char LOOK[] = "begin; select 1 from sqlite_schema limit 1";
  int64_t *versions = ms_scratch_zero(context, count, sizeof *versions);
  ms_status status = versions ? MS_OK : MS_EMEMORY;
  for (size_t i = 0; status == MS_OK && i < count; i++) {
    database->readers[i]->context = context;
    status = ms_sqlite_integer(context, database->readers[i], "pragma data_version", &versions[i]);
  }
  if (status == MS_OK) status = ms_sqlite_run(context, &database->main, "table", LOOK);
  *same = true;
  for (size_t i = 0; status == MS_OK && i < count; i++) {
    int64_t version = -1;
    status = ms_sqlite_run(context, database->readers[i], "table", LOOK);
    if (status != MS_OK) break;
    status = ms_sqlite_integer(context, database->readers[i], "pragma data_version", &version);
    *same = *same && version == versions[i];
  }
  if (status != MS_OK || !*same) {
    end_readers(database, count);
    (void)sqlite3_exec(database->main.handle, "rollback", NULL, NULL, NULL);
  }
  return status;
}

/* The same, again and again until they are of one state. */
static ms_status begin_same(ms_context *context, ms_database *database, size_t count, bool *same) {
  *same = false;
  ms_status status = MS_OK;
  for (int i = 0; status == MS_OK && !*same && i < ATTEMPTS; i++) {
    status = begin_readers(context, database, count, same);
  }
  return status;
}

static void end_reading(ms_database *database, size_t count) {
  end_readers(database, count);
  (void)sqlite3_exec(database->main.handle, "rollback", NULL, NULL, NULL);
}

ms_status ms_database_hold(ms_context *context, ms_database *database) {
  if (database->held || !sqlite3_get_autocommit(database->main.handle)) return MS_OK;
  size_t count = database->alone ? 0 : (size_t)ms_context_thread_count(context);
  ms_status status = ms_sqlite_readers(context, database, count);
  if (status != MS_OK) return status;
  if (database->reader_count < count) count = 0;
  bool same;
  status = begin_same(context, database, count, &same);
  if (status == MS_OK && !same) {
    count = 0; /* somebody keeps committing: one connection sees one state by itself */
    status = begin_same(context, database, count, &same);
  }
  database->held = status == MS_OK;
  database->held_readers = count;
  return status;
}

void ms_database_release(ms_database *database) {
  if (!database->held) return;
  end_reading(database, database->held_readers);
  database->held = false;
}

static ms_frame *read_ranges(ms_context *context, ranged_read *r, bool *again) {
  size_t count = r->connections;
  r->statements = ms_scratch_zero(context, count, sizeof *r->statements);
  r->taken = r->statements ? ms_scratch(context, count, sizeof *r->taken) : NULL;
  r->parts = r->taken ? ms_parts_new(context, &r->read->plan, r->ranges) : NULL;
  if (!r->parts) return NULL;
  for (size_t i = 0; i < count; i++) atomic_flag_clear(&r->taken[i]);
  ms_status status = ms_parallel(context, r->ranges, read_range, r);
  for (size_t i = 0; i < count; i++) (void)sqlite3_finalize(r->statements[i]);
  if (status != MS_OK) return NULL;
  return ms_parts_frame(context, &r->read->plan, r->parts, r->ranges, again);
}

/* First and last rowid; 0 and -1 where there is no row. */
static ms_status rowid_bounds(ms_context *context, const table_read *read, int64_t *low,
                              int64_t *high) {
  ms_connection *connection = &read->database->main;
  const char *rowid = read->table->rowid, *name = read->table->name;
  const char *first = ms_scratch_format(context, "select min(%s) from", rowid);
  const char *last = ms_scratch_format(context, "select max(%s) from", rowid);
  *low = 0, *high = -1;
  if (!first || !last) return MS_EMEMORY;
  ms_status status =
      ms_sqlite_integer(context, connection, ms_sqlite_about(context, first, name), low);
  if (status != MS_OK) return status;
  return ms_sqlite_integer(context, connection, ms_sqlite_about(context, last, name), high);
}

/* Whether the condition finds its rows by an index, without going through the table. */
static ms_status searches(ms_context *context, const table_read *read, bool *search) {
  const char *sql = statement_of(context, read, false);
  const char *plan = sql ? ms_scratch_format(context, "explain query plan %s", sql) : NULL;
  sqlite3_stmt *statement = ms_sqlite_prepare(context, &read->database->main, "table", plan);
  if (!statement) return ms_error_status(context);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const char *detail = (const char *)sqlite3_column_text(statement, 3);
    *search = *search || (detail && strncmp(detail, "SEARCH", 6) == 0);
  }
  (void)sqlite3_finalize(statement);
  return MS_OK;
}

static ms_status worth_ranges(ms_context *context, const table_read *read, bool *worth) {
  int64_t low, high;
  *worth = false;
  if (!read->table->rowid || read->database->alone || ms_context_thread_count(context) < 2 ||
      (!read->database->held && !sqlite3_get_autocommit(read->database->main.handle))) {
    return MS_OK;
  }
  ms_status status = rowid_bounds(context, read, &low, &high);
  if (status != MS_OK) return status;
  *worth = high > low && (uint64_t)high - (uint64_t)low >= 2 * RANGE;
  if (!*worth || !read->where) return MS_OK;
  bool search = false;
  status = searches(context, read, &search);
  *worth = !search;
  return status;
}

/* Within the transactions of all connections: divides and reads. */
static ms_frame *divide(ms_context *context, ranged_read *r, bool *again) {
  if (rowid_bounds(context, r->read, &r->low, &r->high) != MS_OK) return NULL;
  uint64_t span = r->high < r->low ? 0 : (uint64_t)r->high - (uint64_t)r->low;
  r->width = span / RANGES_MOST + 1 > RANGE ? span / RANGES_MOST + 1 : RANGE;
  r->ranges = (size_t)(span / r->width) + 1;
  r->sql = statement_of(context, r->read, true);
  return r->sql ? read_ranges(context, r, again) : NULL;
}

static ms_frame *read_table(ms_context *context, table_read *read, bool *again) {
  ranged_read r = {.read = read};
  ms_database *database = read->database;
  bool worth, same = false;
  *again = false;
  if (worth_ranges(context, read, &worth) != MS_OK) return NULL;
  if (!worth) return read_alone(context, read, again);
  r.connections = (size_t)ms_context_thread_count(context);
  if (database->held) {
    return database->held_readers < r.connections ? read_alone(context, read, again)
                                                  : divide(context, &r, again);
  }
  if (ms_sqlite_readers(context, database, r.connections) != MS_OK) return NULL;
  if (database->reader_count >= r.connections &&
      begin_same(context, database, r.connections, &same) != MS_OK) {
    return NULL;
  }
  if (!same) return read_alone(context, read, again);
  ms_frame *frame = divide(context, &r, again);
  end_reading(database, r.connections);
  return frame;
}

/* ---- the call ---------------------------------------------------------------------------------- */

/* No rows; columns without a declared type are read once to learn it. */
static ms_frame *read_shape(ms_context *context, table_read *read) {
  ms_sqlite_plan whole = read->plan, *part = &read->plan;
  part->count = 0;
  part->fields = ms_scratch(context, whole.count, sizeof *part->fields);
  if (!part->fields) return NULL;
  for (size_t i = 0; i < whole.count; i++) {
    if (whole.fields[i].kind == MS_READ_INFER) part->fields[part->count++] = whole.fields[i];
  }
  bool again = false;
  ms_frame *inferred = part->count ? read_table(context, read, &again) : NULL;
  if (part->count && !inferred && !again) return NULL;
  ms_assembly assembly = ms_assembly_new(context, whole.count);
  size_t at = 0;
  for (size_t i = 0; i < whole.count && !assembly.failed; i++) {
    bool infer = whole.fields[i].kind == MS_READ_INFER;
    ms_type type = infer && inferred ? ms_frame_type(inferred, at++)
                                     : ms_sqlite_kind_type(whole.fields[i].kind);
    ms_assembly_add(&assembly, whole.fields[i].name, ms_column_null(context, type, 0));
  }
  ms_frame *frame = ms_assembly_finish(&assembly, 0);
  ms_frame_free(inferred);
  return frame;
}

ms_frame *ms_database_read(ms_context *context, ms_database *database, const char *name,
                           const ms_options *given) {
  const reading *how = ms_sqlite_options(context, &descriptor, given);
  if (!how) return NULL;
  table_read read = {.database = database, .where = how->where, .given = given};
  ms_error_clear(context);
  read.table = ms_sqlite_table_find(context, database, "table", name, false);
  if (!read.table) return NULL;
  read.plan = (ms_sqlite_plan){.verb = "table",
                               .first = 1,
                               .rowid = read.table->rowid != NULL,
                               .on_mismatch = (ms_mismatch)how->on_mismatch};
  bool columns_given = ms_options_find(given, "columns") != NULL;
  if (add_fields(context, &read, how, columns_given) != MS_OK) return NULL;
  if (how->empty) return read_shape(context, &read);
  bool again = false;
  ms_frame *frame = read_table(context, &read, &again);
  return again ? read_table(context, &read, &again) : frame;
}
