/* Mixed points and prototypes. Everything is in scratch. */
#ifndef MS_MINING_KPROTOTYPES_H
#define MS_MINING_KPROTOTYPES_H

#include "core/kernels/mining/common/scale.h"

/* Rows: numbers (scaled on the way) and codes of categories. */
typedef struct {
  int64_t rows;
  size_t numbers, categories;
  const double *const *values;  /* NaN where missing */
  const uint32_t *const *codes; /* MS_MISSING differs from every level */
  const double *centre, *spread;
  double gamma; /* what a differing category counts */
} ms_mixed;

/* k prototypes: numbers, a row a prototype; and codes. */
typedef struct {
  size_t count;
  double *numbers;
  uint32_t *codes;
} ms_prototypes;

/* Splits inputs into numbers and categories, in their order. */
ms_status ms_mixed_of(ms_context *context, const ms_input_list *inputs, ms_mixed *out);
/* The nearest prototype (the first of equals), and its distance: sum of squares + gamma * differing categories; NaN where a
 * number is missing. */
size_t ms_mixed_nearest(const ms_mixed *mixed, const ms_prototypes *prototypes, int64_t row,
                        double *distance);
double ms_mixed_distance(const ms_mixed *mixed, const ms_prototypes *prototypes, size_t k,
                         int64_t row);

/* ---- learning -------------------------------------------------------------------------------------------------- */

typedef struct {
  ms_names columns, categories;
  int64_t k, starts, max_iterations, seed;
  double gamma;
  int scale, missing;
} ms_kprototypes_options;

typedef struct {
  ms_training training;
  ms_input_list numbers; /* of the inputs */
  size_t *levels;        /* of each category */
  ms_scale scale;
  ms_mixed mixed;
} ms_kprototypes_data;

typedef struct {
  ms_prototypes prototypes;
  double *within;
  int64_t *sizes;
  double total;
  int64_t iterations;
  bool settled;
} ms_kprototypes_outcome;

/* Several starts, the best of which is kept (the first of equals). */
ms_status ms_kprototypes_best(ms_context *context, const ms_kprototypes_data *d,
                              const ms_kprototypes_options *given, ms_kprototypes_outcome *best);

#endif
