/* The verb group: one row for each distinct combination of the keys, in the order of first appearance, with aggregates
 * and expressions of them. All aggregates of all definitions are computed together. */
#include "core/kernels/relational/group_calls.h"

#include <string.h>

typedef struct {
  ms_names by;
  ms_names aggregates;
} group_options;

static const ms_option options[] = {
    {.name = "by",
     .type = MS_OPTION_TEXTS,
     .brief = "keys: columns, or definitions like \"month = date_trunc('month', at)\"; none: all "
              "rows are one group",
     .offset = offsetof(group_options, by)},
    {.name = "aggregates",
     .type = MS_OPTION_TEXTS,
     .brief = "definitions like \"revenue = sum(amount)\"; later ones may use earlier ones",
     .offset = offsetof(group_options, aggregates)},
    {0}};

typedef struct {
  const char *name;
  ms_expression *expression;
  const ms_call *lone; /* the expression is nothing but this call */
} definition;

typedef struct {
  ms_context *context;
  const ms_frame *rows;
  ms_scope scope;
  size_t count, call_count;
  definition *definitions;
  const ms_call **calls;
} request;

/* A frame of no rows: what a definition may name beside the columns within its aggregates. */
static const ms_frame *empty_with(request *r, const ms_frame *known, const char *name,
                                  ms_type type) {
  const ms_column *column = ms_column_keep(r->context, ms_column_null(r->context, type, 0));
  if (!column) return NULL;
  if (!known) {
    return ms_frame_keep(r->context, ms_frame_new(r->context, 0, 1, &name, &column));
  }
  return ms_frame_keep(r->context, ms_frame_with(r->context, known, name, column));
}

static ms_status add_calls(request *r, definition *d, const char *text) {
  const ms_call *const *calls;
  size_t count = ms_expression_calls(d->expression, &calls);
  const ms_call **more = ms_scratch(r->context, r->call_count + count, sizeof *more);
  if (!more) return MS_EMEMORY;
  for (size_t i = 0; i < r->call_count; i++) more[i] = r->calls[i];
  for (size_t i = 0; i < count; i++) {
    if (calls[i]->window) {
      ms_fail(r->context, MS_EARGUMENT, "group_by: %s() over (…) is a window; a group has one row",
              calls[i]->name);
      ms_fail_place(r->context, text, calls[i]->begin, calls[i]->end);
      return MS_EARGUMENT;
    }
    more[r->call_count + i] = calls[i];
  }
  r->calls = more;
  r->call_count += count;
  size_t lead = strspn(text, " \t\n"), size = strlen(text);
  while (size > lead && strchr(" \t\n", text[size - 1])) size--;
  if (count == 1 && calls[0]->begin <= lead && calls[0]->end >= size) d->lone = calls[0];
  return MS_OK;
}

static ms_status read_definition(request *r, const char *text, size_t *next_call) {
  definition *d = &r->definitions[r->count];
  const char *body;
  ms_status status = ms_definition_split(r->context, &r->scope, text, &d->name, &body);
  if (status != MS_OK) return status;
  if (ms_frame_find(r->scope.groups, d->name) >= 0) {
    return ms_fail(r->context, MS_EDUPLICATE, "group_by: there is already a column '%s'", d->name);
  }
  d->expression = ms_expression_new(r->context, &r->scope, body, next_call);
  if (!d->expression) return ms_error_status(r->context);
  r->count++;
  status = add_calls(r, d, body);
  if (status != MS_OK) return status;
  r->scope.groups = empty_with(r, r->scope.groups, d->name, ms_expression_type(d->expression));
  return r->scope.groups ? MS_OK : ms_error_status(r->context);
}

static ms_status read_definitions(request *r, const ms_group_keys *keys, const ms_names *texts) {
  size_t next_call = 0;
  r->definitions = ms_scratch_zero(r->context, texts->count + 1, sizeof *r->definitions);
  if (!r->definitions) return MS_EMEMORY;
  r->scope.calls = true;
  const ms_frame *groups = ms_frame_keep(r->context, ms_frame_new(r->context, 0, 0, NULL, NULL));
  for (size_t k = 0; groups && k < keys->count; k++) {
    groups = empty_with(r, groups, keys->names[k], keys->columns[k]->type);
  }
  if (!groups) return ms_error_status(r->context);
  r->scope.groups = groups;
  for (size_t i = 0; i < texts->count; i++) {
    ms_status status = read_definition(r, texts->items[i], &next_call);
    if (status != MS_OK) return status;
  }
  return MS_OK;
}

/* Evaluates the definitions in order over keys, results of calls, and earlier definitions. */
static ms_frame *result(request *r, const ms_frame *keys, const ms_group_results *results) {
  ms_context *context = r->context;
  const ms_frame *known = keys, *out = keys;
  for (size_t i = 0; i < results->count && known; i++) {
    known = ms_frame_keep(
        context, ms_frame_with(context, known, results->calls[i]->column, results->columns[i]));
  }
  for (size_t i = 0; i < r->count && known && out; i++) {
    const definition *d = &r->definitions[i];
    ms_column *value;
    int64_t lone = d->lone ? ms_frame_find(known, d->lone->column) : -1;
    if (lone >= 0)
      value = ms_column_share(known->columns[lone]);
    else
      value = ms_expression_column(context, d->expression, known);
    if (!ms_column_keep(context, value)) return NULL;
    known = ms_frame_keep(context, ms_frame_with(context, known, d->name, value));
    out = ms_frame_keep(context, ms_frame_with(context, out, d->name, value));
  }
  return known && out ? ms_frame_share(out) : NULL;
}

/* The keys' values of the groups. */
static const ms_frame *key_frame(ms_context *context, const ms_group_keys *keys,
                                 const ms_groups *groups) {
  ms_assembly assembly = ms_assembly_new(context, keys->count);
  for (size_t k = 0; k < keys->count; k++) {
    ms_assembly_add(&assembly, keys->names[k],
                    ms_column_gather(context, keys->columns[k], groups->first, groups->count));
  }
  return ms_frame_keep(context, ms_assembly_finish(&assembly, groups->count));
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const group_options *given = checked;
  const ms_frame *rows = inputs->frames[0];
  request r = {.context = context, .rows = rows};
  r.scope = (ms_scope){.verb = "group_by", .rows = rows, .given = inputs->given};
  ms_group_keys keys;
  ms_groups groups;
  if (ms_group_keys_new(context, &r.scope, &given->by, &keys) != MS_OK) return NULL;
  if (read_definitions(&r, &keys, &given->aggregates) != MS_OK) return NULL;
  ms_group_results results = {.calls = r.calls, .count = r.call_count};
  if (ms_group_compute(context, &keys, rows, &groups, &results) != MS_OK) return NULL;
  const ms_frame *values = key_frame(context, &keys, &groups);
  return values ? result(&r, values, &results) : NULL;
}

const ms_kernel ms_kernel_group_by = {
    .name = "group_by",
    .group = "frame",
    .brief = "one row for each distinct combination of keys, with aggregates",
    .cost = "O(rows) time and memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(group_options),
    .run = run,
};
