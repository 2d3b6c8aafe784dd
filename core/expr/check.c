/* Names and types: columns, parameters, conversions, what a node depends on. */
#include "core/expr/check.h"

#include <string.h>
#include <strings.h>

bool ms_is_number(const ms_node *node) {
  return node->untyped || node->type == MS_INTEGER || node->type == MS_REAL;
}

const char *ms_check_name(ms_checker *checker, const ms_node *node) {
  enum { SHOWN = 40 };
  ms_slice text = {checker->source.text + node->span.begin, node->span.end - node->span.begin};
  size_t size = text.size;
  if (size > SHOWN) size = ms_utf8_offset((ms_slice){text.data, SHOWN}, SHOWN);
  while (size < text.size && size && ((unsigned char)text.data[size] & 0xC0) == 0x80) size--;
  const char *name = ms_scratch_format(checker->source.context, "%.*s%s (%s)", (int)size, text.data,
                                       size < text.size ? "…" : "",
                                       node->untyped ? "null" : ms_type_name(node->type));
  return name ? name : ms_type_name(node->type);
}

ms_node *ms_check_fail(ms_checker *checker, ms_status status, ms_span span, const char *what) {
  (void)ms_source_fail(&checker->source, status, span, "%s", what ? what : "");
  return NULL;
}

/* ---- what a node depends on ---- */

static void depend(ms_node *node, const ms_node *on) {
  node->fails = node->fails || on->fails;
  node->cost += on->cost;
  if (on->columns == 0 || node->columns > 1) return;
  if (node->columns == 1 && on->columns == 1 && strcmp(node->only, on->only) == 0) return;
  node->columns += on->columns;
  node->only = on->only;
}

ms_node *ms_check_settle(ms_checker *checker, ms_node *node) {
  if (!node) return NULL;
  node->cost += 1;
  node->depth = 1;
  for (size_t i = 0; i < node->count; i++) {
    depend(node, node->args[i]);
    if (node->args[i]->depth >= node->depth) node->depth = node->args[i]->depth + 1;
  }
  if (node->columns > 1) node->only = NULL;
  if (node->columns == 0) return ms_fold(&checker->source, node);
  return node;
}

ms_node *ms_check_make(ms_checker *checker, ms_operator op, ms_span span, ms_node *const *args,
                       size_t count) {
  ms_node *node = ms_node_with(checker->source.context, MS_NODE_OPERATOR, span, args, count);
  if (!node) return NULL;
  node->op = op;
  return ms_check_operator(checker, node);
}

/* ---- conversions ---- */

ms_node *ms_check_convert(ms_checker *checker, ms_node *node, ms_type type) {
  if (!node || (node->type == type && !node->untyped)) return node;
  if (node->kind == MS_NODE_CONSTANT && node->value.null) {
    ms_node *copy = ms_node_new(checker->source.context, MS_NODE_CONSTANT, node->span);
    if (!copy) return NULL;
    copy->type = type;
    copy->value = (ms_value){.type = type, .null = true};
    return copy;
  }
  ms_node *cast = ms_node_with(checker->source.context, MS_NODE_CAST, node->span, &node, 1);
  if (!cast) return NULL;
  cast->type = type;
  cast->strict = true;
  return ms_check_settle(checker, cast);
}

bool ms_check_unify(const ms_node *a, const ms_node *b, ms_type *out) {
  *out = a->untyped ? b->type : a->type;
  if (a->untyped || b->untyped || a->type == b->type) return true;
  if (ms_is_number(a) && ms_is_number(b)) return *out = MS_REAL, true;
  bool days =
      (a->type == MS_DATE || a->type == MS_TIME) && (b->type == MS_DATE || b->type == MS_TIME);
  if (days) *out = MS_TIME;
  return days;
}

ms_status ms_check_common(ms_checker *checker, ms_node **nodes, size_t count, size_t step) {
  ms_node together = {.untyped = true, .type = MS_TEXT};
  const ms_node *first = NULL;
  for (size_t i = 0; i < count; i += step) {
    ms_type type;
    if (!ms_check_unify(&together, nodes[i], &type)) {
      return ms_source_fail(&checker->source, MS_ETYPE, nodes[i]->span, "%s does not fit %s",
                            ms_check_name(checker, nodes[i]), ms_check_name(checker, first));
    }
    if (!first && !nodes[i]->untyped) first = nodes[i];
    together.untyped = together.untyped && nodes[i]->untyped;
    together.type = type;
  }
  for (size_t i = 0; i < count; i += step) {
    nodes[i] = together.untyped ? nodes[i] : ms_check_convert(checker, nodes[i], together.type);
    if (!nodes[i]) return MS_EMEMORY;
  }
  return MS_OK;
}

/* ---- names ---- */

static ms_node *unknown_column(ms_checker *checker, ms_node *node) {
  ms_context *context = checker->source.context;
  const ms_frame *frame = checker->frame, *rows = checker->scope->rows;
  (void)ms_source_fail(&checker->source, MS_ECOLUMN, node->span, "unknown column '%s'", node->name);
  if (frame != rows && rows && ms_frame_find(rows, node->name) >= 0) {
    (void)ms_source_fail(&checker->source, MS_ECOLUMN, node->span,
                         "column '%s' is not a group key and has many values in a group",
                         node->name);
    ms_fail_hint(context, "say which: sum(%s), max(%s), first(%s), …", node->name, node->name,
                 node->name);
    return NULL;
  }
  ms_fail_suggest(context, node->name, (const char *const *)frame->names, frame->count);
  return NULL;
}

static ms_node *check_column(ms_checker *checker, ms_node *node) {
  int64_t i = ms_frame_find(checker->frame, node->name);
  if (i < 0) return unknown_column(checker, node);
  node->type = checker->frame->columns[i]->type;
  node->columns = 1;
  node->only = node->name;
  return node;
}

static ms_node *unknown_parameter(ms_checker *checker, const ms_node *node) {
  ms_context *context = checker->source.context;
  const ms_options *given = checker->scope->given;
  enum { MOST = 64 };
  const char *names[MOST];
  size_t count = 0;
  for (size_t i = 0; given && i < ms_options_count(given) && count < MOST; i++) {
    const char *name = ms_options_at(given, i)->name;
    if (name[0] == '@') names[count++] = name;
  }
  (void)ms_source_fail(&checker->source, MS_EPARAMETER, node->span,
                       "the parameter @%s has no value", node->name);
  const char *wrong = ms_scratch_format(context, "@%s", node->name);
  if (!wrong) return NULL;
  ms_fail_suggest(context, wrong, names, count);
  if (!count) ms_fail_hint(context, "give it: { %s = … }", node->name);
  return NULL;
}

static ms_node *check_parameter(ms_checker *checker, ms_node *node) {
  ms_context *context = checker->source.context;
  const char *name = ms_scratch_format(context, "@%s", node->name);
  if (!name) return NULL;
  const ms_option_value *given = ms_options_find(checker->scope->given, name);
  if (!given) return unknown_parameter(checker, node);
  if (given->list || given->count != 1) {
    ms_node *list = ms_node_new(context, MS_NODE_LIST, node->span);
    if (!list) return NULL;
    list->name = node->name;
    list->list = given->values;
    list->list_count = given->count;
    return list;
  }
  ms_node *constant = ms_node_new(context, MS_NODE_CONSTANT, node->span);
  if (!constant) return NULL;
  constant->value = given->values[0];
  constant->type = constant->value.null ? MS_TEXT : constant->value.type;
  constant->untyped = constant->value.null;
  return constant;
}

/* ---- the walk ---- */

static const ms_call_entry *find_call(const char *name) {
  for (size_t i = 0;; i++) {
    const ms_call_entry *entry = ms_call_at(i);
    if (!entry || strcasecmp(entry->name, name) == 0) return entry;
  }
}

static ms_status check_arguments(ms_checker *checker, ms_node *node) {
  for (size_t i = 0; i < node->count; i++) {
    ms_node *arg = ms_check(checker, node->args[i]);
    if (!arg) return MS_EARGUMENT;
    bool list_fits =
        node->kind == MS_NODE_OPERATOR && node->op == MS_OP_IN && i == 1 && node->count == 2;
    if (arg->kind == MS_NODE_LIST && !list_fits) {
      (void)ms_check_fail(checker, MS_ETYPE, arg->span, "a list parameter stands only behind 'in'");
      return MS_ETYPE;
    }
    bool duration_fits =
        node->kind == MS_NODE_OPERATOR &&
        (node->op == MS_OP_ADD || node->op == MS_OP_SUBTRACT || node->op == MS_OP_NEGATE);
    if (arg->kind == MS_NODE_DURATION && !duration_fits) {
      (void)ms_check_fail(checker, MS_ETYPE, arg->span,
                          "a duration is only added to a date or a time");
      return MS_ETYPE;
    }
    node->args[i] = arg;
  }
  return MS_OK;
}

/* The operand of `case x` and shared arguments are met more than once: a checked copy is made, so that
 * the parsed tree stays as it was. */
static ms_node *copy_of(ms_checker *checker, const ms_node *node) {
  ms_node *copy =
      ms_node_with(checker->source.context, node->kind, node->span, node->args, node->count);
  if (!copy) return NULL;
  ms_node **args = copy->args;
  *copy = *node;
  copy->args = args;
  return copy;
}

ms_node *ms_check(ms_checker *checker, ms_node *parsed) {
  ms_node *node = copy_of(checker, parsed);
  if (!node) return NULL;
  switch (node->kind) {
    case MS_NODE_CONSTANT:
    case MS_NODE_DURATION:
    case MS_NODE_LIST: return node;
    case MS_NODE_COLUMN: return check_column(checker, node);
    case MS_NODE_PARAMETER: return check_parameter(checker, node);
    case MS_NODE_OPERATOR:
      if (check_arguments(checker, node)) return NULL;
      return ms_check_operator(checker, node);
    case MS_NODE_CASE:
      if (check_arguments(checker, node)) return NULL;
      return ms_check_case(checker, node);
    case MS_NODE_CAST:
      if (check_arguments(checker, node)) return NULL;
      return ms_check_cast(checker, node);
    case MS_NODE_FUNCTION: break;
  }
  const ms_call_entry *entry = find_call(node->name);
  if (entry) return ms_check_call(checker, node, entry);
  if (check_arguments(checker, node)) return NULL;
  return ms_check_function(checker, node);
}
