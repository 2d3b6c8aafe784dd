/* Join keys of two frames as numbers that can be compared: equal codes are equal keys.
 *
 * Each pair of key columns becomes a field of digits that both sides share; a row whose value the other side cannot
 * have, or whose null may not match, does not fit. Several fields are packed into one code. */
#ifndef MS_KERNELS_RELATIONAL_JOIN_KEYS_H
#define MS_KERNELS_RELATIONAL_JOIN_KEYS_H

#include "core/frame/kernel.h"

/* Rows that are coded at a time. */
enum { MS_JOIN_BLOCK = 1024 };
typedef enum { MS_LEFT, MS_RIGHT } ms_side;

typedef enum {
  MS_PAIR_NUMBER, /* integers on both sides, or on one and reals on the other */
  MS_PAIR_TEXT,
  MS_PAIR_REAL, /* bits, with one zero and one NaN */
  MS_PAIR_NULL, /* whether the value is null */
  MS_PAIR_IDS   /* numbers found before; MS_MISSING where the row does not fit */
} ms_pair;

typedef struct {
  ms_pair pair;
  const ms_column *column[2];
  const uint32_t *map[2]; /* text: digit of each code, or MS_MISSING; NULL: the code */
  const uint32_t *ids[2];
  int64_t low;
  uint64_t values,
      range; /* digits of values are below `values` (0: 2^64); with the null's, below `range` */
  bool nulls_match;
} ms_join_field;

/* Fields packed into codes below `range` (0 means 2^64). */
typedef struct {
  const ms_join_field *fields;
  size_t count;
  int64_t rows[2];
  uint64_t range;
} ms_join_code;

/* The names of the pairs, for errors, and their columns. */
typedef struct {
  const char *verb;
  size_t count;
  const char *const *names[2];
  const ms_column *const *columns[2];
  int64_t rows[2];
  bool nulls_match;
} ms_join_pairs;

/* The code of the pairs, of one field at least; types that cannot be compared are MS_ETYPE. In scratch. */
ms_status ms_join_code_new(ms_context *context, const ms_join_pairs *pairs, ms_join_code *out);

/* For each entry of both dictionaries (left, right; not empty) the first right entry with its text, or MS_MISSING:
 * maps[side] in scratch. Threads. */
ms_status ms_join_texts(ms_context *context, const ms_dictionary *const *sides, uint32_t **maps);

/* Codes of rows first … first + count - 1 (count ≤ MS_JOIN_BLOCK); fits[i] is 0 where row i can match nothing. */
void ms_join_codes(const ms_join_code *code, ms_side side, ms_range range, uint64_t *codes,
                   uint8_t *fits);
/* The same for ranges up to 2^32 - 1, MS_MISSING where the row does not fit. */
void ms_join_codes_narrow(const ms_join_code *code, ms_side side, ms_range range, uint32_t *codes);

#endif
