/* Expressions with windows: each call becomes a column of its own beside the frame's, and the rest of the
 * expression is evaluated over them. */
#include "core/kernels/relational/compute.h"

#include "core/kernels/relational/window.h"

/* The expression and the frame to evaluate it over; *over is kept until the call ends. */
static ms_expression *prepare(ms_context *context, const ms_scope *scope, const char *text,
                              const ms_frame **over) {
  size_t next_call = 0;
  ms_expression *expression = ms_expression_new(context, scope, text, &next_call);
  if (!expression) return NULL;
  const ms_call *const *calls = NULL;
  size_t count = ms_expression_calls(expression, &calls);
  *over = scope->rows;
  for (size_t i = 0; i < count; i++) {
    const ms_column *column =
        ms_column_keep(context, ms_window_call(context, calls[i], scope->rows));
    if (!column) return NULL;
    *over = ms_frame_keep(context, ms_frame_with(context, *over, calls[i]->column, column));
    if (!*over) return NULL;
  }
  return expression;
}

ms_column *ms_compute(ms_context *context, const char *verb, const char *text,
                      const ms_frame *frame, const ms_options *given) {
  ms_scope scope = {.verb = verb, .rows = frame, .given = given, .calls = true};
  const ms_frame *over;
  ms_expression *expression = prepare(context, &scope, text, &over);
  return expression ? ms_expression_column(context, expression, over) : NULL;
}

uint32_t *ms_compute_rows(ms_context *context, const char *verb, const char *text,
                          const ms_frame *frame, const ms_options *given, int64_t *count) {
  ms_scope scope = {.verb = verb, .rows = frame, .given = given, .calls = true};
  const ms_frame *over;
  ms_expression *expression = prepare(context, &scope, text, &over);
  if (!expression) return NULL;
  ms_type type = ms_expression_type(expression);
  if (type != MS_BOOLEAN) {
    (void)ms_fail(context, MS_ETYPE, "%s: the condition is %s, boolean wanted", verb,
                  ms_type_name(type));
    ms_fail_hint(context, "compare it with something, as in \"amount > 0\"");
    ms_expression_blame(context, expression);
    return NULL;
  }
  return ms_expression_rows(context, expression, over, count);
}
