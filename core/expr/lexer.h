/* Words of an expression's text. */
#ifndef MS_EXPR_LEXER_H
#define MS_EXPR_LEXER_H

#include "core/expr/node.h"

typedef enum {
  MS_TOKEN_END,
  MS_TOKEN_INTEGER,
  MS_TOKEN_REAL,
  MS_TOKEN_TEXT,
  MS_TOKEN_NAME,
  MS_TOKEN_PARAMETER,
  MS_TOKEN_SYMBOL
} ms_token_kind;

typedef struct {
  ms_token_kind kind;
  ms_span span;
  bool quoted;      /* a name in backticks: never a word of the language */
  const char *name; /* of names and parameters; of symbols the text itself */
  ms_slice text;    /* what a text literal means */
  uint64_t integer; /* at most 2^63 */
  double real;
} ms_token;

/* Reads one token at a time; copying the struct remembers the place. */
typedef struct {
  const ms_source *source;
  size_t at, size;
  ms_token token;
} ms_lexer;

/* Puts the lexer on the first token. MS_ELIMIT for a text that is too long. */
ms_status ms_lexer_start(ms_lexer *lexer, const ms_source *source);
ms_status ms_lexer_next(ms_lexer *lexer);
/* Whether the token is the symbol; the word of the language (any case). */
bool ms_token_is(const ms_token *token, const char *symbol);
bool ms_token_word(const ms_token *token, const char *word);
/* Whether a name must stand in backticks to be a name. */
bool ms_token_reserved(const ms_token *token);

#endif
