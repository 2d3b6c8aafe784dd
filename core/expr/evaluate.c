/* Making an expression ready for a frame, and what all steps share: columns, constants, errors. */
#include "core/expr/evaluate.h"

#include <string.h>

ms_step *ms_step_new(ms_plan *plan, const ms_node *node, ms_step_function *run) {
  ms_step *step = ms_scratch_zero(plan->context, 1, sizeof *step);
  if (!step) return NULL;
  step->run = run;
  step->node = node;
  step->type = node->type;
  step->low = node->type == MS_BOOLEAN ? 0 : INT64_MIN;
  step->high = node->type == MS_BOOLEAN ? 1 : INT64_MAX;
  return step;
}

size_t ms_lane_size(const ms_step *step) {
  switch (step->type) {
    case MS_BOOLEAN: return 1;
    case MS_INTEGER:
    case MS_DATE:
    case MS_TIME:
    case MS_REAL: return 8;
    case MS_TEXT: break;
  }
  return step->dictionary ? sizeof(uint32_t) : sizeof(ms_slice);
}

/* ---- helpers ---- */

ms_status ms_run_fail(const ms_run *run, const ms_node *node, int64_t i, ms_status status,
                      const char *what) {
  int64_t row = ms_run_row(run, i);
  (void)ms_source_fail(run->source, status, node->span, "%s (row %lld)", what, (long long)row + 1);
  ms_fail_cell(run->context, node->only && node->only[0] != '#' ? node->only : "", row);
  return status;
}

ms_status ms_run_both(const ms_run *run, const uint8_t *a, const uint8_t *b, const uint8_t **out) {
  *out = a ? a : b;
  if (!a || !b || a == b) return MS_OK;
  uint8_t *valid = ms_run_array(run, 1);
  if (!valid) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) valid[i] = a[i] & b[i];
  *out = valid;
  return MS_OK;
}

ms_status ms_run_texts(const ms_run *run, const ms_step *step, const ms_lane *lane,
                       const ms_slice **out) {
  *out = lane->texts;
  if (!step->dictionary) return MS_OK;
  ms_slice *texts = ms_run_array(run, sizeof *texts);
  if (!texts) return MS_EMEMORY;
  bool empty = step->dictionary->count == 0;
  for (int64_t i = 0; i < run->count; i++) {
    bool there = !empty && (!lane->valid || lane->valid[i]);
    texts[i] = there ? ms_dictionary_entry(step->dictionary, lane->codes[i]) : (ms_slice){"", 0};
  }
  *out = texts;
  return MS_OK;
}

ms_cell ms_lane_cell(ms_type type, const ms_lane *lane, const ms_slice *texts, int64_t i) {
  ms_cell cell = {.null = lane->valid && !lane->valid[i]};
  if (cell.null) return cell;
  switch (type) {
    case MS_BOOLEAN: cell.integer = lane->flags[i]; break;
    case MS_INTEGER:
    case MS_DATE:
    case MS_TIME: cell.integer = lane->integers[i]; break;
    case MS_REAL: cell.real = lane->reals[i]; break;
    case MS_TEXT: cell.text = texts[i]; break;
  }
  return cell;
}

ms_status ms_run_select(const ms_run *run, const uint32_t *positions, int64_t count, ms_run *out) {
  *out = *run;
  out->count = count;
  out->index = positions;
  if (!run->index) return MS_OK;
  uint32_t *index = ms_scratch(run->context, (size_t)count + 1, sizeof *index);
  if (!index) return MS_EMEMORY;
  for (int64_t i = 0; i < count; i++) index[i] = run->index[positions[i]];
  out->index = index;
  return MS_OK;
}

/* ---- columns ---- */

static ms_status column_valid(const ms_run *run, const ms_column *column, ms_lane *out) {
  out->valid = NULL;
  if (!column->validity) return MS_OK;
  const uint64_t *bits = ms_column_bits(column);
  uint8_t *valid = ms_run_array(run, 1);
  if (!valid) return MS_EMEMORY;
  if (run->index) {
    for (int64_t i = 0; i < run->count; i++) valid[i] = ms_bit(bits, run->first + run->index[i]);
  } else {
    ms_bitmap_unpack(bits, run->first, run->count, valid);
  }
  out->valid = valid;
  return MS_OK;
}

static void gather_integers(const ms_run *run, const ms_column *column, int64_t *out) {
  const uint32_t *index = run->index;
  switch (column->storage) {
    case MS_INT8: {
      const int8_t *data = (const int8_t *)ms_column_data(column) + run->first;
      for (int64_t i = 0; i < run->count; i++) out[i] = data[index[i]];
      break;
    }
    case MS_INT16: {
      const int16_t *data = (const int16_t *)ms_column_data(column) + run->first;
      for (int64_t i = 0; i < run->count; i++) out[i] = data[index[i]];
      break;
    }
    case MS_INT32: {
      const int32_t *data = (const int32_t *)ms_column_data(column) + run->first;
      for (int64_t i = 0; i < run->count; i++) out[i] = data[index[i]];
      break;
    }
    case MS_INT64: {
      const int64_t *data = (const int64_t *)ms_column_data(column) + run->first;
      for (int64_t i = 0; i < run->count; i++) out[i] = data[index[i]];
      break;
    }
    case MS_FLOAT64:
    case MS_CODE8:
    case MS_CODE16:
    case MS_CODE32:
    case MS_CODE_ROW: break;
  }
}

static ms_status run_integers(const ms_run *run, const ms_step *step, ms_lane *out) {
  const ms_column *column = step->column;
  ms_status status = column_valid(run, column, out);
  if (status) return status;
  if (column->storage == MS_INT64 && !run->index) {
    out->integers = (const int64_t *)ms_column_data(column) + run->first;
    return MS_OK;
  }
  int64_t *values = ms_run_array(run, sizeof *values);
  if (!values) return MS_EMEMORY;
  if (run->index) {
    gather_integers(run, column, values);
  } else {
    ms_load_int64(column, run->first, run->count, values);
  }
  out->integers = values;
  return MS_OK;
}

/* Bytes are taken as they are; at a null any byte may stand. */
static ms_status run_flags(const ms_run *run, const ms_step *step, ms_lane *out) {
  const ms_column *column = step->column;
  if (column->storage == MS_INT8 && !run->index) {
    out->flags = (const uint8_t *)ms_column_data(column) + run->first;
    return column_valid(run, column, out);
  }
  ms_lane wide;
  ms_status status = run_integers(run, step, &wide);
  uint8_t *flags = ms_run_array(run, 1);
  if (status || !flags) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) flags[i] = wide.integers[i] != 0;
  out->flags = flags;
  out->valid = wide.valid;
  return MS_OK;
}

static ms_status run_reals(const ms_run *run, const ms_step *step, ms_lane *out) {
  const double *data = (const double *)ms_column_data(step->column) + run->first;
  ms_status status = column_valid(run, step->column, out);
  if (status) return status;
  out->reals = data;
  if (!run->index) return MS_OK;
  double *values = ms_run_array(run, sizeof *values);
  if (!values) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) values[i] = data[run->index[i]];
  out->reals = values;
  return MS_OK;
}

static ms_status run_codes(const ms_run *run, const ms_step *step, ms_lane *out) {
  const ms_column *column = step->column;
  ms_status status = column_valid(run, column, out);
  if (status) return status;
  if (column->storage == MS_CODE32 && !run->index) {
    out->codes = (const uint32_t *)ms_column_data(column) + run->first;
    return MS_OK;
  }
  uint32_t *codes = ms_run_array(run, sizeof *codes);
  if (!codes) return MS_EMEMORY;
  if (!run->index) {
    ms_load_codes(column, run->first, run->count, codes);
  } else {
    for (int64_t i = 0; i < run->count; i++)
      codes[i] = ms_column_code(column, run->first + run->index[i]);
  }
  out->codes = codes;
  return MS_OK;
}

const ms_step *ms_plan_column(ms_plan *plan, const ms_node *node) {
  int64_t i = ms_frame_find(plan->frame, node->name);
  if (i < 0 || plan->frame->columns[i]->type != node->type) {
    return ms_fail_null(plan->context, MS_EINTERNAL, "%s: the frame has no column '%s' of type %s",
                        plan->source->verb, node->name, ms_type_name(node->type));
  }
  ms_step *step = ms_step_new(plan, node, run_integers);
  if (!step) return NULL;
  step->column = plan->frame->columns[i];
  if (node->type == MS_BOOLEAN) step->run = run_flags;
  if (node->type == MS_REAL) step->run = run_reals;
  if (node->type == MS_TEXT) {
    step->run = run_codes;
    step->dictionary = step->column->dictionary;
  }
  if (node->type != MS_TEXT && node->type != MS_REAL && node->type != MS_BOOLEAN) {
    step->low = step->column->low;
    step->high = step->column->high;
  }
  return step;
}

/* ---- constants ---- */

/* The arrays were filled for a whole block. */
static ms_status run_constant(const ms_run *run, const ms_step *step, ms_lane *out) {
  (void)run;
  *out = *(const ms_lane *)step->extra;
  return MS_OK;
}

static const ms_dictionary *one_entry(ms_plan *plan, ms_slice text) {
  ms_intern *intern = ms_intern_new(plan->context);
  if (!intern) return NULL;
  ms_dictionary *dictionary =
      ms_intern_add(intern, text.data, text.size) < 0 ? NULL : ms_intern_done(intern);
  ms_intern_free(intern);
  if (!dictionary) return NULL;
  if (ms_defer(plan->context, (void (*)(void *))ms_dictionary_free, dictionary)) return NULL;
  return dictionary;
}

const ms_step *ms_plan_constant(ms_plan *plan, const ms_node *node) {
  ms_step *step = ms_step_new(plan, node, run_constant);
  size_t block = (size_t)plan->block + 8;
  ms_lane *lane = ms_scratch_zero(plan->context, 1, sizeof *lane);
  int64_t *values = ms_scratch_zero(plan->context, block, sizeof *values);
  if (!step || !lane || !values) return NULL;
  step->constant = true;
  step->cell.null = node->value.null;
  lane->data = values;
  if (node->value.null) {
    lane->valid = ms_scratch_zero(plan->context, block, 1);
    if (!lane->valid) return NULL;
    step->low = 1;
    step->high = 0;
  } else if (node->type == MS_TEXT) {
    step->cell.text = node->value.text;
  } else if (node->type == MS_REAL) {
    step->cell.real = node->value.real;
    double *reals = (double *)(void *)values;
    for (size_t i = 0; i < block; i++) reals[i] = node->value.real;
  } else if (node->type == MS_BOOLEAN) {
    step->cell.integer = node->value.integer;
    memset(values, node->value.integer != 0, block);
  } else {
    step->cell.integer = step->low = step->high = node->value.integer;
    for (size_t i = 0; i < block; i++) values[i] = node->value.integer;
  }
  if (node->type == MS_TEXT) {
    step->dictionary = one_entry(plan, node->value.null ? (ms_slice){"", 0} : node->value.text);
    if (!step->dictionary) return NULL;
  }
  step->extra = lane;
  return step;
}

/* ---- the walk ---- */

static const ms_step *plan_operator(ms_plan *plan, const ms_node *node, ms_step *step) {
  switch (node->op) {
    case MS_OP_OR:
    case MS_OP_AND:
    case MS_OP_NOT:
    case MS_OP_IS_NULL: return ms_plan_logic(plan, node, step);
    case MS_OP_EQ:
    case MS_OP_NE:
    case MS_OP_LT:
    case MS_OP_LE:
    case MS_OP_GT:
    case MS_OP_GE:
    case MS_OP_SAME: return ms_plan_comparison(plan, node, step);
    case MS_OP_IN: return ms_plan_in(plan, node, step);
    case MS_OP_BETWEEN: break; /* the checker makes two comparisons */
    case MS_OP_LIKE:
    case MS_OP_ILIKE:
    case MS_OP_CONCAT: return ms_plan_text(plan, node, step);
    case MS_OP_ADD:
    case MS_OP_SUBTRACT:
    case MS_OP_MULTIPLY:
    case MS_OP_DIVIDE:
    case MS_OP_FLOOR_DIVIDE:
    case MS_OP_MODULO:
    case MS_OP_NEGATE:
    case MS_OP_POWER: return ms_plan_arithmetic(plan, node, step);
    case MS_OP_COALESCE:
    case MS_OP_LEAST:
    case MS_OP_GREATEST: return ms_plan_choice(plan, node, step);
  }
  return NULL;
}

const ms_step *ms_plan_node(ms_plan *plan, const ms_node *node) {
  if (node->kind == MS_NODE_COLUMN) return ms_plan_column(plan, node);
  if (node->kind == MS_NODE_CONSTANT) return ms_plan_constant(plan, node);
  const ms_step *table = NULL;
  if (plan->tables && ms_plan_table(plan, node, &table)) return NULL;
  if (table) return table;
  ms_step *step = ms_step_new(plan, node, NULL);
  const ms_step **args = ms_scratch(plan->context, node->count + 1, sizeof *args);
  if (!step || !args) return NULL;
  for (size_t i = 0; i < node->count; i++) {
    if (!(args[i] = ms_plan_node(plan, node->args[i]))) return NULL;
  }
  step->args = args;
  step->count = node->count;
  switch (node->kind) {
    case MS_NODE_OPERATOR: return plan_operator(plan, node, step);
    case MS_NODE_CASE: return ms_plan_choice(plan, node, step);
    case MS_NODE_CAST: return ms_plan_cast(plan, node, step);
    case MS_NODE_FUNCTION: return ms_plan_function(plan, node, step);
    case MS_NODE_CONSTANT:
    case MS_NODE_COLUMN:
    case MS_NODE_PARAMETER:
    case MS_NODE_LIST:
    case MS_NODE_DURATION: break;
  }
  return ms_fail_null(plan->context, MS_EINTERNAL, "%s: a node that cannot be evaluated",
                      plan->source->verb);
}
