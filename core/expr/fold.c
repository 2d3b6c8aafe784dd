/* What depends on no column is computed when the expression is checked. */
#include "core/expr/check.h"
#include "core/expr/evaluate.h"

static void take_value(const ms_step *step, const ms_lane *lane, const ms_slice *texts,
                       ms_value *out) {
  ms_cell cell = ms_lane_cell(step->type, lane, texts, 0);
  *out = (ms_value){.type = step->type, .null = cell.null};
  if (cell.null) return;
  if (step->type == MS_TEXT) {
    out->text = cell.text;
  } else if (step->type == MS_REAL) {
    out->real = cell.real;
  } else {
    out->integer = cell.integer;
  }
}

ms_node *ms_fold(const ms_source *source, ms_node *node) {
  ms_context *context = source->context;
  const ms_frame frame = {.rows = 1};
  ms_plan plan = {.context = context,
                  .zone = ms_context_zone_of(context),
                  .source = source,
                  .frame = &frame,
                  .block = 1};
  ms_run run = {.context = context, .zone = plan.zone, .source = source, .count = 1};
  ms_lane lane;
  const ms_slice *texts = NULL;
  const ms_step *step = ms_plan_node(&plan, node);
  ms_status status = step ? ms_step_run(&run, step, &lane) : ms_error_status(context);
  if (!status && step->type == MS_TEXT) status = ms_run_texts(&run, step, &lane, &texts);
  if (status == MS_EMEMORY || status == MS_EINTERNAL) return NULL;
  if (status) {
    ms_error_clear(context);
    return node;
  }
  ms_node *constant = ms_node_new(context, MS_NODE_CONSTANT, node->span);
  if (!constant) return NULL;
  take_value(step, &lane, texts, &constant->value);
  constant->type = node->type;
  constant->untyped = node->untyped && constant->value.null;
  return constant;
}
