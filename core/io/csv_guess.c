/* What the columns seem to be, from a few thousand records all over the file. A guess may only be too low:
 * whatever is found to contradict it later raises it, and the column is read again. */
#include <math.h>

#include "core/io/csv_pass.h"
#include "core/io/csv_text.h"

/* A column is plain from so many rows on if more than 0.6 of its texts differ. Reading alone would always be faster plain;
 * grouping by the column is faster with a dictionary (docs/speed.md). */
enum { RECORDS = 8192, PLAIN_ROWS = 50000 };

/* The sample's fields, a record after the other. */
typedef struct {
  ms_slice *fields; /* records * fields */
  size_t records;
  size_t bytes; /* of these records */
  char *room;   /* to unquote one */
} sample;

static ms_status take_sample(ms_csv_reader *reader, const size_t *places, size_t count, sample *s) {
  const ms_csv_text *text = &reader->text;
  size_t width = reader->fields, most = RECORDS * 9 / width + 100;
  most = most < RECORDS ? most : RECORDS;
  *s = (sample){.fields = ms_scratch(reader->context, most * width, sizeof *s->fields)};
  if (!s->fields) return MS_EMEMORY;
  for (size_t p = 0; p < count; p++) {
    size_t at = places[p], limit = p + 1 < count ? places[p + 1] : text->size;
    size_t until = most * (p + 1) / count;
    while (s->records < until && at < limit) {
      ms_csv_record record = {s->fields + s->records * width, width, 0};
      size_t next = ms_csv_split(text, &reader->rules.dialect, at, &record);
      if (next == 0) break;
      if (record.count == width) {
        s->records++;
        s->bytes += next - at;
      }
      at = next;
    }
  }
  return MS_OK;
}

static ms_slice bare(const ms_csv_reader *reader, const sample *s, size_t field, bool *quoted) {
  return ms_csv_unquote(&reader->rules.dialect, s->fields[field], s->room, quoted);
}

static size_t longest(const ms_csv_reader *reader, const sample *s) {
  size_t most = 0;
  for (size_t i = 0; i < s->records * reader->fields; i++)
    most = s->fields[i].size > most ? s->fields[i].size : most;
  return most;
}

static void guess_kind(const ms_csv_reader *reader, const sample *s, ms_csv_column *column) {
  int64_t low = INT64_MAX, high = INT64_MIN;
  bool quoted;
  for (size_t i = 0; i < s->records; i++) {
    ms_slice text = bare(reader, s, i * reader->fields + column->field, &quoted);
    ms_csv_value value = ms_csv_field(&reader->rules, text, quoted);
    if (!column->forced) {
      column->kind = column->kind == MS_CSV_REAL && value.kind == MS_CSV_WHOLE
                         ? MS_CSV_TEXT
                         : ms_csv_join(column->kind, value.kind);
      if (column->kind == MS_CSV_TEXT) return;
    }
    if (value.kind == MS_CSV_NULLS || value.kind == MS_CSV_TEXT ||
        !ms_csv_convert(&reader->rules, &value, column->kind))
      continue;
    low = value.integer < low ? value.integer : low;
    high = value.integer > high ? value.integer : high;
  }
  column->storage = MS_INT64;
  if (!column->forced && low <= high) { /* a quarter more room than was seen */
    int64_t more = high / 4 - low / 4;
    if (__builtin_add_overflow(high, more, &high) || __builtin_sub_overflow(low, more, &low))
      return;
    column->storage = ms_storage_for(low, high);
  }
}

/* The number of different values that makes `seen` different ones in `drawn` draws likely:
 * seen = D (1 - exp(-drawn / D)). */
static double likely_distinct(double seen, double drawn) {
  if (seen >= drawn) return 1e18;
  double low = seen, high = 1e12;
  for (int i = 0; i < 60; i++) {
    double middle = sqrt(low * high);
    if (middle * -expm1(-drawn / middle) < seen)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static ms_status guess_texts(const ms_csv_reader *reader, const sample *s, ms_csv_column *column) {
  ms_csv_words *words = ms_csv_words_new(reader->context, false);
  ms_status status = words ? MS_OK : ms_error_status(reader->context);
  double drawn = 0;
  for (size_t i = 0; !status && i < s->records; i++) {
    bool quoted;
    uint32_t code;
    ms_slice text = bare(reader, s, i * reader->fields + column->field, &quoted);
    if (ms_csv_is_null(&reader->rules, text, quoted)) continue;
    drawn++;
    if (!ms_csv_words_add(words, &text, 1, &code))
      status = ms_fail(reader->context, MS_EMEMORY, "read_csv: not enough memory for texts");
  }
  if (!status && drawn > 0) {
    double distinct = likely_distinct((double)words->count, drawn);
    double rows = (double)(reader->text.size - reader->text.start) / ((double)s->bytes + 1) *
                  (double)s->records;
    column->plain = rows > PLAIN_ROWS && distinct > 0.6 * rows * drawn / (double)s->records;
    column->storage = distinct < 200 ? MS_CODE8 : distinct < 40000 ? MS_CODE16 : MS_CODE32;
  } else {
    column->storage = MS_CODE8;
  }
  if (column->forced) column->storage = MS_CODE32;
  ms_csv_words_free(words);
  return status;
}

ms_status ms_csv_guess(ms_csv_reader *reader, const size_t *places, size_t count) {
  sample s;
  ms_mark mark = ms_scratch_mark(reader->context);
  ms_status status = take_sample(reader, places, count, &s);
  s.room = status ? NULL : ms_scratch(reader->context, longest(reader, &s) + 16, 1);
  if (!s.room) return ms_error_status(reader->context);
  for (size_t j = 0; !status && j < reader->count; j++) {
    ms_csv_column *column = &reader->columns[j];
    guess_kind(reader, &s, column);
    if (column->kind == MS_CSV_TEXT) status = guess_texts(reader, &s, column);
  }
  ms_scratch_release(reader->context, mark);
  return status;
}
