/* Bitmaps as Arrow lays them: bit i of the map is bit i % 64 of word i / 64. */
#ifndef MS_BASE_BITMAP_H
#define MS_BASE_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t ms_bitmap_words(int64_t bits) { return (size_t)((bits + 63) / 64); }
static inline bool ms_bit(const uint64_t *map, int64_t i) { return map[i >> 6] >> (i & 63) & 1; }
static inline void ms_bit_set(uint64_t *map, int64_t i) { map[i >> 6] |= UINT64_C(1) << (i & 63); }
static inline void ms_bit_clear(uint64_t *map, int64_t i) {
  map[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}
/* Ones among the first `bits` bits. */
int64_t ms_bitmap_count(const uint64_t *map, int64_t bits);
/* Sets the first `bits` bits and clears the rest of the last word. */
void ms_bitmap_fill(uint64_t *map, int64_t bits);
/* Bits first … first + count - 1 as bytes 0 or 1; a NULL map is all ones. */
void ms_bitmap_unpack(const uint64_t *map, int64_t first, int64_t count, uint8_t *out);
/* Bytes 0 or 1 to bits first …; `first` must be a multiple of 64. Gives the number of ones. */
int64_t ms_bitmap_pack(const uint8_t *bytes, int64_t first, int64_t count, uint64_t *map);

#endif
