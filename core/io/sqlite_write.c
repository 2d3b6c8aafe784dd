/* Writing frames to a database: every write is one transaction, or a part of the script's own. */
#include <string.h>

#include "core/io/sqlite_write.h"
#include "core/kernels/relational/group.h"

typedef struct {
  int mode;
  ms_names key;
} writing;

static const ms_option options[] = {
    {.name = "mode",
     .type = MS_OPTION_CHOICE,
     .fallback = "create",
     .unit = "create append replace upsert",
     .brief =
         "make a new table, add rows, put new rows in place of all, or by key in place of the old",
     .offset = offsetof(writing, mode)},
    {.name = "key",
     .type = MS_OPTION_TEXTS,
     .brief = "columns that tell rows apart: the primary key of a new table",
     .offset = offsetof(writing, key)},
    {0}};
static const ms_kernel descriptor = {
    .name = "write", .group = "write", .options = options, .size = sizeof(writing)};

/* ---- transactions ------------------------------------------------------------------------------ */

static ms_status writable(ms_context *context, const ms_database *database, const char *verb) {
  if (database->write) return MS_OK;
  (void)ms_fail(context, MS_EDATABASE, "%s: %s is open for reading only", verb, database->name);
  ms_fail_hint(context, "ms.open(path, { write = true })");
  return MS_EDATABASE;
}

/* After a serious fault (a full disk) SQLite has rolled the transaction back itself. */
static void undo(ms_database *database, const char *sql) {
  database->main.context = NULL;
  if (!sqlite3_get_autocommit(database->main.handle)) {
    (void)sqlite3_exec(database->main.handle, sql, NULL, NULL, NULL);
  }
  if (sqlite3_get_autocommit(database->main.handle)) database->transaction = false;
}

ms_status ms_database_begin(ms_context *context, ms_database *database) {
  if (writable(context, database, "transaction") != MS_OK) return MS_EDATABASE;
  if (database->transaction) {
    return ms_fail(context, MS_EDATABASE, "transaction: one is under way already");
  }
  ms_status status = ms_sqlite_run(context, &database->main, "transaction", "begin immediate");
  database->transaction = status == MS_OK;
  return status;
}

ms_status ms_database_commit(ms_context *context, ms_database *database) {
  if (!database->transaction) {
    return ms_fail(context, MS_EDATABASE,
                   "transaction: it was rolled back by an earlier error; nothing is written");
  }
  ms_status status = ms_sqlite_run(context, &database->main, "transaction", "commit");
  if (status != MS_OK) {
    ms_fail_hint(context, "nothing was written: %s is as before", database->name);
    undo(database, "rollback");
  }
  database->transaction = false;
  return status;
}

ms_status ms_database_rollback(ms_context *context, ms_database *database) {
  (void)context;
  undo(database, "rollback");
  database->transaction = false;
  return MS_OK;
}

/* ---- one write --------------------------------------------------------------------------------- */

static ms_status check_frame(ms_context *context, const ms_frame *frame) {
  if (frame->count == 0) return ms_fail(context, MS_EDATA, "write: the frame has no columns");
  for (size_t i = 0; i < frame->count; i++) {
    for (size_t j = 0; j < i; j++) {
      if (sqlite3_stricmp(frame->names[i], frame->names[j]) != 0) continue;
      return ms_fail(
          context, MS_EDUPLICATE,
          "write: columns '%s' and '%s' differ only in case, which is one name to SQLite",
          frame->names[j], frame->names[i]);
    }
  }
  return MS_OK;
}

static ms_status check_key(ms_context *context, const ms_table_write *write) {
  if (write->mode == MS_WRITE_UPSERT && write->key.count == 0) {
    (void)ms_fail(context, MS_EARGUMENT, "write: mode 'upsert' needs the option 'key'");
    ms_fail_hint(context, "key = { … }: the columns by which a row finds its old one");
    return MS_EARGUMENT;
  }
  for (size_t i = 0; i < write->key.count; i++) {
    const ms_column *column = ms_frame_get(context, write->frame, "write", write->key.items[i]);
    if (!column) return ms_error_status(context);
    for (int64_t row = 0; column->nulls && row < column->rows; row++) {
      if (ms_column_valid(column, row)) continue;
      (void)ms_fail(context, MS_EDATA, "write: key column '%s' is null in row %lld",
                    write->key.items[i], (long long)row + 1);
      ms_fail_cell(context, write->key.items[i], row);
      return MS_EDATA;
    }
  }
  return MS_OK;
}

/* Of two rows with one key the second would take the place of the first, unseen. */
static ms_status check_unique(ms_context *context, const ms_table_write *write) {
  const ms_column **keys = ms_scratch(context, write->key.count, sizeof *keys);
  if (!keys) return MS_EMEMORY;
  for (size_t i = 0; i < write->key.count; i++) {
    keys[i] = write->frame->columns[ms_frame_find(write->frame, write->key.items[i])];
  }
  ms_groups groups;
  int64_t rows = write->frame->rows;
  ms_status status = ms_groups_new(context, keys, write->key.count, rows, &groups);
  if (status != MS_OK || groups.count == rows) return status;
  int64_t row = 0;
  while (groups.first[groups.ids[row]] == (uint32_t)row) row++;
  (void)ms_fail(context, MS_EDATA, "write: rows %lld and %lld have the same key",
                (long long)groups.first[groups.ids[row]] + 1, (long long)row + 1);
  ms_fail_cell(context, write->key.items[0], row);
  ms_fail_hint(context, "frame:unique(\"%s\", { keep = \"last\" }) keeps one of them",
               write->key.items[0]);
  return MS_EDATA;
}

ms_status ms_database_write(ms_context *context, ms_database *database, const char *table,
                            const ms_frame *frame, const ms_options *given) {
  const writing *how = ms_sqlite_options(context, &descriptor, given);
  if (!how) return ms_error_status(context);
  ms_table_write write = {database, table, frame, (ms_write_mode)how->mode, how->key};
  ms_status status = writable(context, database, "write");
  if (status == MS_OK) status = check_frame(context, frame);
  if (status == MS_OK) status = check_key(context, &write);
  if (status == MS_OK && write.mode == MS_WRITE_UPSERT) status = check_unique(context, &write);
  if (status != MS_OK) return status;
  bool within = database->transaction;
  status = ms_sqlite_run(context, &database->main, "write",
                         within ? "savepoint moonsift" : "begin immediate");
  if (status == MS_OK) {
    status = ms_table_prepare(context, &write);
    if (status == MS_OK) status = ms_table_insert(context, &write);
    if (status == MS_OK) {
      status =
          ms_sqlite_run(context, &database->main, "write", within ? "release moonsift" : "commit");
    }
    if (status != MS_OK)
      undo(database, within ? "rollback to moonsift; release moonsift" : "rollback");
  }
  database->main.context = NULL;
  if (status == MS_OK) return MS_OK;
  if (!within || database->transaction) {
    ms_fail_hint(context, "nothing was written: table %s is as before", table);
  } else {
    ms_fail_hint(context, "the whole transaction was rolled back: %s is as before", database->name);
  }
  return status;
}
