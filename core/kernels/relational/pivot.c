/* The verb pivot: the values of one column become columns. Rows are grouped by index and column value, the aggregate is
 * computed for each such cell, and the cells are put in their places. */
#include "core/kernels/relational/aggregate.h"
#include "core/kernels/relational/pivot_names.h"

#include <string.h>

typedef struct {
  ms_names index;
  const char *columns, *values;
  int aggregate;
  int64_t most;
} pivot_options;

#define AGGREGATES "first last sum total mean min max median count count_distinct deviation"
static const ms_call_id aggregates[] = {
    MS_CALL_FIRST,    MS_CALL_LAST, MS_CALL_SUM,    MS_CALL_TOTAL, MS_CALL_MEAN,
    MS_CALL_MIN,      MS_CALL_MAX,  MS_CALL_MEDIAN, MS_CALL_COUNT, MS_CALL_COUNT_DISTINCT,
    MS_CALL_DEVIATION};

static const ms_option options[] = {
    {.name = "index",
     .type = MS_OPTION_COLUMNS,
     .required = true,
     .brief = "columns that make a row of the result",
     .offset = offsetof(pivot_options, index)},
    {.name = "columns",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "column whose values become columns, in the order of first appearance",
     .offset = offsetof(pivot_options, columns)},
    {.name = "values",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "column whose values fill them",
     .offset = offsetof(pivot_options, values)},
    {.name = "aggregate",
     .type = MS_OPTION_CHOICE,
     .fallback = "first",
     .unit = AGGREGATES,
     .brief = "what becomes of several values for one cell",
     .offset = offsetof(pivot_options, aggregate)},
    {.name = "most",
     .type = MS_OPTION_INTEGER,
     .fallback = "10000",
     .low = 1,
     .high = 1000000,
     .unit = "columns",
     .brief = "more new columns than this are an error",
     .offset = offsetof(pivot_options, most)},
    {0}};

typedef struct {
  ms_context *context;
  const ms_frame *rows;
  const pivot_options *given;
  const ms_column *names, *values; /* of the rows */
  const ms_column **index;
  ms_groups by_index, by_name, cells;
} pivoting;

static ms_status columns_of(pivoting *p) {
  size_t count = p->given->index.count;
  p->index = ms_scratch(p->context, count, sizeof *p->index);
  if (!p->index) return MS_EMEMORY;
  for (size_t k = 0; k < count; k++) {
    p->index[k] = ms_frame_get(p->context, p->rows, "pivot", p->given->index.items[k]);
    if (!p->index[k]) return ms_error_status(p->context);
  }
  p->names = ms_frame_get(p->context, p->rows, "pivot", p->given->columns);
  p->values = ms_frame_get(p->context, p->rows, "pivot", p->given->values);
  if (!p->names || !p->values) return ms_error_status(p->context);
  ms_call_id id = aggregates[p->given->aggregate];
  bool numbers =
      p->values->type == MS_INTEGER || p->values->type == MS_REAL || p->values->type == MS_BOOLEAN;
  bool any_type = id == MS_CALL_FIRST || id == MS_CALL_LAST || id == MS_CALL_MIN ||
                  id == MS_CALL_MAX || id == MS_CALL_COUNT || id == MS_CALL_COUNT_DISTINCT;
  if (numbers || any_type) return MS_OK;
  ms_fail(p->context, MS_ETYPE, "pivot: column '%s' is %s, the aggregate wants numbers",
          p->given->values, ms_type_name(p->values->type));
  ms_fail_hint(p->context, "first, last, min, max, count and count_distinct take any type");
  return MS_ETYPE;
}

/* Groups of the index, of the names, and of both. */
static ms_status group_cells(pivoting *p) {
  int64_t rows = p->rows->rows;
  ms_status status = ms_groups_new(p->context, p->index, p->given->index.count, rows, &p->by_index);
  if (status == MS_OK) status = ms_groups_new(p->context, &p->names, 1, rows, &p->by_name);
  if (status != MS_OK) return status;
  if (p->by_name.count > p->given->most) {
    ms_fail(p->context, MS_ELIMIT, "pivot: column '%s' has %lld values, at most %lld wanted",
            p->given->columns, (long long)p->by_name.count, (long long)p->given->most);
    ms_fail_hint(p->context, "group by it instead, or raise the option 'most'");
    return MS_ELIMIT;
  }
  if (rows == 0) {
    p->cells = p->by_index;
    p->cells.count = 0;
    return MS_OK;
  }
  ms_key_field *fields = ms_scratch(p->context, 2, sizeof *fields);
  if (!fields) return MS_EMEMORY;
  ms_key_of_ids(&fields[0], p->by_index.ids, p->by_index.count, rows);
  ms_key_of_ids(&fields[1], p->by_name.ids, p->by_name.count, rows);
  ms_key_code code = ms_key_pack(fields, 2, rows);
  return ms_key_small(&code) ? ms_group_direct(p->context, &code, &p->cells)
                             : ms_group_hashed(p->context, &code, &p->cells);
}

/* For each new column and row of the result the cell that fills it, or MS_MISSING. */
static uint32_t *place_cells(pivoting *p) {
  size_t rows = (size_t)p->by_index.count, size;
  if (__builtin_mul_overflow(rows, (size_t)p->by_name.count, &size)) size = SIZE_MAX;
  uint32_t *places = ms_scratch(p->context, size, sizeof *places);
  if (!places) return NULL;
  memset(places, 0xFF, size * sizeof *places);
  for (int64_t c = 0; c < p->cells.count; c++) {
    uint32_t row = p->cells.first[c];
    places[p->by_name.ids[row] * rows + p->by_index.ids[row]] = (uint32_t)c;
  }
  return places;
}

/* Where no row stands, a count is 0 and everything else null. */
static ms_column *cell_column(pivoting *p, const ms_column *cells, const uint32_t *places) {
  ms_call_id id = aggregates[p->given->aggregate];
  int64_t rows = p->by_index.count;
  if (id != MS_CALL_COUNT && id != MS_CALL_COUNT_DISTINCT) {
    return ms_column_gather(p->context, cells, places, rows);
  }
  int64_t *counts = ms_scratch(p->context, (size_t)rows, sizeof *counts);
  if (!counts) return NULL;
  for (int64_t i = 0; i < rows; i++) {
    counts[i] = places[i] == MS_MISSING ? 0 : ms_column_integer(cells, places[i]);
  }
  return ms_column_from_int64(p->context, MS_INTEGER, rows, counts, NULL);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  pivoting p = {.context = context, .rows = inputs->frames[0], .given = checked};
  if (columns_of(&p) != MS_OK || group_cells(&p) != MS_OK) return NULL;
  ms_call call = {.id = aggregates[p.given->aggregate], .name = "pivot"};
  const ms_column *cells =
      ms_column_keep(context, ms_group_column(context, &p.cells, &call, p.values));
  const uint32_t *places = cells ? place_cells(&p) : NULL;
  if (!places) return NULL;
  ms_assembly out = ms_assembly_new(context, p.given->index.count + (size_t)p.by_name.count);
  for (size_t k = 0; k < p.given->index.count; k++) {
    ms_assembly_add(&out, p.given->index.items[k],
                    ms_column_gather(context, p.index[k], p.by_index.first, p.by_index.count));
  }
  for (int64_t c = 0; c < p.by_name.count && !out.failed; c++) {
    const char *name = ms_value_name(context, p.names, p.by_name.first[c]);
    ms_column *column =
        name ? cell_column(&p, cells, places + (size_t)c * (size_t)p.by_index.count) : NULL;
    ms_assembly_add(&out, name, column);
  }
  return ms_assembly_finish(&out, p.by_index.count);
}

const ms_kernel ms_kernel_pivot = {
    .name = "pivot",
    .group = "frame",
    .brief = "the values of a column become columns",
    .cost = "O(rows + cells) time and memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(pivot_options),
    .run = run,
};
