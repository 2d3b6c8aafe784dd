/* Opening and closing databases, and what every connection refuses and obeys. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/io/sqlite.h"

/* Virtual-machine steps between two questions whether to stop. */
enum { STEPS = 4000 };

typedef struct {
  bool write, create;
  double timeout;
} opening;

static const ms_option options[] = {{.name = "write",
                                     .type = MS_OPTION_BOOLEAN,
                                     .brief = "the database may be changed",
                                     .offset = offsetof(opening, write)},
                                    {.name = "create",
                                     .type = MS_OPTION_BOOLEAN,
                                     .brief = "makes the file where there is none",
                                     .offset = offsetof(opening, create)},
                                    {.name = "timeout",
                                     .type = MS_OPTION_REAL,
                                     .fallback = "5",
                                     .low = 0,
                                     .high = 86400,
                                     .unit = "seconds",
                                     .brief = "how long to wait for a lock",
                                     .offset = offsetof(opening, timeout)},
                                    {0}};
static const ms_kernel descriptor = {
    .name = "open", .group = "read", .options = options, .size = sizeof(opening)};

/* ---- handlers ---------------------------------------------------------------------------------- */

static int on_progress(void *state) {
  ms_connection *connection = state;
  return connection->context && ms_cancelled(connection->context);
}

static int on_busy(void *state, int count) {
  ms_connection *connection = state;
  enum { PAUSE = 10 }; /* milliseconds */
  if ((int64_t)count * PAUSE >= connection->database->timeout) return 0;
  if (connection->context && ms_cancelled(connection->context)) return 0;
  struct timespec pause = {0, PAUSE * 1000000L};
  (void)nanosleep(&pause, NULL);
  return 1;
}

static bool pragma_is_harmless(const char *name) {
  static const char *const names[] = {
      "table_info",  "table_xinfo",       "table_list",     "index_list", "index_info",
      "index_xinfo", "foreign_key_list",  "user_version",   "encoding",   "integrity_check",
      "quick_check", "foreign_key_check", "compile_options"};
  for (size_t i = 0; name && i < sizeof names / sizeof *names; i++) {
    if (sqlite3_stricmp(name, names[i]) == 0) return true;
  }
  return false;
}

/* Scripts reach the one file that they were given, and no code from elsewhere. */
static int authorize(void *state, int action, const char *first, const char *second,
                     const char *schema, const char *trigger) {
  (void)schema, (void)trigger;
  const ms_connection *connection = state;
  if (!connection->guarded) return SQLITE_OK;
  if (action == SQLITE_ATTACH || action == SQLITE_DETACH) return SQLITE_DENY;
  if (action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT) return SQLITE_DENY;
  if (action == SQLITE_FUNCTION && second) {
    bool refused = sqlite3_stricmp(second, "load_extension") == 0 ||
                   sqlite3_stricmp(second, "fts3_tokenizer") == 0;
    return refused ? SQLITE_DENY : SQLITE_OK;
  }
  if (action == SQLITE_PRAGMA) {
    bool sets = second && sqlite3_stricmp(first, "user_version") == 0;
    return !sets && pragma_is_harmless(first) ? SQLITE_OK : SQLITE_DENY;
  }
  return SQLITE_OK;
}

/* ---- connections ------------------------------------------------------------------------------- */

static ms_status cannot_open(ms_context *context, const ms_connection *connection) {
  const char *path = connection->database->path;
  int code = connection->handle ? sqlite3_errcode(connection->handle) : SQLITE_NOMEM;
  if (code == SQLITE_NOTADB) {
    (void)ms_fail(context, MS_EFORMAT, "open: '%s' is not an SQLite database", path);
    ms_fail_hint(context, "a CSV file is read by ms.read_csv");
    return MS_EFORMAT;
  }
  if (code == SQLITE_CANTOPEN) {
    return ms_fail(context, MS_EIO, "open: '%s' cannot be opened: %s", path, strerror(errno));
  }
  return ms_sqlite_fail(context, connection, "open");
}

static void configure(sqlite3 *handle) {
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
  (void)sqlite3_extended_result_codes(handle, 1);
}

ms_status ms_connection_open(ms_context *context, ms_database *database, int flags,
                             ms_connection *out) {
  *out = (ms_connection){.database = database, .context = context};
  /* A path that begins like a URI would be read as one. */
  const char *prefix = strncmp(database->path, "file:", 5) == 0 ? "./" : "";
  const char *path = ms_scratch_format(context, "%s%s", prefix, database->path);
  if (!path) return MS_EMEMORY;
  if (sqlite3_open_v2(path, &out->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
    ms_status status = cannot_open(context, out);
    ms_connection_close(out);
    return status;
  }
  configure(out->handle);
  (void)sqlite3_busy_handler(out->handle, on_busy, out);
  sqlite3_progress_handler(out->handle, STEPS, on_progress, out);
  (void)sqlite3_set_authorizer(out->handle, authorize, out);
  /* The first look at the file: whether it is a database at all. */
  if (sqlite3_exec(out->handle, "select 1 from sqlite_schema limit 1", NULL, NULL, NULL) ==
      SQLITE_OK) {
    return MS_OK;
  }
  ms_status status = cannot_open(context, out);
  ms_connection_close(out);
  return status;
}

void ms_connection_close(ms_connection *connection) {
  (void)sqlite3_close(connection->handle);
  connection->handle = NULL;
}

ms_status ms_sqlite_readers(ms_context *context, ms_database *database, size_t count) {
  if (database->alone || count <= database->reader_count) return MS_OK;
  ms_memory *memory = ms_context_account(context);
  ms_connection **grown =
      ms_memory_grow(memory, database->readers, count * sizeof *database->readers);
  if (!grown) return ms_fail(context, MS_EMEMORY, "not enough memory for a connection");
  database->readers = grown;
  while (database->reader_count < count) {
    ms_connection *reader = ms_memory_take(memory, sizeof *reader);
    if (!reader) return ms_fail(context, MS_EMEMORY, "not enough memory for a connection");
    if (ms_connection_open(context, database, SQLITE_OPEN_READONLY, reader) != MS_OK) {
      ms_memory_give(reader);
      ms_error_clear(context); /* fewer readers do */
      return MS_OK;
    }
    /* Whole pages of the file as memory: reading from it costs no call of the system. */
    (void)sqlite3_exec(reader->handle, "pragma mmap_size = 1099511627776", NULL, NULL, NULL);
    ms_status status = ms_part_function(context, reader);
    if (status != MS_OK) {
      ms_connection_close(reader);
      ms_memory_give(reader);
      return status;
    }
    grown[database->reader_count++] = reader;
  }
  return MS_OK;
}

/* ---- databases --------------------------------------------------------------------------------- */

static ms_status check_path(ms_context *context, const char *path, const opening *how) {
  struct stat info;
  if (strcmp(path, ":memory:") == 0) return MS_OK;
  if (!path[0]) return ms_fail(context, MS_EARGUMENT, "open: the path is empty; a file wanted");
  if (stat(path, &info) != 0) {
    if (errno == ENOENT && how->create) return MS_OK;
    (void)ms_fail(context, MS_EIO, "open: '%s': %s", path, strerror(errno));
    if (errno == ENOENT) {
      ms_fail_hint(context, "ms.open(path, { write = true, create = true }) makes a new database");
    }
    return MS_EIO;
  }
  if (S_ISDIR(info.st_mode)) {
    return ms_fail(context, MS_EIO, "open: '%s' is a folder; a database file wanted", path);
  }
  return MS_OK;
}

static ms_database *database_new(ms_context *context, const char *path, const opening *how) {
  ms_memory *memory = ms_context_account(context);
  ms_database *database = ms_memory_zero(memory, 1, sizeof *database);
  size_t size = strlen(path) + 1;
  if (database) database->path = ms_memory_take(memory, size);
  if (!database || !database->path) {
    ms_memory_give(database);
    return ms_fail_null(context, MS_EMEMORY, "open: not enough memory");
  }
  memcpy(database->path, path, size);
  const char *slash = strrchr(database->path, '/');
  database->name = slash && slash[1] ? slash + 1 : database->path;
  database->alone = strcmp(path, ":memory:") == 0;
  database->write = how->write || database->alone;
  database->timeout = (int64_t)(how->timeout * 1000);
  return database;
}

ms_database *ms_database_open(ms_context *context, const char *path, const ms_options *given) {
  const opening *how = ms_sqlite_options(context, &descriptor, given);
  if (!how) return NULL;
  if (how->create && !how->write) {
    return ms_fail_null(context, MS_EARGUMENT, "open: create = true needs write = true");
  }
  if (check_path(context, path, how) != MS_OK) return NULL;
  ms_database *database = database_new(context, path, how);
  if (!database) return NULL;
  int flags = database->write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (how->create || database->alone) flags |= SQLITE_OPEN_CREATE;
  if (ms_connection_open(context, database, flags, &database->main) != MS_OK) {
    ms_database_close(database);
    return NULL;
  }
  sqlite3 *handle = database->main.handle;
  if (database->write && sqlite3_db_readonly(handle, "main") == 1) {
    (void)ms_fail(context, MS_EIO, "open: '%s' may not be written: %s", path, strerror(EACCES));
    ms_database_close(database);
    return NULL;
  }
  /* Single rows by an index, and indexes made anew, touch pages here and there. */
  (void)sqlite3_exec(handle, "pragma mmap_size = 1099511627776", NULL, NULL, NULL);
  /* Readers go on while a writer writes. Where somebody holds the file it stays as it is. */
  if (database->write && !database->alone) {
    (void)sqlite3_exec(handle, "pragma journal_mode = wal", NULL, NULL, NULL);
    if (ms_error_status(context) == MS_ECANCEL) {
      ms_database_close(database);
      return NULL;
    }
  }
  return database;
}

void ms_database_close(ms_database *database) {
  if (!database) return;
  database->main.context = NULL;
  for (size_t i = 0; i < database->reader_count; i++) {
    ms_connection_close(database->readers[i]);
    ms_memory_give(database->readers[i]);
  }
  ms_memory_give(database->readers);
  ms_connection_close(&database->main);
  ms_memory_give(database->path);
  ms_memory_give(database);
}

const char *ms_database_path(const ms_database *database) { return database->path; }
bool ms_database_writable(const ms_database *database) { return database->write; }
