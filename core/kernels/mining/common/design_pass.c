/* Sums over the rows of a model matrix that is never stored.
 *
 * A block of rows of the dense columns is gathered, column after column, small enough for the cache; cross products
 * are dot products of pairs of columns, eight pairs at a time. A row's categories add its weight to single cells, and its
 * dense values to single rows, of the matrix of sums. Lanes, blocks and morsels are added up in a fixed order. */
#include "core/kernels/mining/common/design.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256, PANEL = 4, LANES = 4, WAVE_MOST = 32 };

typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

/* A block of rows and what it is summed into. Columns stand BLOCK apart. */
typedef struct {
  size_t count, padded; /* rows, and rounded up to LANES */
  double *x, *wx;       /* dense columns, with zeros behind; and times the weights */
  double *rows;         /* wx, a row after the other */
  double *eta, *weight, *score;
  uint32_t *hits; /* rows × categories: columns of the row's levels */
} block;

typedef struct {
  const ms_design *design;
  const ms_design_pass_request *request;
  const double *coefficients; /* in the order of the columns */
  size_t first;               /* morsel of the wave's first task */
  double *sums;               /* of each task of the wave: gram, gradient, totals */
  size_t size;                /* doubles of a task */
} pass;

/* ---- one block ------------------------------------------------------------------------------------------------- */

static void gather(const ms_design *design, int64_t first, block *b) {
  size_t padding = (b->padded - b->count) * sizeof(double);
  for (size_t j = 0; j < design->dense; j++) {
    double *restrict out = b->x + j * BLOCK;
    if (design->values[j]) {
      const double *restrict in = design->values[j] + first;
      double centre = design->centre[j], scale = design->scale[j];
      for (size_t i = 0; i < b->count; i++) out[i] = (in[i] - centre) * scale;
    } else {
      for (size_t i = 0; i < b->count; i++) out[i] = 1;
    }
    memset(out + b->count, 0, padding);
  }
  for (size_t c = 0; c < design->categories; c++) {
    const uint32_t *codes = design->codes[c] + first, *places = design->places[c];
    for (size_t i = 0; i < b->count; i++) {
      b->hits[i * design->categories + c] = codes[i] == MS_MISSING ? MS_MISSING : places[codes[i]];
    }
  }
}

static void predict(const pass *p, int64_t first, block *b) {
  const ms_design *design = p->design;
  double *restrict eta = b->eta;
  if (p->request->offset)
    memcpy(eta, p->request->offset + first, b->count * sizeof *eta);
  else
    memset(eta, 0, b->count * sizeof *eta);
  if (!p->request->coefficients) return;
  for (size_t j = 0; j < design->dense; j++) {
    const double *restrict x = b->x + j * BLOCK;
    double coefficient = p->coefficients[j];
    for (size_t i = 0; i < b->count; i++) eta[i] += coefficient * x[i];
  }
  for (size_t i = 0; i < b->count; i++) {
    for (size_t c = 0; c < design->categories; c++) {
      uint32_t at = b->hits[i * design->categories + c];
      if (at != MS_MISSING) eta[i] += p->coefficients[at];
    }
  }
}

static double total(const lanes *sum) { return ((*sum)[0] + (*sum)[1]) + ((*sum)[2] + (*sum)[3]); }

/* Adds x_i · y_j for i = 0, 1 and j = 0 … 3 to out[i * stride + j]. */
static void dots(const double *x, const double *y, size_t count, double *out, size_t stride) {
  lanes sum[2][PANEL] = {{{0}}};
  for (size_t r = 0; r < count; r += LANES) {
    const lanes a = *(const lanes *)(const void *)(x + r);
    const lanes b = *(const lanes *)(const void *)(x + BLOCK + r);
    for (size_t j = 0; j < PANEL; j++) {
      const lanes c = *(const lanes *)(const void *)(y + j * BLOCK + r);
      sum[0][j] += a * c;
      sum[1][j] += b * c;
    }
  }
  for (size_t j = 0; j < PANEL; j++) {
    out[j] += total(&sum[0][j]);
    out[stride + j] += total(&sum[1][j]);
  }
}

static double dot(const double *x, const double *y, size_t count) {
  lanes sum = {0};
  for (size_t r = 0; r < count; r += LANES) {
    sum += *(const lanes *)(const void *)(x + r) * *(const lanes *)(const void *)(y + r);
  }
  return total(&sum);
}

/* Lower triangle of the dense columns' cross products; a little above the diagonal is summed too. The columns are followed by
 * room for a panel more, so that no pair needs a case of its own. */
static void cross(const ms_design *design, const block *b, size_t stride, double *gram) {
  for (size_t i = 0; i < design->dense; i += 2) {
    for (size_t j = 0; j <= i + 1 && j < design->dense; j += PANEL) {
      if (i + 2 <= design->dense && j + PANEL <= design->dense) {
        dots(b->wx + i * BLOCK, b->x + j * BLOCK, b->padded, gram + i * stride + j, stride);
        continue;
      }
      for (size_t k = i; k < i + 2 && k < design->dense; k++) {
        for (size_t l = j; l < j + PANEL && l <= k; l++) {
          gram[k * stride + l] += dot(b->wx + k * BLOCK, b->x + l * BLOCK, b->padded);
        }
      }
    }
  }
}

/* Categories: their rows of the matrix below the dense ones, and among each other. */
static void cross_categories(const ms_design *design, const block *b, size_t stride, double *gram) {
  size_t dense = design->dense, categories = design->categories;
  for (size_t j = 0; j < dense; j++) {
    for (size_t i = 0; i < b->count; i++) b->rows[i * dense + j] = b->wx[j * BLOCK + i];
  }
  for (size_t i = 0; i < b->count; i++) {
    const uint32_t *hits = b->hits + i * categories;
    const double *restrict row = b->rows + i * dense;
    for (size_t c = 0; c < categories; c++) {
      if (hits[c] == MS_MISSING) continue;
      double *restrict out = gram + hits[c] * stride;
      for (size_t j = 0; j < dense; j++) out[j] += row[j];
      for (size_t d = 0; d <= c; d++) {
        if (hits[d] != MS_MISSING) out[hits[d]] += b->weight[i];
      }
    }
  }
}

static void score(const ms_design *design, const block *b, double *gradient) {
  for (size_t j = 0; j < design->dense; j++) {
    gradient[j] += dot(b->x + j * BLOCK, b->score, b->padded);
  }
  for (size_t i = 0; i < b->count; i++) {
    for (size_t c = 0; c < design->categories; c++) {
      uint32_t at = b->hits[i * design->categories + c];
      if (at != MS_MISSING) gradient[at] += b->score[i];
    }
  }
}

static void weigh(const pass *p, block *b) {
  if (p->request->unweighted) {
    for (size_t i = 0; i < b->padded; i++) b->weight[i] = 1;
    b->wx = b->x;
    return;
  }
  memset(b->weight + b->count, 0, (b->padded - b->count) * sizeof(double));
  for (size_t j = 0; j < p->design->dense; j++) {
    const double *restrict x = b->x + j * BLOCK, *restrict w = b->weight;
    double *restrict out = b->wx + j * BLOCK;
    for (size_t i = 0; i < b->padded; i++) out[i] = x[i] * w[i];
  }
}

static void sum_block(const pass *p, int64_t first, block *b, double *sums) {
  const ms_design *design = p->design;
  size_t n = design->count;
  double *gram = sums, *gradient = sums + n * n;
  b->padded = (b->count + LANES - 1) / LANES * LANES;
  gather(design, first, b);
  predict(p, first, b);
  p->request->step(p->request->state,
                   &(ms_design_block){first, b->count, b->eta, b->weight, b->score, gradient + n});
  memset(b->score + b->count, 0, (b->padded - b->count) * sizeof(double));
  score(design, b, gradient);
  if (!p->request->gram) return;
  weigh(p, b);
  cross(design, b, n, gram);
  if (design->categories) cross_categories(design, b, n, gram);
}

/* ---- morsels --------------------------------------------------------------------------------------------------- */

static bool block_new(ms_context *worker, const ms_design *design, block *b) {
  size_t dense = design->dense * BLOCK;
  b->x = ms_scratch(worker, dense + 1, sizeof(double));
  b->wx = ms_scratch(worker, dense + 1, sizeof(double));
  b->rows = design->categories ? ms_scratch(worker, dense + 1, sizeof(double)) : b->x;
  b->eta = ms_scratch(worker, BLOCK, sizeof(double));
  b->weight = ms_scratch(worker, BLOCK, sizeof(double));
  b->score = ms_scratch(worker, BLOCK, sizeof(double));
  b->hits = ms_scratch(worker, BLOCK * design->categories + 1, sizeof *b->hits);
  return b->x && b->wx && b->rows && b->eta && b->weight && b->score && b->hits;
}

static ms_status run_morsel(ms_context *worker, void *state, size_t task) {
  const pass *p = state;
  ms_mark mark = ms_scratch_mark(worker);
  double *sums = p->sums + task * p->size;
  memset(sums, 0, p->size * sizeof *sums);
  block b = {0};
  if (!block_new(worker, p->design, &b)) return MS_EMEMORY;
  double *wx = b.wx;
  ms_range range = ms_morsel(p->design->rows, p->first + task);
  int64_t every = p->request->every > 1 ? p->request->every : 1;
  for (int64_t i = 0; i < range.count; i += BLOCK) {
    if ((i / BLOCK) % every != 0) continue;
    b.count = (size_t)(range.count - i < BLOCK ? range.count - i : BLOCK);
    b.wx = wx;
    sum_block(p, range.first + i, &b, sums);
    if ((i / BLOCK) % 8 == 0 && ms_cancelled(worker)) return MS_ECANCEL;
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

ms_status ms_design_sums_new(ms_context *context, const ms_design *design, ms_design_sums *out) {
  *out = (ms_design_sums){0};
  out->gram = ms_scratch_zero(context, design->count * design->count + 1, sizeof(double));
  out->gradient = ms_scratch_zero(context, design->count + 1, sizeof(double));
  return out->gram && out->gradient ? MS_OK : MS_EMEMORY;
}

/* From the order of the columns to that of the terms. */
static void put_in_order(const ms_design *design, const double *all, bool gram,
                         ms_design_sums *sums) {
  size_t n = design->count;
  for (size_t i = 0; i < n; i++) {
    size_t row = design->terms[i].place;
    sums->gradient[i] = all[n * n + row];
    for (size_t j = 0; gram && j <= i; j++) {
      size_t column = design->terms[j].place;
      sums->gram[i * n + j] = row >= column ? all[row * n + column] : all[column * n + row];
    }
  }
  memcpy(sums->totals, all + n * n + n, sizeof sums->totals);
}

ms_status ms_design_pass(ms_context *context, const ms_design *design,
                         const ms_design_pass_request *request, ms_design_sums *sums) {
  size_t n = design->count, size = n * n + n + MS_DESIGN_TOTALS;
  size_t wave = (size_t)(1 << 23) / size, tasks = ms_morsels(design->rows);
  wave = wave < 2 ? 2 : wave > WAVE_MOST ? WAVE_MOST : wave;
  if (wave > tasks) wave = tasks;
  ms_mark mark = ms_scratch_mark(context);
  double *all = ms_scratch_zero(context, size * (wave + 1), sizeof(double));
  double *coefficients = ms_scratch(context, n + 1, sizeof *coefficients);
  if (!all || !coefficients) return MS_EMEMORY;
  for (size_t j = 0; request->coefficients && j < n; j++) {
    coefficients[design->terms[j].place] = request->coefficients[j];
  }
  pass p = {design, request, coefficients, 0, all + size, size};
  for (; p.first < tasks; p.first += wave) {
    size_t count = tasks - p.first < wave ? tasks - p.first : wave;
    ms_status status = ms_parallel(context, count, run_morsel, &p);
    if (status != MS_OK) return status;
    for (size_t t = 0; t < count; t++) {
      for (size_t k = 0; k < size; k++) all[k] += p.sums[t * size + k];
    }
  }
  put_in_order(design, all, request->gram, sums);
  ms_scratch_release(context, mark);
  return MS_OK;
}
