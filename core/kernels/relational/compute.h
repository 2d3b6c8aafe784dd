/* Whole expressions, with their aggregates and windows, computed over a frame. */
#ifndef MS_KERNELS_RELATIONAL_COMPUTE_H
#define MS_KERNELS_RELATIONAL_COMPUTE_H

#include "core/expr/expr.h"

/* The expression's values for all rows of `frame`; windows and bare aggregates are computed first.
 * The column is the caller's; NULL with an error. */
ms_column *ms_compute(ms_context *context, const char *verb, const char *text,
                      const ms_frame *frame, const ms_options *given);
/* The rows where a boolean text is true, windows allowed: uint32_t[*count] in scratch, ascending.
 */
uint32_t *ms_compute_rows(ms_context *context, const char *verb, const char *text,
                          const ms_frame *frame, const ms_options *given, int64_t *count);

#endif
