/* All functions in one list: rows of the tables, then aggregates and windows. */
#include "core/expr/functions.h"

static const ms_function_group_table *const groups[] = {&ms_functions_any,     &ms_functions_text,
                                                        &ms_functions_pattern, &ms_functions_number,
                                                        &ms_functions_date,    &ms_functions_time};
enum { GROUPS = sizeof groups / sizeof *groups };

/* The group of function i; *i becomes its place there. NULL behind the last. */
static const ms_function_group_table *locate(size_t *i) {
  for (size_t g = 0; g < GROUPS; g++) {
    if (*i < groups[g]->count) return groups[g];
    *i -= groups[g]->count;
  }
  return NULL;
}

const ms_function *ms_function_at(size_t i) {
  const ms_function_group_table *group = locate(&i);
  return group ? &group->functions[i] : NULL;
}

size_t ms_function_count(void) {
  size_t count = 0;
  for (size_t g = 0; g < GROUPS; g++) count += groups[g]->count;
  for (size_t i = 0; ms_call_at(i); i++) count++;
  return count;
}

const char *ms_function_name(size_t function) {
  const ms_function_group_table *group = locate(&function);
  return group ? group->functions[function].name : ms_call_at(function)->name;
}

const char *ms_function_signature(size_t function) {
  const ms_function_group_table *group = locate(&function);
  return group ? group->functions[function].signature : ms_call_at(function)->signature;
}

const char *ms_function_brief(size_t function) {
  const ms_function_group_table *group = locate(&function);
  return group ? group->functions[function].brief : ms_call_at(function)->brief;
}

const char *ms_function_group(size_t function) {
  const ms_function_group_table *group = locate(&function);
  if (group) return group->group;
  return ms_call_at(function)->kind == 'a' ? "aggregate" : "window";
}

bool ms_argument_text(const ms_node *node, size_t i, ms_slice *out) {
  if (i >= node->count || node->args[i]->kind != MS_NODE_CONSTANT || node->args[i]->value.null)
    return false;
  *out = node->args[i]->value.text;
  return node->args[i]->type == MS_TEXT;
}
