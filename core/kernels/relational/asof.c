/* join_asof: for each left row the nearest right row in time (or by a number), among those with the same keys.
 *
 * The right rows of each key stand together, in the order of their time; each left row searches its own. Keys are
 * looked up as in join. */
#include <math.h>
#include <string.h>

#include "core/expr/duration.h"
#include "core/kernels/relational/join.h"
#include "core/kernels/relational/order_keys.h"

typedef struct {
  ms_names on, by;
  int strategy;
  const ms_option_value *tolerance;
  bool sort, exact;
  const char *suffix;
} asof_options;

enum { BACKWARD, FORWARD, NEAREST };

static const ms_option table[] = {
    {.name = "on",
     .type = MS_OPTION_TEXTS,
     .required = true,
     .brief =
         "the column of time (or a number), of both frames (\"at\") or of each (\"at == since\")",
     .offset = offsetof(asof_options, on)},
    {.name = "by",
     .type = MS_OPTION_TEXTS,
     .brief = "keys that must be equal, written as in join",
     .offset = offsetof(asof_options, by)},
    {.name = "strategy",
     .type = MS_OPTION_CHOICE,
     .fallback = "backward",
     .unit = "backward forward nearest",
     .brief = "the last right row at or before, the first at or after, or the nearer of both",
     .offset = offsetof(asof_options, strategy)},
    {.name = "tolerance",
     .type = MS_OPTION_VALUE,
     .brief =
         "largest distance: a number, days for dates, or a duration such as \"7d\" or \"90min\"",
     .offset = offsetof(asof_options, tolerance)},
    {.name = "sort",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "sort the right frame first where it is not in order; otherwise that is an error",
     .offset = offsetof(asof_options, sort)},
    {.name = "exact",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "true",
     .brief = "whether a right row at just the same time counts",
     .offset = offsetof(asof_options, exact)},
    {.name = "suffix",
     .type = MS_OPTION_TEXT,
     .fallback = "_right",
     .brief = "put behind names of right columns that the left frame has too",
     .offset = offsetof(asof_options, suffix)},
    {0}};

typedef struct {
  const asof_options *options;
  ms_join_on on, by;
  int64_t rows[2];
  ms_join_table lookup;    /* with `by` */
  const int64_t *whole[2]; /* integers, dates, times; or */
  const double *real[2];
  double tolerance;       /* infinite: any distance */
  const uint32_t *sorted; /* right rows, key after key, each by time; without time left out */
  const uint32_t *starts; /* [keys + 1] */
  const uint32_t *left;   /* key of each left row, or MS_MISSING */
  uint32_t *out;
} asof;

/* ---- the tolerance ---- */

static bool read_duration(const ms_value *value, double *microseconds) {
  ms_duration duration;
  if (value->type != MS_TEXT || !ms_duration_parse(value->text, &duration)) return false;
  if (duration.months) return false; /* no length of their own */
  *microseconds = (double)duration.days * 86.4e9 + (double)duration.micros;
  return true;
}

static ms_status read_tolerance(ms_context *context, asof *a) {
  const ms_option_value *given = a->options->tolerance;
  ms_type type = a->on.columns[MS_LEFT][0]->type;
  a->tolerance = INFINITY;
  if (!given) return MS_OK;
  const ms_value *value = given->values;
  double duration = NAN;
  if (given->count != 1 || value->null) {
    duration = NAN;
  } else if ((type == MS_DATE || type == MS_TIME) && read_duration(value, &duration)) {
    if (type == MS_DATE) duration /= 86.4e9;
  } else if (type != MS_TIME && value->type == MS_INTEGER) {
    duration = (double)value->integer;
  } else if (type != MS_TIME && value->type == MS_REAL) {
    duration = value->real;
  }
  if (duration >= 0) {
    a->tolerance = duration;
    return MS_OK;
  }
  return ms_fail(context, MS_EARGUMENT, "join_asof: option 'tolerance' must be %s, 0 or more",
                 type == MS_TIME   ? "a duration such as \"90min\" or \"7d\""
                 : type == MS_DATE ? "a number of days, or a duration such as \"7d\""
                                   : "a number");
}

/* ---- the right rows in order ---- */

static bool comes_before(const asof *a, uint32_t row, uint32_t next) {
  if (a->whole[MS_RIGHT]) return a->whole[MS_RIGHT][row] <= a->whole[MS_RIGHT][next];
  return a->real[MS_RIGHT][row] <= a->real[MS_RIGHT][next];
}

static ms_status check_order(ms_context *context, const asof *a, int64_t keys, bool *sorted) {
  const char *name = a->on.names[MS_RIGHT][0];
  *sorted = true;
  for (int64_t k = 0; k < keys; k++) {
    for (uint32_t i = a->starts[k]; i + 1 < a->starts[k + 1]; i++) {
      if (comes_before(a, a->sorted[i], a->sorted[i + 1])) continue;
      *sorted = false;
      if (a->options->sort) return MS_OK;
      (void)ms_fail(
          context, MS_EDATA,
          "join_asof: column '%s' of the right frame is not in order: row %u comes before "
          "row %u%s",
          name, a->sorted[i] + 1, a->sorted[i + 1] + 1, keys > 1 ? " of the same keys" : "");
      ms_fail_hint(context, "sort = true sorts it first");
      ms_fail_cell(context, name, a->sorted[i + 1]);
      return MS_EDATA;
    }
  }
  return MS_OK;
}

static bool has_time(const asof *a, const ms_column *column, uint32_t row) {
  if (!ms_column_valid(column, row)) return false;
  return !a->real[MS_RIGHT] || !isnan(a->real[MS_RIGHT][row]);
}

/* Groups the right rows by their keys' entries (all alike without keys), in the order of `rows`. */
static ms_status group_rows(ms_context *context, asof *a, const uint32_t *entries, int64_t keys,
                            const uint32_t *rows) {
  const ms_column *time = a->on.columns[MS_RIGHT][0];
  uint32_t *starts = ms_scratch_zero(context, (size_t)keys + 2, sizeof *starts);
  uint32_t *sorted = starts ? ms_scratch(context, (size_t)a->rows[MS_RIGHT], sizeof *sorted) : NULL;
  if (!sorted) return MS_EMEMORY;
  for (int pass = 0; pass < 2; pass++) {
    for (int64_t i = 0; i < a->rows[MS_RIGHT]; i++) {
      uint32_t row = rows ? rows[i] : (uint32_t)i, key = entries ? entries[row] : 0;
      if (key == MS_MISSING || !has_time(a, time, row)) continue;
      if (pass == 0) {
        starts[key + 2]++;
      } else {
        sorted[starts[key + 1]++] = row;
      }
    }
    for (int64_t k = 0; k < keys && pass == 0; k++) starts[k + 2] += starts[k + 1];
  }
  a->starts = starts;
  a->sorted = sorted;
  return MS_OK;
}

static ms_status arrange(ms_context *context, asof *a) {
  int64_t keys = 1;
  uint32_t *entries = NULL;
  bool sorted;
  if (a->by.count > 0) {
    keys = a->lookup.count > 0 ? a->lookup.count : 1;
    uint32_t *left = ms_scratch(context, (size_t)a->rows[MS_LEFT], sizeof *left);
    entries = left ? ms_scratch(context, (size_t)a->rows[MS_RIGHT], sizeof *entries) : NULL;
    if (!entries) return MS_EMEMORY;
    ms_status status = ms_join_find_all(context, &a->lookup, MS_LEFT, left);
    if (status == MS_OK) status = ms_join_find_all(context, &a->lookup, MS_RIGHT, entries);
    if (status != MS_OK) return status;
    a->left = left;
  }
  ms_status status = group_rows(context, a, entries, keys, NULL);
  if (status == MS_OK) status = check_order(context, a, keys, &sorted);
  if (status != MS_OK || sorted) return status;
  ms_sort_key key = {.column = a->on.columns[MS_RIGHT][0]};
  const uint32_t *rows = ms_sort_rows(context, &key, 1, a->rows[MS_RIGHT], 0);
  return rows ? group_rows(context, a, entries, keys, rows) : ms_error_status(context);
}

/* ---- searching ---- */

static double distance(const asof *a, int64_t left, uint32_t right) {
  if (a->whole[MS_LEFT]) {
    return fabs((double)((long double)a->whole[MS_LEFT][left] - a->whole[MS_RIGHT][right]));
  }
  return fabs(a->real[MS_LEFT][left] - a->real[MS_RIGHT][right]);
}

/* Whether the right row is before the left one (or at the same time, with `equal`). */
static bool is_before(const asof *a, uint32_t right, int64_t left, bool equal) {
  if (a->whole[MS_LEFT]) {
    int64_t r = a->whole[MS_RIGHT][right], l = a->whole[MS_LEFT][left];
    return equal ? r <= l : r < l;
  }
  double r = a->real[MS_RIGHT][right], l = a->real[MS_LEFT][left];
  return equal ? r <= l : r < l;
}

/* The first place of begin … end whose row is not before the left row. */
static uint32_t search(const asof *a, uint32_t begin, uint32_t end, int64_t left, bool equal) {
  while (begin < end) {
    uint32_t middle = begin + (end - begin) / 2;
    if (is_before(a, a->sorted[middle], left, equal)) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

static uint32_t nearest(const asof *a, int64_t row) {
  uint32_t key = a->left ? a->left[row] : 0;
  const ms_column *time = a->on.columns[MS_LEFT][0];
  if (key == MS_MISSING || !ms_column_valid(time, row)) return MS_MISSING;
  if (a->real[MS_LEFT] && isnan(a->real[MS_LEFT][row])) return MS_MISSING;
  uint32_t begin = a->starts[key], end = a->starts[key + 1], best = MS_MISSING;
  if (a->options->strategy != FORWARD) {
    uint32_t at = search(a, begin, end, row, a->options->exact);
    if (at > begin) best = a->sorted[at - 1];
  }
  if (a->options->strategy != BACKWARD) {
    uint32_t at = search(a, begin, end, row, !a->options->exact);
    uint32_t after = at < end ? a->sorted[at] : MS_MISSING;
    bool nearer = after != MS_MISSING &&
                  (best == MS_MISSING || distance(a, row, after) < distance(a, row, best));
    if (nearer) best = after;
  }
  if (best != MS_MISSING && distance(a, row, best) > a->tolerance) best = MS_MISSING;
  return best;
}

static ms_status find_morsel(ms_context *worker, void *state, size_t task) {
  asof *a = state;
  ms_range range = ms_morsel(a->rows[MS_LEFT], task);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    if ((i & 4095) == 0 && ms_cancelled(worker)) return MS_ECANCEL;
    a->out[i] = nearest(a, i);
  }
  return MS_OK;
}

/* ---- all ---- */

static ms_status load_times(ms_context *context, asof *a) {
  const ms_column *left = a->on.columns[MS_LEFT][0], *right = a->on.columns[MS_RIGHT][0];
  bool numbers = (left->type == MS_INTEGER || left->type == MS_REAL) &&
                 (right->type == MS_INTEGER || right->type == MS_REAL);
  bool times = left->type == right->type && (left->type == MS_DATE || left->type == MS_TIME);
  if (!numbers && !times) {
    (void)ms_fail(context, MS_ETYPE, "join_asof: '%s' is %s on the left, '%s' is %s on the right",
                  a->on.names[MS_LEFT][0], ms_type_name(left->type), a->on.names[MS_RIGHT][0],
                  ms_type_name(right->type));
    ms_fail_hint(context, "both must be numbers, dates or times: cast one of them first");
    return MS_ETYPE;
  }
  bool reals = left->type == MS_REAL || right->type == MS_REAL;
  for (int side = 0; side < 2; side++) {
    const ms_column *column = a->on.columns[side][0];
    if (reals) {
      a->real[side] = ms_view_real(context, column);
    } else {
      a->whole[side] = ms_view_int64(context, column);
    }
    if (!a->real[side] && !a->whole[side]) return ms_error_status(context);
  }
  return MS_OK;
}

static ms_status prepare(ms_context *context, asof *a) {
  if (a->on.count != 1) {
    return ms_fail(context, MS_EARGUMENT, "join_asof: option 'on' must be one column");
  }
  ms_status status = load_times(context, a);
  if (status == MS_OK) status = read_tolerance(context, a);
  if (status == MS_OK && a->by.count > 0) {
    ms_join_pairs pairs = {.verb = "join_asof", .count = a->by.count};
    for (int side = 0; side < 2; side++) {
      pairs.names[side] = a->by.names[side];
      pairs.columns[side] = a->by.columns[side];
      pairs.rows[side] = a->rows[side];
    }
    ms_join_code *code = ms_scratch(context, 1, sizeof *code);
    status = code ? ms_join_code_new(context, &pairs, code) : MS_EMEMORY;
    if (status == MS_OK) status = ms_join_table_new(context, code, &a->lookup);
  }
  return status == MS_OK ? arrange(context, a) : status;
}

static bool repeats(const asof *a, const ms_frame *right, size_t column) {
  for (size_t k = 0; k < a->by.count; k++) {
    if (strcmp(a->by.names[MS_RIGHT][k], right->names[column]) == 0) return true;
  }
  return false;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  const ms_frame *left = inputs->frames[MS_LEFT], *right = inputs->frames[MS_RIGHT];
  asof a = {.options = given, .rows = {left->rows, right->rows}};
  if (ms_join_on_read(context, "join_asof", inputs->frames, &a.options->on, &a.on) != MS_OK ||
      ms_join_on_read(context, "join_asof", inputs->frames, &a.options->by, &a.by) != MS_OK ||
      prepare(context, &a) != MS_OK) {
    return NULL;
  }
  a.out = ms_scratch(context, (size_t)left->rows, sizeof *a.out);
  if (!a.out || ms_parallel(context, ms_morsels(left->rows), find_morsel, &a) != MS_OK) return NULL;
  ms_assembly parts = ms_assembly_new(context, left->count + right->count);
  for (size_t i = 0; i < left->count; i++) {
    ms_assembly_add(&parts, left->names[i], ms_column_share(left->columns[i]));
  }
  for (size_t i = 0; i < right->count && !parts.failed; i++) {
    const char *name = right->names[i];
    if (repeats(&a, right, i)) continue;
    if (ms_frame_find(left, name) >= 0) {
      name = ms_scratch_format(context, "%s%s", name, a.options->suffix);
      if (!name) parts.failed = true;
    }
    ms_assembly_add(&parts, name, ms_column_gather(context, right->columns[i], a.out, left->rows));
  }
  return ms_assembly_finish(&parts, left->rows);
}

const ms_kernel ms_kernel_join_asof = {
    .name = "join_asof",
    .group = "frame",
    .brief =
        "beside each row the nearest row of another frame in time, among those of the same keys",
    .cost = "O((left + right) log right)",
    .least = 2,
    .most = 2,
    .options = table,
    .size = sizeof(asof_options),
    .run = run,
};
