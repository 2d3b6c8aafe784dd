/* Functions of the table: numbers and dates in plain loops, the others a row at a time. */
#include <math.h>
#include <string.h>

#include "core/expr/evaluate.h"

enum { ARGUMENTS_MOST = 64 };

static ms_status run_real(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  double *r = ms_run_array(run, sizeof *r);
  uint8_t *valid = ms_run_array(run, 1), odd = 0;
  if (status || !r || !valid) return status ? status : MS_EMEMORY;
  double (*function)(double) = step->node->function->real;
  for (int64_t i = 0; i < run->count; i++) r[i] = function(in.reals[i]);
  for (int64_t i = 0; i < run->count; i++) {
    valid[i] = !(r[i] != r[i] && in.reals[i] == in.reals[i]);
    odd |= valid[i] ^ 1;
  }
  *out = (ms_lane){.valid = in.valid, .reals = r};
  return odd ? ms_run_both(run, in.valid, valid, &out->valid) : MS_OK;
}

static ms_status run_integer(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  int64_t *r = ms_run_array(run, sizeof *r);
  if (status || !r) return status ? status : MS_EMEMORY;
  const ms_function *function = step->node->function;
  ms_row row = {.zone = run->zone, .span = {1, 0, 0}};
  for (int64_t i = 0; i < run->count; i++) {
    r[i] = 0;
    if (in.valid && !in.valid[i]) continue;
    r[i] = function->integer(function->local ? ms_row_local(&row, in.integers[i]) : in.integers[i]);
  }
  *out = (ms_lane){.valid = in.valid, .integers = r};
  return MS_OK;
}

static ms_status run_digits(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in, digits = {.valid = NULL};
  ms_status status = ms_step_run(run, step->args[0], &in);
  if (!status && step->count > 1) status = ms_step_run(run, step->args[1], &digits);
  double *r = ms_run_array(run, sizeof *r);
  if (status || !r) return status ? status : MS_EMEMORY;
  double (*function)(double, int64_t) = step->node->function->digits;
  for (int64_t i = 0; i < run->count; i++)
    r[i] = function(in.reals[i], step->count > 1 ? digits.integers[i] : 0);
  *out = (ms_lane){.reals = r};
  return ms_run_both(run, in.valid, digits.valid, &out->valid);
}

typedef struct {
  ms_lane lanes[ARGUMENTS_MOST];
  const ms_slice *texts[ARGUMENTS_MOST];
  char *data;
  uint8_t *valid;
  size_t size;
} rows;

static ms_status load(const ms_run *run, const ms_step *step, rows *r) {
  for (size_t a = 0; a < step->count; a++) {
    ms_status status = ms_step_run(run, step->args[a], &r->lanes[a]);
    if (!status && step->args[a]->type == MS_TEXT) {
      status = ms_run_texts(run, step->args[a], &r->lanes[a], &r->texts[a]);
    }
    if (status) return status;
  }
  r->size = ms_lane_size(step);
  r->data = ms_run_array(run, r->size);
  r->valid = ms_run_array(run, 1);
  return r->data && r->valid ? MS_OK : MS_EMEMORY;
}

static void store(const ms_step *step, rows *r, int64_t i, const ms_cell *cell) {
  r->valid[i] = !cell->null;
  if (r->size == 1) {
    ((uint8_t *)r->data)[i] = cell->null ? 0 : (uint8_t)cell->integer;
  } else if (step->type == MS_TEXT) {
    ((ms_slice *)(void *)r->data)[i] = cell->null ? (ms_slice){"", 0} : cell->text;
  } else {
    ((int64_t *)(void *)r->data)[i] = cell->null ? 0 : cell->integer;
  }
}

/* The function wrote the error's text; here it gets its place and row. */
static ms_status blame(const ms_run *run, const ms_step *step, int64_t i, ms_status status) {
  if (status == MS_EMEMORY || status == MS_ECANCEL) return status;
  char what[512];
  const char *text = ms_error_text(run->context);
  size_t size = strlen(text) < sizeof what - 1 ? strlen(text) : sizeof what - 1;
  memcpy(what, text, size);
  what[size] = 0;
  return ms_run_fail(run, step->node, i, status, what);
}

static ms_status run_rows(const ms_run *run, const ms_step *step, ms_lane *out) {
  const ms_function *function = step->node->function;
  ms_row row = {.context = run->context, .zone = run->zone, .node = step->node, .span = {1, 0, 0}};
  ms_cell cells[ARGUMENTS_MOST];
  rows *r = ms_scratch_zero(run->context, 1, sizeof *r);
  if (!r) return MS_EMEMORY;
  ms_status status = load(run, step, r);
  for (int64_t i = 0; i < run->count && !status; i++) {
    ms_cell result = {.integer = 0};
    for (size_t a = 0; a < step->count; a++) {
      cells[a] = ms_lane_cell(step->args[a]->type, &r->lanes[a], r->texts[a], i);
      result.null = result.null || cells[a].null;
    }
    if (!result.null || function->nulls) {
      result.null = false;
      status = function->row(&row, cells, &result);
      if (status) status = blame(run, step, i, status);
    }
    store(step, r, i, &result);
  }
  *out = (ms_lane){.valid = r->valid, .data = r->data};
  if (!status && !memchr(r->valid, 0, (size_t)run->count)) out->valid = NULL;
  return status;
}

const ms_step *ms_plan_function(ms_plan *plan, const ms_node *node, ms_step *step) {
  const ms_function *function = node->function;
  if (node->count > ARGUMENTS_MOST) {
    (void)ms_source_fail(plan->source, MS_ELIMIT, node->span, "%s takes at most %d arguments",
                         function->name, ARGUMENTS_MOST);
    return NULL;
  }
  step->run = function->real      ? run_real
              : function->integer ? run_integer
              : function->digits  ? run_digits
                                  : run_rows;
  return step;
}

int64_t ms_row_local(ms_row *row, int64_t time) {
  int64_t second = ms_floor_div(time, MS_SECOND);
  if (second < row->span.from || second >= row->span.until)
    row->span = ms_zone_at(row->zone, second);
  return time + row->span.offset * MS_SECOND;
}
