/* Each verb is stopped at random moments over data that keep it busy: it ends within 20 ms at the 99th percentile, and
 * gives its memory back. What counts is the lesser of the clock's time and the processor's, so that a busy machine
 * does not count; a verb that fails is measured once more. MOONSIFT_FIGURES=1 prints the figures. */
#include <pthread.h>
#include <time.h>

#include "core/base/context.h"
#include "core/base/memory.h"
#include "tests/core/unit.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { CUSTOMERS = 20000, TRIALS = 10, LIMIT_MS = 400 };
#elif defined(NDEBUG)
enum { CUSTOMERS = 300000, TRIALS = 100, LIMIT_MS = 20 };
#else
enum { CUSTOMERS = 60000, TRIALS = 25, LIMIT_MS = 20 };
#endif

/* kernel, inputs (0 orders, 1 customers), options "name=value;…", # before an integer. */
static const struct {
  const char *kernel;
  int inputs[2];
  size_t count;
  const char *options;
} verbs[] = {
    {"filter", {0}, 1, "where=amount > 100 and lower(status) == 'paid'"},
    {"with_columns", {0}, 1, "columns=x = log(amount + 1) * 2;columns=y = upper(channel)"},
    {"with_columns",
     {0},
     1,
     "columns=r = row_number() over (partition by channel order by amount)"},
    {"sort", {0}, 1, "by=-amount;by=ordered_at"},
    {"sort", {0}, 1, "by=channel;by=status;by=-order_id"},
    {"top", {0}, 1, "n=#1000;by=-amount"},
    {"group_by", {0}, 1, "by=customer_id;aggregates=s = sum(amount);aggregates=m = median(amount)"},
    {"group_by", {0}, 1, "by=order_id;by=amount;aggregates=n = count()"},
    {"group_top", {0}, 1, "by=channel;n=#100;order=-amount"},
    {"unique", {0}, 1, "by=amount;by=customer_id"},
    {"join", {0, 1}, 2, "on=customer_id"},
    {"join", {0, 0}, 2, "on=order_id;how=full"},
    {"join_asof", {0, 0}, 2, "on=ordered_at;by=channel;sort=true"},
    {"pivot", {0}, 1, "index=customer_id;columns=channel;values=amount;aggregate=sum"},
    {"unpivot", {0}, 1, "columns=amount;index=order_id"},
    {"concat", {0, 0}, 2, ""},
    {"sample", {0}, 1, "n=#100000;by=channel;seed=#7"},
    {"describe", {0}, 1, ""},
};

static ms_context *context;
static ms_frame *frames[2];

static ms_options *bag(const char *text) {
  ms_options *options = ms_options_new(context);
  char copy[512], *rest = NULL;
  (void)snprintf(copy, sizeof copy, "%s", text);
  for (char *pair = strtok_r(copy, ";", &rest); pair; pair = strtok_r(NULL, ";", &rest)) {
    char *value = strchr(pair, '=');
    *value++ = 0;
    if (*value == '#') {
      ms_options_integer(options, pair, MS_INTEGER, atoll(value + 1));
    } else if (strcmp(value, "true") == 0) {
      ms_options_integer(options, pair, MS_BOOLEAN, 1);
    } else {
      ms_options_text(options, pair, value, strlen(value));
    }
  }
  return options;
}

static double at(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

typedef struct {
  double delay, wall, used; /* ms; when the request was made */
} request;

static void *ask(void *of) {
  request *made = of;
  struct timespec pause = {(time_t)(made->delay / 1e3), (long)(made->delay * 1e6) % 1000000000};
  nanosleep(&pause, NULL);
  made->wall = at(CLOCK_MONOTONIC);
  made->used = at(CLOCK_PROCESS_CPUTIME_ID);
  ms_context_cancel(context);
  return NULL;
}

/* Runs the verb, stopped after `delay` ms unless that is negative; gives the ms from the request to the end, or those
 * of the whole; negative if the verb was done before. */
static double run(size_t verb, double delay) {
  const ms_frame *inputs[2];
  for (size_t i = 0; i < verbs[verb].count; i++) inputs[i] = frames[verbs[verb].inputs[i]];
  ms_options *options = bag(verbs[verb].options);
  uint64_t before = ms_context_memory(context);
  request made = {.delay = delay};
  pthread_t thread;
  double begun = at(CLOCK_MONOTONIC);
  if (delay >= 0) assert_int_equal(pthread_create(&thread, NULL, ask, &made), 0);
  ms_frame *frame = ms_kernel_call(context, verbs[verb].kernel, inputs, verbs[verb].count, options);
  ms_context_end(context);
  double wall = at(CLOCK_MONOTONIC), used = at(CLOCK_PROCESS_CPUTIME_ID);
  if (delay >= 0) pthread_join(thread, NULL);
  ms_context_resume(context);
  if (!frame && (delay < 0 || ms_error_status(context) != MS_ECANCEL)) {
    fail_msg("%s: %s", verbs[verb].kernel, ms_error_text(context));
  }
  bool stopped = !frame;
  ms_frame_free(frame);
  for (ms_frame *next; (next = ms_context_attached(context));) ms_frame_free(next);
  assert_int_equal(ms_context_memory(context), before);
  ms_options_free(options);
  if (delay < 0) return wall - begun;
  if (!stopped) return -1;
  double waited = wall - made.wall, worked = used - made.used;
  return waited < worked ? waited : worked;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The 99th percentile of the ms that the verb takes to end. */
static double measure(size_t verb, unsigned *seed) {
  double taken[TRIALS], whole = run(verb, -1);
  size_t count = 0;
  for (int i = 0; i < TRIALS; i++) {
    double delay = whole * (double)rand_r(seed) / (double)RAND_MAX, ms = run(verb, delay);
    if (ms >= 0) taken[count++] = ms;
  }
  qsort(taken, count, sizeof *taken, ascending);
  double high = count ? taken[count - 1 - count / 100] : 0;
  if (getenv("MOONSIFT_FIGURES")) {
    printf("%-13s %-70.70s whole %6.1f ms, %3zu stopped, median %5.2f, 99th %6.2f, most %6.2f\n",
           verbs[verb].kernel, verbs[verb].options, whole, count, count ? taken[count / 2] : 0,
           high, count ? taken[count - 1] : 0);
  }
  return high;
}

static void verbs_end_soon(void **state) {
  (void)state;
  unsigned seed = 20240131;
  int late = 0;
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
    double ms = measure(i, &seed);
    if (ms > LIMIT_MS) ms = measure(i, &seed);
    if (ms <= LIMIT_MS) continue;
    (void)fprintf(stderr, "%s(%s) took %.1f ms to end\n", verbs[i].kernel, verbs[i].options, ms);
    late++;
  }
  assert_int_equal(late, 0);
}

static int begin(void **state) {
  (void)state;
  static const char *const tables[] = {"orders", "customers"};
  context = ms_context_new();
  for (size_t i = 0; i < 2; i++) {
    char text[64];
    (void)snprintf(text, sizeof text, "table=%s;customers=#%d", tables[i], (int)CUSTOMERS);
    ms_options *options = bag(text);
    frames[i] = ms_kernel_call(context, "simulate_shop", NULL, 0, options);
    ms_options_free(options);
    ms_context_end(context);
    if (!frames[i]) return -1;
  }
  return 0;
}

static int end(void **state) {
  (void)state;
  for (size_t i = 0; i < 2; i++) ms_frame_free(frames[i]);
  ms_context_free(context);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(verbs_end_soon)};
  return cmocka_run_group_tests(tests, begin, end);
}
