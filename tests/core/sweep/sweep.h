/* What the sweep over failing allocations runs: scenarios and the frames they work on. */
#ifndef MS_TEST_SWEEP_H
#define MS_TEST_SWEEP_H

#include "core/frame/kernel.h"

/* One call. `inputs`: names of frames of sweep_frame, separated by blanks. `options`: "name=value; …",
 * where true, false, #5 (integer), ~0.5 (real), !date 2024-01-31 are read as such and all else is text;
 * a name given twice makes a list; $ in a text is the scratch directory. */
typedef struct {
  const char *kernel;
  const char *inputs;
  const char *options;
} sweep_scenario;

/* The frames that scenarios name: "orders" (200 rows, all types, nulls), "customers" (40 rows, a key of
 * orders), "empty" (the columns of orders, no rows), "large" (70,000 rows: two morsels). */
const ms_frame *sweep_frame(const char *name);
/* Builds the frames and the files in the scratch directory; takes both away. */
void sweep_begin(void);
void sweep_end(void);
const char *sweep_directory(void);

/* The options of a scenario as a bag. */
ms_options *sweep_options(ms_context *context, const char *text);

#endif
