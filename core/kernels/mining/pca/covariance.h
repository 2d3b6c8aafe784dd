/* The covariance matrix of a model's inputs. */
#ifndef MS_MINING_COVARIANCE_H
#define MS_MINING_COVARIANCE_H

#include "core/kernels/mining/common/training.h"

typedef struct {
  double *means;
  double *matrix; /* inputs * inputs */
  double weight;  /* of all rows */
} ms_covariance;

/* Divided by weight - 1, around the means (or around 0, unless `centre`). Inputs are numbers without a missing value.
 * In scratch. O(rows * inputs^2). */
ms_status ms_covariance_find(ms_context *context, const ms_training *training, bool centre,
                             ms_covariance *out);

#endif
