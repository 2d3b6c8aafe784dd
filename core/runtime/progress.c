/* One line that is drawn over and over: what, how much, how fast, how long yet. */
#include "core/runtime/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/context.h"

/* One process has one standard error. */
static struct {
  pthread_mutex_t lock;
  char what[128];
  double begun, last;
  uint64_t done;
  bool drawn;
} line = {.lock = PTHREAD_MUTEX_INITIALIZER};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void wipe(void) {
  if (line.drawn) (void)fputs("\r\033[K", stderr);
  line.drawn = false;
}

static void draw(uint64_t done, uint64_t total, double elapsed) {
  (void)fprintf(stderr, "\r%.100s ", line.what);
  if (total) {
    double share = (double)done / (double)total;
    double left = share > 0 ? elapsed / share - elapsed : 0;
    (void)fprintf(stderr, "%3.0f %%  %.0f s left", share * 100, left);
  } else {
    (void)fprintf(stderr, "%llu", (unsigned long long)done);
  }
  double rate = elapsed > 0 ? (double)done / elapsed : 0;
  if (rate >= 1e6) (void)fprintf(stderr, "  %.1f M/s", rate / 1e6);
  (void)fputs("\033[K", stderr);
  (void)fflush(stderr);
  line.drawn = true;
}

static void show(void *state, const char *what, uint64_t done, uint64_t total) {
  (void)state;
  pthread_mutex_lock(&line.lock);
  double at = now();
  /* Another piece of work, or the same again. */
  if (strncmp(line.what, what, sizeof line.what - 1) != 0 || done < line.done ||
      at - line.last > 5) {
    wipe();
    (void)snprintf(line.what, sizeof line.what, "%s", what);
    line.begun = at;
  }
  line.done = done;
  line.last = at;
  if (at - line.begun >= 1) draw(done, total, at - line.begun);
  if (total && done >= total) wipe();
  pthread_mutex_unlock(&line.lock);
}

void ms_progress_start(ms_context *context) {
  if (isatty(STDERR_FILENO)) ms_context_progress(context, show, NULL);
}

void ms_progress_clear(void) {
  pthread_mutex_lock(&line.lock);
  wipe();
  (void)fflush(stderr);
  line.what[0] = 0;
  pthread_mutex_unlock(&line.lock);
}
