/* select, with_columns, rename, drop, row_index: columns chosen, computed, named. */
#include <string.h>

#include "core/kernels/relational/compute.h"

typedef struct {
  ms_names columns;
} names_options;

static const ms_option select_table[] = {
    {.name = "columns",
     .type = MS_OPTION_TEXTS,
     .required = true,
     .brief = "columns and definitions \"name = expression\"; \"*\" is all columns of the frame",
     .offset = offsetof(names_options, columns)},
    {0}};

/* One column: its name (scratch) and values (the caller's), from a column's name or a definition. */
static ms_column *define(ms_context *context, const ms_scope *scope, const char *definition,
                         const char **name) {
  int64_t i = ms_frame_find(scope->rows, definition);
  *name = definition;
  if (i >= 0) return ms_column_share(scope->rows->columns[i]);
  const char *text;
  if (ms_definition_split(context, scope, definition, name, &text) != MS_OK) return NULL;
  return ms_compute(context, scope->verb, text, scope->rows, scope->given);
}

static ms_frame *run_select(ms_context *context, const ms_inputs *inputs, const void *given) {
  const names_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  ms_scope scope = {.verb = "select", .rows = frame, .given = inputs->given, .calls = true};
  size_t room = o->columns.count;
  for (size_t i = 0; i < o->columns.count; i++) {
    if (strcmp(o->columns.items[i], "*") == 0) room += frame->count;
  }
  ms_assembly parts = ms_assembly_new(context, room);
  for (size_t i = 0; i < o->columns.count && !parts.failed; i++) {
    if (strcmp(o->columns.items[i], "*") == 0) {
      for (size_t c = 0; c < frame->count; c++) {
        ms_assembly_add(&parts, frame->names[c], ms_column_share(frame->columns[c]));
      }
      continue;
    }
    const char *name = NULL;
    ms_column *column = define(context, &scope, o->columns.items[i], &name);
    ms_assembly_add(&parts, name, column);
  }
  return ms_assembly_finish(&parts, frame->rows);
}

const ms_kernel ms_kernel_select = {
    .name = "select",
    .group = "frame",
    .brief = "a frame of the named columns and of computed ones, in the order given",
    .cost = "O(n) time and memory a computed column",
    .least = 1,
    .most = 1,
    .options = select_table,
    .size = sizeof(names_options),
    .run = run_select,
};

static const ms_option with_table[] = {
    {.name = "columns",
     .type = MS_OPTION_TEXTS,
     .required = true,
     .brief = "definitions \"name = expression\"; later ones see earlier ones",
     .offset = offsetof(names_options, columns)},
    {0}};

static ms_frame *run_with(ms_context *context, const ms_inputs *inputs, const void *given) {
  const names_options *o = given;
  ms_scope scope = {
      .verb = "with_columns", .rows = inputs->frames[0], .given = inputs->given, .calls = true};
  for (size_t i = 0; i < o->columns.count; i++) {
    const char *name = NULL;
    const ms_column *column =
        ms_column_keep(context, define(context, &scope, o->columns.items[i], &name));
    if (!column) return NULL;
    scope.rows = ms_frame_keep(context, ms_frame_with(context, scope.rows, name, column));
    if (!scope.rows) return NULL;
  }
  return ms_frame_share(scope.rows);
}

const ms_kernel ms_kernel_with_columns = {
    .name = "with_columns",
    .group = "frame",
    .brief = "adds computed columns, or puts them in the place of columns of the same name",
    .cost = "O(n) time and memory a column",
    .least = 1,
    .most = 1,
    .options = with_table,
    .size = sizeof(names_options),
    .run = run_with,
};

/* ---- rename ---- */

typedef struct {
  ms_names from, to;
} rename_options;

static const ms_option rename_table[] = {{.name = "from",
                                          .type = MS_OPTION_COLUMNS,
                                          .required = true,
                                          .brief = "columns to rename",
                                          .offset = offsetof(rename_options, from)},
                                         {.name = "to",
                                          .type = MS_OPTION_TEXTS,
                                          .required = true,
                                          .brief = "their new names, in the same order",
                                          .offset = offsetof(rename_options, to)},
                                         {0}};

static ms_frame *run_rename(ms_context *context, const ms_inputs *inputs, const void *given) {
  const rename_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  if (o->from.count != o->to.count) {
    return ms_fail_null(context, MS_EARGUMENT, "rename: %zu columns and %zu new names",
                        o->from.count, o->to.count);
  }
  ms_assembly parts = ms_assembly_new(context, frame->count);
  for (size_t i = 0; i < frame->count && !parts.failed; i++) {
    const char *name = frame->names[i];
    for (size_t c = 0; c < o->from.count; c++) {
      if (strcmp(frame->names[i], o->from.items[c]) == 0) name = o->to.items[c];
    }
    ms_assembly_add(&parts, name, ms_column_share(frame->columns[i]));
  }
  return ms_assembly_finish(&parts, frame->rows);
}

const ms_kernel ms_kernel_rename = {
    .name = "rename",
    .group = "frame",
    .brief = "gives columns new names",
    .cost = "O(columns)",
    .least = 1,
    .most = 1,
    .options = rename_table,
    .size = sizeof(rename_options),
    .run = run_rename,
};

/* ---- drop ---- */

static const ms_option drop_table[] = {{.name = "columns",
                                        .type = MS_OPTION_COLUMNS,
                                        .required = true,
                                        .brief = "columns to leave out",
                                        .offset = offsetof(names_options, columns)},
                                       {0}};

static ms_frame *run_drop(ms_context *context, const ms_inputs *inputs, const void *given) {
  const names_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  ms_assembly parts = ms_assembly_new(context, frame->count);
  for (size_t i = 0; i < frame->count && !parts.failed; i++) {
    bool dropped = false;
    for (size_t c = 0; c < o->columns.count && !dropped; c++) {
      dropped = strcmp(frame->names[i], o->columns.items[c]) == 0;
    }
    if (!dropped) ms_assembly_add(&parts, frame->names[i], ms_column_share(frame->columns[i]));
  }
  return ms_assembly_finish(&parts, frame->rows);
}

const ms_kernel ms_kernel_drop = {
    .name = "drop",
    .group = "frame",
    .brief = "leaves columns out",
    .cost = "O(columns)",
    .least = 1,
    .most = 1,
    .options = drop_table,
    .size = sizeof(names_options),
    .run = run_drop,
};

/* ---- row_index ---- */

typedef struct {
  const char *name;
  int64_t from;
} index_options;

static const ms_option index_table[] = {{.name = "name",
                                         .type = MS_OPTION_TEXT,
                                         .fallback = "row",
                                         .brief = "name of the new column, which comes first",
                                         .offset = offsetof(index_options, name)},
                                        {.name = "from",
                                         .type = MS_OPTION_INTEGER,
                                         .fallback = "1",
                                         .brief = "number of the first row",
                                         .offset = offsetof(index_options, from)},
                                        {0}};

static ms_frame *run_index(ms_context *context, const ms_inputs *inputs, const void *given) {
  const index_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  if (o->from > INT64_MAX - frame->rows) {
    return ms_fail_null(context, MS_EOVERFLOW, "row_index: numbers from %lld do not fit 64 bits",
                        (long long)o->from);
  }
  int64_t *numbers = ms_scratch(context, (size_t)frame->rows, sizeof *numbers);
  if (!numbers) return NULL;
  for (int64_t i = 0; i < frame->rows; i++) numbers[i] = o->from + i;
  ms_assembly parts = ms_assembly_new(context, frame->count + 1);
  ms_assembly_add(&parts, o->name,
                  ms_column_from_int64(context, MS_INTEGER, frame->rows, numbers, NULL));
  for (size_t i = 0; i < frame->count && !parts.failed; i++) {
    ms_assembly_add(&parts, frame->names[i], ms_column_share(frame->columns[i]));
  }
  return ms_assembly_finish(&parts, frame->rows);
}

const ms_kernel ms_kernel_row_index = {
    .name = "row_index",
    .group = "frame",
    .brief = "adds the number of each row as the first column",
    .cost = "O(n)",
    .least = 1,
    .most = 1,
    .options = index_table,
    .size = sizeof(index_options),
    .run = run_index,
};
