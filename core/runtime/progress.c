/* One line that is drawn over and over: what, how much, how fast, how long yet. */
#include "core/runtime/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/context.h"

/* One process has one standard error. */
static struct {
  pthread_mutex_t lock;
  char what[48];
  char shown[256]; /* as it was reported */
  double begun;
  uint64_t done;
  bool drawn;
  double quiet; /* seconds of work before the line shows */
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

/* What is done: the end of a long name, from the beginning of a character on, without control characters. */
static void set_what(const char *what) {
  size_t size = strlen(what);
  if (size >= sizeof line.what) what += size - sizeof line.what + 1;
  while (((unsigned char)*what & 0xC0) == 0x80) what++;
  (void)snprintf(line.what, sizeof line.what, "%s", what);
  for (char *c = line.what; *c; c++) {
    if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
  }
}

static void draw(uint64_t done, uint64_t total, double elapsed) {
  (void)fprintf(stderr, "\r%s  ", line.what);
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

static void advance(const char *what, uint64_t done, uint64_t total) {
  double at = now();
  /* Another piece of work, or the same again. */
  if (strncmp(line.shown, what, sizeof line.shown - 1) != 0 || done < line.done) {
    wipe();
    (void)snprintf(line.shown, sizeof line.shown, "%s", what);
    set_what(what);
    line.begun = at;
  }
  line.done = done;
  if (at - line.begun >= line.quiet) draw(done, total, at - line.begun);
}

static void show(void *state, const char *what, uint64_t done, uint64_t total) {
  (void)state;
  pthread_mutex_lock(&line.lock);
  if (what) {
    advance(what, done, total);
  } else {
    wipe();
    (void)fflush(stderr);
    line.shown[0] = 0;
  }
  pthread_mutex_unlock(&line.lock);
}

void ms_progress_start(ms_context *context) {
  const char *quiet = getenv("MOONSIFT_PROGRESS");
  line.quiet = quiet && *quiet ? strtod(quiet, NULL) : 1;
  if (isatty(STDERR_FILENO)) ms_context_progress(context, show, NULL);
}

void ms_progress_clear(void) {
  pthread_mutex_lock(&line.lock);
  wipe();
  (void)fflush(stderr);
  line.shown[0] = 0;
  pthread_mutex_unlock(&line.lock);
}
