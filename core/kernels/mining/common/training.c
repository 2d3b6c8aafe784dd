/* Reading what a model learns from: which columns, which rows, as arrays. */
#include "core/kernels/mining/common/levels.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct {
  ms_context *context;
  const ms_training_request *request;
  const ms_frame *frame; /* as it was given */
  ms_training *out;
} reading;

static bool is_among(const char *name, const ms_names *names) {
  for (size_t i = 0; i < names->count; i++) {
    if (strcmp(names->items[i], name) == 0) return true;
  }
  return false;
}

static bool equal(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

static bool is_spoken_for(const ms_training_request *request, const char *name) {
  return equal(name, request->target) || equal(name, request->weights) ||
         equal(name, request->offset);
}

/* A number that a model may take, and a category. */
static bool is_category(const ms_training_request *request, const char *name, ms_type type) {
  return type == MS_TEXT || (type == MS_BOOLEAN && request->boolean_categories) ||
         (type == MS_INTEGER && is_among(name, &request->categories));
}

static ms_status check_input(const reading *r, const char *name) {
  const char *kernel = r->request->kernel;
  const ms_column *column = ms_frame_get(r->context, r->frame, kernel, name);
  if (!column) return ms_error_status(r->context);
  if (is_spoken_for(r->request, name)) {
    return ms_fail(r->context, MS_EARGUMENT, "%s: column '%s' cannot be an input too", kernel,
                   name);
  }
  if (column->type == MS_DATE || column->type == MS_TIME) {
    (void)ms_fail(r->context, MS_ETYPE,
                  "%s: column '%s' is a %s; a model takes numbers, booleans and texts", kernel,
                  name, ms_type_name(column->type));
    ms_fail_hint(
        r->context,
        "make a number of it, as in days_between(%s, @as_of), or name the columns to learn from",
        name);
    return MS_ETYPE;
  }
  if (column->type == MS_TEXT && r->request->numbers) {
    (void)ms_fail(r->context, MS_ETYPE, "%s: column '%s' is text; numbers are wanted", kernel,
                  name);
    ms_fail_hint(r->context, "name the columns: columns = { … }");
    return MS_ETYPE;
  }
  return MS_OK;
}

static ms_status choose_inputs(reading *r) {
  const ms_training_request *request = r->request;
  size_t most = request->columns.count ? request->columns.count : r->frame->count;
  ms_input *items = ms_scratch_zero(r->context, most + 1, sizeof *items);
  if (!items) return MS_EMEMORY;
  size_t count = 0;
  for (size_t i = 0; i < most; i++) {
    const char *name = request->columns.count ? request->columns.items[i] : r->frame->names[i];
    if (!request->columns.count &&
        (is_spoken_for(request, name) || is_among(name, &request->except))) {
      continue;
    }
    ms_status status = check_input(r, name);
    if (status != MS_OK) return status;
    ms_type type = ms_frame_type(r->frame, (size_t)ms_frame_find(r->frame, name));
    items[count++] =
        (ms_input){.name = name, .type = type, .category = is_category(request, name, type)};
  }
  if (count == 0)
    return ms_fail(r->context, MS_EDATA, "%s: there is no column to learn from", request->kernel);
  r->out->inputs = (ms_input_list){0, count, items};
  return MS_OK;
}

/* ---- rows ---- */

static bool missing(const ms_column *column, int64_t row) {
  return !ms_column_valid(column, row) ||
         (column->type == MS_REAL && isnan(ms_column_real(column, row)));
}

typedef struct {
  uint8_t *keep;
  int64_t rows;
} row_mask;

/* Counts without a branch, so that the common case of no NaN is read at memory's speed. */
static bool any_nan(const double *values, int64_t rows) {
  int64_t count = 0;
  for (int64_t i = 0; i < rows; i++) count += values[i] != values[i];
  return count > 0;
}

static int64_t drop_missing(row_mask *mask, const ms_column *column) {
  int64_t dropped = 0;
  if (column->nulls == 0 && column->type == MS_REAL &&
      !any_nan(ms_column_data(column), mask->rows)) {
    return 0;
  }
  if (column->nulls == 0 && column->type != MS_REAL) return 0;
  for (int64_t i = 0; i < mask->rows; i++) {
    if (!mask->keep[i] || !missing(column, i)) continue;
    mask->keep[i] = 0;
    dropped++;
  }
  return dropped;
}

static const ms_column *number_column(const reading *r, const char *name) {
  const ms_column *column = ms_frame_get(r->context, r->frame, r->request->kernel, name);
  if (!column || column->type == MS_INTEGER || column->type == MS_REAL ||
      column->type == MS_BOOLEAN) {
    return column;
  }
  return ms_fail_null(r->context, MS_ETYPE, "%s: column '%s' is %s; a number is wanted",
                      r->request->kernel, name, ms_type_name(column->type));
}

static ms_status drop_weights(const reading *r, row_mask *mask) {
  const char *name = r->request->weights;
  const ms_column *column = number_column(r, name);
  const double *weights = column ? ms_view_real(r->context, column) : NULL;
  if (!weights) return ms_error_status(r->context);
  int64_t dropped = 0;
  for (int64_t i = 0; i < mask->rows; i++) {
    if (weights[i] < 0 || isinf(weights[i])) {
      (void)ms_fail(r->context, MS_EDATA,
                    "%s: weight %.15g in column '%s', row %" PRId64 "; 0 or more wanted",
                    r->request->kernel, weights[i], name, i + 1);
      ms_fail_cell(r->context, name, i);
      return MS_EDATA;
    }
    if (mask->keep[i] && !(weights[i] > 0)) mask->keep[i] = 0, dropped++;
  }
  if (dropped)
    ms_warn(r->context, "%s: rows left out for lack of a weight: %" PRId64, r->request->kernel,
            dropped);
  return MS_OK;
}

static ms_status drop_rows(const reading *r, row_mask *mask) {
  const ms_training_request *request = r->request;
  if (request->kind != MS_TARGET_NONE) {
    const ms_column *target = ms_frame_get(r->context, r->frame, request->kernel, request->target);
    if (!target) return ms_error_status(r->context);
    int64_t dropped = drop_missing(mask, target);
    if (dropped) {
      ms_warn(r->context, "%s: rows left out for lack of '%s': %" PRId64, request->kernel,
              request->target, dropped);
    }
  }
  if (request->weights) {
    ms_status status = drop_weights(r, mask);
    if (status != MS_OK) return status;
  }
  int64_t dropped = 0;
  if (request->offset) {
    const ms_column *offset = number_column(r, request->offset);
    if (!offset) return ms_error_status(r->context);
    dropped += drop_missing(mask, offset);
  }
  for (size_t i = 0; request->complete && i < r->out->inputs.count; i++) {
    dropped +=
        drop_missing(mask, ms_frame_get(r->context, r->frame, "", r->out->inputs.items[i].name));
  }
  if (dropped) {
    ms_warn(r->context, "%s: rows left out for a missing value: %" PRId64, request->kernel,
            dropped);
  }
  return MS_OK;
}

/* Leaves the frame of the rows that are used, and their indexes. */
static ms_status choose_rows(reading *r) {
  row_mask mask = {ms_scratch(r->context, (size_t)r->frame->rows + 1, 1), r->frame->rows};
  if (!mask.keep) return MS_EMEMORY;
  memset(mask.keep, 1, (size_t)mask.rows);
  ms_status status = drop_rows(r, &mask);
  if (status != MS_OK) return status;
  int64_t count = 0;
  for (int64_t i = 0; i < mask.rows; i++) count += mask.keep[i];
  if (count == 0) {
    return ms_fail(r->context, MS_EDATA,
                   mask.rows == 0
                       ? "%s: there are no rows to learn from"
                       : "%s: no row is left to learn from: each lacks a value that is wanted",
                   r->request->kernel);
  }
  r->out->frame = r->frame;
  if (count == mask.rows) return MS_OK;
  uint32_t *kept = ms_scratch(r->context, (size_t)count, sizeof *kept);
  if (!kept) return MS_EMEMORY;
  int64_t n = 0;
  for (int64_t i = 0; i < mask.rows; i++) {
    if (mask.keep[i]) kept[n++] = (uint32_t)i;
  }
  r->out->kept = kept;
  r->out->frame = ms_frame_keep(r->context, ms_frame_gather(r->context, r->frame, kept, count));
  return r->out->frame ? MS_OK : ms_error_status(r->context);
}

/* ---- values ---- */

typedef struct {
  const double *values;
  int64_t rows;
} finding;

/* Fails where the morsel has an infinite value; looked for without a branch, since there is hardly ever one. */
static ms_status find_infinite(ms_context *worker, void *state, size_t task) {
  const finding *f = state;
  ms_range range = ms_morsel(f->rows, task);
  int64_t count = 0;
  for (int64_t i = range.first; i < range.first + range.count; i++)
    count += isinf(f->values[i]) != 0;
  return count ? ms_fail(worker, MS_EDATA, "infinite") : MS_OK;
}

static ms_status check_finite(const reading *r, const char *name, const double *values) {
  finding f = {values, r->out->frame->rows};
  ms_status status = ms_parallel(r->context, ms_morsels(f.rows), find_infinite, &f);
  if (status != MS_EDATA) return status;
  int64_t at = 0;
  while (!isinf(values[at])) at++;
  int64_t row = r->out->kept ? r->out->kept[at] : at;
  (void)ms_fail(r->context, MS_EDATA, "%s: column '%s' is infinite in row %" PRId64,
                r->request->kernel, name, row + 1);
  ms_fail_cell(r->context, name, row);
  return MS_EDATA;
}

static ms_status read_numbers(const reading *r, const char *name, const double **out) {
  const ms_column *column = ms_frame_get(r->context, r->out->frame, r->request->kernel, name);
  *out = column ? ms_view_real(r->context, column) : NULL;
  return *out ? check_finite(r, name, *out) : ms_error_status(r->context);
}

static ms_status read_inputs(reading *r) {
  ms_input_list *inputs = &r->out->inputs;
  inputs->rows = r->out->frame->rows;
  for (size_t i = 0; i < inputs->count; i++) {
    ms_input *input = &inputs->items[i];
    const ms_column *column = ms_frame_get(r->context, r->out->frame, "", input->name);
    ms_category category = {.codes = NULL};
    ms_status status = input->category ? ms_levels_make(r->context, r->request->kernel, input->name,
                                                        column, &category)
                                       : read_numbers(r, input->name, &input->values);
    input->codes = category.codes;
    input->levels = category.levels;
    if (status != MS_OK) return status;
    if (ms_cancelled(r->context)) return MS_ECANCEL;
  }
  return MS_OK;
}

/* Puts the level that is asked for behind the others, which keep their order. */
static ms_status move_event(const reading *r, ms_levels *levels, uint32_t *codes) {
  const char *event = r->request->event;
  size_t at = 0;
  while (at < levels->count && strcmp(levels->names[at], event) != 0) at++;
  if (at == levels->count) {
    (void)ms_fail(r->context, MS_EARGUMENT, "%s: no row has '%s' in column '%s'",
                  r->request->kernel, event, r->request->target);
    ms_fail_suggest(r->context, event, levels->names, levels->count);
    return MS_EARGUMENT;
  }
  const char **names = ms_scratch(r->context, levels->count, sizeof *names);
  if (!names) return MS_EMEMORY;
  for (size_t k = 0; k < levels->count; k++) {
    names[k] = k + 1 == levels->count ? event : levels->names[k + (k >= at)];
  }
  levels->names = names;
  for (int64_t i = 0; i < r->out->frame->rows; i++) {
    codes[i] = codes[i] == at ? (uint32_t)levels->count - 1 : codes[i] - (codes[i] > at);
  }
  return MS_OK;
}

static ms_status read_classes(reading *r, const ms_column *column) {
  ms_target *target = &r->out->target;
  ms_category category;
  ms_status status =
      ms_levels_make(r->context, r->request->kernel, target->name, column, &category);
  if (status != MS_OK) return status;
  target->levels = category.levels;
  size_t count = target->levels.count;
  if (count < 2) {
    return ms_fail(r->context, MS_EDATA,
                   "%s: column '%s' is '%s' in every row; two classes are wanted",
                   r->request->kernel, target->name, target->levels.names[0]);
  }
  if (count > 2 && r->request->kind == MS_TARGET_BINARY) {
    (void)ms_fail(r->context, MS_EDATA, "%s: column '%s' has %zu classes; two are wanted",
                  r->request->kernel, target->name, count);
    ms_fail_hint(r->context, "say which one is the event: with_columns(\"event = %s == '…'\")",
                 target->name);
    return MS_EDATA;
  }
  if (r->request->event) status = move_event(r, &target->levels, category.codes);
  target->codes = category.codes;
  return status;
}

static ms_status read_target(reading *r) {
  const ms_training_request *request = r->request;
  if (request->kind == MS_TARGET_NONE) return MS_OK;
  ms_target *target = &r->out->target;
  const ms_column *column =
      ms_frame_get(r->context, r->out->frame, request->kernel, request->target);
  if (!column) return ms_error_status(r->context);
  target->name = request->target;
  target->type = column->type;
  target->classes = request->kind == MS_TARGET_BINARY || request->kind == MS_TARGET_CLASSES ||
                    (request->kind == MS_TARGET_ANY &&
                     (column->type == MS_TEXT || column->type == MS_BOOLEAN || request->event));
  if (target->classes) return read_classes(r, column);
  if (request->event) {
    return ms_fail(r->context, MS_EARGUMENT,
                   "%s: option 'event' is for classes, and '%s' is a number", request->kernel,
                   request->target);
  }
  if (column->type == MS_TEXT || column->type == MS_DATE || column->type == MS_TIME) {
    return ms_fail(r->context, MS_ETYPE, "%s: column '%s' is %s; a number is wanted",
                   request->kernel, request->target, ms_type_name(column->type));
  }
  return read_numbers(r, request->target, &target->values);
}

ms_status ms_training_read(ms_context *context, const ms_frame *frame,
                           const ms_training_request *request, ms_training *out) {
  *out = (ms_training){.weights_name = request->weights, .offset_name = request->offset};
  reading r = {context, request, frame, out};
  ms_status status = choose_inputs(&r);
  if (status == MS_OK) status = choose_rows(&r);
  if (status == MS_OK) status = read_target(&r);
  if (status == MS_OK) status = read_inputs(&r);
  if (status == MS_OK && request->weights)
    status = read_numbers(&r, request->weights, &out->weights);
  if (status == MS_OK && request->offset) status = read_numbers(&r, request->offset, &out->offset);
  return status;
}

/* ---- the part ---- */

static void put(ms_builder *out, size_t column, const char *text) {
  if (text)
    ms_builder_text(out, column, text, strlen(text));
  else
    ms_builder_null(out, column);
}

static void put_row(ms_builder *out, const char *const cells[4]) {
  for (size_t i = 0; i < 4; i++) put(out, i, cells[i]);
}

static void put_levels(ms_builder *out, const char *role, const char *name, const ms_levels *levels,
                       ms_type type) {
  for (size_t k = 0; k < levels->count; k++) {
    put_row(out, (const char *const[]){role, name, ms_type_name(type), levels->names[k]});
  }
}

ms_frame *ms_training_part(ms_context *context, const ms_training *training) {
  static const char *const names[] = {"role", "name", "type", "level"};
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t i = 0; i < 4; i++) (void)ms_builder_column(out, names[i], MS_TEXT);
  const ms_target *target = &training->target;
  if (target->classes) put_levels(out, "target", target->name, &target->levels, target->type);
  if (target->name && !target->classes) {
    put_row(out, (const char *const[]){"target", target->name, ms_type_name(target->type), NULL});
  }
  for (size_t i = 0; i < training->inputs.count; i++) {
    const ms_input *input = &training->inputs.items[i];
    if (input->category && input->levels.count > 0) {
      put_levels(out, "input", input->name, &input->levels, input->type);
    } else {
      /* A category without a level had no value at all; it is told from a number by its role. */
      put_row(out, (const char *const[]){input->category ? "empty" : "input", input->name,
                                         ms_type_name(input->type), NULL});
    }
  }
  if (training->weights_name)
    put_row(out, (const char *const[]){"weights", training->weights_name, "real", NULL});
  if (training->offset_name)
    put_row(out, (const char *const[]){"offset", training->offset_name, "real", NULL});
  return ms_builder_finish(out);
}
