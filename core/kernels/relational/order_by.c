/* Reads sort keys: the trailing words first, then the minus, then what is left as an expression. */
#include "core/kernels/relational/order_by.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/kernels/relational/compute.h"

static size_t trimmed(const char *text, size_t size) {
  while (size > 0 && isspace((unsigned char)text[size - 1])) size--;
  return size;
}

/* Takes a trailing word off, if it stands there behind a blank and something else. */
static bool take_word(const char *text, size_t *size, const char *word) {
  size_t end = trimmed(text, *size), length = strlen(word);
  if (end <= length + 1 || strncasecmp(text + end - length, word, length) != 0) return false;
  if (!isspace((unsigned char)text[end - length - 1])) return false;
  *size = trimmed(text, end - length);
  return *size > 0;
}

static void take_suffixes(const char *text, size_t *size, ms_sort_key *key) {
  size_t left = *size;
  bool first = take_word(text, &left, "first");
  if ((first || take_word(text, &left, "last")) && take_word(text, &left, "nulls")) {
    key->nulls_first = first;
    *size = left;
  }
  if (take_word(text, size, "desc")) {
    key->descending = true;
  } else {
    (void)take_word(text, size, "asc");
  }
}

/* Whether the text is one name, or one call up to its closing parenthesis, so that a minus before it is for all of
 * it. Quotes are not looked into: what is read wrongly here is still right as arithmetic. */
static bool lone_term(const char *text) {
  const char *at = text;
  if (!(isalpha((unsigned char)*at) || *at == '_' || *at == '`' || (unsigned char)*at >= 0x80)) {
    return false;
  }
  if (*at == '`') {
    at = strchr(at + 1, '`');
    return at && at[1] == 0;
  }
  while (isalnum((unsigned char)*at) || *at == '_' || (unsigned char)*at >= 0x80) at++;
  if (*at != '(') return *at == 0;
  for (int depth = 0; *at; at++) {
    depth += *at == '(';
    depth -= *at == ')';
    if (depth == 0) return at[1] == 0;
  }
  return false;
}

static bool read_key(ms_context *context, const ms_order_scope *scope, const char *text,
                     ms_sort_key *key) {
  *key = (ms_sort_key){.nulls_first = scope->nulls_first};
  int64_t i = ms_frame_find(scope->frame, text);
  size_t size = strlen(text);
  if (i < 0) {
    take_suffixes(text, &size, key);
    while (size > 0 && isspace((unsigned char)*text)) text++, size--;
    text = ms_scratch_text(context, text, trimmed(text, size));
    if (!text) return false;
    i = ms_frame_find(scope->frame, text);
  }
  if (i < 0 && text[0] == '-') {
    const char *rest = text + 1 + strspn(text + 1, " ");
    i = ms_frame_find(scope->frame, rest);
    if (i >= 0 || lone_term(rest)) {
      key->descending = !key->descending;
      text = rest;
    }
  }
  if (i >= 0) {
    key->column = scope->frame->columns[i];
    return true;
  }
  ms_column *column = ms_compute(context, scope->verb, text, scope->frame, scope->given);
  key->column = ms_column_keep(context, column);
  return key->column != NULL;
}

ms_sort_key *ms_order_by(ms_context *context, const ms_order_scope *scope, const ms_names *by) {
  ms_sort_key *keys = ms_scratch(context, by->count + 1, sizeof *keys);
  for (size_t i = 0; keys && i < by->count; i++) {
    if (!read_key(context, scope, by->items[i], &keys[i])) return NULL;
  }
  return keys;
}
