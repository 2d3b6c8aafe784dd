/* Cholesky factor of a symmetric matrix with a unit diagonal, columns in order, dependent ones left out. */
#include "core/kernels/mining/common/solve.h"

#include <math.h>
#include <string.h>

ms_status ms_factor_new(ms_context *context, size_t n, ms_factor *out) {
  *out = (ms_factor){.n = n};
  out->lower = ms_scratch(context, n * n + 1, sizeof(double));
  out->scale = ms_scratch(context, n + 1, sizeof(double));
  out->kept = ms_scratch(context, n + 1, sizeof(bool));
  if (!out->lower || !out->scale || !out->kept) return MS_EMEMORY;
  for (size_t j = 0; j < n; j++) out->kept[j] = true;
  return MS_OK;
}

static double dot(const double *a, const double *b, size_t n) {
  double sum[4] = {0, 0, 0, 0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (size_t k = 0; k < 4; k++) sum[k] += a[i + k] * b[i + k];
  }
  for (; i < n; i++) sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

bool ms_factor_make(ms_factor *factor, const double *matrix, double tolerance, bool fixed) {
  size_t n = factor->n;
  factor->rank = 0;
  for (size_t j = 0; j < n; j++) {
    double diagonal = matrix[j * n + j];
    if (!isfinite(diagonal)) return false;
    bool dead = !(diagonal > 0) || (fixed && !factor->kept[j]);
    if (dead && fixed && factor->kept[j]) return false;
    factor->kept[j] = !dead;
    factor->scale[j] = dead ? 0 : 1 / sqrt(diagonal);
  }
  for (size_t i = 0; i < n; i++) {
    double *row = factor->lower + i * n;
    memset(row, 0, n * sizeof *row);
    if (!factor->kept[i]) continue;
    for (size_t j = 0; j < i; j++) {
      if (!factor->kept[j]) continue;
      const double *other = factor->lower + j * n;
      double a = matrix[i * n + j] * factor->scale[i] * factor->scale[j];
      row[j] = (a - dot(row, other, j)) / other[j];
    }
    double left = 1 - dot(row, row, i);
    if (isnan(left)) return false;
    if (left <= (fixed ? 1e-15 : tolerance)) {
      if (fixed) return false;
      factor->kept[i] = false;
      factor->scale[i] = 0;
      memset(row, 0, n * sizeof *row);
      continue;
    }
    row[i] = sqrt(left);
    factor->rank++;
  }
  return true;
}

void ms_factor_solve(const ms_factor *factor, double *x) {
  size_t n = factor->n;
  for (size_t i = 0; i < n; i++) {
    const double *row = factor->lower + i * n;
    x[i] = factor->kept[i] ? (x[i] * factor->scale[i] - dot(row, x, i)) / row[i] : 0;
  }
  for (size_t i = n; i-- > 0;) {
    const double *row = factor->lower + i * n;
    if (!factor->kept[i]) continue;
    x[i] /= row[i];
    for (size_t j = 0; j < i; j++) x[j] -= row[j] * x[i];
  }
  for (size_t i = 0; i < n; i++) x[i] *= factor->scale[i];
}

void ms_factor_inverse(const ms_factor *factor, double *out) {
  size_t n = factor->n;
  /* By symmetry, row j is column j. */
  for (size_t j = 0; j < n; j++) {
    double *row = out + j * n;
    memset(row, 0, n * sizeof *row);
    if (!factor->kept[j]) continue;
    row[j] = 1;
    ms_factor_solve(factor, row);
  }
}
