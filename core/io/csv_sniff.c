/* Guesses about a CSV text from its first records: the delimiter, and whether the first record holds the
 * names. */
#include "core/io/csv_sniff.h"

#include <string.h>

#include "core/io/csv_text.h"

enum { RECORDS = 100, LOOK_AT = 1 << 18, FIELDS_MOST = 1 << 16 };

/* How evenly the delimiter cuts: share of the records that have as many fields as most have. */
typedef struct {
  double share;
  size_t fields;
} evenness;

static evenness measure(const ms_csv_text *text, const ms_csv_dialect *dialect) {
  size_t counts[RECORDS], n = 0, at = text->start;
  while (n < RECORDS && at < text->size && at < LOOK_AT + text->start) {
    ms_csv_record record = {NULL, 0, 0};
    size_t next = ms_csv_split(text, dialect, at, &record);
    counts[n] = record.count;
    if (next == 0) { /* odd: go on behind the line */
      const char *end = memchr(text->data + at, '\n', text->size - at);
      next = end ? (size_t)(end - text->data) + 1 : text->size;
      counts[n] = 0;
    }
    n += !(counts[n] == 1 && next - at <= 2); /* blank lines say nothing */
    at = next;
  }
  evenness best = {0, 1};
  for (size_t i = 0; i < n; i++) {
    size_t same = 0;
    for (size_t j = 0; j < n; j++) same += counts[j] == counts[i];
    double share = (double)same / (double)n;
    if (counts[i] > 1 && (share > best.share || (share == best.share && counts[i] > best.fields)))
      best = (evenness){share, counts[i]};
  }
  return best;
}

char ms_csv_sniff_delimiter(const ms_csv_text *text, ms_csv_dialect dialect) {
  static const char candidates[] = {',', ';', '\t', '|', ':'};
  char best = ',';
  evenness top = {0, 1};
  for (size_t i = 0; i < sizeof candidates; i++) {
    dialect.delimiter = candidates[i];
    evenness e = measure(text, &dialect);
    if (candidates[i] == ':' && (e.share < 0.95 || top.share > 0.5))
      continue; /* times have colons too */
    bool clearly = e.share > top.share + 0.1;
    bool evenly = e.share >= top.share - 0.1 && e.share > 0.5 && e.fields > top.fields;
    if (e.fields > 1 && (clearly || evenly)) {
      best = candidates[i];
      top = e;
    }
  }
  return best;
}

/* What speaks for and against names in the first record. */
typedef struct {
  bool text, value; /* in the first record */
  int for_names, for_data;
} evidence;

static ms_csv_kind kind_of(const ms_csv_reader *reader, ms_slice raw) {
  char room[256];
  bool quoted;
  if (raw.size > sizeof room) return MS_CSV_TEXT;
  ms_slice text = ms_csv_unquote(&reader->rules.dialect, raw, room, &quoted);
  return ms_csv_join(MS_CSV_NULLS, ms_csv_field(&reader->rules, text, quoted).kind);
}

static ms_status weigh(const ms_csv_reader *reader, ms_csv_record *record, size_t next,
                       evidence *out) {
  size_t count = record->count;
  ms_context *context = reader->context;
  ms_csv_kind *first = ms_scratch_zero(context, count, sizeof *first);
  ms_csv_kind *rest = ms_scratch_zero(context, count, sizeof *rest);
  if (!first || !rest) return MS_EMEMORY;
  *out = (evidence){false, false, 0, 0};
  for (size_t j = 0; j < count; j++) {
    first[j] = kind_of(reader, record->fields[j]);
    out->text |= first[j] == MS_CSV_TEXT;
    out->value |= first[j] != MS_CSV_TEXT && first[j] != MS_CSV_NULLS;
  }
  for (size_t n = 0; n < RECORDS && next != 0 && next < reader->text.size; n++) {
    next = ms_csv_split(&reader->text, &reader->rules.dialect, next, record);
    for (size_t j = 0; next != 0 && record->count == count && j < count; j++)
      rest[j] = ms_csv_join(rest[j], kind_of(reader, record->fields[j]));
  }
  for (size_t j = 0; j < count; j++) {
    bool values = rest[j] != MS_CSV_TEXT && rest[j] != MS_CSV_NULLS;
    out->for_names += first[j] == MS_CSV_TEXT && values;
    out->for_data += first[j] != MS_CSV_TEXT && first[j] != MS_CSV_NULLS && values;
  }
  return MS_OK;
}

static const char *clean_name(ms_csv_reader *reader, ms_slice raw, size_t index) {
  bool quoted;
  char *room = ms_scratch(reader->context, raw.size + 1, 1);
  if (!room) return NULL;
  ms_slice text = ms_csv_unquote(&reader->rules.dialect, raw, room, &quoted);
  while (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
    text.data += 3;
    text.size -= 3;
  }
  while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
    text.data++;
    text.size--;
  }
  while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
    text.size--;
  if (text.size == 0) return ms_scratch_format(reader->context, "column_%zu", index + 1);
  char *name = ms_scratch_text(reader->context, text.data, text.size);
  for (size_t i = 0; name && i < text.size; i++) name[i] = name[i] ? name[i] : ' ';
  return name;
}

/* Names must differ: a second one is an error, or gets a number. */
static ms_status make_distinct(ms_csv_reader *reader, bool rename) {
  ms_context *context = reader->context;
  ms_intern *seen = ms_intern_new(context);
  ms_status status = seen ? MS_OK : ms_error_status(context);
  for (size_t i = 0; !status && i < reader->fields; i++) {
    const char *name = reader->names[i];
    int64_t before = ms_intern_count(seen);
    int64_t code = ms_intern_add(seen, name, strlen(name));
    for (size_t n = 2; code >= 0 && code < before && !status; n++) {
      if (!rename) {
        status = ms_fail(context, MS_EDUPLICATE, "read_csv: '%s' has two columns '%s'",
                         reader->path, name);
        ms_fail_hint(context, "duplicates = \"rename\" calls the second one '%s_2'", name);
        break;
      }
      reader->names[i] = ms_scratch_format(context, "%s_%zu", name, n);
      if (!reader->names[i])
        status = ms_error_status(context);
      else
        code = ms_intern_add(seen, reader->names[i], strlen(reader->names[i]));
    }
    if (!status && code < 0) status = ms_error_status(context);
  }
  ms_intern_free(seen);
  return status;
}

static ms_status make_names(ms_csv_reader *reader, const ms_slice *fields, size_t count,
                            bool header) {
  reader->fields = count;
  reader->names = ms_scratch(reader->context, count, sizeof *reader->names);
  if (!reader->names) return MS_EMEMORY;
  for (size_t j = 0; j < count; j++) {
    reader->names[j] = clean_name(reader, header ? fields[j] : (ms_slice){"", 0}, j);
    if (!reader->names[j]) return MS_EMEMORY;
  }
  return MS_OK;
}

ms_status ms_csv_names_read(ms_csv_reader *reader, ms_csv_header header, bool rename) {
  ms_context *context = reader->context;
  ms_csv_text *text = &reader->text;
  if (header != MS_CSV_HEADER_NO) { /* blank lines before the names */
    size_t at = text->start;
    while (at < text->size && (text->data[at] == '\n' || text->data[at] == '\r')) at++;
    if (at < text->size) text->start = at;
  }
  if (text->start >= text->size)
    return ms_fail(context, MS_EDATA, "read_csv: '%s' is empty, not even names of columns",
                   reader->path);
  ms_slice *fields = ms_scratch(context, FIELDS_MOST, sizeof *fields);
  if (!fields) return MS_EMEMORY;
  ms_csv_record record = {fields, FIELDS_MOST, 0};
  size_t next = ms_csv_split(text, &reader->rules.dialect, text->start, &record);
  size_t count = record.count;
  if (next == 0 && header != MS_CSV_HEADER_NO)
    return ms_fail(context, MS_EFORMAT, "read_csv: '%s' line %lld: the names have a broken quote",
                   reader->path, (long long)ms_csv_line(text, text->start));
  if (next == 0 && count == 0)
    return ms_fail(context, MS_EFORMAT,
                   "read_csv: '%s' line %lld: the first record has a broken quote", reader->path,
                   (long long)ms_csv_line(text, text->start));
  if (count > FIELDS_MOST)
    return ms_fail(context, MS_ELIMIT, "read_csv: '%s' has %zu columns, %d are allowed",
                   reader->path, count, FIELDS_MOST);
  bool names = header == MS_CSV_HEADER_YES;
  if (header == MS_CSV_HEADER_AUTO) {
    ms_slice *room = ms_scratch(context, count, sizeof *room);
    evidence e;
    if (!room) return MS_EMEMORY;
    memcpy(room, fields, count * sizeof *room);
    record = (ms_csv_record){room, count, count};
    ms_status status = weigh(reader, &record, next, &e);
    if (status) return status;
    names = e.text && (!e.value || e.for_names > e.for_data);
  }
  ms_status status = make_names(reader, fields, count, names);
  if (names) text->start = next;
  return status ? status : make_distinct(reader, rename);
}
