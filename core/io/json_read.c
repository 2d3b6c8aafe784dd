/* read_json: objects, one a line or in an array, to a frame.
 *
 * Values are parsed one by one (jansson), so that memory is needed for one of them and for the frame. The
 * text is read twice: first for the names, in the order in which they are first seen, and the types
 * that all values of a name have; then for the values. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/encoding.h"
#include "core/io/csv.h"
#include "core/io/csv_when.h"
#include "core/io/file.h"

typedef struct {
  const char *path;
} read_options;

static const ms_option options[] = {
    {.name = "path",
     .type = MS_OPTION_TEXT,
     .required = true,
     .brief = "file of JSON lines, or of one array of objects; gzip is unpacked",
     .offset = offsetof(read_options, path)},
    {0}};

typedef struct {
  ms_context *context;
  const char *path;
  ms_slice text;
  size_t at;
  bool array;
  int64_t rows;
  ms_intern *names;
  ms_csv_kind *kinds; /* a name each; MS_CSV_NULLS so far */
  size_t kinds_room;
  bool *seen;          /* second reading: whether the row has a value there */
  ms_builder *builder; /* second reading */
} reading;

/* Objects may not hold the same name twice: which of the values is meant cannot be known. */
static const size_t flags =
    JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;

static int64_t line_at(const reading *r, size_t at) {
  int64_t line = 1;
  for (size_t i = 0; i < at && i < r->text.size; i++) line += r->text.data[i] == '\n';
  return line;
}

static ms_status broken(const reading *r, size_t at, const char *what) {
  return ms_fail(r->context, MS_EFORMAT, "read_json: '%s' line %lld: %s", r->path,
                 (long long)line_at(r, at), what);
}

static void skip_blank(reading *r) {
  while (r->at < r->text.size && strchr(" \t\r\n", r->text.data[r->at]) && r->text.data[r->at])
    r->at++;
}

/* Moves to the next object; *end where there is none. */
static ms_status next_place(reading *r, bool first, bool *end) {
  skip_blank(r);
  *end = r->at >= r->text.size;
  if (!r->array) return MS_OK;
  if (*end) return broken(r, r->at, "the array is not closed");
  char c = r->text.data[r->at];
  if (c == ']') {
    r->at++;
    skip_blank(r);
    *end = true;
    return r->at < r->text.size ? broken(r, r->at, "text behind the array") : MS_OK;
  }
  if (!first) {
    if (c != ',') return broken(r, r->at, "a comma or ] wanted");
    r->at++;
    skip_blank(r);
  }
  return MS_OK;
}

static ms_status next_object(reading *r, json_t **out) {
  json_error_t error;
  size_t begin = r->at;
  *out = json_loadb(r->text.data + begin, r->text.size - begin, flags, &error);
  if (!*out) {
    if (json_error_code(&error) == json_error_out_of_memory)
      return ms_fail(r->context, MS_EMEMORY, "read_json: not enough memory for an object");
    size_t position = error.position > 0 ? (size_t)error.position : 0;
    return broken(r, begin + position, error.text);
  }
  r->at = begin + (size_t)error.position;
  if (json_is_object(*out)) return MS_OK;
  json_decref(*out);
  return broken(r, begin, "an object wanted");
}

/* ---- first reading: names and kinds ---- */

static ms_csv_kind kind_of(const reading *r, const json_t *value) {
  int64_t when;
  bool time;
  switch (json_typeof(value)) {
    case JSON_NULL: return MS_CSV_NULLS;
    case JSON_TRUE:
    case JSON_FALSE: return MS_CSV_BOOLEAN;
    case JSON_REAL: return MS_CSV_REAL;
    case JSON_INTEGER: {
      int64_t integer = json_integer_value(value);
      const int64_t exact = INT64_C(1) << 53;
      return integer >= -exact && integer <= exact ? MS_CSV_INTEGER : MS_CSV_WHOLE;
    }
    case JSON_STRING: {
      ms_slice text = {json_string_value(value), json_string_length(value)};
      if (ms_csv_when(r->context, text, &when, &time)) return time ? MS_CSV_TIME : MS_CSV_DATE;
      return MS_CSV_TEXT;
    }
    case JSON_OBJECT:
    case JSON_ARRAY: return MS_CSV_TEXT;
  }
  return MS_CSV_TEXT;
}

/* Kinds are joined with MS_CSV_WHOLE kept apart, since a real makes text of it, whichever comes first. */
static ms_csv_kind join(ms_csv_kind a, ms_csv_kind b) {
  if ((a == MS_CSV_WHOLE && b == MS_CSV_REAL) || (a == MS_CSV_REAL && b == MS_CSV_WHOLE))
    return MS_CSV_TEXT;
  if ((a == MS_CSV_WHOLE && b <= MS_CSV_INTEGER && b != MS_CSV_BOOLEAN) ||
      (b == MS_CSV_WHOLE && a <= MS_CSV_INTEGER && a != MS_CSV_BOOLEAN) || (a == b))
    return a > b ? a : b;
  return ms_csv_join(a, b);
}

static ms_status note_object(reading *r, json_t *object) {
  const char *name;
  json_t *value;
  json_object_foreach(object, name, value) {
    int64_t before = ms_intern_count(r->names), code = ms_intern_add(r->names, name, strlen(name));
    if (code < 0) return ms_error_status(r->context);
    if ((size_t)code >= r->kinds_room) {
      size_t room = r->kinds_room * 2 + 64;
      ms_csv_kind *kinds = ms_scratch_zero(r->context, room, sizeof *kinds);
      if (!kinds) return MS_EMEMORY;
      if (r->kinds_room) memcpy(kinds, r->kinds, r->kinds_room * sizeof *kinds);
      r->kinds = kinds;
      r->kinds_room = room;
    }
    if (code == before) r->kinds[code] = MS_CSV_NULLS;
    r->kinds[code] = join(r->kinds[code], kind_of(r, value));
  }
  return MS_OK;
}

/* ---- second reading: values ---- */

static ms_status put_json(reading *r, size_t column, const json_t *value) {
  char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
  if (!text)
    return ms_fail(r->context, MS_EMEMORY, "read_json: not enough memory for a nested value");
  ms_builder_text(r->builder, column, text, strlen(text));
  free(text);
  return MS_OK;
}

static ms_status put_text(reading *r, size_t column, const json_t *value) {
  if (!json_is_string(value)) return put_json(r, column, value);
  ms_builder_text(r->builder, column, json_string_value(value), json_string_length(value));
  return MS_OK;
}

static ms_status put_value(reading *r, size_t column, const json_t *value) {
  ms_csv_kind kind = r->kinds[column];
  ms_slice text = {json_string_value(value), json_string_length(value)};
  int64_t when;
  bool time;
  if (json_is_null(value)) {
    ms_builder_null(r->builder, column);
    return MS_OK;
  }
  switch (kind) {
    case MS_CSV_BOOLEAN: ms_builder_integer(r->builder, column, json_is_true(value)); break;
    case MS_CSV_INTEGER:
    case MS_CSV_WHOLE: ms_builder_integer(r->builder, column, json_integer_value(value)); break;
    case MS_CSV_REAL: ms_builder_real(r->builder, column, json_number_value(value)); break;
    case MS_CSV_DATE:
    case MS_CSV_TIME:
      if (ms_csv_when(r->context, text, &when, &time) && kind == MS_CSV_TIME && !time)
        when = ms_csv_midnight(r->context, when);
      ms_builder_integer(r->builder, column, when);
      break;
    case MS_CSV_NULLS:
    case MS_CSV_TEXT: return put_text(r, column, value);
  }
  return MS_OK;
}

static ms_status put_object(reading *r, json_t *object) {
  size_t count = (size_t)ms_intern_count(r->names);
  const char *name;
  json_t *value;
  memset(r->seen, 0, count * sizeof *r->seen);
  json_object_foreach(object, name, value) {
    int64_t code = ms_intern_add(r->names, name, strlen(name));
    ms_status status = code < 0 ? ms_error_status(r->context) : put_value(r, (size_t)code, value);
    if (status) return status;
    r->seen[code] = true;
  }
  for (size_t j = 0; j < count; j++) {
    if (!r->seen[j]) ms_builder_null(r->builder, j);
  }
  return MS_OK;
}

static ms_status read_all(reading *r, ms_status (*take)(reading *, json_t *)) {
  r->at = 0;
  r->rows = 0;
  skip_blank(r);
  r->array = r->at < r->text.size && r->text.data[r->at] == '[';
  r->at += r->array;
  for (bool end;; r->rows++) {
    json_t *object;
    ms_status status = next_place(r, r->rows == 0, &end);
    if (status || end) return status;
    status = next_object(r, &object);
    if (status) return status;
    status = take(r, object);
    json_decref(object);
    if (status) return status;
    if (r->rows % 1024 == 0) {
      ms_report(r->context, r->path, r->at, r->text.size);
      if (ms_cancelled(r->context)) return ms_error_status(r->context);
    }
  }
}

static ms_status make_columns(reading *r) {
  size_t count = (size_t)ms_intern_count(r->names);
  r->seen = ms_scratch(r->context, count + 1, sizeof *r->seen);
  r->builder = r->seen ? ms_builder_new(r->context) : NULL;
  if (!r->builder) return ms_error_status(r->context);
  for (size_t j = 0; j < count; j++) {
    ms_slice entry = ms_intern_entry(r->names, (int64_t)j);
    const char *name = ms_scratch_text(r->context, entry.data, entry.size);
    if (!name) return MS_EMEMORY;
    ms_status status = ms_builder_column(r->builder, name, ms_csv_type(r->kinds[j]));
    if (status) return status;
  }
  return MS_OK;
}

static ms_status open_text(reading *r) {
  ms_status status = ms_file_read(r->context, "read_json", r->path, &r->text);
  if (status) return status;
  bool valid = ms_utf8_check(r->text.data, r->text.size);
  ms_encoding encoding = ms_encoding_detect(r->text, valid);
  r->text.data += encoding.mark;
  r->text.size -= encoding.mark;
  if (encoding.utf8 || r->text.size == 0) return MS_OK;
  return ms_encoding_decode(r->context, &encoding, r->text, &r->text);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  const read_options *o = given;
  reading r = {.context = context, .path = o->path, .names = ms_intern_new(context)};
  ms_frame *frame = NULL;
  (void)inputs;
  ms_status status = r.names ? open_text(&r) : ms_error_status(context);
  if (!status) status = read_all(&r, note_object);
  if (!status) status = make_columns(&r);
  if (!status) status = read_all(&r, put_object);
  if (!status)
    frame = ms_builder_finish(r.builder);
  else
    ms_builder_free(r.builder);
  ms_intern_free(r.names);
  return frame;
}

const ms_kernel ms_kernel_read_json = {.name = "read_json",
                                       .group = "read",
                                       .brief = "a frame from JSON lines or an array of objects",
                                       .cost = "O(bytes) time, O(result) memory",
                                       .least = 0,
                                       .most = 0,
                                       .options = options,
                                       .size = sizeof(read_options),
                                       .run = run};
