/* The kernel bin: the number of the bin that each value of a column falls in, from 1.
 *
 * ntile: rows in the order of the value (ties: of the tie breaker, then of the rows) in k runs whose sizes differ by one
 *   at most, the longer ones first, as SQL's ntile. Equal values may be split.
 * quantile: cuts at the quantiles i / k, type 7. Equal values always share a bin; bins may be empty.
 * width: k bins of equal width between the least and the greatest value.
 * cuts: the given cuts.
 * A value equal to a cut is in the bin below it, or above it with closed = "left". Null and NaN have no bin. */
#include "core/kernels/relational/aggregate.h"
#include "core/kernels/relational/order.h"
#include "core/kernels/relational/quantile.h"
#include "core/kernels/relational/quantile.h"

#include <math.h>
#include <string.h>

typedef struct {
  const char *column, *name, *tie_breaker;
  int method, closed;
  int64_t k;
  ms_reals cuts;
  ms_names labels;
  bool descending;
} bin_options;

enum { NTILE, QUANTILE, WIDTH, CUTS };
enum { BINS_MOST = 1000000 };

static const ms_option options[] = {
    {.name = "column",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "column of numbers, dates or times",
     .offset = offsetof(bin_options, column)},
    {.name = "name",
     .type = MS_OPTION_TEXT,
     .brief = "name of the new column; none: the column's with _bin behind it",
     .offset = offsetof(bin_options, name)},
    {.name = "method",
     .type = MS_OPTION_CHOICE,
     .fallback = "ntile",
     .unit = "ntile quantile width cuts",
     .brief = "ntile: bins of equal size, equal values may be split; quantile: equal values stay "
              "together; width: bins of equal width; cuts: as given",
     .offset = offsetof(bin_options, method)},
    {.name = "k",
     .type = MS_OPTION_INTEGER,
     .fallback = "5",
     .low = 1,
     .high = BINS_MOST,
     .unit = "bins",
     .brief = "number of bins; cuts make one more than there are cuts",
     .offset = offsetof(bin_options, k)},
    {.name = "cuts",
     .type = MS_OPTION_REALS,
     .brief =
         "ascending numbers that separate the bins; dates count in days, times in microseconds",
     .offset = offsetof(bin_options, cuts)},
    {.name = "labels",
     .type = MS_OPTION_TEXTS,
     .brief = "a text for each bin, in place of its number",
     .offset = offsetof(bin_options, labels)},
    {.name = "descending",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "the greatest values are in bin 1",
     .offset = offsetof(bin_options, descending)},
    {.name = "tie_breaker",
     .type = MS_OPTION_COLUMN,
     .brief = "ntile: column that orders equal values, ascending; none: the order of the rows",
     .offset = offsetof(bin_options, tie_breaker)},
    {.name = "closed",
     .type = MS_OPTION_CHOICE,
     .fallback = "right",
     .unit = "right left",
     .brief = "the side on which a bin contains its cut",
     .offset = offsetof(bin_options, closed)},
    {0}};

typedef struct {
  ms_context *context;
  const ms_frame *rows;
  const bin_options *given;
  const ms_column *column;
  const double *values; /* null is NaN */
  int64_t bins;
  uint32_t *out; /* bin from 0, or MS_MISSING */
} binning;

/* ---- by order ---- */

static ms_status bin_ntile(binning *b) {
  const char *breaker = b->given->tie_breaker;
  ms_sort_key keys[2] = {{.column = b->column, .descending = b->given->descending}};
  if (breaker) {
    keys[1].column = ms_frame_get(b->context, b->rows, "bin", breaker);
    if (!keys[1].column) return ms_error_status(b->context);
  }
  int64_t rows = b->rows->rows, count = 0;
  uint32_t *sorted = ms_sort_rows(b->context, keys, breaker ? 2 : 1, rows, 0);
  if (!sorted) return ms_error_status(b->context);
  for (int64_t i = 0; i < rows; i++) count += b->values[i] == b->values[i];
  int64_t size = count / b->bins, longer = count % b->bins, place = 0;
  for (int64_t i = 0; i < rows; i++) {
    uint32_t row = sorted[i];
    if (i % MS_MORSEL == 0 && ms_cancelled(b->context)) return MS_ECANCEL;
    if (b->values[row] != b->values[row]) continue; /* NaN and null stand last, in any case */
    int64_t cut = longer * (size + 1);
    int64_t bin = place < cut ? place / (size + 1) : longer + (place - cut) / size;
    b->out[row] = (uint32_t)bin;
    place++;
  }
  return MS_OK;
}

/* ---- by cuts ---- */

/* The value's bin among ascending cuts: the number of cuts below it (closed right) or not above it. */
static uint32_t bin_of(double value, const double *cuts, size_t count, bool left) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    bool below = left ? cuts[middle] <= value : cuts[middle] < value;
    if (below)
      low = middle + 1;
    else
      high = middle;
  }
  return (uint32_t)low;
}

static ms_status bin_cuts(binning *b, const double *cuts, size_t count) {
  bool left = b->given->closed == 1;
  for (int64_t i = 0; i < b->rows->rows; i++) {
    double value = b->values[i];
    if (i % MS_MORSEL == 0 && ms_cancelled(b->context)) return MS_ECANCEL;
    if (value != value) continue;
    uint32_t bin = bin_of(value, cuts, count, left);
    b->out[i] = b->given->descending ? (uint32_t)count - bin : bin;
  }
  return MS_OK;
}

/* Values that are numbers, in scratch; their number. */
static double *numbers(binning *b, int64_t *count) {
  double *copy = ms_scratch(b->context, (size_t)b->rows->rows, sizeof *copy);
  int64_t n = 0;
  for (int64_t i = 0; copy && i < b->rows->rows; i++) {
    copy[n] = b->values[i];
    n += copy[n] == copy[n];
  }
  *count = n;
  return copy;
}

static ms_status bin_quantile(binning *b) {
  int64_t n;
  double *copy = numbers(b, &n);
  double *cuts = copy ? ms_scratch(b->context, (size_t)b->bins, sizeof *cuts) : NULL;
  if (!cuts) return MS_EMEMORY;
  if (n == 0) return MS_OK;
  for (int64_t i = 1; i < b->bins; i++) {
    cuts[i - 1] = ms_quantile_select(b->context, copy, n, (double)i / (double)b->bins);
    if (ms_cancelled(b->context)) return MS_ECANCEL;
  }
  return bin_cuts(b, cuts, (size_t)b->bins - 1);
}

static ms_status bin_width(binning *b) {
  double low = INFINITY, high = -INFINITY;
  for (int64_t i = 0; i < b->rows->rows; i++) {
    double value = b->values[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  double *cuts = ms_scratch(b->context, (size_t)b->bins, sizeof *cuts);
  if (!cuts) return MS_EMEMORY;
  if (low > high) return MS_OK;
  if (!isfinite(low) || !isfinite(high)) {
    return ms_fail(b->context, MS_EDATA, "bin: column '%s' has infinite values, width wants finite",
                   b->given->column);
  }
  for (int64_t i = 1; i < b->bins; i++) {
    double share = (double)i / (double)b->bins;
    cuts[i - 1] = low * (1 - share) + high * share;
  }
  return bin_cuts(b, cuts, (size_t)b->bins - 1);
}

static ms_status check(binning *b) {
  const bin_options *given = b->given;
  bool by_cuts = given->method == CUTS;
  if (b->column->type == MS_TEXT) {
    return ms_fail(b->context, MS_ETYPE, "bin: column '%s' is text, numbers, dates or times wanted",
                   given->column);
  }
  if (by_cuts != (given->cuts.count > 0)) {
    return ms_fail(b->context, MS_EARGUMENT,
                   by_cuts ? "bin: method 'cuts' wants the option 'cuts'"
                           : "bin: the option 'cuts' is for method 'cuts' only");
  }
  for (size_t i = 0; i < given->cuts.count; i++) {
    bool ascending = i == 0 || given->cuts.items[i] > given->cuts.items[i - 1];
    if (ascending && given->cuts.items[i] == given->cuts.items[i]) continue;
    return ms_fail(b->context, MS_EARGUMENT, "bin: cut %zu is %.15g, ascending numbers wanted",
                   i + 1, given->cuts.items[i]);
  }
  b->bins = by_cuts ? (int64_t)given->cuts.count + 1 : given->k;
  if (given->labels.count && (int64_t)given->labels.count != b->bins) {
    return ms_fail(b->context, MS_EARGUMENT, "bin: %zu labels for %lld bins", given->labels.count,
                   (long long)b->bins);
  }
  return MS_OK;
}

/* The labels or numbers of the bins, one row each. */
static const ms_column *bin_names(binning *b) {
  ms_builder *builder = ms_builder_new(b->context);
  if (!builder) return NULL;
  const ms_names *labels = &b->given->labels;
  ms_builder_column(builder, "bin", labels->count ? MS_TEXT : MS_INTEGER);
  for (int64_t i = 0; i < b->bins; i++) {
    if (!labels->count)
      ms_builder_integer(builder, 0, i + 1);
    else
      ms_builder_text(builder, 0, labels->items[i], strlen(labels->items[i]));
  }
  const ms_frame *names = ms_frame_keep(b->context, ms_builder_finish(builder));
  return names ? names->columns[0] : NULL;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  binning b = {.context = context, .rows = inputs->frames[0], .given = checked};
  b.column = ms_frame_get(context, b.rows, "bin", b.given->column);
  if (!b.column || check(&b) != MS_OK) return NULL;
  b.values = ms_view_real(context, b.column);
  b.out = b.values ? ms_scratch(context, (size_t)b.rows->rows, sizeof *b.out) : NULL;
  if (!b.out) return NULL;
  memset(b.out, 0xFF, (size_t)b.rows->rows * sizeof *b.out);
  ms_status status = MS_OK;
  switch (b.given->method) {
    case NTILE: status = bin_ntile(&b); break;
    case QUANTILE: status = bin_quantile(&b); break;
    case WIDTH: status = bin_width(&b); break;
    case CUTS: status = bin_cuts(&b, b.given->cuts.items, b.given->cuts.count); break;
  }
  const ms_column *names = status == MS_OK ? bin_names(&b) : NULL;
  if (!names) return NULL;
  const ms_column *bins =
      ms_column_keep(context, ms_column_gather(context, names, b.out, b.rows->rows));
  const char *name = b.given->name;
  if (!name) name = ms_scratch_format(context, "%s_bin", b.given->column);
  return bins && name ? ms_frame_with(context, b.rows, name, bins) : NULL;
}

const ms_kernel ms_kernel_bin = {
    .name = "bin",
    .group = "stats",
    .brief = "the bin of each value of a column, by size, quantiles, width or given cuts",
    .cost = "O(rows log rows) time, O(rows) memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(bin_options),
    .run = run,
};
