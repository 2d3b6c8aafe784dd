/* Dictionaries: sharing, ranks, and codes of one in terms of another. */
#include "core/frame/dictionary.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "core/frame/hashed.h"

ms_dictionary *ms_dictionary_new(ms_context *context, int64_t count, ms_buffer *offsets,
                                 ms_buffer *bytes, bool distinct) {
  ms_dictionary *dictionary = NULL;
  if (offsets && bytes)
    dictionary = ms_memory_take(ms_context_account(context), sizeof *dictionary);
  if (!dictionary) {
    ms_buffer_free(offsets);
    ms_buffer_free(bytes);
    return ms_fail_null(context, MS_EMEMORY, "not enough memory for a dictionary");
  }
  *dictionary =
      (ms_dictionary){.count = count, .offsets = offsets, .bytes = bytes, .distinct = distinct};
  atomic_init(&dictionary->owners, 1);
  return dictionary;
}

ms_dictionary *ms_dictionary_share(ms_dictionary *dictionary) {
  if (dictionary) atomic_fetch_add_explicit(&dictionary->owners, 1, memory_order_relaxed);
  return dictionary;
}

void ms_dictionary_free(ms_dictionary *dictionary) {
  if (!dictionary || atomic_fetch_sub(&dictionary->owners, 1) != 1) return;
  ms_buffer_free(dictionary->offsets);
  ms_buffer_free(dictionary->bytes);
  ms_memory_give(dictionary);
}

/* A text to be sorted: its first eight bytes as a number decide most comparisons. */
typedef struct {
  uint64_t prefix;
  ms_slice text;
  uint32_t code;
} ranked;

static int compare_ranked(const void *left, const void *right) {
  const ranked *a = left, *b = right;
  if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
  int order = ms_slice_compare(a->text, b->text);
  return order ? order : (a->code < b->code ? -1 : a->code > b->code);
}

static uint64_t prefix_of(ms_slice text) {
  unsigned char bytes[8] = {0};
  memcpy(bytes, text.data, text.size < 8 ? text.size : 8);
  uint64_t prefix;
  memcpy(&prefix, bytes, sizeof prefix);
  return __builtin_bswap64(prefix);
}

enum { RUN = 4096 }; /* entries that are sorted between two times of asking whether to stop */

static void merge(const ranked *a, const ranked *a_end, const ranked *b_end, ranked *out) {
  const ranked *b = a_end;
  while (a < a_end && b < b_end) *out++ = compare_ranked(a, b) <= 0 ? *a++ : *b++;
  while (a < a_end) *out++ = *a++;
  while (b < b_end) *out++ = *b++;
}

/* The entries in order, in one of the two places; NULL with an error. */
static ranked *sort_ranked(ms_context *context, ranked *from, ranked *to, size_t count) {
  for (size_t i = 0; i < count; i += RUN) {
    if (ms_cancelled(context)) return NULL;
    qsort(from + i, count - i < RUN ? count - i : RUN, sizeof *from, compare_ranked);
  }
  for (size_t width = RUN; width < count; width *= 2) {
    for (size_t i = 0; i < count; i += 2 * width) {
      size_t middle = count - i < width ? count : i + width;
      size_t end = count - i < 2 * width ? count : i + 2 * width;
      if (ms_cancelled(context)) return NULL;
      merge(from + i, from + middle, from + end, to + i);
    }
    ranked *other = from;
    from = to;
    to = other;
  }
  return from;
}

uint32_t *ms_dictionary_ranks(ms_context *context, const ms_dictionary *dictionary) {
  size_t count = (size_t)dictionary->count;
  uint32_t *ranks = ms_scratch(context, count, sizeof *ranks);
  ranked *order = ranks ? ms_scratch(context, count, sizeof *order) : NULL;
  ranked *spare = order ? ms_scratch(context, count > RUN ? count : 0, sizeof *spare) : NULL;
  if (!spare) return NULL;
  for (size_t i = 0; i < count; i++) {
    ms_slice text = ms_dictionary_entry(dictionary, (int64_t)i);
    if (i % RUN == 0 && ms_cancelled(context)) return NULL;
    order[i] = (ranked){prefix_of(text), text, (uint32_t)i};
  }
  order = sort_ranked(context, order, spare, count);
  uint32_t rank = 0;
  for (size_t i = 0; order && i < count; i++) {
    if (i % RUN == 0 && ms_cancelled(context)) return NULL;
    if (i > 0 && !ms_slice_equal(order[i].text, order[i - 1].text)) rank++;
    ranks[order[i].code] = rank;
  }
  return order ? ranks : NULL;
}

uint32_t *ms_dictionary_canon(ms_context *context, const ms_dictionary *dictionary) {
  size_t count = (size_t)dictionary->count;
  uint32_t *canon = ms_scratch(context, count, sizeof *canon);
  if (!canon) return NULL;
  if (dictionary->distinct) {
    for (size_t i = 0; i < count; i++) canon[i] = (uint32_t)i;
    return canon;
  }
  ms_hashed hashed;
  if (ms_hashed_init(context, &hashed, count) != MS_OK) return NULL;
  for (size_t i = 0; i < count; i++) {
    ms_slice text = ms_dictionary_entry(dictionary, (int64_t)i);
    if (i % RUN == 0 && ms_cancelled(context)) return NULL;
    uint64_t hash = XXH3_64bits(text.data, text.size);
    uint32_t *slot = ms_hashed_find(&hashed, dictionary, text, hash);
    if (*slot == MS_HASHED_EMPTY) ms_hashed_put(&hashed, slot, (uint32_t)i, hash);
    canon[i] = *slot;
  }
  return canon;
}

uint32_t *ms_dictionary_map(ms_context *context, const ms_dictionary *from,
                            const ms_dictionary *to) {
  size_t count = (size_t)from->count;
  uint32_t *map = ms_scratch(context, count, sizeof *map);
  ms_hashed hashed;
  if (!map || ms_hashed_init(context, &hashed, (size_t)to->count) != MS_OK) return NULL;
  for (int64_t i = 0; i < to->count; i++) {
    ms_slice text = ms_dictionary_entry(to, i);
    if (i % RUN == 0 && ms_cancelled(context)) return NULL;
    uint64_t hash = XXH3_64bits(text.data, text.size);
    uint32_t *slot = ms_hashed_find(&hashed, to, text, hash);
    if (*slot == MS_HASHED_EMPTY) ms_hashed_put(&hashed, slot, (uint32_t)i, hash);
  }
  for (size_t i = 0; i < count; i++) {
    ms_slice text = ms_dictionary_entry(from, (int64_t)i);
    if (i % RUN == 0 && ms_cancelled(context)) return NULL;
    map[i] = *ms_hashed_find(&hashed, to, text, XXH3_64bits(text.data, text.size));
  }
  return map;
}
