/* Laying out the terms of a linear predictor, and the way back from centred and scaled terms. */
#include "core/kernels/mining/common/design.h"

#include <math.h>
#include <string.h>

enum { SAMPLE = 16384 };

/* Index of the level that has no term. */
static ms_status base_of(ms_context *context, const ms_design_request *request,
                         const ms_input *input, size_t *out) {
  *out = 0;
  for (size_t i = 0; i + 1 < request->base.count; i += 2) {
    if (strcmp(request->base.items[i], input->name) != 0) continue;
    const char *level = request->base.items[i + 1];
    for (size_t k = 0; k < input->levels.count; k++) {
      if (strcmp(input->levels.names[k], level) != 0) continue;
      *out = k;
      return MS_OK;
    }
    (void)ms_fail(context, MS_EARGUMENT, "%s: option 'base': no row has '%s' in column '%s'",
                  request->kernel, level, input->name);
    ms_fail_suggest(context, level, input->levels.names, input->levels.count);
    return MS_EARGUMENT;
  }
  return MS_OK;
}

static ms_status check_base(ms_context *context, const ms_input_list *inputs,
                            const ms_design_request *request) {
  if (request->base.count % 2 != 0) {
    return ms_fail(context, MS_EARGUMENT,
                   "%s: option 'base' wants pairs: a column, its level, a column, its level, …",
                   request->kernel);
  }
  for (size_t i = 0; i < request->base.count; i += 2) {
    size_t k = 0;
    while (k < inputs->count && (!inputs->items[k].category ||
                                 strcmp(inputs->items[k].name, request->base.items[i]) != 0))
      k++;
    if (k < inputs->count) continue;
    return ms_fail(context, MS_EARGUMENT, "%s: option 'base': '%s' is no category among the inputs",
                   request->kernel, request->base.items[i]);
  }
  return MS_OK;
}

static ms_status count_terms(ms_context *context, const ms_input_list *inputs,
                             const ms_design_request *request, ms_design *out) {
  out->count = out->dense = request->intercept;
  for (size_t i = 0; i < inputs->count; i++) {
    const ms_input *input = &inputs->items[i];
    out->categories += input->category;
    out->dense += !input->category;
    out->count += !input->category ? 1 : input->levels.count > 0 ? input->levels.count - 1 : 0;
  }
  if (out->count > MS_DESIGN_MOST) {
    (void)ms_fail(context, MS_ELIMIT, "%s: the inputs make %zu terms; at most %d are wanted",
                  request->kernel, out->count, MS_DESIGN_MOST);
    ms_fail_hint(context, "leave out categories of very many levels, or join their rare levels");
    return MS_ELIMIT;
  }
  out->terms = ms_scratch(context, out->count + 1, sizeof *out->terms);
  out->values = ms_scratch(context, out->dense + 1, sizeof *out->values);
  out->centre = ms_scratch_zero(context, out->dense + 1, sizeof(double));
  out->scale = ms_scratch(context, out->dense + 1, sizeof(double));
  out->codes = ms_scratch(context, out->categories + 1, sizeof *out->codes);
  out->places = ms_scratch(context, out->categories + 1, sizeof *out->places);
  bool fine = out->terms && out->values && out->centre && out->scale && out->codes && out->places;
  return fine ? MS_OK : MS_EMEMORY;
}

/* Where terms stand while they are laid out. */
typedef struct {
  const ms_design_request *request;
  const ms_input_list *inputs;
  size_t term, dense, category, place;
} laying;

static ms_status lay_category(ms_context *context, size_t index, ms_design *out, laying *at) {
  const ms_input *input = &at->inputs->items[index];
  size_t levels = input->levels.count, base = 0;
  ms_status status = base_of(context, at->request, input, &base);
  uint32_t *places = ms_scratch(context, levels + 1, sizeof *places);
  if (status != MS_OK || !places) return status != MS_OK ? status : MS_EMEMORY;
  for (size_t k = 0; k < levels; k++) {
    places[k] = MS_MISSING;
    if (k == base) continue;
    places[k] = (uint32_t)at->place;
    const char *name = ms_scratch_format(context, "%s = %s", input->name, input->levels.names[k]);
    if (!name) return MS_EMEMORY;
    out->terms[at->term++] = (ms_term){name, index, input->levels.names[k], at->place++};
  }
  out->codes[at->category] = input->codes;
  out->places[at->category++] = places;
  return MS_OK;
}

/* Mean and largest distance from it over a sample of rows, the same for every number of threads. */
static void sample_scale(const double *values, int64_t rows, double *centre, double *scale,
                         bool centred) {
  int64_t step = rows / SAMPLE + 1, count = 0;
  double sum = 0, most = 0;
  for (int64_t i = 0; i < rows; i += step, count++) sum += values[i];
  *centre = centred && count ? sum / (double)count : 0;
  if (!isfinite(*centre)) *centre = 0;
  for (int64_t i = 0; i < rows; i += step) most = fmax(most, fabs(values[i] - *centre));
  /* A power of two: scaling loses no bit. */
  int exponent = 0;
  (void)frexp(most, &exponent);
  *scale = most > 0 && isfinite(most) ? ldexp(1, 1 - exponent) : 1;
}

ms_status ms_design_make(ms_context *context, const ms_input_list *inputs,
                         const ms_design_request *request, ms_design *out) {
  *out = (ms_design){.rows = inputs->rows, .intercept = request->intercept};
  ms_status status = check_base(context, inputs, request);
  if (status == MS_OK) status = count_terms(context, inputs, request, out);
  if (status != MS_OK) return status;
  laying at = {.request = request, .inputs = inputs, .place = out->dense};
  if (out->intercept) {
    out->terms[at.term++] = (ms_term){"(intercept)", SIZE_MAX, NULL, at.dense};
    out->values[at.dense] = NULL;
    out->scale[at.dense++] = 1;
  }
  for (size_t i = 0; i < inputs->count; i++) {
    const ms_input *input = &inputs->items[i];
    if (input->category) {
      status = lay_category(context, i, out, &at);
      if (status != MS_OK) return status;
      continue;
    }
    out->values[at.dense] = input->values;
    sample_scale(input->values, inputs->rows, &out->centre[at.dense], &out->scale[at.dense],
                 out->intercept);
    out->terms[at.term++] = (ms_term){input->name, i, NULL, at.dense++};
    if (ms_cancelled(context)) return MS_ECANCEL;
  }
  return MS_OK;
}

double ms_design_factor(const ms_design *design, size_t term) {
  size_t place = design->terms[term].place;
  return place < design->dense ? design->scale[place] : 1;
}

static double centre_of(const ms_design *design, size_t term) {
  size_t place = design->terms[term].place;
  return place < design->dense ? design->centre[place] : 0;
}

void ms_design_original(const ms_design *design, double *coefficients) {
  double shift = 0;
  for (size_t j = design->intercept; j < design->count; j++) {
    coefficients[j] *= ms_design_factor(design, j);
    shift += coefficients[j] * centre_of(design, j);
  }
  if (design->intercept) coefficients[0] -= shift;
}

void ms_design_original_covariance(const ms_design *design, double *covariance) {
  size_t n = design->count;
  for (size_t i = 0; i < n; i++) {
    double factor = ms_design_factor(design, i);
    for (size_t j = 0; j < n; j++) {
      covariance[i * n + j] *= factor;
      covariance[j * n + i] *= factor;
    }
  }
  if (!design->intercept) return;
  /* The intercept is the centred one less the others times their centres: first by rows, then by columns. */
  for (int turn = 0; turn < 2; turn++) {
    size_t row = turn ? n : 1, column = turn ? 1 : n;
    for (size_t k = 0; k < n; k++) {
      double sum = 0;
      for (size_t j = 1; j < n; j++) sum += centre_of(design, j) * covariance[j * column + k * row];
      covariance[k * row] -= sum;
    }
  }
}
