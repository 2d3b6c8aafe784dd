/* Reads the columns of a window. Each kind has a loop that takes the common form of its fields in a few
 * instructions; what it does not take goes to ms_csv_field, which decides between null, another way of
 * writing the value, a bad row (where the caller named the type) and a contradiction, which ends the
 * column's reading in this pass. Values are made in a small array and then stored as narrow as the
 * column is. */
#include "core/io/csv_column.h"

#include <string.h>

#include "core/base/encoding.h"
#include "core/base/zone.h"
#include "core/io/csv_vector.h"

/* One column of one window. */
typedef struct {
  ms_csv_lane *lane;
  const ms_csv_window *window;
  const ms_csv_column *column;
  ms_csv_part *part;
  size_t index; /* of the column */
  int64_t slot;
  bool any_null;
} reading;

static void set_null(reading *r, size_t row) {
  ms_bit_set(r->lane->nulls, (int64_t)row);
  r->any_null = true;
}

static ms_status bad_value(reading *r, size_t row) {
  const ms_csv_window *w = r->window;
  ms_slice first = ms_csv_raw(w, row, 0), last = ms_csv_raw(w, row, w->fields - 1);
  const char *reason =
      ms_scratch_format(r->lane->context, "not %s", ms_type_name(ms_csv_type(r->column->kind)));
  if (!reason) return ms_error_status(r->lane->context);
  ms_csv_reject reject = {.at = (size_t)(first.data - r->lane->reader->text.data),
                          .size = (size_t)(last.data + last.size - first.data),
                          .column = r->column->name,
                          .field = r->column->field,
                          .reason = reason,
                          .slot =
                              r->lane->reader->bad == MS_CSV_NULL ? -1 : r->slot + (int64_t)row};
  set_null(r, row);
  return ms_csv_reject_add(r->lane, reject);
}

/* The field that a loop did not take. Gives false (with part->wanted) where it contradicts the column. */
static bool settle(reading *r, size_t row, ms_csv_value *value, ms_status *status) {
  const ms_csv_rules *rules = &r->lane->reader->rules;
  ms_csv_kind kind = r->column->kind;
  ms_slice raw = ms_csv_raw(r->window, row, r->column->field);
  bool quoted;
  *status = ms_csv_room(r->lane, raw.size);
  if (*status) return false;
  ms_slice text = ms_csv_unquote(&rules->dialect, raw, r->lane->room, &quoted);
  *value = ms_csv_field(rules, text, quoted);
  if (value->kind == MS_CSV_NULLS) {
    set_null(r, row);
    *value = (ms_csv_value){.kind = kind};
    return true;
  }
  if (r->column->forced) {
    if (!ms_csv_force(rules, text, kind, value)) {
      *status = bad_value(r, row);
      *value = (ms_csv_value){.kind = kind};
    }
    return *status == MS_OK;
  }
  if (ms_csv_convert(rules, value, kind)) return true;
  ms_csv_kind wanted = ms_csv_join(kind, value->kind);
  if (kind == MS_CSV_REAL && value->kind == MS_CSV_WHOLE) wanted = MS_CSV_TEXT;
  r->part->wanted = wanted;
  return false;
}

/* ---- storing ---- */

#define STORE(T)                                                                                   \
  do {                                                                                             \
    T *out = (T *)(void *)r->column->values->data + r->slot;                                       \
    for (size_t i = 0; i < rows; i++) out[i] = (T)values[i];                                       \
  } while (0)

static void store_integers(reading *r, const int64_t *values) {
  size_t rows = r->window->rows;
  switch (r->column->storage) {
    case MS_INT8: STORE(int8_t); break;
    case MS_INT16: STORE(int16_t); break;
    case MS_INT32: STORE(int32_t); break;
    case MS_INT64:
    case MS_FLOAT64:
    case MS_CODE8:
    case MS_CODE16:
    case MS_CODE32:
    case MS_CODE_ROW: STORE(int64_t); break;
  }
}

static void store_codes(reading *r, const uint32_t *values) {
  size_t rows = r->window->rows;
  if (r->column->storage == MS_CODE8)
    STORE(uint8_t);
  else if (r->column->storage == MS_CODE16)
    STORE(uint16_t);
  else
    STORE(uint32_t);
}

/* Bounds of the valid values; nulls among them hold 0 and are passed over. */
static void widen_bounds(reading *r, const int64_t *values) {
  int64_t low = r->part->low, high = r->part->high;
  size_t rows = r->window->rows;
  for (size_t i = 0; i < rows; i++) {
    if (r->any_null && ms_bit(r->lane->nulls, (int64_t)i)) continue;
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  r->part->low = low;
  r->part->high = high;
  if (low <= high &&
      ms_storage_size(ms_storage_for(low, high)) > ms_storage_size(r->column->storage))
    r->part->overflow = true;
}

/* The window's nulls go to the column's bitmap. Its first and last word may be another lane's too. */
static void store_nulls(reading *r) {
  uint64_t *map = (uint64_t *)(void *)r->column->nulls->data;
  for (size_t row = 0; row < r->window->rows; row++) {
    if (!ms_bit(r->lane->nulls, (int64_t)row)) continue;
    int64_t slot = r->slot + (int64_t)row;
    __atomic_fetch_or(&map[slot >> 6], UINT64_C(1) << (slot & 63), __ATOMIC_RELAXED);
    r->part->nulls++;
  }
}

/* ---- loops ---- */

static ms_status read_integers(reading *r) {
  const ms_csv_window window = *r->window; /* a copy, that stays in registers */
  const size_t field = r->column->field;
  int64_t *values = r->lane->integers;
  bool dressed = r->lane->reader->rules.dressed, vectors = !dressed && !window.first;
  for (size_t row = 0, alone = 0; row < window.rows; row++) {
    if (vectors && row >= alone && row + MS_CSV_LANES <= window.rows) {
      if (ms_csv_integers(&window, row, field, values + row)) {
        row += MS_CSV_LANES - 1;
        continue;
      }
      alone = row + MS_CSV_LANES; /* these one by one */
    }
    ms_slice raw = ms_csv_raw(&window, row, field);
    uint64_t word;
    if (raw.size - 1 < 8 && (raw.data[0] != '0' || raw.size == 1) && !dressed &&
        ms_csv_digits(raw.data + raw.size, raw.size, &word)) {
      values[row] = (int64_t)word;
      continue;
    }
    ms_status status = MS_OK;
    ms_csv_value value = {0};
    if (raw.size == 0)
      set_null(r, row);
    else if (!settle(r, row, &value, &status))
      return status;
    values[row] = value.integer;
  }
  widen_bounds(r, values);
  store_integers(r, values);
  return MS_OK;
}

/* 2024-01-31 */
static bool plain_date(const char *at, int64_t *days) {
  uint64_t year, month, day;
  if (at[4] != '-' || at[7] != '-' || !ms_csv_digits(at + 4, 4, &year) ||
      !ms_csv_digits(at + 7, 2, &month) || !ms_csv_digits(at + 10, 2, &day) ||
      !ms_civil_valid((int64_t)year, (int)month, (int)day))
    return false;
  *days = ms_civil_days((int64_t)year, (int)month, (int)day);
  return true;
}

/* 2024-01-31 12:30:59 */
static bool plain_time(const char *at, int64_t *micros) {
  uint64_t hour, minute, second;
  int64_t days;
  if ((at[10] != ' ' && at[10] != 'T') || at[13] != ':' || at[16] != ':' ||
      !ms_csv_digits(at + 13, 2, &hour) || !ms_csv_digits(at + 16, 2, &minute) ||
      !ms_csv_digits(at + 19, 2, &second) || hour > 23 || minute > 59 || second > 59 ||
      !plain_date(at, &days))
    return false;
  *micros = days * MS_DAY + (int64_t)((hour * 60 + minute) * 60 + second) * MS_SECOND;
  return true;
}

/* Dates, times, booleans. */
static ms_status read_others(reading *r) {
  const ms_csv_window window = *r->window;
  const size_t field = r->column->field;
  int64_t *values = r->lane->integers;
  bool plain = r->lane->reader->rules.formats.count == 0;
  bool dates = plain && r->column->kind == MS_CSV_DATE;
  bool times = plain && r->column->kind == MS_CSV_TIME && !ms_context_zone_of(r->lane->context);
  for (size_t row = 0; row < window.rows; row++) {
    ms_slice raw = ms_csv_raw(&window, row, field);
    ms_status status = MS_OK;
    ms_csv_value value = {0};
    if (times && raw.size == 19 && plain_time(raw.data, &values[row])) continue;
    if (dates && raw.size == 10 && plain_date(raw.data, &values[row])) continue;
    if (!settle(r, row, &value, &status)) return status;
    values[row] = value.integer;
  }
  widen_bounds(r, values);
  store_integers(r, values);
  return MS_OK;
}

static ms_status read_reals(reading *r) {
  const ms_csv_window window = *r->window;
  const size_t field = r->column->field;
  double *values = (double *)(void *)r->column->values->data + r->slot;
  bool dressed = r->lane->reader->rules.dressed, vectors = !dressed && !window.first;
  for (size_t row = 0, alone = 0; row < window.rows; row++) {
    if (vectors && row >= alone && row + MS_CSV_LANES <= window.rows) {
      if (ms_csv_reals(&window, row, field, values + row)) {
        row += MS_CSV_LANES - 1;
        continue;
      }
      alone = row + MS_CSV_LANES; /* these one by one */
    }
    ms_slice raw = ms_csv_raw(&window, row, field);
    if (!dressed && ms_csv_short_real(raw, &values[row])) continue;
    ms_status status = MS_OK;
    ms_csv_value value = {0};
    if (raw.size == 0)
      set_null(r, row);
    else if (!settle(r, row, &value, &status))
      return status;
    values[row] = value.real;
  }
  return MS_OK;
}

/* Whether the field is null; otherwise *text is what it says. Unquoted copies stand in the lane's room
 * behind each other, `used` bytes of it. */
static bool text_of(reading *r, size_t row, size_t *used, ms_slice *text) {
  const ms_csv_rules *rules = &r->lane->reader->rules;
  ms_slice raw = ms_csv_raw(r->window, row, r->column->field);
  bool quoted = false;
  *text = raw;
  if (r->window->quotes && raw.size > 0 && raw.data[0] == rules->dialect.quote) {
    *text = ms_csv_unquote(&rules->dialect, raw, r->lane->room + *used, &quoted);
    if (text->data == r->lane->room + *used) *used += text->size;
  }
  if (text->size == 0 ? !quoted : rules->nulls.count && ms_csv_is_null(rules, *text, quoted)) {
    *text = (ms_slice){r->lane->room, 0};
    return true;
  }
  return false;
}

static ms_status read_texts(reading *r) {
  enum { GROUP = 256 };
  ms_slice texts[GROUP];
  const ms_csv_window window = *r->window;
  const size_t field = r->column->field;
  size_t rows = window.rows, used = 0;
  uint32_t *codes = (uint32_t *)(void *)r->lane->integers;
  bool whole = true;
  for (size_t row = 0; row < rows && whole; row += GROUP) {
    size_t count = rows - row < GROUP ? rows - row : GROUP, kept = 0;
    bool plain = !window.quotes && !r->lane->reader->rules.nulls.count;
    for (size_t i = 0; i < count; i++) {
      ms_slice raw = ms_csv_raw(&window, row + i, field);
      if (plain && raw.size > 0) {
        texts[r->column->plain ? i : kept++] = raw;
        continue;
      }
      if (!text_of(r, row + i, &used, &texts[r->column->plain ? i : kept])) {
        kept++;
        continue;
      }
      set_null(r, row + i);
    }
    if (r->column->plain) {
      whole = ms_csv_words_append(r->part->words, texts, count);
    } else if (kept == count) {
      whole = ms_csv_words_add(r->part->words, texts, count, codes + row);
    } else {
      uint32_t found[GROUP];
      whole = ms_csv_words_add(r->part->words, texts, kept, found);
      for (size_t i = 0, k = 0; whole && i < count; i++)
        codes[row + i] = ms_bit(r->lane->nulls, (int64_t)(row + i)) ? 0 : found[k++];
    }
  }
  if (!whole)
    return ms_fail(r->lane->context, MS_EMEMORY, "read_csv: not enough memory for texts of '%s'",
                   r->column->name);
  if (r->column->plain) return MS_OK;
  size_t bytes = ms_storage_size(r->column->storage);
  if (bytes < 4 && r->part->words->count > INT64_C(1) << (8 * bytes)) r->part->overflow = true;
  store_codes(r, codes);
  return MS_OK;
}

/* A column of which nothing but nulls is known. */
static ms_status read_nothing(reading *r) {
  ms_status status = MS_OK;
  ms_csv_value value;
  for (size_t row = 0; row < r->window->rows; row++) {
    if (!settle(r, row, &value, &status)) return status;
  }
  return MS_OK;
}

static ms_status read_column(reading *r) {
  ms_status status = MS_OK;
  memset(r->lane->nulls, 0, ms_bitmap_words((int64_t)r->window->rows) * sizeof(uint64_t));
  switch (r->column->kind) {
    case MS_CSV_NULLS: status = read_nothing(r); break;
    case MS_CSV_INTEGER:
    case MS_CSV_WHOLE: status = read_integers(r); break;
    case MS_CSV_BOOLEAN:
    case MS_CSV_DATE:
    case MS_CSV_TIME: status = read_others(r); break;
    case MS_CSV_REAL: status = read_reals(r); break;
    case MS_CSV_TEXT: status = read_texts(r); break;
  }
  if (!status && r->any_null && r->part->wanted == r->column->kind) store_nulls(r);
  return status;
}

/* Rows whose bytes are not UTF-8 are kept as they are, and named among the rejected ones. */
static ms_status flag_bytes(ms_csv_lane *lane, const ms_csv_window *window) {
  ms_csv_reader *reader = lane->reader;
  for (size_t row = 0; row < window->rows; row++) {
    ms_slice first = ms_csv_raw(window, row, 0);
    ms_slice last = ms_csv_raw(window, row, window->fields - 1);
    ms_slice record = {first.data, (size_t)(last.data + last.size - first.data)};
    if (ms_utf8_check(record.data, record.size)) continue;
    size_t bad = 0, next = 0;
    while (ms_utf8_next(record, &next) >= 0) bad = next;
    size_t at = (size_t)(record.data - reader->text.data);
    if (reader->bad == MS_CSV_ERROR)
      return ms_fail(lane->context, MS_EENCODING,
                     "read_csv: '%s' line %lld: byte %zu of the record is not text in the encoding",
                     reader->path, (long long)ms_csv_line(&reader->text, at), bad + 1);
    const char *reason = ms_scratch_format(
        lane->context, "byte %zu is not text in the encoding; the row is kept", bad + 1);
    if (!reason) return ms_error_status(lane->context);
    ms_status status = ms_csv_reject_add(
        lane, (ms_csv_reject){.at = at, .size = record.size, .reason = reason, .slot = -1});
    if (status) return status;
  }
  return MS_OK;
}

ms_status ms_csv_window_read(ms_csv_lane *lane, const ms_csv_window *window) {
  if (lane->rows + (int64_t)window->rows > lane->slots)
    return ms_fail(lane->context, MS_EINTERNAL, "read_csv: more records than were counted");
  ms_status status = ms_csv_prepare(lane, window);
  if (!status && !lane->reader->utf8 && lane->reader->first_pass) status = flag_bytes(lane, window);
  for (size_t j = 0; !status && j < lane->reader->count; j++) {
    ms_csv_part *part = &lane->parts[j];
    const ms_csv_column *column = &lane->reader->columns[j];
    if (!column->active || part->wanted != column->kind) continue;
    reading r = {lane, window, column, part, j, lane->slot + lane->rows, false};
    status = read_column(&r);
  }
  lane->rows += (int64_t)window->rows;
  return status;
}
