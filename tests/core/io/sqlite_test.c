/* Databases: what is written is read back, what contradicts is told, what fails leaves nothing behind. */
#include "tests/core/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <unistd.h>

#include "core/frame/frame.h"

typedef struct {
  ms_context *context;
  char path[64];
} fixture;

static int begin(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->context = ms_context_new();
  (void)snprintf(f->path, sizeof f->path, "/tmp/sqlite_test_%d.db", (int)getpid());
  (void)unlink(f->path);
  *state = f;
  return 0;
}

static int end(void **state) {
  fixture *f = *state;
  char side[80];
  for (const char *const *behind = (const char *const[]){"", "-wal", "-shm", "-journal", NULL};
       *behind; behind++) {
    (void)snprintf(side, sizeof side, "%s%s", f->path, *behind);
    (void)unlink(side);
  }
  ms_context_free(f->context);
  free(f);
  return 0;
}

/* Runs SQL past moonsift. */
static void shell(const fixture *f, const char *sql) {
  sqlite3 *handle;
  assert_int_equal(sqlite3_open(f->path, &handle), SQLITE_OK);
  assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static ms_database *opened(const fixture *f, bool write) {
  ms_options *options = ms_options_new(f->context);
  if (write) {
    ms_options_integer(options, "write", MS_BOOLEAN, 1);
    ms_options_integer(options, "create", MS_BOOLEAN, 1);
  }
  ms_options_real(options, "timeout", 0.05);
  ms_database *database = ms_database_open(f->context, f->path, options);
  ms_options_free(options);
  return database;
}

static ms_frame *sample(ms_context *context, int rows) {
  static const char *const names[] = {"id", "price", "paid", "day", "at", "city"};
  static const ms_type types[] = {MS_INTEGER, MS_REAL, MS_BOOLEAN, MS_DATE, MS_TIME, MS_TEXT};
  ms_builder *builder = ms_builder_new(context);
  for (size_t c = 0; c < 6; c++) ms_builder_column(builder, names[c], types[c]);
  for (int i = 0; i < rows; i++) {
    ms_builder_integer(builder, 0, INT64_MAX - i);
    ms_builder_real(builder, 1, i * 0.1);
    ms_builder_integer(builder, 2, i % 2);
    ms_builder_integer(builder, 3, 19753 + i);
    ms_builder_integer(builder, 4, INT64_C(1706689800250000) + i);
    ms_builder_text(builder, 5, i % 2 ? "上海" : "a\0b\xff", i % 2 ? 6 : 4);
  }
  for (size_t c = 0; c < 6; c++) ms_builder_null(builder, c);
  return ms_builder_finish(builder);
}

static ms_status put(const fixture *f, ms_database *database, const ms_frame *frame,
                     const char *mode) {
  ms_options *options = ms_options_new(f->context);
  ms_options_text(options, "mode", mode, strlen(mode));
  ms_status status = ms_database_write(f->context, database, "sample", frame, options);
  ms_options_free(options);
  ms_context_end(f->context);
  return status;
}

static void assert_same(const ms_frame *got, const ms_frame *want) {
  assert_non_null(got);
  assert_int_equal(got->rows, want->rows);
  assert_int_equal(got->count, want->count);
  for (size_t c = 0; c < want->count; c++) {
    assert_string_equal(got->names[c], want->names[c]);
    assert_int_equal(ms_frame_type(got, c), ms_frame_type(want, c));
    for (int64_t i = 0; i < want->rows; i++) {
      assert_int_equal(ms_cell_valid(got, c, i), ms_cell_valid(want, c, i));
      if (!ms_cell_valid(want, c, i)) continue;
      if (want->columns[c]->type == MS_TEXT) {
        assert_true(ms_slice_equal(ms_column_text(got->columns[c], i),
                                   ms_column_text(want->columns[c], i)));
      } else if (want->columns[c]->type == MS_REAL) {
        assert_true(ms_cell_real(got, c, i) == ms_cell_real(want, c, i));
      } else {
        assert_int_equal(ms_cell_integer(got, c, i), ms_cell_integer(want, c, i));
      }
    }
  }
}

static void what_is_written_is_read_back(void **state) {
  fixture *f = *state;
  ms_database *database = opened(f, true);
  assert_non_null(database);
  ms_frame *frame = sample(f->context, 200);
  assert_int_equal(put(f, database, frame, "create"), MS_OK);
  ms_frame *back = ms_database_read(f->context, database, "sample", NULL);
  assert_same(back, frame);
  ms_frame_free(back);
  assert_int_equal(put(f, database, frame, "create"), MS_EDATABASE);
  assert_int_equal(put(f, database, frame, "replace"), MS_OK);
  back = ms_database_read(f->context, database, "sample", NULL);
  assert_same(back, frame);
  ms_frame_free(back);
  ms_frame_free(frame);
  ms_database_close(database);
}

static void any_number_of_threads_reads_the_same(void **state) {
  fixture *f = *state;
  shell(f, "create table sample (id integer primary key, price real, city text, note text);"
           "with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000)"
           "insert into sample select i * 3, case when i % 7 then i * 0.25 end, 'city ' || i % 50,"
           "'note ' || i from n");
  ms_database *database = opened(f, false);
  ms_context_threads(f->context, 1);
  ms_frame *one = ms_database_read(f->context, database, "sample", NULL);
  ms_context_end(f->context);
  assert_int_equal(ms_frame_rows(one), 200000);
  for (int threads = 2; threads <= 4; threads += 2) {
    ms_context_threads(f->context, threads);
    ms_frame *more = ms_database_read(f->context, database, "sample", NULL);
    ms_context_end(f->context);
    assert_same(more, one);
    ms_frame_free(more);
  }
  ms_frame_free(one);
  ms_database_close(database);
}

static ms_frame *read_with(const fixture *f, const char *on_mismatch) {
  ms_database *database = opened(f, false);
  ms_options *options = ms_options_new(f->context);
  ms_options_text(options, "on_mismatch", on_mismatch, strlen(on_mismatch));
  ms_frame *frame = ms_database_read(f->context, database, "sample", options);
  ms_options_free(options);
  ms_context_end(f->context);
  ms_database_close(database);
  return frame;
}

static void a_value_against_its_declaration_obeys_the_policy(void **state) {
  fixture *f = *state;
  shell(f, "create table sample (price real); insert into sample values (1.5), ('n/a'), (3)");
  assert_null(read_with(f, "error"));
  assert_int_equal(ms_error_status(f->context), MS_EMISMATCH);
  assert_string_equal(ms_error_text(f->context),
                      "table: sample.price, rowid 2: a text where REAL is declared");
  ms_frame *frame = read_with(f, "null");
  assert_int_equal(ms_frame_rows(frame), 3);
  assert_false(ms_cell_valid(frame, 0, 1));
  assert_true(ms_cell_real(frame, 0, 2) == 3);
  assert_string_equal(ms_context_warnings(f->context),
                      "sample.price: 1 value is not real, read as null (first: rowid 2)\n");
  ms_frame_free(frame);
  frame = read_with(f, "text");
  size_t size;
  assert_int_equal(ms_frame_type(frame, 0), MS_TEXT);
  assert_memory_equal(ms_cell_text(frame, 0, 0, &size), "1.5", 3);
  ms_frame_free(frame);
}

static void a_write_that_fails_leaves_the_table_as_it_was(void **state) {
  fixture *f = *state;
  shell(f, "create table sample (id integer primary key); insert into sample values "
           "(9223372036854775807)");
  ms_database *database = opened(f, true);
  ms_builder *builder = ms_builder_new(f->context);
  ms_builder_column(builder, "id", MS_INTEGER);
  ms_builder_integer(builder, 0, 7);
  ms_builder_integer(builder, 0, INT64_MAX);
  ms_frame *frame = ms_builder_finish(builder);
  assert_int_equal(put(f, database, frame, "append"), MS_EDATA);
  assert_string_equal(ms_error_text(f->context),
                      "write: row 2: UNIQUE constraint failed: sample.id");
  assert_string_equal(ms_error_hint(f->context), "nothing was written: table sample is as before");
  ms_frame *back = ms_database_read(f->context, database, "sample", NULL);
  assert_int_equal(ms_frame_rows(back), 1);
  ms_frame_free(back);
  ms_frame_free(frame);
  ms_database_close(database);
}

static void a_locked_database_says_so(void **state) {
  fixture *f = *state;
  shell(f, "create table sample (id integer)");
  sqlite3 *other;
  assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
  ms_database *database = opened(f, true);
  assert_int_equal(sqlite3_exec(other, "begin immediate", NULL, NULL, NULL), SQLITE_OK);
  ms_frame *frame = sample(f->context, 1);
  assert_int_equal(put(f, database, frame, "replace"), MS_ELOCKED);
  assert_int_equal(sqlite3_close(other), SQLITE_OK);
  ms_frame_free(frame);
  ms_database_close(database);
}

static void a_cancelled_write_leaves_nothing(void **state) {
  fixture *f = *state;
  ms_database *database = opened(f, true);
  ms_frame *frame = sample(f->context, 10);
  ms_context_cancel(f->context);
  assert_int_equal(put(f, database, frame, "create"), MS_ECANCEL);
  ms_context_resume(f->context);
  ms_frame *tables = ms_database_tables(f->context, database);
  assert_int_equal(ms_frame_rows(tables), 0);
  ms_frame_free(tables);
  ms_frame_free(frame);
  ms_database_close(database);
}

static void scripts_reach_no_other_file(void **state) {
  fixture *f = *state;
  ms_database *database = opened(f, true);
  static const char *const refused[] = {"attach 'other.db' as other",
                                        "select load_extension('x')",
                                        "pragma writable_schema = 1",
                                        "vacuum into 'copy.db'",
                                        "begin",
                                        "select 1; select 2",
                                        "create table x (a)"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    assert_null(ms_database_query(f->context, database, refused[i], NULL));
    ms_context_end(f->context);
  }
  assert_int_equal(ms_database_execute(f->context, database, "attach ':memory:' as x", NULL), -1);
  ms_database_close(database);
}

/* Adds one to a value of each range, again and again, each time in one transaction. */
typedef struct {
  const char *path;
  atomic_bool stop;
  int commits;
} churning;

static void *churn(void *state) {
  churning *job = state;
  sqlite3 *handle;
  if (sqlite3_open(job->path, &handle) != SQLITE_OK) return NULL;
  (void)sqlite3_busy_timeout(handle, 5000);
  (void)sqlite3_exec(handle, "pragma synchronous = off", NULL, NULL, NULL);
  while (!atomic_load(&job->stop)) {
    if (sqlite3_exec(handle, "update sample set v = v + 1 where id in (1, 75000, 149999)", NULL,
                     NULL, NULL) == SQLITE_OK) {
      job->commits++;
    }
  }
  (void)sqlite3_close(handle);
  return NULL;
}

static void a_table_is_read_in_one_state_while_others_write(void **state) {
  fixture *f = *state;
  shell(f, "pragma journal_mode = wal; create table sample (id integer primary key, v integer);"
           "with recursive n(i) as (select 1 union all select i + 1 from n where i < 150000)"
           "insert into sample select i, 0 from n");
  ms_context_threads(f->context, 4);
  ms_database *database = opened(f, false);
  churning job = {.path = f->path};
  pthread_t writer;
  assert_int_equal(pthread_create(&writer, NULL, churn, &job), 0);
  for (int i = 0; i < 15; i++) {
    ms_frame *frame = ms_database_read(f->context, database, "sample", NULL);
    if (!frame) fail_msg("%s", ms_error_text(f->context));
    assert_int_equal(ms_frame_rows(frame), 150000);
    assert_int_equal(ms_cell_integer(frame, 1, 0), ms_cell_integer(frame, 1, 74999));
    assert_int_equal(ms_cell_integer(frame, 1, 0), ms_cell_integer(frame, 1, 149998));
    ms_frame_free(frame);
    ms_context_end(f->context);
  }
  atomic_store(&job.stop, true);
  (void)pthread_join(writer, NULL);
  assert_true(job.commits > 0);
  ms_database_close(database);
}

static void every_failing_allocation_is_survived(void **state) {
  fixture *f = *state;
  ms_database *database = opened(f, true);
  ms_frame *frame = sample(f->context, 20);
  ms_status status = MS_EMEMORY;
  ms_context_end(f->context);
  uint64_t before = ms_context_memory(f->context);
  for (uint64_t n = 1; status != MS_OK; n++) {
    assert_true(n < 10000);
    ms_context_fail_at(f->context, n);
    ms_options *options = ms_options_new(f->context);
    if (options) ms_options_text(options, "mode", "replace", 7);
    status =
        options ? ms_database_write(f->context, database, "sample", frame, options) : MS_EMEMORY;
    ms_frame *back =
        status == MS_OK ? ms_database_read(f->context, database, "sample", NULL) : NULL;
    ms_context_fail_at(f->context, 0);
    ms_options_free(options);
    if (status == MS_OK && !back) status = ms_error_status(f->context);
    if (status != MS_OK && status != MS_EMEMORY) fail_msg("%s", ms_error_text(f->context));
    if (back) assert_same(back, frame);
    ms_frame_free(back);
    ms_context_end(f->context);
    assert_int_equal(ms_context_memory(f->context), before);
  }
  ms_frame_free(frame);
  ms_database_close(database);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_written_is_read_back, begin, end),
      cmocka_unit_test_setup_teardown(any_number_of_threads_reads_the_same, begin, end),
      cmocka_unit_test_setup_teardown(a_value_against_its_declaration_obeys_the_policy, begin, end),
      cmocka_unit_test_setup_teardown(a_write_that_fails_leaves_the_table_as_it_was, begin, end),
      cmocka_unit_test_setup_teardown(a_locked_database_says_so, begin, end),
      cmocka_unit_test_setup_teardown(a_cancelled_write_leaves_nothing, begin, end),
      cmocka_unit_test_setup_teardown(scripts_reach_no_other_file, begin, end),
      cmocka_unit_test_setup_teardown(a_table_is_read_in_one_state_while_others_write, begin, end),
      cmocka_unit_test_setup_teardown(every_failing_allocation_is_survived, begin, end)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
