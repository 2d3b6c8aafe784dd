/* A hash set over the entries of a dictionary: open addressing, linear probing, at most half full.
 * A slot holds an entry's code; its tag (32 bits of the hash) saves most comparisons of bytes. In
 * scratch. */
#ifndef MS_FRAME_HASHED_H
#define MS_FRAME_HASHED_H

#include <string.h>

#include "core/frame/dictionary.h"

#define MS_HASHED_EMPTY UINT32_MAX

typedef struct {
  uint32_t *codes, *tags;
  size_t mask;
} ms_hashed;

/* Room for `count` entries. */
static inline ms_status ms_hashed_init(ms_context *context, ms_hashed *hashed, size_t count) {
  size_t size = 16;
  while (size < count * 2) size *= 2;
  hashed->codes = ms_scratch(context, size, sizeof *hashed->codes);
  hashed->tags = hashed->codes ? ms_scratch(context, size, sizeof *hashed->tags) : NULL;
  if (!hashed->tags) return MS_EMEMORY;
  hashed->mask = size - 1;
  memset(hashed->codes, 0xFF, size * sizeof *hashed->codes);
  return MS_OK;
}

/* The slot of the text, or the empty slot where it belongs. */
static inline uint32_t *ms_hashed_find(const ms_hashed *hashed, const ms_dictionary *dictionary,
                                       ms_slice text, uint64_t hash) {
  for (size_t i = hash & hashed->mask;; i = (i + 1) & hashed->mask) {
    uint32_t code = hashed->codes[i];
    if (code == MS_HASHED_EMPTY) return &hashed->codes[i];
    if (hashed->tags[i] == (uint32_t)(hash >> 32) &&
        ms_slice_equal(ms_dictionary_entry(dictionary, code), text)) {
      return &hashed->codes[i];
    }
  }
}

static inline void ms_hashed_put(ms_hashed *hashed, uint32_t *slot, uint32_t code, uint64_t hash) {
  *slot = code;
  hashed->tags[slot - hashed->codes] = (uint32_t)(hash >> 32);
}

#endif
