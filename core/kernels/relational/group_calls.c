/* Groups and their aggregates together. Where the codes of the keys are few, rows are aggregated by code at once and
 * the groups are found from the table; otherwise the groups come first. */
#include "core/kernels/relational/group_calls.h"

#include <string.h>

ms_status ms_group_keys_new(ms_context *context, const ms_scope *scope, const ms_names *by,
                            ms_group_keys *out) {
  out->count = by->count;
  out->names = ms_scratch(context, by->count, sizeof *out->names);
  out->columns = out->names ? ms_scratch(context, by->count, sizeof *out->columns) : NULL;
  if (!out->columns) return MS_EMEMORY;
  for (size_t i = 0; i < by->count; i++) {
    const char *text;
    size_t next_call = 0;
    ms_status status = ms_definition_split(context, scope, by->items[i], &out->names[i], &text);
    if (status != MS_OK) return status;
    for (size_t j = 0; j < i; j++) {
      if (strcmp(out->names[i], out->names[j]) != 0) continue;
      return ms_fail(context, MS_EDUPLICATE, "%s: the key '%s' is given twice", scope->verb,
                     out->names[i]);
    }
    const ms_expression *key = ms_expression_new(context, scope, text, &next_call);
    if (!key) return ms_error_status(context);
    const char *name = ms_expression_is_column(key);
    int64_t at = name ? ms_frame_find(scope->rows, name) : -1;
    if (at >= 0)
      out->columns[i] = scope->rows->columns[at];
    else
      out->columns[i] = ms_column_keep(context, ms_expression_column(context, key, scope->rows));
    if (!out->columns[i]) return ms_error_status(context);
  }
  return MS_OK;
}

/* Whether the aggregates are worth computing by code: the tables stay small beside the rows. */
static bool fused(const ms_key_code *code, size_t fields, const ms_group_results *results) {
  if (code->count != fields || code->rows == 0 || fields == 0 || !ms_key_small(code)) return false;
  size_t words = results->count + 1;
  if (code->range * words > (1u << 19) && !ms_aggregates_dense(code, words)) return false;
  for (size_t i = 0; i < results->count; i++) {
    if (results->calls[i]->id == MS_CALL_COUNT_DISTINCT) return false;
  }
  return true;
}

static ms_status columns(ms_context *context, ms_aggregates *plan, const ms_groups *groups,
                         ms_group_results *results) {
  results->columns = ms_scratch(context, results->count, sizeof *results->columns);
  if (!results->columns) return MS_EMEMORY;
  for (size_t i = 0; i < results->count; i++) {
    results->columns[i] = ms_column_keep(context, ms_aggregates_column(context, plan, i, groups));
    if (!results->columns[i]) return ms_error_status(context);
  }
  return MS_OK;
}

ms_status ms_group_compute(ms_context *context, const ms_group_keys *keys, const ms_frame *frame,
                           ms_groups *groups, ms_group_results *results) {
  ms_key_field *fields;
  size_t count;
  ms_status status = ms_key_fields(context, keys->columns, keys->count, &fields, &count);
  if (status != MS_OK) return status;
  ms_key_code code = ms_key_pack(fields, count, frame->rows);
  bool direct = fused(&code, count, results);
  ms_aggregates *plan = ms_aggregates_new(context, results->calls, results->count, frame, direct);
  if (!plan) return ms_error_status(context);
  if (direct) {
    status = ms_aggregates_run_codes(plan, &code, groups);
  } else {
    status = ms_groups_new(context, keys->columns, keys->count, frame->rows, groups);
    if (status == MS_OK) status = ms_aggregates_run(plan, groups);
  }
  return status == MS_OK ? columns(context, plan, groups, results) : status;
}

ms_column *ms_group_call(ms_context *context, const ms_groups *groups, const ms_call *call,
                         const ms_frame *frame) {
  ms_aggregates *plan = ms_aggregates_new(context, &call, 1, frame, false);
  if (!plan || ms_aggregates_run(plan, groups) != MS_OK) return NULL;
  return ms_aggregates_column(context, plan, 0, groups);
}
