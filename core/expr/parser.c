/* The operators of an expression, by precedence climbing (V. Pratt, "Top down operator precedence",
 * 1973). Loosest first: or, and, not, comparisons (which do not chain), .., + -, * / // %, unary -, ^,
 * and ::type behind a value. */
#include "core/expr/parser.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { OR = 1, AND, NOT, COMPARE, CONCAT, SUM, PRODUCT, UNARY, POWER };

typedef struct {
  const char *text;
  int level;
  ms_operator op;
} infix;

static const infix infixes[] = {{"or", OR, MS_OP_OR},           {"and", AND, MS_OP_AND},
                                {"==", COMPARE, MS_OP_EQ},      {"~=", COMPARE, MS_OP_NE},
                                {"!=", COMPARE, MS_OP_NE},      {"<>", COMPARE, MS_OP_NE},
                                {"<", COMPARE, MS_OP_LT},       {"<=", COMPARE, MS_OP_LE},
                                {">", COMPARE, MS_OP_GT},       {">=", COMPARE, MS_OP_GE},
                                {"<=>", COMPARE, MS_OP_SAME},   {"in", COMPARE, MS_OP_IN},
                                {"is", COMPARE, MS_OP_IS_NULL}, {"between", COMPARE, MS_OP_BETWEEN},
                                {"like", COMPARE, MS_OP_LIKE},  {"ilike", COMPARE, MS_OP_ILIKE},
                                {"..", CONCAT, MS_OP_CONCAT},   {"+", SUM, MS_OP_ADD},
                                {"-", SUM, MS_OP_SUBTRACT},     {"*", PRODUCT, MS_OP_MULTIPLY},
                                {"/", PRODUCT, MS_OP_DIVIDE},   {"//", PRODUCT, MS_OP_FLOOR_DIVIDE},
                                {"%", PRODUCT, MS_OP_MODULO},   {"^", POWER, MS_OP_POWER}};

static const infix *find_infix(const ms_token *token) {
  for (size_t i = 0; i < sizeof infixes / sizeof *infixes; i++) {
    if (ms_token_is(token, infixes[i].text) || ms_token_word(token, infixes[i].text))
      return &infixes[i];
  }
  return NULL;
}

ms_node *ms_parse_fail(ms_parser *parser, ms_span span, const char *what) {
  (void)ms_source_fail(parser->source, MS_ESYNTAX, span, "%s", what);
  return NULL;
}

ms_node *ms_parse_expected(ms_parser *parser, const char *what) {
  const ms_token *token = &parser->lexer.token;
  ms_span span = token->span;
  if (token->kind == MS_TOKEN_END) {
    (void)ms_source_fail(parser->source, MS_ESYNTAX, span, "expected %s, found the end", what);
    return NULL;
  }
  int size = (int)(span.end - span.begin < 40 ? span.end - span.begin : 40);
  (void)ms_source_fail(parser->source, MS_ESYNTAX, span, "expected %s, found %.*s", what, size,
                       parser->source->text + span.begin);
  if (ms_token_is(token, "=")) {
    ms_fail_hint(parser->source->context, "write '==' to compare");
  } else if (ms_token_reserved(token)) {
    ms_fail_hint(parser->source->context, "a column of that name stands in backticks: `%s`",
                 token->name);
  }
  return NULL;
}

bool ms_parse_take(ms_parser *parser, const char *text, ms_status *status) {
  const ms_token *token = &parser->lexer.token;
  if (!ms_token_is(token, text) && !ms_token_word(token, text)) return false;
  *status = ms_lexer_next(&parser->lexer);
  return true;
}

ms_status ms_parse_need(ms_parser *parser, const char *text) {
  ms_status status = MS_OK;
  if (ms_parse_take(parser, text, &status)) return status;
  char what[32];
  (void)snprintf(what, sizeof what, "'%s'", text);
  (void)ms_parse_expected(parser, what);
  return MS_ESYNTAX;
}

ms_status ms_nodes_add(ms_context *context, ms_nodes *nodes, ms_node *node) {
  if (!node) return MS_ESYNTAX;
  if (nodes->count == nodes->capacity) {
    size_t capacity = nodes->capacity ? nodes->capacity * 2 : 8;
    ms_node **items = ms_scratch(context, capacity, sizeof *items);
    if (!items) return MS_EMEMORY;
    if (nodes->count) memcpy(items, nodes->items, nodes->count * sizeof *items);
    nodes->items = items;
    nodes->capacity = capacity;
  }
  nodes->items[nodes->count++] = node;
  return MS_OK;
}

ms_node *ms_parse_node(ms_parser *parser, ms_node_kind kind, ms_span span, ms_node *const *args,
                       size_t count) {
  ms_node *node = ms_node_with(parser->source->context, kind, span, args, count);
  if (node && node->depth > MS_HEIGHT_MOST) {
    (void)ms_source_fail(parser->source, MS_ELIMIT, span, "more than %d operators in a chain",
                         MS_HEIGHT_MOST);
    return NULL;
  }
  return node;
}

static ms_node *operator_node(ms_parser *parser, ms_operator op, ms_node *const *args,
                              size_t count) {
  ms_span span = {args[0]->span.begin, args[count - 1]->span.end};
  ms_node *node = ms_parse_node(parser, MS_NODE_OPERATOR, span, args, count);
  if (node) node->op = op;
  return node;
}

static ms_node *parse_level(ms_parser *parser, int level);

/* (a, b, …) or @list behind `in`. */
static ms_node *parse_in(ms_parser *parser, ms_node *left) {
  ms_context *context = parser->source->context;
  ms_nodes nodes = {0};
  ms_status status = ms_nodes_add(context, &nodes, left);
  if (status) return NULL;
  if (parser->lexer.token.kind == MS_TOKEN_PARAMETER) {
    if (ms_nodes_add(context, &nodes, ms_parse_primary(parser))) return NULL;
    return operator_node(parser, MS_OP_IN, nodes.items, nodes.count);
  }
  if (!ms_token_is(&parser->lexer.token, "("))
    return ms_parse_expected(parser, "a list: (…, …) or @parameter");
  if (ms_lexer_next(&parser->lexer)) return NULL;
  if (!ms_token_is(&parser->lexer.token, ")")) {
    do {
      if (status || ms_nodes_add(context, &nodes, ms_parse_expression(parser))) return NULL;
    } while (ms_parse_take(parser, ",", &status));
  }
  size_t end = parser->lexer.token.span.end;
  if (status || ms_parse_need(parser, ")")) return NULL;
  ms_node *node = operator_node(parser, MS_OP_IN, nodes.items, nodes.count);
  if (node) node->span.end = end;
  return node;
}

static ms_node *parse_between(ms_parser *parser, ms_node *left) {
  ms_node *args[3] = {left};
  if (!(args[1] = parse_level(parser, CONCAT)) || ms_parse_need(parser, "and") ||
      !(args[2] = parse_level(parser, CONCAT))) {
    return NULL;
  }
  return operator_node(parser, MS_OP_BETWEEN, args, 3);
}

static ms_node *parse_like(ms_parser *parser, ms_operator op, ms_node *left) {
  ms_node *args[3] = {left, parse_level(parser, CONCAT)};
  size_t count = 2;
  ms_status status = MS_OK;
  if (!args[1]) return NULL;
  if (ms_parse_take(parser, "escape", &status)) {
    if (status || !(args[2] = parse_level(parser, CONCAT))) return NULL;
    count = 3;
  }
  return operator_node(parser, op, args, count);
}

static ms_node *negated(ms_parser *parser, ms_node *node) {
  return node ? operator_node(parser, MS_OP_NOT, &node, 1) : NULL;
}

static ms_node *parse_is(ms_parser *parser, ms_node *left) {
  ms_status status = MS_OK;
  bool not = ms_parse_take(parser, "not", &status);
  if (status) return NULL;
  size_t end = parser->lexer.token.span.end;
  if (ms_parse_need(parser, "null")) return NULL;
  ms_node *node = operator_node(parser, MS_OP_IS_NULL, &left, 1);
  if (node) node->span.end = end;
  return not ? negated(parser, node) : node;
}

/* The right side of a comparison; comparisons do not chain. */
static ms_node *parse_comparison(ms_parser *parser, ms_operator op, ms_node *left, bool not ) {
  ms_node *node;
  if (op == MS_OP_IN) {
    node = parse_in(parser, left);
  } else if (op == MS_OP_BETWEEN) {
    node = parse_between(parser, left);
  } else if (op == MS_OP_LIKE || op == MS_OP_ILIKE) {
    node = parse_like(parser, op, left);
  } else if (op == MS_OP_IS_NULL) {
    node = parse_is(parser, left);
  } else {
    ms_node *args[2] = {left, parse_level(parser, CONCAT)};
    node = args[1] ? operator_node(parser, op, args, 2) : NULL;
  }
  if (not ) node = negated(parser, node);
  if (!node) return NULL;
  const infix *next = find_infix(&parser->lexer.token);
  if (next && next->level == COMPARE) {
    (void)ms_parse_fail(parser, parser->lexer.token.span, "comparisons cannot be chained");
    ms_fail_hint(parser->source->context,
                 "write 'a < b and b < c', or put one of them in parentheses");
    return NULL;
  }
  return node;
}

/* `not in`, `not between`, `not like` behind a value: the lexer is moved behind `not`. */
static const infix *find_negated(ms_parser *parser, ms_status *status) {
  if (!ms_token_word(&parser->lexer.token, "not")) return NULL;
  ms_lexer ahead = parser->lexer;
  if ((*status = ms_lexer_next(&ahead))) return NULL;
  const infix *next = find_infix(&ahead.token);
  bool fits = next && (next->op == MS_OP_IN || next->op == MS_OP_BETWEEN ||
                       next->op == MS_OP_LIKE || next->op == MS_OP_ILIKE);
  if (!fits) return NULL;
  parser->lexer = ahead;
  return next;
}

static ms_node *parse_postfix(ms_parser *parser) {
  ms_node *node = ms_parse_primary(parser);
  ms_status status = MS_OK;
  while (node && ms_parse_take(parser, "::", &status)) {
    const ms_token *token = &parser->lexer.token;
    ms_type type;
    if (status) return NULL;
    if (token->kind != MS_TOKEN_NAME || !ms_type_from_word(token->name, &type)) {
      (void)ms_parse_expected(parser, "a type");
      ms_fail_hint(parser->source->context, "types: boolean, integer, real, text, date, time");
      return NULL;
    }
    node =
        ms_parse_node(parser, MS_NODE_CAST, (ms_span){node->span.begin, token->span.end}, &node, 1);
    if (!node || ms_lexer_next(&parser->lexer)) return NULL;
    node->type = type;
    node->strict = true;
  }
  return status ? NULL : node;
}

/* The least integer is a minus and a number that is one too large. */
static ms_node *parse_negation(ms_parser *parser) {
  size_t begin = parser->lexer.token.span.begin;
  if (ms_lexer_next(&parser->lexer)) return NULL;
  const ms_token *token = &parser->lexer.token;
  ms_node *node;
  if (token->kind == MS_TOKEN_INTEGER && token->integer == UINT64_C(1) << 63) {
    node =
        ms_node_new(parser->source->context, MS_NODE_CONSTANT, (ms_span){begin, token->span.end});
    if (!node || ms_lexer_next(&parser->lexer)) return NULL;
    node->type = MS_INTEGER;
    node->value = (ms_value){.type = MS_INTEGER, .integer = INT64_MIN};
    return node;
  }
  node = parse_level(parser, UNARY);
  if (!node) return NULL;
  node = operator_node(parser, MS_OP_NEGATE, &node, 1);
  if (node) node->span.begin = begin;
  return node;
}

static ms_node *parse_prefix(ms_parser *parser) {
  const ms_token *token = &parser->lexer.token;
  ms_span span = token->span;
  if (ms_token_is(token, "-")) return parse_negation(parser);
  if (!ms_token_word(token, "not")) return parse_postfix(parser);
  if (ms_lexer_next(&parser->lexer)) return NULL;
  ms_node *node = negated(parser, parse_level(parser, NOT));
  if (node) node->span.begin = span.begin;
  return node;
}

static ms_node *parse_infix(ms_parser *parser, ms_node *left, int level) {
  for (;;) {
    ms_status status = MS_OK;
    const infix *op = find_negated(parser, &status);
    bool not = op;
    if (status) return NULL;
    if (!op) op = find_infix(&parser->lexer.token);
    if (!op || op->level < level) return left;
    if (ms_lexer_next(&parser->lexer)) return NULL;
    if (op->level == COMPARE) {
      left = parse_comparison(parser, op->op, left, not );
    } else { /* ^ binds to the right, and takes a minus there */
      ms_node *args[2] = {left, parse_level(parser, op->level == POWER ? UNARY : op->level + 1)};
      left = args[1] ? operator_node(parser, op->op, args, 2) : NULL;
    }
    if (!left) return NULL;
  }
}

static ms_node *parse_level(ms_parser *parser, int level) {
  if (++parser->nesting > MS_NESTING_MOST) {
    (void)ms_source_fail(parser->source, MS_ELIMIT, parser->lexer.token.span,
                         "nested more than %d deep", MS_NESTING_MOST);
    return NULL;
  }
  ms_node *left = parse_prefix(parser);
  if (left) left = parse_infix(parser, left, level);
  parser->nesting--;
  return left;
}

ms_node *ms_parse_expression(ms_parser *parser) { return parse_level(parser, OR); }

ms_node *ms_parse(const ms_source *source) {
  ms_parser parser = {.source = source};
  if (ms_lexer_start(&parser.lexer, source)) return NULL;
  if (parser.lexer.token.kind == MS_TOKEN_END) {
    return ms_parse_fail(&parser, parser.lexer.token.span, "the expression is empty");
  }
  ms_node *node = ms_parse_expression(&parser);
  if (!node || parser.lexer.token.kind == MS_TOKEN_END) return node;
  return ms_parse_expected(&parser, "an operator or the end");
}
