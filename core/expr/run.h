/* Running a prepared expression block by block, with errors that do not depend on the size of the blocks. */
#ifndef MS_EXPR_RUN_H
#define MS_EXPR_RUN_H

#include "core/expr/evaluate.h"

/* Runs the step over rows first … first + count - 1. If a value is at fault, the error is that of the first
 * faulty row. */
static inline ms_status ms_run_block(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_status status = ms_step_run(run, step, out);
  bool value = status && status != MS_EMEMORY && status != MS_ECANCEL && status != MS_EINTERNAL;
  if (!value || run->count == 1) return status;
  for (int64_t i = 0; i < run->count; i++) {
    ms_run row = *run;
    ms_lane lane;
    row.first = run->first + i;
    row.count = 1;
    ms_status alone = ms_step_run(&row, step, &lane);
    if (alone) return alone;
  }
  return status;
}

#endif
