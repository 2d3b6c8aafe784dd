/* 64 bytes at a time: which of them are a given character, as 64 bits, the first byte the lowest bit.
 * Vector instructions where the compiler has them, otherwise plain C with the same results. */
#ifndef MS_IO_CSV_MASK_H
#define MS_IO_CSV_MASK_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512BW__)
#include <immintrin.h>
typedef struct {
  __m512i a;
} ms_block;
static inline ms_block ms_block_load(const char *at) { return (ms_block){_mm512_loadu_si512(at)}; }
static inline uint64_t ms_block_equal(ms_block block, char c) {
  return _mm512_cmpeq_epi8_mask(block.a, _mm512_set1_epi8(c));
}
#elif defined(__AVX2__)
#include <immintrin.h>
typedef struct {
  __m256i a, b;
} ms_block;
static inline ms_block ms_block_load(const char *at) {
  const __m256i *v = (const __m256i *)(const void *)at;
  return (ms_block){_mm256_loadu_si256(v), _mm256_loadu_si256(v + 1)};
}
static inline uint64_t ms_block_equal(ms_block block, char c) {
  __m256i wanted = _mm256_set1_epi8(c);
  uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block.a, wanted));
  uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block.b, wanted));
  return low | (uint64_t)high << 32;
}
#elif defined(__SSE2__)
#include <emmintrin.h>
typedef struct {
  __m128i a[4];
} ms_block;
static inline ms_block ms_block_load(const char *at) {
  const __m128i *v = (const __m128i *)(const void *)at;
  return (ms_block){
      {_mm_loadu_si128(v), _mm_loadu_si128(v + 1), _mm_loadu_si128(v + 2), _mm_loadu_si128(v + 3)}};
}
static inline uint64_t ms_block_equal(ms_block block, char c) {
  __m128i wanted = _mm_set1_epi8(c);
  uint64_t mask = 0;
  for (int i = 3; i >= 0; i--)
    mask = mask << 16 | (uint16_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block.a[i], wanted));
  return mask;
}
#else
typedef struct {
  unsigned char bytes[64];
} ms_block;
static inline ms_block ms_block_load(const char *at) {
  ms_block block;
  memcpy(block.bytes, at, 64);
  return block;
}
static inline uint64_t ms_block_equal(ms_block block, char c) {
  uint64_t mask = 0;
  for (int i = 0; i < 64; i++) mask |= (uint64_t)(block.bytes[i] == (unsigned char)c) << i;
  return mask;
}
#endif

/* Bit i of the result: whether an odd number of bits up to and with i is set. */
static inline uint64_t ms_mask_parity(uint64_t mask) {
  for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
}

/* Writes offset + i for each bit i that is set; 64 places must be there. Gives how many were set. */
static inline size_t ms_mask_places(uint64_t mask, uint32_t offset, uint32_t *out) {
  size_t count = (size_t)__builtin_popcountll(mask);
#if defined(__AVX512F__)
  __m512i place =
      _mm512_add_epi32(_mm512_set1_epi32((int)offset),
                       _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  for (int i = 0; i < 4; i++, mask >>= 16) {
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi32((__mmask16)mask, place));
    out += __builtin_popcountll(mask & 0xffff);
    place = _mm512_add_epi32(place, _mm512_set1_epi32(16));
  }
#else
  for (; mask; mask &= mask - 1) *out++ = offset + (uint32_t)__builtin_ctzll(mask);
#endif
  return count;
}

#endif
