/* The columns of a model found again in new data. */
#include "core/kernels/mining/common/levels.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { ROLE, NAME, TYPE, LEVEL, CELLS };

typedef struct {
  ms_context *context;
  const char *kernel;
  const ms_frame *part;
  const ms_column *columns[CELLS];
  const ms_frame *data;
} finding;

static ms_status changed(const finding *f) {
  return ms_fail(f->context, MS_EDATA, "%s: the model's part 'inputs' is not as it was made",
                 f->kernel);
}

/* A cell as a terminated text in scratch; NULL for null (or short memory, which `failed` tells). */
static const char *cell(const finding *f, int at, int64_t row, bool *failed) {
  if (!ms_column_valid(f->columns[at], row)) return NULL;
  ms_slice text = ms_column_text(f->columns[at], row);
  const char *copy = ms_scratch_text(f->context, text.data, text.size);
  if (!copy) *failed = true;
  return copy;
}

static bool same_name(const finding *f, int64_t a, int64_t b) {
  return ms_slice_equal(ms_column_text(f->columns[NAME], a), ms_column_text(f->columns[NAME], b)) &&
         ms_slice_equal(ms_column_text(f->columns[ROLE], a), ms_column_text(f->columns[ROLE], b));
}

static ms_status type_of(const finding *f, const char *word, ms_type *out) {
  for (int t = 0; word && t < MS_TYPE_COUNT; t++) {
    if (strcmp(ms_type_name((ms_type)t), word) != 0) continue;
    *out = (ms_type)t;
    return MS_OK;
  }
  return changed(f);
}

/* The levels in rows first … end - 1: none if the only row has no level. */
static ms_status read_levels(const finding *f, int64_t first, int64_t end, ms_levels *out) {
  *out = (ms_levels){0, NULL};
  if (end == first + 1 && !ms_column_valid(f->columns[LEVEL], first)) return MS_OK;
  const char **names = ms_scratch(f->context, (size_t)(end - first), sizeof *names);
  if (!names) return MS_EMEMORY;
  bool failed = false;
  for (int64_t i = first; i < end; i++) {
    names[i - first] = cell(f, LEVEL, i, &failed);
    if (failed) return MS_EMEMORY;
    if (!names[i - first]) return changed(f);
  }
  *out = (ms_levels){(size_t)(end - first), names};
  return MS_OK;
}

static bool is_number(ms_type type) {
  return type == MS_BOOLEAN || type == MS_INTEGER || type == MS_REAL;
}

static ms_status find_number(const finding *f, const char *name, const double **out) {
  const ms_column *column = ms_frame_get(f->context, f->data, f->kernel, name);
  if (!column) return ms_error_status(f->context);
  if (!is_number(column->type)) {
    return ms_fail(f->context, MS_ETYPE, "%s: column '%s' is %s; the model was made of numbers",
                   f->kernel, name, ms_type_name(column->type));
  }
  *out = ms_view_real(f->context, column);
  if (!*out) return ms_error_status(f->context);
  for (int64_t i = 0; i < f->data->rows; i++) {
    if (!isinf((*out)[i])) continue;
    (void)ms_fail(f->context, MS_EDATA, "%s: column '%s' is infinite in row %" PRId64, f->kernel,
                  name, i + 1);
    ms_fail_cell(f->context, name, i);
    return MS_EDATA;
  }
  return MS_OK;
}

static ms_status find_category(const finding *f, ms_input *input) {
  const ms_column *column = ms_frame_get(f->context, f->data, f->kernel, input->name);
  if (!column) return ms_error_status(f->context);
  if (column->type != input->type) {
    return ms_fail(f->context, MS_ETYPE, "%s: column '%s' is %s; the model was made of %s",
                   f->kernel, input->name, ms_type_name(column->type), ms_type_name(input->type));
  }
  int64_t unseen = 0;
  input->codes = ms_levels_match(f->context, &input->levels, column, &unseen);
  if (!input->codes) return ms_error_status(f->context);
  if (unseen) {
    ms_warn(f->context,
            "%s: rows whose '%s' the model has never seen, which counts as missing: %" PRId64,
            f->kernel, input->name, unseen);
  }
  return MS_OK;
}

static ms_status take(const finding *f, int64_t first, int64_t end, ms_inputs_found *out) {
  bool failed = false;
  const char *role = cell(f, ROLE, first, &failed), *name = cell(f, NAME, first, &failed);
  const char *word = cell(f, TYPE, first, &failed);
  if (failed) return MS_EMEMORY;
  ms_type type = MS_TEXT;
  ms_levels levels;
  ms_status status = type_of(f, word, &type);
  if (status == MS_OK) status = read_levels(f, first, end, &levels);
  if (status != MS_OK) return status;
  if (strcmp(role, "target") == 0) {
    out->target =
        (ms_target){.name = name, .type = type, .classes = levels.count > 0, .levels = levels};
    return MS_OK;
  }
  if (strcmp(role, "offset") == 0) return find_number(f, name, &out->offset);
  if (strcmp(role, "weights") == 0) return MS_OK;
  bool empty = strcmp(role, "empty") == 0;
  if (!empty && strcmp(role, "input") != 0) return changed(f);
  ms_input *input = &out->inputs.items[out->inputs.count++];
  *input = (ms_input){
      .name = name, .type = type, .category = empty || levels.count > 0, .levels = levels};
  if (input->category ? type == MS_REAL || type == MS_DATE || type == MS_TIME : !is_number(type))
    return changed(f);
  return input->category ? find_category(f, input) : find_number(f, name, &input->values);
}

ms_status ms_inputs_find(ms_context *context, const char *kernel, const ms_frame *part,
                         const ms_frame *data, ms_inputs_found *out) {
  static const char *const names[CELLS] = {"role", "name", "type", "level"};
  finding f = {.context = context, .kernel = kernel, .part = part, .data = data};
  for (size_t i = 0; i < CELLS; i++) {
    int64_t at = ms_frame_find(part, names[i]);
    if (at < 0) return changed(&f);
    f.columns[i] = ms_frame_column(part, (size_t)at);
    if (f.columns[i]->type != MS_TEXT || (i < TYPE && f.columns[i]->nulls > 0)) return changed(&f);
  }
  *out = (ms_inputs_found){.inputs.rows = data->rows};
  out->inputs.items = ms_scratch_zero(context, (size_t)part->rows + 1, sizeof *out->inputs.items);
  if (!out->inputs.items) return MS_EMEMORY;
  for (int64_t first = 0, end; first < part->rows; first = end) {
    for (end = first + 1; end < part->rows && same_name(&f, first, end); end++) {}
    ms_status status = take(&f, first, end, out);
    if (status != MS_OK) return status;
  }
  return out->inputs.count ? MS_OK : changed(&f);
}
