/* Types of in, case and cast. */
#include <math.h>
#include <string.h>

#include "core/expr/check.h"

/* ---- in ---- */

/* The value as one of the type that it is looked for among; false where it can never be equal. *fits: whether
 * the types go together. */
static bool fit_value(const ms_checker *checker, ms_value *value, ms_type type, bool *fits) {
  *fits = true;
  if (value->null || value->type == type) return true;
  if (type == MS_REAL && value->type == MS_INTEGER) {
    int64_t integer = value->integer;
    *value = (ms_value){.type = MS_REAL, .real = (double)integer};
    return value->real < 9223372036854775808.0 && (int64_t)value->real == integer;
  }
  if (type == MS_INTEGER && value->type == MS_REAL) {
    double real = value->real;
    if (!(real >= -9223372036854775808.0 && real < 9223372036854775808.0) || real != floor(real))
      return false;
    *value = (ms_value){.type = MS_INTEGER, .integer = (int64_t)real};
    return true;
  }
  if (type == MS_TIME && value->type == MS_DATE) {
    const ms_zone *zone = ms_context_zone_of(checker->source.context);
    *value = (ms_value){.type = MS_TIME, .integer = ms_zone_utc(zone, value->integer * MS_DAY)};
    return true;
  }
  return *fits = false;
}

/* Items as values of the subject's type, those that never match left out. */
static ms_status fit_list(ms_checker *checker, ms_node *node, const ms_value *given, size_t count) {
  const ms_node *subject = node->args[0];
  node->list = ms_scratch(checker->source.context, count + 1, sizeof *node->list);
  if (!node->list) return MS_EMEMORY;
  for (size_t i = 0; i < count; i++) {
    ms_value value = given[i];
    bool fits, matches = fit_value(checker, &value, subject->type, &fits);
    if (!fits) {
      ms_span span = node->count == 2 ? node->args[1]->span : node->args[i + 1]->span;
      return ms_source_fail(&checker->source, MS_ETYPE, span,
                            "%s is looked for among values of type %s",
                            ms_check_name(checker, subject), ms_type_name(value.type));
    }
    if (matches) node->list[node->list_count++] = value;
  }
  return MS_OK;
}

/* x == a or x == b …, as a balanced tree. */
static ms_node *any_equal(ms_checker *checker, ms_node *node) {
  size_t count = node->count - 1;
  ms_node **parts = ms_scratch(checker->source.context, count, sizeof *parts);
  if (!parts) return NULL;
  for (size_t i = 0; i < count; i++) {
    ms_node *pair[2] = {node->args[0], node->args[i + 1]};
    if (!(parts[i] = ms_check_make(checker, MS_OP_EQ, node->args[i + 1]->span, pair, 2)))
      return NULL;
  }
  for (; count > 1; count = (count + 1) / 2) {
    for (size_t i = 0; i < count / 2; i++) {
      parts[i] = ms_check_make(checker, MS_OP_OR, node->span, parts + 2 * i, 2);
      if (!parts[i]) return NULL;
    }
    if (count % 2) parts[count / 2] = parts[count - 1];
  }
  return parts[0];
}

ms_node *ms_check_in(ms_checker *checker, ms_node *node) {
  ms_node *subject = node->args[0];
  ms_value *values = NULL;
  size_t count = node->count - 1;
  if (count == 1 && node->args[1]->kind == MS_NODE_LIST) {
    values = node->args[1]->list;
    count = node->args[1]->list_count;
  } else {
    values = ms_scratch(checker->source.context, count + 1, sizeof *values);
    if (!values) return NULL;
    for (size_t i = 0; i < count; i++) {
      if (node->args[i + 1]->kind != MS_NODE_CONSTANT) return any_equal(checker, node);
      values[i] = node->args[i + 1]->value;
    }
  }
  if (subject->untyped && count && !(subject = ms_check_convert(checker, subject, values[0].type)))
    return NULL;
  node->args[0] = subject;
  if (fit_list(checker, node, values, count)) return NULL;
  node->count = 1;
  node->type = MS_BOOLEAN;
  node->cost = 3;
  return ms_check_settle(checker, node);
}

/* ---- case ---- */

ms_node *ms_check_case(ms_checker *checker, ms_node *node) {
  ms_context *context = checker->source.context;
  for (size_t i = 0; i + 1 < node->count; i += 2) {
    const ms_node *condition = node->args[i];
    if (!condition->untyped && condition->type != MS_BOOLEAN) {
      (void)ms_source_fail(&checker->source, MS_ETYPE, condition->span,
                           "a condition is a boolean, not %s", ms_check_name(checker, condition));
      return NULL;
    }
    if (!(node->args[i] = ms_check_convert(checker, node->args[i], MS_BOOLEAN))) return NULL;
  }
  /* The values are every second argument and, where there is an else, the last. */
  size_t values = node->count / 2 + node->count % 2;
  ms_node **all = ms_scratch(context, values, sizeof *all);
  if (!all) return NULL;
  for (size_t i = 0; i < values; i++)
    all[i] = node->args[2 * i + 1 < node->count ? 2 * i + 1 : 2 * i];
  if (ms_check_common(checker, all, values, 1)) return NULL;
  for (size_t i = 0; i < values; i++)
    node->args[2 * i + 1 < node->count ? 2 * i + 1 : 2 * i] = all[i];
  node->type = all[0]->type;
  node->untyped = all[0]->untyped;
  for (size_t i = 0; i < values; i++) {
    if (!all[i]->untyped) node->untyped = false;
  }
  node->cost = 2;
  return ms_check_settle(checker, node);
}

/* ---- cast ---- */

static bool castable(ms_type from, ms_type to) {
  if (from == to || from == MS_TEXT || to == MS_TEXT) return true;
  bool from_day = from == MS_DATE || from == MS_TIME, to_day = to == MS_DATE || to == MS_TIME;
  return from_day == to_day;
}

ms_node *ms_check_cast(ms_checker *checker, ms_node *node) {
  const ms_node *arg = node->args[0];
  if (arg->untyped) return ms_check_convert(checker, node->args[0], node->type);
  if (!castable(arg->type, node->type)) {
    (void)ms_source_fail(&checker->source, MS_ETYPE, node->span, "%s cannot become %s",
                         ms_check_name(checker, arg), ms_type_name(node->type));
    if (arg->type == MS_DATE || arg->type == MS_TIME) {
      ms_fail_hint(checker->source.context, "write epoch(…) for seconds, or year(…), month(…), …");
    } else {
      ms_fail_hint(checker->source.context,
                   "write date'1970-01-01' + days, or from_epoch(seconds)");
    }
    return NULL;
  }
  if (arg->type == node->type) return node->args[0];
  node->fails =
      node->strict && (arg->type == MS_TEXT || (arg->type == MS_REAL && node->type == MS_INTEGER));
  node->cost = arg->type == MS_TEXT || node->type == MS_TEXT ? 20 : 2;
  return ms_check_settle(checker, node);
}
