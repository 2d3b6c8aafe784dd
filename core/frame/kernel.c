/* The checks that every kernel's options pass, from its table. */
#include "core/frame/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_words[] = {[MS_OPTION_BOOLEAN] = "boolean",
                                         [MS_OPTION_INTEGER] = "integer",
                                         [MS_OPTION_REAL] = "real",
                                         [MS_OPTION_TEXT] = "text",
                                         [MS_OPTION_CHOICE] = "choice",
                                         [MS_OPTION_COLUMN] = "column",
                                         [MS_OPTION_COLUMNS] = "columns",
                                         [MS_OPTION_TEXTS] = "texts",
                                         [MS_OPTION_EXPRESSION] = "expression",
                                         [MS_OPTION_INTEGERS] = "integers",
                                         [MS_OPTION_REALS] = "reals",
                                         [MS_OPTION_VALUE] = "value"};

const char *ms_option_type_word(ms_option_type_id type) { return type_words[type]; }

size_t ms_option_count(const ms_kernel *kernel) {
  size_t count = 0;
  while (kernel->options && kernel->options[count].name) count++;
  return count;
}

/* What the checks of one option need. */
typedef struct {
  ms_context *context;
  const ms_kernel *kernel;
  const ms_inputs *inputs;
  const ms_option *option;
  void *target;
} reading;

static const char *value_kind(const ms_value *value) {
  return value->null ? "null" : ms_type_name(value->type);
}

static ms_status wrong_type(const reading *r, const ms_value *value) {
  return ms_fail(r->context, MS_EARGUMENT, "%s: option '%s' is %s, %s wanted", r->kernel->name,
                 r->option->name, value_kind(value), ms_option_type_word(r->option->type));
}

static ms_status in_range(const reading *r, double number) {
  const ms_option *option = r->option;
  if ((option->low == 0 && option->high == 0) ||
      (number >= option->low && number <= option->high)) {
    return MS_OK;
  }
  return ms_fail(r->context, MS_EARGUMENT, "%s: option '%s' is %.15g, %.15g … %.15g wanted",
                 r->kernel->name, option->name, number, option->low, option->high);
}

static ms_status read_integer(const reading *r, const ms_value *value, int64_t *out) {
  if (!value->null && value->type == MS_REAL && value->real == floor(value->real) &&
      fabs(value->real) < 9.0e15) {
    *out = (int64_t)value->real;
  } else if (!value->null && value->type == MS_INTEGER) {
    *out = value->integer;
  } else {
    return wrong_type(r, value);
  }
  return in_range(r, (double)*out);
}

static ms_status read_real(const reading *r, const ms_value *value, double *out) {
  if (!value->null && value->type == MS_REAL) {
    *out = value->real;
  } else if (!value->null && value->type == MS_INTEGER) {
    *out = (double)value->integer;
  } else {
    return wrong_type(r, value);
  }
  return in_range(r, *out);
}

/* Values of the bag are terminated; a text with a NUL inside cannot be a name or an expression. */
static ms_status read_text(const reading *r, const ms_value *value, const char **out) {
  if (value->null || value->type != MS_TEXT) return wrong_type(r, value);
  if (strlen(value->text.data) != value->text.size) {
    return ms_fail(r->context, MS_EARGUMENT, "%s: option '%s' has a zero byte in it",
                   r->kernel->name, r->option->name);
  }
  *out = value->text.data;
  return MS_OK;
}

static ms_status read_choice(const reading *r, const char *word, int *out) {
  size_t size = strlen(word), count = 0;
  const char *names[64];
  for (const char *at = r->option->unit; *at; count++) {
    size_t length = strcspn(at, " ");
    if (length == size && strncmp(at, word, size) == 0) {
      *out = (int)count;
      return MS_OK;
    }
    names[count] = ms_scratch_text(r->context, at, length);
    if (!names[count]) return MS_EMEMORY;
    at += length + strspn(at + length, " ");
  }
  (void)ms_fail(r->context, MS_EARGUMENT, "%s: option '%s' is '%s', one of %s wanted",
                r->kernel->name, r->option->name, word, r->option->unit);
  int64_t nearest = ms_nearest(word, names, count);
  if (nearest >= 0) ms_fail_hint(r->context, "did you mean '%s'?", names[nearest]);
  return MS_EARGUMENT;
}

static ms_status check_column(const reading *r, const char *name) {
  if (r->inputs->count == 0) return MS_OK;
  const ms_column *found = ms_frame_get(r->context, r->inputs->frames[0], r->kernel->name, name);
  return found ? MS_OK : ms_error_status(r->context);
}

static ms_status read_names(const reading *r, const ms_option_value *given, ms_names *out) {
  const char **items = ms_scratch(r->context, given->count, sizeof *items);
  if (!items) return MS_EMEMORY;
  for (size_t i = 0; i < given->count; i++) {
    ms_status status = read_text(r, &given->values[i], &items[i]);
    if (status == MS_OK && r->option->type == MS_OPTION_COLUMNS) {
      status = check_column(r, items[i]);
    }
    if (status != MS_OK) return status;
  }
  *out = (ms_names){given->count, items};
  return MS_OK;
}

static ms_status read_integers(const reading *r, const ms_option_value *given, ms_integers *out) {
  int64_t *items = ms_scratch(r->context, given->count, sizeof *items);
  ms_status status = items ? MS_OK : MS_EMEMORY;
  for (size_t i = 0; status == MS_OK && i < given->count; i++) {
    status = read_integer(r, &given->values[i], &items[i]);
  }
  *out = (ms_integers){given->count, items};
  return status;
}

static ms_status read_reals(const reading *r, const ms_option_value *given, ms_reals *out) {
  double *items = ms_scratch(r->context, given->count, sizeof *items);
  ms_status status = items ? MS_OK : MS_EMEMORY;
  for (size_t i = 0; status == MS_OK && i < given->count; i++) {
    status = read_real(r, &given->values[i], &items[i]);
  }
  *out = (ms_reals){given->count, items};
  return status;
}

static ms_status read_scalar(const reading *r, const ms_option_value *given) {
  const ms_value *value = &given->values[0];
  const char *text = NULL;
  if (given->count != 1) {
    return ms_fail(r->context, MS_EARGUMENT, "%s: option '%s' is a list of %zu, one %s wanted",
                   r->kernel->name, r->option->name, given->count,
                   ms_option_type_word(r->option->type));
  }
  switch (r->option->type) {
    case MS_OPTION_BOOLEAN:
      if (value->null || value->type != MS_BOOLEAN) return wrong_type(r, value);
      *(bool *)r->target = value->integer != 0;
      return MS_OK;
    case MS_OPTION_INTEGER: return read_integer(r, value, r->target);
    case MS_OPTION_REAL: return read_real(r, value, r->target);
    case MS_OPTION_TEXT:
    case MS_OPTION_EXPRESSION: return read_text(r, value, r->target);
    case MS_OPTION_CHOICE:
      if (read_text(r, value, &text) != MS_OK) return MS_EARGUMENT;
      return read_choice(r, text, r->target);
    case MS_OPTION_COLUMN:
      if (read_text(r, value, r->target) != MS_OK) return MS_EARGUMENT;
      return check_column(r, *(const char **)r->target);
    case MS_OPTION_COLUMNS:
    case MS_OPTION_TEXTS:
    case MS_OPTION_INTEGERS:
    case MS_OPTION_REALS:
    case MS_OPTION_VALUE: break;
  }
  return MS_OK;
}

static ms_status read_given(const reading *r, const ms_option_value *given) {
  switch (r->option->type) {
    case MS_OPTION_COLUMNS:
    case MS_OPTION_TEXTS: return read_names(r, given, r->target);
    case MS_OPTION_INTEGERS: return read_integers(r, given, r->target);
    case MS_OPTION_REALS: return read_reals(r, given, r->target);
    case MS_OPTION_VALUE: *(const ms_option_value **)r->target = given; return MS_OK;
    case MS_OPTION_BOOLEAN:
    case MS_OPTION_INTEGER:
    case MS_OPTION_REAL:
    case MS_OPTION_TEXT:
    case MS_OPTION_CHOICE:
    case MS_OPTION_COLUMN:
    case MS_OPTION_EXPRESSION: break;
  }
  return read_scalar(r, given);
}

/* The default stands in the descriptor as text. */
static ms_status read_fallback(const reading *r) {
  const char *text = r->option->fallback;
  if (r->option->required) {
    return ms_fail(r->context, MS_EARGUMENT, "%s: option '%s' is missing: %s", r->kernel->name,
                   r->option->name, r->option->brief);
  }
  if (!text) return MS_OK;
  switch (r->option->type) {
    case MS_OPTION_BOOLEAN: *(bool *)r->target = strcmp(text, "true") == 0; break;
    case MS_OPTION_INTEGER: *(int64_t *)r->target = strtoll(text, NULL, 10); break;
    case MS_OPTION_REAL: *(double *)r->target = strtod(text, NULL); break;
    case MS_OPTION_TEXT:
    case MS_OPTION_EXPRESSION:
    case MS_OPTION_COLUMN: *(const char **)r->target = text; break;
    case MS_OPTION_CHOICE: return read_choice(r, text, r->target);
    case MS_OPTION_COLUMNS:
    case MS_OPTION_TEXTS:
    case MS_OPTION_INTEGERS:
    case MS_OPTION_REALS:
    case MS_OPTION_VALUE: break; /* an empty list, or none */
  }
  return MS_OK;
}

static ms_status check_names(ms_context *context, const ms_kernel *kernel,
                             const ms_options *given) {
  size_t known = ms_option_count(kernel);
  const char **names = ms_scratch(context, known, sizeof *names);
  if (!names) return MS_EMEMORY;
  for (size_t i = 0; i < known; i++) names[i] = kernel->options[i].name;
  for (size_t i = 0; i < ms_options_count(given); i++) {
    const char *name = ms_options_at(given, i)->name;
    bool found = name[0] == '@';
    for (size_t j = 0; j < known && !found; j++) found = strcmp(names[j], name) == 0;
    if (found) continue;
    (void)ms_fail(context, MS_EOPTION, "%s: unknown option '%s'", kernel->name, name);
    ms_fail_suggest(context, name, names, known);
    return MS_EOPTION;
  }
  return MS_OK;
}

const void *ms_kernel_options_read(ms_context *context, const ms_kernel *kernel,
                                   const ms_inputs *inputs) {
  char *target = ms_scratch_zero(context, kernel->size ? kernel->size : 1, 1);
  if (!target) return NULL;
  if (ms_options_failed(inputs->given)) {
    return ms_fail_null(context, MS_EMEMORY, "%s: not enough memory for its options", kernel->name);
  }
  if (check_names(context, kernel, inputs->given) != MS_OK) return NULL;
  for (size_t i = 0; i < ms_option_count(kernel); i++) {
    const ms_option *option = &kernel->options[i];
    reading r = {context, kernel, inputs, option, target + option->offset};
    const ms_option_value *given = ms_options_find(inputs->given, option->name);
    ms_status status = given ? read_given(&r, given) : read_fallback(&r);
    if (status != MS_OK) return NULL;
  }
  return target;
}

ms_frame *ms_kernel_run(ms_context *context, const ms_kernel *kernel, const ms_inputs *inputs) {
  int count = (int)inputs->count;
  if (count < kernel->least || (kernel->most >= 0 && count > kernel->most)) {
    return ms_fail_null(context, MS_EARGUMENT, "%s: %d frames given, %d … %d wanted", kernel->name,
                        count, kernel->least, kernel->most);
  }
  const void *options = ms_kernel_options_read(context, kernel, inputs);
  return options ? kernel->run(context, inputs, options) : NULL;
}
