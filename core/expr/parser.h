/* What the two files of the parser share. */
#ifndef MS_EXPR_PARSER_H
#define MS_EXPR_PARSER_H

#include "core/expr/lexer.h"

/* Nesting of the text, and height of the tree (long chains of operators are high, not nested). */
enum { MS_NESTING_MOST = 200, MS_HEIGHT_MOST = 1000 };

typedef struct {
  const ms_source *source;
  ms_lexer lexer;
  int nesting;
} ms_parser;

/* From the loosest operator on. */
ms_node *ms_parse_expression(ms_parser *parser);
/* What stands between operators: literals, names, calls, case, parentheses. */
ms_node *ms_parse_primary(ms_parser *parser);
/* NULL with an error where the tree becomes too high. */
ms_node *ms_parse_node(ms_parser *parser, ms_node_kind kind, ms_span span, ms_node *const *args,
                       size_t count);

/* Always NULL. */
ms_node *ms_parse_fail(ms_parser *parser, ms_span span, const char *what);
/* "expected …, found 'token'". */
ms_node *ms_parse_expected(ms_parser *parser, const char *what);
/* Takes the symbol or word if it is there. *status is left alone where it is not. */
bool ms_parse_take(ms_parser *parser, const char *symbol_or_word, ms_status *status);
/* The symbol must be there. */
ms_status ms_parse_need(ms_parser *parser, const char *symbol_or_word);

/* Nodes that grow in number. */
typedef struct {
  ms_node **items;
  size_t count, capacity;
} ms_nodes;
ms_status ms_nodes_add(ms_context *context, ms_nodes *nodes, ms_node *node);

/* The type that a word names in casts; false if none. */
bool ms_type_from_word(const char *word, ms_type *out);

#endif
