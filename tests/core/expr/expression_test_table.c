/* Reads and runs tables of expressions; see tests/core/expr/table.h. */
#include "tests/core/expr/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number.h"
#include "core/base/zone.h"

enum { COLUMNS_MOST = 32, VALUES_MOST = 64, LINE_MOST = 8192 };

typedef struct {
  char name[64];
  ms_type type;
  size_t count;
  bool null[VALUES_MOST];
  int64_t integers[VALUES_MOST];
  double reals[VALUES_MOST];
  char *texts[VALUES_MOST];
  size_t sizes[VALUES_MOST];
} given_column;

typedef struct {
  ms_context *context;
  const char *path;
  int line, copies, failed;
  given_column columns[COLUMNS_MOST];
  size_t count;
  ms_options *given;
} table;

static ms_type type_of(const char *word) {
  for (int t = 0; t < MS_TYPE_COUNT; t++) {
    if (strcmp(ms_type_name((ms_type)t), word) == 0) return (ms_type)t;
  }
  printf("unknown type %s\n", word);
  exit(1);
}

/* The next word; a text in quotes with \n \\ \' \xNN becomes 't' and its bytes. */
static char *word(char **at, size_t *size) {
  while (**at == ' ') ++*at;
  if (!**at) return NULL;
  char *begin = *at, *to;
  if (*begin != '\'') {
    while (**at && **at != ' ') ++*at;
    *size = (size_t)(*at - begin);
    if (**at) *(*at)++ = 0;
    return begin;
  }
  to = begin + 1;
  char *from = begin + 1;
  for (; *from && *from != '\''; from++) {
    if (*from != '\\') {
      *to++ = *from;
    } else if (*++from == 'x') {
      char hex[3] = {from[1], from[2], 0};
      *to++ = (char)strtol(hex, NULL, 16);
      from += 2;
    } else {
      *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
    }
  }
  *at = *from ? from + 1 : from;
  *size = (size_t)(to - begin);
  *to = 0;
  return begin;
}

static void read_value(given_column *c, char *text, size_t size) {
  size_t i = c->count++;
  ms_slice slice = {text, size};
  ms_moment moment;
  c->null[i] = strcmp(text, "null") == 0;
  if (c->null[i]) return;
  bool fine = true;
  switch (c->type) {
    case MS_BOOLEAN: c->integers[i] = strcmp(text, "true") == 0; break;
    case MS_INTEGER: fine = ms_integer_parse(slice, &c->integers[i]); break;
    case MS_REAL: fine = ms_real_parse_special(slice, &c->reals[i]); break;
    case MS_DATE:
      fine = ms_moment_parse(slice, &moment);
      c->integers[i] = moment.days;
      break;
    case MS_TIME:
      fine = ms_moment_parse(slice, &moment);
      c->integers[i] = ms_moment_time(NULL, &moment);
      break;
    case MS_TEXT:
      c->sizes[i] = size - 1;
      c->texts[i] = malloc(size);
      memcpy(c->texts[i], text + 1, size - 1);
      break;
  }
  if (!fine) {
    printf("value %s cannot be read\n", text);
    exit(1);
  }
}

static given_column read_column(char *at) {
  given_column c = {.count = 0};
  size_t size;
  snprintf(c.name, sizeof c.name, "%s", word(&at, &size));
  c.type = type_of(word(&at, &size));
  for (char *text; (text = word(&at, &size));) read_value(&c, text, size);
  return c;
}

static void free_columns(table *t) {
  for (size_t c = 0; c < t->count; c++) {
    for (size_t i = 0; i < t->columns[c].count; i++) free(t->columns[c].texts[i]);
  }
  t->count = 0;
}

static ms_frame *make_frame(const table *t, int copies) {
  ms_builder *builder = ms_builder_new(t->context);
  for (size_t c = 0; c < t->count; c++) {
    const given_column *from = &t->columns[c];
    ms_builder_column(builder, from->name, from->type);
    for (size_t n = 0; n < from->count * (size_t)copies; n++) {
      size_t i = n % from->count;
      if (from->null[i]) {
        ms_builder_null(builder, c);
      } else if (from->type == MS_TEXT) {
        ms_builder_text(builder, c, from->texts[i], from->sizes[i]);
      } else if (from->type == MS_REAL) {
        ms_builder_real(builder, c, from->reals[i]);
      } else {
        ms_builder_integer(builder, c, from->integers[i]);
      }
    }
  }
  return ms_builder_finish(builder);
}

static void add_parameter(table *t, char *at) {
  given_column c = read_column(at);
  char name[80];
  snprintf(name, sizeof name, "@%s", c.name);
  if (c.count != 1) ms_options_list(t->given, name);
  for (size_t i = 0; i < c.count; i++) {
    if (c.null[i]) {
      ms_options_null(t->given, name);
    } else if (c.type == MS_TEXT) {
      ms_options_text(t->given, name, c.texts[i], c.sizes[i]);
      free(c.texts[i]);
    } else if (c.type == MS_REAL) {
      ms_options_real(t->given, name, c.reals[i]);
    } else {
      ms_options_integer(t->given, name, c.type, c.integers[i]);
    }
  }
}

/* ---- what came out ---- */

static void write_text(ms_string *out, ms_slice text) {
  bool valid = ms_utf8_valid(text);
  ms_string_text(out, "'");
  for (size_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c == '\n') {
      ms_string_text(out, "\\n");
    } else if (c == '\t') {
      ms_string_text(out, "\\t");
    } else if (c == '\'' || c == '\\') {
      ms_string_format(out, "\\%c", c);
    } else if (c < 32 || (c > 127 && !valid)) {
      ms_string_format(out, "\\x%02x", c);
    } else {
      ms_string_char(out, (char)c, 1);
    }
  }
  ms_string_text(out, "'");
}

static void write_cell(ms_string *out, const ms_column *column, int64_t row) {
  char text[64];
  ms_string_text(out, " ");
  if (!ms_column_valid(column, row)) {
    ms_string_text(out, "null");
    return;
  }
  switch (column->type) {
    case MS_BOOLEAN: ms_string_text(out, ms_column_integer(column, row) ? "true" : "false"); break;
    case MS_INTEGER:
      ms_string_format(out, "%lld", (long long)ms_column_integer(column, row));
      break;
    case MS_REAL:
      ms_real_format(ms_column_real(column, row), text);
      ms_string_text(out, text);
      break;
    case MS_DATE:
      ms_date_format(ms_column_integer(column, row), text);
      ms_string_text(out, text);
      break;
    case MS_TIME:
      ms_time_format(ms_column_integer(column, row), text);
      *strchr(text, ' ') = 'T';
      ms_string_format(out, "%sZ", text);
      break;
    case MS_TEXT: write_text(out, ms_column_text(column, row)); break;
  }
}

/* The column as the file writes it, if each copy is alike; otherwise what differs. */
static const char *describe(table *t, const ms_column *column, int64_t rows) {
  ms_string out = ms_string_new(t->context);
  ms_string_text(&out, ms_type_name(column->type));
  for (int64_t i = 0; i < rows; i++) write_cell(&out, column, i);
  for (int64_t i = rows; i < column->rows; i++) {
    ms_string a = ms_string_new(t->context), b = ms_string_new(t->context);
    write_cell(&a, column, i % rows);
    write_cell(&b, column, i);
    if (strcmp(ms_string_done(&a), ms_string_done(&b)) != 0) {
      return ms_scratch_format(t->context, "row %lld is %s, but row %lld is %s",
                               (long long)(i % rows), ms_string_done(&a), (long long)i,
                               ms_string_done(&b));
    }
  }
  return ms_string_done(&out);
}

static const char *describe_error(table *t) {
  const ms_context *c = t->context;
  size_t begin = ms_error_begin(c), end = ms_error_end(c);
  const char *hint = ms_error_hint(c);
  ms_string out = ms_string_new(t->context);
  ms_string_format(&out, "%s '%.*s' %s", ms_error_code(c), (int)(end - begin),
                   ms_error_source(c) + begin, ms_error_text(c));
  if (*hint) ms_string_text(&out, " // ");
  for (; *hint; hint++) ms_string_char(&out, *hint == '\n' ? ';' : *hint, 1);
  return ms_string_done(&out);
}

static const char *outcome(table *t, const char *text, int copies) {
  const ms_frame *frame = ms_frame_keep(t->context, make_frame(t, copies));
  ms_scope scope = {.verb = "test", .rows = frame, .given = t->given};
  size_t next = 0;
  ms_expression *expression = ms_expression_new(t->context, &scope, text, &next);
  const ms_column *column =
      expression ? ms_column_keep(t->context, ms_expression_column(t->context, expression, frame))
                 : NULL;
  if (!column) return describe_error(t);
  return describe(t, column, (int64_t)(t->count ? t->columns[0].count : 1));
}

static void check(table *t, const char *text, const char *want, int copies) {
  const char *got = outcome(t, text, copies);
  if (!got || strcmp(got, want) != 0) {
    printf("%s:%d: %s (%d copies)\n  want %s\n  got  %s\n", t->path, t->line, text, copies, want,
           got ? got : "nothing");
    t->failed++;
  }
  ms_context_end(t->context);
}

static void run_line(table *t, char *line, bool *in_columns) {
  if (line[0] == '@') {
    if (!*in_columns) free_columns(t);
    *in_columns = true;
    t->columns[t->count++] = read_column(line + 1);
    return;
  }
  *in_columns = false;
  if (line[0] == '$') {
    add_parameter(t, line + 1);
    return;
  }
  if (strncmp(line, "zone ", 5) == 0) {
    if (ms_context_zone(t->context, line + 5)) {
      printf("%s:%d: %s is not there: the rest is skipped\n", t->path, t->line, line + 5);
      t->line = -1;
    }
    return;
  }
  char *split = NULL;
  for (char *at = line; (at = strstr(at, " => ")); at += 4) split = at;
  char *fault = strstr(line, " !! ");
  if (fault) split = fault;
  if (!split) {
    printf("%s:%d: no expectation: %s\n", t->path, t->line, line);
    t->failed++;
    return;
  }
  *split = 0;
  char *want = split + 4;
  check(t, line, want, 1);
  if (t->copies > 1 && !fault) check(t, line, want, t->copies);
}

int table_run(ms_context *context, const char *path, int copies) {
  FILE *file = fopen(path, "r");
  if (!file) {
    printf("%s cannot be opened\n", path);
    return 1;
  }
  table *t = calloc(1, sizeof *t);
  t->context = context;
  t->path = path;
  t->copies = copies;
  t->given = ms_options_new(context);
  static char line[LINE_MOST];
  bool in_columns = false;
  while (t->line >= 0 && fgets(line, sizeof line, file)) {
    t->line++;
    line[strcspn(line, "\n")] = 0;
    if (line[0] && line[0] != '#') run_line(t, line, &in_columns);
  }
  fclose(file);
  free_columns(t);
  ms_options_free(t->given);
  (void)ms_context_zone(context, "UTC");
  int failed = t->failed;
  free(t);
  return failed;
}
