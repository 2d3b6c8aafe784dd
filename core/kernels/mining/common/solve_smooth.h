/* The least value of a smooth function: the variable metric method of Nash (1990, Compact Numerical Methods for Computers, algorithm
 * 21), which is BFGS with steps shortened by Armijo's rule; R's optim and nnet take the same steps. */
#ifndef MS_MINING_SOLVE_SMOOTH_H
#define MS_MINING_SOLVE_SMOOTH_H

#include "core/base/context.h"

enum { MS_SMOOTH_MOST = 4000 };

typedef struct {
  size_t n; /* at most MS_SMOOTH_MOST: n² / 2 numbers are kept */
  int64_t iterations;
  double relative; /* ends when a step gains less than this share of the value */
  /* The value at x, and its gradient unless that is NULL. */
  ms_status (*value)(ms_context *context, void *state, const double *x, double *out,
                     double *gradient);
  /* Looks at each new point; true: enough. May be NULL. */
  bool (*enough)(void *state, const double *x);
  void *state;
} ms_smooth;

typedef struct {
  double value;
  int64_t iterations;
  bool converged;
} ms_smooth_end;

/* Starts at x and leaves the best point there. MS_EDATA if the value there is not finite. */
ms_status ms_smooth_least(ms_context *context, const ms_smooth *smooth, double *x,
                          ms_smooth_end *end);

#endif
