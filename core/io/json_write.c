/* write_json: a frame to JSON lines or an array of objects; the file is written whole or not at all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/frame/kernel.h"
#include "core/io/file.h"
#include "core/io/text_out.h"

typedef struct {
  const char *path;
  int format;
} write_options;

static const ms_option options[] = {{.name = "path",
                                     .type = MS_OPTION_TEXT,
                                     .required = true,
                                     .brief = "file to write; packed if it ends in .gz",
                                     .offset = offsetof(write_options, path)},
                                    {.name = "format",
                                     .type = MS_OPTION_CHOICE,
                                     .fallback = "lines",
                                     .unit = "lines array",
                                     .brief = "an object a line, or one array of them",
                                     .offset = offsetof(write_options, format)},
                                    {0}};

/* A byte that is not UTF-8 becomes U+FFFD: JSON has no way to say it. */
static void put_text(ms_out *out, ms_slice text) {
  ms_out_char(out, '"');
  for (size_t at = 0; at < text.size;) {
    unsigned char c = (unsigned char)text.data[at];
    if (c >= 0x80) {
      size_t from = at;
      if (ms_utf8_next(text, &at) < 0)
        ms_out_bytes(out, "\xef\xbf\xbd", 3);
      else
        ms_out_bytes(out, text.data + from, at - from);
      continue;
    }
    at++;
    if (c == '"' || c == '\\') {
      ms_out_char(out, '\\');
      ms_out_char(out, (char)c);
    } else if (c >= 0x20) {
      ms_out_char(out, (char)c);
    } else if (c == '\n') {
      ms_out_bytes(out, "\\n", 2);
    } else {
      char room[8];
      ms_out_bytes(out, room, (size_t)snprintf(room, sizeof room, "\\u%04x", c));
    }
  }
  ms_out_char(out, '"');
}

static void put_cell(ms_out *out, const ms_column *column, int64_t row) {
  bool valid = ms_column_valid(column, row);
  if (!valid || (column->type == MS_REAL && !isfinite(ms_column_real(column, row)))) {
    ms_out_bytes(out, "null", 4);
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
    case MS_DATE:
    case MS_TIME:
      ms_out_char(out, '"');
      if (column->type == MS_DATE)
        ms_out_date(out, ms_column_integer(column, row));
      else
        ms_out_time(out, ms_column_integer(column, row), NULL, true);
      ms_out_char(out, '"');
      return;
    case MS_TEXT: put_text(out, ms_column_text(column, row)); return;
  }
}

typedef struct {
  const ms_frame *frame;
  const write_options *options;
  ms_sink *sink;
  ms_out out;
} writing;

static void put_row(writing *w, int64_t row) {
  bool array = w->options->format == 1;
  if (array) ms_out_bytes(&w->out, row ? ",\n" : "[\n", 2);
  ms_out_char(&w->out, '{');
  for (size_t j = 0; j < w->frame->count; j++) {
    if (j) ms_out_char(&w->out, ',');
    put_text(&w->out, ms_slice_of(w->frame->names[j]));
    ms_out_char(&w->out, ':');
    put_cell(&w->out, w->frame->columns[j], row);
  }
  ms_out_char(&w->out, '}');
  if (!array) ms_out_char(&w->out, '\n');
}

static ms_status flush(ms_context *context, writing *w) {
  if (w->out.failed) return ms_fail(context, MS_EMEMORY, "write_json: not enough memory");
  ms_status status = w->out.size ? ms_sink_write(w->sink, w->out.data, w->out.size) : MS_OK;
  w->out.size = 0;
  return status;
}

static ms_status write_rows(ms_context *context, writing *w) {
  enum { ROWS = 1024 };
  ms_status status = MS_OK;
  for (int64_t row = 0; !status && row < w->frame->rows; row++) {
    put_row(w, row);
    if (row % ROWS != ROWS - 1) continue;
    status = flush(context, w);
    ms_report(context, w->options->path, (uint64_t)row, (uint64_t)w->frame->rows);
    if (!status && ms_cancelled(context)) status = ms_error_status(context);
  }
  if (w->options->format == 1) ms_out_bytes(&w->out, w->frame->rows ? "\n]\n" : "[]\n", 3);
  return status ? status : flush(context, w);
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
  writing w = {
      .frame = inputs->frames[0], .options = given, .out = {.memory = ms_context_account(context)}};
  w.sink = ms_sink_open(context, "write_json", w.options->path);
  ms_frame *frame = NULL;
  ms_status status = w.sink ? write_rows(context, &w) : ms_error_status(context);
  if (!status) status = ms_sink_end(w.sink);
  if (!status) frame = report(context, w.frame->rows, ms_sink_bytes(w.sink));
  if (frame && ms_sink_finish(w.sink) != MS_OK) {
    ms_frame_free(frame);
    frame = NULL;
  }
  ms_memory_give(w.out.data);
  return frame;
}

const ms_kernel ms_kernel_write_json = {.name = "write_json",
                                        .group = "write",
                                        .brief = "writes a frame as JSON, whole or not at all",
                                        .cost = "O(bytes) time",
                                        .least = 1,
                                        .most = 1,
                                        .options = options,
                                        .size = sizeof(write_options),
                                        .run = run};
