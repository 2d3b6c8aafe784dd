/* What the sweep over failing allocations runs: scenarios and the frames they work on. */
#ifndef MS_TEST_SWEEP_H
#define MS_TEST_SWEEP_H

#include "core/frame/kernel.h"

/* What is no kernel: gives a frame (the caller's), or NULL with an error. */
typedef ms_frame *sweep_call(ms_context *context, const ms_inputs *inputs);

/* One call. `inputs`: names of frames of sweep_frame, separated by blanks. `options`: "name=value; …",
 * where true, false, #5 (integer), ~0.5 (real), !date 2024-01-31 are read as such and all else is text;
 * a name given twice makes a list; $ in a text is the scratch directory. */
typedef struct {
  const char *kernel; /* or the name of the call */
  const char *inputs;
  const char *options;
  sweep_call *call;  /* NULL: the kernel */
  const char *learn; /* of a prediction: the options of the learner, whose parts are inputs too */
} sweep_scenario;

/* The frames that scenarios name: "orders" (200 rows, all types, nulls), "customers" (40 rows, a key of
 * orders), "empty" (the columns of orders, no rows), "large" (70,000 rows: two morsels). */
const ms_frame *sweep_frame(const char *name);
/* The parts of the model that the learner of a prediction makes of its first input: how many. */
size_t sweep_model(const sweep_scenario *scenario, const ms_frame *const *data,
                   const ms_frame **parts, size_t most);
/* Builds the frames and the files in the scratch directory; takes both away. */
void sweep_begin(void);
void sweep_end(void);
const char *sweep_directory(void);

/* Calls on the database $/shop.db with the tables "orders" and "customers", opened anew each time. */
sweep_call database_read, database_query, database_write, database_tables, database_schema;
/* The input built again value by value; and its printed form as the one cell of a frame. */
sweep_call frame_build, frame_print;
/* Row functions: on worker states; and their results put in by hand, as a column and as a filter. */
sweep_call rows_crew, rows_map, rows_filter;

/* The options of a scenario as a bag. */
ms_options *sweep_options(ms_context *context, const char *text);

#endif
