/* The texts of a column: entry i is bytes[offsets[i]] … bytes[offsets[i + 1]]. Immutable and
 * counted; many columns may share one, so a gathered text column copies codes and never bytes. */
#ifndef MS_FRAME_DICTIONARY_H
#define MS_FRAME_DICTIONARY_H

#include "core/base/text.h"
#include "core/frame/buffer.h"

typedef struct {
  atomic_int owners;
  int64_t count;
  ms_buffer *offsets; /* int64_t[count + 1] */
  ms_buffer *bytes;
  bool distinct; /* no two entries are equal */
} ms_dictionary;

/* Takes the two buffers over, also where it fails. */
ms_dictionary *ms_dictionary_new(ms_context *context, int64_t count, ms_buffer *offsets,
                                 ms_buffer *bytes, bool distinct);
ms_dictionary *ms_dictionary_share(ms_dictionary *dictionary);
void ms_dictionary_free(ms_dictionary *dictionary);

static inline ms_slice ms_dictionary_entry(const ms_dictionary *dictionary, int64_t i) {
  const int64_t *offsets = (const int64_t *)(const void *)dictionary->offsets->data;
  return (ms_slice){(const char *)dictionary->bytes->data + offsets[i],
                    (size_t)(offsets[i + 1] - offsets[i])};
}

/* Rank of each entry in the order of the bytes, equal entries alike, from 0: uint32_t[count] in
 * scratch. O(n log n). */
uint32_t *ms_dictionary_ranks(ms_context *context, const ms_dictionary *dictionary);

/* For each entry the code of the first entry with the same text: uint32_t[count] in scratch. */
uint32_t *ms_dictionary_canon(ms_context *context, const ms_dictionary *dictionary);

/* For each entry of `from` the entry of `to` (distinct) with the same text, UINT32_MAX if there is
 * none: uint32_t[from->count] in scratch. Lets codes of two columns be compared. */
uint32_t *ms_dictionary_map(ms_context *context, const ms_dictionary *from,
                            const ms_dictionary *to);

/* ---- interning: building a dictionary of distinct texts ---- */

/* Grows by one text at a time, each text once. Lives in account memory: free it. Offsets and bytes
 * are moved into the dictionary by done. */
typedef struct ms_intern ms_intern;
ms_intern *ms_intern_new(ms_context *context);
void ms_intern_free(ms_intern *intern);
/* Code of the text, a new one if it was not there; -1 where memory is short or 2^32 - 2 is passed
 * (the error is in the context given to new). */
int64_t ms_intern_add(ms_intern *intern, const char *text, size_t size);
int64_t ms_intern_count(const ms_intern *intern);
ms_slice ms_intern_entry(const ms_intern *intern, int64_t code);
/* Adds the text without looking for it: for columns where nearly all values differ. The dictionary
 * is not distinct from then on. */
int64_t ms_intern_append(ms_intern *intern, const char *text, size_t size);
/* The dictionary; the intern is empty afterwards. */
ms_dictionary *ms_intern_done(ms_intern *intern);

#endif
