/* gzip both ways, over zlib, with memory from the account. */
#include "core/io/compress.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "core/io/file.h"

enum { BLOCK = 1 << 18 };

static void *take(void *account, unsigned count, unsigned size) {
  return ms_memory_take(account, (size_t)count * size);
}
static void give(void *account, void *block) {
  (void)account;
  ms_memory_give(block);
}
static void give_block(void *block) { ms_memory_give(block); }

bool ms_gzip_is(ms_slice bytes) {
  return bytes.size >= 3 && memcmp(bytes.data, "\x1f\x8b\x08", 3) == 0;
}

/* Output that grows. The data stands behind the pad. */
typedef struct {
  ms_memory *memory;
  char *block;
  size_t used, capacity;
} growing;

static bool room(growing *g, size_t more) {
  if (g->capacity - g->used >= more) return true;
  size_t capacity = g->capacity + g->capacity / 2 + more;
  char *block = ms_memory_grow(g->memory, g->block, capacity + 2 * (size_t)MS_FILE_PAD);
  if (!block) return false;
  g->block = block;
  g->capacity = capacity;
  return true;
}

/* The size of the last member as its trailer says it: a first guess, not trusted. */
static size_t likely_size(ms_slice bytes) {
  if (bytes.size < 18) return BLOCK;
  const unsigned char *end = (const unsigned char *)bytes.data + bytes.size - 4;
  size_t size = (size_t)end[0] | (size_t)end[1] << 8 | (size_t)end[2] << 16 | (size_t)end[3] << 24;
  return size / 1032 > bytes.size ? BLOCK : size + 1; /* deflate cannot do better than 1032 : 1 */
}

/* Z_STREAM_END when all members are done. */
static int inflate_all(ms_context *context, z_stream *stream, ms_slice bytes, growing *out) {
  size_t at = 0;
  for (;;) {
    if (!room(out, BLOCK)) return Z_MEM_ERROR;
    size_t left = bytes.size - at, space = out->capacity - out->used;
    stream->next_in = (Bytef *)(uintptr_t)(bytes.data + at);
    stream->avail_in = left > BLOCK ? BLOCK : (uInt)left;
    stream->next_out = (Bytef *)out->block + MS_FILE_PAD + out->used;
    stream->avail_out = space > INT_MAX ? INT_MAX : (uInt)space;
    uInt in = stream->avail_in, room_before = stream->avail_out;
    int result = inflate(stream, Z_NO_FLUSH);
    at += in - stream->avail_in;
    out->used += room_before - stream->avail_out;
    if (result == Z_STREAM_END) {
      while (at < bytes.size && bytes.data[at] == 0) at++; /* padding of tapes */
      if (at == bytes.size) return result;
      if (inflateReset(stream) != Z_OK) return Z_DATA_ERROR;
    } else if (result != Z_OK || (at == bytes.size && stream->avail_out > 0)) {
      return result == Z_OK || result == Z_BUF_ERROR ? Z_DATA_ERROR : result;
    }
    if (ms_cancelled(context)) return Z_STREAM_ERROR;
  }
}

ms_status ms_gzip_inflate(ms_context *context, const char *verb, const char *name, ms_slice bytes,
                          ms_slice *out) {
  growing to = {.memory = ms_context_account(context)};
  z_stream stream = {.zalloc = take, .zfree = give, .opaque = to.memory};
  int result = inflateInit2(&stream, 15 + 16);
  if (result == Z_OK) {
    result =
        room(&to, likely_size(bytes)) ? inflate_all(context, &stream, bytes, &to) : Z_MEM_ERROR;
    inflateEnd(&stream);
  }
  if (result == Z_STREAM_END) {
    memset(to.block, 0, MS_FILE_PAD);
    memset(to.block + MS_FILE_PAD + to.used, 0, MS_FILE_PAD);
    *out = (ms_slice){to.block + MS_FILE_PAD, to.used};
    return ms_defer(context, give_block, to.block);
  }
  ms_memory_give(to.block);
  if (result == Z_STREAM_ERROR) return ms_error_status(context); /* cancelled */
  if (result == Z_MEM_ERROR)
    return ms_fail(context, MS_EMEMORY, "%s: not enough memory to unpack '%s'", verb, name);
  return ms_fail(context, MS_EFORMAT, "%s: '%s' is broken or incomplete gzip: %s behind %zu bytes",
                 verb, name, stream.msg ? stream.msg : "it ends too early", to.used);
}

struct ms_deflater {
  ms_context *context;
  ms_deflated *pass;
  void *state;
  z_stream stream;
  char out[BLOCK];
};

ms_deflater *ms_deflater_new(ms_context *context, ms_deflated *pass, void *state) {
  ms_memory *memory = ms_context_account(context);
  ms_deflater *deflater = ms_memory_take(memory, sizeof *deflater);
  if (!deflater) return ms_fail_null(context, MS_EMEMORY, "not enough memory to compress");
  *deflater = (ms_deflater){.context = context, .pass = pass, .state = state};
  deflater->stream = (z_stream){.zalloc = take, .zfree = give, .opaque = memory};
  if (deflateInit2(&deflater->stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    ms_memory_give(deflater);
    return ms_fail_null(context, MS_EMEMORY, "not enough memory to compress");
  }
  return deflater;
}

ms_status ms_deflater_add(ms_deflater *deflater, const char *data, size_t size, bool last) {
  z_stream *stream = &deflater->stream;
  for (;;) {
    size_t step = size > BLOCK ? BLOCK : size;
    stream->next_in = (Bytef *)(uintptr_t)data;
    stream->avail_in = (uInt)step;
    if (ms_cancelled(deflater->context)) return ms_error_status(deflater->context);
    int flush = last && step == size ? Z_FINISH : Z_NO_FLUSH;
    do {
      stream->next_out = (Bytef *)deflater->out;
      stream->avail_out = BLOCK;
      if (deflate(stream, flush) == Z_STREAM_ERROR)
        return ms_fail(deflater->context, MS_EINTERNAL, "deflate failed");
      size_t made = BLOCK - stream->avail_out;
      ms_status status = made ? deflater->pass(deflater->state, deflater->out, made) : MS_OK;
      if (status) return status;
    } while (stream->avail_out == 0);
    data += step;
    size -= step;
    if (size == 0) return MS_OK;
  }
}

void ms_deflater_free(ms_deflater *deflater) {
  if (!deflater) return;
  deflateEnd(&deflater->stream);
  ms_memory_give(deflater);
}
