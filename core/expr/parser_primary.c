/* What stands between operators: literals, names, calls with where and over, case, cast. */
#include "core/expr/parser.h"

#include <string.h>
#include <strings.h>

#include "core/base/calendar.h"
#include "core/expr/duration.h"

bool ms_type_from_word(const char *word, ms_type *out) {
  static const struct {
    const char *word;
    ms_type type;
  } words[] = {{"boolean", MS_BOOLEAN}, {"bool", MS_BOOLEAN},   {"integer", MS_INTEGER},
               {"int", MS_INTEGER},     {"bigint", MS_INTEGER}, {"real", MS_REAL},
               {"double", MS_REAL},     {"float", MS_REAL},     {"text", MS_TEXT},
               {"varchar", MS_TEXT},    {"string", MS_TEXT},    {"date", MS_DATE},
               {"time", MS_TIME},       {"timestamp", MS_TIME}, {"datetime", MS_TIME}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcasecmp(word, words[i].word) == 0) return *out = words[i].type, true;
  }
  return false;
}

/* A constant from the token, which is taken. */
static ms_node *constant(ms_parser *parser, ms_value value) {
  ms_node *node = ms_node_new(parser->source->context, MS_NODE_CONSTANT, parser->lexer.token.span);
  if (!node || ms_lexer_next(&parser->lexer)) return NULL;
  node->type = value.type;
  node->value = value;
  return node;
}

static ms_node *parse_number(ms_parser *parser) {
  const ms_token *token = &parser->lexer.token;
  if (token->kind == MS_TOKEN_REAL) {
    return constant(parser, (ms_value){.type = MS_REAL, .real = token->real});
  }
  if (token->integer > INT64_MAX) {
    (void)ms_parse_fail(parser, token->span, "the integer does not fit 64 bits");
    ms_fail_hint(parser->source->context, "write it with a decimal point to make it a real");
    return NULL;
  }
  return constant(parser, (ms_value){.type = MS_INTEGER, .integer = (int64_t)token->integer});
}

/* date'…', time'…', duration'…'; the lexer stands on the word, a text follows at once. Times are put
 * on the wall of the session's zone. */
static ms_node *parse_dated(ms_parser *parser) {
  ms_context *context = parser->source->context;
  ms_token word = parser->lexer.token;
  if (ms_lexer_next(&parser->lexer)) return NULL;
  ms_token text = parser->lexer.token;
  parser->lexer.token.span.begin = word.span.begin;
  ms_span span = parser->lexer.token.span;
  if (ms_token_word(&word, "duration")) {
    ms_node *node = ms_node_new(context, MS_NODE_DURATION, span);
    if (!node || ms_lexer_next(&parser->lexer)) return NULL;
    if (ms_duration_parse(text.text, &node->duration)) return node;
    (void)ms_parse_fail(parser, span, "the duration cannot be read");
    ms_fail_hint(context, "durations are like '7d' or '1y6mo'; units: us ms s min h d w mo y");
    return NULL;
  }
  ms_moment moment;
  bool date = ms_token_word(&word, "date");
  if (!ms_moment_parse(text.text, &moment) || (date && moment.has_time)) {
    (void)ms_parse_fail(parser, span, date ? "the date cannot be read" : "the time cannot be read");
    ms_fail_hint(context, date ? "dates are like date'2024-01-31'"
                               : "times are like time'2024-01-31 10:00:00'");
    return NULL;
  }
  ms_value value = {.type = date ? MS_DATE : MS_TIME, .integer = moment.days};
  if (!date) value.integer = ms_duration_moment(context, &moment);
  return constant(parser, value);
}

/* Arguments up to the closing parenthesis, which is taken; *end is its end. */
static ms_status parse_arguments(ms_parser *parser, ms_nodes *nodes, ms_node **where, size_t *end) {
  ms_status status = MS_OK;
  bool first = true;
  while (!ms_token_is(&parser->lexer.token, ")")) {
    if (!first && !ms_token_word(&parser->lexer.token, "where")) {
      if ((status = ms_parse_need(parser, ","))) return status;
    }
    if (ms_parse_take(parser, "where", &status)) {
      if (status || !(*where = ms_parse_expression(parser))) return MS_ESYNTAX;
      break;
    }
    if ((status = ms_nodes_add(parser->source->context, nodes, ms_parse_expression(parser))))
      return status;
    first = false;
  }
  *end = parser->lexer.token.span.end;
  return ms_parse_need(parser, ")");
}

/* A list of expressions separated by commas. */
static ms_status parse_list(ms_parser *parser, ms_nodes *nodes) {
  ms_status status = MS_OK;
  do {
    if (status) return status;
    if ((status = ms_nodes_add(parser->source->context, nodes, ms_parse_expression(parser))))
      return status;
  } while (ms_parse_take(parser, ",", &status));
  return status;
}

static ms_status parse_order(ms_parser *parser, ms_over *over) {
  ms_context *context = parser->source->context;
  enum { MOST = 64 };
  ms_nodes nodes = {0};
  ms_status status = MS_OK;
  over->descending = ms_scratch_zero(context, MOST, sizeof *over->descending);
  over->nulls_first = ms_scratch_zero(context, MOST, sizeof *over->nulls_first);
  if (!over->descending || !over->nulls_first) return MS_EMEMORY;
  do {
    size_t i = nodes.count;
    if (i == MOST)
      return ms_parse_fail(parser, parser->lexer.token.span, "more than 64 sort keys"), MS_ESYNTAX;
    if (status || (status = ms_nodes_add(context, &nodes, ms_parse_expression(parser))))
      return status;
    over->descending[i] = ms_parse_take(parser, "desc", &status);
    if (!over->descending[i]) (void)ms_parse_take(parser, "asc", &status);
    if (!status && ms_parse_take(parser, "nulls", &status) && !status) {
      over->nulls_first[i] = ms_parse_take(parser, "first", &status);
      if (!over->nulls_first[i]) status = ms_parse_need(parser, "last");
    }
  } while (!status && ms_parse_take(parser, ",", &status));
  over->order = nodes.items;
  over->orders = nodes.count;
  return status;
}

/* unbounded preceding, 3 preceding, current row, 3 following, unbounded following. */
static ms_status parse_bound(ms_parser *parser, int64_t *out) {
  ms_status status = MS_OK;
  *out = 0;
  if (ms_parse_take(parser, "current", &status)) {
    return status ? status : ms_parse_need(parser, "row");
  }
  const ms_token *token = &parser->lexer.token;
  bool unbounded = ms_token_word(token, "unbounded");
  bool fits = token->kind == MS_TOKEN_INTEGER && token->integer <= UINT32_MAX;
  if (!unbounded && !fits) {
    (void)ms_parse_expected(parser, "a number of rows, 'unbounded' or 'current row'");
    return MS_ESYNTAX;
  }
  int64_t distance = unbounded ? INT64_MAX : (int64_t)token->integer;
  if ((status = ms_lexer_next(&parser->lexer))) return status;
  if (ms_parse_take(parser, "preceding", &status)) {
    *out = unbounded ? INT64_MIN : -distance;
    return status;
  }
  *out = distance;
  return ms_parse_need(parser, "following");
}

static ms_status parse_frame(ms_parser *parser, ms_over *over) {
  ms_status status = MS_OK;
  size_t begin = parser->lexer.token.span.begin;
  over->framed = true;
  if (ms_parse_take(parser, "between", &status)) {
    if (status || (status = parse_bound(parser, &over->first)) ||
        (status = ms_parse_need(parser, "and")) || (status = parse_bound(parser, &over->last))) {
      return status;
    }
  } else if ((status = parse_bound(parser, &over->first))) {
    return status;
  }
  if (over->first > over->last || over->first == INT64_MAX || over->last == INT64_MIN) {
    (void)ms_parse_fail(parser, (ms_span){begin, parser->lexer.token.span.begin},
                        "the frame is never any row");
    return MS_ESYNTAX;
  }
  return MS_OK;
}

/* The parentheses behind `over`. */
static ms_over *parse_over(ms_parser *parser, size_t *end) {
  ms_status status = MS_OK;
  ms_over *over = ms_scratch_zero(parser->source->context, 1, sizeof *over);
  if (!over || ms_parse_need(parser, "(")) return NULL;
  if (ms_parse_take(parser, "partition", &status)) {
    ms_nodes nodes = {0};
    if (status || ms_parse_need(parser, "by") || parse_list(parser, &nodes)) return NULL;
    over->partition = nodes.items;
    over->partitions = nodes.count;
  }
  if (ms_parse_take(parser, "order", &status)) {
    if (status || ms_parse_need(parser, "by") || parse_order(parser, over)) return NULL;
  }
  if (!status && ms_parse_take(parser, "rows", &status)) {
    if (status || parse_frame(parser, over)) return NULL;
  }
  if (ms_token_word(&parser->lexer.token, "range") ||
      ms_token_word(&parser->lexer.token, "groups")) {
    (void)ms_parse_fail(parser, parser->lexer.token.span, "frames are by rows only");
    ms_fail_hint(parser->source->context, "write 'rows between … and …'");
    return NULL;
  }
  *end = parser->lexer.token.span.end;
  return status || ms_parse_need(parser, ")") ? NULL : over;
}

static ms_node *parse_tail(ms_parser *parser, ms_node *node) {
  ms_status status = MS_OK;
  const ms_token *token = &parser->lexer.token;
  if (ms_token_word(token, "filter")) {
    (void)ms_parse_fail(parser, token->span, "expected an operator or the end, found filter");
    ms_fail_hint(parser->source->context, "the condition stands inside: %s(… where …)", node->name);
    return NULL;
  }
  if (ms_parse_take(parser, "over", &status)) {
    if (status || !(node->over = parse_over(parser, &node->span.end))) return NULL;
  }
  return status ? NULL : node;
}

/* name(…); the lexer stands on the parenthesis. */
static ms_node *parse_call(ms_parser *parser, const ms_token *name) {
  ms_nodes nodes = {0};
  ms_node *where = NULL;
  ms_status status = MS_OK;
  size_t end = 0;
  if (ms_lexer_next(&parser->lexer)) return NULL;
  bool distinct = false;
  if (ms_token_is(&parser->lexer.token, "*") && strcasecmp(name->name, "count") == 0) {
    if (ms_lexer_next(&parser->lexer)) return NULL;
  } else if (ms_token_word(&parser->lexer.token, "distinct")) {
    ms_lexer ahead = parser->lexer;
    if (ms_lexer_next(&ahead)) return NULL;
    if (!ms_token_is(&ahead.token, ")") && !ms_token_is(&ahead.token, ",")) {
      distinct = true;
      parser->lexer = ahead;
    }
  }
  if ((status = parse_arguments(parser, &nodes, &where, &end))) return NULL;
  ms_node *node = ms_parse_node(parser, MS_NODE_FUNCTION, (ms_span){name->span.begin, end},
                                nodes.items, nodes.count);
  if (!node) return NULL;
  node->name = name->name;
  node->where = where;
  node->distinct = distinct;
  return parse_tail(parser, node);
}

/* cast(x as type) and try_cast(x as type). */
static ms_node *parse_cast(ms_parser *parser, const ms_token *name) {
  if (ms_lexer_next(&parser->lexer)) return NULL;
  ms_node *node = ms_parse_expression(parser);
  if (!node || ms_parse_need(parser, "as")) return NULL;
  const ms_token *token = &parser->lexer.token;
  ms_type type;
  if (token->kind != MS_TOKEN_NAME || !ms_type_from_word(token->name, &type)) {
    (void)ms_parse_expected(parser, "a type");
    ms_fail_hint(parser->source->context, "types: boolean, integer, real, text, date, time");
    return NULL;
  }
  if (ms_lexer_next(&parser->lexer)) return NULL;
  ms_span span = {name->span.begin, parser->lexer.token.span.end};
  if (ms_parse_need(parser, ")")) return NULL;
  node = ms_parse_node(parser, MS_NODE_CAST, span, &node, 1);
  if (!node) return NULL;
  node->type = type;
  node->strict = ms_token_word(name, "cast");
  return node;
}

/* case [x] when a then b … [else c] end; `case x when a` compares x == a. */
static ms_node *parse_case(ms_parser *parser) {
  ms_context *context = parser->source->context;
  size_t begin = parser->lexer.token.span.begin;
  ms_nodes nodes = {0};
  ms_node *subject = NULL;
  ms_status status = MS_OK;
  if (ms_lexer_next(&parser->lexer)) return NULL;
  if (!ms_token_word(&parser->lexer.token, "when")) {
    if (!(subject = ms_parse_expression(parser))) return NULL;
  }
  if (!ms_token_word(&parser->lexer.token, "when")) return ms_parse_expected(parser, "'when'");
  while (!status && ms_parse_take(parser, "when", &status)) {
    ms_node *args[2] = {subject, status ? NULL : ms_parse_expression(parser)};
    ms_node *condition = args[1];
    if (condition && subject) {
      condition = ms_parse_node(parser, MS_NODE_OPERATOR, args[1]->span, args, 2);
      if (condition) condition->op = MS_OP_EQ;
    }
    if (ms_nodes_add(context, &nodes, condition) || ms_parse_need(parser, "then") ||
        ms_nodes_add(context, &nodes, ms_parse_expression(parser))) {
      return NULL;
    }
  }
  if (!status && ms_parse_take(parser, "else", &status)) {
    if (status || ms_nodes_add(context, &nodes, ms_parse_expression(parser))) return NULL;
  }
  ms_span span = {begin, parser->lexer.token.span.end};
  if (status || ms_parse_need(parser, "end")) return NULL;
  return ms_parse_node(parser, MS_NODE_CASE, span, nodes.items, nodes.count);
}

static ms_node *parse_name(ms_parser *parser) {
  ms_token name = parser->lexer.token;
  ms_lexer ahead = parser->lexer;
  if (ms_lexer_next(&ahead)) return NULL;
  bool literal = ms_token_word(&name, "date") || ms_token_word(&name, "time") ||
                 ms_token_word(&name, "duration");
  if (literal && ahead.token.kind == MS_TOKEN_TEXT) return parse_dated(parser);
  parser->lexer = ahead;
  if (!name.quoted && ms_token_is(&ahead.token, "(")) {
    bool cast = ms_token_word(&name, "cast") || ms_token_word(&name, "try_cast");
    return cast ? parse_cast(parser, &name) : parse_call(parser, &name);
  }
  ms_node *node = ms_node_new(parser->source->context, MS_NODE_COLUMN, name.span);
  if (node) node->name = name.name;
  return node;
}

/* (…): the span of the inside is widened, so that a caret shows the parentheses too. */
static ms_node *parse_parentheses(ms_parser *parser) {
  size_t begin = parser->lexer.token.span.begin;
  if (ms_lexer_next(&parser->lexer)) return NULL;
  ms_node *node = ms_parse_expression(parser);
  if (!node) return NULL;
  ms_span span = {begin, parser->lexer.token.span.end};
  if (ms_token_is(&parser->lexer.token, ",")) {
    (void)ms_parse_expected(parser, "')'");
    ms_fail_hint(parser->source->context, "a list stands only behind 'in'");
    return NULL;
  }
  if (ms_parse_need(parser, ")")) return NULL;
  node->span = span;
  return node;
}

ms_node *ms_parse_primary(ms_parser *parser) {
  const ms_token *token = &parser->lexer.token;
  if (token->kind == MS_TOKEN_INTEGER || token->kind == MS_TOKEN_REAL) return parse_number(parser);
  if (token->kind == MS_TOKEN_TEXT)
    return constant(parser, (ms_value){.type = MS_TEXT, .text = token->text});
  if (token->kind == MS_TOKEN_PARAMETER) {
    ms_node *node = ms_node_new(parser->source->context, MS_NODE_PARAMETER, token->span);
    if (node) node->name = token->name;
    return node && !ms_lexer_next(&parser->lexer) ? node : NULL;
  }
  if (ms_token_is(token, "(")) return parse_parentheses(parser);
  if (ms_token_word(token, "case")) return parse_case(parser);
  if (ms_token_word(token, "null")) {
    ms_node *node = constant(parser, (ms_value){.type = MS_TEXT, .null = true});
    if (node) node->untyped = true;
    return node;
  }
  bool truth = ms_token_word(token, "true");
  if (truth || ms_token_word(token, "false")) {
    return constant(parser, (ms_value){.type = MS_BOOLEAN, .integer = truth});
  }
  if (token->kind == MS_TOKEN_NAME && !ms_token_reserved(token)) return parse_name(parser);
  return ms_parse_expected(parser, "a value");
}
