/* write_csv: a frame to a file, which is written whole or not at all. Morsels are made into text on all
 * threads and written in order. */
#include <string.h>

#include "core/base/encoding.h"
#include "core/frame/kernel.h"
#include "core/io/file.h"
#include "core/io/text_out.h"

typedef struct {
  const char *path, *delimiter, *null_text, *encoding;
  bool header, escape_formulas;
  int line_end;
} write_options;

#define AT(field) .offset = offsetof(write_options, field)
static const ms_option options[] = {
    {.name = "path",
     .type = MS_OPTION_TEXT,
     .required = true,
     .brief = "file to write; packed if it ends in .gz",
     AT(path)},
    {.name = "delimiter",
     .type = MS_OPTION_TEXT,
     .fallback = ",",
     .brief = "one character, or \"tab\"",
     AT(delimiter)},
    {.name = "header",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "true",
     .brief = "write the names first",
     AT(header)},
    {.name = "null_text",
     .type = MS_OPTION_TEXT,
     .fallback = "",
     .brief = "what stands for null",
     AT(null_text)},
    {.name = "line_end",
     .type = MS_OPTION_CHOICE,
     .fallback = "lf",
     .unit = "lf crlf",
     .brief = "line feed, or carriage return and line feed",
     AT(line_end)},
    {.name = "encoding",
     .type = MS_OPTION_TEXT,
     .fallback = "utf-8",
     .brief = "utf-8, utf-8-bom (for Excel), gbk, or another",
     AT(encoding)},
    {.name = "escape_formulas",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "true",
     .brief = "put ' in front of texts that a spreadsheet would run: = + - @ tab, carriage return",
     AT(escape_formulas)},
    {0}};

enum { BATCH = 8, ASK_ROWS = 1024 };

typedef struct {
  const ms_frame *frame;
  const write_options *options;
  char delimiter;
  const char *encoding; /* NULL: UTF-8 */
  const ms_zone *zone;
  size_t first; /* morsel of the batch's first task */
  ms_out outs[BATCH];
} writing;

static bool is_formula(ms_slice text) {
  return text.size > 0 && (text.data[0] == '=' || text.data[0] == '+' || text.data[0] == '-' ||
                           text.data[0] == '@' || text.data[0] == '\t' || text.data[0] == '\r');
}

/* An empty text is quoted, since an empty field is null; so is a text that reads like null. */
static void put_text(const writing *w, ms_out *out, ms_slice text) {
  bool formula = w->options->escape_formulas && is_formula(text);
  bool quote = text.size == 0 || ms_slice_equal(text, ms_slice_of(w->options->null_text));
  for (size_t i = 0; !quote && i < text.size; i++) {
    char c = text.data[i];
    quote = c == w->delimiter || c == '"' || c == '\n' || c == '\r';
  }
  if (!quote) {
    if (formula) ms_out_char(out, '\'');
    ms_out_bytes(out, text.data, text.size);
    return;
  }
  ms_out_char(out, '"');
  if (formula) ms_out_char(out, '\'');
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] == '"') ms_out_char(out, '"');
    ms_out_char(out, text.data[i]);
  }
  ms_out_char(out, '"');
}

static void put_cell(const writing *w, ms_out *out, const ms_column *column, int64_t row) {
  if (!ms_column_valid(column, row)) {
    ms_out_bytes(out, w->options->null_text, strlen(w->options->null_text));
    return;
  }
  switch (column->type) {
    case MS_BOOLEAN: {
      bool value = ms_column_integer(column, row) != 0;
      ms_out_bytes(out, value ? "true" : "false", value ? 4 : 5);
      return;
    }
    case MS_INTEGER: ms_out_integer(out, ms_column_integer(column, row)); return;
    case MS_REAL: ms_out_real(out, ms_column_real(column, row)); return;
    case MS_DATE: ms_out_date(out, ms_column_integer(column, row)); return;
    case MS_TIME: ms_out_time(out, ms_column_integer(column, row), w->zone, false); return;
    case MS_TEXT: put_text(w, out, ms_column_text(column, row)); return;
  }
}

static void put_line_end(const writing *w, ms_out *out) {
  if (w->options->line_end == 1) ms_out_char(out, '\r');
  ms_out_char(out, '\n');
}

static ms_status make_morsel(ms_context *worker, void *state, size_t task) {
  writing *w = state;
  ms_out *out = &w->outs[task];
  ms_range range = ms_morsel(w->frame->rows, w->first + task);
  out->size = 0;
  for (int64_t row = range.first; row < range.first + range.count; row++) {
    if (row % ASK_ROWS == 0 && ms_cancelled(worker)) return ms_error_status(worker);
    for (size_t j = 0; j < w->frame->count; j++) {
      if (j) ms_out_char(out, w->delimiter);
      put_cell(w, out, w->frame->columns[j], row);
    }
    put_line_end(w, out);
  }
  return out->failed ? ms_fail(worker, MS_EMEMORY, "write_csv: not enough memory") : MS_OK;
}

/* Blames the cell that the encoding cannot say. */
static ms_status not_in(ms_context *context, const writing *w, ms_slice text, size_t bad) {
  size_t end = bad + 1;
  while (end < text.size && (text.data[end] & 0xc0) == 0x80) end++;
  ms_status status = ms_fail(context, MS_EENCODING, "write_csv: '%.*s' cannot be written in %s",
                             (int)(end - bad), text.data + bad, w->options->encoding);
  ms_fail_hint(context, "encoding = \"utf-8-bom\" is what Excel reads");
  return status;
}

static ms_status pass_on(ms_context *context, const writing *w, ms_sink *sink, const ms_out *out) {
  ms_slice text = {out->data, out->size};
  size_t bad = 0;
  ms_mark mark = ms_scratch_mark(context);
  ms_status status = MS_OK;
  if (out->size == 0) return MS_OK;
  if (w->encoding) {
    ms_slice encoded;
    status = ms_encoding_write(context, w->encoding, text, &encoded, &bad);
    if (status == MS_EENCODING) return not_in(context, w, text, bad);
    text = encoded;
  }
  if (!status) status = ms_sink_write(sink, text.data, text.size);
  ms_scratch_release(context, mark);
  return status;
}

static ms_status write_names(ms_context *context, writing *w, ms_sink *sink) {
  ms_out *out = &w->outs[0];
  if (!w->options->header) return MS_OK;
  for (size_t j = 0; j < w->frame->count; j++) {
    if (j) ms_out_char(out, w->delimiter);
    put_text(w, out, ms_slice_of(w->frame->names[j]));
  }
  put_line_end(w, out);
  if (out->failed) return ms_fail(context, MS_EMEMORY, "write_csv: not enough memory");
  return pass_on(context, w, sink, out);
}

static ms_status write_rows(ms_context *context, writing *w, ms_sink *sink) {
  size_t morsels = ms_morsels(w->frame->rows);
  ms_status status = MS_OK;
  for (w->first = 0; !status && w->first < morsels; w->first += BATCH) {
    size_t tasks = morsels - w->first < BATCH ? morsels - w->first : BATCH;
    status = ms_parallel(context, tasks, make_morsel, w);
    for (size_t i = 0; !status && i < tasks; i++) status = pass_on(context, w, sink, &w->outs[i]);
    ms_report(context, w->options->path, w->first + tasks, morsels);
  }
  return status;
}

static ms_status set_up(ms_context *context, writing *w, bool *mark) {
  const write_options *o = w->options;
  bool tab = strcmp(o->delimiter, "tab") == 0;
  *mark = strcmp(o->encoding, "utf-8-bom") == 0;
  if (!tab && (strlen(o->delimiter) != 1 || strchr("\"\r\n", *o->delimiter)))
    return ms_fail(context, MS_EARGUMENT,
                   "write_csv: option 'delimiter' is '%s', one character wanted", o->delimiter);
  w->delimiter = tab ? '\t' : *o->delimiter;
  ms_encoding encoding = {.utf8 = true};
  ms_status status = MS_OK;
  if (!*mark) status = ms_encoding_named(context, o->encoding, (ms_slice){"", 0}, &encoding);
  w->encoding = encoding.utf8 ? NULL : encoding.name;
  if (w->encoding && strcmp(encoding.name, "GB18030") == 0 && strcmp(o->encoding, "gb18030") != 0)
    w->encoding = "GBK"; /* what was asked for, so that programs that know no more can read it */
  return status;
}

static ms_frame *report(ms_context *context, int64_t rows, int64_t bytes) {
  ms_builder *builder = ms_builder_new(context);
  if (!builder) return NULL;
  ms_builder_column(builder, "rows", MS_INTEGER);
  ms_builder_column(builder, "bytes", MS_INTEGER);
  ms_builder_integer(builder, 0, rows);
  ms_builder_integer(builder, 1, bytes);
  return ms_builder_finish(builder);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  writing w = {.frame = inputs->frames[0], .options = given, .zone = ms_context_zone_of(context)};
  bool mark;
  ms_frame *frame = NULL;
  ms_sink *sink = NULL;
  for (size_t i = 0; i < BATCH; i++) w.outs[i].memory = ms_context_account(context);
  ms_status status = set_up(context, &w, &mark);
  if (!status && !(sink = ms_sink_open(context, "write_csv", w.options->path)))
    status = ms_error_status(context);
  if (!status && mark) status = ms_sink_write(sink, "\xef\xbb\xbf", 3);
  if (!status) status = write_names(context, &w, sink);
  if (!status) status = write_rows(context, &w, sink);
  if (!status) status = ms_sink_end(sink);
  if (!status) frame = report(context, w.frame->rows, ms_sink_bytes(sink));
  if (frame && ms_sink_finish(sink) != MS_OK) { /* nothing may fail behind the renaming */
    ms_frame_free(frame);
    frame = NULL;
  }
  for (size_t i = 0; i < BATCH; i++) ms_memory_give(w.outs[i].data);
  return frame;
}

const ms_kernel ms_kernel_write_csv = {.name = "write_csv",
                                       .group = "write",
                                       .brief = "writes a frame to a CSV file, whole or not at all",
                                       .cost = "O(bytes) time; all threads",
                                       .least = 1,
                                       .most = 1,
                                       .options = options,
                                       .size = sizeof(write_options),
                                       .run = run};
