/* Selection: the k-th least of many values without sorting them. */
#ifndef MS_KERNELS_RELATIONAL_QUANTILE_H
#define MS_KERNELS_RELATIONAL_QUANTILE_H

#include "core/base/context.h"

/* Quantile p of n > 0 values by type 7 of Hyndman and Fan (The American Statistician 50, 1996): linear between the
 * neighbours of (n - 1) p. NaN if one of them is, or where somebody asked to stop: the caller asks then. The values' order
 * is changed. O(n) expected. */
double ms_quantile_select(ms_context *context, double *x, int64_t n, double p);

#endif
