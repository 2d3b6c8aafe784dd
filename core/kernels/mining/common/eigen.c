/* Cyclic Jacobi. Each rotation makes one pair of off-diagonal cells 0; the sweeps end when all are next to nothing. */
#include "core/kernels/mining/common/eigen.h"

#include <math.h>
#include <string.h>

enum { SWEEPS_MOST = 60 };

/* Rows (and columns) p and q of the matrix, rows p and q of the vectors. */
static void rotate(size_t n, double *a, double *v, size_t p, size_t q) {
  double off = a[p * n + q], theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
  double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
  double c = 1 / sqrt(t * t + 1), s = t * c;
  a[p * n + p] -= t * off;
  a[q * n + q] += t * off;
  a[p * n + q] = a[q * n + p] = 0;
  for (size_t i = 0; i < n; i++) {
    if (i != p && i != q) {
      double x = a[p * n + i], y = a[q * n + i];
      a[p * n + i] = a[i * n + p] = c * x - s * y;
      a[q * n + i] = a[i * n + q] = s * x + c * y;
    }
    double x = v[p * n + i], y = v[q * n + i];
    v[p * n + i] = c * x - s * y;
    v[q * n + i] = s * x + c * y;
  }
}

/* Whether a cell is more than rounding beside its diagonal. */
static bool matters(size_t n, const double *a, size_t p, size_t q) {
  double off = fabs(a[p * n + q]);
  return off > 0 && off > 1e-17 * sqrt(fabs(a[p * n + p]) * fabs(a[q * n + q])) && off > 1e-300;
}

static void sort_pairs(size_t n, const double *a, double *values, double *vectors, double *row) {
  for (size_t i = 0; i < n; i++) values[i] = a[i * n + i];
  for (size_t i = 0; i + 1 < n; i++) {
    size_t most = i;
    for (size_t j = i + 1; j < n; j++) most = values[j] > values[most] ? j : most;
    if (most == i) continue;
    double value = values[i];
    values[i] = values[most];
    values[most] = value;
    memcpy(row, vectors + i * n, n * sizeof *row);
    memcpy(vectors + i * n, vectors + most * n, n * sizeof *row);
    memcpy(vectors + most * n, row, n * sizeof *row);
  }
}

ms_status ms_eigen_symmetric(ms_context *context, size_t size, double *matrix, double *values,
                             double *vectors) {
  double *row = ms_scratch(context, size, sizeof *row);
  if (!row) return MS_EMEMORY;
  memset(vectors, 0, size * size * sizeof *vectors);
  for (size_t i = 0; i < size; i++) vectors[i * size + i] = 1;
  bool rotated = true;
  for (int sweep = 0; sweep < SWEEPS_MOST && rotated; sweep++) {
    rotated = false;
    for (size_t p = 0; p + 1 < size; p++) {
      if (ms_cancelled(context)) return MS_ECANCEL;
      for (size_t q = p + 1; q < size; q++) {
        if (!matters(size, matrix, p, q)) continue;
        rotate(size, matrix, vectors, p, q);
        rotated = true;
      }
    }
  }
  sort_pairs(size, matrix, values, vectors, row);
  return MS_OK;
}
