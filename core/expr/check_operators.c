/* Types of operators. */
#include <math.h>
#include <string.h>

#include "core/expr/check.h"
#include "core/expr/duration.h"

static const char *const words[] = {"or",       "and",   "not",     "==",  "~=", "<",
                                    "<=",       ">",     ">=",      "<=>", "in", "between",
                                    "like",     "ilike", "is null", "..",  "+",  "-",
                                    "*",        "/",     "//",      "%",   "-",  "^",
                                    "coalesce", "least", "greatest"};

static ms_node *typed(ms_checker *checker, ms_node *node, ms_type type) {
  node->type = type;
  return ms_check_settle(checker, node);
}

/* "+ cannot take a (text) and b (integer)". */
static ms_node *misfit(ms_checker *checker, const ms_node *node) {
  const char *left = ms_check_name(checker, node->args[0]);
  if (node->count == 1) {
    (void)ms_source_fail(&checker->source, MS_ETYPE, node->span, "'%s' does not take %s",
                         words[node->op], left);
  } else {
    (void)ms_source_fail(&checker->source, MS_ETYPE, node->span, "'%s' does not take %s and %s",
                         words[node->op], left, ms_check_name(checker, node->args[1]));
  }
  return NULL;
}

static ms_node *check_logic(ms_checker *checker, ms_node *node) {
  for (size_t i = 0; i < node->count; i++) {
    const ms_node *arg = node->args[i];
    if (!arg->untyped && arg->type != MS_BOOLEAN) {
      (void)ms_source_fail(&checker->source, MS_ETYPE, arg->span, "'%s' needs a boolean, not %s",
                           words[node->op], ms_check_name(checker, arg));
      if (arg->type == MS_INTEGER || arg->type == MS_REAL) {
        ms_fail_hint(checker->source.context, "compare it: … ~= 0");
      }
      return NULL;
    }
    node->args[i] = ms_check_convert(checker, node->args[i], MS_BOOLEAN);
    if (!node->args[i]) return NULL;
  }
  return typed(checker, node, MS_BOOLEAN);
}

/* ---- comparisons ---- */

static void hint_comparison(ms_checker *checker, const ms_node *a, const ms_node *b) {
  ms_context *context = checker->source.context;
  bool a_days = a->type == MS_DATE || a->type == MS_TIME;
  if (a->type == MS_TEXT && b->type != MS_TEXT) {
    const ms_node *swap = a;
    a = b;
    b = swap;
    a_days = a->type == MS_DATE || a->type == MS_TIME;
  }
  if (a_days && b->type == MS_TEXT && b->kind == MS_NODE_CONSTANT) {
    ms_fail_hint(context,
                 a->type == MS_DATE ? "write date'2024-01-31'" : "write time'2024-01-31 10:00:00'");
  } else if (ms_is_number(a) && b->type == MS_TEXT && b->kind == MS_NODE_CONSTANT) {
    ms_fail_hint(context, "write the number without quotes");
  } else if (b->type == MS_TEXT) {
    ms_fail_hint(context, "convert one of them: cast(… as %s)", ms_type_name(a->type));
  } else if (a->type == MS_BOOLEAN || b->type == MS_BOOLEAN) {
    ms_fail_hint(context, "a boolean is compared with true or false");
  }
}

/* A constant as the type that it is compared with, where it has exactly that value. */
static ms_node *exact(ms_checker *checker, ms_node *constant, const ms_node *other) {
  if (constant->kind != MS_NODE_CONSTANT || constant->value.null || constant->type == other->type) {
    return constant;
  }
  const double limit = 9007199254740992.0;
  bool real = constant->type == MS_REAL;
  double value = real ? constant->value.real : (double)constant->value.integer;
  if (!(fabs(value) < limit) || value != floor(value)) return constant;
  ms_node *copy = ms_node_new(checker->source.context, MS_NODE_CONSTANT, constant->span);
  if (!copy) return NULL;
  copy->type = other->type;
  copy->value = (ms_value){.type = other->type};
  if (real) {
    copy->value.integer = (int64_t)value;
  } else {
    copy->value.real = value;
  }
  return copy;
}

static ms_node *check_comparison(ms_checker *checker, ms_node *node) {
  ms_node *a = node->args[0], *b = node->args[1];
  ms_type type;
  if (!ms_check_unify(a, b, &type)) {
    (void)ms_source_fail(&checker->source, MS_ETYPE, node->span, "cannot compare %s with %s",
                         ms_check_name(checker, a), ms_check_name(checker, b));
    hint_comparison(checker, a, b);
    return NULL;
  }
  if (!a->untyped && !b->untyped && a->type != b->type && type == MS_REAL) {
    /* Integer and real are compared exactly by the evaluator, without conversion. */
    if (!(node->args[0] = exact(checker, a, b)) ||
        !(node->args[1] = exact(checker, b, node->args[0])))
      return NULL;
    return typed(checker, node, MS_BOOLEAN);
  }
  node->args[0] = ms_check_convert(checker, a, type);
  node->args[1] = ms_check_convert(checker, b, type);
  if (!node->args[0] || !node->args[1]) return NULL;
  return typed(checker, node, MS_BOOLEAN);
}

static ms_node *check_between(ms_checker *checker, ms_node *node) {
  ms_node *low[2] = {node->args[0], node->args[1]}, *high[2] = {node->args[0], node->args[2]};
  ms_node *both[2] = {ms_check_make(checker, MS_OP_GE, node->span, low, 2), NULL};
  if (!both[0]) return NULL;
  both[1] = ms_check_make(checker, MS_OP_LE, node->span, high, 2);
  return both[1] ? ms_check_make(checker, MS_OP_AND, node->span, both, 2) : NULL;
}

static ms_node *check_texts(ms_checker *checker, ms_node *node, ms_type result) {
  for (size_t i = 0; i < node->count; i++) {
    const ms_node *arg = node->args[i];
    if (!arg->untyped && arg->type != MS_TEXT) {
      (void)ms_source_fail(&checker->source, MS_ETYPE, arg->span, "'%s' needs texts, not %s",
                           words[node->op], ms_check_name(checker, arg));
      ms_fail_hint(checker->source.context, "convert it: cast(… as text)");
      return NULL;
    }
    if (!(node->args[i] = ms_check_convert(checker, node->args[i], MS_TEXT))) return NULL;
  }
  if (result == MS_BOOLEAN && node->count == 3) {
    const ms_node *escape = node->args[2];
    bool one = escape->kind == MS_NODE_CONSTANT && !escape->value.null &&
               ms_utf8_length(escape->value.text) == 1;
    if (!one)
      return ms_check_fail(checker, MS_ETYPE, escape->span,
                           "the escape of 'like' is one character");
  }
  node->cost += result == MS_BOOLEAN ? 10 : 5;
  return typed(checker, node, result);
}

/* ---- arithmetic ---- */

/* A text literal next to a date or a time is a duration: @as_of - '7d'. */
static ms_node *as_duration(ms_checker *checker, ms_node *node, const ms_node *other) {
  bool days = !other->untyped && (other->type == MS_DATE || other->type == MS_TIME) &&
              other->kind != MS_NODE_DURATION;
  if (!days || node->kind != MS_NODE_CONSTANT || node->type != MS_TEXT || node->value.null)
    return node;
  ms_node *duration = ms_node_new(checker->source.context, MS_NODE_DURATION, node->span);
  if (!duration) return NULL;
  if (ms_duration_parse(node->value.text, &duration->duration)) return duration;
  (void)ms_check_fail(checker, MS_ETYPE, node->span, "the duration cannot be read");
  ms_fail_hint(checker->source.context,
               "durations are like '7d' or '1y6mo'; units: us ms s min h d w mo y");
  return NULL;
}

static ms_node *add_duration(ms_checker *checker, ms_node *node, ms_node *when, ms_node *duration) {
  ms_duration d = duration->duration;
  if (node->op == MS_OP_SUBTRACT) d = ms_duration_negated(d);
  if (when->type == MS_DATE && d.micros) {
    (void)ms_check_fail(checker, MS_ETYPE, duration->span,
                        "a date has no time of day to add this to");
    ms_fail_hint(checker->source.context, "cast the date: cast(… as time)");
    return NULL;
  }
  ms_node *sum = ms_node_with(checker->source.context, MS_NODE_OPERATOR, node->span, &when, 1);
  if (!sum) return NULL;
  sum->op = MS_OP_ADD;
  sum->duration = d;
  sum->fails = true;
  sum->cost = when->type == MS_TIME || d.months ? 8 : 1;
  return typed(checker, sum, when->type);
}

/* Dates and times in + and -; NULL without an error where neither is there. */
static ms_node *check_calendar(ms_checker *checker, ms_node *node, bool *found) {
  ms_node *a = node->args[0], *b = node->args[1];
  bool a_days =
      !a->untyped && (a->type == MS_DATE || a->type == MS_TIME) && a->kind != MS_NODE_DURATION;
  bool b_days =
      !b->untyped && (b->type == MS_DATE || b->type == MS_TIME) && b->kind != MS_NODE_DURATION;
  bool add = node->op == MS_OP_ADD;
  *found = a_days || b_days || a->kind == MS_NODE_DURATION || b->kind == MS_NODE_DURATION;
  if (!*found) return NULL;
  if (!(a = as_duration(checker, a, b)) || !(b = as_duration(checker, b, a))) return NULL;
  if (a_days && b->kind == MS_NODE_DURATION) return add_duration(checker, node, a, b);
  if (add && b_days && a->kind == MS_NODE_DURATION) return add_duration(checker, node, b, a);
  if (a_days && a->type == MS_DATE && (b->type == MS_INTEGER || b->untyped)) {
    if (!(node->args[1] = ms_check_convert(checker, b, MS_INTEGER))) return NULL;
    node->fails = true;
    return typed(checker, node, MS_DATE);
  }
  if (add && b_days && b->type == MS_DATE && (a->type == MS_INTEGER || a->untyped)) {
    node->args[0] = b;
    node->fails = true;
    if (!(node->args[1] = ms_check_convert(checker, a, MS_INTEGER))) return NULL;
    return typed(checker, node, MS_DATE);
  }
  if (!add && a_days && b_days && a->type == MS_DATE && b->type == MS_DATE) {
    return typed(checker, node, MS_INTEGER);
  }
  (void)misfit(checker, node);
  if (!add && a_days && b_days) {
    ms_fail_hint(checker->source.context,
                 "write days_between(from, to) or seconds_between(from, to)");
  } else if (a->type == MS_TIME || b->type == MS_TIME) {
    ms_fail_hint(checker->source.context, "say the unit: … + '7d', … - '90min'");
  }
  return NULL;
}

static ms_node *check_arithmetic(ms_checker *checker, ms_node *node) {
  if (node->op == MS_OP_ADD || node->op == MS_OP_SUBTRACT) {
    bool found;
    ms_node *sum = check_calendar(checker, node, &found);
    if (found) return sum;
  }
  bool real = node->op == MS_OP_DIVIDE || node->op == MS_OP_POWER, untyped = true;
  for (size_t i = 0; i < node->count; i++) {
    const ms_node *arg = node->args[i];
    if (!ms_is_number(arg)) {
      (void)misfit(checker, node);
      if (arg->type == MS_TEXT && node->op == MS_OP_ADD) {
        ms_fail_hint(checker->source.context, "texts are joined by '..'");
      } else if (arg->type == MS_BOOLEAN) {
        ms_fail_hint(checker->source.context, "write if(…, 1, 0) to count with a boolean");
      }
      return NULL;
    }
    real = real || (!arg->untyped && arg->type == MS_REAL);
    untyped = untyped && arg->untyped;
  }
  ms_type type = real ? MS_REAL : MS_INTEGER;
  for (size_t i = 0; i < node->count; i++) {
    if (!(node->args[i] = ms_check_convert(checker, node->args[i], type))) return NULL;
  }
  node->fails = !real && node->op != MS_OP_MODULO;
  if (node->op == MS_OP_POWER) node->cost += 10;
  return typed(checker, node, type);
}

static ms_node *check_negation(ms_checker *checker, ms_node *node) {
  ms_node *arg = node->args[0];
  if (arg->kind != MS_NODE_DURATION) return check_arithmetic(checker, node);
  arg->duration = ms_duration_negated(arg->duration);
  arg->span = node->span;
  return arg;
}

/* coalesce, least, greatest: values of one type. */
static ms_node *check_choice(ms_checker *checker, ms_node *node) {
  if (ms_check_common(checker, node->args, node->count, 1)) return NULL;
  node->untyped = node->args[0]->untyped;
  return typed(checker, node, node->args[0]->type);
}

ms_node *ms_check_operator(ms_checker *checker, ms_node *node) {
  switch (node->op) {
    case MS_OP_OR:
    case MS_OP_AND:
    case MS_OP_NOT: return check_logic(checker, node);
    case MS_OP_EQ:
    case MS_OP_NE:
    case MS_OP_LT:
    case MS_OP_LE:
    case MS_OP_GT:
    case MS_OP_GE:
    case MS_OP_SAME: return check_comparison(checker, node);
    case MS_OP_IN: return ms_check_in(checker, node);
    case MS_OP_BETWEEN: return check_between(checker, node);
    case MS_OP_LIKE:
    case MS_OP_ILIKE: return check_texts(checker, node, MS_BOOLEAN);
    case MS_OP_IS_NULL: return typed(checker, node, MS_BOOLEAN);
    case MS_OP_CONCAT: return check_texts(checker, node, MS_TEXT);
    case MS_OP_ADD:
    case MS_OP_SUBTRACT:
    case MS_OP_MULTIPLY:
    case MS_OP_DIVIDE:
    case MS_OP_FLOOR_DIVIDE:
    case MS_OP_MODULO:
    case MS_OP_POWER: return check_arithmetic(checker, node);
    case MS_OP_NEGATE: return check_negation(checker, node);
    case MS_OP_COALESCE:
    case MS_OP_LEAST:
    case MS_OP_GREATEST: return check_choice(checker, node);
  }
  return NULL;
}
