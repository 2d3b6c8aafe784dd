/* Centre and spread of each input. Sums go morsel by morsel, so that the number of threads does not matter. */
#include "core/kernels/mining/common/scale.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/kernels/relational/quantile.h"

typedef struct {
  const ms_training *training;
  size_t morsels;
  const double *means; /* NULL in the first pass */
  double *sums;        /* input, morsel: weight, weighted sum (of squares) */
} moments_pass;

static ms_status sum_morsel(ms_context *worker, void *state, size_t task) {
  const moments_pass *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  size_t at = task / p->morsels;
  ms_range range = ms_morsel(p->training->inputs.rows, task % p->morsels);
  const double *x = p->training->inputs.items[at].values, *w = p->training->weights;
  double lanes[4] = {0}, weight = 0, mean = p->means ? p->means[at] : 0;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    double from = x[i] - mean, each = w ? w[i] : 1;
    weight += each;
    lanes[i % 4] += each * (p->means ? from * from : from);
  }
  p->sums[2 * task] = weight;
  p->sums[2 * task + 1] = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  return MS_OK;
}

/* Means, then deviations in a second pass. */
static ms_status find_moments(ms_context *context, const ms_training *training, double *means,
                              double *deviations) {
  size_t inputs = training->inputs.count;
  moments_pass p = {.training = training, .morsels = ms_morsels(training->inputs.rows)};
  p.sums = ms_scratch(context, inputs * p.morsels * 2, sizeof *p.sums);
  if (!p.sums) return MS_EMEMORY;
  for (int second = 0; second < 2; second++) {
    ms_status status = ms_parallel(context, inputs * p.morsels, sum_morsel, &p);
    if (status != MS_OK) return status;
    for (size_t at = 0; at < inputs; at++) {
      double weight = 0, sum = 0;
      for (size_t m = 0; m < p.morsels; m++) {
        weight += p.sums[2 * (at * p.morsels + m)];
        sum += p.sums[2 * (at * p.morsels + m) + 1];
      }
      if (second)
        deviations[at] = weight > 1 ? sqrt(sum / (weight - 1)) : 0;
      else
        means[at] = sum / weight;
    }
    p.means = means;
  }
  return MS_OK;
}

static void find_range(const double *x, int64_t rows, double *low, double *width) {
  double least = x[0], most = x[0];
  for (int64_t i = 1; i < rows; i++) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
  }
  *low = least;
  *width = most - least;
}

static ms_status find_quartiles(ms_context *context, const double *x, int64_t rows, double *median,
                                double *spread) {
  ms_mark mark = ms_scratch_mark(context);
  double *copy = ms_scratch(context, (size_t)rows, sizeof *copy);
  if (!copy) return MS_EMEMORY;
  memcpy(copy, x, (size_t)rows * sizeof *copy);
  double low = ms_quantile_select(context, copy, rows, 0.25);
  *median = ms_quantile_select(context, copy, rows, 0.5);
  *spread = (ms_quantile_select(context, copy, rows, 0.75) - low) / 1.349;
  ms_scratch_release(context, mark);
  return ms_cancelled(context) ? MS_ECANCEL : MS_OK;
}

ms_status ms_scale_find(ms_context *context, const ms_training *training, ms_scale_kind kind,
                        ms_scale *out) {
  size_t inputs = training->inputs.count;
  double *centre = ms_scratch_zero(context, inputs, sizeof *centre);
  double *spread = ms_scratch_zero(context, inputs, sizeof *spread);
  if (!centre || !spread) return MS_EMEMORY;
  ms_status status = MS_OK;
  if (kind == MS_SCALE_STANDARD || kind == MS_SCALE_ROBUST)
    status = find_moments(context, training, centre, spread);
  for (size_t j = 0; status == MS_OK && j < inputs; j++) {
    const double *x = training->inputs.items[j].values;
    double deviation = spread[j];
    if (ms_cancelled(context)) return MS_ECANCEL;
    if (kind == MS_SCALE_RANGE) find_range(x, training->inputs.rows, &centre[j], &spread[j]);
    if (kind == MS_SCALE_ROBUST) {
      status = find_quartiles(context, x, training->inputs.rows, &centre[j], &spread[j]);
      if (!(spread[j] > 0)) spread[j] = deviation;
    }
    /* What is left of the rounding of a constant's mean is no spread. */
    if (!(spread[j] > fabs(centre[j]) * 1e-14)) spread[j] = 1;
  }
  *out = (ms_scale){inputs, centre, spread};
  return status;
}

ms_status ms_inputs_complete(ms_context *context, const char *kernel, const ms_input_list *inputs) {
  for (size_t j = 0; j < inputs->count; j++) {
    const ms_input *input = &inputs->items[j];
    int64_t count = 0;
    for (int64_t i = 0; !input->category && i < inputs->rows; i++)
      count += isnan(input->values[i]) != 0;
    if (count == 0) continue;
    int64_t row = 0;
    while (!isnan(input->values[row])) row++;
    (void)ms_fail(context, MS_EDATA, "%s: column '%s' has missing values: %" PRId64, kernel,
                  input->name, count);
    ms_fail_hint(context, "missing = \"drop\" leaves such rows out; fill_null fills them");
    ms_fail_cell(context, input->name, row);
    return MS_EDATA;
  }
  return MS_OK;
}

ms_frame *ms_scale_part(ms_context *context, const ms_input_list *inputs, const ms_scale *scale) {
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "input", MS_TEXT);
  (void)ms_builder_column(out, "centre", MS_REAL);
  (void)ms_builder_column(out, "spread", MS_REAL);
  for (size_t j = 0; j < inputs->count; j++) {
    ms_builder_text(out, 0, inputs->items[j].name, strlen(inputs->items[j].name));
    ms_builder_real(out, 1, scale->centre[j]);
    ms_builder_real(out, 2, scale->spread[j]);
  }
  return ms_builder_finish(out);
}

ms_status ms_scale_read(ms_context *context, const char *kernel, const ms_frame *part,
                        size_t inputs, ms_scale *out) {
  *out = (ms_scale){.count = inputs, .centre = ms_part_real(context, kernel, part, "centre")};
  if (out->centre) out->spread = ms_part_real(context, kernel, part, "spread");
  if (!out->spread) return ms_error_status(context);
  bool fine = (size_t)part->rows == inputs;
  for (size_t j = 0; fine && j < inputs; j++)
    fine = isfinite(out->centre[j]) && isfinite(out->spread[j]) && out->spread[j] > 0;
  if (fine) return MS_OK;
  return ms_fail(context, MS_EDATA, "%s: the model's part 'scale' is not as it was made", kernel);
}
