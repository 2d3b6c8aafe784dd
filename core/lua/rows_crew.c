/* The Lua states that run row functions, at most one a thread, and the sharing out of morsels to them.
 *
 * A state belongs to whoever takes it for a morsel; which one it is changes nothing, since a program carries nothing
 * from row to row. The codes of texts are a state's own and are translated when the column is made. */
#include <pthread.h>

#include "core/lua/rows_state.h"

struct ms_crew {
  pthread_mutex_t lock;
  ms_row_state *states;
  uint64_t runs;
};

ms_crew *ms_crew_new(ms_context *context) {
  ms_crew *crew = ms_memory_zero(ms_context_account(context), 1, sizeof *crew);
  if (!crew) return ms_fail_null(context, MS_EMEMORY, "not enough memory for row functions");
  pthread_mutex_init(&crew->lock, NULL);
  return crew;
}

void ms_crew_free(ms_crew *crew) {
  if (!crew) return;
  for (ms_row_state *state = crew->states, *next; state; state = next) {
    next = state->next;
    ms_row_state_free(state);
  }
  pthread_mutex_destroy(&crew->lock);
  ms_memory_give(crew);
}

/* A state that nobody has; one that is ready for the run, if there is one. */
static ms_row_state *take(ms_context *worker, ms_crew *crew, uint64_t run) {
  pthread_mutex_lock(&crew->lock);
  ms_row_state *found = NULL;
  for (ms_row_state *state = crew->states; state; state = state->next) {
    if (!state->busy && (!found || state->run == run)) found = state;
  }
  if (found) found->busy = true;
  pthread_mutex_unlock(&crew->lock);
  if (found) return found;
  found = ms_row_state_new(worker);
  if (!found) return NULL;
  found->busy = true;
  pthread_mutex_lock(&crew->lock);
  found->next = crew->states;
  crew->states = found;
  pthread_mutex_unlock(&crew->lock);
  return found;
}

/* One to which memory was refused goes; its run has failed, so that nobody reads its texts. */
static void put_back(ms_crew *crew, ms_row_state *state) {
  pthread_mutex_lock(&crew->lock);
  state->busy = false;
  if (state->refused) {
    ms_row_state **at = &crew->states;
    while (*at != state) at = &(*at)->next;
    *at = state->next;
  }
  pthread_mutex_unlock(&crew->lock);
  if (state->refused) ms_row_state_free(state);
}

typedef struct {
  ms_row_run *run;
  ms_crew *crew;
  ms_slice program;
} job;

static ms_status run_morsel(ms_context *worker, void *of, size_t morsel) {
  job *work = of;
  ms_row_state *state = take(worker, work->crew, work->run->number);
  if (!state) return MS_EMEMORY;
  work->run->owners[morsel] = &state->texts;
  ms_status status = ms_row_state_ready(worker, state, work->run, work->program);
  if (status == MS_OK) {
    status =
        ms_row_state_morsel(worker, state, work->run, ms_morsel(work->run->frame->rows, morsel));
  }
  put_back(work->crew, state);
  return status;
}

ms_status ms_row_run_crew(ms_row_run *run, ms_crew *crew, const char *program, size_t size) {
  run->number = ++crew->runs;
  job work = {run, crew, {program, size}};
  return ms_parallel(run->context, ms_morsels(run->frame->rows), run_morsel, &work);
}
