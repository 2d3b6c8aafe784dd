/* How well rows lie in their clusters. */
#ifndef MS_KERNELS_STATS_SILHOUETTE_H
#define MS_KERNELS_STATS_SILHOUETTE_H

#include "core/base/context.h"

typedef struct {
  int64_t rows;
  size_t columns, clusters;
  const double *const *values; /* finite */
  const uint32_t *labels;      /* below `clusters`, or MS_MISSING: not looked at */
  int64_t sample;              /* rows looked at, if there are more: drawn at random */
  uint64_t seed;
} ms_silhouette_request;

typedef struct {
  size_t used;           /* rows looked at */
  const uint32_t *index; /* which */
  const double *widths;  /* of each: -1 … 1 */
  double mean;
  const double *means;   /* a cluster; NaN where no row of it is looked at */
  const int64_t *counts; /* rows looked at, a cluster */
  const int64_t *negative;
} ms_silhouette_result;

/* Width of a row: (b - a) / max(a, b), with a the mean Euclidean distance to the others of its cluster and b the least mean
 * distance to another cluster; 0 where it is alone. Everything lives in scratch. MS_EDATA where fewer than two clusters
 * have rows among those that are looked at. O(sample^2 * columns) time, on all threads.
 * Source: Rousseeuw (1987), Journal of Computational and Applied Mathematics 20. */
ms_status ms_silhouette(ms_context *context, const ms_silhouette_request *request,
                        ms_silhouette_result *out);

#endif
