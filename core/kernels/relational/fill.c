/* fill_null: something in the place of nulls. */
#include <string.h>

#include "core/frame/kernel.h"

typedef struct {
  const ms_option_value *value;
  int strategy;
  ms_names columns;
} fill_options;

enum { VALUE, FORWARD, BACKWARD, MEAN, ZERO };

static const ms_option table[] = {
    {.name = "value",
     .type = MS_OPTION_VALUE,
     .brief = "what stands for a null, in columns of its type",
     .offset = offsetof(fill_options, value)},
    {.name = "strategy",
     .type = MS_OPTION_CHOICE,
     .fallback = "value",
     .unit = "value forward backward mean zero",
     .brief = "the value given, the value of the row before or behind, the column's mean, or 0",
     .offset = offsetof(fill_options, strategy)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "which columns; unless given, all that the filling fits",
     .offset = offsetof(fill_options, columns)},
    {0}};

static bool number(ms_type type) { return type == MS_INTEGER || type == MS_REAL; }

static bool fits(const fill_options *o, const ms_column *column) {
  const ms_value *value = o->value ? o->value->values : NULL;
  switch (o->strategy) {
    case FORWARD:
    case BACKWARD: return true;
    case MEAN:
    case ZERO: return number(column->type);
    default: break;
  }
  return value->type == column->type || (number(value->type) && number(column->type));
}

/* Values of the rows named, MS_MISSING staying null. */
static ms_column *carry(ms_context *context, const ms_column *column, bool forward) {
  uint32_t *rows = ms_scratch(context, (size_t)column->rows, sizeof *rows), from = MS_MISSING;
  if (!rows) return NULL;
  for (int64_t k = 0; k < column->rows; k++) {
    int64_t i = forward ? k : column->rows - 1 - k;
    if (ms_column_valid(column, i)) from = (uint32_t)i;
    rows[i] = from;
  }
  return ms_column_gather(context, column, rows, column->rows);
}

/* The column with row 0 of `filling` for its nulls: that row stands behind the column's for a while. */
static ms_column *fill_with(ms_context *context, const ms_column *column, ms_column *filling) {
  const ms_column *parts[] = {column, ms_column_keep(context, filling)};
  if (!parts[1]) return NULL;
  const ms_column *both = ms_column_keep(context, ms_column_concat(context, parts, 2));
  uint32_t *rows = both ? ms_scratch(context, (size_t)column->rows, sizeof *rows) : NULL;
  if (!rows) return NULL;
  for (int64_t i = 0; i < column->rows; i++) {
    rows[i] = (uint32_t)(ms_column_valid(column, i) ? i : column->rows);
  }
  return ms_column_gather(context, both, rows, column->rows);
}

static ms_column *one_real(ms_context *context, double value) {
  ms_buffer *buffer = ms_buffer_new(context, 1, sizeof value);
  if (buffer) memcpy(buffer->data, &value, sizeof value);
  return ms_column_from_real(context, 1, buffer, NULL);
}

static ms_column *one_text(ms_context *context, ms_slice text) {
  ms_intern *intern = ms_intern_new(context);
  bool added = intern && ms_intern_add(intern, text.data, text.size) >= 0;
  ms_dictionary *dictionary = added ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  uint32_t code = 0;
  return dictionary ? ms_column_from_codes(context, 1, &code, dictionary, NULL) : NULL;
}

static ms_column *mean_of(ms_context *context, const ms_column *column) {
  const double *values = ms_view_real(context, column);
  double sum = 0;
  if (!values) return NULL;
  for (int64_t i = 0; i < column->rows; i++) {
    if (ms_column_valid(column, i)) sum += values[i];
  }
  return one_real(context, sum / (double)(column->rows - column->nulls));
}

static ms_column *filled(ms_context *context, const fill_options *o, const ms_column *column) {
  int64_t zero = 0;
  if (column->nulls == 0) return ms_column_share(column);
  if (o->strategy == FORWARD || o->strategy == BACKWARD) {
    return carry(context, column, o->strategy == FORWARD);
  }
  if (o->strategy == MEAN) {
    if (column->nulls == column->rows) return ms_column_share(column);
    return fill_with(context, column, mean_of(context, column));
  }
  if (o->strategy == ZERO) {
    ms_column *one = column->type == MS_REAL
                         ? one_real(context, 0)
                         : ms_column_from_int64(context, MS_INTEGER, 1, &zero, NULL);
    return fill_with(context, column, one);
  }
  const ms_value *value = o->value->values;
  if (value->type == MS_TEXT) return fill_with(context, column, one_text(context, value->text));
  if (value->type == MS_REAL) return fill_with(context, column, one_real(context, value->real));
  return fill_with(context, column,
                   ms_column_from_int64(context, value->type, 1, &value->integer, NULL));
}

static ms_status check(ms_context *context, const fill_options *o, const ms_frame *frame) {
  bool given = o->value && o->value->count == 1 && !o->value->values->null;
  if (o->value && o->strategy != VALUE) {
    return ms_fail(context, MS_EARGUMENT, "fill_null: option 'value' is for strategy \"value\"");
  }
  if (o->strategy == VALUE && !given) {
    (void)ms_fail(context, MS_EARGUMENT, "fill_null: option 'value' must be one value");
    ms_fail_hint(context, "fill_null(0), or fill_null{ strategy = \"forward\" }");
    return MS_EARGUMENT;
  }
  for (size_t i = 0; i < o->columns.count; i++) {
    const ms_column *column = frame->columns[ms_frame_find(frame, o->columns.items[i])];
    if (fits(o, column)) continue;
    ms_status status =
        ms_fail(context, MS_ETYPE, "fill_null: column '%s' is %s and cannot be filled with %s",
                o->columns.items[i], ms_type_name(column->type),
                o->strategy == VALUE ? ms_type_name(o->value->values->type) : "a number");
    ms_fail_cell(context, o->columns.items[i], -1);
    return status;
  }
  return MS_OK;
}

static bool named(const fill_options *o, const char *name) {
  for (size_t i = 0; i < o->columns.count; i++) {
    if (strcmp(o->columns.items[i], name) == 0) return true;
  }
  return o->columns.count == 0;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  const fill_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  if (check(context, o, frame) != MS_OK) return NULL;
  ms_assembly parts = ms_assembly_new(context, frame->count);
  for (size_t i = 0; i < frame->count && !parts.failed; i++) {
    const ms_column *column = frame->columns[i];
    bool fill = named(o, frame->names[i]) && fits(o, column);
    ms_assembly_add(&parts, frame->names[i],
                    fill ? filled(context, o, column) : ms_column_share(column));
  }
  return ms_assembly_finish(&parts, frame->rows);
}

const ms_kernel ms_kernel_fill_null = {
    .name = "fill_null",
    .group = "frame",
    .brief = "puts a value, the value of a neighbour, or the mean in the place of nulls",
    .cost = "O(n)",
    .least = 1,
    .most = 1,
    .options = table,
    .size = sizeof(fill_options),
    .run = run,
};
