/* A counted block of memory that columns share. Filled by whoever made it, then never changed. */
#ifndef MS_FRAME_BUFFER_H
#define MS_FRAME_BUFFER_H

#include <stdatomic.h>

#include "core/base/context.h"

typedef struct {
  atomic_int owners;
  size_t size;   /* bytes asked for; at least 64 readable bytes stand behind them */
  uint8_t *data; /* aligned to 64 */
} ms_buffer;

/* Not cleared. NULL and MS_EMEMORY where memory is short. The caller owns it. */
ms_buffer *ms_buffer_new(ms_context *context, size_t count, size_t size);
/* Cleared. */
ms_buffer *ms_buffer_zero(ms_context *context, size_t count, size_t size);
/* Another owner; NULL gives NULL. */
ms_buffer *ms_buffer_share(ms_buffer *buffer);
void ms_buffer_free(ms_buffer *buffer);

#endif
