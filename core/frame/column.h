/* A column: logical type, storage, validity, values. Immutable once made, and counted. */
#ifndef MS_FRAME_COLUMN_H
#define MS_FRAME_COLUMN_H

#include "core/base/bitmap.h"
#include "core/frame/dictionary.h"

/* Rows of a frame; a row index fits 32 bits. MS_MISSING is the index of no row. */
#define MS_ROWS_MOST INT64_C(4294967294)
#define MS_MISSING UINT32_MAX

struct ms_column {
  atomic_int owners;
  ms_type type;
  ms_storage storage;
  int64_t rows;
  int64_t nulls;
  ms_buffer *validity; /* bitmap; NULL where no value is null */
  ms_buffer *values;   /* NULL for MS_CODE_ROW; what stands at a null is any value of the storage */
  ms_dictionary *dictionary; /* text only; every code, at nulls too, is below its count (if rows > 0
                                and count == 0, all rows are null and codes are 0) */
  int64_t low, high;         /* boolean, integer, date, time: every valid value lies between them;
                                low > high where there is no value */
};

static inline size_t ms_storage_size(ms_storage storage) {
  static const unsigned char size[] = {1, 2, 4, 8, 8, 1, 2, 4, 0};
  return size[storage];
}
static inline const void *ms_column_data(const ms_column *column) {
  return column->values ? column->values->data : NULL;
}
static inline const uint64_t *ms_column_bits(const ms_column *column) {
  return column->validity ? (const uint64_t *)(const void *)column->validity->data : NULL;
}
static inline bool ms_column_valid(const ms_column *column, int64_t row) {
  return !column->validity || ms_bit(ms_column_bits(column), row);
}
/* One value; the row must be valid. Integer-like types; reals; text. */
int64_t ms_column_integer(const ms_column *column, int64_t row);
static inline double ms_column_real(const ms_column *column, int64_t row) {
  return ((const double *)ms_column_data(column))[row];
}
uint32_t ms_column_code(const ms_column *column, int64_t row);
static inline ms_slice ms_column_text(const ms_column *column, int64_t row) {
  return ms_dictionary_entry(column->dictionary, ms_column_code(column, row));
}

ms_column *ms_column_share(const ms_column *column);
void ms_column_free(ms_column *column);
/* Frees the column when the call ends; gives it back, or NULL where memory is short. NULL is passed
 * on. */
const ms_column *ms_column_keep(ms_context *context, ms_column *column);

/* Columns from finished arrays. Each takes over the buffers that it is given, also where it fails.
 * `validity` may be NULL; it is dropped if it has no zero. */

/* Boolean, integer, date, time from int64_t[rows]: stored as narrow as the valid values allow. */
ms_column *ms_column_from_int64(ms_context *context, ms_type type, int64_t rows,
                                const int64_t *values, ms_buffer *validity);
/* The same where the caller made the narrow storage; low and high must bound the valid values. */
typedef struct {
  ms_type type;
  ms_storage storage;
  int64_t rows;
  int64_t low, high;
} ms_column_shape;
ms_column *ms_column_from_buffer(ms_context *context, ms_column_shape shape, ms_buffer *values,
                                 ms_buffer *validity);
/* double[rows]. */
ms_column *ms_column_from_real(ms_context *context, int64_t rows, ms_buffer *values,
                               ms_buffer *validity);
/* Text from uint32_t codes (stored narrower where the dictionary is small); takes the dictionary
 * over. */
ms_column *ms_column_from_codes(ms_context *context, int64_t rows, const uint32_t *codes,
                                ms_dictionary *dictionary, ms_buffer *validity);
/* Text where row i is entry i: dictionary->count is the number of rows. */
ms_column *ms_column_from_texts(ms_context *context, ms_dictionary *dictionary,
                                ms_buffer *validity);
/* `rows` nulls of a type; and `rows` times the same value (a row of another column). */
ms_column *ms_column_null(ms_context *context, ms_type type, int64_t rows);
ms_column *ms_column_repeat(ms_context *context, const ms_column *column, int64_t row,
                            int64_t rows);
/* Storage that holds low … high. */
ms_storage ms_storage_for(int64_t low, int64_t high);

/* Rows index[0 … count) of the column; MS_MISSING gives null. Text shares its dictionary. Threads.
 */
ms_column *ms_column_gather(ms_context *context, const ms_column *column, const uint32_t *index,
                            int64_t count);
/* Rows first … first + count - 1. */
ms_column *ms_column_slice(ms_context *context, const ms_column *column, int64_t first,
                           int64_t count);
/* One column under another; integer and real give real, other types must be equal (MS_ETYPE). */
ms_column *ms_column_concat(ms_context *context, const ms_column *const *columns, size_t count);

/* The same text column with a distinct dictionary of used and unused entries, so that equal codes
 * mean equal texts: itself (shared) if it is so already. Owned by the caller. */
ms_column *ms_column_distinct(ms_context *context, const ms_column *column);

/* Values first … first + count - 1 widened into `out`; what is null gives any value. */
void ms_load_int64(const ms_column *column, int64_t first, int64_t count, int64_t *out);
/* Integer-like types and reals. */
void ms_load_real(const ms_column *column, int64_t first, int64_t count, double *out);
void ms_load_codes(const ms_column *column, int64_t first, int64_t count, uint32_t *out);

/* The whole column as one array for kernels: borrowed from the column, or converted into scratch.
 * Nulls are NaN in real views. NULL where memory is short or the type does not fit. */
const double *ms_view_real(ms_context *context, const ms_column *column);
const int64_t *ms_view_int64(ms_context *context, const ms_column *column);
const uint32_t *ms_view_codes(ms_context *context, const ms_column *column);

#endif
