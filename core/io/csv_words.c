/* The distinct texts of a column. Open addressing, linear probing, at most half full; a group of texts is
 * hashed first and its slots are asked from memory ahead of use. */
#include "core/io/csv_words.h"

#include <string.h>
#include <xxhash.h>
#if defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>
#endif

enum { FIRST_SLOTS = 64, GROUP = 32 };
static const uint32_t empty = UINT32_MAX;

ms_csv_words *ms_csv_words_new(ms_context *context, bool plain) {
  ms_memory *memory = ms_context_account(context);
  ms_csv_words *words = ms_memory_take(memory, sizeof *words);
  if (!words) return ms_fail_null(context, MS_EMEMORY, "not enough memory for texts");
  *words = (ms_csv_words){.memory = memory, .plain = plain};
  words->offsets = ms_memory_take(memory, FIRST_SLOTS * sizeof *words->offsets);
  if (!plain) words->slots = ms_memory_take(memory, FIRST_SLOTS * sizeof *words->slots);
  if (!words->offsets || (!plain && !words->slots)) {
    ms_csv_words_free(words);
    return ms_fail_null(context, MS_EMEMORY, "not enough memory for texts");
  }
  words->offsets[0] = 0;
  words->offsets_room = FIRST_SLOTS;
  words->mask = FIRST_SLOTS - 1;
  for (size_t i = 0; !plain && i < FIRST_SLOTS; i++) words->slots[i].size = empty;
  return words;
}

void ms_csv_words_free(ms_csv_words *words) {
  if (!words) return;
  ms_memory_give(words->slots);
  ms_memory_give(words->offsets);
  ms_memory_give(words->bytes);
  ms_memory_give(words);
}

static inline ms_csv_key key_of(const char *text, size_t size) {
  ms_csv_key key;
  if (size > 16) {
    XXH128_hash_t hash = XXH3_128bits(text, size);
    return (ms_csv_key){hash.low64, hash.high64};
  }
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  __m128i bytes = _mm_maskz_loadu_epi8((__mmask16)((1u << size) - 1), text);
  memcpy(&key, &bytes, sizeof key);
#else
  memcpy(&key, text, sizeof key);
  uint64_t low_bits = size >= 8 ? 64 : 8 * size, high_bits = size > 8 ? 8 * (size - 8) : 0;
  key.low &= low_bits == 64 ? UINT64_MAX : (UINT64_C(1) << low_bits) - 1;
  key.high &= high_bits == 64 ? UINT64_MAX : (UINT64_C(1) << high_bits) - 1;
#endif
  return key;
}

static inline uint64_t mix(ms_csv_key key, size_t size) {
  unsigned __int128 product = (unsigned __int128)(key.low ^ UINT64_C(0x9e3779b97f4a7c15)) *
                              (key.high ^ UINT64_C(0xe7037ed1a0b428db) ^ size);
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static bool grow_table(ms_csv_words *words) {
  uint64_t mask = words->mask * 4 + 3;
  ms_csv_slot *slots = ms_memory_take(words->memory, (mask + 1) * sizeof *slots);
  if (!slots) return false;
  for (uint64_t i = 0; i <= mask; i++) slots[i].size = empty;
  for (uint64_t i = 0; i <= words->mask; i++) {
    const ms_csv_slot *old = &words->slots[i];
    if (old->size == empty) continue;
    uint64_t at = mix(old->key, old->size) & mask;
    while (slots[at].size != empty) at = (at + 1) & mask;
    slots[at] = *old;
  }
  ms_memory_give(words->slots);
  words->slots = slots;
  words->mask = mask;
  return true;
}

/* Appends one entry. */
static bool put(ms_csv_words *words, const char *text, size_t size) {
  size_t used = (size_t)words->offsets[words->count];
  if (words->bytes_room - used < size || !words->bytes) {
    size_t room = words->bytes_room * 2 + size + 256;
    char *bytes = ms_memory_grow(words->memory, words->bytes, room);
    if (!bytes) return false;
    words->bytes = bytes;
    words->bytes_room = room;
  }
  if ((size_t)words->count + 2 > words->offsets_room) {
    size_t room = words->offsets_room * 2;
    int64_t *offsets = ms_memory_grow(words->memory, words->offsets, room * sizeof *offsets);
    if (!offsets) return false;
    words->offsets = offsets;
    words->offsets_room = room;
  }
  memcpy(words->bytes + used, text, size);
  words->offsets[++words->count] = (int64_t)(used + size);
  return true;
}

static inline bool same(const ms_csv_words *words, const ms_csv_slot *slot, ms_slice text,
                        ms_csv_key key) {
  if (slot->key.low != key.low || slot->key.high != key.high || slot->size != text.size)
    return false;
  return text.size <= 16 ||
         memcmp(words->bytes + words->offsets[slot->code], text.data, text.size) == 0;
}

static bool add_new(ms_csv_words *words, ms_slice text, ms_csv_key key, uint64_t at) {
  if (words->count >= (int64_t)UINT32_MAX - 1) return false;
  words->slots[at] = (ms_csv_slot){key, (uint32_t)text.size, (uint32_t)words->count};
  if (!put(words, text.data, text.size)) {
    words->slots[at].size = empty;
    return false;
  }
  return true;
}

/* A group of at most GROUP texts on its way to the table. */
typedef struct {
  ms_csv_key keys[GROUP];
  uint64_t hashes[GROUP];
} hashed;

/* Hashes the texts, and asks for their slots. */
static void hash_group(const ms_csv_words *words, const ms_slice *texts, size_t count,
                       hashed *out) {
  const ms_csv_slot *slots = words->slots;
  uint64_t mask = words->mask;
  for (size_t i = 0; i < count; i++) {
    out->keys[i] = key_of(texts[i].data, texts[i].size);
    out->hashes[i] = mix(out->keys[i], texts[i].size);
    __builtin_prefetch(&slots[out->hashes[i] & mask]);
  }
}

/* The table has room for all of them. */
static bool add_group(ms_csv_words *words, const ms_slice *texts, size_t count, const hashed *in,
                      uint32_t *codes) {
  const ms_csv_slot *slots = words->slots; /* copies, that stay in registers */
  uint64_t mask = words->mask;
  for (size_t i = 0; i < count; i++) {
    uint64_t at = in->hashes[i] & mask;
    while (slots[at].size != empty && !same(words, &slots[at], texts[i], in->keys[i]))
      at = (at + 1) & mask;
    if (slots[at].size == empty && !add_new(words, texts[i], in->keys[i], at)) return false;
    codes[i] = slots[at].code;
  }
  return true;
}

/* While a group is looked up, the slots of the next one are on their way. */
bool ms_csv_words_add(ms_csv_words *words, const ms_slice *texts, size_t count, uint32_t *codes) {
  hashed groups[2];
  if (count) hash_group(words, texts, count < GROUP ? count : GROUP, &groups[0]);
  for (size_t i = 0, g = 0; i < count; i += GROUP, g ^= 1) {
    size_t step = count - i < GROUP ? count - i : GROUP, left = count - i - step;
    if (((uint64_t)words->count + GROUP) * 2 > words->mask && !grow_table(words)) return false;
    if (left) hash_group(words, texts + i + step, left < GROUP ? left : GROUP, &groups[g ^ 1]);
    if (!add_group(words, texts + i, step, &groups[g], codes + i)) return false;
  }
  return true;
}

bool ms_csv_words_append(ms_csv_words *words, const ms_slice *texts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!put(words, texts[i].data, texts[i].size)) return false;
  }
  return true;
}
