/* Progress on standard error: from one second on, on a terminal only, ten times a second at most. */
#ifndef MS_RUNTIME_PROGRESS_H
#define MS_RUNTIME_PROGRESS_H

#include "core/api.h"

/* Shows what kernels and readers report of this context from now on, if standard error is a terminal. */
void ms_progress_start(ms_context *context);
/* Wipes the line, before anything else is printed. */
void ms_progress_clear(void);

#endif
