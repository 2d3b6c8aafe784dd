/* Bitmaps: counting and conversion to bytes. */
#include "core/base/bitmap.h"

#include <string.h>

int64_t ms_bitmap_count(const uint64_t *map, int64_t bits) {
  int64_t ones = 0;
  int64_t words = bits / 64;
  for (int64_t i = 0; i < words; i++) ones += __builtin_popcountll(map[i]);
  if (bits % 64) ones += __builtin_popcountll(map[words] & ((UINT64_C(1) << bits % 64) - 1));
  return ones;
}

void ms_bitmap_fill(uint64_t *map, int64_t bits) {
  size_t words = ms_bitmap_words(bits);
  if (!words) return;
  memset(map, 0xFF, words * sizeof *map);
  if (bits % 64) map[words - 1] = (UINT64_C(1) << bits % 64) - 1;
}

void ms_bitmap_unpack(const uint64_t *map, int64_t first, int64_t count, uint8_t *out) {
  if (!map) {
    memset(out, 1, (size_t)count);
    return;
  }
  for (int64_t i = 0; i < count; i++) out[i] = (uint8_t)ms_bit(map, first + i);
}

int64_t ms_bitmap_pack(const uint8_t *bytes, int64_t first, int64_t count, uint64_t *map) {
  int64_t ones = 0;
  uint64_t *word = map + first / 64;
  for (int64_t i = 0; i < count; word++) {
    uint64_t bits = 0;
    int64_t stop = count - i < 64 ? count - i : 64;
    for (int64_t j = 0; j < stop; j++) bits |= (uint64_t)(bytes[i + j] != 0) << j;
    *word = bits;
    ones += __builtin_popcountll(bits);
    i += stop;
  }
  return ones;
}
