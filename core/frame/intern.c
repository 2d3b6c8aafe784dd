/* Interning: a growing hash set of texts that ends as a dictionary. Open addressing, at most half
 * full. */
#include <string.h>
#include <xxhash.h>

#include "core/frame/dictionary.h"

typedef struct {
  uint32_t code; /* EMPTY or an entry */
  uint32_t tag;  /* upper half of its hash */
} slot;
#define EMPTY UINT32_MAX

struct ms_intern {
  ms_context *context;
  slot *slots;
  size_t mask;
  int64_t count, capacity; /* entries; room in offsets */
  size_t used, room;       /* bytes */
  int64_t *offsets;
  char *bytes;
  bool appended;
};

static ms_memory *account(ms_intern *intern) { return ms_context_account(intern->context); }

ms_intern *ms_intern_new(ms_context *context) {
  ms_intern *intern = ms_memory_zero(ms_context_account(context), 1, sizeof *intern);
  if (!intern) return ms_fail_null(context, MS_EMEMORY, "not enough memory for a dictionary");
  intern->context = context;
  return intern;
}

static void clear(ms_intern *intern) {
  ms_memory_give(intern->slots);
  ms_memory_give(intern->offsets);
  ms_memory_give(intern->bytes);
  *intern = (ms_intern){.context = intern->context};
}

void ms_intern_free(ms_intern *intern) {
  if (!intern) return;
  clear(intern);
  ms_memory_give(intern);
}

ms_slice ms_intern_entry(const ms_intern *intern, int64_t code) {
  const int64_t *offsets = intern->offsets;
  return (ms_slice){intern->bytes + offsets[code], (size_t)(offsets[code + 1] - offsets[code])};
}

int64_t ms_intern_count(const ms_intern *intern) { return intern->count; }

static int64_t no_memory(ms_intern *intern) {
  (void)ms_fail(intern->context, MS_EMEMORY, "not enough memory for a dictionary of %lld texts",
                (long long)intern->count);
  return -1;
}

int64_t ms_intern_append(ms_intern *intern, const char *text, size_t size) {
  if (intern->count + 2 > intern->capacity) {
    int64_t capacity = intern->capacity ? intern->capacity * 2 : 64;
    int64_t *grown =
        ms_memory_grow(account(intern), intern->offsets, (size_t)capacity * sizeof *grown);
    if (!grown) return no_memory(intern);
    if (!intern->offsets) grown[0] = 0;
    intern->offsets = grown;
    intern->capacity = capacity;
  }
  if (size > intern->room - intern->used || !intern->bytes) {
    size_t room = (intern->room + size) * 2 + 256;
    char *grown = ms_memory_grow(account(intern), intern->bytes, room);
    if (!grown) return no_memory(intern);
    intern->bytes = grown;
    intern->room = room;
  }
  if (intern->count >= (int64_t)EMPTY - 1) {
    (void)ms_fail(intern->context, MS_ELIMIT, "more than %u texts in a column", EMPTY - 1);
    return -1;
  }
  if (size) memcpy(intern->bytes + intern->used, text, size);
  intern->used += size;
  intern->offsets[++intern->count] = (int64_t)intern->used;
  intern->appended = true;
  return intern->count - 1;
}

/* Doubles the table; tags and entries give the hashes again. */
static bool rehash(ms_intern *intern) {
  size_t size = intern->slots ? (intern->mask + 1) * 2 : 256;
  slot *slots = ms_memory_take(account(intern), size * sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < size; i++) slots[i].code = EMPTY;
  for (int64_t code = 0; code < intern->count; code++) {
    ms_slice text = ms_intern_entry(intern, code);
    uint64_t hash = XXH3_64bits(text.data, text.size);
    size_t i = hash & (size - 1);
    while (slots[i].code != EMPTY) i = (i + 1) & (size - 1);
    slots[i] = (slot){(uint32_t)code, (uint32_t)(hash >> 32)};
  }
  ms_memory_give(intern->slots);
  intern->slots = slots;
  intern->mask = size - 1;
  return true;
}

int64_t ms_intern_add(ms_intern *intern, const char *text, size_t size) {
  if (!intern->slots || (size_t)intern->count * 2 > intern->mask) {
    if (!rehash(intern)) return no_memory(intern);
  }
  uint64_t hash = XXH3_64bits(text, size);
  size_t i = hash & intern->mask;
  for (; intern->slots[i].code != EMPTY; i = (i + 1) & intern->mask) {
    if (intern->slots[i].tag != (uint32_t)(hash >> 32)) continue;
    ms_slice entry = ms_intern_entry(intern, intern->slots[i].code);
    if (ms_slice_equal(entry, (ms_slice){text, size})) return intern->slots[i].code;
  }
  bool appended = intern->appended;
  int64_t code = ms_intern_append(intern, text, size);
  intern->appended = appended;
  if (code >= 0) intern->slots[i] = (slot){(uint32_t)code, (uint32_t)(hash >> 32)};
  return code;
}

/* A buffer around a block of account memory, which it takes over (and frees where it fails). */
static ms_buffer *adopt(ms_context *context, void *block, size_t size) {
  if (!block) return ms_buffer_zero(context, 1, size);
  ms_buffer *buffer = ms_memory_take(ms_context_account(context), sizeof *buffer);
  if (!buffer) {
    ms_memory_give(block);
    return ms_fail_null(context, MS_EMEMORY, "not enough memory for a dictionary");
  }
  *buffer = (ms_buffer){.size = size, .data = block};
  atomic_init(&buffer->owners, 1);
  return buffer;
}

ms_dictionary *ms_intern_done(ms_intern *intern) {
  ms_context *context = intern->context;
  ms_buffer *offsets =
      adopt(context, intern->offsets, ((size_t)intern->count + 1) * sizeof(int64_t));
  intern->offsets = NULL;
  ms_buffer *bytes = adopt(context, intern->bytes, intern->used);
  intern->bytes = NULL;
  ms_dictionary *dictionary =
      ms_dictionary_new(context, intern->count, offsets, bytes, !intern->appended);
  clear(intern);
  return dictionary;
}
