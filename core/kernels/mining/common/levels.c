/* Levels of a category: for text by ranks of the dictionary, for whole numbers by a table over their range. */
#include "core/kernels/mining/common/levels.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static ms_status too_many(ms_context *context, const char *kernel, const char *name,
                          int64_t count) {
  (void)ms_fail(context, MS_ELIMIT,
                "%s: column '%s' has %" PRId64 " different values, at most %d levels wanted",
                kernel, name, count, MS_LEVELS_MOST);
  ms_fail_hint(context, "leave out columns that name a row, such as a number of a customer");
  return MS_ELIMIT;
}

typedef struct {
  ms_slice text;
  uint32_t code;
} entry;

static int by_bytes(const void *a, const void *b) {
  return ms_slice_compare(((const entry *)a)->text, ((const entry *)b)->text);
}

/* Text: codes of a distinct dictionary are renumbered in the order of the entries' bytes. */
static ms_status text_levels(ms_context *context, const char *kernel, const char *name,
                             const ms_column *column, ms_category *out) {
  column = ms_column_keep(context, ms_column_distinct(context, column));
  const uint32_t *old = column ? ms_view_codes(context, column) : NULL;
  if (!old) return ms_error_status(context);
  size_t entries = (size_t)column->dictionary->count;
  uint32_t *level = ms_scratch(context, entries + 1, sizeof *level);
  out->codes = ms_scratch(context, (size_t)column->rows + 1, sizeof *out->codes);
  if (!level || !out->codes) return MS_EMEMORY;
  memset(level, 0xff, (entries + 1) * sizeof *level);
  size_t used = 0;
  for (int64_t i = 0; i < column->rows; i++) {
    if (!ms_column_valid(column, i) || level[old[i]] != MS_MISSING) continue;
    level[old[i]] = 0;
    used++;
  }
  if (used > MS_LEVELS_MOST) return too_many(context, kernel, name, (int64_t)used);
  entry *sorted = ms_scratch(context, used + 1, sizeof *sorted);
  const char **names = ms_scratch(context, used + 1, sizeof *names);
  if (!sorted || !names) return MS_EMEMORY;
  size_t n = 0;
  for (size_t e = 0; e < entries; e++) {
    if (level[e] == MS_MISSING) continue;
    sorted[n++] = (entry){ms_dictionary_entry(column->dictionary, (int64_t)e), (uint32_t)e};
  }
  if (n > 1) qsort(sorted, n, sizeof *sorted, by_bytes);
  for (size_t k = 0; k < n; k++) {
    level[sorted[k].code] = (uint32_t)k;
    if (memchr(sorted[k].text.data, 0, sorted[k].text.size)) {
      return ms_fail(context, MS_EDATA, "%s: column '%s' has a text with a zero byte in it", kernel,
                     name);
    }
    names[k] = ms_scratch_text(context, sorted[k].text.data, sorted[k].text.size);
    if (!names[k]) return MS_EMEMORY;
  }
  for (int64_t i = 0; i < column->rows; i++) {
    out->codes[i] = ms_column_valid(column, i) ? level[old[i]] : MS_MISSING;
  }
  out->levels = (ms_levels){n, names};
  return MS_OK;
}

static const char *whole_name(ms_context *context, ms_type type, int64_t value) {
  if (type == MS_BOOLEAN) return value ? "true" : "false";
  return ms_scratch_format(context, "%" PRId64, value);
}

/* Booleans and integers: a table over low … high says which values there are, then which level each is. */
static ms_status whole_levels(ms_context *context, const char *kernel, const char *name,
                              const ms_column *column, ms_category *out) {
  enum { SPAN_MOST = 1 << 20 };
  bool empty = column->low > column->high;
  uint64_t span = empty ? 1 : (uint64_t)column->high - (uint64_t)column->low + 1;
  if (span > SPAN_MOST || span == 0) {
    (void)ms_fail(context, MS_ELIMIT,
                  "%s: column '%s' goes from %" PRId64 " to %" PRId64
                  ", which are no levels of a category",
                  kernel, name, column->low, column->high);
    return MS_ELIMIT;
  }
  uint32_t *level = ms_scratch(context, span, sizeof *level);
  const int64_t *values = ms_view_int64(context, column);
  out->codes = ms_scratch(context, (size_t)column->rows + 1, sizeof *out->codes);
  if (!level || !values || !out->codes) return ms_error_status(context);
  memset(level, 0xff, span * sizeof *level);
  for (int64_t i = 0; i < column->rows; i++) {
    if (ms_column_valid(column, i)) level[values[i] - column->low] = 0;
  }
  size_t n = 0;
  for (uint64_t v = 0; v < span; v++) {
    if (level[v] == 0) level[v] = (uint32_t)n++;
  }
  if (n > MS_LEVELS_MOST) return too_many(context, kernel, name, (int64_t)n);
  const char **names = ms_scratch(context, n + 1, sizeof *names);
  if (!names) return MS_EMEMORY;
  for (uint64_t v = 0; v < span; v++) {
    if (level[v] == MS_MISSING) continue;
    names[level[v]] = whole_name(context, column->type, column->low + (int64_t)v);
    if (!names[level[v]]) return MS_EMEMORY;
  }
  for (int64_t i = 0; i < column->rows; i++) {
    out->codes[i] = ms_column_valid(column, i) ? level[values[i] - column->low] : MS_MISSING;
  }
  out->levels = (ms_levels){n, names};
  return MS_OK;
}

ms_status ms_levels_make(ms_context *context, const char *kernel, const char *name,
                         const ms_column *column, ms_category *out) {
  if (column->type == MS_TEXT) return text_levels(context, kernel, name, column, out);
  if (column->type == MS_BOOLEAN || column->type == MS_INTEGER) {
    return whole_levels(context, kernel, name, column, out);
  }
  return ms_fail(context, MS_ETYPE, "%s: column '%s' is %s; a category is text, boolean or integer",
                 kernel, name, ms_type_name(column->type));
}

static uint32_t *match_text(ms_context *context, const ms_levels *levels, const ms_column *column,
                            int64_t *unseen) {
  ms_intern *intern = ms_intern_new(context);
  if (!intern) return NULL;
  bool fine = true;
  for (size_t k = 0; k < levels->count && fine; k++) {
    fine = ms_intern_add(intern, levels->names[k], strlen(levels->names[k])) >= 0;
  }
  ms_dictionary *known = fine ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  if (!known) return NULL;
  const uint32_t *map = ms_dictionary_map(context, column->dictionary, known);
  ms_dictionary_free(known);
  const uint32_t *old = map ? ms_view_codes(context, column) : NULL;
  uint32_t *codes = old ? ms_scratch(context, (size_t)column->rows + 1, sizeof *codes) : NULL;
  if (!codes) return NULL;
  for (int64_t i = 0; i < column->rows; i++) {
    bool valid = ms_column_valid(column, i);
    codes[i] = valid ? map[old[i]] : MS_MISSING;
    *unseen += valid && codes[i] == MS_MISSING;
  }
  return codes;
}

/* The levels' numbers, ascending as they were made, for a search by halves. */
static int64_t find_whole(const int64_t *known, size_t count, int64_t value) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (known[middle] < value)
      low = middle + 1;
    else
      high = middle;
  }
  return low < count && known[low] == value ? (int64_t)low : -1;
}

typedef struct {
  int64_t value;
  uint32_t level;
} numbered;

static int by_value(const void *a, const void *b) {
  int64_t x = ((const numbered *)a)->value, y = ((const numbered *)b)->value;
  return (x > y) - (x < y);
}

/* An event that was named stands last, so that levels need not be in order. */
static uint32_t *match_whole(ms_context *context, const ms_levels *levels, const ms_column *column,
                             int64_t *unseen) {
  numbered *known = ms_scratch(context, levels->count + 1, sizeof *known);
  int64_t *values = ms_scratch(context, levels->count + 1, sizeof *values);
  const int64_t *old = ms_view_int64(context, column);
  uint32_t *codes = ms_scratch(context, (size_t)column->rows + 1, sizeof *codes);
  if (!known || !values || !old || !codes) return NULL;
  for (size_t k = 0; k < levels->count; k++) {
    const char *name = levels->names[k];
    known[k].value = strcmp(name, "true") == 0 ? 1 : strtoll(name, NULL, 10);
    known[k].level = (uint32_t)k;
  }
  if (levels->count > 1) qsort(known, levels->count, sizeof *known, by_value);
  for (size_t k = 0; k < levels->count; k++) values[k] = known[k].value;
  for (int64_t i = 0; i < column->rows; i++) {
    bool valid = ms_column_valid(column, i);
    int64_t at = valid ? find_whole(values, levels->count, old[i]) : -1;
    codes[i] = at < 0 ? MS_MISSING : known[at].level;
    *unseen += valid && at < 0;
  }
  return codes;
}

uint32_t *ms_levels_match(ms_context *context, const ms_levels *levels, const ms_column *column,
                          int64_t *unseen) {
  if (column->type == MS_TEXT) return match_text(context, levels, column, unseen);
  return match_whole(context, levels, column, unseen);
}
