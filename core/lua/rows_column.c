/* The results of a row function as a column: one type is found for all of them. */
#include <math.h>
#include <string.h>

#include "core/base/bitmap.h"
#include "core/lua/rows.h"

static const char *const tag_words[] = {"nil",        "a number", "a text", "a boolean",
                                        "an integer", "a date",   "a time"};
static const ms_row_tag no_tag = MS_ROW_TAGS;

/* Set of the tags there are, as bits. */
static unsigned tags_present(const ms_row_run *run) {
  unsigned present = 0;
  for (int64_t i = 0; i < run->frame->rows; i++) present |= 1U << run->tags[i];
  return present;
}

/* The type that a tag means; numbers are told apart later. */
static ms_type tag_type(ms_row_tag tag) {
  switch (tag) {
    case MS_ROW_NULL:
    case MS_ROW_TAGS:
    case MS_ROW_TEXT: return MS_TEXT;
    case MS_ROW_NUMBER: return MS_REAL;
    case MS_ROW_INTEGER: return MS_INTEGER;
    case MS_ROW_BOOLEAN: return MS_BOOLEAN;
    case MS_ROW_DATE: return MS_DATE;
    case MS_ROW_TIME: return MS_TIME;
  }
  return MS_TEXT;
}

static int64_t first_with(const ms_row_run *run, ms_row_tag tag) {
  for (int64_t i = 0; i < run->frame->rows; i++) {
    if (run->tags[i] == tag) return i;
  }
  return -1;
}

/* Names the first rows of two kinds of results. */
static void fail_mixed(const ms_row_run *run, const char *name, ms_row_tag a, ms_row_tag b) {
  int64_t i = first_with(run, a), j = first_with(run, b);
  if (j < i) {
    int64_t row = i;
    ms_row_tag tag = a;
    i = j, a = b;
    j = row, b = tag;
  }
  ms_fail(run->context, MS_ETYPE, "%s: '%s': the function gave %s for row %lld and %s for row %lld",
          run->verb, name, tag_words[a], (long long)i + 1, tag_words[b], (long long)j + 1);
  ms_fail_hint(run->context, "a column has one type; nil is the empty value");
  ms_fail_cell(run->context, name, j);
}

/* The one tag of all results (MS_ROW_NUMBER for numbers and integers together), MS_ROW_NULL if all are
 * null, or no_tag with an error. */
static ms_row_tag one_tag(const ms_row_run *run, const char *name, unsigned present) {
  unsigned numbers = 1U << MS_ROW_NUMBER | 1U << MS_ROW_INTEGER;
  if ((present & numbers) == numbers) present &= ~(1U << MS_ROW_INTEGER);
  ms_row_tag found = MS_ROW_NULL;
  for (ms_row_tag tag = MS_ROW_NUMBER; tag < MS_ROW_TAGS; tag++) {
    if (!(present & 1U << tag)) continue;
    if (found != MS_ROW_NULL) {
      fail_mixed(run, name, found, tag);
      return no_tag;
    }
    found = tag;
  }
  return found;
}

static ms_buffer *validity_of(const ms_row_run *run) {
  size_t words = ((size_t)run->frame->rows + 63) / 64;
  ms_buffer *validity = ms_buffer_zero(run->context, words, sizeof(uint64_t));
  if (!validity) return NULL;
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (int64_t i = 0; i < run->frame->rows; i++) {
    bits[i / 64] |= (uint64_t)(run->tags[i] != MS_ROW_NULL) << (i % 64);
  }
  return validity;
}

static bool all_whole(const ms_row_run *run, const double *values) {
  for (int64_t i = 0; i < run->frame->rows; i++) {
    if (run->tags[i] != MS_ROW_NUMBER) continue;
    if (!(fabs(values[i]) <= 9007199254740992.0) || values[i] != floor(values[i])) return false;
  }
  return true;
}

/* Integers, where all numbers are whole; booleans, dates and times come through here too. */
static ms_column *integer_column(const ms_row_run *run, ms_type type, ms_buffer *validity) {
  int64_t rows = run->frame->rows, *integers = (int64_t *)(void *)run->values->data;
  for (int64_t i = 0; i < rows; i++) {
    ms_row_tag tag = run->tags[i];
    if (tag == MS_ROW_INTEGER || tag == MS_ROW_TIME) continue;
    double value = 0;
    if (tag != MS_ROW_NULL) memcpy(&value, &integers[i], sizeof value);
    integers[i] = (int64_t)value;
  }
  return ms_column_from_int64(run->context, type, rows, integers, validity);
}

static ms_column *real_column(const ms_row_run *run, ms_buffer *validity) {
  double *values = (double *)(void *)run->values->data;
  for (int64_t i = 0; i < run->frame->rows; i++) {
    if (run->tags[i] == MS_ROW_NULL) values[i] = 0;
    if (run->tags[i] != MS_ROW_INTEGER) continue;
    int64_t integer;
    memcpy(&integer, &values[i], sizeof integer);
    values[i] = (double)integer;
  }
  return ms_column_from_real(run->context, run->frame->rows, ms_buffer_share(run->values),
                             validity);
}

/* For each code of a state's texts the code of the column, UINT32_MAX where it has none yet. In scratch. */
static uint32_t *map_of(const ms_row_run *run, const ms_row_texts *texts) {
  uint32_t *map = ms_scratch(run->context, texts->count + 1, sizeof *map);
  if (map) memset(map, 0xFF, (texts->count + 1) * sizeof *map);
  return map;
}

/* Codes in the order in which texts appear in the rows, whichever state made them. */
static bool merge_texts(const ms_row_run *run, ms_intern *intern, uint32_t *codes) {
  size_t morsels = ms_morsels(run->frame->rows);
  uint32_t **maps = ms_scratch(run->context, morsels, sizeof(void *));
  if (!maps) return false;
  const double *values = (const double *)(const void *)run->values->data;
  for (size_t m = 0; m < morsels; m++) {
    const ms_row_texts *texts = run->owners[m];
    maps[m] = NULL;
    for (size_t before = 0; before < m && !maps[m]; before++) {
      if (run->owners[before] == texts) maps[m] = maps[before];
    }
    if (!maps[m]) maps[m] = map_of(run, texts);
    if (!maps[m] || ms_cancelled(run->context)) return false;
    ms_range range = ms_morsel(run->frame->rows, m);
    for (int64_t i = range.first; i < range.first + range.count; i++) {
      codes[i] = 0;
      if (run->tags[i] != MS_ROW_TEXT) continue;
      size_t code = (size_t)values[i];
      if (maps[m][code] == UINT32_MAX) {
        size_t begin = code ? texts->ends[code - 1] : 0;
        int64_t made = ms_intern_add(intern, texts->bytes + begin, texts->ends[code] - begin);
        if (made < 0) return false;
        maps[m][code] = (uint32_t)made;
      }
      codes[i] = maps[m][code];
    }
  }
  return true;
}

static ms_column *text_column(const ms_row_run *run, ms_buffer *validity) {
  ms_context *context = run->context;
  size_t rows = (size_t)run->frame->rows;
  ms_buffer *codes = ms_buffer_new(context, rows, sizeof(uint32_t));
  ms_intern *intern = codes ? ms_intern_new(context) : NULL;
  ms_dictionary *dictionary = NULL;
  uint32_t *out = codes ? (uint32_t *)(void *)codes->data : NULL;
  if (intern && merge_texts(run, intern, out)) dictionary = ms_intern_done(intern);
  ms_column *column = NULL;
  if (dictionary) {
    column = ms_column_from_codes(context, run->frame->rows, out, dictionary, validity);
  } else {
    ms_buffer_free(validity);
  }
  ms_intern_free(intern);
  ms_buffer_free(codes);
  return column;
}

static ms_column *column_of(const ms_row_run *run, ms_type type, ms_buffer *validity) {
  switch (type) {
    case MS_REAL: return real_column(run, validity);
    case MS_TEXT: return text_column(run, validity);
    case MS_BOOLEAN:
    case MS_INTEGER:
    case MS_DATE:
    case MS_TIME: return integer_column(run, type, validity);
  }
  return NULL;
}

ms_column *ms_row_column(const ms_row_run *run, const char *name, int wanted) {
  unsigned present = tags_present(run);
  ms_row_tag tag = one_tag(run, name, present);
  if (tag == no_tag) return NULL;
  ms_type type = tag_type(tag);
  if (tag == MS_ROW_NUMBER && all_whole(run, (const double *)(const void *)run->values->data)) {
    type = MS_INTEGER;
  }
  if (wanted >= 0 && tag == MS_ROW_NULL) type = (ms_type)wanted;
  if (wanted == MS_REAL && type == MS_INTEGER) type = MS_REAL;
  if (wanted >= 0 && (ms_type)wanted != type) {
    return ms_fail_null(run->context, MS_ETYPE, "%s: '%s': the function gave %s values; wanted %s",
                        run->verb, name, ms_type_name(type), ms_type_name((ms_type)wanted));
  }
  if (tag == MS_ROW_NULL) return ms_column_null(run->context, type, run->frame->rows);
  ms_buffer *validity = NULL;
  if (present & 1U << MS_ROW_NULL) {
    validity = validity_of(run);
    if (!validity) return NULL;
  }
  return column_of(run, type, validity);
}

uint32_t *ms_row_true(const ms_row_run *run, int64_t *count) {
  unsigned wrong = tags_present(run) & ~(1U << MS_ROW_NULL | 1U << MS_ROW_BOOLEAN);
  for (ms_row_tag tag = MS_ROW_NUMBER; wrong && tag < MS_ROW_TAGS; tag++) {
    if (!(wrong & 1U << tag)) continue;
    int64_t row = first_with(run, tag);
    ms_fail(run->context, MS_ETYPE,
            "%s: the function gave %s for row %lld; wanted true, false or nil", run->verb,
            tag_words[tag], (long long)row + 1);
    ms_fail_cell(run->context, "", row);
    return NULL;
  }
  uint32_t *rows = ms_scratch(run->context, (size_t)run->frame->rows, sizeof *rows);
  if (!rows) return NULL;
  const double *values = (const double *)(const void *)run->values->data;
  for (int64_t i = 0; i < run->frame->rows; i++) {
    rows[*count] = (uint32_t)i;
    *count += run->tags[i] == MS_ROW_BOOLEAN && values[i] != 0;
  }
  return rows;
}
