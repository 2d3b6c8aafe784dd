/* The distinct texts of a column as a reader meets them: a hash table whose slots hold short texts
 * themselves, so that a short text is found without a second access to memory. */
#ifndef MS_IO_CSV_WORDS_H
#define MS_IO_CSV_WORDS_H

#include "core/frame/column.h"

/* A text as the table compares it: up to 16 bytes are the key itself, filled up with zeros; of longer
 * ones it is a 128-bit hash. */
typedef struct {
  uint64_t low, high;
} ms_csv_key;

typedef struct {
  _Alignas(32) ms_csv_key key; /* a slot never lies across two cache lines */
  uint32_t size;               /* UINT32_MAX: free (no text is so long) */
  uint32_t code;
} ms_csv_slot;

typedef struct {
  ms_memory *memory;
  ms_csv_slot *slots;
  uint64_t mask;    /* slots - 1 */
  int64_t count;    /* entries */
  int64_t *offsets; /* count + 1 */
  size_t offsets_room;
  char *bytes;
  size_t bytes_room;
  bool plain; /* only appended: no table */
} ms_csv_words;

/* Texts of at most this size can be added. */
#define MS_CSV_TEXT_MOST ((size_t)UINT32_MAX - 1)

ms_csv_words *ms_csv_words_new(ms_context *context, bool plain);
void ms_csv_words_free(ms_csv_words *words);
/* Adds count texts, and writes the code of each. A text must have 16 readable bytes behind its start.
 * False where memory is short. */
bool ms_csv_words_add(ms_csv_words *words, const ms_slice *texts, size_t count, uint32_t *codes);
/* Plain tables: appends. */
bool ms_csv_words_append(ms_csv_words *words, const ms_slice *texts, size_t count);

static inline ms_slice ms_csv_words_entry(const ms_csv_words *words, int64_t code) {
  return (ms_slice){words->bytes + words->offsets[code],
                    (size_t)(words->offsets[code + 1] - words->offsets[code])};
}

#endif
