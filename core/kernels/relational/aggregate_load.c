/* Values of some rows for measures: consecutive rows or a list of them, those without a value left out. */
#include "core/kernels/relational/aggregate.h"

#include <math.h>
#include <string.h>

#define GATHER(type, out, convert)                                                                 \
  {                                                                                                \
    const type *values = (const type *)ms_column_data(column);                                     \
    for (size_t i = 0; i < count; i++) (out)[i] = (convert)values[rows[i]];                        \
    break;                                                                                         \
  }

static void gather_integers(const ms_column *column, const uint32_t *rows, size_t count,
                            int64_t *out) {
  switch (column->storage) {
    case MS_INT8: GATHER(int8_t, out, int64_t)
    case MS_INT16: GATHER(int16_t, out, int64_t)
    case MS_INT32: GATHER(int32_t, out, int64_t)
    case MS_INT64: GATHER(int64_t, out, int64_t)
    case MS_CODE8: GATHER(uint8_t, out, int64_t)
    case MS_CODE16: GATHER(uint16_t, out, int64_t)
    case MS_CODE32: GATHER(uint32_t, out, int64_t)
    case MS_FLOAT64: /* loaded as reals */
    case MS_CODE_ROW:
      for (size_t i = 0; i < count; i++) out[i] = rows[i];
      break;
  }
}

static void gather_reals(const ms_column *column, const uint32_t *rows, size_t count, double *out) {
  switch (column->storage) {
    case MS_INT8: GATHER(int8_t, out, double)
    case MS_INT16: GATHER(int16_t, out, double)
    case MS_INT32: GATHER(int32_t, out, double)
    case MS_INT64: GATHER(int64_t, out, double)
    case MS_FLOAT64: GATHER(double, out, double)
    case MS_CODE8: /* text is never loaded as reals */
    case MS_CODE16:
    case MS_CODE32:
    case MS_CODE_ROW: memset(out, 0, count * sizeof *out); break;
  }
}

void ms_rows_integers(const ms_column *column, const ms_rows *rows, int64_t *out) {
  if (rows->list) {
    gather_integers(column, rows->list, rows->count, out);
  } else if (column->type == MS_TEXT) {
    uint32_t codes[MS_KEY_BLOCK];
    ms_load_codes(column, rows->first, (int64_t)rows->count, codes);
    for (size_t i = 0; i < rows->count; i++) out[i] = codes[i];
  } else {
    ms_load_int64(column, rows->first, (int64_t)rows->count, out);
  }
}

void ms_rows_reals(const ms_column *column, const ms_rows *rows, double *out) {
  if (rows->list)
    gather_reals(column, rows->list, rows->count, out);
  else
    ms_load_real(column, rows->first, (int64_t)rows->count, out);
}

/* Takes from `keep` the rows where the column is null, or (for a condition) not true. */
static void require(const ms_column *column, const ms_rows *rows, bool truth, uint8_t *keep) {
  if (!column) return;
  if (column->nulls > 0) {
    const uint64_t *bits = ms_column_bits(column);
    for (size_t i = 0; i < rows->count; i++) {
      keep[i] &= ms_bit(bits, rows->list ? rows->list[i] : rows->first + (int64_t)i);
    }
  }
  if (!truth) return;
  int64_t values[MS_KEY_BLOCK];
  ms_rows_integers(column, rows, values);
  for (size_t i = 0; i < rows->count; i++) keep[i] &= values[i] != 0;
}

size_t ms_rows_select(const ms_measure_input *input, const ms_rows *rows, uint32_t *chosen) {
  uint8_t keep[MS_KEY_BLOCK];
  memset(keep, 1, rows->count);
  require(input->x, rows, false, keep);
  require(input->y, rows, false, keep);
  require(input->where, rows, true, keep);
  size_t n = 0;
  for (size_t i = 0; i < rows->count; i++) {
    chosen[n] = (uint32_t)i;
    n += keep[i];
  }
  return n;
}
