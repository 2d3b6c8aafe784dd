/* Functions: the overload that fits the arguments, conversions, and those that are operators in truth. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/expr/check.h"

static ms_node *unknown_function(ms_checker *checker, const ms_node *node) {
  enum { MOST = 256 };
  const char *names[MOST];
  size_t count = 0;
  for (size_t i = 0; i < ms_function_count() && count < MOST; i++) {
    const char *name = ms_function_name(i);
    if (!count || strcmp(names[count - 1], name) != 0) names[count++] = name;
  }
  ms_span span = {node->span.begin, node->span.begin + strlen(node->name)};
  (void)ms_source_fail(&checker->source, MS_EFUNCTION, span, "unknown function '%s'", node->name);
  int64_t nearest = ms_nearest(node->name, names, count);
  if (nearest >= 0) ms_fail_hint(checker->source.context, "did you mean '%s'?", names[nearest]);
  return NULL;
}

/* The letter of argument i; 0 behind the last. */
static char letter_at(const char *types, size_t i) {
  char last = 0;
  for (const char *t = types; *t; t++) {
    if (*t == '[') continue;
    if (*t == '+') return last;
    last = *t;
    if (i-- == 0) return last;
  }
  return 0;
}

static size_t least_arguments(const char *types) {
  const char *optional = strchr(types, '['), *repeated = strchr(types, '+');
  if (optional) return (size_t)(optional - types);
  return repeated ? (size_t)(repeated - types) : strlen(types);
}

static bool letter_fits(char letter, const ms_node *arg) {
  if (arg->untyped) return true;
  ms_type type = arg->type;
  switch (letter) {
    case 't': return type == MS_TEXT;
    case 'i': return type == MS_INTEGER;
    case 'r':
    case 'n': return type == MS_INTEGER || type == MS_REAL;
    case 'b': return type == MS_BOOLEAN;
    case 'd':
    case 'x': return type == MS_DATE || type == MS_TIME;
    case 'm': return type == MS_TIME || type == MS_DATE;
    default: return true;
  }
}

static bool overload_fits(const ms_function *function, const ms_node *node) {
  if (node->count < least_arguments(function->types)) return false;
  for (size_t i = 0; i < node->count; i++) {
    char letter = letter_at(function->types, i);
    if (!letter || !letter_fits(letter, node->args[i])) return false;
  }
  return true;
}

/* The first overload that fits, or NULL; *near: any function of that name. */
static const ms_function *find_function(const ms_node *node, const ms_function **near) {
  *near = NULL;
  for (size_t i = 0;; i++) {
    const ms_function *function = ms_function_at(i);
    if (!function) return NULL;
    if (strcasecmp(function->name, node->name) != 0) continue;
    if (!*near) *near = function;
    if (overload_fits(function, node)) return function;
  }
}

static ms_node *misfit(ms_checker *checker, const ms_node *node, const ms_function *near) {
  ms_span span = node->span;
  char text[256];
  size_t used = 0;
  for (size_t i = 0; i < node->count && used < sizeof text; i++) {
    const char *type = node->args[i]->untyped ? "null" : ms_type_name(node->args[i]->type);
    int wrote = snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "", type);
    used += wrote > 0 ? (size_t)wrote : 0;
  }
  (void)ms_source_fail(&checker->source, MS_ETYPE, span, "%s does not take (%s)", near->name,
                       node->count ? text : "");
  ms_fail_hint(checker->source.context, "%s: %s", near->signature, near->brief);
  return NULL;
}

/* ---- functions that are operators ---- */

static ms_node *rewrite_if(ms_checker *checker, ms_node *node) {
  ms_node *choice =
      ms_node_with(checker->source.context, MS_NODE_CASE, node->span, node->args, node->count);
  return choice ? ms_check_case(checker, choice) : NULL;
}

/* case when a == b then null else a end */
static ms_node *rewrite_nullif(ms_checker *checker, ms_node *node) {
  ms_context *context = checker->source.context;
  ms_node *equal = ms_check_make(checker, MS_OP_EQ, node->span, node->args, 2);
  ms_node *null = ms_node_new(context, MS_NODE_CONSTANT, node->span);
  if (!equal || !null) return NULL;
  null->untyped = null->value.null = true;
  null->type = MS_TEXT;
  ms_node *args[3] = {equal, null, node->args[0]};
  ms_node *choice = ms_node_with(context, MS_NODE_CASE, node->span, args, 3);
  return choice ? ms_check_case(checker, choice) : NULL;
}

static ms_node *rewrite(ms_checker *checker, ms_node *node, const ms_function *function) {
  switch (function->special) {
    case MS_SPECIAL_COALESCE:
      return ms_check_make(checker, MS_OP_COALESCE, node->span, node->args, node->count);
    case MS_SPECIAL_LEAST:
      return ms_check_make(checker, MS_OP_LEAST, node->span, node->args, node->count);
    case MS_SPECIAL_GREATEST:
      return ms_check_make(checker, MS_OP_GREATEST, node->span, node->args, node->count);
    case MS_SPECIAL_IF: return rewrite_if(checker, node);
    case MS_SPECIAL_NULLIF: return rewrite_nullif(checker, node);
    case MS_SPECIAL_NONE: break;
  }
  return NULL;
}

/* ---- table-driven ---- */

static ms_type letter_type(char letter, ms_type n, ms_type x) {
  switch (letter) {
    case 't': return MS_TEXT;
    case 'i': return MS_INTEGER;
    case 'r': return MS_REAL;
    case 'b': return MS_BOOLEAN;
    case 'd': return MS_DATE;
    case 'm': return MS_TIME;
    case 'n': return n;
    default: return x;
  }
}

static ms_status convert_arguments(ms_checker *checker, ms_node *node,
                                   const ms_function *function) {
  ms_type n = MS_INTEGER, x = MS_DATE;
  for (size_t i = 0; i < node->count; i++) {
    char letter = letter_at(function->types, i);
    const ms_node *arg = node->args[i];
    if (letter == 'n' && !arg->untyped && arg->type == MS_REAL) n = MS_REAL;
    if (letter == 'x' && !arg->untyped && arg->type == MS_TIME) x = MS_TIME;
  }
  for (size_t i = 0; i < node->count; i++) {
    char letter = letter_at(function->types, i);
    if (letter == 'a') continue;
    node->args[i] = ms_check_convert(checker, node->args[i], letter_type(letter, n, x));
    if (!node->args[i]) return MS_EMEMORY;
  }
  node->type = letter_type(function->result, n, x);
  return MS_OK;
}

static ms_status refuse_call_parts(ms_checker *checker, const ms_node *node) {
  if (!node->over && !node->where && !node->distinct) return MS_OK;
  (void)ms_source_fail(&checker->source, MS_ESYNTAX, node->span,
                       "%s is not an aggregate: it takes no '%s'", node->name,
                       node->over    ? "over"
                       : node->where ? "where"
                                     : "distinct");
  return MS_ESYNTAX;
}

ms_node *ms_check_function(ms_checker *checker, ms_node *node) {
  const ms_function *near, *function = find_function(node, &near);
  if (!near) return unknown_function(checker, node);
  if (refuse_call_parts(checker, node)) return NULL;
  if (!function) return misfit(checker, node, near);
  if (function->special != MS_SPECIAL_NONE) return rewrite(checker, node, function);
  if (convert_arguments(checker, node, function)) return NULL;
  node->function = function;
  node->fails = function->fails;
  node->cost = function->cost;
  if (function->prepare && function->prepare(&checker->source, node)) return NULL;
  return ms_check_settle(checker, node);
}
