/* What the files that speak to SQLite share: connections, errors, tables and their columns, stored values on
 * their way into a frame. The public side is the section "databases" of core/api.h. */
#ifndef MS_IO_SQLITE_H
#define MS_IO_SQLITE_H

#include <sqlite3.h>

#include "core/frame/kernel.h"

/* ---- connections ------------------------------------------------------------------------------- */

typedef struct ms_part_taking ms_part_taking;
typedef struct {
  sqlite3 *handle;
  ms_database *database;
  ms_context *context;    /* of the running call: handlers ask it whether to stop */
  ms_part_taking *taking; /* what MS_PART_FUNCTION fills */
  bool guarded;           /* a script's SQL is being prepared: ATTACH and the like are refused */
} ms_connection;

struct ms_database {
  char *path;        /* as given */
  const char *name;  /* its last part, for messages */
  bool write, alone; /* alone: in memory or being made; no second connection can see it */
  int64_t timeout;   /* milliseconds to wait for a lock */
  bool transaction;  /* the script's own, begun by ms_database_begin */
  ms_connection main;
  ms_connection **readers; /* for reading in parallel, opened when first needed */
  size_t reader_count;
  bool held; /* all reading is of one state: the main connection is in a transaction … */
  size_t held_readers; /* … and so are so many readers */
};

/* Opens one more connection to the database file; MS_EIO, MS_EFORMAT, MS_ELOCKED. */
ms_status ms_connection_open(ms_context *context, ms_database *database, int flags,
                             ms_connection *out);
void ms_connection_close(ms_connection *connection);
/* At least `count` readers; MS_OK also where fewer could be opened (reader_count tells). */
ms_status ms_sqlite_readers(ms_context *context, ms_database *database, size_t count);

/* The error of the last SQLite call as ours; `verb` stands in front. */
ms_status ms_sqlite_fail(ms_context *context, const ms_connection *connection, const char *verb);
/* Prepares one statement; NULL with an error. Finalize it (NULL is fine). */
sqlite3_stmt *ms_sqlite_prepare(ms_context *context, ms_connection *connection, const char *verb,
                                const char *sql);
/* Runs SQL without results. */
ms_status ms_sqlite_run(ms_context *context, ms_connection *connection, const char *verb,
                        const char *sql);
/* Runs SQL that gives one integer; `fallback` where it gives no row or null. */
ms_status ms_sqlite_integer(ms_context *context, ms_connection *connection, const char *sql,
                            int64_t *out);
/* The SQL with main."table" behind it, in scratch. NULL if memory is short. */
const char *ms_sqlite_about(ms_context *context, const char *sql, const char *table);
/* The name as an SQL identifier: "odd ""name""". */
void ms_sqlite_add_quoted(ms_string *sql, const char *name);
/* Binds the parameters of the statement from the "@name" entries of the bag (a bare ? takes "@1", "@2", …).
 * MS_EPARAMETER where one has no value. `skip`: leading parameters that the caller binds himself. */
ms_status ms_sqlite_bind(ms_context *context, const ms_connection *connection,
                         sqlite3_stmt *statement, const ms_options *given, int skip);

/* ---- tables ------------------------------------------------------------------------------------ */

/* How stored values become values of a column. */
typedef enum {
  MS_READ_INFER, /* by the values: integer, real, or text where both or texts are found */
  MS_READ_BOOLEAN,
  MS_READ_INTEGER,
  MS_READ_REAL,
  MS_READ_DATE,    /* ISO text, unix seconds, julian day (a real) */
  MS_READ_COMPACT, /* date: 20240131 */
  MS_READ_TIME,    /* as date */
  MS_READ_MILLI,   /* time: unix milliseconds */
  MS_READ_MICRO,   /* time: unix microseconds */
  MS_READ_TEXT,
  MS_READ_ANY, /* whatever it is, as text */
  MS_READ_BLOB /* not read */
} ms_sqlite_kind;

/* By a declared type; NULL and "" are MS_READ_INFER. */
ms_sqlite_kind ms_sqlite_kind_declared(const char *declared);
/* By a word of the option `types`; MS_EARGUMENT. */
ms_status ms_sqlite_kind_word(ms_context *context, const char *word, ms_sqlite_kind *out);
/* The type of a column that is read so; text for MS_READ_INFER, MS_READ_BLOB. */
ms_type ms_sqlite_kind_type(ms_sqlite_kind kind);
/* What a column of the type is declared as when a table is made. */
const char *ms_sqlite_declaration(ms_type type);

typedef struct {
  const char *name, *declared;
  ms_sqlite_kind kind;
  bool required, generated, defaulted;
  int key; /* place in the primary key from 1; 0: not in it */
} ms_sqlite_column;

typedef struct {
  const char *name;
  bool view, strict;
  const char *rowid; /* a name under which the rowid can be read; NULL if there is none */
  size_t count;
  ms_sqlite_column *columns;
} ms_sqlite_table;

/* The table or view as the database has it, in scratch. NULL with MS_EDATABASE and the nearest name;
 * where `optional`, NULL without an error if there is none of that name. */
const ms_sqlite_table *ms_sqlite_table_find(ms_context *context, ms_database *database,
                                            const char *verb, const char *name, bool optional);
/* Index of the column of that name, -1 if there is none. */
int64_t ms_sqlite_column_find(const ms_sqlite_table *table, const char *name);
ms_status ms_sqlite_column_unknown(ms_context *context, const ms_sqlite_table *table,
                                   const char *verb, const char *name);

/* ---- values on their way ----------------------------------------------------------------------- */

typedef enum { MS_MISMATCH_ERROR, MS_MISMATCH_NULL, MS_MISMATCH_TEXT } ms_mismatch;

/* A column that is being read. */
typedef struct {
  const char *name, *table, *declared; /* table: for messages, "" if none */
  ms_sqlite_kind kind;
} ms_sqlite_field;

typedef struct {
  const char *verb;
  size_t count;
  ms_sqlite_field *fields;
  int first;  /* number of the first field among the columns of the statement */
  bool rowid; /* column 0 of the statement is the rowid */
  ms_mismatch on_mismatch;
} ms_sqlite_plan;

/* The values of some rows. Account memory. */
typedef struct ms_part ms_part;
/* `count` empty parts for the plan, in one array; released when the call ends. */
ms_part *ms_parts_new(ms_context *context, const ms_sqlite_plan *plan, size_t count);
ms_part *ms_part_at(ms_part *parts, size_t i);
int64_t ms_part_rows(const ms_part *part);
/* Steps the statement to its end and takes all rows into the part. */
ms_status ms_part_fill(ms_context *context, ms_part *part, ms_connection *connection,
                       sqlite3_stmt *statement);
/* An aggregate function of the connection that takes a rowid and a row's values, up to MS_PART_MOST. */
#define MS_PART_FUNCTION "moonsift_take"
enum { MS_PART_MOST = 100 };
ms_status ms_part_function(ms_context *context, ms_connection *connection);
/* As ms_part_fill, for a statement that calls that function, rows in the order of the rowid. */
ms_status ms_part_fill_once(ms_context *context, ms_part *part, ms_connection *connection,
                            sqlite3_stmt *statement);
/* The frame of all parts, one below the other; reports what was read as null. NULL with an error.
 * Where on_mismatch is text and a column has contradictions, its kind in the plan becomes MS_READ_ANY,
 * *again is set and the answer is NULL without an error: read once more. */
ms_frame *ms_parts_frame(ms_context *context, ms_sqlite_plan *plan, ms_part *parts, size_t count,
                         bool *again);

/* Dates and times in texts, always UTC: 2024-01-31, 2024-01-31 08:30[:15[.25]], T for the blank, Z or +08:00
 * behind. Microseconds; *midnight says that it is a whole day. False if it is none. */
bool ms_sqlite_moment(const char *text, size_t size, int64_t *micros, bool *midnight);
/* ---- options ----------------------------------------------------------------------------------- */

/* The bag checked against a private descriptor; NULL with an error. */
const void *ms_sqlite_options(ms_context *context, const ms_kernel *descriptor,
                              const ms_options *given);
/* Lays the pairs (column, word) of the option `types` over the fields. */
ms_status ms_sqlite_overrides(ms_context *context, ms_sqlite_plan *plan, const ms_names *types);

#endif
