/* Rewrites what libcsv does not know into what it does: comments are left out, escaped characters go into
 * quotes, runs of blanks become one delimiter. Lines that are left out are remembered, so that the line
 * numbers of rejected rows stay those of the file. */
#include <string.h>

#include "core/io/csv_text.h"
#include "core/io/file.h"
#include "core/io/text_out.h"

typedef struct {
  ms_csv_reader *reader;
  const ms_csv_source *source;
  ms_csv_dialect dialect;
  char escape; /* 0: none */
  const char *at, *end;
  ms_out out;
  size_t *dropped;
  size_t dropped_count, dropped_room;
} rewriting;

static bool at_line_end(const rewriting *w) {
  return w->at == w->end || *w->at == '\n' || *w->at == '\r';
}

static bool blank(char c) { return c == ' ' || c == '\t'; }

static ms_status drop_line(rewriting *w) {
  if (w->dropped_count == w->dropped_room) {
    size_t room = w->dropped_room * 2 + 64;
    size_t *grown = ms_scratch(w->reader->context, room, sizeof *grown);
    if (!grown) return MS_EMEMORY;
    if (w->dropped_count) memcpy(grown, w->dropped, w->dropped_count * sizeof *grown);
    w->dropped = grown;
    w->dropped_room = room;
  }
  w->dropped[w->dropped_count++] = w->out.size;
  while (!at_line_end(w)) w->at++;
  if (w->at < w->end && *w->at == '\r') w->at++;
  if (w->at < w->end && *w->at == '\n') w->at++;
  return MS_OK;
}

/* The field at w->at without quotes and escapes, appended; it is then put into quotes where it must be. */
static void take_field(rewriting *w) {
  char quote = w->dialect.quote;
  bool quoted = w->dialect.quoting && w->at < w->end && *w->at == quote;
  size_t begin = w->out.size, quotes = 0;
  bool special = quoted;
  const char *from = w->at;
  w->at += quoted;
  while (w->at < w->end) {
    char c = *w->at;
    bool more = w->at + 1 < w->end;
    if (w->escape && c == w->escape && more &&
        (w->at[1] == quote || w->at[1] == w->escape || w->at[1] == w->dialect.delimiter)) {
      c = *++w->at;
      special = true;
    } else if (quoted && c == quote) {
      if (!more || w->at[1] != quote) break;
      w->at++;
    } else if (!quoted &&
               (at_line_end(w) || (w->source->whitespace ? blank(c) : c == w->dialect.delimiter))) {
      break;
    }
    quotes += c == quote;
    ms_out_char(&w->out, c);
    w->at++;
  }
  if (quoted && w->at == w->end) { /* never closed: left as it is, for the reader to say so */
    w->out.size = begin;
    ms_out_bytes(&w->out, from, (size_t)(w->end - from));
    return;
  }
  w->at += quoted;
  if (!special || w->out.failed || !ms_out_room(&w->out, quotes + 2)) return;
  size_t size = w->out.size - begin, to = size + quotes + 2;
  char *field = w->out.data + begin;
  field[--to] = quote;
  for (size_t i = size; i > 0; i--) {
    field[--to] = field[i - 1];
    if (field[i - 1] == quote) field[--to] = quote;
  }
  field[0] = quote;
  w->out.size = begin + size + quotes + 2;
}

static void take_record(rewriting *w) {
  bool first = true;
  for (;;) {
    if (w->source->whitespace)
      while (w->at < w->end && blank(*w->at)) w->at++;
    if (w->source->whitespace && at_line_end(w)) break;
    if (!first && w->source->whitespace) ms_out_char(&w->out, w->dialect.delimiter);
    first = false;
    take_field(w);
    while (!at_line_end(w) &&
           !(w->source->whitespace ? blank(*w->at) : *w->at == w->dialect.delimiter))
      ms_out_char(&w->out, *w->at++); /* text behind a quote: for the reader to say so */
    if (w->source->whitespace) continue;
    if (at_line_end(w)) break;
    ms_out_char(&w->out, *w->at++);
  }
  for (int i = 0; i < 2 && w->at < w->end && (*w->at == '\r' || *w->at == '\n'); i++) {
    char c = *w->at++;
    ms_out_char(&w->out, c);
    if (c == '\n') break;
    if (w->at == w->end || *w->at != '\n') break;
  }
}

ms_status ms_csv_text_plain(ms_csv_reader *reader, const ms_csv_source *source) {
  ms_context *context = reader->context;
  const char *escape = source->escape && *source->escape ? source->escape : NULL;
  const char *comment = source->comment && *source->comment ? source->comment : NULL;
  if (escape && strlen(escape) > 1)
    return ms_fail(context, MS_EARGUMENT, "read_csv: option 'escape' is '%s', one character wanted",
                   escape);
  if (escape && *escape == reader->rules.dialect.quote) escape = NULL;
  if (!escape && !comment && !source->whitespace) return MS_OK;
  rewriting w = {.reader = reader,
                 .source = source,
                 .dialect = reader->rules.dialect,
                 .escape = escape ? *escape : 0,
                 .at = reader->text.data,
                 .end = reader->text.data + reader->text.size,
                 .out = {.memory = ms_context_account(context)}};
  size_t prefix = comment ? strlen(comment) : 0;
  ms_status status = MS_OK;
  while (!status && w.at < w.end && !w.out.failed) {
    if (comment && (size_t)(w.end - w.at) >= prefix && memcmp(w.at, comment, prefix) == 0)
      status = drop_line(&w);
    else
      take_record(&w);
  }
  char *text = status || w.out.failed ? NULL : ms_file_block(context, w.out.size);
  if (text && w.out.size) memcpy(text, w.out.data, w.out.size);
  if (text) {
    reader->text.data = text;
    reader->text.size = w.out.size;
    reader->text.dropped = w.dropped;
    reader->text.dropped_count = w.dropped_count;
  }
  ms_memory_give(w.out.data);
  if (text) return MS_OK;
  return status ? status : ms_fail(context, MS_EMEMORY, "read_csv: not enough memory");
}
