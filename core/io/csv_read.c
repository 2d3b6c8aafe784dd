/* read_csv: a file to a frame.
 *
 * The text is cut into records and fields by libcsv, or, where it is plain, by a scanner of our own on all
 * threads that gives the same; whatever is odd (a stray quote, a lone carriage return) goes to libcsv.
 * Types are those that all fields of a column have: a guess from a sample only saves passes. */
#include <string.h>

#include "core/base/calendar.h"
#include "core/io/csv_pass.h"
#include "core/io/csv_sniff.h"
#include "core/io/csv_text.h"

typedef struct {
  const char *path, *delimiter, *quote, *escape, *comment, *encoding, *thousands, *decimal;
  const ms_option_value *header;
  ms_names columns, types, null_values, date_formats;
  int64_t skip, max_rows, chunk, window;
  int on_bad, duplicates, engine;
  bool currency, percent;
} read_options;

#define AT(field) .offset = offsetof(read_options, field)
static const ms_option options[] = {
    {.name = "path",
     .type = MS_OPTION_TEXT,
     .required = true,
     .brief = "file to read; gzip is unpacked",
     AT(path)},
    {.name = "columns",
     .type = MS_OPTION_TEXTS,
     .brief = "read only these, in this order",
     AT(columns)},
    {.name = "types",
     .type = MS_OPTION_TEXTS,
     .brief = "types that are known, such as \"amount:real\"; what does not fit is a bad row",
     AT(types)},
    {.name = "delimiter",
     .type = MS_OPTION_TEXT,
     .fallback = "auto",
     .brief = "one character, \"tab\", \"whitespace\" (any blanks), or \"auto\"",
     AT(delimiter)},
    {.name = "header",
     .type = MS_OPTION_VALUE,
     .brief = "true, false or \"auto\": whether the first record holds the names",
     AT(header)},
    {.name = "null_values",
     .type = MS_OPTION_TEXTS,
     .brief = "unquoted fields that mean null, beside the empty one",
     AT(null_values)},
    {.name = "encoding",
     .type = MS_OPTION_TEXT,
     .fallback = "auto",
     .brief = "utf-8, utf-16le, gbk, gb18030, big5, latin-1, … or \"auto\"",
     AT(encoding)},
    {.name = "quote",
     .type = MS_OPTION_TEXT,
     .fallback = "\"",
     .brief = "character around fields; \"\" for none",
     AT(quote)},
    {.name = "escape",
     .type = MS_OPTION_TEXT,
     .brief = "character in front of a quote or delimiter that is part of a field; a doubled quote "
              "always is",
     AT(escape)},
    {.name = "comment",
     .type = MS_OPTION_TEXT,
     .brief = "lines that begin with it are passed over",
     AT(comment)},
    {.name = "skip",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 1e15,
     .unit = "lines",
     .brief = "lines to pass over at the beginning",
     AT(skip)},
    {.name = "max_rows",
     .type = MS_OPTION_INTEGER,
     .fallback = "-1",
     .low = -1,
     .high = 4294967294.0,
     .unit = "rows",
     .brief = "stop behind so many rows; -1: read all",
     AT(max_rows)},
    {.name = "on_bad",
     .type = MS_OPTION_CHOICE,
     .fallback = "reject",
     .unit = "reject error null",
     .brief = "rows with too few or many fields, broken quotes, or values not of the given type: "
              "set aside, an error, or null where a field is missing",
     AT(on_bad)},
    {.name = "duplicates",
     .type = MS_OPTION_CHOICE,
     .fallback = "error",
     .unit = "error rename",
     .brief = "two columns of one name",
     AT(duplicates)},
    {.name = "thousands",
     .type = MS_OPTION_TEXT,
     .brief = "character between groups of three digits",
     AT(thousands)},
    {.name = "decimal",
     .type = MS_OPTION_TEXT,
     .fallback = ".",
     .brief = "decimal mark",
     AT(decimal)},
    {.name = "currency",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "numbers may have ¥ $ € or £ before or behind them",
     AT(currency)},
    {.name = "percent",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "12.5% is the number 0.125",
     AT(percent)},
    {.name = "date_formats",
     .type = MS_OPTION_TEXTS,
     .brief = "formats of dates and times, such as \"%d.%m.%Y\", tried before ISO 8601",
     AT(date_formats)},
    {.name = "engine",
     .type = MS_OPTION_CHOICE,
     .fallback = "auto",
     .unit = "auto libcsv scanner",
     .brief = "for tests: how the text is cut into fields",
     AT(engine)},
    {.name = "chunk",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 1e12,
     .unit = "bytes",
     .brief = "for tests: size of the parts that threads share; 0: chosen",
     AT(chunk)},
    {.name = "window",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "bytes",
     .brief = "for tests: bytes cut into fields at a time; 0: chosen",
     AT(window)},
    {0}};

enum { ENGINE_AUTO, ENGINE_LIBCSV, ENGINE_SCANNER };

/* ---- options ---- */

static ms_status one_character(ms_context *context, const char *option, const char *text,
                               char *out) {
  if (text && strlen(text) == 1 && *text != '\n' && *text != '\r') {
    *out = *text;
    return MS_OK;
  }
  return ms_fail(context, MS_EARGUMENT, "read_csv: option '%s' is '%s', one character wanted",
                 option, text ? text : "");
}

static ms_status set_rules(ms_csv_reader *reader, const read_options *o) {
  ms_context *context = reader->context;
  ms_csv_rules *rules = &reader->rules;
  *rules = (ms_csv_rules){.nulls = o->null_values,
                          .currency = o->currency,
                          .percent = o->percent,
                          .formats = o->date_formats,
                          .context = context,
                          .dialect = {',', '"', *o->quote != 0}};
  ms_status status = one_character(context, "decimal", o->decimal, &rules->decimal);
  if (!status && o->thousands && *o->thousands)
    status = one_character(context, "thousands", o->thousands, &rules->thousands);
  if (!status && *o->quote)
    status = one_character(context, "quote", o->quote, &rules->dialect.quote);
  if (!status && rules->thousands == rules->decimal)
    status = ms_fail(context, MS_EARGUMENT,
                     "read_csv: options 'thousands' and 'decimal' are both '%c'", rules->decimal);
  for (size_t i = 0; !status && i < o->date_formats.count; i++) {
    const char *fault = ms_format_fault(o->date_formats.items[i], true);
    if (fault)
      status = ms_fail(context, MS_EARGUMENT, "read_csv: date_formats: '%.2s' in '%s' is not known",
                       fault, o->date_formats.items[i]);
  }
  rules->dressed = o->currency || o->percent || rules->thousands || rules->decimal != '.';
  return status;
}

static ms_status header_of(ms_context *context, const ms_option_value *value, ms_csv_header *out) {
  *out = MS_CSV_HEADER_AUTO;
  if (!value || value->count == 0 || value->values[0].null) return MS_OK;
  const ms_value *v = &value->values[0];
  if (v->type == MS_BOOLEAN) {
    *out = v->integer ? MS_CSV_HEADER_YES : MS_CSV_HEADER_NO;
    return MS_OK;
  }
  if (v->type == MS_TEXT && ms_slice_equal(v->text, ms_slice_of("auto"))) return MS_OK;
  return ms_fail(context, MS_EARGUMENT,
                 "read_csv: option 'header' must be true, false or \"auto\"");
}

/* ---- columns ---- */

static int64_t field_of(const ms_csv_reader *reader, const char *name) {
  for (size_t j = 0; j < reader->fields; j++) {
    if (strcmp(reader->names[j], name) == 0) return (int64_t)j;
  }
  return -1;
}

static ms_status unknown(ms_csv_reader *reader, const char *option, const char *name) {
  ms_status status = ms_fail(reader->context, MS_ECOLUMN, "read_csv: %s: no column '%s' in '%s'",
                             option, name, reader->path);
  ms_fail_suggest(reader->context, name, reader->names, reader->fields);
  return status;
}

static ms_status pick_columns(ms_csv_reader *reader, const ms_names *wanted) {
  reader->count = wanted->count ? wanted->count : reader->fields;
  reader->columns = ms_scratch_zero(reader->context, reader->count, sizeof *reader->columns);
  if (!reader->columns) return MS_EMEMORY;
  for (size_t j = 0; j < reader->count; j++) {
    int64_t field = wanted->count ? field_of(reader, wanted->items[j]) : (int64_t)j;
    if (field < 0) return unknown(reader, "columns", wanted->items[j]);
    reader->columns[j].field = (size_t)field;
    reader->columns[j].name = reader->names[field];
    for (size_t k = 0; wanted->count && k < j; k++) {
      if (reader->columns[k].field == (size_t)field)
        return ms_fail(reader->context, MS_EDUPLICATE, "read_csv: columns: '%s' stands there twice",
                       wanted->items[j]);
    }
  }
  return MS_OK;
}

static ms_status force_type(ms_csv_reader *reader, const char *text) {
  static const char *const words[] = {"boolean", "integer", "real", "date", "time", "text"};
  static const ms_csv_kind kinds[] = {MS_CSV_BOOLEAN, MS_CSV_INTEGER, MS_CSV_REAL,
                                      MS_CSV_DATE,    MS_CSV_TIME,    MS_CSV_TEXT};
  const char *colon = strrchr(text, ':');
  if (!colon)
    return ms_fail(reader->context, MS_EARGUMENT,
                   "read_csv: types: '%s' is not of the form \"column:type\"", text);
  const char *name = ms_scratch_text(reader->context, text, (size_t)(colon - text));
  if (!name) return MS_EMEMORY;
  if (field_of(reader, name) < 0) return unknown(reader, "types", name);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(colon + 1, words[i]) != 0) continue;
    for (size_t j = 0; j < reader->count; j++) {
      if (strcmp(reader->columns[j].name, name) != 0) continue;
      reader->columns[j].kind = kinds[i];
      reader->columns[j].forced = true;
    }
    return MS_OK;
  }
  ms_status status = ms_fail(reader->context, MS_EARGUMENT,
                             "read_csv: types: '%s' is not a type in '%s'", colon + 1, text);
  ms_fail_suggest(reader->context, colon + 1, words, sizeof words / sizeof *words);
  return status;
}

/* ---- the reading ---- */

/* Cuts the text off behind so many records. */
static void stop_after(ms_csv_reader *reader, int64_t rows) {
  ms_csv_text *text = &reader->text;
  size_t at = text->start;
  while (rows > 0 && at < text->size) {
    ms_csv_record record = {NULL, 0, 0};
    size_t next = ms_csv_split(text, &reader->rules.dialect, at, &record);
    if (next == 0) {
      const char *end = memchr(text->data + at, '\n', text->size - at);
      next = end ? (size_t)(end - text->data) + 1 : text->size;
    } else if (record.count == reader->fields || (reader->bad == MS_CSV_NULL && next - at > 2)) {
      rows--;
    }
    at = next;
  }
  text->size = at < text->size ? at : text->size;
}

static ms_status read_by(ms_csv_reader *reader, bool scanner, bool *odd) {
  ms_status status = ms_csv_lanes_cut(reader, scanner, odd);
  if (status || *odd) return status;
  size_t *places = ms_scratch(reader->context, reader->lane_count, sizeof *places);
  if (!places) return MS_EMEMORY;
  for (size_t i = 0; i < reader->lane_count; i++) places[i] = reader->lanes[i].begin;
  for (size_t j = 0; j < reader->count; j++) {
    if (!reader->columns[j].forced) reader->columns[j].kind = MS_CSV_NULLS;
  }
  status = ms_csv_guess(reader, places, reader->lane_count);
  return status ? status : ms_csv_passes(reader, scanner, odd);
}

static ms_status prepare(ms_csv_reader *reader, const read_options *o) {
  ms_csv_header header = MS_CSV_HEADER_AUTO;
  ms_csv_source source = {.path = o->path,
                          .encoding = o->encoding,
                          .skip = o->skip,
                          .comment = o->comment,
                          .escape = o->escape,
                          .whitespace = strcmp(o->delimiter, "whitespace") == 0};
  ms_status status = set_rules(reader, o);
  if (!status) status = header_of(reader->context, o->header, &header);
  char *delimiter = &reader->rules.dialect.delimiter;
  if (source.whitespace)
    *delimiter = ' ';
  else if (strcmp(o->delimiter, "tab") == 0)
    *delimiter = '\t';
  else if (!status && strcmp(o->delimiter, "auto") != 0)
    status = one_character(reader->context, "delimiter", o->delimiter, delimiter);
  if (!status) status = ms_csv_text_open(reader, &source);
  if (!status && strcmp(o->delimiter, "auto") == 0)
    *delimiter = ms_csv_sniff_delimiter(&reader->text, reader->rules.dialect);
  if (!status) status = ms_csv_text_plain(reader, &source);
  if (!status) status = ms_csv_names_read(reader, header, o->duplicates == 1);
  if (!status) status = pick_columns(reader, &o->columns);
  for (size_t i = 0; !status && i < o->types.count; i++)
    status = force_type(reader, o->types.items[i]);
  if (!status && o->max_rows >= 0) stop_after(reader, o->max_rows);
  return status;
}

static void release(ms_csv_reader *reader) {
  ms_csv_lanes_free(reader);
  for (size_t j = 0; reader->columns && j < reader->count; j++) {
    ms_buffer_free(reader->columns[j].values);
    ms_buffer_free(reader->columns[j].nulls);
  }
}

static void free_frame(void *frame) { ms_frame_free(frame); }

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  const read_options *o = given;
  ms_csv_reader reader = {.context = context, .path = o->path, .bad = (ms_csv_bad)o->on_bad};
  ms_frame *frame = NULL;
  bool odd = true;
  (void)inputs;
  reader.piece = (size_t)o->chunk;
  reader.window = (size_t)o->window;
  ms_status status = prepare(&reader, o);
  if (!status && o->engine != ENGINE_LIBCSV) status = read_by(&reader, true, &odd);
  if (!status && odd && o->engine == ENGINE_SCANNER)
    status = ms_fail(context, MS_EFORMAT, "read_csv: '%s' is not for the scanner", o->path);
  if (!status && odd) status = read_by(&reader, false, &odd);
  if (!status) frame = ms_csv_frame(&reader);
  if (frame) {
    ms_frame *rejects = NULL;
    if (ms_csv_rejects_frame(&reader, &rejects) == MS_OK) {
      if (rejects) ms_context_attach(context, rejects, free_frame);
    } else {
      ms_frame_free(frame);
      frame = NULL;
    }
  }
  release(&reader);
  return frame;
}

const ms_kernel ms_kernel_read_csv = {.name = "read_csv",
                                      .group = "read",
                                      .brief = "a frame from a CSV file",
                                      .cost = "O(bytes) time, O(result) memory; all threads",
                                      .least = 0,
                                      .most = 0,
                                      .options = options,
                                      .size = sizeof(read_options),
                                      .run = run};
