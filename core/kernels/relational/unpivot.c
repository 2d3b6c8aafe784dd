/* The verb unpivot: columns become rows, each with the column's name and its value. The rows of the first column come
 * first, then those of the second, and so on. */
#include "core/kernels/relational/group.h"

#include <string.h>

typedef struct {
  ms_names columns, index;
  const char *variable, *value;
} unpivot_options;

static const ms_option options[] = {
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns that become rows; none: all that are not in the index",
     .offset = offsetof(unpivot_options, columns)},
    {.name = "index",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns that are repeated for each",
     .offset = offsetof(unpivot_options, index)},
    {.name = "variable",
     .type = MS_OPTION_TEXT,
     .fallback = "variable",
     .brief = "name of the new column with the columns' names",
     .offset = offsetof(unpivot_options, variable)},
    {.name = "value",
     .type = MS_OPTION_TEXT,
     .fallback = "value",
     .brief = "name of the new column with their values",
     .offset = offsetof(unpivot_options, value)},
    {0}};

static bool listed(const ms_names *names, const char *name) {
  for (size_t i = 0; i < names->count; i++) {
    if (strcmp(names->items[i], name) == 0) return true;
  }
  return false;
}

/* The columns that become rows, and their names; of types that stand in one column. */
static ms_status values_of(ms_context *context, const ms_frame *frame, const unpivot_options *given,
                           ms_names *names, const ms_column ***columns) {
  const char **items = ms_scratch(context, frame->count + given->columns.count, sizeof *items);
  *columns =
      items ? ms_scratch(context, frame->count + given->columns.count, sizeof **columns) : NULL;
  if (!*columns) return MS_EMEMORY;
  *names = (ms_names){.items = items};
  for (size_t i = 0; i < given->columns.count; i++) items[names->count++] = given->columns.items[i];
  for (size_t i = 0; !given->columns.count && i < frame->count; i++) {
    if (!listed(&given->index, frame->names[i])) items[names->count++] = frame->names[i];
  }
  for (size_t i = 0; i < names->count; i++) {
    (*columns)[i] = ms_frame_get(context, frame, "unpivot", items[i]);
    if (!(*columns)[i]) return ms_error_status(context);
    ms_type first = (*columns)[0]->type, type = (*columns)[i]->type;
    bool numbers =
        (first == MS_INTEGER || first == MS_REAL) && (type == MS_INTEGER || type == MS_REAL);
    if (type == first || numbers) continue;
    ms_fail(context, MS_ETYPE, "unpivot: column '%s' is %s, but column '%s' is %s", items[i],
            ms_type_name(type), items[0], ms_type_name(first));
    ms_fail_hint(context, "cast them to text first, or name columns of one type");
    return MS_ETYPE;
  }
  return MS_OK;
}

/* Each name `rows` times. */
static ms_column *variable_column(ms_context *context, const ms_names *names, int64_t rows) {
  ms_builder *builder = ms_builder_new(context);
  if (!builder) return NULL;
  ms_builder_column(builder, "variable", MS_TEXT);
  for (size_t i = 0; i < names->count; i++) {
    ms_builder_text(builder, 0, names->items[i], strlen(names->items[i]));
  }
  const ms_frame *texts = ms_frame_keep(context, ms_builder_finish(builder));
  uint32_t *index = texts ? ms_scratch(context, names->count * (size_t)rows, sizeof *index) : NULL;
  if (!index) return NULL;
  for (size_t i = 0; i < names->count; i++) {
    for (int64_t row = 0; row < rows; row++) index[i * (size_t)rows + (size_t)row] = (uint32_t)i;
  }
  return ms_column_gather(context, texts->columns[0], index, (int64_t)names->count * rows);
}

static ms_column *repeat(ms_context *context, const ms_column *column, size_t times) {
  const ms_column **copies = ms_scratch(context, times, sizeof *copies);
  if (!copies) return NULL;
  for (size_t i = 0; i < times; i++) copies[i] = column;
  if (times == 0) return ms_column_slice(context, column, 0, 0);
  return ms_column_concat(context, copies, times);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const unpivot_options *given = checked;
  const ms_frame *frame = inputs->frames[0];
  ms_names names;
  const ms_column **columns;
  if (values_of(context, frame, given, &names, &columns) != MS_OK) return NULL;
  int64_t rows;
  if (__builtin_mul_overflow(frame->rows, (int64_t)names.count, &rows) || rows > MS_ROWS_MOST) {
    return ms_fail_null(context, MS_ELIMIT, "unpivot: %lld rows of %zu columns are too many rows",
                        (long long)frame->rows, names.count);
  }
  ms_assembly out = ms_assembly_new(context, given->index.count + 2);
  for (size_t i = 0; i < given->index.count; i++) {
    const ms_column *column = ms_frame_get(context, frame, "unpivot", given->index.items[i]);
    if (!column) return NULL;
    ms_assembly_add(&out, given->index.items[i], repeat(context, column, names.count));
  }
  ms_assembly_add(&out, given->variable, variable_column(context, &names, frame->rows));
  ms_assembly_add(&out, given->value,
                  names.count ? ms_column_concat(context, columns, names.count)
                              : ms_column_null(context, MS_TEXT, 0));
  return ms_assembly_finish(&out, rows);
}

const ms_kernel ms_kernel_unpivot = {
    .name = "unpivot",
    .group = "frame",
    .brief = "columns to rows: a name and a value each",
    .cost = "O(rows * columns) time and memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(unpivot_options),
    .run = run,
};
