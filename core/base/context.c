/* The session: settings, end of a call, progress. */
#include "core/base/context_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/zone.h"

enum { THREADS_MOST = 256 };

static ms_context *context_new(ms_memory *memory) {
  ms_context *context = ms_memory_zero(memory, 1, sizeof *context);
  if (!context) return NULL;
  context->memory = memory;
  context->block = MS_BLOCK;
  context->error.row = -1;
  context->cancel = &context->cancel_flag;
  return context;
}

ms_context *ms_context_new(void) {
  ms_memory *memory = ms_memory_new();
  if (!memory) return NULL;
  ms_context *context = context_new(memory);
  if (!context) {
    ms_memory_free(memory);
    return NULL;
  }
  ms_context_threads(context, 0);
  return context;
}

ms_context *ms_context_worker(ms_context *session) {
  ms_context *worker = context_new(session->memory);
  if (!worker) return NULL;
  worker->parent = session;
  worker->threads = 1;
  worker->cancel = session->cancel;
  return worker;
}

void ms_context_detach(ms_context *context) {
  while (context->attached_taken < context->attached_count) {
    context->attached_release(context->attached[context->attached_taken++]);
  }
  context->attached_count = context->attached_taken = 0;
}

void ms_context_free(ms_context *context) {
  if (!context) return;
  ms_pool_free(context->pool);
  ms_context_detach(context);
  ms_arena_release_all(context);
  ms_memory_give(context->error.source);
  ms_memory_give(context->warnings);
  ms_zone_free(context->zone);
  ms_memory *memory = context->parent ? NULL : context->memory;
  ms_memory_give(context);
  ms_memory_free(memory);
}

void ms_context_end(ms_context *context) {
  if (context->progress && !context->working && atomic_exchange(&context->progress_at, 0)) {
    context->progress(context->progress_state, NULL, 0, 0);
  }
  if (context->pool) ms_pool_end(context->pool);
  ms_arena_release_all(context);
}

void ms_context_attach(ms_context *context, ms_frame *frame, void (*release)(void *)) {
  assert(context->attached_count < MS_ATTACHED_MOST);
  context->attached[context->attached_count++] = frame;
  context->attached_release = release;
}

ms_frame *ms_context_attached(ms_context *context) {
  if (context->attached_taken == context->attached_count) return NULL;
  return context->attached[context->attached_taken++];
}

void ms_context_threads(ms_context *context, int threads) {
  if (threads <= 0) threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
  if (threads < 1) threads = 1;
  if (threads > THREADS_MOST) threads = THREADS_MOST;
  if (threads == context->threads) return;
  ms_pool_free(context->pool);
  context->pool = NULL;
  context->threads = threads;
}

int ms_context_thread_count(const ms_context *context) { return context->threads; }

void ms_context_block(ms_context *context, int rows) {
  context->block = rows <= 0 ? MS_BLOCK : rows > MS_BLOCK_MOST ? MS_BLOCK_MOST : rows;
}

int ms_context_block_rows(const ms_context *context) {
  return context->parent ? context->parent->block : context->block;
}

void ms_context_budget(ms_context *context, uint64_t bytes) {
  ms_memory_budget(context->memory, bytes);
}
uint64_t ms_context_memory(const ms_context *context) { return ms_memory_used(context->memory); }
uint64_t ms_context_memory_peak(const ms_context *context) {
  return ms_memory_peak(context->memory);
}
void ms_context_fail_at(ms_context *context, uint64_t allocation) {
  ms_memory_fail_at(context->memory, allocation);
}
ms_memory *ms_context_account(ms_context *context) { return context->memory; }

void ms_context_cancel(ms_context *context) { atomic_store(context->cancel, 1); }
void ms_context_resume(ms_context *context) {
  atomic_store(context->cancel, 0);
  context->working = false;
}

bool ms_cancelled(ms_context *context) {
  if (!atomic_load_explicit(context->cancel, memory_order_relaxed)) return false;
  (void)ms_fail(context, MS_ECANCEL, "interrupted");
  return true;
}

void ms_context_progress(ms_context *context, ms_progress *show, void *state) {
  context->progress = show;
  context->progress_state = state;
}

/* Shows it unless something was shown within the last tenth of a second. */
static void show(ms_context *session, const char *what, uint64_t done, uint64_t total) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long long at = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
  long long last = atomic_load(&session->progress_at);
  if (at - last < 100 || !atomic_compare_exchange_strong(&session->progress_at, &last, at)) return;
  session->progress(session->progress_state, what, done, total);
}

void ms_report(ms_context *context, const char *what, uint64_t done, uint64_t total) {
  ms_context *session = context->parent ? context->parent : context;
  if (session->progress && !session->working) show(session, what, done, total);
}

bool ms_context_work(ms_context *context, const char *what, uint64_t done, uint64_t total) {
  if (what && !done && context->working) return false;
  context->working = what != NULL;
  if (!context->progress) return true;
  if (what) {
    show(context, what, done, total);
  } else {
    atomic_store(&context->progress_at, 0);
    context->progress(context->progress_state, NULL, 0, 0);
  }
  return true;
}

/* A line of warning for the analyst; kept until it is taken. Lost where memory is short. */
void ms_warn(ms_context *context, const char *format, ...) {
  ms_context *session = context->parent ? context->parent : context;
  va_list list;
  va_start(list, format);
  char line[1024];
  int wrote = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  if (wrote < 0) return;
  size_t size = strlen(line), old = session->warnings ? strlen(session->warnings) : 0;
  char *text = ms_memory_take(session->memory, old + size + 2);
  if (!text) return;
  if (old) memcpy(text, session->warnings, old);
  memcpy(text + old, line, size);
  memcpy(text + old + size, "\n", 2);
  ms_memory_give(session->warnings);
  session->warnings = text;
}

const char *ms_context_warnings(const ms_context *context) {
  return context->warnings ? context->warnings : "";
}

void ms_context_warnings_clear(ms_context *context) {
  ms_memory_give(context->warnings);
  context->warnings = NULL;
}
