/* Threads: each task runs once, the lowest failing task speaks, workers cannot disturb each other. */
#include "tests/core/unit.h"

#include <stdatomic.h>

#include "core/base/context.h"

enum { TASKS = 5000 };

typedef struct {
  atomic_int runs[TASKS];
  size_t fails_from;
  ms_context *session;
} tally;

static ms_status count(ms_context *worker, void *state, size_t task) {
  tally *all = state;
  atomic_fetch_add(&all->runs[task], 1);
  char *text = ms_scratch_format(worker, "%zu", task);
  return text ? MS_OK : MS_EMEMORY;
}

static void each_task_runs_once(void **state) {
  (void)state;
  for (int threads = 1; threads <= 8; threads++) {
    static tally all;
    memset(&all, 0, sizeof all);
    ms_context *context = ms_context_new();
    ms_context_threads(context, threads);
    for (int again = 0; again < 20; again++) {
      assert_int_equal(ms_parallel(context, TASKS, count, &all), MS_OK);
    }
    assert_int_equal(ms_parallel(context, 0, count, &all), MS_OK);
    ms_context_end(context);
    for (size_t i = 0; i < TASKS; i++) assert_int_equal(atomic_load(&all.runs[i]), 20);
    ms_context_free(context);
  }
}

static ms_status fail_from(ms_context *worker, void *state, size_t task) {
  tally *all = state;
  if (task < all->fails_from) return MS_OK;
  return ms_fail(worker, MS_EDATA, "task %zu", task);
}

static void the_lowest_failing_task_is_reported(void **state) {
  (void)state;
  static tally all;
  for (int threads = 1; threads <= 4; threads++) {
    ms_context *context = ms_context_new();
    ms_context_threads(context, threads);
    for (size_t from = 0; from < 200; from++) {
      char wanted[32];
      all.fails_from = from;
      (void)snprintf(wanted, sizeof wanted, "task %zu", from);
      assert_int_equal(ms_parallel(context, 200, fail_from, &all), from < 200 ? MS_EDATA : MS_OK);
      assert_string_equal(ms_error_text(context), wanted);
      ms_error_clear(context);
    }
    ms_context_free(context);
  }
}

static ms_status nested(ms_context *worker, void *state, size_t task) {
  (void)task;
  return ms_parallel(worker, 10, count, state);
}

static void a_task_may_call_for_tasks(void **state) {
  (void)state;
  static tally all;
  ms_context *context = ms_context_new();
  ms_context_threads(context, 4);
  assert_int_equal(ms_parallel(context, 100, nested, &all), MS_OK);
  for (size_t i = 0; i < 10; i++) assert_int_equal(atomic_load(&all.runs[i]), 100);
  ms_context_free(context);
}

static ms_status cancel_in_the_middle(ms_context *worker, void *state, size_t task) {
  tally *all = state;
  if (task == 50) ms_context_cancel(all->session);
  return ms_cancelled(worker) ? MS_ECANCEL : MS_OK;
}

static void cancelling_stops_the_workers(void **state) {
  (void)state;
  static tally all;
  for (int threads = 1; threads <= 4; threads++) {
    ms_context *context = ms_context_new();
    ms_context_threads(context, threads);
    all.session = context;
    assert_int_equal(ms_parallel(context, TASKS, cancel_in_the_middle, &all), MS_ECANCEL);
    assert_int_equal(ms_error_status(context), MS_ECANCEL);
    ms_context_free(context);
  }
}

static void a_thread_that_cannot_be_made_is_no_crash(void **state) {
  (void)state;
  static tally all;
  for (uint64_t n = 1; n < 30; n++) {
    ms_context *context = ms_context_new();
    ms_context_threads(context, 8);
    ms_context_fail_at(context, n);
    ms_status status = ms_parallel(context, 100, count, &all);
    if (status != MS_OK) assert_int_equal(ms_error_status(context), MS_EMEMORY);
    ms_context_fail_at(context, 0);
    assert_int_equal(ms_parallel(context, 100, count, &all), MS_OK);
    ms_context_free(context);
  }
}

static void morsels_cover_all_rows_once(void **state) {
  (void)state;
  const int64_t sizes[] = {0, 1, MS_MORSEL - 1, MS_MORSEL, MS_MORSEL + 1, 5 * MS_MORSEL};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    int64_t next = 0;
    for (size_t task = 0; task < ms_morsels(sizes[i]); task++) {
      ms_range range = ms_morsel(sizes[i], task);
      assert_int_equal(range.first, next);
      assert_in_range(range.count, 1, MS_MORSEL);
      next += range.count;
    }
    assert_int_equal(next, sizes[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_task_runs_once),
      cmocka_unit_test(the_lowest_failing_task_is_reported),
      cmocka_unit_test(a_task_may_call_for_tasks),
      cmocka_unit_test(cancelling_stops_the_workers),
      cmocka_unit_test(a_thread_that_cannot_be_made_is_no_crash),
      cmocka_unit_test(morsels_cover_all_rows_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
