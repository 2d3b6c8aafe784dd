/* Counted buffers. */
#include "core/frame/buffer.h"

#include <string.h>

ms_buffer *ms_buffer_new(ms_context *context, size_t count, size_t size) {
  size_t bytes;
  ms_memory *memory = ms_context_account(context);
  ms_buffer *buffer = NULL;
  uint8_t *data = NULL;
  if (__builtin_mul_overflow(count, size, &bytes)) goto refuse;
  buffer = ms_memory_take(memory, sizeof *buffer);
  data = buffer ? ms_memory_take(memory, bytes) : NULL;
  if (!data) goto refuse;
  *buffer = (ms_buffer){.size = bytes, .data = data};
  atomic_init(&buffer->owners, 1);
  return buffer;
refuse:
  ms_memory_give(buffer);
  return ms_fail_null(context, MS_EMEMORY, "not enough memory for %zu x %zu bytes", count, size);
}

ms_buffer *ms_buffer_zero(ms_context *context, size_t count, size_t size) {
  ms_buffer *buffer = ms_buffer_new(context, count, size);
  if (buffer) memset(buffer->data, 0, buffer->size);
  return buffer;
}

ms_buffer *ms_buffer_share(ms_buffer *buffer) {
  if (buffer) atomic_fetch_add_explicit(&buffer->owners, 1, memory_order_relaxed);
  return buffer;
}

void ms_buffer_free(ms_buffer *buffer) {
  if (!buffer || atomic_fetch_sub(&buffer->owners, 1) != 1) return;
  ms_memory_give(buffer->data);
  ms_memory_give(buffer);
}
