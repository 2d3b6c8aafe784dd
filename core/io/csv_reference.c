/* The reference reader: libcsv, in its strict mode, finds the fields. What it reports is placed in the text
 * (a field in quotes is longer there by its quotes), so that the columns are read by the same code as
 * behind the scanner.
 *
 * Where libcsv finds a fault, the record is set aside and reading goes on behind it. If a field in
 * quotes ran over lines before the fault, its opening quote is the likely culprit: then only the line
 * with that quote is set aside, or one lost quote would swallow rows without end. */
#include <csv.h>
#include <string.h>

#include "core/io/csv.h"

enum { BLOCK = 1 << 16, WINDOW_ENDS = 1 << 14 };

typedef struct {
  ms_csv_lane *lane;
  const ms_csv_text *text;
  char quote; /* as libcsv was told */
  bool quoting;
  size_t at;     /* where the next field begins */
  size_t record; /* where this record begins */
  size_t first;  /* its first end */
  bool carriage; /* the last record ended in a carriage return */
  ms_csv_building building;
  ms_status status;
} reference;

static void note(reference *r, ms_status status) {
  if (!r->status) r->status = status;
}

static void add_end(reference *r, size_t end) {
  note(r, ms_csv_end_add(r->lane, &r->building, (size_t)(r->text->data + end - r->building.base)));
}

static void on_field(void *text, size_t size, void *state) {
  reference *r = state;
  if (r->status) return;
  const char *raw = r->text->data + r->at;
  size_t length = size;
  if (r->quoting && r->at < r->text->size && *raw == r->quote) {
    const char *bytes = text;
    length += 2;
    for (size_t i = 0; i < size; i++) length += bytes[i] == r->quote;
  } else if (size && memcmp(raw, text, size) != 0) {
    note(r, ms_fail(r->lane->context, MS_EINTERNAL, "read_csv: lost the place at byte %zu", r->at));
  }
  r->carriage = false;
  add_end(r, r->at + length);
  r->at += length + 1;
}

static void on_record(int end, void *state) {
  reference *r = state;
  if (r->status) return;
  size_t count = r->building.ends - r->first;
  if (count == 0 && end == '\n' && r->carriage) { /* the second half of CR LF */
    r->carriage = false;
    if (r->building.ends) r->lane->ends[r->building.ends - 1]++;
    r->record = ++r->at;
    if (!r->building.ends) r->building.base++;
    return;
  }
  if (count == 0) {
    add_end(r, r->at++);
    count = 1;
  }
  if (!r->status) note(r, ms_csv_record_add(r->lane, &r->building, r->first, count));
  r->carriage = end == '\r';
  r->record = r->at;
  r->first = r->building.ends;
}

static size_t line_end(const reference *r, size_t at) {
  const char *data = r->text->data;
  while (at < r->text->size && data[at] != '\n' && data[at] != '\r') at++;
  return at;
}

/* Sets the faulty record aside and moves behind it. */
static void set_aside(reference *r, size_t fault) {
  const char *data = r->text->data, *reason = "a quote within an unquoted field";
  size_t end = line_end(r, fault);
  if (data[r->at] == r->quote) {
    reason =
        fault >= r->text->size ? "a quote that is never closed" : "text behind a closing quote";
    if (fault >= r->text->size || line_end(r, r->at) < fault) end = line_end(r, r->at);
  }
  note(r, ms_csv_reject_add(r->lane, (ms_csv_reject){.at = r->record,
                                                     .size = end - r->record,
                                                     .reason = reason,
                                                     .slot = -1}));
  end += end + 1 < r->text->size && data[end] == '\r' && data[end + 1] == '\n';
  r->building.ends = r->first;
  if (!r->status) note(r, ms_csv_building_flush(r->lane, &r->building, data + end + 1));
  r->at = r->record = end + 1;
  r->first = 0;
  r->carriage = false;
}

static int never(unsigned char c) {
  (void)c;
  return 0;
}
static int is_line_end(unsigned char c) { return c == '\n' || c == '\r'; }

/* A byte that the text does not have stands for "no quote". */
static bool find_unused(const ms_csv_text *text, const ms_csv_dialect *dialect, char *out) {
  for (int c = 1; c < 256; c++) {
    if ((char)c != dialect->delimiter && c != '\n' && c != '\r' &&
        !memchr(text->data, c, text->size)) {
      *out = (char)c;
      return true;
    }
  }
  return false;
}

/* Feeds bytes until the end or a fault; gives where it stopped. */
static size_t feed(reference *r, struct csv_parser *parser) {
  const ms_csv_text *text = r->text;
  size_t at = r->at;
  while (at < text->size) {
    size_t step = text->size - at < BLOCK ? text->size - at : BLOCK;
    size_t used = csv_parse(parser, text->data + at, step, on_field, on_record, r);
    at += used;
    if (r->status || used < step) return at;
    if (r->building.ends - r->first == 0 && !r->carriage && r->building.ends > WINDOW_ENDS) {
      note(r, ms_csv_building_flush(r->lane, &r->building, text->data + r->at));
      r->first = 0;
    }
    ms_report(r->lane->context, r->lane->reader->path, at, text->size);
    if (ms_cancelled(r->lane->context)) {
      note(r, ms_error_status(r->lane->context));
      return at;
    }
  }
  return at;
}

static ms_status start_parser(reference *r, struct csv_parser *parser) {
  if (csv_init(parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
    return ms_fail(r->lane->context, MS_EINTERNAL, "read_csv: libcsv does not start");
  csv_set_delim(parser, (unsigned char)r->lane->reader->rules.dialect.delimiter);
  csv_set_quote(parser, (unsigned char)r->quote);
  csv_set_space_func(parser, never);
  csv_set_term_func(parser, is_line_end);
  return MS_OK;
}

ms_status ms_csv_reference(ms_csv_lane *lane) {
  const ms_csv_text *text = &lane->reader->text;
  const ms_csv_dialect *dialect = &lane->reader->rules.dialect;
  reference r = {.lane = lane, .text = text, .quote = dialect->quote, .quoting = dialect->quoting};
  r.at = r.record = lane->begin;
  r.building.base = text->data + lane->begin;
  if (!r.quoting && !find_unused(text, dialect, &r.quote))
    return ms_fail(lane->context, MS_EFORMAT,
                   "read_csv: quote = \"\" and a text that uses every byte");
  while (!r.status && r.at < text->size) {
    struct csv_parser parser;
    if (start_parser(&r, &parser) != MS_OK) break;
    size_t stopped = feed(&r, &parser);
    bool fault = stopped < text->size;
    if (!r.status && !fault) fault = csv_fini(&parser, on_field, on_record, &r) != 0;
    bool memory = fault && csv_error(&parser) == CSV_ENOMEM;
    csv_free(&parser);
    if (memory)
      note(&r, ms_fail(lane->context, MS_EMEMORY, "read_csv: not enough memory for a field"));
    else if (!r.status && fault)
      set_aside(&r, stopped);
    else if (!r.status)
      break;
  }
  if (!r.status) note(&r, ms_csv_building_flush(lane, &r.building, text->data + text->size));
  return r.status;
}
