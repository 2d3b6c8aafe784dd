/* The sweep over failing allocations. Each scenario is called again and again, the n-th request for memory
 * failing, for n = 1, 2, … until a call needs no more than n - 1. Every failing call must say so
 * (MS_EMEMORY, with a text), give back all it took, and not crash; a call that copes with the failure
 * must give what the untouched call gives. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/core/sweep/sweep.h"

enum { INPUTS_MOST = 12, REQUESTS_MOST = 200000 };

static const sweep_scenario scenarios[] = {
#define SCENARIO(kernel, inputs, options) {kernel, inputs, options, NULL, NULL},
#define CALL(name, inputs, options) {#name, inputs, options, name, NULL},
#define PREDICT(learner, inputs, learn, options) {learner "_predict", inputs, options, NULL, learn},
#define OF_MODEL(kernel, inputs, learn, options) {kernel, inputs, options, NULL, learn},
#include "tests/core/sweep/scenarios.def"
#undef SCENARIO
#undef CALL
#undef PREDICT
#undef OF_MODEL
    {0}};

static size_t inputs_of(const sweep_scenario *scenario, const ms_frame **frames) {
  char names[128];
  size_t count = 0;
  (void)snprintf(names, sizeof names, "%s", scenario->inputs);
  for (char *rest = names, *name = strtok_r(names, " ", &rest); name;
       name = strtok_r(NULL, " ", &rest)) {
    frames[count] = sweep_frame(name);
    assert_non_null(frames[count]);
    assert_in_range(++count, 1, INPUTS_MOST);
  }
  if (scenario->learn) count += sweep_model(scenario, frames, frames + count, INPUTS_MOST - count);
  return count;
}

/* A call's outcome that can be compared: the text of its frames, hashed (FNV-1a). */
static uint64_t digest(ms_context *context, const ms_frame *frame, uint64_t hash) {
  size_t size = 0;
  ms_print_options options = {0};
  const char *text = ms_frame_print(context, frame, &options, &size);
  assert_non_null(text);
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
  return hash;
}

typedef struct {
  bool done; /* the planned failure was not reached */
  uint64_t digest;
} outcome;

static void check_failure(ms_context *context, const sweep_scenario *scenario, uint64_t n) {
  ms_status status = ms_error_status(context);
  if (status == MS_EMEMORY && ms_error_text(context)[0]) return;
  fail_msg("%s(%s): request %llu failed, and the call said %s: \"%s\"", scenario->kernel,
           scenario->options, (unsigned long long)n, ms_error_code(context),
           ms_error_text(context));
}

/* Calls with request n failing; 0 fails none. */
static outcome attempt(const sweep_scenario *scenario, int threads, uint64_t n) {
  const ms_frame *frames[INPUTS_MOST];
  size_t count = inputs_of(scenario, frames);
  ms_context *context = ms_context_new();
  assert_non_null(context);
  ms_memory *memory = ms_context_account(context);
  uint64_t before = ms_memory_used(memory);
  void *probe = ms_memory_take(memory, 1); /* an owner that outlives the context */
  uint64_t probe_size = ms_memory_used(memory) - before;
  ms_context_threads(context, threads);
  ms_options *options = sweep_options(context, scenario->options);
  ms_context_fail_at(context, n);
  ms_inputs given = {frames, count, options};
  ms_frame *frame = scenario->call
                        ? scenario->call(context, &given)
                        : ms_kernel_call(context, scenario->kernel, frames, count, options);
  outcome result = {.done = n == 0 || ms_memory_fail_left(memory) > 0};
  ms_context_fail_at(context, 0);
  if (frame) {
    result.digest = digest(context, frame, UINT64_C(14695981039346656037));
    for (ms_frame *next; (next = ms_context_attached(context)); ms_frame_free(next)) {
      result.digest = digest(context, next, result.digest);
    }
  } else if (result.done) {
    fail_msg("%s(%s): %s", scenario->kernel, scenario->options, ms_error_text(context));
  } else {
    check_failure(context, scenario, n);
  }
  ms_frame_free(frame);
  ms_options_free(options);
  ms_context_end(context);
  ms_context_free(context);
  if (ms_memory_used(memory) != probe_size) {
    fail_msg("%s(%s): request %llu failed, and %llu bytes were never given back", scenario->kernel,
             scenario->options, (unsigned long long)n,
             (unsigned long long)(ms_memory_used(memory) - probe_size));
  }
  ms_memory_give(probe);
  result.done = result.done && (frame || n == 0);
  if (!frame) result.digest = 0;
  return result;
}

static void sweep(const sweep_scenario *scenario, int threads) {
  outcome whole = attempt(scenario, threads, 0);
  for (uint64_t n = 1; n < REQUESTS_MOST; n++) {
    outcome now = attempt(scenario, threads, n);
    if (now.digest != 0) assert_true(now.digest == whole.digest);
    if (now.done) return;
  }
  fail_msg("%s(%s): more than %d requests", scenario->kernel, scenario->options, REQUESTS_MOST);
}

static void every_failing_request_is_survived(void **state) {
  const sweep_scenario *scenario = *state;
  if (!strstr(scenario->inputs, "large")) sweep(scenario, 1);
  sweep(scenario, 3);
}

static void every_kernel_has_a_scenario(void **state) {
  (void)state;
  size_t absent = 0;
  for (size_t i = 0; i < ms_kernel_count(); i++) {
    bool found = false;
    for (const sweep_scenario *at = scenarios; at->kernel && !found; at++) {
      found = strcmp(at->kernel, ms_kernel_name(i)) == 0;
    }
    if (found) continue;
    print_message("tests/core/sweep/scenarios has no call of '%s'\n", ms_kernel_name(i));
    absent++;
  }
  assert_int_equal(absent, 0);
}

static int begin(void **state) {
  (void)state;
  sweep_begin();
  return 0;
}

static int end(void **state) {
  (void)state;
  sweep_end();
  return 0;
}

int main(void) {
  enum { COUNT = sizeof scenarios / sizeof *scenarios };
  static struct CMUnitTest tests[COUNT];
  static char names[COUNT][160];
  tests[0] = (struct CMUnitTest)cmocka_unit_test(every_kernel_has_a_scenario);
  for (size_t i = 0; i + 1 < COUNT; i++) {
    (void)snprintf(names[i], sizeof names[i], "%s(%s; %s)", scenarios[i].kernel,
                   scenarios[i].inputs, scenarios[i].options);
    tests[i + 1] = (struct CMUnitTest){names[i], every_failing_request_is_survived, NULL, NULL,
                                       (void *)(uintptr_t)&scenarios[i]};
  }
  return _cmocka_run_group_tests("failing allocations", tests, COUNT, begin, end);
}
