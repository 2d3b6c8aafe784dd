/* Scratch memory of a call: chunks that grow, given back from the newest on. A request that does
 * not fit the newest chunk gets a new one, twice as large as the last up to CHUNK_MOST, or as large
 * as itself. */
#include <stdio.h>
#include <string.h>

#include "core/base/context_private.h"

enum { CHUNK_LEAST = 1 << 14, CHUNK_MOST = 1 << 20, ALIGNMENT = 64 };

struct ms_chunk {
  ms_chunk *older;
  size_t used, size;
  unsigned char *data; /* behind the header, aligned */
};

struct ms_deferred {
  ms_deferred *older;
  void (*release)(void *);
  void *thing;
};

static ms_chunk *chunk_new(ms_context *context, size_t least) {
  size_t size = CHUNK_LEAST;
  if (context->chunks) size = context->chunks->size * 2;
  if (size > CHUNK_MOST) size = CHUNK_MOST;
  if (size < least) size = least;
  if (size > SIZE_MAX - ALIGNMENT) return NULL;
  ms_chunk *chunk = ms_memory_take(context->memory, size + ALIGNMENT);
  if (!chunk) return NULL;
  *chunk = (ms_chunk){
      .older = context->chunks, .size = size, .data = (unsigned char *)chunk + ALIGNMENT};
  context->chunks = chunk;
  return chunk;
}

static void *take(ms_context *context, size_t bytes) {
  ms_chunk *chunk = context->chunks;
  size_t rounded = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  if (rounded < bytes || ms_memory_fails(context->memory)) return NULL;
  if (rounded == 0) rounded = ALIGNMENT;
  if (!chunk || chunk->size - chunk->used < rounded) chunk = chunk_new(context, rounded);
  if (!chunk) return NULL;
  void *block = chunk->data + chunk->used;
  chunk->used += rounded;
  return block;
}

static void *refuse(ms_context *context, size_t count, size_t size) {
  return ms_fail_null(context, MS_EMEMORY, "not enough memory for %zu x %zu bytes", count, size);
}

void *ms_scratch(ms_context *context, size_t count, size_t size) {
  size_t bytes;
  void *block = __builtin_mul_overflow(count, size, &bytes) ? NULL : take(context, bytes);
  return block ? block : refuse(context, count, size);
}

void *ms_scratch_zero(ms_context *context, size_t count, size_t size) {
  void *block = ms_scratch(context, count, size);
  if (block) memset(block, 0, count * size);
  return block;
}

char *ms_scratch_text(ms_context *context, const char *text, size_t size) {
  char *copy = size == SIZE_MAX ? NULL : ms_scratch(context, size + 1, 1);
  if (!copy) return NULL;
  if (size) memcpy(copy, text, size);
  copy[size] = 0;
  return copy;
}

char *ms_scratch_format(ms_context *context, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int size = vsnprintf(NULL, 0, format, list);
  va_end(list);
  char *text = size < 0 ? NULL : ms_scratch(context, (size_t)size + 1, 1);
  if (!text) return NULL;
  va_start(list, format);
  (void)vsnprintf(text, (size_t)size + 1, format, list);
  va_end(list);
  return text;
}

ms_mark ms_scratch_mark(ms_context *context) {
  return (ms_mark){context->chunks, context->chunks ? context->chunks->used : 0};
}

void ms_scratch_release(ms_context *context, ms_mark mark) {
  while (context->chunks && context->chunks != mark.chunk) {
    ms_chunk *older = context->chunks->older;
    ms_memory_give(context->chunks);
    context->chunks = older;
  }
  if (context->chunks) context->chunks->used = mark.used;
}

/* Notes stand in account memory of their own, so that a released mark cannot lose one. */
ms_status ms_defer(ms_context *context, void (*release)(void *thing), void *thing) {
  ms_deferred *note = ms_memory_take(context->memory, sizeof *note);
  if (!note) {
    release(thing);
    return ms_fail(context, MS_EMEMORY, "not enough memory");
  }
  *note = (ms_deferred){context->deferred, release, thing};
  context->deferred = note;
  return MS_OK;
}

void ms_arena_release_all(ms_context *context) {
  while (context->deferred) {
    ms_deferred *note = context->deferred;
    context->deferred = note->older;
    note->release(note->thing);
    ms_memory_give(note);
  }
  ms_scratch_release(context, (ms_mark){NULL, 0});
}
