/* Functions of regular expressions: PCRE2 with Unicode, compiled once when the expression is checked. Work is
 * limited, so that a bad pattern ends in an error and not in a hung script. */
#include <string.h>

#include "core/expr/functions.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { MATCH_LIMIT = 1000000, DEPTH_LIMIT = 10000, HEAP_LIMIT = 65536, TEXT_MOST = 1 << 28 };

/* ---- memory: patterns in the account until the call ends, matches in scratch ---- */

static void *take(PCRE2_SIZE size, void *account) { return ms_memory_take(account, size); }
static void give(void *block, void *account) {
  (void)account;
  ms_memory_give(block);
}
static void *take_scratch(PCRE2_SIZE size, void *context) { return ms_scratch(context, size, 1); }
static void keep_scratch(void *block, void *context) {
  (void)block;
  (void)context;
}
static void free_code(void *code) { pcre2_code_free(code); }

/* ---- compiling ---- */

static ms_status bad_pattern(const ms_source *source, const ms_node *argument, int error,
                             size_t offset) {
  PCRE2_UCHAR text[128];
  if (pcre2_get_error_message(error, text, sizeof text) < 0) text[0] = 0;
  return ms_source_fail(source, MS_ESYNTAX, argument->span,
                        "the pattern cannot be read: %s, at its byte %zu", (const char *)text,
                        offset + 1);
}

static ms_status prepare(const ms_source *source, ms_node *node) {
  ms_slice pattern;
  const ms_node *argument = node->args[1];
  if (argument->kind == MS_NODE_CONSTANT && argument->value.null) return MS_OK;
  if (!ms_argument_text(node, 1, &pattern)) {
    ms_status status =
        ms_source_fail(source, MS_ETYPE, argument->span, "the pattern must be a constant");
    ms_fail_hint(source->context,
                 "for columns there are contains, starts_with, ends_with and like");
    return status;
  }
  ms_memory *account = ms_context_account(source->context);
  pcre2_general_context *general = pcre2_general_context_create(take, give, account);
  pcre2_compile_context *compile = general ? pcre2_compile_context_create(general) : NULL;
  int error = PCRE2_ERROR_NOMEMORY;
  PCRE2_SIZE offset = 0;
  pcre2_code *code = NULL;
  if (compile) {
    code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.size,
                         PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &error, &offset, compile);
  }
  pcre2_compile_context_free(compile);
  pcre2_general_context_free(general);
  if (!code && error == PCRE2_ERROR_NOMEMORY)
    return ms_fail(source->context, MS_EMEMORY, "out of memory for a pattern");
  if (!code) return bad_pattern(source, argument, error, offset);
  (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it, it is slower */
  node->prepared = code;
  return ms_defer(source->context, free_code, code);
}

/* The group of extract is one of the pattern's. */
static ms_status prepare_extract(const ms_source *source, ms_node *node) {
  ms_status status = prepare(source, node);
  if (status || node->count < 3 || !node->prepared) return status;
  const ms_node *group = node->args[2];
  uint32_t count = 0;
  (void)pcre2_pattern_info(node->prepared, PCRE2_INFO_CAPTURECOUNT, &count);
  bool fits = group->kind == MS_NODE_CONSTANT && !group->value.null && group->value.integer >= 0 &&
              group->value.integer <= count;
  if (fits) return MS_OK;
  return ms_source_fail(source, MS_ETYPE, group->span,
                        "the group must be a constant from 0 to %u, the groups of the pattern",
                        count);
}

/* ---- matching ---- */

typedef struct {
  pcre2_match_data *data;
  pcre2_match_context *context;
} matcher;

static matcher *matcher_of(ms_row *row) {
  if (row->local) return row->local;
  matcher *m = ms_scratch_zero(row->context, 1, sizeof *m);
  pcre2_general_context *general =
      m ? pcre2_general_context_create(take_scratch, keep_scratch, row->context) : NULL;
  if (!general) return NULL;
  m->data = pcre2_match_data_create_from_pattern(row->node->prepared, general);
  m->context = pcre2_match_context_create(general);
  if (!m->data || !m->context) return NULL;
  (void)pcre2_set_match_limit(m->context, MATCH_LIMIT);
  (void)pcre2_set_depth_limit(m->context, DEPTH_LIMIT);
  (void)pcre2_set_heap_limit(m->context, HEAP_LIMIT);
  return row->local = m;
}

/* Finds the pattern at or behind `from`; the places are in matcher->data. */
static ms_status match(ms_row *row, ms_slice text, size_t from, bool *found) {
  matcher *m = matcher_of(row);
  if (!m) return MS_EMEMORY;
  PCRE2_SPTR subject = (PCRE2_SPTR)(text.data ? text.data : "");
  int result = pcre2_match(row->node->prepared, subject, text.size, from, 0, m->data, m->context);
  if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
    result = pcre2_match(row->node->prepared, subject, text.size, from, PCRE2_NO_JIT, m->data,
                         m->context);
  }
  *found = result >= 0;
  if (result >= 0 || result == PCRE2_ERROR_NOMATCH) return MS_OK;
  if (result == PCRE2_ERROR_NOMEMORY)
    return ms_fail(row->context, MS_EMEMORY, "out of memory in a pattern");
  return ms_fail(row->context, MS_ELIMIT, "the pattern takes too long for this text");
}

static ms_status matches(ms_row *row, const ms_cell *args, ms_cell *out) {
  bool found = false;
  ms_status status = match(row, args[0].text, 0, &found);
  out->integer = found;
  return status;
}

static ms_status extract(ms_row *row, const ms_cell *args, ms_cell *out) {
  bool found = false;
  ms_status status = match(row, args[0].text, 0, &found);
  size_t group = row->node->count > 2 ? (size_t)args[2].integer : 0;
  out->null = true;
  if (status || !found) return status;
  const PCRE2_SIZE *places = pcre2_get_ovector_pointer(((matcher *)row->local)->data);
  PCRE2_SIZE begin = places[2 * group], end = places[2 * group + 1];
  out->null = begin == PCRE2_UNSET || end < begin;
  if (!out->null) out->text = (ms_slice){args[0].text.data + begin, end - begin};
  return MS_OK;
}

static ms_status count_matches(ms_row *row, const ms_cell *args, ms_cell *out) {
  ms_slice text = args[0].text;
  out->integer = 0;
  for (size_t at = 0; at <= text.size;) {
    bool found = false;
    ms_status status = match(row, text, at, &found);
    if (status || !found) return status;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(((matcher *)row->local)->data);
    out->integer++;
    at = places[1];
    if (places[1] == places[0]) (void)ms_utf8_next(text, &at), at += places[1] == text.size;
  }
  return MS_OK;
}

/* \1 … \9 and \0 in the replacement are groups; \\ is a backslash. */
static void add_replacement(ms_string *out, ms_slice text, ms_slice with, const PCRE2_SIZE *places,
                            uint32_t groups) {
  for (size_t i = 0; i < with.size; i++) {
    char c = with.data[i], next = i + 1 < with.size ? with.data[i + 1] : 0;
    uint32_t group = (uint32_t)(next - '0');
    if (c == '\\' && group < 10) {
      i++;
      bool set = group < groups && places[2 * group] != PCRE2_UNSET;
      if (set)
        ms_string_add(out, text.data + places[2 * group],
                      places[2 * group + 1] - places[2 * group]);
      continue;
    }
    if (c == '\\' && next == '\\') i++;
    ms_string_char(out, c, 1);
  }
}

static ms_status replace_matches(ms_row *row, const ms_cell *args, ms_cell *out) {
  ms_slice text = args[0].text, with = args[2].text;
  ms_string string = ms_string_new(row->context);
  size_t copied = 0;
  for (size_t at = 0; at <= text.size;) {
    bool found = false;
    ms_status status = match(row, text, at, &found);
    if (status) return status;
    if (!found) break;
    matcher *m = row->local;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(m->data);
    ms_string_add(&string, text.data + copied, places[0] - copied);
    add_replacement(&string, text, with, places, pcre2_get_ovector_count(m->data));
    copied = at = places[1];
    if (places[1] == places[0]) {
      if (at >= text.size) break;
      (void)ms_utf8_next(text, &at);
    }
    if (string.size > TEXT_MOST)
      return ms_fail(row->context, MS_ELIMIT, "the text would have more than %d bytes", TEXT_MOST);
  }
  ms_string_add(&string, text.data + copied, text.size - copied);
  size_t size = string.size;
  const char *data = ms_string_done(&string);
  out->text = (ms_slice){data, size};
  return data ? MS_OK : MS_EMEMORY;
}

static const ms_function functions[] = {
    {.name = "matches",
     .types = "tt",
     .result = 'b',
     .cost = 100,
     .fails = true,
     .row = matches,
     .prepare = prepare,
     .signature = "matches(text, pattern)",
     .brief = "whether the regular expression (PCRE) is found in the text"},
    {.name = "extract",
     .types = "tt[i",
     .result = 't',
     .cost = 100,
     .fails = true,
     .row = extract,
     .prepare = prepare_extract,
     .signature = "extract(text, pattern[, group])",
     .brief = "what the regular expression, or a group of it, finds first; null if nothing"},
    {.name = "count_matches",
     .types = "tt",
     .result = 'i',
     .cost = 100,
     .fails = true,
     .row = count_matches,
     .prepare = prepare,
     .signature = "count_matches(text, pattern)",
     .brief = "how often the regular expression is found"},
    {.name = "replace_matches",
     .types = "ttt",
     .result = 't',
     .cost = 100,
     .fails = true,
     .row = replace_matches,
     .prepare = prepare,
     .signature = "replace_matches(text, pattern, with)",
     .brief = "with each find of the regular expression replaced; \\1 is its first group"}};
const ms_function_group_table ms_functions_pattern = {"text", functions,
                                                      sizeof functions / sizeof *functions};
