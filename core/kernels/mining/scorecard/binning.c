/* Inputs cut into bins: first into many pieces of about as many rows, then the best few of these joined. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernels/mining/common/bins.h"
#include "core/kernels/mining/scorecard/scorecard.h"

typedef struct {
  const ms_training *training;
  const ms_binning_request *request;
  ms_bins pieces;
  ms_score_count total;
  ms_score_input *inputs;
} binning;

static double weight_of(const ms_training *training, int64_t row) {
  return training->weights ? training->weights[row] : 1;
}

static bool is_event(const ms_training *training, int64_t row) {
  return training->target.codes[row] == 1;
}

static const void *pieces_of(const binning *b, size_t input) {
  size_t width = b->pieces.wide ? 2 : 1;
  return (const uint8_t *)b->pieces.by_column + input * (size_t)b->pieces.rows * width;
}

/* Rows and events of every piece, the missing ones last. */
static ms_score_count *count_pieces(ms_context *context, const binning *b, size_t input) {
  const void *pieces = pieces_of(b, input);
  ms_score_count *counts =
      ms_scratch_zero(context, (size_t)b->pieces.columns[input].bins + 1, sizeof *counts);
  for (int64_t i = 0; counts && i < b->pieces.rows; i++) {
    if (i % MS_MORSEL == 0 && ms_cancelled(context)) return NULL;
    double weight = weight_of(b->training, i);
    ms_score_count *count = counts + ms_bin_at(pieces, (size_t)i, b->pieces.wide);
    count->rows += weight;
    if (is_event(b->training, i)) count->events += weight;
  }
  return counts;
}

typedef struct {
  double share;
  uint32_t piece;
} ranked;

static int by_share(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->share != y->share) return x->share < y->share ? -1 : 1;
  return x->piece < y->piece ? -1 : x->piece > y->piece;
}

/* The pieces in the order in which they may be joined: numbers by size, levels by their share of events. */
static uint32_t *order_of(ms_context *context, const ms_bin_column *column,
                          const ms_score_count *counts) {
  uint32_t *order = ms_scratch(context, column->bins + 1, sizeof *order);
  ranked *rank = ms_scratch(context, column->bins + 1, sizeof *rank);
  if (!order || !rank) return NULL;
  for (uint32_t p = 0; p < column->bins; p++) {
    double share = counts[p].rows > 0 ? counts[p].events / counts[p].rows : 0;
    rank[p] = (ranked){column->category ? share : p, p};
  }
  qsort(rank, column->bins, sizeof *rank, by_share);
  for (uint32_t p = 0; p < column->bins; p++) order[p] = rank[p].piece;
  return order;
}

/* ---- bounds ---- */

/* A number from `low` to below `high` with as few digits as can be, near the middle. */
static double short_between(double low, double high) {
  double middle = low / 2 + high / 2;
  if (low <= 0 && high > 0) return 0;
  int exponent = (int)floor(log10(fabs(middle)));
  for (int digits = 1; digits <= 15; digits++) {
    double unit = pow(10, exponent - digits + 1), whole = floor(middle / unit);
    for (int up = 0; up <= 1; up++) {
      char text[40];
      (void)snprintf(text, sizeof text, "%.*e", digits - 1, (whole + up) * unit);
      double found = strtod(text, NULL);
      if (found >= low && found < high) return found;
    }
  }
  return low;
}

/* A bound lies between the largest value of its bin and the least of the next; every row stays where it was counted. */
static ms_status tidy_bounds(ms_context *context, const binning *b, size_t i) {
  ms_score_input *out = &b->inputs[i];
  const double *values = out->input->values;
  double least[MS_SCORE_BINS_MOST + 1], most[MS_SCORE_BINS_MOST + 1];
  for (size_t k = 0; k <= out->count; k++) least[k] = INFINITY, most[k] = -INFINITY;
  for (int64_t r = 0; r < b->pieces.rows; r++) {
    if (r % MS_MORSEL == 0 && ms_cancelled(context)) return MS_ECANCEL;
    uint8_t k = out->rows[r];
    least[k] = values[r] < least[k] ? values[r] : least[k];
    most[k] = values[r] > most[k] ? values[r] : most[k];
  }
  for (size_t k = 0; k + 1 < out->count; k++) {
    if (!(most[k] < least[k + 1]) || isinf(most[k]) || isinf(least[k + 1])) continue;
    out->bins[k].high = out->bins[k + 1].low = short_between(most[k], least[k + 1]);
  }
  return MS_OK;
}

static void measure(ms_score_input *input, ms_score_count total) {
  input->iv = 0;
  for (size_t k = 0; k <= input->count; k++) {
    input->bins[k].woe = ms_weight_of_evidence(input->bins[k].count, total);
    input->bins[k].iv = ms_information_value(input->bins[k].count, total);
    input->iv += input->bins[k].iv;
  }
}

static bool among(const ms_names *names, const char *name) {
  for (size_t i = 0; i < names->count; i++) {
    if (strcmp(names->items[i], name) == 0) return true;
  }
  return false;
}

/* Levels stand in the order of their shares already. */
static ms_trend trend_of(const binning *b, const ms_input *input) {
  if (input->category) return MS_TREND_NONE;
  if (among(&b->request->increasing, input->name)) return MS_TREND_UP;
  if (among(&b->request->decreasing, input->name)) return MS_TREND_DOWN;
  return b->request->trend;
}

/* Joins the pieces; `bin_of` says to which bin each went. */
static ms_status join(ms_context *context, const binning *b, size_t i, const ms_score_count *counts,
                      uint8_t *bin_of) {
  const ms_bin_column *column = &b->pieces.columns[i];
  ms_score_input *out = &b->inputs[i];
  const uint32_t *order = order_of(context, column, counts);
  ms_score_count *ordered = ms_scratch(context, column->bins + 1, sizeof *ordered);
  if (!order || !ordered) return MS_EMEMORY;
  for (uint32_t p = 0; p < column->bins; p++) ordered[p] = counts[order[p]];
  ms_optimal_request request = {
      .count = column->bins,
      .pieces = ordered,
      .total = b->total,
      .least = b->request->least * b->total.rows,
      .most = b->request->most,
      .trend = trend_of(b, out->input),
  };
  size_t ends[MS_SCORE_BINS_MOST] = {0};
  out->count = column->bins ? ms_optimal_bins(context, &request, ends) : 0;
  if (column->bins && !out->count) return ms_error_status(context);
  out->bins = ms_scratch_zero(context, out->count + 1, sizeof *out->bins);
  if (!out->bins) return MS_EMEMORY;
  for (size_t k = 0, p = 0; k < out->count; k++) {
    ms_score_bin *bin = &out->bins[k];
    bin->low = k ? out->bins[k - 1].high : -INFINITY;
    for (; p < ends[k]; p++) {
      bin->count.rows += ordered[p].rows;
      bin->count.events += ordered[p].events;
      bin_of[order[p]] = (uint8_t)k;
    }
    bin->high = column->category || p == column->bins ? INFINITY : column->cuts[p - 1];
  }
  out->bins[out->count].count = counts[column->bins];
  bin_of[column->bins] = (uint8_t)out->count;
  return MS_OK;
}

static ms_status keep(ms_context *context, const binning *b, size_t i, const uint8_t *bin_of) {
  ms_score_input *out = &b->inputs[i];
  const ms_bin_column *column = &b->pieces.columns[i];
  const void *pieces = pieces_of(b, i);
  uint8_t *rows = ms_scratch(context, (size_t)b->pieces.rows + 1, sizeof *rows);
  if (!rows) return MS_EMEMORY;
  for (int64_t r = 0; r < b->pieces.rows; r++) {
    rows[r] = bin_of[ms_bin_at(pieces, (size_t)r, b->pieces.wide)];
  }
  out->rows = rows;
  if (!column->category) return tidy_bounds(context, b, i);
  out->of_level = ms_scratch(context, column->levels + 1, sizeof *out->of_level);
  if (!out->of_level) return MS_EMEMORY;
  for (size_t l = 0; l < column->levels; l++) out->of_level[l] = bin_of[column->of_code[l]];
  return MS_OK;
}

static ms_status bin_input(ms_context *context, const binning *b, size_t i) {
  uint8_t *bin_of = ms_scratch_zero(context, b->pieces.columns[i].bins + 1, sizeof *bin_of);
  const ms_score_count *counts = bin_of ? count_pieces(context, b, i) : NULL;
  if (!counts) return ms_error_status(context);
  b->inputs[i].input = &b->training->inputs.items[i];
  ms_status status = join(context, b, i, counts, bin_of);
  if (status == MS_OK) status = keep(context, b, i, bin_of);
  if (status == MS_OK) measure(&b->inputs[i], b->total);
  ms_report(context, "scorecard: input", i + 1, b->training->inputs.count);
  return status;
}

ms_score_input *ms_score_bins(ms_context *context, const ms_training *training,
                              const ms_binning_request *request) {
  binning b = {.training = training, .request = request};
  ms_bins_request pieces = {.most = (uint32_t)request->pieces};
  if (ms_bins_make(context, "scorecard", &training->inputs, pieces, &b.pieces) != MS_OK) {
    return NULL;
  }
  b.inputs = ms_scratch_zero(context, training->inputs.count, sizeof *b.inputs);
  if (!b.inputs) return NULL;
  for (int64_t i = 0; i < training->inputs.rows; i++) {
    b.total.rows += weight_of(training, i);
    if (is_event(training, i)) b.total.events += weight_of(training, i);
  }
  for (size_t i = 0; i < training->inputs.count; i++) {
    if (bin_input(context, &b, i) != MS_OK) return NULL;
  }
  return b.inputs;
}
