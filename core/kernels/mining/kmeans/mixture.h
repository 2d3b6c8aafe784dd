/* Gaussian mixtures: parameters, and a pass over the rows. Everything is in the units of a block, in scratch. */
#ifndef MS_MINING_MIXTURE_H
#define MS_MINING_MIXTURE_H

#include "core/kernels/mining/common/distance.h"

typedef enum {
  MS_COVARIANCE_FULL,
  MS_COVARIANCE_DIAGONAL,
  MS_COVARIANCE_SPHERICAL
} ms_covariance_kind;
#define MS_COVARIANCE_WORDS "full diagonal spherical"

typedef struct {
  size_t count, columns;
  double *share;       /* of each component; they add up to 1 */
  double *means;       /* component, column */
  double *covariances; /* component, column, column */
  double *inverse;     /* of the lower Cholesky factor of each: lower triangle */
  double *base;        /* log(share) - log|L| - columns / 2 * log(2 pi) */
} ms_mixture;

ms_status ms_mixture_new(ms_context *context, size_t count, size_t columns, ms_mixture *out);
/* inverse and base from the rest. MS_EDATA where a covariance is not positive definite. */
ms_status ms_mixture_prepare(ms_context *context, ms_mixture *mixture, const char *kernel);
/* log(share * density) of a block's rows: component k at out + k * MS_DISTANCE_ROWS. `work`: columns + 1 times
 * MS_DISTANCE_ROWS numbers. */
void ms_mixture_logs(const ms_mixture *mixture, const double *block, size_t count, double *work,
                     double *out);
/* Logs to probabilities that add up to 1, in place; the log of each row's density to `density`. NaN stays NaN. */
void ms_mixture_normalise(size_t components, size_t count, double *logs, double *density);

#endif
