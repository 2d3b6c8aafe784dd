/* A pool of threads that takes the tasks of one job after the other.
 *
 * Tasks are handed out in ascending order. A failure at task t stops the handing out of tasks
 * behind t only, so that the lowest failing task is found whatever the number of threads, and its
 * error is the one reported. */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "core/base/context_private.h"

typedef struct {
  ms_task *run;
  void *state;
  size_t tasks;
  atomic_size_t next;
  atomic_size_t failed; /* lowest failing task so far, or `tasks` */
} job;

typedef struct {
  ms_pool *pool;
  ms_context *context;
  size_t failed; /* task whose error stands in the context */
  pthread_t thread;
} worker;

struct ms_pool {
  pthread_mutex_t lock;
  pthread_cond_t start, finish;
  job *job; /* NULL: nothing to do */
  uint64_t number;
  int running, threads;
  bool stop;
  worker workers[]; /* [threads]; 0 is the calling thread */
};

static void work(worker *self, job *current) {
  self->failed = SIZE_MAX;
  for (;;) {
    size_t task = atomic_fetch_add(&current->next, 1);
    if (task >= current->tasks || task > atomic_load(&current->failed)) return;
    ms_status status = ms_cancelled(self->context)
                           ? MS_ECANCEL
                           : current->run(self->context, current->state, task);
    if (status == MS_OK) continue;
    self->failed = task;
    size_t lowest = atomic_load(&current->failed);
    while (task < lowest && !atomic_compare_exchange_weak(&current->failed, &lowest, task)) {}
    return; /* later tasks of this worker would lie behind the failed one */
  }
}

static void *serve(void *argument) {
  worker *self = argument;
  ms_pool *pool = self->pool;
  uint64_t seen = 0;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (!pool->stop && (!pool->job || pool->number == seen)) {
      pthread_cond_wait(&pool->start, &pool->lock);
    }
    if (pool->stop) break;
    seen = pool->number;
    job *current = pool->job;
    pool->running++;
    pthread_mutex_unlock(&pool->lock);
    work(self, current);
    pthread_mutex_lock(&pool->lock);
    if (--pool->running == 0) pthread_cond_signal(&pool->finish);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

/* Signals belong to the main thread: workers start with all of them blocked. */
static bool start_thread(worker *self) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool ok = pthread_create(&self->thread, NULL, serve, self) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}

static ms_pool *pool_new(ms_context *context, int threads) {
  ms_pool *pool =
      ms_memory_zero(context->memory, 1, sizeof *pool + sizeof(worker) * (size_t)threads);
  if (!pool) return NULL;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->start, NULL);
  pthread_cond_init(&pool->finish, NULL);
  for (int i = 0; i < threads; i++) {
    worker *self = &pool->workers[i];
    self->pool = pool;
    self->context = ms_context_worker(context);
    if (!self->context) break;
    if (i > 0 && !start_thread(self)) {
      ms_context_free(self->context);
      break;
    }
    pool->threads = i + 1;
  }
  if (pool->threads > 0) return pool;
  ms_pool_free(pool);
  return NULL;
}

void ms_pool_free(ms_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  pool->stop = true;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->lock);
  for (int i = 0; i < pool->threads; i++) {
    if (i > 0) pthread_join(pool->workers[i].thread, NULL);
    ms_context_free(pool->workers[i].context);
  }
  pthread_cond_destroy(&pool->finish);
  pthread_cond_destroy(&pool->start);
  pthread_mutex_destroy(&pool->lock);
  ms_memory_give(pool);
}

void ms_pool_end(ms_pool *pool) {
  for (int i = 0; i < pool->threads; i++) ms_context_end(pool->workers[i].context);
}

/* Moves the error of a worker to the context of the caller. */
static ms_status take_error(ms_context *context, ms_context *from) {
  ms_error_clear(context);
  context->error = from->error;
  from->error.source = NULL;
  ms_error_clear(from);
  return context->error.status;
}

static ms_status run_alone(ms_context *context, size_t tasks, ms_task *run, void *state) {
  for (size_t task = 0; task < tasks; task++) {
    if (ms_cancelled(context)) return MS_ECANCEL;
    ms_status status = run(context, state, task);
    if (status != MS_OK) return status;
  }
  return MS_OK;
}

ms_status ms_parallel(ms_context *context, size_t tasks, ms_task *run, void *state) {
  if (context->parent || context->threads == 1 || tasks <= 1) {
    return run_alone(context, tasks, run, state);
  }
  if (!context->pool) context->pool = pool_new(context, context->threads);
  ms_pool *pool = context->pool;
  if (!pool) return ms_fail(context, MS_EMEMORY, "not enough memory for threads");
  job current = {.run = run, .state = state, .tasks = tasks};
  atomic_init(&current.next, 0);
  atomic_init(&current.failed, tasks);
  for (int i = 0; i < pool->threads; i++) pool->workers[i].failed = SIZE_MAX;
  pthread_mutex_lock(&pool->lock);
  pool->job = &current;
  pool->number++;
  pthread_cond_broadcast(&pool->start);
  pthread_mutex_unlock(&pool->lock);
  work(&pool->workers[0], &current);
  pthread_mutex_lock(&pool->lock);
  pool->job = NULL; /* a thread that wakes only now has nothing to do */
  while (pool->running > 0) pthread_cond_wait(&pool->finish, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
  size_t failed = atomic_load(&current.failed);
  if (failed == tasks) return MS_OK;
  for (int i = 0; i < pool->threads; i++) {
    if (pool->workers[i].failed == failed) return take_error(context, pool->workers[i].context);
  }
  return ms_fail(context, MS_EINTERNAL, "a failed task left no error");
}

size_t ms_morsels(int64_t rows) { return (size_t)((rows + MS_MORSEL - 1) / MS_MORSEL); }

ms_range ms_morsel(int64_t rows, size_t task) {
  int64_t first = (int64_t)task * MS_MORSEL, left = rows - first;
  return (ms_range){first, left < MS_MORSEL ? left : MS_MORSEL};
}
