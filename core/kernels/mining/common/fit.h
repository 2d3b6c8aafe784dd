/* Fitting generalised linear models: least squares, and iteratively reweighted least squares. */
#ifndef MS_MINING_FIT_H
#define MS_MINING_FIT_H

#include "core/kernels/mining/common/solve.h"
#include "core/kernels/mining/common/family.h"

typedef struct {
  const char *kernel;
  const ms_design *design;
  ms_family family;
  double
      l2; /* penalty l2 / 2 × the sum of squared coefficients (of the terms as they are, without the intercept) */
  int64_t steps; /* most iterations */
} ms_fit_request;

typedef struct {
  double *coefficients; /* of the centred and scaled terms; 0 for what is left out */
  ms_factor factor;     /* of X' W X at them */
  double deviance, null_deviance, pearson, log_likelihood;
  double weight_sum; /* gaussian only */
  int64_t iterations;
  bool converged;
  int64_t certain; /* rows whose probability is 0 or 1 to the last digit */
} ms_fit;

/* Everything in scratch. MS_EDATA where numbers are too large to be squared. */
ms_status ms_fit_make(ms_context *context, const ms_fit_request *request, ms_fit *out);

#endif
