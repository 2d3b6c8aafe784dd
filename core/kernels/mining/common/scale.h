/* Inputs brought to comparable units before distances are taken. */
#ifndef MS_MINING_SCALE_H
#define MS_MINING_SCALE_H

#include "core/kernels/mining/common/training.h"

/* The words of the option `scale`, in this order. */
#define MS_SCALE_WORDS "none standard range robust"
typedef enum { MS_SCALE_NONE, MS_SCALE_STANDARD, MS_SCALE_RANGE, MS_SCALE_ROBUST } ms_scale_kind;

/* Input j is used as (x - centre[j]) / spread[j]. Spreads are positive. */
typedef struct {
  size_t count;
  const double *centre, *spread;
} ms_scale;

/* Inputs must be numbers without a missing value, of at least one row. none: 0 and 1. standard: mean and deviation
 * (n - 1; weighted where there are weights, which then count rows). range: lowest value and highest - lowest. robust:
 * median and interquartile range / 1.349 (type 7; the deviation where the inputs are normal; weights are not used), the
 * deviation where that range is 0. A constant input has spread 1. Lives in scratch. O(rows * inputs). */
ms_status ms_scale_find(ms_context *context, const ms_training *training, ms_scale_kind kind,
                        ms_scale *out);
/* MS_EDATA, with the option `missing` as a hint, where a number is missing; categories are not looked at. */
ms_status ms_inputs_complete(ms_context *context, const char *kernel, const ms_input_list *inputs);
/* The part "scale": input, centre, spread. The caller's. */
ms_frame *ms_scale_part(ms_context *context, const ms_input_list *inputs, const ms_scale *scale);
/* Reads it; MS_EDATA where it does not fit `inputs` many inputs. */
ms_status ms_scale_read(ms_context *context, const char *kernel, const ms_frame *part,
                        size_t inputs, ms_scale *out);

#endif
