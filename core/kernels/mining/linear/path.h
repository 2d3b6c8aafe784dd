/* Elastic nets: coefficients along a path of penalties, by coordinate descent on the cross products (Friedman, Hastie, Tibshirani
 * 2010, Journal of Statistical Software 33(1)).
 *
 * Minimised is the mean loss (half the squared error, or the negative log likelihood) plus lambda × ((1 - alpha) / 2 × the sum of
 * squared + alpha × the sum of absolute coefficients), inputs standardised. As in glmnet a gaussian target is standardised
 * too, so that its squares weigh lambda / deviation of the target. */
#ifndef MS_MINING_LINEAR_PATH_H
#define MS_MINING_LINEAR_PATH_H

#include "core/kernels/mining/common/design.h"

typedef struct {
  const char *kernel;
  const ms_design *design; /* with an intercept */
  bool binomial;
  const double *y;
  const double *weights; /* NULL: 1 */
  const uint32_t *fold;  /* of each row, from 0; NULL: none */
  size_t folds;
  double alpha;
  double lambda;  /* above 0: the only one */
  size_t lambdas; /* on a path */
} ms_path_request;

typedef struct {
  size_t count; /* of lambdas, greatest first */
  double *lambdas, *explained;
  double *coefficients; /* lambda × terms, of the centred and scaled terms */
  double *error,
      *deviation; /* of the left-out folds: mean and its standard error; NULL without folds */
} ms_path;

/* Everything in scratch. Errors: those of passes. */
ms_status ms_path_make(ms_context *context, const ms_path_request *request, ms_path *out);

#endif
