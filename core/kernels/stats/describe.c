/* The kernel describe: each column of a frame in one row of figures. Distinct values come from grouping the column by
 * itself, quartiles from selection, the rest from the aggregates over all rows as one group. */
#include "core/kernels/relational/aggregate.h"
#include "core/kernels/relational/pivot_names.h"
#include "core/kernels/relational/quantile.h"
#include "core/kernels/relational/quantile.h"

#include <string.h>

typedef struct {
  ms_names columns;
} describe_options;

static const ms_option options[] = {{.name = "columns",
                                     .type = MS_OPTION_COLUMNS,
                                     .brief = "columns to describe; none: all",
                                     .offset = offsetof(describe_options, columns)},
                                    {0}};

/* The result's columns, in this order. */
enum {
  NAME,
  TYPE,
  VALUES,
  NULLS,
  DISTINCT,
  MEAN,
  DEVIATION,
  MIN,
  Q1,
  MEDIAN,
  Q3,
  MAX,
  TOP,
  TOP_COUNT
};
static const struct {
  const char *name;
  ms_type type;
} shape[] = {{"column", MS_TEXT},    {"type", MS_TEXT},        {"values", MS_INTEGER},
             {"nulls", MS_INTEGER},  {"distinct", MS_INTEGER}, {"mean", MS_REAL},
             {"deviation", MS_REAL}, {"min", MS_TEXT},         {"q1", MS_REAL},
             {"median", MS_REAL},    {"q3", MS_REAL},          {"max", MS_TEXT},
             {"top", MS_TEXT},       {"top_count", MS_INTEGER}};

static void put_text(ms_builder *out, size_t column, const char *text) {
  if (text)
    ms_builder_text(out, column, text, strlen(text));
  else
    ms_builder_null(out, column);
}

/* A value as text; null stays null. */
static ms_status put_named(ms_context *context, ms_builder *out, size_t at, const ms_column *x,
                           int64_t row) {
  bool valid = ms_column_valid(x, row);
  const char *text = valid ? ms_value_name(context, x, row) : NULL;
  if (valid && !text) return MS_EMEMORY;
  put_text(out, at, text);
  return MS_OK;
}

/* One aggregate of the whole column, a column of one row; kept for the call. */
static const ms_column *whole(ms_context *context, const ms_column *x, ms_call_id id) {
  uint32_t *ids = ms_scratch_zero(context, (size_t)x->rows + 1, sizeof *ids);
  ms_groups one = {.count = 1, .ids = ids, .first = ids};
  ms_call call = {.id = id, .name = "describe"};
  return ids ? ms_column_keep(context, ms_group_column(context, &one, &call, x)) : NULL;
}

static ms_status put_real(ms_context *context, ms_builder *out, size_t at, const ms_column *x,
                          ms_call_id id) {
  const ms_column *result = whole(context, x, id);
  if (!result) return ms_error_status(context);
  if (ms_column_valid(result, 0))
    ms_builder_real(out, at, ms_column_real(result, 0));
  else
    ms_builder_null(out, at);
  return MS_OK;
}

static ms_status put_value(ms_context *context, ms_builder *out, size_t at, const ms_column *x,
                           ms_call_id id) {
  const ms_column *result = whole(context, x, id);
  if (!result) return ms_error_status(context);
  return put_named(context, out, at, result, 0);
}

/* Mean, deviation and quartiles; the quartiles from the sorted part of a copy. */
static ms_status put_numbers(ms_context *context, ms_builder *out, const ms_column *x) {
  ms_status status = put_real(context, out, MEAN, x, MS_CALL_MEAN);
  if (status == MS_OK) status = put_real(context, out, DEVIATION, x, MS_CALL_DEVIATION);
  double *values = ms_scratch(context, (size_t)x->rows, sizeof *values);
  if (!values) return MS_EMEMORY;
  ms_load_real(x, 0, x->rows, values);
  int64_t n = 0;
  for (int64_t i = 0; i < x->rows; i++) {
    if (ms_column_valid(x, i)) values[n++] = values[i];
  }
  for (int q = 0; q < 3; q++) {
    size_t at = (size_t[]){Q1, MEDIAN, Q3}[q];
    if (n > 0)
      ms_builder_real(out, at, ms_quantile_select(context, values, n, 0.25 * (q + 1)));
    else
      ms_builder_null(out, at);
    if (ms_cancelled(context)) return MS_ECANCEL;
  }
  return status;
}

/* Number of distinct values, the most frequent one (the first of equals), and how often it stands. */
static ms_status put_distinct(ms_context *context, ms_builder *out, const ms_column *x) {
  ms_groups groups;
  ms_status status = ms_groups_new(context, &x, 1, x->rows, &groups);
  uint32_t *sizes =
      status == MS_OK ? ms_scratch_zero(context, (size_t)groups.count + 1, sizeof *sizes) : NULL;
  if (!sizes) return ms_error_status(context);
  for (int64_t i = 0; i < x->rows; i++) sizes[groups.ids[i]]++;
  int64_t top = -1;
  for (int64_t g = 0; g < groups.count; g++) {
    if (!ms_column_valid(x, groups.first[g])) continue;
    if (top < 0 || sizes[g] > sizes[top]) top = g;
  }
  ms_builder_integer(out, DISTINCT, groups.count - (x->nulls > 0));
  if (top < 0) {
    ms_builder_null(out, TOP);
    ms_builder_null(out, TOP_COUNT);
    return MS_OK;
  }
  ms_builder_integer(out, TOP_COUNT, sizes[top]);
  return put_named(context, out, TOP, x, groups.first[top]);
}

static ms_status put_column(ms_context *context, ms_builder *out, const char *name,
                            const ms_column *x) {
  put_text(out, NAME, name);
  put_text(out, TYPE, ms_type_name(x->type));
  ms_builder_integer(out, VALUES, x->rows - x->nulls);
  ms_builder_integer(out, NULLS, x->nulls);
  ms_status status = put_distinct(context, out, x);
  if (status == MS_OK) status = put_value(context, out, MIN, x, MS_CALL_MIN);
  if (status == MS_OK) status = put_value(context, out, MAX, x, MS_CALL_MAX);
  if (status != MS_OK) return status;
  if (x->type == MS_INTEGER || x->type == MS_REAL || x->type == MS_BOOLEAN) {
    return put_numbers(context, out, x);
  }
  for (size_t i = 0; i < 5; i++)
    ms_builder_null(out, (size_t[]){MEAN, DEVIATION, Q1, MEDIAN, Q3}[i]);
  return MS_OK;
}

static void release(void *builder) { ms_builder_free(builder); }

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const describe_options *given = checked;
  const ms_frame *frame = inputs->frames[0];
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
    if (ms_builder_column(out, shape[i].name, shape[i].type) == MS_OK) continue;
    release(out);
    return NULL;
  }
  size_t count = given->columns.count ? given->columns.count : frame->count;
  for (size_t i = 0; i < count; i++) {
    const char *name = given->columns.count ? given->columns.items[i] : frame->names[i];
    const ms_column *x = ms_frame_get(context, frame, "describe", name);
    ms_mark mark = ms_scratch_mark(context);
    if (!x || put_column(context, out, name, x) != MS_OK) {
      release(out);
      return NULL;
    }
    ms_scratch_release(context, mark);
  }
  return ms_builder_finish(out);
}

const ms_kernel ms_kernel_describe = {
    .name = "describe",
    .group = "stats",
    .brief = "each column in a row of figures: nulls, distinct values, mean, quartiles, top value",
    .cost = "O(rows * columns) time, O(rows) memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(describe_options),
    .run = run,
};
