/* Distances between rows with numbers and categories. */
#include "core/kernels/mining/kprototypes/kprototypes.h"

#include <math.h>

ms_status ms_mixed_of(ms_context *context, const ms_input_list *inputs, ms_mixed *out) {
  const double **values = ms_scratch(context, inputs->count, sizeof *values);
  const uint32_t **codes = ms_scratch(context, inputs->count, sizeof *codes);
  if (!values || !codes) return MS_EMEMORY;
  *out = (ms_mixed){.rows = inputs->rows, .values = values, .codes = codes};
  for (size_t j = 0; j < inputs->count; j++) {
    if (inputs->items[j].category)
      codes[out->categories++] = inputs->items[j].codes;
    else
      values[out->numbers++] = inputs->items[j].values;
  }
  return MS_OK;
}

double ms_mixed_distance(const ms_mixed *mixed, const ms_prototypes *prototypes, size_t k,
                         int64_t row) {
  double squares = 0;
  size_t differing = 0;
  const double *numbers = prototypes->numbers + k * mixed->numbers;
  const uint32_t *codes = prototypes->codes + k * mixed->categories;
  for (size_t j = 0; j < mixed->numbers; j++) {
    double from = (mixed->values[j][row] - mixed->centre[j]) / mixed->spread[j] - numbers[j];
    squares += from * from;
  }
  for (size_t j = 0; j < mixed->categories; j++) differing += mixed->codes[j][row] != codes[j];
  return squares + mixed->gamma * (double)differing;
}

size_t ms_mixed_nearest(const ms_mixed *mixed, const ms_prototypes *prototypes, int64_t row,
                        double *distance) {
  size_t nearest = 0;
  *distance = ms_mixed_distance(mixed, prototypes, 0, row);
  for (size_t k = 1; k < prototypes->count; k++) {
    double d = ms_mixed_distance(mixed, prototypes, k, row);
    if (!(d < *distance)) continue;
    *distance = d;
    nearest = k;
  }
  return nearest;
}
