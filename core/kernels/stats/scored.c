/* Rows with outcome and score: the event is found, what is incomplete left out, the rest sorted. */
#include "core/kernels/stats/scored.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/base/number.h"
#include "core/base/text.h"
#include "core/kernels/relational/order.h"

typedef struct {
  ms_context *context;
  const char *kernel;
  const ms_frame *frame;
  const ms_scored_request *request;
} reading;

/* ---- the event ---- */

static ms_status many(const reading *r) {
  (void)ms_fail(r->context, MS_EDATA, "%s: column '%s' has more than two values", r->kernel,
                r->request->target);
  ms_fail_hint(r->context, "name one of them: event = \"…\"");
  return MS_EDATA;
}

static ms_status single(const reading *r) {
  (void)ms_fail(r->context, MS_EDATA, "%s: column '%s' has one value only", r->kernel,
                r->request->target);
  ms_fail_hint(r->context, "name the event: event = \"…\"");
  return MS_EDATA;
}

/* 1, 0, or NaN where there is no value. */
static ms_status text_events(const reading *r, const ms_column *column, double *out) {
  column = ms_column_keep(r->context, ms_column_distinct(r->context, column));
  const uint32_t *codes = column ? ms_view_codes(r->context, column) : NULL;
  if (!codes) return ms_error_status(r->context);
  int64_t first = -1, second = -1, named = -1;
  for (int64_t i = 0; i < column->rows; i++) {
    if (i % MS_MORSEL == 0 && ms_cancelled(r->context)) return MS_ECANCEL;
    out[i] = NAN;
    if (!ms_column_valid(column, i)) continue;
    int64_t code = codes[i];
    if (first < 0) first = code;
    if (code != first && second < 0) second = code;
    if (code != first && code != second && !r->request->event) return many(r);
    out[i] = (double)code;
  }
  if (r->request->event) {
    ms_slice wanted = ms_slice_of(r->request->event);
    for (int64_t e = 0; e < column->dictionary->count && named < 0; e++) {
      if (ms_slice_equal(ms_dictionary_entry(column->dictionary, e), wanted)) named = e;
    }
  } else if (first >= 0 && second < 0) {
    return single(r);
  } else if (first >= 0) {
    bool later = ms_slice_compare(ms_dictionary_entry(column->dictionary, first),
                                  ms_dictionary_entry(column->dictionary, second)) > 0;
    named = later ? first : second;
  }
  for (int64_t i = 0; i < column->rows; i++) {
    if (out[i] == out[i]) out[i] = out[i] == (double)named;
  }
  return MS_OK;
}

static ms_status number_events(const reading *r, const ms_column *column, double *out) {
  const double *values = ms_view_real(r->context, column);
  if (!values) return ms_error_status(r->context);
  double low = NAN, high = NAN, named = NAN;
  bool more = false;
  for (int64_t i = 0; i < column->rows; i++) {
    double x = values[i];
    if (i % MS_MORSEL == 0 && ms_cancelled(r->context)) return MS_ECANCEL;
    if (x != x || x == low || x == high) continue;
    if (low != low) {
      low = high = x;
    } else if (low == high) {
      low = fmin(low, x), high = fmax(high, x);
    } else {
      more = true;
    }
  }
  const char *event = r->request->event;
  if (event) {
    if (column->type == MS_BOOLEAN && (!strcmp(event, "true") || !strcmp(event, "false")))
      named = !strcmp(event, "true");
    else if (!ms_real_parse(ms_slice_of(event), &named))
      return ms_fail(r->context, MS_EARGUMENT, "%s: event is '%s', a value of column '%s' wanted",
                     r->kernel, event, r->request->target);
  } else if (more) {
    return many(r);
  } else if (low == high && low != 0 && low != 1) {
    return single(r);
  } else {
    named = low == high ? 1 : high;
  }
  for (int64_t i = 0; i < column->rows; i++) {
    if (i % MS_MORSEL == 0 && ms_cancelled(r->context)) return MS_ECANCEL;
    out[i] = values[i] != values[i] ? NAN : values[i] == named;
  }
  return MS_OK;
}

/* ---- rows ---- */

static ms_status check_weights(const reading *r, const double *weights) {
  for (int64_t i = 0; weights && i < r->frame->rows; i++) {
    if (i % MS_MORSEL == 0 && ms_cancelled(r->context)) return MS_ECANCEL;
    if (weights[i] >= 0 && isinf(weights[i]) == 0) continue;
    if (weights[i] != weights[i]) continue;
    return ms_fail(r->context, MS_EDATA, "%s: column '%s' has the weight %g, wanted 0 or more",
                   r->kernel, r->request->weights, weights[i]);
  }
  return MS_OK;
}

/* A column of numbers as an array. */
static const double *numbers(const reading *r, const char *name) {
  const ms_column *column = ms_frame_get(r->context, r->frame, r->kernel, name);
  if (!column) return NULL;
  if (column->type == MS_TEXT || column->type == MS_DATE || column->type == MS_TIME)
    return ms_fail_null(r->context, MS_ETYPE, "%s: column '%s' is no column of numbers", r->kernel,
                        name);
  return ms_view_real(r->context, column);
}

static ms_status gather(const reading *r, const double *event, const double *score,
                        const double *weights, ms_scored *out) {
  int64_t rows = r->frame->rows, n = 0;
  ms_sort_key key = {.column = ms_frame_get(r->context, r->frame, r->kernel, r->request->score),
                     .descending = true};
  const uint32_t *order = ms_sort_rows(r->context, &key, 1, rows, 0);
  double *to = order ? ms_scratch(r->context, (size_t)rows * 3 + 1, sizeof *to) : NULL;
  if (!to) return ms_error_status(r->context);
  double *scores = to, *events = to + rows, *weight = to + 2 * rows;
  for (int64_t i = 0; i < rows; i++) {
    if (i % MS_MORSEL == 0 && ms_cancelled(r->context)) return MS_ECANCEL;
    uint32_t row = order[i];
    double w = weights ? weights[row] : 1;
    if (event[row] != event[row] || score[row] != score[row] || !(w > 0)) continue;
    scores[n] = score[row], events[n] = event[row], weight[n] = w;
    out->total += w;
    out->events += w * event[row];
    n++;
  }
  out->rows = n, out->score = scores, out->event = events, out->weight = weight;
  if (n < rows)
    ms_warn(r->context, "%s: %" PRId64 " rows without outcome, score or weight were left out",
            r->kernel, rows - n);
  return MS_OK;
}

ms_status ms_scored_read(ms_context *context, const char *kernel, const ms_frame *frame,
                         const ms_scored_request *request, ms_scored *out) {
  reading r = {context, kernel, frame, request};
  *out = (ms_scored){.weighted = request->weights != NULL};
  const ms_column *target = ms_frame_get(context, frame, kernel, request->target);
  if (!target) return ms_error_status(context);
  if (target->type == MS_DATE || target->type == MS_TIME)
    return ms_fail(context, MS_ETYPE, "%s: column '%s' is of dates or times, two classes wanted",
                   kernel, request->target);
  const double *score = numbers(&r, request->score), *weights = NULL;
  if (score && request->weights) weights = numbers(&r, request->weights);
  if (!score || (request->weights && !weights)) return ms_error_status(context);
  if (check_weights(&r, weights) != MS_OK) return ms_error_status(context);
  double *event = ms_scratch(context, (size_t)frame->rows + 1, sizeof *event);
  if (!event) return MS_EMEMORY;
  ms_status status =
      target->type == MS_TEXT ? text_events(&r, target, event) : number_events(&r, target, event);
  return status == MS_OK ? gather(&r, event, score, weights, out) : status;
}

ms_tied ms_scored_group(const ms_scored *scored, int64_t first) {
  ms_tied group = {first, 0, 0};
  double score = scored->score[first];
  for (; group.end < scored->rows && scored->score[group.end] == score; group.end++) {
    group.weight += scored->weight[group.end];
    group.events += scored->weight[group.end] * scored->event[group.end];
  }
  return group;
}

/* ---- tables ---- */

ms_builder *ms_figures_new(ms_context *context, const ms_figure *figures) {
  ms_builder *builder = ms_builder_new(context);
  for (size_t i = 0; builder && figures[i].name; i++) {
    (void)ms_builder_column(builder, figures[i].name, figures[i].type);
  }
  return builder;
}

void ms_figures_row(ms_builder *builder, const ms_figure *figures, const double *values) {
  for (size_t i = 0; figures[i].name; i++) {
    if (values[i] != values[i])
      ms_builder_null(builder, i);
    else if (figures[i].type == MS_REAL)
      ms_builder_real(builder, i, values[i]);
    else
      ms_builder_integer(builder, i, (int64_t)values[i]);
  }
}
