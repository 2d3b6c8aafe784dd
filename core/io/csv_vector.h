/* Eight plain numbers of a column at once, where the compiler has AVX-512: the ends of eight fields are loaded,
 * then the eight bytes before each end, and the arithmetic of csv_number.h is done for all of them together. Where one of
 * the eight is not of the common form, or there are no such instructions, the functions give false, and the rows are
 * read one by one. The values have the same bits either way. */
#ifndef MS_IO_CSV_VECTOR_H
#define MS_IO_CSV_VECTOR_H

#include "core/io/csv.h"

enum { MS_CSV_LANES = 8 };

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512CD__)
#include <immintrin.h>

/* Eight bytes from each of eight places, by single loads: with the gathering instruction a whole load took a quarter longer. */
static inline __m512i ms_csv_load(const char *base, const uint64_t *at) {
  uint64_t word[MS_CSV_LANES];
  for (int i = 0; i < MS_CSV_LANES; i++) memcpy(&word[i], base + at[i], 8);
  return _mm512_set_epi64((long long)word[7], (long long)word[6], (long long)word[5],
                          (long long)word[4], (long long)word[3], (long long)word[2],
                          (long long)word[1], (long long)word[0]);
}

/* The eight bytes before each end. */
static inline __m512i ms_csv_before(const char *base, __m512i end) {
  uint64_t at[MS_CSV_LANES];
  _mm512_storeu_si512(at, end);
  return ms_csv_load(base - 8, at);
}

/* Where eight fields end, and how long they are. */
typedef struct {
  __m512i end, size;
} ms_csv_spans;

static inline ms_csv_spans ms_csv_spans_of(const ms_csv_window *window, size_t row, size_t field) {
  const char *first = (const char *)(window->ends + (row * window->fields + field)) - 4;
  uint64_t at[MS_CSV_LANES];
  for (size_t i = 0; i < MS_CSV_LANES; i++) at[i] = i * window->fields * sizeof(uint32_t);
  /* low half: the end of the field before; high half: the end of this one */
  __m512i pairs = ms_csv_load(first, at);
  __m512i end = _mm512_srli_epi64(pairs, 32);
  __m512i begin = _mm512_and_epi64(_mm512_add_epi64(pairs, _mm512_set1_epi64(1)),
                                   _mm512_set1_epi64(UINT32_MAX));
  return (ms_csv_spans){end, _mm512_sub_epi64(end, begin)};
}

/* The `size` digits before `end` of each lane; *ok keeps the lanes that are 1 to 8 digits without a zero in front. */
static inline __m512i ms_csv_digits_of(const char *base, __m512i end, __m512i size, __mmask8 *ok) {
  /* least number of so many digits */
  const __m512i least = _mm512_set_epi64(10000000, 1000000, 100000, 10000, 1000, 100, 10, 0);
  __m512i less = _mm512_sub_epi64(size, _mm512_set1_epi64(1));
  *ok &= _mm512_cmplt_epu64_mask(less, _mm512_set1_epi64(8));
  __m512i text = ms_csv_before(base, end);
  __m512i unused =
      _mm512_slli_epi64(_mm512_sub_epi64(_mm512_set1_epi64(8), size), 3); /* bits before it */
  __m512i word = _mm512_and_epi64(_mm512_xor_epi64(text, _mm512_set1_epi8('0')),
                                  _mm512_sllv_epi64(_mm512_set1_epi64(-1), unused));
  __m512i odd = _mm512_movm_epi8(_mm512_cmpgt_epu8_mask(word, _mm512_set1_epi8(9)));
  *ok &= _mm512_testn_epi64_mask(odd, odd);
  word = _mm512_maddubs_epi16(word, _mm512_set1_epi16(0x010a));  /* neighbours: 10 a + b */
  word = _mm512_madd_epi16(word, _mm512_set1_epi32(0x00010064)); /* pairs: 100 a + b */
  __m512i value = _mm512_add_epi64(_mm512_mul_epu32(word, _mm512_set1_epi64(10000)),
                                   _mm512_srli_epi64(word, 32));
  *ok &= _mm512_cmpge_epu64_mask(value, _mm512_permutexvar_epi64(less, least));
  return value;
}

/* Integers of 1 to 8 digits in the rows `row` … `row` + 7. */
static inline bool ms_csv_integers(const ms_csv_window *window, size_t row, size_t field,
                                   int64_t *out) {
  __mmask8 ok = 0xff;
  ms_csv_spans s = ms_csv_spans_of(window, row, field);
  __m512i value = ms_csv_digits_of(window->base, s.end, s.size, &ok);
  _mm512_storeu_si512(out, value);
  return ok == 0xff;
}

/* Reals of 1 to 8 digits, a point, and 1 to 7 digits. */
static inline bool ms_csv_reals(const ms_csv_window *window, size_t row, size_t field,
                                double *out) {
  const __m512i scale = _mm512_set_epi64(10000000, 1000000, 100000, 10000, 1000, 100, 10, 1);
  const __m512i one = _mm512_set1_epi64(1), zeros = _mm512_set1_epi8('0');
  ms_csv_spans s = ms_csv_spans_of(window, row, field);
  __m512i text = ms_csv_before(window->base, s.end);
  __m512i points = _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('.')));
  __m512i bits = _mm512_lzcnt_epi64(points), fraction = _mm512_srli_epi64(bits, 3);
  __mmask8 ok = _mm512_cmplt_epu64_mask(_mm512_sub_epi64(fraction, one), _mm512_set1_epi64(7));
  /* digits behind the point; zeros in front of them are fine */
  __m512i kept =
      _mm512_sllv_epi64(_mm512_set1_epi64(-1), _mm512_sub_epi64(_mm512_set1_epi64(64), bits));
  __m512i word = _mm512_and_epi64(_mm512_xor_epi64(text, zeros), kept);
  __m512i odd = _mm512_movm_epi8(_mm512_cmpgt_epu8_mask(word, _mm512_set1_epi8(9)));
  ok &= _mm512_testn_epi64_mask(odd, odd);
  word = _mm512_maddubs_epi16(word, _mm512_set1_epi16(0x010a));
  word = _mm512_madd_epi16(word, _mm512_set1_epi32(0x00010064));
  __m512i low = _mm512_add_epi64(_mm512_mul_epu32(word, _mm512_set1_epi64(10000)),
                                 _mm512_srli_epi64(word, 32));
  /* A point before the field is not looked at: the bytes of the whole part are less than none then. */
  __m512i behind = _mm512_add_epi64(fraction, one);
  if (ok != 0xff) return false;
  __m512i high = ms_csv_digits_of(window->base, _mm512_sub_epi64(s.end, behind),
                                  _mm512_sub_epi64(s.size, behind), &ok);
  __m512i power = _mm512_permutexvar_epi64(fraction, scale);
  __m512i mantissa = _mm512_add_epi64(_mm512_mul_epu32(high, power), low);
  _mm512_storeu_pd(out, _mm512_div_pd(_mm512_cvtepu64_pd(mantissa), _mm512_cvtepu64_pd(power)));
  return ok == 0xff;
}

#else

static inline bool ms_csv_integers(const ms_csv_window *window, size_t row, size_t field,
                                   int64_t *out) {
  (void)window, (void)row, (void)field, (void)out;
  return false;
}

static inline bool ms_csv_reals(const ms_csv_window *window, size_t row, size_t field,
                                double *out) {
  (void)window, (void)row, (void)field, (void)out;
  return false;
}

#endif
#endif
