/* The inside of a context, for the files of core/base that make it up. */
#ifndef MS_BASE_CONTEXT_PRIVATE_H
#define MS_BASE_CONTEXT_PRIVATE_H

#include <stdatomic.h>

#include "core/base/context.h"

enum { MS_ERROR_SIZE = 2048, MS_HINT_SIZE = 1024, MS_NAME_SIZE = 256 };

typedef struct {
  ms_status status;
  char text[MS_ERROR_SIZE], hint[MS_HINT_SIZE], column[MS_NAME_SIZE];
  char *source; /* account memory */
  size_t begin, end;
  int64_t row;
} ms_error;

typedef struct ms_chunk ms_chunk;
typedef struct ms_deferred ms_deferred;
typedef struct ms_pool ms_pool;

struct ms_context {
  ms_memory *memory;
  ms_context *parent; /* of a worker; NULL for the session */
  ms_chunk *chunks;   /* newest first */
  ms_deferred *deferred;
  ms_error error;
  int threads, block;
  atomic_int *cancel; /* points into the session */
  atomic_int cancel_flag;
  ms_pool *pool;
  void *
      attached[MS_ATTACHED_MOST]; /* in order; those before attached_taken are somebody's already */
  size_t attached_count, attached_taken;
  void (*attached_release)(void *);
  ms_progress *progress;
  void *progress_state;
  atomic_llong progress_at; /* monotonic milliseconds of the last report */
  bool working;             /* work of many calls is shown, and theirs is not */
  struct ms_zone *zone;     /* NULL: UTC */
  char *warnings;           /* account memory, a line each; NULL: none */
};

/* core/base/arena.c */
void ms_arena_release_all(ms_context *context);
/* core/base/parallel.c */
void ms_pool_free(ms_pool *pool);
/* Ends the calls of all workers. */
void ms_pool_end(ms_pool *pool);
/* A worker's context: memory, cancel flag and settings of the session, arena and error of its own.
 */
ms_context *ms_context_worker(ms_context *session);

#endif
