/* Window calls. */
#ifndef MS_KERNELS_RELATIONAL_WINDOW_H
#define MS_KERNELS_RELATIONAL_WINDOW_H

#include "core/expr/expr.h"

/* The call's value for each row of `frame`: a column of as many rows, the caller's; NULL with an
 * error. */
ms_column *ms_window_call(ms_context *context, const ms_call *call, const ms_frame *frame);

#endif
