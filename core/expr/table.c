/* What depends on one column only is computed once for each different value of that column, where these are few:
 * for each entry of a text's dictionary, for each number between the bounds; and once for null. A row then looks
 * up its result. Values that no row has may be at fault: then the rows are computed after all. */
#include <string.h>

#include "core/expr/evaluate.h"

enum { NUMBERS_MOST = 65536, NUMBERS_COST = 6, REFUSED_MOST = 4 };

typedef struct {
  const ms_column *key;
  int64_t low;
  uint32_t null; /* index of the result for null */
  const void *values;
  const uint8_t *valid; /* NULL: every result has a value */
} table;

/* Index of the row's value in the table. */
static ms_status load_keys(const ms_run *run, const table *t, uint32_t *keys) {
  const ms_column *column = t->key;
  int64_t n = run->count;
  if (run->index) {
    for (int64_t i = 0; i < n; i++) {
      int64_t row = run->first + run->index[i];
      keys[i] = !ms_column_valid(column, row) ? t->null
                : column->type == MS_TEXT     ? ms_column_code(column, row)
                                              : (uint32_t)(ms_column_integer(column, row) - t->low);
    }
    return MS_OK;
  }
  if (column->type == MS_TEXT) {
    ms_load_codes(column, run->first, n, keys);
  } else {
    int64_t *values = ms_run_array(run, sizeof *values);
    if (!values) return MS_EMEMORY;
    ms_load_int64(column, run->first, n, values);
    for (int64_t i = 0; i < n; i++) keys[i] = (uint32_t)(values[i] - t->low);
  }
  if (!column->validity) return MS_OK;
  uint8_t *valid = ms_run_array(run, 1);
  if (!valid) return MS_EMEMORY;
  ms_bitmap_unpack(ms_column_bits(column), run->first, n, valid);
  for (int64_t i = 0; i < n; i++) keys[i] = valid[i] ? keys[i] : t->null;
  return MS_OK;
}

static ms_status run_table(const ms_run *run, const ms_step *step, ms_lane *out) {
  const table *t = step->extra;
  size_t size = ms_lane_size(step);
  uint32_t *keys = ms_run_array(run, sizeof *keys);
  void *data = ms_run_array(run, size);
  if (!keys || !data || load_keys(run, t, keys)) return MS_EMEMORY;
  int64_t n = run->count;
  if (size == 1) {
    for (int64_t i = 0; i < n; i++) ((uint8_t *)data)[i] = ((const uint8_t *)t->values)[keys[i]];
  } else if (size == 4) {
    for (int64_t i = 0; i < n; i++) ((uint32_t *)data)[i] = ((const uint32_t *)t->values)[keys[i]];
  } else {
    for (int64_t i = 0; i < n; i++) ((int64_t *)data)[i] = ((const int64_t *)t->values)[keys[i]];
  }
  *out = (ms_lane){.data = data};
  if (!t->valid) return MS_OK;
  uint8_t *valid = ms_run_array(run, 1);
  if (!valid) return MS_EMEMORY;
  for (int64_t i = 0; i < n; i++) valid[i] = t->valid[keys[i]];
  out->valid = valid;
  return MS_OK;
}

/* ---- building ---- */

/* The different values of the column, and a null behind them. */
static ms_column *domain_of(ms_context *context, const ms_column *column, int64_t count) {
  ms_buffer *validity = ms_buffer_zero(context, ms_bitmap_words(count + 1), sizeof(uint64_t));
  if (!validity) return NULL;
  ms_bitmap_fill((uint64_t *)(void *)validity->data, count + 1);
  ms_bit_clear((uint64_t *)(void *)validity->data, count);
  if (column->type == MS_TEXT) {
    uint32_t *codes = ms_scratch_zero(context, (size_t)count + 1, sizeof *codes);
    if (!codes) {
      ms_buffer_free(validity);
      return NULL;
    }
    for (int64_t i = 0; i < count; i++) codes[i] = (uint32_t)i;
    return ms_column_from_codes(context, count + 1, codes, ms_dictionary_share(column->dictionary),
                                validity);
  }
  int64_t *values = ms_scratch_zero(context, (size_t)count + 1, sizeof *values);
  if (!values) {
    ms_buffer_free(validity);
    return NULL;
  }
  for (int64_t i = 0; i < count; i++) values[i] = column->low + i;
  return ms_column_from_int64(context, column->type, count + 1, values, validity);
}

/* The node's values over the domain; NULL with an error. */
static const ms_column *compute(ms_plan *plan, const ms_node *node, const ms_column *column,
                                int64_t count) {
  const ms_column *domain = ms_column_keep(plan->context, domain_of(plan->context, column, count));
  if (!domain) return NULL;
  const ms_frame *frame =
      ms_frame_keep(plan->context, ms_frame_new(plan->context, count + 1, 1, &node->only, &domain));
  if (!frame) return NULL;
  ms_plan inner = *plan;
  inner.frame = frame;
  inner.tables = false;
  const ms_step *step = ms_plan_node(&inner, node);
  if (!step) return NULL;
  return ms_column_keep(plan->context,
                        ms_step_column(plan->context, step, plan->source, count + 1));
}

static const void *load_values(ms_context *context, const ms_column *column) {
  size_t rows = (size_t)column->rows;
  int64_t *wide = ms_scratch(context, rows + 1, sizeof *wide);
  if (!wide) return NULL;
  if (column->type == MS_TEXT) {
    ms_load_codes(column, 0, column->rows, (uint32_t *)(void *)wide);
  } else if (column->type == MS_REAL) {
    ms_load_real(column, 0, column->rows, (double *)(void *)wide);
  } else {
    ms_load_int64(column, 0, column->rows, wide);
  }
  if (column->type != MS_BOOLEAN) return wide;
  uint8_t *flags = ms_scratch(context, rows + 1, 1);
  for (size_t i = 0; i < rows && flags; i++) flags[i] = (uint8_t)(wide[i] & 1);
  return flags;
}

static const ms_step *table_step(ms_plan *plan, const ms_node *node, const ms_column *key,
                                 const ms_column *results) {
  table *t = ms_scratch_zero(plan->context, 1, sizeof *t);
  ms_step *step = ms_step_new(plan, node, run_table);
  if (!t || !step) return NULL;
  *t = (table){.key = key, .low = key->low, .null = (uint32_t)(results->rows - 1)};
  t->values = load_values(plan->context, results);
  if (!t->values) return NULL;
  if (results->validity) {
    uint8_t *valid = ms_scratch(plan->context, (size_t)results->rows + 8, 1);
    if (!valid) return NULL;
    ms_bitmap_unpack(ms_column_bits(results), 0, results->rows, valid);
    bool only_null = results->nulls == 1 && !valid[results->rows - 1] && !key->validity;
    t->valid = only_null ? NULL : valid;
  }
  step->extra = t;
  if (node->type == MS_TEXT) {
    step->dictionary = results->dictionary;
  } else if (node->type != MS_REAL && node->type != MS_BOOLEAN) {
    step->low = results->low;
    step->high = results->high;
  }
  return step;
}

/* Number of different values, or -1 where a table does not pay. */
static int64_t domain_size(const ms_plan *plan, const ms_node *node, const ms_column *column) {
  int64_t rows = plan->frame->rows;
  if (column->type == MS_TEXT) {
    bool lone = node->kind == MS_NODE_OPERATOR && node->op == MS_OP_IS_NULL &&
                node->args[0]->kind == MS_NODE_COLUMN;
    return column->storage == MS_CODE_ROW || lone || column->dictionary->count >= rows
               ? -1
               : column->dictionary->count;
  }
  if (column->type == MS_REAL || column->type == MS_BOOLEAN || node->cost < NUMBERS_COST) return -1;
  if (column->low > column->high) return -1;
  uint64_t range = (uint64_t)column->high - (uint64_t)column->low;
  return range >= NUMBERS_MOST || (int64_t)range >= rows / 4 ? -1 : (int64_t)range + 1;
}

ms_status ms_plan_table(ms_plan *plan, const ms_node *node, const ms_step **out) {
  *out = NULL;
  if (node->columns != 1 || plan->refused >= REFUSED_MOST) return MS_OK;
  int64_t i = ms_frame_find(plan->frame, node->only);
  if (i < 0) return MS_OK;
  const ms_column *key = plan->frame->columns[i];
  int64_t count = domain_size(plan, node, key);
  if (count < 0) return MS_OK;
  const ms_column *results = compute(plan, node, key, count);
  if (!results) {
    ms_status status = ms_error_status(plan->context);
    if (status == MS_EMEMORY || status == MS_ECANCEL || status == MS_EINTERNAL) return status;
    ms_error_clear(plan->context);
    plan->refused++;
    return MS_OK;
  }
  *out = table_step(plan, node, key, results);
  return *out ? MS_OK : MS_EMEMORY;
}
