/* Readers and writers end soon when they are told to stop, and what was not written whole is not there: no file and
 * no temporary one, no table, and a table that was there is as before. */
#include <dirent.h>
#include <unistd.h>

#include "tests/core/interrupt/stopping.h"

static stopping_call database_read, database_query, database_write, database_execute;

static const stopping_case cases[] = {
#include "tests/core/interrupt/cases/files.def"
    {0}};

enum { OLD_ROWS = 5000, ORDERS = 200000, ROWS = 100000 };
static char folder[64];

static const char *path_of(const char *name) {
  static char path[128];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

/* ---- calls on the database $/shop.db, opened anew each time ------------------------------------ */

static ms_database *shop(ms_context *context, bool write) {
  ms_options *options = ms_options_new(context);
  ms_options_integer(options, "write", MS_BOOLEAN, write);
  ms_options_integer(options, "create", MS_BOOLEAN, write);
  ms_database *database = ms_database_open(context, path_of("shop.db"), options);
  ms_options_free(options);
  return database;
}

static const char *given(const ms_inputs *inputs, const char *name) {
  return ms_options_find(inputs->given, name)->values[0].text.data;
}

/* The bag without what only names the table or the query. */
static ms_options *rest_of(ms_context *context, const ms_inputs *inputs, const char *left_out) {
  ms_options *rest = ms_options_new(context);
  for (size_t i = 0; i < ms_options_count(inputs->given); i++) {
    const ms_option_value *option = ms_options_at(inputs->given, i);
    if (strcmp(option->name, left_out) == 0) continue;
    ms_slice text = option->values[0].text;
    ms_options_text(rest, option->name, text.data, text.size);
  }
  return rest;
}

static ms_frame *database_read(ms_context *context, const ms_inputs *inputs) {
  ms_database *database = shop(context, false);
  ms_options *rest = rest_of(context, inputs, "table");
  ms_frame *frame =
      database ? ms_database_read(context, database, given(inputs, "table"), rest) : NULL;
  ms_options_free(rest);
  ms_database_close(database);
  return frame;
}

static ms_frame *database_query(ms_context *context, const ms_inputs *inputs) {
  ms_database *database = shop(context, false);
  ms_frame *frame =
      database ? ms_database_query(context, database, given(inputs, "sql"), NULL) : NULL;
  ms_database_close(database);
  return frame;
}

static ms_frame *done(ms_context *context) {
  ms_builder *builder = ms_builder_new(context);
  (void)ms_builder_column(builder, "done", MS_BOOLEAN);
  return ms_builder_finish(builder);
}

static ms_frame *database_write(ms_context *context, const ms_inputs *inputs) {
  ms_database *database = shop(context, true);
  ms_options *rest = rest_of(context, inputs, "table");
  bool fine = database && ms_database_write(context, database, given(inputs, "table"),
                                            inputs->frames[0], rest) == MS_OK;
  ms_options_free(rest);
  ms_database_close(database);
  return fine ? done(context) : NULL;
}

static ms_frame *database_execute(ms_context *context, const ms_inputs *inputs) {
  ms_database *database = shop(context, true);
  bool fine = database && ms_database_execute(context, database, given(inputs, "sql"), NULL) >= 0;
  ms_database_close(database);
  return fine ? done(context) : NULL;
}

/* ---- what stands in the folder ----------------------------------------------------------------- */

static ms_context *other; /* of its own, so that no request to stop touches it */
static size_t names_before;

static size_t count_names(void) {
  size_t count = 0;
  DIR *directory = opendir(folder);
  assert_non_null(directory);
  for (const struct dirent *entry; (entry = readdir(directory));) {
    count += strncmp(entry->d_name, "shop.db", 7) != 0; /* the log of a database may stay */
  }
  closedir(directory);
  return count;
}

static ms_options *key_of(const char *key) {
  ms_options *options = ms_options_new(other);
  if (key) ms_options_text(options, "key", key, strlen(key));
  return options;
}

static void put(const char *table, const ms_frame *frame, const char *key) {
  ms_database *database = shop(other, true);
  ms_options *options = key_of(key);
  if (ms_database_write(other, database, table, frame, options) != MS_OK) {
    fail_msg("%s: %s", table, ms_error_text(other));
  }
  ms_options_free(options);
  ms_database_close(database);
  ms_context_end(other);
}

/* Rows of a table, and the sum of the amounts of the old one; rows -1 where there is none. */
typedef struct {
  int64_t rows;
  double sum;
} table_state;

static table_state state_of(const char *table) {
  char sql[128];
  (void)snprintf(sql, sizeof sql, "select count(*) as n, %s as s from %s",
                 strcmp(table, "old") == 0 ? "sum(amount)" : "0.0", table);
  ms_database *database = shop(other, false);
  ms_frame *frame = ms_database_query(other, database, sql, NULL);
  table_state state = {-1, 0};
  if (frame) {
    state.rows = ms_cell_integer(frame, 0, 0);
    state.sum = ms_cell_valid(frame, 1, 0) ? ms_cell_real(frame, 1, 0) : 0;
  }
  ms_frame_free(frame);
  ms_database_close(database);
  ms_context_end(other);
  return state;
}

static table_state old;

static bool writes_tables(const stopping_case *made) {
  return made->call == database_write || made->call == database_execute;
}

/* Takes away what the run before has made: files and tables out, and changes of the table old. */
static void before(const stopping_case *made) {
  static const char *const files[] = {"out.csv", "out.csv.gz", "out.json"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) (void)unlink(path_of(files[i]));
  if (!writes_tables(made)) return;
  ms_database *database = shop(other, true);
  (void)ms_database_execute(other, database, "drop table if exists out", NULL);
  (void)ms_database_execute(other, database, "drop table if exists old", NULL);
  ms_database_close(database);
  ms_context_end(other);
  const char *key = strstr(made->options, "key=order_id") ? "order_id" : NULL;
  put("old", stopping_frame(other, "orders:1000", 100), key);
  old = state_of("old");
}

static bool writes_files(const stopping_case *made) {
  return strncmp(made->kernel, "write_", 6) == 0;
}

static void after(const stopping_case *made, bool stopped) {
  assert_int_equal(count_names(), names_before + (writes_files(made) && !stopped));
  if (!writes_tables(made)) return;
  bool fresh = strstr(made->options, "table=out") != NULL;
  table_state out = state_of(fresh ? "out" : "old");
  if (fresh) {
    assert_int_equal(out.rows < 0, stopped);
  } else if (stopped) {
    assert_int_equal(out.rows, old.rows);
    assert_true(out.sum == old.sum);
  } else {
    assert_false(out.sum == old.sum);
  }
}

/* ---- the files --------------------------------------------------------------------------------- */

static void write_file(const char *kernel, const char *name, const char *frame,
                       const char *encoding) {
  const ms_frame *input = stopping_frame(other, frame, PERCENT);
  const char *path = path_of(name);
  ms_options *options = ms_options_new(other);
  ms_options_text(options, "path", path, strlen(path));
  if (encoding) ms_options_text(options, "encoding", encoding, strlen(encoding));
  ms_frame *written = ms_kernel_call(other, kernel, &input, 1, options);
  if (!written) fail_msg("%s: %s", name, ms_error_text(other));
  ms_frame_free(written);
  ms_options_free(options);
  ms_context_end(other);
}

static int begin(void **state) {
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/stopping-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  other = ms_context_new();
  write_file("write_csv", "orders.csv", "orders:200000", NULL);
  write_file("write_csv", "orders.csv.gz", "orders:100000", NULL);
  write_file("write_csv", "rows.csv", "rows:100000", "gb18030");
  write_file("write_json", "orders.json", "orders:20000", NULL);
  put("orders", stopping_frame(other, "orders:200000", PERCENT), NULL);
  put("rows", stopping_frame(other, "rows:100000", PERCENT), NULL);
  names_before = count_names();
  return 0;
}

static int end(void **state) {
  (void)state;
  char command[128];
  ms_context_free(other);
  (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command) == 0 ? 0 : -1;
}

static void files_end_soon(void **state) {
  (void)state;
  static const stopping_files files = {folder, before, after};
  stopping_all(cases, &files);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(files_end_soon)};
  return cmocka_run_group_tests(tests, begin, end);
}
