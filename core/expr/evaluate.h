/* An expression made ready for a frame: a tree of steps, each of which fills arrays for a block of rows. */
#ifndef MS_EXPR_EVALUATE_H
#define MS_EXPR_EVALUATE_H

#include "core/expr/functions.h"

/* Values of the rows of a block. Where valid[i] is 0 the value is undefined; NULL: all are valid. Text is
 * codes into the step's dictionary or, where the step has none, slices that live as long as the block. */
typedef struct {
  const uint8_t *valid;
  union {
    const void *data;
    const uint8_t *flags; /* boolean: 0 or 1 */
    const int64_t *integers;
    const double *reals;
    const uint32_t *codes;
    const ms_slice *texts;
  };
} ms_lane;

/* The rows of a block: first, first + 1, …, or first + index[0], first + index[1], …. */
typedef struct {
  ms_context *context;
  const ms_zone *zone;
  const ms_source *source;
  int64_t first, count;
  const uint32_t *index;
} ms_run;

typedef struct ms_step ms_step;
typedef ms_status ms_step_function(const ms_run *run, const ms_step *step, ms_lane *out);

struct ms_step {
  ms_step_function *run;
  ms_type type;
  const ms_node *node;
  const ms_step *const *args;
  size_t count;
  const ms_column *column;
  bool constant;
  ms_cell cell; /* of a constant */
  const ms_dictionary *dictionary;
  const uint32_t *const
      *maps;         /* of a choice: codes of argument i to the dictionary; NULL: as they are */
  int64_t low, high; /* integer-like: every valid value lies between; low > high: none */
  const void *extra; /* a table, a set */
};

/* Being prepared. */
typedef struct {
  ms_context *context;
  const ms_zone *zone;
  const ms_source *source;
  const ms_frame *frame;
  int block;
  bool tables; /* sub-expressions of one column may be computed over its different values */
  int refused; /* tables that were tried in vain */
} ms_plan;

/* NULL with an error. */
const ms_step *ms_plan_node(ms_plan *plan, const ms_node *node);
ms_step *ms_step_new(ms_plan *plan, const ms_node *node, ms_step_function *run);
/* Runs the step for the rows. */
static inline ms_status ms_step_run(const ms_run *run, const ms_step *step, ms_lane *out) {
  return step->run(run, step, out);
}

/* By kind; each in a file of its own. */
const ms_step *ms_plan_column(ms_plan *plan, const ms_node *node);
const ms_step *ms_plan_constant(ms_plan *plan, const ms_node *node);
const ms_step *ms_plan_logic(ms_plan *plan, const ms_node *node, ms_step *step);
const ms_step *ms_plan_comparison(ms_plan *plan, const ms_node *node, ms_step *step);
const ms_step *ms_plan_arithmetic(ms_plan *plan, const ms_node *node, ms_step *step);
const ms_step *ms_plan_choice(ms_plan *plan, const ms_node *node, ms_step *step);
const ms_step *ms_plan_in(ms_plan *plan, const ms_node *node, ms_step *step);
const ms_step *ms_plan_cast(ms_plan *plan, const ms_node *node, ms_step *step);
const ms_step *ms_plan_function(ms_plan *plan, const ms_node *node, ms_step *step);
const ms_step *ms_plan_text(ms_plan *plan, const ms_node *node, ms_step *step);
/* The node as a table over the different values of its one column; *out NULL where that does not pay. */
ms_status ms_plan_table(ms_plan *plan, const ms_node *node, const ms_step **out);

/* ---- helpers of steps ---- */

/* count things in the worker's scratch. */
static inline void *ms_run_array(const ms_run *run, size_t size) {
  return ms_scratch(run->context, (size_t)run->count + 8, size);
}
static inline int64_t ms_run_row(const ms_run *run, int64_t i) {
  return run->first + (run->index ? run->index[i] : i);
}
/* An error that names the row of position i and the place of the node. */
ms_status ms_run_fail(const ms_run *run, const ms_node *node, int64_t i, ms_status status,
                      const char *what);
/* valid[i] = a[i] && b[i], NULL where both are; *out in scratch or one of them. */
ms_status ms_run_both(const ms_run *run, const uint8_t *a, const uint8_t *b, const uint8_t **out);
/* The lane's texts as slices. */
ms_status ms_run_texts(const ms_run *run, const ms_step *step, const ms_lane *lane,
                       const ms_slice **out);
/* The value of a lane as a cell. `texts`: as of ms_run_texts; may be NULL for other types. */
ms_cell ms_lane_cell(ms_type type, const ms_lane *lane, const ms_slice *texts, int64_t i);
/* Bytes of one value of a lane. */
size_t ms_lane_size(const ms_step *step);

/* Rows with a value, of the run, to be computed apart: positions[0 … count). The new run is of those. */
ms_status ms_run_select(const ms_run *run, const uint32_t *positions, int64_t count, ms_run *out);

/* core/expr/result.c: all rows of the plan's frame. */
ms_column *ms_step_column(ms_context *context, const ms_step *step, const ms_source *source,
                          int64_t rows);

struct ms_evaluation {
  const ms_step *root;
  ms_source source;
  const ms_zone *zone;
};

#endif
