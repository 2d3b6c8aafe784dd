/* The kernel folds: a number from 1 to k for each row, for cross-validation.
 *
 * Rows (or groups of rows) are shuffled and dealt to the folds in turn. Stratified: the rows of each class are shuffled and dealt one
 * class after the other, the next going on where the last stopped, so that each class and the whole differ by at most one row
 * between folds. Grouped: groups in a shuffled order, the larger ones first, each to the fold with fewest rows so far. By time: runs of
 * nearly equal size in the order of the time, rows of the same time together. */
#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/kernels/relational/order.h"
#include "core/frame/kernel.h"

typedef struct {
  const char *stratify, *group, *time, *name;
  int64_t folds, seed;
} folds_options;

static const ms_option options[] = {
    {.name = "folds",
     .type = MS_OPTION_INTEGER,
     .fallback = "10",
     .low = 2,
     .high = 10000,
     .brief = "number of folds",
     .offset = offsetof(folds_options, folds)},
    {.name = "stratify",
     .type = MS_OPTION_COLUMN,
     .brief = "column whose values every fold gets in equal parts",
     .offset = offsetof(folds_options, stratify)},
    {.name = "group",
     .type = MS_OPTION_COLUMN,
     .brief = "column whose equal values stay in one fold, such as the customer",
     .offset = offsetof(folds_options, group)},
    {.name = "time",
     .type = MS_OPTION_COLUMN,
     .brief = "column in whose order the folds follow each other; nothing is drawn",
     .offset = offsetof(folds_options, time)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .brief = "seed of the shuffle",
     .offset = offsetof(folds_options, seed)},
    {.name = "name",
     .type = MS_OPTION_TEXT,
     .fallback = "fold",
     .brief = "name of the new column",
     .offset = offsetof(folds_options, name)},
    {0}};

typedef struct {
  ms_context *context;
  const ms_frame *rows;
  const folds_options *given;
  int64_t *out; /* fold of each row */
} dealing;

/* The rows in the order of a column, and for each place whether a new value begins there. */
typedef struct {
  const uint32_t *order;
  bool *begins;
} runs;

/* Whether two rows hold the same value; nulls are one value, NaNs another. */
static bool equal_rows(const ms_column *column, const void *values, uint32_t a, uint32_t b) {
  bool valid = ms_column_valid(column, a);
  if (valid != ms_column_valid(column, b)) return false;
  if (!valid) return true;
  if (column->type == MS_REAL) {
    const double *x = values;
    return x[a] == x[b] || (x[a] != x[a] && x[b] != x[b]);
  }
  if (column->type == MS_TEXT)
    return ((const uint32_t *)values)[a] == ((const uint32_t *)values)[b];
  return ((const int64_t *)values)[a] == ((const int64_t *)values)[b];
}

static ms_status runs_of(dealing *d, const char *name, runs *out) {
  const ms_column *column = ms_frame_get(d->context, d->rows, "folds", name);
  if (!column) return ms_error_status(d->context);
  if (column->type == MS_TEXT)
    column = ms_column_keep(d->context, ms_column_distinct(d->context, column));
  const void *values = NULL;
  if (column && column->type == MS_TEXT)
    values = ms_view_codes(d->context, column);
  else if (column && column->type == MS_REAL)
    values = ms_view_real(d->context, column);
  else if (column)
    values = ms_view_int64(d->context, column);
  if (!values) return ms_error_status(d->context);
  ms_sort_key key = {.column = column};
  out->order = ms_sort_rows(d->context, &key, 1, d->rows->rows, 0);
  out->begins = ms_scratch(d->context, (size_t)d->rows->rows + 1, sizeof *out->begins);
  if (!out->order || !out->begins) return ms_error_status(d->context);
  for (int64_t i = 0; i < d->rows->rows; i++) {
    if (ms_cancelled_between(d->context, i, i + 1)) return MS_ECANCEL;
    out->begins[i] = i == 0 || !equal_rows(column, values, out->order[i - 1], out->order[i]);
  }
  return MS_OK;
}

static ms_status shuffle(ms_context *context, ms_random *random, uint32_t *items, int64_t count) {
  for (int64_t i = count - 1; i > 0; i--) {
    if (ms_cancelled_between(context, i, i + 1)) return MS_ECANCEL;
    int64_t j = (int64_t)ms_random_below(random, (uint64_t)i + 1);
    uint32_t kept = items[i];
    items[i] = items[j], items[j] = kept;
  }
  return MS_OK;
}

static ms_status deal_rows(dealing *d) {
  int64_t rows = d->rows->rows;
  uint32_t *order = ms_scratch(d->context, (size_t)rows + 1, sizeof *order);
  if (!order) return MS_EMEMORY;
  runs classes = {0};
  if (d->given->stratify) {
    if (runs_of(d, d->given->stratify, &classes) != MS_OK) return ms_error_status(d->context);
    memcpy(order, classes.order, (size_t)rows * sizeof *order);
  } else {
    for (int64_t i = 0; i < rows; i++) order[i] = (uint32_t)i;
  }
  for (int64_t first = 0, stream = 0; first < rows; stream++) {
    int64_t end = first + 1;
    while (end < rows && !(classes.begins && classes.begins[end])) end++;
    ms_random random = ms_random_new((uint64_t)d->given->seed, (uint64_t)stream);
    if (shuffle(d->context, &random, order + first, end - first) != MS_OK) return MS_ECANCEL;
    first = end;
  }
  for (int64_t i = 0; i < rows; i++) {
    if (ms_cancelled_between(d->context, i, i + 1)) return MS_ECANCEL;
    d->out[order[i]] = i % d->given->folds + 1;
  }
  return MS_OK;
}

typedef struct {
  int64_t first, count;
  uint64_t drawn;
} group;

/* The largest group first; of equal ones that with the lowest number drawn. */
static const uint32_t *largest_first(dealing *d, const group *groups, int64_t n) {
  int64_t *sizes = ms_scratch(d->context, (size_t)n + 1, sizeof *sizes);
  int64_t *drawn = ms_scratch(d->context, (size_t)n + 1, sizeof *drawn);
  if (!sizes || !drawn) return NULL;
  for (int64_t g = 0; g < n; g++) {
    sizes[g] = groups[g].count;
    drawn[g] = (int64_t)(groups[g].drawn ^ UINT64_C(1) << 63); /* in the order of unsigned ones */
  }
  const int64_t *values[] = {sizes, drawn};
  ms_sort_key keys[2] = {{.descending = true}};
  for (size_t k = 0; k < 2; k++) {
    keys[k].column = ms_column_keep(
        d->context, ms_column_from_int64(d->context, MS_INTEGER, n, values[k], NULL));
    if (!keys[k].column) return NULL;
  }
  return ms_sort_rows(d->context, keys, 2, n, 0);
}

static ms_status deal_groups(dealing *d) {
  int64_t rows = d->rows->rows, folds = d->given->folds, n = 0;
  runs found;
  if (runs_of(d, d->given->group, &found) != MS_OK) return ms_error_status(d->context);
  group *groups = ms_scratch(d->context, (size_t)rows + 1, sizeof *groups);
  int64_t *sizes = ms_scratch_zero(d->context, (size_t)folds, sizeof *sizes);
  if (!groups || !sizes) return MS_EMEMORY;
  ms_random random = ms_random_new((uint64_t)d->given->seed, 0);
  for (int64_t i = 0; i < rows; i++) {
    if (ms_cancelled_between(d->context, i, i + 1)) return MS_ECANCEL;
    if (found.begins[i]) groups[n++] = (group){i, 0, ms_random_next(&random)};
    groups[n - 1].count++;
  }
  const uint32_t *order = largest_first(d, groups, n);
  if (!order) return ms_error_status(d->context);
  for (int64_t g = 0; g < n; g++) {
    const group *dealt = &groups[order[g]];
    int64_t least = 0;
    for (int64_t f = 1; f < folds; f++) least = sizes[f] < sizes[least] ? f : least;
    if (ms_cancelled_between(d->context, g, g + 1)) return MS_ECANCEL;
    sizes[least] += dealt->count;
    for (int64_t i = 0; i < dealt->count; i++) {
      d->out[found.order[dealt->first + i]] = least + 1;
    }
  }
  return MS_OK;
}

static ms_status deal_times(dealing *d) {
  int64_t rows = d->rows->rows, folds = d->given->folds, fold = 1;
  runs found;
  if (runs_of(d, d->given->time, &found) != MS_OK) return ms_error_status(d->context);
  for (int64_t i = 0; i < rows; i++) {
    if (ms_cancelled_between(d->context, i, i + 1)) return MS_ECANCEL;
    if (found.begins[i]) fold = (int64_t)((double)i * (double)folds / (double)rows) + 1;
    d->out[found.order[i]] = fold;
  }
  return MS_OK;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  dealing d = {.context = context, .rows = inputs->frames[0], .given = checked};
  const folds_options *given = checked;
  if (!!given->stratify + !!given->group + !!given->time > 1)
    return ms_fail_null(context, MS_EARGUMENT,
                        "folds: got more than one of stratify, group and time, wanted one");
  d.out = ms_scratch(context, (size_t)d.rows->rows + 1, sizeof *d.out);
  if (!d.out) return NULL;
  ms_status status = given->time ? deal_times(&d) : given->group ? deal_groups(&d) : deal_rows(&d);
  if (status != MS_OK) return NULL;
  const ms_column *column =
      ms_column_keep(context, ms_column_from_int64(context, MS_INTEGER, d.rows->rows, d.out, NULL));
  return column ? ms_frame_with(context, d.rows, given->name, column) : NULL;
}

const ms_kernel ms_kernel_folds = {
    .name = "folds",
    .group = "stats",
    .brief = "a number of a fold for each row: drawn, stratified, by group or by time",
    .cost = "O(rows log rows) time, 40 bytes a row; by group + O(groups * folds) time",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(folds_options),
    .run = run,
};
