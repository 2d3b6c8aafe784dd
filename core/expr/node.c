/* Nodes of the tree, and errors with a place. */
#include "core/expr/node.h"

#include <stdio.h>
#include <string.h>

ms_status ms_source_fail(const ms_source *source, ms_status status, ms_span span,
                         const char *format, ...) {
  char text[1024];
  va_list list;
  va_start(list, format);
  (void)vsnprintf(text, sizeof text, format, list);
  va_end(list);
  (void)ms_fail(source->context, status, "%s: %s", source->verb, text);
  ms_fail_place(source->context, source->text, span.begin, span.end);
  return status;
}

ms_node *ms_node_new(ms_context *context, ms_node_kind kind, ms_span span) {
  ms_node *node = ms_scratch_zero(context, 1, sizeof *node);
  if (!node) return NULL;
  node->kind = kind;
  node->span = span;
  node->depth = 1;
  return node;
}

ms_node *ms_node_with(ms_context *context, ms_node_kind kind, ms_span span, ms_node *const *args,
                      size_t count) {
  ms_node *node = ms_node_new(context, kind, span);
  if (!node || !count) return node;
  node->args = ms_scratch(context, count, sizeof *node->args);
  if (!node->args) return NULL;
  memcpy(node->args, args, count * sizeof *args);
  node->count = count;
  for (size_t i = 0; i < count; i++) {
    if (args[i]->depth >= node->depth) node->depth = args[i]->depth + 1;
  }
  return node;
}
