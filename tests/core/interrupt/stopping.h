/* Calls that are stopped while they work: what the tests of this folder share. Each call runs once whole, then again
 * and again, told to stop at a moment drawn at random from an equal share of that time each. It ends within LIMIT_MS
 * at the 99th percentile and gives its memory back. What counts is the lesser of the clock's time and the processor's,
 * so that a busy machine does not count; a call that is late is measured once more.
 * MOONSIFT_FIGURES=1 prints what was measured; MOONSIFT_STOPS=100 stops each call so often, whatever it takes. */
#ifndef MS_TEST_STOPPING_H
#define MS_TEST_STOPPING_H

#include <pthread.h>
#include <time.h>

#include "core/base/context.h"
#include "core/base/memory.h"
#include "core/frame/kernel.h"
#include "tests/core/interrupt/stopping_rows.h"
#include "tests/core/unit.h"

/* PERCENT: of the rows that a case names. BUDGET_MS: what the stops of one case may take, about. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { PERCENT = 2, BUDGET_MS = 60, STOPS_LEAST = 2, LIMIT_MS = 400 };
#elif defined(NDEBUG)
enum { PERCENT = 100, BUDGET_MS = 200, STOPS_LEAST = 3, LIMIT_MS = 20 };
#else
enum { PERCENT = 5, BUDGET_MS = 20, STOPS_LEAST = 2, LIMIT_MS = 20 };
#endif
enum { STOPS_MOST = 1000, STOPPING_INPUTS = 12, LEARNED_FROM = 4000 };

/* What is no kernel: a frame (the caller's), or NULL with an error. */
typedef ms_frame *stopping_call(ms_context *context, const ms_inputs *inputs);

/* `inputs`: "rows:N", "orders:N", "customers:N", separated by blanks (stopping_rows.h). `options`: "name=value;…", where
 * true, #5 (integer) and ~0.5 (real) are read as such and all else is text; $ is the folder of the test's files. */
typedef struct {
  const char *kernel; /* or the name of the call */
  const char *inputs, *options;
  stopping_call *call; /* NULL: the kernel */
  const char *learn;   /* of a prediction: the options of its learner, whose parts are inputs too */
} stopping_case;

#define STOP(kernel, inputs, options) {kernel, inputs, options, NULL, NULL},
#define CALL(name, inputs, options) {#name, inputs, options, name, NULL},
#define PREDICT(learner, inputs, learn, options) {learner "_predict", inputs, options, NULL, learn},
#define OF_MODEL(kernel, inputs, learn, options) {kernel, inputs, options, NULL, learn},

/* What a test does about files: before each run, and after it. */
typedef struct {
  const char *folder;
  void (*before)(const stopping_case *made);
  void (*after)(const stopping_case *made, bool stopped);
} stopping_files;

typedef struct {
  ms_context *context;
  const stopping_files *files; /* or NULL */
  const ms_frame *inputs[STOPPING_INPUTS];
  size_t count, parts; /* inputs in all; those at the end that are the model's */
  double most;         /* ms, over all cases */
} stopping;

static void stopping_fail(const stopping *test, const char *kernel) {
  fail_msg("%s: %s", kernel, ms_error_text(test->context));
}

static ms_options *stopping_bag(const stopping *test, const char *text) {
  ms_options *options = ms_options_new(test->context);
  char copy[512], path[512], *rest = NULL;
  (void)snprintf(copy, sizeof copy, "%s", text);
  for (char *pair = strtok_r(copy, ";", &rest); pair; pair = strtok_r(NULL, ";", &rest)) {
    char *value = strchr(pair, '=');
    *value++ = 0;
    if (*value == '#') {
      ms_options_integer(options, pair, MS_INTEGER, atoll(value + 1));
    } else if (*value == '~') {
      ms_options_real(options, pair, strtod(value + 1, NULL));
    } else if (strcmp(value, "true") == 0) {
      ms_options_integer(options, pair, MS_BOOLEAN, 1);
    } else {
      if (*value == '$') {
        (void)snprintf(path, sizeof path, "%s%s", test->files->folder, value + 1);
        value = path;
      }
      ms_options_text(options, pair, value, strlen(value));
    }
  }
  return options;
}

/* The inputs of a case; those of a prediction are followed by the parts of a model of LEARNED_FROM rows. */
static void stopping_prepare(stopping *test, const stopping_case *made) {
  char names[128], *rest = NULL;
  (void)snprintf(names, sizeof names, "%s", made->inputs);
  test->count = test->parts = 0;
  for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
    test->inputs[test->count++] = stopping_frame(test->context, name, PERCENT);
  }
  if (!made->learn) return;
  char learner[64], rows[32];
  (void)snprintf(learner, sizeof learner, "%s", made->kernel);
  *strrchr(learner, '_') = 0; /* boost_predict, boost_reasons: of boost */
  (void)snprintf(rows, sizeof rows, "rows:%d", (int)LEARNED_FROM);
  const ms_frame *known = stopping_frame(test->context, rows, 100);
  ms_options *options = stopping_bag(test, made->learn);
  ms_frame *part = ms_kernel_call(test->context, learner, &known, 1, options);
  if (!part) stopping_fail(test, learner);
  for (; part; part = ms_context_attached(test->context), test->parts++)
    test->inputs[test->count++] = part;
  ms_options_free(options);
  ms_context_end(test->context);
}

static void stopping_forget(stopping *test) {
  for (; test->parts > 0; test->parts--) {
    ms_frame_free((ms_frame *)(uintptr_t)test->inputs[--test->count]);
  }
}

static double stopping_time(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

typedef struct {
  ms_context *context;
  double delay, wall, used; /* ms; when the request was made */
} stopping_request;

static void *stopping_ask(void *of) {
  stopping_request *request = of;
  struct timespec pause = {(time_t)(request->delay / 1e3),
                           (long)(request->delay * 1e6) % 1000000000};
  nanosleep(&pause, NULL);
  request->wall = stopping_time(CLOCK_MONOTONIC);
  request->used = stopping_time(CLOCK_PROCESS_CPUTIME_ID);
  ms_context_cancel(request->context);
  return NULL;
}

/* Runs the case, stopped after `delay` ms unless that is negative; gives the ms from the request to the end, or those
 * of the whole; negative if the case was done before. */
static double stopping_run(const stopping *test, const stopping_case *made, double delay) {
  ms_context *context = test->context;
  ms_context_warnings_clear(context);
  ms_error_clear(context);
  if (test->files) test->files->before(made);
  uint64_t before = ms_context_memory(context);
  ms_options *options = stopping_bag(test, made->options);
  ms_inputs inputs = {test->inputs, test->count, options};
  stopping_request request = {.context = context, .delay = delay};
  pthread_t thread;
  double begun = stopping_time(CLOCK_MONOTONIC);
  if (delay >= 0) assert_int_equal(pthread_create(&thread, NULL, stopping_ask, &request), 0);
  ms_frame *frame =
      made->call ? made->call(context, &inputs)
                 : ms_kernel_call(context, made->kernel, inputs.frames, inputs.count, options);
  ms_context_end(context);
  if (!frame && ms_error_status(context) == MS_OK)
    fail_msg("%s: no frame and no error", made->kernel);
  double wall = stopping_time(CLOCK_MONOTONIC), used = stopping_time(CLOCK_PROCESS_CPUTIME_ID);
  if (delay >= 0) pthread_join(thread, NULL);
  ms_context_resume(context);
  bool stopped = !frame;
  if (stopped && (delay < 0 || ms_error_status(context) != MS_ECANCEL)) {
    stopping_fail(test, made->kernel);
  }
  ms_frame_free(frame);
  for (ms_frame *next; (next = ms_context_attached(context));) ms_frame_free(next);
  ms_options_free(options);
  ms_context_warnings_clear(context);
  assert_int_equal(ms_context_memory(context), before);
  if (test->files) test->files->after(made, stopped);
  if (delay < 0) return wall - begun;
  if (!stopped) return -1;
  double waited = wall - request.wall, worked = used - request.used;
  return waited < worked ? waited : worked;
}

static int stopping_ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The 99th percentile of the ms that the case takes to end. */
static double stopping_measure(stopping *test, const stopping_case *made, unsigned *seed) {
  const char *asked = getenv("MOONSIFT_STOPS");
  double taken[STOPS_MOST], whole = stopping_run(test, made, -1);
  double stops = asked ? atof(asked) : BUDGET_MS / (whole * 0.6 + 0.1), most = 0, at = 0;
  if (!(stops >= STOPS_LEAST)) stops = STOPS_LEAST;
  size_t count = 0, wanted = stops < STOPS_MOST ? (size_t)stops : STOPS_MOST;
  if (!asked && wanted > 20) wanted = 20;
  for (size_t i = 0; i < wanted; i++) {
    double share = ((double)i + (double)rand_r(seed) / (double)RAND_MAX) / (double)wanted,
           ms = stopping_run(test, made, whole * share);
    if (ms < 0) continue;
    taken[count++] = ms;
    if (ms > most) most = ms, at = share;
  }
  qsort(taken, count, sizeof *taken, stopping_ascending);
  double high = count ? taken[count - 1 - count / 100] : 0;
  if (getenv("MOONSIFT_FIGURES")) {
    printf("%-19s %-64.64s whole %6.1f ms, %3zu stopped, median %5.2f, 99th %6.2f, most %6.2f at "
           "%2.0f %%\n",
           made->kernel, made->options, whole, count, count ? taken[count / 2] : 0, high, most,
           at * 100);
    (void)fflush(stdout);
  }
  if (most > test->most) test->most = most;
  return high;
}

static ms_status stopping_nothing(ms_context *worker, void *state, size_t task) {
  (void)worker, (void)state, (void)task;
  return MS_OK;
}

/* All cases up to the one without a name. The threads, which stay, are there before memory is counted. */
static void stopping_all(const stopping_case *cases, const stopping_files *files) {
  stopping test = {.context = ms_context_new(), .files = files};
  const char *only = getenv("MOONSIFT_ONLY");
  unsigned seed = 20240131;
  int late = 0;
  assert_int_equal(ms_parallel(test.context, 64, stopping_nothing, NULL), MS_OK);
  ms_context_end(test.context);
  for (const stopping_case *made = cases; made->kernel; made++) {
    if (only && !strstr(made->kernel, only)) continue;
    stopping_prepare(&test, made);
    double ms = stopping_measure(&test, made, &seed);
    if (ms > LIMIT_MS) ms = stopping_measure(&test, made, &seed);
    if (ms > LIMIT_MS) {
      (void)fprintf(stderr, "%s(%s) took %.1f ms to end\n", made->kernel, made->options, ms);
      late++;
    }
    stopping_forget(&test);
  }
  if (getenv("MOONSIFT_FIGURES")) printf("the most of all: %.2f ms\n", test.most);
  stopping_frames_free();
  ms_context_free(test.context);
  assert_int_equal(late, 0);
}

#endif
