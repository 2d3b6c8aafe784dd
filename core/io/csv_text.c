/* From the bytes of a file to the text that is cut into records. */
#include "core/io/csv_text.h"

#include <string.h>

#include "core/base/encoding.h"
#include "core/io/file.h"

enum { PIECE = 1 << 20 };

int64_t ms_csv_line(const ms_csv_text *text, size_t at) {
  int64_t line = 1 + text->lines_before;
  for (size_t i = 0; i < at; i++) {
    char c = text->data[i];
    line += c == '\n' || (c == '\r' && text->data[i + 1] != '\n');
  }
  for (size_t i = 0; i < text->dropped_count && text->dropped[i] <= at; i++) line++;
  return line;
}

/* ---- UTF-8 or not, on all threads ---- */

typedef struct {
  ms_slice bytes;
  atomic_bool broken;
} check;

/* Where the character that byte `at` belongs to begins. */
static size_t character(ms_slice bytes, size_t at) {
  size_t back = 0;
  while (back < 3 && at > back && at < bytes.size && (bytes.data[at - back] & 0xc0) == 0x80) back++;
  return at >= bytes.size ? bytes.size : at - back;
}

static ms_status check_piece(ms_context *worker, void *state, size_t task) {
  check *c = state;
  if (atomic_load_explicit(&c->broken, memory_order_relaxed) || ms_cancelled(worker))
    return ms_error_status(worker) == MS_ECANCEL ? MS_ECANCEL : MS_OK;
  size_t begin = character(c->bytes, task * PIECE), end = character(c->bytes, (task + 1) * PIECE);
  if (!ms_utf8_check(c->bytes.data + begin, end - begin)) atomic_store(&c->broken, true);
  return MS_OK;
}

static ms_status check_utf8(ms_context *context, ms_slice bytes, bool *valid) {
  check c = {.bytes = bytes};
  ms_status status = ms_parallel(context, (bytes.size + PIECE - 1) / PIECE, check_piece, &c);
  *valid = !atomic_load(&c.broken);
  return status;
}

static void skip_lines(ms_csv_text *text, int64_t lines) {
  for (; lines > 0 && text->size > 0; lines--) {
    const char *end = memchr(text->data, '\n', text->size);
    size_t step = end ? (size_t)(end - text->data) + 1 : text->size;
    text->data += step;
    text->size -= step;
    text->lines_before++;
  }
}

ms_status ms_csv_text_open(ms_csv_reader *reader, const ms_csv_source *source) {
  ms_context *context = reader->context;
  ms_slice bytes;
  ms_encoding encoding;
  bool guess = !source->encoding || strcmp(source->encoding, "auto") == 0, valid = true;
  ms_status status = ms_file_read(context, "read_csv", source->path, &bytes);
  if (!status) status = check_utf8(context, bytes, &valid);
  if (status) return status;
  if (guess)
    encoding = ms_encoding_detect(bytes, valid);
  else
    status = ms_encoding_named(context, source->encoding, bytes, &encoding);
  if (status) return status;
  bytes.data += encoding.mark;
  bytes.size -= encoding.mark;
  if (!encoding.utf8) {
    status = ms_encoding_decode(context, &encoding, bytes, &bytes);
    valid = !status && ms_utf8_check(bytes.data, bytes.size);
  }
  reader->utf8 = valid;
  reader->text = (ms_csv_text){.data = bytes.data, .size = bytes.size};
  skip_lines(&reader->text, source->skip);
  return status;
}

size_t ms_csv_split(const ms_csv_text *text, const ms_csv_dialect *dialect, size_t at,
                    ms_csv_record *record) {
  const char *data = text->data;
  record->count = 0;
  for (;;) {
    size_t begin = at;
    if (dialect->quoting && at < text->size && data[at] == dialect->quote) {
      for (at++; at < text->size; at++) {
        if (data[at] != dialect->quote) continue;
        if (data[at + 1] != dialect->quote) break;
        at++;
      }
      if (at++ >= text->size) return 0;
    } else {
      while (at < text->size && data[at] != dialect->delimiter && data[at] != '\n' &&
             data[at] != '\r') {
        if (dialect->quoting && data[at] == dialect->quote) return 0;
        at++;
      }
    }
    if (record->count < record->most)
      record->fields[record->count] = (ms_slice){data + begin, at - begin};
    record->count++;
    if (at >= text->size) return text->size;
    if (data[at] == '\n') return at + 1;
    if (data[at] == '\r') return at + 1 + (data[at + 1] == '\n');
    if (data[at] != dialect->delimiter) return 0;
    at++;
  }
}
