/* Cox's partial likelihood with Breslow's way with ties: log-hazards by boosting.
 *
 * Rows by time, the longest first: the sum over the risk set of an event is a running sum. The derivatives of row i need the
 * events up to its time, which is a second pass from the other end. Serial: O(rows). */
#include "core/kernels/mining/boost/boost.h"

#include <math.h>
#include <string.h>

#include "core/kernels/relational/order.h"

ms_status ms_cox_start(ms_context *context, ms_boosting *b) {
  bool any = false;
  for (int64_t i = 0; i < b->rows; i++) any |= b->happened[i] > 0 && !(b->held && b->held[i]);
  if (!any) return ms_fail(context, MS_EDATA, "boost: no row that is learned from has an event");
  ms_buffer *times = ms_buffer_new(context, (size_t)b->rows + 1, sizeof(double));
  if (!times) return ms_error_status(context);
  memcpy(times->data, b->target, (size_t)b->rows * sizeof(double));
  ms_sort_key longest_first = {
      .column = ms_column_keep(context, ms_column_from_real(context, b->rows, times, NULL)),
      .descending = true};
  b->by_time = longest_first.column ? ms_sort_rows(context, &longest_first, 1, b->rows, 0) : NULL;
  return b->by_time ? MS_OK : ms_error_status(context);
}

static double weight_of(const ms_boosting *b, int64_t i) {
  return b->training->weights ? b->training->weights[i] : 1;
}

/* Ends of the group of equal times that begins at `from` in the order. */
static int64_t group_end(const ms_boosting *b, int64_t from) {
  int64_t end = from + 1;
  double time = b->target[b->by_time[from]];
  while (end < b->rows && b->target[b->by_time[end]] == time) end++;
  return end;
}

/* For each row of the order the risk set's sum at its time, the largest margin being taken off; loss and events too.
 * Ends early where it is cancelled. */
static double risk_sums(ms_context *context, const ms_boosting *b, bool held, double *risk,
                        double *events) {
  double most = -INFINITY, sum = 0, loss = 0;
  for (int64_t i = 0; i < b->rows; i++) most = fmax(most, b->margin[i]);
  *events = 0;
  for (int64_t from = 0, end; from < b->rows; from = end) {
    end = group_end(b, from);
    if (ms_cancelled_between(context, from, end)) return NAN;
    for (int64_t k = from; k < end; k++) {
      int64_t i = b->by_time[k];
      if ((b->held && b->held[i]) == held) sum += weight_of(b, i) * exp(b->margin[i] - most);
    }
    for (int64_t k = from; k < end; k++) {
      int64_t i = b->by_time[k];
      risk[k] = sum;
      if ((b->held && b->held[i]) != held || !(b->happened[i] > 0)) continue;
      loss += weight_of(b, i) * (log(sum) + most - b->margin[i]);
      *events += weight_of(b, i);
    }
  }
  return loss;
}

ms_status ms_cox_gradients(ms_context *context, ms_boosting *b) {
  ms_mark mark = ms_scratch_mark(context);
  double *risk = ms_scratch(context, (size_t)b->rows + 1, sizeof *risk);
  if (!risk) return MS_EMEMORY;
  double events, most = -INFINITY, first = 0, second = 0;
  (void)risk_sums(context, b, false, risk, &events);
  for (int64_t i = 0; i < b->rows; i++) most = fmax(most, b->margin[i]);
  for (int64_t end = b->rows, from; end > 0; end = from) {
    from = end;
    while (from > 0 && b->target[b->by_time[from - 1]] == b->target[b->by_time[end - 1]]) from--;
    if (ms_cancelled_between(context, from, end)) return MS_ECANCEL;
    for (int64_t k = from; k < end; k++) {
      int64_t i = b->by_time[k];
      if ((b->held && b->held[i]) || !(b->happened[i] > 0)) continue;
      first += weight_of(b, i) / risk[k];
      second += weight_of(b, i) / (risk[k] * risk[k]);
    }
    for (int64_t k = from; k < end; k++) {
      int64_t i = b->by_time[k];
      bool held = b->held && b->held[i];
      double w = weight_of(b, i), r = exp(b->margin[i] - most);
      b->g[i] = held ? 0 : w * (r * first - (b->happened[i] > 0));
      b->h[i] = held ? 0 : fmax(w * (r * first - w * r * r * second), 1e-16);
    }
  }
  ms_scratch_release(context, mark);
  return ms_cancelled(context) ? MS_ECANCEL : MS_OK;
}

ms_status ms_cox_loss(ms_context *context, const ms_boosting *b, bool held, double *out) {
  ms_mark mark = ms_scratch_mark(context);
  double *risk = ms_scratch(context, (size_t)b->rows + 1, sizeof *risk), events;
  if (!risk) return MS_EMEMORY;
  double loss = risk_sums(context, b, held, risk, &events);
  *out = events > 0 ? loss / events : NAN;
  ms_scratch_release(context, mark);
  return ms_cancelled(context) ? MS_ECANCEL : MS_OK;
}
