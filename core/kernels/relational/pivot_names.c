/* Values as names of columns. */
#include "core/kernels/relational/pivot_names.h"

#include "core/frame/cell_text.h"

#include <math.h>
#include <stdlib.h>

static const char *real_name(ms_context *context, double value) {
  const char *text = NULL;
  for (int digits = 15; digits <= 17; digits++) {
    text = ms_scratch_format(context, "%.*g", digits, value);
    if (!text || strtod(text, NULL) == value) return text;
  }
  return isnan(value) ? "NaN" : text;
}

const char *ms_value_name(ms_context *context, const ms_column *column, int64_t row) {
  if (!ms_column_valid(column, row)) return "null";
  if (column->type == MS_REAL) return real_name(context, ms_column_real(column, row));
  if (column->type == MS_TEXT) {
    ms_slice text = ms_column_text(column, row);
    return ms_scratch_text(context, text.data, text.size);
  }
  return ms_cell_format(context, column, row, (ms_number_style){.decimals = 0});
}
