/* Words of an expression: names in any script, numbers, texts, symbols, with help for what is written in
 * the manner of other languages. */
#include "core/expr/lexer.h"

#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "core/base/number.h"

enum { TEXT_MOST = 64 * 1024 };

static bool is_digit(char c) { return (unsigned)(c - '0') < 10; }
static bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* The code point at `at`, and whether it may stand in a name (first or later). */
static bool name_point(const ms_lexer *lexer, size_t *at, bool first) {
  unsigned char c = (unsigned char)lexer->source->text[*at];
  if (c < 128) {
    bool letter = c == '_' || (unsigned)((c | 32) - 'a') < 26;
    if (!letter && (first || !is_digit((char)c))) return false;
    ++*at;
    return true;
  }
  size_t next = *at;
  int32_t point = ms_utf8_next((ms_slice){lexer->source->text, lexer->size}, &next);
  if (point < 0 || point == 0xFEFF || (point >= 0xFF00 && point < 0xFF10)) return false;
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_SO: *at = next; return true;
    default: return false;
  }
}

static ms_status fail(const ms_lexer *lexer, size_t begin, size_t end, const char *what) {
  return ms_source_fail(lexer->source, MS_ESYNTAX, (ms_span){begin, end}, "%s", what);
}

static ms_status read_name(ms_lexer *lexer) {
  const char *text = lexer->source->text;
  size_t begin = lexer->at, at = begin;
  while (at < lexer->size && name_point(lexer, &at, at == begin)) {}
  while (at + 1 < lexer->size && text[at] == '.') { /* a.x is one name */
    size_t next = at + 1;
    if (!name_point(lexer, &next, true)) break;
    while (next < lexer->size && name_point(lexer, &next, false)) {}
    at = next;
  }
  lexer->at = at;
  lexer->token.kind = MS_TOKEN_NAME;
  lexer->token.name = ms_scratch_text(lexer->source->context, text + begin, at - begin);
  return lexer->token.name ? MS_OK : MS_EMEMORY;
}

/* `odd name`, with `` for a backtick in it. */
static ms_status read_quoted_name(ms_lexer *lexer) {
  const char *text = lexer->source->text;
  size_t begin = lexer->at++;
  ms_string name = ms_string_new(lexer->source->context);
  for (;; lexer->at++) {
    if (lexer->at >= lexer->size)
      return fail(lexer, begin, lexer->size, "the name has no closing `");
    char c = text[lexer->at];
    if (c == '`') {
      if (text[lexer->at + 1] != '`') break;
      lexer->at++;
    }
    ms_string_char(&name, c, 1);
  }
  if (lexer->at++ == begin + 1)
    return fail(lexer, begin, lexer->at, "the name in backticks is empty");
  lexer->token.kind = MS_TOKEN_NAME;
  lexer->token.quoted = true;
  lexer->token.name = ms_string_done(&name);
  return lexer->token.name ? MS_OK : MS_EMEMORY;
}

/* \u{1F600}; the lexer stands on the u. */
static ms_status read_point(ms_lexer *lexer, ms_string *out) {
  const char *text = lexer->source->text;
  size_t at = lexer->at + 1;
  uint32_t point = 0;
  int digits = 0;
  if (text[at] == '{') {
    for (at++; digits < 7; at++, digits++) {
      char c = text[at];
      unsigned value = is_digit(c) ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a') + 10;
      if (value > 15) break;
      point = point * 16 + value;
    }
  }
  bool surrogate = point >= 0xD800 && point < 0xE000;
  if (!digits || text[at] != '}' || point > 0x10FFFF || point == 0 || surrogate) {
    return fail(lexer, lexer->at - 1, at,
                "expected \\u{…} with the hexadecimal number of a character");
  }
  char bytes[4];
  ms_string_add(out, bytes, ms_utf8_put(bytes, point));
  lexer->at = at;
  return MS_OK;
}

/* '…' or "…": quotes doubled or behind a backslash; other escapes are left to patterns. */
static ms_status read_text(ms_lexer *lexer) {
  const char *text = lexer->source->text;
  size_t begin = lexer->at;
  char quote = text[lexer->at++];
  ms_string out = ms_string_new(lexer->source->context);
  for (;; lexer->at++) {
    if (lexer->at >= lexer->size) {
      return fail(lexer, begin, lexer->size, "the text has no closing quote");
    }
    char c = text[lexer->at], next = text[lexer->at + 1];
    if (c == quote) {
      if (next != quote) break;
      lexer->at++;
    } else if (c == '\\' && next && strchr("nt\\'\"u", next)) {
      lexer->at++;
      c = next == 'n' ? '\n' : next == 't' ? '\t' : next;
      if (next == 'u') {
        ms_status status = read_point(lexer, &out);
        if (status) return status;
        continue;
      }
    }
    ms_string_char(&out, c, 1);
  }
  lexer->at++;
  size_t size = out.size;
  const char *done = ms_string_done(&out);
  lexer->token.kind = MS_TOKEN_TEXT;
  lexer->token.text = (ms_slice){done, size};
  return done ? MS_OK : MS_EMEMORY;
}

static void copy_digits(ms_lexer *lexer, char *digits, size_t *count) {
  const char *text = lexer->source->text;
  while (is_digit(text[lexer->at]) || (text[lexer->at] == '_' && is_digit(text[lexer->at + 1]))) {
    if (text[lexer->at] != '_') digits[(*count)++] = text[lexer->at];
    lexer->at++;
  }
}

static ms_status read_number(ms_lexer *lexer) {
  const char *text = lexer->source->text;
  size_t begin = lexer->at, count = 0, rest = begin;
  while (rest < lexer->size && (is_digit(text[rest]) || strchr("._eE+-", text[rest]))) rest++;
  char *digits = ms_scratch(lexer->source->context, rest - begin + 1, 1);
  if (!digits) return MS_EMEMORY;
  bool real = false;
  copy_digits(lexer, digits, &count);
  if (text[lexer->at] == '.' && text[lexer->at + 1] != '.') {
    real = true;
    digits[count++] = text[lexer->at++];
    copy_digits(lexer, digits, &count);
  }
  if ((text[lexer->at] | 32) == 'e') {
    real = true;
    digits[count++] = text[lexer->at++];
    if (text[lexer->at] == '+' || text[lexer->at] == '-') digits[count++] = text[lexer->at++];
    copy_digits(lexer, digits, &count);
  }
  size_t end = lexer->at;
  if (name_point(lexer, &end, true)) {
    return fail(lexer, begin, end, "a number cannot be followed by a letter");
  }
  ms_slice number = {digits, count};
  lexer->token.kind = real ? MS_TOKEN_REAL : MS_TOKEN_INTEGER;
  if (real) {
    if (ms_real_parse(number, &lexer->token.real)) return MS_OK;
    return fail(lexer, begin, lexer->at, "the number cannot be read or is too large");
  }
  int64_t value = 0;
  while (number.size > 1 && *number.data == '0')
    number = (ms_slice){number.data + 1, number.size - 1};
  bool most = ms_slice_equal(number, ms_slice_of("9223372036854775808")); /* after a minus */
  if (!most && !ms_integer_parse(number, &value)) {
    ms_status status = fail(lexer, begin, lexer->at, "the integer does not fit 64 bits");
    ms_fail_hint(lexer->source->context, "write it with a decimal point to make it a real");
    return status;
  }
  lexer->token.integer = most ? UINT64_C(1) << 63 : (uint64_t)value;
  return MS_OK;
}

/* What other languages write, and what is written here. */
static const char *const foreign[][2] = {{"&&", "write 'and'"},
                                         {"||", "write 'or'; texts are joined by '..'"},
                                         {"===", "write '=='"},
                                         {"!", "write 'not', or '!=' for unequal"},
                                         {"=", "write '==' to compare"},
                                         {"&", "write 'and'"},
                                         {"|", "write 'or'"}};

static ms_status unknown_character(ms_lexer *lexer) {
  ms_slice text = {lexer->source->text, lexer->size};
  size_t begin = lexer->at, end = begin;
  int32_t point = ms_utf8_next(text, &end);
  ms_status status;
  if (point < 0) return fail(lexer, begin, end, "the text is not valid UTF-8 here");
  if (point < 0x20) return fail(lexer, begin, end, "a control character cannot stand here");
  status = ms_source_fail(lexer->source, MS_ESYNTAX, (ms_span){begin, end}, "unexpected '%.*s'",
                          (int)(end - begin), text.data + begin);
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    if (strncmp(text.data + begin, foreign[i][0], strlen(foreign[i][0])) == 0) {
      ms_fail_hint(lexer->source->context, "%s", foreign[i][1]);
      return status;
    }
  }
  if (point >= 0xFF01 && point <= 0xFF5E) {
    ms_fail_hint(lexer->source->context, "write the ASCII character '%c'", (char)(point - 0xFEE0));
  } else if (point == 0x2018 || point == 0x2019 || point == 0x201C || point == 0x201D) {
    ms_fail_hint(lexer->source->context, "texts stand in plain quotes: ' or \"");
  } else if (point == 0x3000 || point == 0xA0 || point == 0xFEFF) {
    ms_fail_hint(lexer->source->context, "this is not an ordinary blank; write one");
  }
  return status;
}

static ms_status read_symbol(ms_lexer *lexer) {
  static const char *const symbols[] = {"<=>", "==", "~=", "!=", "<>", "<=", ">=", "//",
                                        "..",  "::", "<",  ">",  "+",  "-",  "*",  "/",
                                        "%",   "^",  "(",  ")",  ",",  "="};
  const char *text = lexer->source->text + lexer->at;
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    size_t size = strlen(symbols[i]);
    if (strncmp(text, symbols[i], size) != 0) continue;
    if (strncmp(text, "===", 3) == 0) break;
    lexer->at += size;
    lexer->token.kind = MS_TOKEN_SYMBOL;
    lexer->token.name = symbols[i];
    return MS_OK;
  }
  return unknown_character(lexer);
}

static ms_status read_parameter(ms_lexer *lexer) {
  size_t begin = lexer->at++, at = lexer->at;
  if (lexer->at >= lexer->size || !name_point(lexer, &at, true)) {
    return fail(lexer, begin, lexer->at, "expected a parameter's name behind '@'");
  }
  ms_status status = read_name(lexer);
  lexer->token.kind = MS_TOKEN_PARAMETER;
  return status;
}

ms_status ms_lexer_next(ms_lexer *lexer) {
  const char *text = lexer->source->text;
  while (lexer->at < lexer->size && is_blank(text[lexer->at])) lexer->at++;
  lexer->token = (ms_token){.kind = MS_TOKEN_END, .span = {lexer->at, lexer->at}};
  if (lexer->at >= lexer->size) return MS_OK;
  char c = text[lexer->at];
  size_t at = lexer->at;
  ms_status status;
  if (is_digit(c) || (c == '.' && is_digit(text[lexer->at + 1]))) {
    status = read_number(lexer);
  } else if (c == '\'' || c == '"') {
    status = read_text(lexer);
  } else if (c == '`') {
    status = read_quoted_name(lexer);
  } else if (c == '@') {
    status = read_parameter(lexer);
  } else if (name_point(lexer, &at, true)) {
    status = read_name(lexer);
  } else {
    status = read_symbol(lexer);
  }
  lexer->token.span.end = lexer->at;
  if (status) lexer->token.kind = MS_TOKEN_END; /* half a token is none */
  return status;
}

ms_status ms_lexer_start(ms_lexer *lexer, const ms_source *source) {
  *lexer = (ms_lexer){.source = source, .size = strlen(source->text)};
  if (lexer->size > TEXT_MOST) {
    return ms_fail(source->context, MS_ELIMIT,
                   "%s: the expression has %zu bytes; at most %d are read", source->verb,
                   lexer->size, TEXT_MOST);
  }
  return ms_lexer_next(lexer);
}

bool ms_token_is(const ms_token *token, const char *symbol) {
  return token->kind == MS_TOKEN_SYMBOL && strcmp(token->name, symbol) == 0;
}
bool ms_token_word(const ms_token *token, const char *word) {
  return token->kind == MS_TOKEN_NAME && !token->quoted && strcasecmp(token->name, word) == 0;
}

bool ms_token_reserved(const ms_token *token) {
  static const char *const words[] = {"and",  "or",    "not",  "in",     "is",   "null",
                                      "true", "false", "like", "ilike",  "case", "when",
                                      "then", "else",  "end",  "between"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (ms_token_word(token, words[i])) return true;
  }
  return false;
}
