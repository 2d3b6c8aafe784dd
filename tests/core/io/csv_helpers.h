/* What the tests of the CSV reader and writer share: a read with options given as text, a frame as text. */
#ifndef TESTS_CORE_IO_CSV_HELPERS_H
#define TESTS_CORE_IO_CSV_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/frame/kernel.h"

/* Options as "name=value" texts, ended by NULL. true, false and numbers are what they look like. */
static inline ms_options *options_of(ms_context *context, const char *const *pairs) {
  ms_options *options = ms_options_new(context);
  for (; pairs && *pairs; pairs++) {
    const char *value = strchr(*pairs, '=') + 1;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(value - *pairs) - 1, *pairs);
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
      ms_options_integer(options, name, MS_BOOLEAN, *value == 't');
    else if (*value >= '0' && *value <= '9')
      ms_options_integer(options, name, MS_INTEGER, atoll(value));
    else
      ms_options_text(options, name, value, strlen(value));
  }
  return options;
}

/* A temporary file with these bytes; the path is valid until the next call. */
static inline const char *file_with(const char *bytes, size_t size) {
  static char path[64];
  snprintf(path, sizeof path, "/tmp/moonsift-test-%ld.csv", (long)getpid());
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
  return path;
}

static inline ms_frame *read_path(ms_context *context, const char *path, const char *const *pairs) {
  ms_options *options = options_of(context, pairs);
  ms_options_text(options, "path", path, strlen(path));
  ms_frame *frame = ms_kernel_call(context, "read_csv", NULL, 0, options);
  ms_options_free(options);
  ms_context_end(context);
  return frame;
}

static inline ms_frame *read_bytes(ms_context *context, const char *bytes, size_t size,
                                   const char *const *pairs) {
  const char *path = file_with(bytes, size);
  ms_frame *frame = read_path(context, path, pairs);
  unlink(path);
  return frame;
}

static inline void put_cell(FILE *out, const ms_frame *frame, size_t j, int64_t i) {
  if (!ms_cell_valid(frame, j, i)) {
    fputs("∅", out);
  } else if (ms_frame_type(frame, j) == MS_TEXT) {
    size_t bytes;
    const char *cell = ms_cell_text(frame, j, i, &bytes);
    for (size_t k = 0; k < bytes; k++) {
      unsigned char c = (unsigned char)cell[k];
      if (c == '\n')
        fputs("\\n", out);
      else if (c == '\r')
        fputs("\\r", out);
      else if (c < 32)
        fprintf(out, "\\x%02x", c);
      else
        fputc(c, out);
    }
  } else if (ms_frame_type(frame, j) == MS_REAL) {
    fprintf(out, "%.17g", ms_cell_real(frame, j, i));
  } else {
    fprintf(out, "%lld", (long long)ms_cell_integer(frame, j, i));
  }
}

/* "a:integer b:text\n1|x\n∅|y\n"; bytes below 32 as \n, \r or \xNN. */
static inline char *frame_text(const ms_frame *frame) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  for (size_t j = 0; j < ms_frame_columns(frame); j++)
    fprintf(out, "%s%s:%s", j ? " " : "", ms_frame_name(frame, j),
            ms_type_name(ms_frame_type(frame, j)));
  fputc('\n', out);
  for (int64_t i = 0; i < ms_frame_rows(frame); i++) {
    for (size_t j = 0; j < ms_frame_columns(frame); j++) {
      if (j) fputc('|', out);
      put_cell(out, frame, j, i);
    }
    fputc('\n', out);
  }
  fclose(out);
  return text;
}

/* Reads the text and compares the frame with `wanted` (or, where that begins with E-, the error's
 * code), and the rejected rows with `wanted_rejects` (NULL: none). */
static inline void check_read(const char *bytes, size_t size, const char *const *pairs,
                              const char *wanted, const char *wanted_rejects) {
  ms_context *context = ms_context_new();
  ms_frame_free(read_bytes(context, bytes, size, pairs));
  ms_frame_free(ms_context_attached(context));
  uint64_t memory = ms_context_memory(context);
  ms_frame *frame = read_bytes(context, bytes, size, pairs);
  if (strncmp(wanted, "E-", 2) == 0) {
    assert_null(frame);
    assert_string_equal(ms_error_code(context), wanted);
  } else {
    if (!frame) fail_msg("%s: %s", ms_error_code(context), ms_error_text(context));
    char *text = frame_text(frame);
    assert_string_equal(text, wanted);
    free(text);
  }
  ms_frame *rejects = ms_context_attached(context);
  if (rejects) {
    char *text = frame_text(rejects);
    size_t names = strcspn(text, "\n") + 1;
    assert_string_equal(&text[names], wanted_rejects ? wanted_rejects : "");
    free(text);
  } else {
    assert_null(wanted_rejects);
  }
  ms_frame_free(rejects);
  ms_frame_free(frame);
  assert_int_equal(ms_context_memory(context), memory); /* all was given back */
  ms_context_free(context);
}

#define READ_REJECTS(text, wanted, rejects, ...)                                                   \
  check_read(text, sizeof(text) - 1, (const char *const[]){__VA_ARGS__, NULL}, wanted, rejects)
#define READ_WITH(text, wanted, ...) READ_REJECTS(text, wanted, NULL, __VA_ARGS__)
#define READ(text, wanted) check_read(text, sizeof(text) - 1, NULL, wanted, NULL)

#endif
