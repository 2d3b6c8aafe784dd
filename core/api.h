/* The public interface of moonsift's core: opaque handles and the functions over them.
 *
 * The same text, preprocessed with MS_FFI defined, is the declaration that LuaJIT's FFI reads;
 * there is no second copy. Nothing here shows the inside of a struct.
 *
 * Errors: a function that fails gives NULL (or a status that is not MS_OK) and leaves code, text
 * and position in the context. Temporaries of a call live until ms_context_end. Text is UTF-8. */
#ifndef MS_API_H
#define MS_API_H

#ifndef MS_FFI
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

/* Every way to fail: the constant, and the stable code that scripts and tests compare with. */
#define MS_STATUSES(X)                                                                             \
  X(MS_EMEMORY, "E-MEMORY")           /* an allocation failed, or the memory budget is spent */    \
  X(MS_ELIMIT, "E-LIMIT")             /* larger than a stated limit */                             \
  X(MS_ECANCEL, "E-INTERRUPTED")      /* Ctrl-C or a deadline */                                   \
  X(MS_EARGUMENT, "E-ARGUMENT")       /* an option has a wrong value or is missing */              \
  X(MS_EOPTION, "E-OPTION-UNKNOWN")   /* no such option */                                         \
  X(MS_EKERNEL, "E-KERNEL-UNKNOWN")   /* no such verb or kernel */                                 \
  X(MS_ECOLUMN, "E-COL-UNKNOWN")      /* no such column */                                         \
  X(MS_EDUPLICATE, "E-COL-DUPLICATE") /* the same column name twice */                             \
  X(MS_ETYPE, "E-TYPE")               /* a value or column of a type that does not fit */          \
  X(MS_ESYNTAX, "E-SYNTAX")           /* an expression that cannot be read */                      \
  X(MS_EFUNCTION, "E-FUNC-UNKNOWN")   /* no such function in the expression language */            \
  X(MS_EPARAMETER, "E-PARAM-UNKNOWN") /* @name without a value */                                  \
  X(MS_EOVERFLOW, "E-OVERFLOW")       /* an integer result does not fit 64 bits */                 \
  X(MS_EDATA, "E-DATA")               /* the rows do not allow what was asked */                   \
  X(MS_EIO, "E-IO")                   /* the operating system refused */                           \
  X(MS_EFORMAT, "E-FORMAT")           /* a file that is not what it should be */                   \
  X(MS_EENCODING, "E-ENCODING")       /* bytes that are not text in the encoding */                \
  X(MS_EDATABASE, "E-DATABASE")       /* the database refused */                                   \
  X(MS_ELOCKED, "E-DATABASE-LOCKED")  /* somebody else holds the database */                       \
  X(MS_EMISMATCH, "E-MISMATCH")       /* a stored value contradicts the declared type */           \
  X(MS_ESCRIPT, "E-SCRIPT")           /* an error in the analyst's own Lua */                      \
  X(MS_EINTERNAL, "E-INTERNAL")       /* our fault */

#define MS_STATUS_ENUM(name, code) name,
typedef enum { MS_OK, MS_STATUSES(MS_STATUS_ENUM) MS_STATUS_COUNT } ms_status;

/* Logical types of a column. Storage may be narrower: core/frame/column.h. */
typedef enum {
  MS_BOOLEAN, /* false or true */
  MS_INTEGER, /* 64 bits, signed */
  MS_REAL,    /* IEEE double */
  MS_DATE,    /* days since 1970-01-01 */
  MS_TIME,    /* microseconds since 1970-01-01T00:00Z */
  MS_TEXT     /* UTF-8 */
} ms_type;
enum { MS_TYPE_COUNT = 6 };

/* How a column's values lie in memory. Codes of text are unsigned, everything else is signed. */
typedef enum {
  MS_INT8,
  MS_INT16,
  MS_INT32,
  MS_INT64,
  MS_FLOAT64,
  MS_CODE8, /* text: 1-, 2- or 4-byte index into the dictionary */
  MS_CODE16,
  MS_CODE32,
  MS_CODE_ROW /* text: no codes, row i is entry i of the dictionary */
} ms_storage;

typedef struct ms_context ms_context;
typedef struct ms_frame ms_frame;
typedef struct ms_column ms_column;
typedef struct ms_options ms_options;
typedef struct ms_builder ms_builder;
typedef struct ms_database ms_database;

/* ---- context ----------------------------------------------------------------------------------
 */

/* A session: threads, memory budget, time zone, last error. NULL if there is no memory for it. */
ms_context *ms_context_new(void);
/* Frees the context; every frame, option bag and builder made with it must be freed before. */
void ms_context_free(ms_context *context);
/* Ends a call: its temporaries go. The error stays readable until the next failure or
 * ms_error_clear. */
void ms_context_end(ms_context *context);

/* Number of threads, 1 … 256; 0 asks for the number of cores. Results never depend on it. */
void ms_context_threads(ms_context *context, int threads);
int ms_context_thread_count(const ms_context *context);
/* Rows evaluated at a time, for tests; 0 is the default (2048). Results never depend on it. */
void ms_context_block(ms_context *context, int rows);
/* Most bytes that may be in use at once; 0 is no limit. */
void ms_context_budget(ms_context *context, uint64_t bytes);
uint64_t ms_context_memory(const ms_context *context);
uint64_t ms_context_memory_peak(const ms_context *context);
/* Makes the n-th allocation from now fail (n from 1), for tests; 0 stops that. */
void ms_context_fail_at(ms_context *context, uint64_t allocation);
/* IANA name of the session's time zone ("UTC" at first). MS_EARGUMENT if it is not known. */
ms_status ms_context_zone(ms_context *context, const char *name);
const char *ms_context_zone_name(const ms_context *context);
/* Seconds that the zone's wall is ahead of UTC at a moment, in seconds since 1970 (`local`: as the wall shows them),
 * and, in span, from when to before when that holds. */
int32_t ms_context_offset(const ms_context *context, double seconds, bool local, double *span);
/* Asks all running work to stop; may be called from a signal handler or another thread. */
void ms_context_cancel(ms_context *context);
void ms_context_resume(ms_context *context);

/* Warnings since they were last cleared, a line each; "" if there is none. */
const char *ms_context_warnings(const ms_context *context);
void ms_context_warnings_clear(ms_context *context);

/* The last error. `begin` and `end` are byte offsets into `source` (an expression), 0 0 if none;
 * row is -1 where no row is to blame, otherwise it counts from 0. Absent texts are "". */
ms_status ms_error_status(const ms_context *context);
const char *ms_error_code(const ms_context *context);
const char *ms_error_text(const ms_context *context);
const char *ms_error_hint(const ms_context *context);
const char *ms_error_column(const ms_context *context);
const char *ms_error_source(const ms_context *context);
size_t ms_error_begin(const ms_context *context);
size_t ms_error_end(const ms_context *context);
int64_t ms_error_row(const ms_context *context);
void ms_error_clear(ms_context *context);

/* ---- frames -----------------------------------------------------------------------------------
 */

/* Frames are immutable and counted: share gives another owner, free takes one away (NULL is fine).
 */
ms_frame *ms_frame_share(const ms_frame *frame);
void ms_frame_free(ms_frame *frame);
int64_t ms_frame_rows(const ms_frame *frame);
size_t ms_frame_columns(const ms_frame *frame);
/* Name of column i (from 0); the text lives as long as the frame. */
const char *ms_frame_name(const ms_frame *frame, size_t i);
/* Index of the column, or -1. */
int64_t ms_frame_find(const ms_frame *frame, const char *name);
/* The same; where there is none, MS_ECOLUMN with the nearest name, `verb` in front of the text. */
int64_t ms_frame_need(ms_context *context, const ms_frame *frame, const char *verb,
                      const char *name);
ms_type ms_frame_type(const ms_frame *frame, size_t i);
const ms_column *ms_frame_column(const ms_frame *frame, size_t i);
const char *ms_type_name(ms_type type);
/* Bytes held by the frame's buffers, shared ones counted whole. */
uint64_t ms_frame_bytes(const ms_frame *frame);

/* One cell: column and row from 0 and within the frame. Integer serves boolean, date and time too.
 * Text is not terminated: its size is written to *size. */
bool ms_cell_valid(const ms_frame *frame, size_t column, int64_t row);
int64_t ms_cell_integer(const ms_frame *frame, size_t column, int64_t row);
double ms_cell_real(const ms_frame *frame, size_t column, int64_t row);
const char *ms_cell_text(const ms_frame *frame, size_t column, int64_t row, size_t *size);

/* A column's storage, borrowed from its frame; for the row functions of stdlib/ffi alone.
 * Validity: bit i of word i / 64, set where there is a value; NULL where no value is null. */
ms_storage ms_column_storage(const ms_column *column);
const void *ms_column_values(const ms_column *column);
const uint64_t *ms_column_validity(const ms_column *column);
int64_t ms_column_nulls(const ms_column *column);
/* Entries of a text column's dictionary. */
int64_t ms_column_entries(const ms_column *column);
const char *ms_column_entry(const ms_column *column, int64_t entry, size_t *size);

/* A frame built value by value: columns first, then values, column by column or row by row.
 * Finish checks that all columns are equally long, frees the builder, and gives the frame or NULL.
 * An allocation that fails is remembered and reported by finish. */
ms_builder *ms_builder_new(ms_context *context);
void ms_builder_free(ms_builder *builder);
ms_status ms_builder_column(ms_builder *builder, const char *name, ms_type type);
void ms_builder_null(ms_builder *builder, size_t column);
/* Boolean, integer, date, time. */
void ms_builder_integer(ms_builder *builder, size_t column, int64_t value);
void ms_builder_real(ms_builder *builder, size_t column, double value);
void ms_builder_text(ms_builder *builder, size_t column, const char *text, size_t size);
ms_frame *ms_builder_finish(ms_builder *builder);

/* ---- options and kernels ----------------------------------------------------------------------
 */

/* A bag of named values: options by their name, parameters of expressions by "@name".
 * Adding to a name that has a value makes a list. */
ms_options *ms_options_new(ms_context *context);
void ms_options_free(ms_options *options);
void ms_options_null(ms_options *options, const char *name);
/* Of type boolean, integer, date or time. */
void ms_options_integer(ms_options *options, const char *name, ms_type type, int64_t value);
void ms_options_real(ms_options *options, const char *name, double value);
void ms_options_text(ms_options *options, const char *name, const char *text, size_t size);
/* Says that the value is a list, even if nothing (or one value) is added to it. */
void ms_options_list(ms_options *options, const char *name);

/* Runs a verb, reader or kernel: frames and options in, a frame out. The result is the caller's. */
ms_frame *ms_kernel_call(ms_context *context, const char *kernel, const ms_frame *const *inputs,
                         size_t count, const ms_options *options);
/* The next further frame of the last call (rejected rows, a report, a part of a model), or NULL; the caller's. */
ms_frame *ms_context_attached(ms_context *context);

/* What there is, for help, completion, checks and tests: kernels count from 0, so do their options.
 */
size_t ms_kernel_count(void);
const char *ms_kernel_name(size_t kernel);
const char *ms_kernel_group(size_t kernel);
const char *ms_kernel_brief(size_t kernel);
const char *ms_kernel_cost(size_t kernel);
/* Names of the frames that a model is made of, the returned one first, separated by blanks; "" if it is no model. */
const char *ms_kernel_parts(size_t kernel);
int ms_kernel_inputs_least(size_t kernel);
int ms_kernel_inputs_most(size_t kernel);
size_t ms_kernel_options(size_t kernel);
const char *ms_option_name(size_t kernel, size_t option);
/* "boolean" "integer" "real" "text" "choice" "column" "columns" "expression" "definitions" … */
const char *ms_option_type(size_t kernel, size_t option);
/* Default as text; "" where the option must be given or has none (see ms_option_required). */
const char *ms_option_default(size_t kernel, size_t option);
bool ms_option_required(size_t kernel, size_t option);
/* Unit, or the words to choose from, separated by blanks. */
const char *ms_option_unit(size_t kernel, size_t option);
const char *ms_option_brief(size_t kernel, size_t option);
double ms_option_low(size_t kernel, size_t option);
double ms_option_high(size_t kernel, size_t option);

/* ---- databases --------------------------------------------------------------------------------
 */

/* Opens an SQLite database, only for reading unless told. Options: write, create (boolean), timeout
 * (seconds to wait for a lock; 5). MS_EIO: no such file, a folder; MS_EFORMAT: not a database;
 * MS_ELOCKED. NULL with an error; otherwise the caller's: ms_database_close. */
ms_database *ms_database_open(ms_context *context, const char *path, const ms_options *options);
/* Gives everything back; a transaction under way is rolled back. NULL is fine. */
void ms_database_close(ms_database *database);
const char *ms_database_path(const ms_database *database);
bool ms_database_writable(const ms_database *database);

/* Tables and views: name, kind, columns. */
ms_frame *ms_database_tables(ms_context *context, ms_database *database);
/* The columns of a table: column, declared, type (as it is read), required, key. */
ms_frame *ms_database_schema(ms_context *context, ms_database *database, const char *table);
/* The rows of a table in the order of its rowid. Options: columns (list; all but blobs), types (pairs of
 * column and word), on_mismatch (error, null, text), where (a condition in SQL, its parameters "@name"),
 * empty (boolean: no rows, only the types). Reads in parallel, from one state of the database. */
ms_frame *ms_database_read(ms_context *context, ms_database *database, const char *table,
                           const ms_options *options);
/* The rows that one SELECT gives; parameters "@name", a bare ? takes "@1", "@2", …; options types and
 * on_mismatch as above. */
ms_frame *ms_database_query(ms_context *context, ms_database *database, const char *sql,
                            const ms_options *options);
/* What of a filter SQLite can do. condition: SQL that is true for every row that the filter keeps and whose
 * values are as declared; NULL if there is none. check: SQL that is true where a stored value that matters
 * contradicts its declaration; NULL if that cannot be. exact: the condition is the whole filter, and all that
 * matters can be checked. */
typedef struct {
  const char *condition, *check;
  bool exact;
} ms_pushed;
/* `rows`: the frame without rows that the filter is checked against. `given`: table, types (pairs), where (the
 * expression, with its parameters), columns (pairs: name in the frame, name in the table), check (columns of
 * the table that matter too). Constants go to `out` as parameters; where it is NULL they stand in the SQL.
 * Lives until the call ends. NULL with an error. */
const ms_pushed *ms_database_condition(ms_context *context, ms_database *database,
                                       const ms_frame *rows, const ms_options *given,
                                       ms_options *out);
/* One statement that changes something; rows changed, or -1 with an error. */
int64_t ms_database_execute(ms_context *context, ms_database *database, const char *sql,
                            const ms_options *options);
/* The frame into a table, all or nothing. Options: mode (create, append, replace, upsert), key (list). */
ms_status ms_database_write(ms_context *context, ms_database *database, const char *table,
                            const ms_frame *frame, const ms_options *options);
/* Several writes as one: begin, then commit or rollback. */
ms_status ms_database_begin(ms_context *context, ms_database *database);
ms_status ms_database_commit(ms_context *context, ms_database *database);
ms_status ms_database_rollback(ms_context *context, ms_database *database);
/* From here to the release all reading is of one state of the database, whatever others commit meanwhile; nothing can be
 * written. Within a transaction neither does anything. */
ms_status ms_database_hold(ms_context *context, ms_database *database);
void ms_database_release(ms_database *database);

/* ---- row functions: for stdlib/ffi alone ------------------------------------------------------- */

/* Lua states that run row functions, one a thread, kept from run to run with their compiled code. */
typedef struct ms_crew ms_crew;
ms_crew *ms_crew_new(ms_context *context);
void ms_crew_free(ms_crew *crew);

/* A row function's run over a frame, whose results are collected here; `verb` stands in front of errors. */
typedef struct ms_row_run ms_row_run;
ms_row_run *ms_row_run_new(ms_context *context, const ms_frame *frame, const char *verb);
void ms_row_run_free(ms_row_run *run);
/* All morsels, on all threads: `program` is what stdlib/ffi/worker.lua reads. */
ms_status ms_row_run_crew(ms_row_run *run, ms_crew *crew, const char *program, size_t size);
/* One morsel on the caller's own state: its addresses go into the slots (stdlib/ffi/program.lua). Gives its
 * number of rows; -1 behind the last one, or with an error where somebody asked to stop. */
int64_t ms_row_run_morsel(ms_row_run *run, size_t morsel, void **slots);
/* Writes the error of a row function: at the row of the morsel, as stdlib/ffi/worker.lua found it. `missing`
 * is a column that there is not, `text` what else went wrong; the other is "". */
void ms_row_run_fail(ms_row_run *run, int64_t row, const char *missing, const char *text);
/* A text that the function gave: its code; -1 where memory is short. `texts` is of the slots. */
int64_t ms_row_texts_add(void *texts, const char *text, size_t size);
/* The frame with the results as a column of that name (its type found in them, or the one asked for, -1 for
 * none); the rows for which they are true. */
ms_frame *ms_row_run_map(ms_row_run *run, const char *name, int type);
ms_frame *ms_row_run_filter(ms_row_run *run);

/* Functions, aggregates and windows of the expression language, for help; counted from 0. The group is
 * "text", "number", "date", "any", "aggregate" or "window". */
size_t ms_function_count(void);
const char *ms_function_name(size_t function);
const char *ms_function_signature(size_t function);
const char *ms_function_brief(size_t function);
const char *ms_function_group(size_t function);

/* ---- printing ---------------------------------------------------------------------------------
 */

typedef struct {
  int width;           /* terminal cells a line may take; 0: no limit */
  int rows;            /* rows shown at most; the middle ones are cut; 0: all */
  bool ambiguous_wide; /* East Asian ambiguous characters take two cells */
  bool ascii;          /* + - | instead of box characters */
} ms_print_options;

/* The frame as a table for people: box, types row, numbers right, middle rows and columns cut, a
 * count line. The text belongs to the call; *size is its length. NULL if memory is short. */
const char *ms_frame_print(ms_context *context, const ms_frame *frame,
                           const ms_print_options *options, size_t *size);
/* Cells of a line of the terminal on standard output; 0 where it is none. */
int ms_terminal_width(void);

#endif
