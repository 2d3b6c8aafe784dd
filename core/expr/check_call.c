/* Aggregates and windows: described as calls, which others compute; in the tree stands the column of the
 * result. */
#include <string.h>

#include "core/expr/check.h"

static ms_node *misfit(ms_checker *checker, const ms_node *node, const ms_call_entry *entry,
                       const char *what) {
  (void)ms_source_fail(&checker->source, MS_ETYPE, node->span, "%s %s", entry->name, what);
  ms_fail_hint(checker->source.context, "%s: %s", entry->signature, entry->brief);
  return NULL;
}

static ms_status refuse(ms_checker *checker, const ms_node *node, const ms_call_entry *entry) {
  ms_context *context = checker->source.context;
  bool window_only = entry->kind == 'w';
  const char *what = window_only ? "a window" : "an aggregate";
  ms_span span = node->span;
  if (checker->within_call) {
    return ms_source_fail(&checker->source, MS_ESYNTAX, span, "%s is %s and stands within another",
                          entry->name, what);
  }
  if (!checker->scope->calls) {
    ms_status status = ms_source_fail(&checker->source, MS_ESYNTAX, span,
                                      "%s is %s; it cannot stand here", entry->name, what);
    ms_fail_hint(context, "compute it before: group_by(…):agg(…) or with_columns(…)");
    return status;
  }
  if (checker->scope->groups && (window_only || node->over)) {
    ms_status status = ms_source_fail(&checker->source, MS_ESYNTAX, span, "%s cannot stand in agg",
                                      window_only ? entry->name : "'over'");
    ms_fail_hint(context, "windows are for with_columns");
    return status;
  }
  if (window_only && node->where) {
    return ms_source_fail(&checker->source, MS_ESYNTAX, node->where->span, "%s takes no 'where'",
                          entry->name);
  }
  return MS_OK;
}

/* A row-wise expression within the call, over the rows of the scope. */
static ms_expression *part(ms_checker *checker, ms_node *node) {
  ms_expression *expression = ms_scratch_zero(checker->source.context, 1, sizeof *expression);
  if (!expression) return NULL;
  expression->source = checker->source;
  expression->root = node;
  return expression;
}

static ms_expression *check_part(ms_checker *checker, ms_node *node) {
  ms_node *checked = ms_check(checker, node);
  if (!checked) return NULL;
  if (checked->kind == MS_NODE_LIST || checked->kind == MS_NODE_DURATION) {
    (void)ms_check_fail(checker, MS_ETYPE, checked->span, "a list or a duration cannot stand here");
    return NULL;
  }
  return part(checker, checked);
}

static bool letter_fits(char letter, const ms_node *arg) {
  switch (letter) {
    case 'n': return ms_is_number(arg) || arg->type == MS_BOOLEAN;
    case 'r': return ms_is_number(arg);
    case 'b': return arg->untyped || arg->type == MS_BOOLEAN;
    default: return true;
  }
}

/* A constant number within the call: tiles, distance, share. */
static ms_status read_parameter(ms_checker *checker, const ms_node *arg, const ms_call_entry *entry,
                                double *out) {
  bool constant = arg->kind == MS_NODE_CONSTANT && !arg->value.null && ms_is_number(arg);
  double value = !constant              ? -1
                 : arg->type == MS_REAL ? arg->value.real
                                        : (double)arg->value.integer;
  bool share = entry->id == MS_CALL_QUANTILE;
  bool fits = constant && value >= (entry->id == MS_CALL_NTILE ? 1 : 0) &&
              value <= (share ? 1 : 1e9) && (share || arg->type == MS_INTEGER);
  *out = value;
  if (fits) return MS_OK;
  ms_status status =
      ms_source_fail(&checker->source, MS_ETYPE, arg->span, "%s needs %s here", entry->name,
                     share ? "a constant from 0 to 1" : "a constant whole number");
  ms_fail_hint(checker->source.context, "%s: %s", entry->signature, entry->brief);
  return status;
}

/* The default of lag and lead has the value's type. */
static ms_status fit_default(ms_checker *checker, ms_node **args) {
  ms_node *pair[2] = {args[0], args[2]};
  if (args[2]->kind != MS_NODE_CONSTANT) {
    (void)ms_check_fail(checker, MS_ETYPE, args[2]->span, "the default must be a constant");
    return MS_ETYPE;
  }
  ms_status status = ms_check_common(checker, pair, 2, 1);
  args[0] = pair[0];
  args[2] = pair[1];
  return status;
}

static ms_status check_arguments(ms_checker *checker, ms_node *node, const ms_call_entry *entry,
                                 ms_call *call) {
  const char *types = entry->types;
  const char *optional = strchr(types, '[');
  size_t least = optional ? (size_t)(optional - types) : strlen(types);
  char letters[8] = {0};
  for (size_t i = 0; *types; types++) {
    if (*types != '[') letters[i++] = *types;
  }
  if (node->count < least || node->count > strlen(letters)) {
    (void)misfit(checker, node, entry, "has another number of arguments");
    return MS_ETYPE;
  }
  call->parameter = 1;
  for (size_t i = 0; i < node->count; i++) {
    ms_node *arg = ms_check(checker, node->args[i]);
    if (!arg) return MS_ETYPE;
    if (letters[i] == 'p' && read_parameter(checker, arg, entry, &call->parameter)) return MS_ETYPE;
    if (!letter_fits(letters[i], arg)) {
      (void)ms_source_fail(&checker->source, MS_ETYPE, arg->span, "%s does not take %s",
                           entry->name, ms_check_name(checker, arg));
      ms_fail_hint(checker->source.context, "%s: %s", entry->signature, entry->brief);
      return MS_ETYPE;
    }
    bool flag = letters[i] == 'n' && arg->type == MS_BOOLEAN && !arg->untyped;
    if (flag) arg = ms_check_convert(checker, arg, MS_INTEGER);
    if (arg && arg->untyped) {
      arg = ms_check_convert(checker, arg,
                             letters[i] == 'b'   ? MS_BOOLEAN
                             : letters[i] == 'a' ? MS_TEXT
                                                 : MS_REAL);
    }
    if (!arg) return MS_EMEMORY;
    node->args[i] = arg;
  }
  bool defaulted = (entry->id == MS_CALL_LAG || entry->id == MS_CALL_LEAD) && node->count == 3;
  if (defaulted && fit_default(checker, node->args)) return MS_ETYPE;
  size_t used = 0;
  for (size_t i = 0; i < node->count; i++) {
    if (letters[i] == 'p') continue;
    if (!(call->arguments[used++] = part(checker, node->args[i]))) return MS_EMEMORY;
  }
  return MS_OK;
}

static ms_status check_over(ms_checker *checker, const ms_over *over, ms_call *call) {
  ms_context *context = checker->source.context;
  const ms_expression **partition = ms_scratch(context, over->partitions + 1, sizeof *partition);
  ms_order *order = ms_scratch(context, over->orders + 1, sizeof *order);
  if (!partition || !order) return MS_EMEMORY;
  for (size_t i = 0; i < over->partitions; i++) {
    if (!(partition[i] = check_part(checker, over->partition[i]))) return MS_ETYPE;
  }
  for (size_t i = 0; i < over->orders; i++) {
    order[i] =
        (ms_order){check_part(checker, over->order[i]), over->descending[i], over->nulls_first[i]};
    if (!order[i].value) return MS_ETYPE;
  }
  call->partitions = over->partitions;
  call->partition = partition;
  call->orders = over->orders;
  call->order = order;
  return MS_OK;
}

/* SQL's defaults: the whole partition, or up to the row and its peers; a running sum goes by rows. */
static void set_frame(const ms_over *over, ms_call *call) {
  call->frame_first = INT64_MIN;
  call->frame_last = call->orders ? 0 : INT64_MAX;
  call->peers = call->orders > 0;
  if (call->id == MS_CALL_CUMSUM) {
    call->frame_last = 0;
    call->peers = false;
  }
  if (over && over->framed) {
    call->frame_first = over->first;
    call->frame_last = over->last;
    call->peers = false;
  }
}

static ms_type result_type(const ms_call_entry *entry, const ms_call *call) {
  switch (entry->result) {
    case 'i': return MS_INTEGER;
    case 'r': return MS_REAL;
    case 'b': return MS_BOOLEAN;
    default: return ms_expression_type(call->arguments[0]);
  }
}

static ms_status add_call(ms_checker *checker, const ms_call *call) {
  if (checker->call_count == checker->call_capacity) {
    size_t capacity = checker->call_capacity ? checker->call_capacity * 2 : 8;
    const ms_call **calls = ms_scratch(checker->source.context, capacity, sizeof *calls);
    if (!calls) return MS_EMEMORY;
    if (checker->call_count) memcpy(calls, checker->calls, checker->call_count * sizeof *calls);
    checker->calls = calls;
    checker->call_capacity = capacity;
  }
  checker->calls[checker->call_count++] = call;
  return MS_OK;
}

static ms_status fill_call(ms_checker *checker, ms_node *node, const ms_call_entry *entry,
                           ms_call *call) {
  const ms_frame *outside = checker->frame;
  checker->frame = checker->scope->rows;
  checker->within_call = true;
  ms_status status = check_arguments(checker, node, entry, call);
  if (!status && node->where) {
    ms_expression *where = check_part(checker, node->where);
    call->where = where;
    if (!where) {
      status = MS_ETYPE;
    } else if (where->root->type != MS_BOOLEAN && !where->root->untyped) {
      status =
          ms_source_fail(&checker->source, MS_ETYPE, where->root->span,
                         "'where' needs a boolean, not %s", ms_check_name(checker, where->root));
    } else {
      where->root = ms_check_convert(checker, where->root, MS_BOOLEAN);
      if (!where->root) status = MS_EMEMORY;
    }
  }
  if (!status && node->over) status = check_over(checker, node->over, call);
  checker->frame = outside;
  checker->within_call = false;
  return status;
}

ms_node *ms_check_call(ms_checker *checker, ms_node *node, const ms_call_entry *entry) {
  ms_context *context = checker->source.context;
  ms_call *call = ms_scratch_zero(context, 1, sizeof *call);
  if (!call || refuse(checker, node, entry)) return NULL;
  call->id = entry->id;
  call->name = entry->name;
  call->begin = node->span.begin;
  call->end = node->span.end;
  call->window = node->over || !checker->scope->groups;
  if (fill_call(checker, node, entry, call)) return NULL;
  if (node->distinct) {
    if (entry->id != MS_CALL_COUNT || !call->arguments[0])
      return misfit(checker, node, entry, "takes no 'distinct'");
    call->id = MS_CALL_COUNT_DISTINCT;
  }
  bool ranked = entry->id == MS_CALL_RANK || entry->id == MS_CALL_DENSE_RANK ||
                entry->id == MS_CALL_PERCENT_RANK || entry->id == MS_CALL_CUME_DIST ||
                entry->id == MS_CALL_NTILE;
  if (ranked && !call->orders)
    return misfit(checker, node, entry, "needs an order: over (order by …)");
  set_frame(node->over, call);
  call->type = result_type(entry, call);
  call->column = ms_scratch_format(context, "#%zu", *checker->next_call);
  ms_node *result = ms_node_new(context, MS_NODE_COLUMN, node->span);
  if (!call->column || !result || add_call(checker, call)) return NULL;
  ++*checker->next_call;
  result->name = result->only = call->column;
  result->columns = 1;
  result->cost = 1;
  result->type = call->type;
  return result;
}
