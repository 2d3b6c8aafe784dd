/* The last error of a context, and the nearest name to a wrong one. */
#include <stdio.h>
#include <string.h>

#include "core/base/context_private.h"

static const char *const codes[] = {"",
#define MS_STATUS_CODE(name, code) code,
                                    MS_STATUSES(MS_STATUS_CODE)
#undef MS_STATUS_CODE
};

static void write_error(ms_context *context, ms_status status, const char *format, va_list list) {
  /* The arguments may be parts of the last error: format before it is cleared. */
  char text[MS_ERROR_SIZE];
  (void)vsnprintf(text, sizeof text, format, list);
  ms_error_clear(context);
  context->error.status = status;
  memcpy(context->error.text, text, strlen(text) + 1);
}

ms_status ms_fail(ms_context *context, ms_status status, const char *format, ...) {
  va_list list;
  va_start(list, format);
  write_error(context, status, format, list);
  va_end(list);
  return status;
}

void *ms_fail_null(ms_context *context, ms_status status, const char *format, ...) {
  va_list list;
  va_start(list, format);
  write_error(context, status, format, list);
  va_end(list);
  return NULL;
}

/* Puts text behind what is in the field, on a line of its own. */
static void append(char *field, size_t size, const char *text) {
  size_t used = strlen(field);
  (void)snprintf(field + used, size - used, "%s%s", used ? "\n" : "", text);
}

void ms_fail_hint(ms_context *context, const char *format, ...) {
  char text[MS_HINT_SIZE];
  va_list list;
  va_start(list, format);
  (void)vsnprintf(text, sizeof text, format, list);
  va_end(list);
  append(context->error.hint, sizeof context->error.hint, text);
}

void ms_fail_place(ms_context *context, const char *source, size_t begin, size_t end) {
  ms_error *error = &context->error;
  ms_memory_give(error->source);
  size_t size = strlen(source);
  error->source = ms_memory_take(context->memory, size + 1);
  if (!error->source) return;
  memcpy(error->source, source, size + 1);
  error->begin = begin < size ? begin : size;
  error->end = end < size ? end : size;
}

void ms_fail_cell(ms_context *context, const char *column, int64_t row) {
  (void)snprintf(context->error.column, sizeof context->error.column, "%s", column ? column : "");
  context->error.row = row;
}

/* Damerau-Levenshtein distance (optimal string alignment) of at most 63 bytes each; larger: `most`
 * + 1. */
static size_t distance(const char *a, const char *b, size_t most) {
  enum { LONGEST = 63 };
  size_t n = strlen(a), m = strlen(b);
  if (n > LONGEST || m > LONGEST || (n > m ? n - m : m - n) > most) return most + 1;
  size_t row[3][LONGEST + 1];
  for (size_t j = 0; j <= m; j++) row[0][j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= m; j++) {
      size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
      if (last[j] + 1 < best) best = last[j] + 1;
      if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && before[j - 2] + 1 < best) best = before[j - 2] + 1;
      now[j] = best;
    }
  }
  return row[n % 3][m];
}

int64_t ms_nearest(const char *wrong, const char *const *names, size_t count) {
  size_t size = strlen(wrong), most = size / 3 > 1 ? size / 3 : 1;
  int64_t found = -1;
  for (size_t i = 0; i < count; i++) {
    size_t away = distance(wrong, names[i], most);
    if (away <= most) {
      if (away == 0) return (int64_t)i;
      most = away - 1;
      found = (int64_t)i;
    }
  }
  return found;
}

void ms_fail_suggest(ms_context *context, const char *wrong, const char *const *names,
                     size_t count) {
  enum { SHOWN = 8 };
  int64_t nearest = ms_nearest(wrong, names, count);
  if (nearest >= 0) ms_fail_hint(context, "did you mean '%s'?", names[nearest]);
  char list[MS_HINT_SIZE / 2] = "";
  size_t used = 0;
  for (size_t i = 0; i < count && i < SHOWN; i++) {
    int wrote = snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    if (wrote < 0 || (size_t)wrote >= sizeof list - used) break;
    used += (size_t)wrote;
  }
  if (count > SHOWN) (void)snprintf(list + used, sizeof list - used, " (+%zu)", count - SHOWN);
  if (count) ms_fail_hint(context, "there are: %s", list);
}

ms_status ms_error_status(const ms_context *context) { return context->error.status; }
const char *ms_error_code(const ms_context *context) { return codes[context->error.status]; }
const char *ms_error_text(const ms_context *context) { return context->error.text; }
const char *ms_error_hint(const ms_context *context) { return context->error.hint; }
const char *ms_error_column(const ms_context *context) { return context->error.column; }
const char *ms_error_source(const ms_context *context) {
  return context->error.source ? context->error.source : "";
}
size_t ms_error_begin(const ms_context *context) { return context->error.begin; }
size_t ms_error_end(const ms_context *context) { return context->error.end; }
int64_t ms_error_row(const ms_context *context) { return context->error.row; }

void ms_error_clear(ms_context *context) {
  ms_error *error = &context->error;
  ms_memory_give(error->source);
  error->source = NULL;
  error->status = MS_OK;
  error->text[0] = error->hint[0] = error->column[0] = 0;
  error->begin = error->end = 0;
  error->row = -1;
}
