/* Expressions from text to columns and rows. */
#include <string.h>

#include "core/expr/check.h"
#include "core/expr/lexer.h"
#include "core/expr/run.h"

ms_expression *ms_expression_new(ms_context *context, const ms_scope *scope, const char *text,
                                 size_t *next_call) {
  const char *copy = ms_scratch_text(context, text, strlen(text));
  ms_expression *expression = ms_scratch_zero(context, 1, sizeof *expression);
  size_t from_zero = 0;
  if (!copy || !expression) return NULL;
  expression->source = (ms_source){context, scope->verb, copy};
  ms_checker checker = {.source = expression->source,
                        .scope = scope,
                        .frame = scope->groups ? scope->groups : scope->rows,
                        .next_call = next_call ? next_call : &from_zero};
  ms_node *parsed = ms_parse(&expression->source);
  ms_node *root = parsed ? ms_check(&checker, parsed) : NULL;
  if (!root) return NULL;
  if (root->kind == MS_NODE_LIST || root->kind == MS_NODE_DURATION) {
    return (ms_expression *)ms_check_fail(&checker, MS_ETYPE, root->span,
                                          root->kind == MS_NODE_LIST
                                              ? "a list parameter stands only behind 'in'"
                                              : "a duration is only added to a date or a time");
  }
  expression->root = root;
  expression->calls = checker.calls;
  expression->call_count = checker.call_count;
  return expression;
}

ms_type ms_expression_type(const ms_expression *expression) { return expression->root->type; }

const char *ms_expression_is_column(const ms_expression *expression) {
  return expression->root->kind == MS_NODE_COLUMN ? expression->root->name : NULL;
}

size_t ms_expression_calls(const ms_expression *expression, const ms_call *const **calls) {
  *calls = expression->calls;
  return expression->call_count;
}

void ms_expression_blame(ms_context *context, const ms_expression *expression) {
  const ms_span span = expression->root->span;
  ms_fail_place(context, expression->source.text, span.begin, span.end);
}

ms_status ms_definition_split(ms_context *context, const ms_scope *scope, const char *definition,
                              const char **name, const char **text) {
  const char *copy = ms_scratch_text(context, definition, strlen(definition));
  if (!copy) return MS_EMEMORY;
  const ms_source source = {context, scope->verb, copy};
  ms_lexer lexer;
  ms_status status = ms_lexer_start(&lexer, &source);
  if (status) return status;
  ms_token first = lexer.token;
  *text = definition;
  bool named = first.kind == MS_TOKEN_NAME && !ms_token_reserved(&first);
  if (named) {
    if ((status = ms_lexer_next(&lexer))) return status;
    *name = first.name;
    if (lexer.token.kind == MS_TOKEN_END) return MS_OK;
    if (ms_token_is(&lexer.token, "=")) {
      *text = definition + lexer.token.span.end;
      return MS_OK;
    }
  }
  size_t begin = first.span.begin, end = strlen(copy);
  while (end > begin && strchr(" \t\r\n", copy[end - 1])) end--;
  *name = ms_scratch_text(context, copy + begin, end - begin);
  return *name ? MS_OK : MS_EMEMORY;
}

/* ---- evaluation ---- */

ms_evaluation *ms_evaluation_new(ms_context *context, const ms_expression *expression,
                                 const ms_frame *frame) {
  ms_evaluation *evaluation = ms_scratch_zero(context, 1, sizeof *evaluation);
  if (!evaluation) return NULL;
  evaluation->source = expression->source;
  evaluation->source.context = context;
  evaluation->zone = ms_context_zone_of(context);
  ms_plan plan = {.context = context,
                  .zone = evaluation->zone,
                  .source = &evaluation->source,
                  .frame = frame,
                  .block = ms_context_block_rows(context),
                  .tables = frame->rows > 0};
  evaluation->root = ms_plan_node(&plan, expression->root);
  return evaluation->root ? evaluation : NULL;
}

const ms_dictionary *ms_evaluation_dictionary(const ms_evaluation *evaluation) {
  return evaluation->root->dictionary;
}

/* A dictionary of the block's own texts. */
static ms_status own_dictionary(const ms_run *run, const ms_lane *lane, ms_vector *out) {
  ms_intern *intern = ms_intern_new(run->context);
  uint32_t *codes = ms_run_array(run, sizeof *codes);
  bool fine = intern && codes;
  for (int64_t i = 0; i < run->count && fine; i++) {
    bool there = !lane->valid || lane->valid[i];
    int64_t code = there ? ms_intern_add(intern, lane->texts[i].data, lane->texts[i].size) : 0;
    fine = code >= 0;
    codes[i] = (uint32_t)code;
  }
  ms_dictionary *dictionary = fine ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  if (!dictionary) return MS_EMEMORY;
  out->codes = codes;
  out->dictionary = dictionary;
  return ms_defer(run->context, (void (*)(void *))ms_dictionary_free, dictionary);
}

ms_status ms_evaluation_block(ms_context *worker, const ms_evaluation *evaluation, int64_t first,
                              int64_t count, ms_vector *out) {
  const ms_step *root = evaluation->root;
  ms_source source = evaluation->source;
  source.context = worker;
  ms_run run = {.context = worker,
                .zone = evaluation->zone,
                .source = &source,
                .first = first,
                .count = count};
  ms_lane lane;
  ms_status status = ms_run_block(&run, root, &lane);
  if (status) return status;
  *out = (ms_vector){.type = root->type, .count = count, .valid = lane.valid};
  switch (root->type) {
    case MS_BOOLEAN: {
      int64_t *wide = ms_run_array(&run, sizeof *wide);
      if (!wide) return MS_EMEMORY;
      for (int64_t i = 0; i < count; i++) wide[i] = lane.flags[i] & 1;
      out->integers = wide;
      return MS_OK;
    }
    case MS_INTEGER:
    case MS_DATE:
    case MS_TIME: out->integers = lane.integers; return MS_OK;
    case MS_REAL: out->reals = lane.reals; return MS_OK;
    case MS_TEXT: break;
  }
  if (!root->dictionary) return own_dictionary(&run, &lane, out);
  out->codes = lane.codes;
  out->dictionary = root->dictionary;
  return MS_OK;
}

ms_column *ms_expression_column(ms_context *context, const ms_expression *expression,
                                const ms_frame *frame) {
  const ms_node *root = expression->root;
  int64_t i = root->kind == MS_NODE_COLUMN ? ms_frame_find(frame, root->name) : -1;
  if (i >= 0) return ms_column_share(frame->columns[i]);
  if (root->kind == MS_NODE_CONSTANT && root->value.null)
    return ms_column_null(context, root->type, frame->rows);
  const ms_evaluation *evaluation = ms_evaluation_new(context, expression, frame);
  return evaluation ? ms_step_column(context, evaluation->root, &evaluation->source, frame->rows)
                    : NULL;
}
