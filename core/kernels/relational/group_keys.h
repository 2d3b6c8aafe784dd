/* Group keys as numbers. Every key column becomes a field of small numbers (null is one of them), and several
 * fields are packed into one code, as the digits of a number whose bases are the fields' ranges. */
#ifndef MS_KERNELS_RELATIONAL_GROUP_KEYS_H
#define MS_KERNELS_RELATIONAL_GROUP_KEYS_H

#include "core/kernels/relational/group.h"

/* Rows that are coded at a time. */
enum { MS_KEY_BLOCK = 512 };

typedef enum { MS_FIELD_NUMBER, MS_FIELD_CODE, MS_FIELD_REAL, MS_FIELD_IDS } ms_field_source;

/* A digit. Numbers: ((value - low) >> shift & mask) + nullable; codes of text: code + nullable; a null is 0.
 * Reals: their bits, with one zero, one NaN, and another NaN for null. */
typedef struct {
  ms_field_source source;
  const ms_column *column; /* text: with a distinct dictionary */
  const uint32_t *ids;     /* MS_FIELD_IDS: group ids found before */
  uint64_t range;          /* values are 0 … range - 1; 0 means 2^64 */
  int64_t low;
  unsigned shift;
  uint64_t mask;
  bool nullable;
} ms_key_field;

/* Fields packed into one number below `range` (0 means 2^64). */
typedef struct {
  const ms_key_field *fields;
  size_t count;
  int64_t rows;
  uint64_t range;
} ms_key_code;

/* The fields of the columns: *fields in scratch, at least as many as columns. */
ms_status ms_key_fields(ms_context *context, const ms_column *const *keys, size_t count,
                        ms_key_field **fields, size_t *field_count);
/* The longest packing of fields[0 …) whose range fits 64 bits; at least one field. No field: range 1. */
ms_key_code ms_key_pack(const ms_key_field *fields, size_t count, int64_t rows);
/* Group ids as a code of their own. */
ms_key_code ms_key_of_ids(ms_key_field *field, const uint32_t *ids, int64_t count, int64_t rows);

/* Codes of rows first … first + count - 1, count ≤ MS_KEY_BLOCK; the narrow form for ranges up to 2^32. */
void ms_key_block(const ms_key_code *code, int64_t first, int64_t count, uint64_t *out);
void ms_key_block_narrow(const ms_key_code *code, int64_t first, int64_t count, uint32_t *out);

/* Groups of the rows by a table over all codes: for small ranges. O(rows + range). */
ms_status ms_group_direct(ms_context *context, const ms_key_code *code, ms_groups *out);
/* Groups of the rows by hashing the codes. */
ms_status ms_group_hashed(ms_context *context, const ms_key_code *code, ms_groups *out);
/* Whether a table over the codes is worth it: with two million rows it is up to 2^20 codes (docs/speed.md). */
static inline bool ms_key_small(const ms_key_code *code) {
  uint64_t rows = (uint64_t)code->rows;
  return code->range && code->range <= (1u << 22) && code->range <= rows + 1024;
}

/* Part i of `parts` of the rows: parts begin at multiples of 64 and do not depend on the threads. */
static inline ms_range ms_part(int64_t rows, size_t parts, size_t i) {
  int64_t size = (rows + (int64_t)parts - 1) / (int64_t)parts;
  size = (size + 63) / 64 * 64;
  int64_t first = (int64_t)i * size, left = rows - first;
  if (left < 0) return (ms_range){rows, 0};
  return (ms_range){first, left < size ? left : size};
}

/* Numbers the rows that are marked in the bitmap of all rows: `before` gets the number of marks before each
 * word, `first` (scratch) the marked rows. Gives their number, or -1 where memory is short. */
int64_t ms_group_number(ms_context *context, const uint64_t *marks, int64_t rows, uint32_t *before,
                        uint32_t **first);

#endif
