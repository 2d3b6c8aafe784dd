/* Sums of products, from one reading of the rows.
 *
 * Products are summed around a value near the mean of each column, found from a sample of rows, and then moved to the mean,
 * so that columns far from 0 lose no digits: cov = S / n - d d' with d the distance of the means from these values. Sums go
 * block by block and morsel by morsel in their order. */
#include "core/kernels/mining/pca/covariance.h"

#include <math.h>
#include <string.h>

#include "core/kernels/mining/common/distance.h"

enum { SAMPLE = 1024, ROWS = MS_DISTANCE_ROWS, LANES = MS_DISTANCE_LANES };

typedef double numbers __attribute__((vector_size(LANES * sizeof(double))));

typedef struct {
  const ms_points *points;
  size_t columns;
  double *sums;     /* morsel: columns */
  double *products; /* morsel: columns * columns, the upper triangle */
  double *weight;   /* morsel */
} product_pass;

static inline void load(numbers *to, const double *from) { memcpy(to, from, sizeof *to); }

static double lanes_sum(const numbers *x) {
  double sum = 0;
  for (int i = 0; i < LANES; i++) sum += (*x)[i];
  return sum;
}

/* Column a with columns b … b + 3 of a block, whose rows end in zeros. */
static void multiply_four(const double *block, size_t a, size_t b, size_t count, double *out) {
  numbers sum[4] = {{0}, {0}, {0}, {0}};
  const double *left = block + a * ROWS, *right = block + b * ROWS;
  for (size_t i = 0; i < count; i += LANES) {
    numbers x, y;
    load(&x, left + i);
    for (size_t t = 0; t < 4; t++) {
      load(&y, right + t * ROWS + i);
      sum[t] += x * y;
    }
  }
  for (int t = 0; t < 4; t++) out[t] += lanes_sum(&sum[t]);
}

static void multiply_one(const double *block, size_t a, size_t b, size_t count, double *out) {
  numbers sum = {0};
  for (size_t i = 0; i < count; i += LANES) {
    numbers x, y;
    load(&x, block + a * ROWS + i);
    load(&y, block + b * ROWS + i);
    sum += x * y;
  }
  *out += lanes_sum(&sum);
}

/* Sums of a block's rows, then of their products; with weights, each row is multiplied by the root of its own in between,
 * which gives the products the weight itself. */
static void add_block(const product_pass *p, double *block, const double *weights, size_t count,
                      size_t task) {
  double *sums = p->sums + task * p->columns;
  double *products = p->products + task * p->columns * p->columns;
  for (size_t a = 0; a < p->columns; a++) {
    numbers sum = {0}, x, w;
    for (size_t i = 0; i < count; i += LANES) {
      load(&x, block + a * ROWS + i);
      if (weights) {
        load(&w, weights + i);
        x *= w;
        memcpy(block + a * ROWS + i, &x, sizeof x);
        x *= w;
      }
      sum += x;
    }
    sums[a] += lanes_sum(&sum);
  }
  for (size_t a = 0; a < p->columns; a++) {
    size_t b = a;
    for (; b + 4 <= p->columns; b += 4)
      multiply_four(block, a, b, count, products + a * p->columns + b);
    for (; b < p->columns; b++) multiply_one(block, a, b, count, products + a * p->columns + b);
  }
}

static ms_status product_morsel(ms_context *worker, void *state, size_t task) {
  const product_pass *p = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  const double *weights = p->points->weights;
  double *block = ms_block_new(worker, p->points);
  if (!block) return MS_EMEMORY;
  ms_range range = ms_morsel(p->points->rows, task);
  double weight = weights ? 0 : (double)range.count, roots[ROWS];
  for (int64_t at = range.first; at < range.first + range.count; at += ROWS) {
    int64_t left = range.first + range.count - at;
    size_t count = left < ROWS ? (size_t)left : ROWS;
    ms_block_load(p->points, at, count, block);
    for (size_t i = 0; weights && i < ROWS; i++) {
      double w = i < count ? weights[at + (int64_t)i] : 0;
      roots[i] = sqrt(w);
      weight += w;
    }
    add_block(p, block, weights ? roots : NULL, count, task);
  }
  p->weight[task] = weight;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* A value near the mean of each column: the mean of some rows spread over all. */
static void near_means(const ms_training *training, double *out) {
  int64_t rows = training->inputs.rows, taken = rows < SAMPLE ? rows : SAMPLE;
  for (size_t j = 0; j < training->inputs.count; j++) {
    double sum = 0;
    for (int64_t i = 0; i < taken; i++) sum += training->inputs.items[j].values[i * (rows / taken)];
    out[j] = sum / (double)taken;
  }
}

/* Adds the morsels up and moves the products from around `shift` to around the means (or 0). */
static void combine(const product_pass *p, const double *shift, bool centre, ms_covariance *out) {
  size_t n = p->columns;
  memset(out->means, 0, n * sizeof *out->means);
  memset(out->matrix, 0, n * n * sizeof *out->matrix);
  out->weight = 0;
  for (size_t m = 0; m < ms_morsels(p->points->rows); m++) {
    out->weight += p->weight[m];
    for (size_t j = 0; j < n; j++) out->means[j] += p->sums[m * n + j];
    for (size_t c = 0; c < n * n; c++) out->matrix[c] += p->products[m * n * n + c];
  }
  double w = out->weight;
  for (size_t a = 0; a < n; a++) {
    for (size_t b = a; b < n; b++) {
      double x = out->matrix[a * n + b] - out->means[a] * out->means[b] / w;
      if (!centre) x += w * (out->means[a] / w + shift[a]) * (out->means[b] / w + shift[b]);
      out->matrix[a * n + b] = out->matrix[b * n + a] = x / (w - 1);
    }
  }
  for (size_t j = 0; j < n; j++) out->means[j] = out->means[j] / w + shift[j];
}

ms_status ms_covariance_find(ms_context *context, const ms_training *training, bool centre,
                             ms_covariance *out) {
  size_t n = training->inputs.count, morsels = ms_morsels(training->inputs.rows);
  double *shift = ms_scratch(context, n, sizeof *shift);
  double *ones = ms_scratch(context, n, sizeof *ones);
  product_pass p = {.columns = n, .sums = ms_scratch_zero(context, morsels * n, sizeof(double))};
  p.products = ms_scratch_zero(context, morsels, n * n * sizeof *p.products);
  p.weight = ms_scratch(context, morsels, sizeof *p.weight);
  out->means = ms_scratch(context, n, sizeof *out->means);
  out->matrix = ms_scratch(context, n * n, sizeof *out->matrix);
  if (!shift || !ones || !p.sums || !p.products || !p.weight || !out->means || !out->matrix)
    return MS_EMEMORY;
  near_means(training, shift);
  for (size_t j = 0; j < n; j++) ones[j] = 1;
  ms_scale scale = {n, shift, ones};
  ms_points points;
  ms_status status = ms_points_of(context, &training->inputs, training->weights, &scale, &points);
  if (status != MS_OK) return status;
  p.points = &points;
  status = ms_parallel(context, morsels, product_morsel, &p);
  if (status == MS_OK) combine(&p, shift, centre, out);
  return status;
}
