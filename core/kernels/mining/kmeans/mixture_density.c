/* Densities of Gaussian components, several rows at a time. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/kmeans/mixture.h"

enum { ROWS = MS_DISTANCE_ROWS };

ms_status ms_mixture_new(ms_context *context, size_t count, size_t columns, ms_mixture *out) {
  size_t cells = count * columns * columns;
  *out = (ms_mixture){.count = count, .columns = columns};
  out->share = ms_scratch_zero(context, count, sizeof *out->share);
  out->means = ms_scratch_zero(context, count * columns, sizeof *out->means);
  out->covariances = ms_scratch_zero(context, cells, sizeof *out->covariances);
  out->inverse = ms_scratch_zero(context, cells, sizeof *out->inverse);
  out->base = ms_scratch_zero(context, count, sizeof *out->base);
  return out->share && out->means && out->covariances && out->inverse && out->base ? MS_OK
                                                                                   : MS_EMEMORY;
}

/* The lower Cholesky factor of a symmetric matrix; false where it is not positive definite. */
static bool factor(size_t n, const double *matrix, double *lower) {
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j <= i; j++) {
      double sum = matrix[i * n + j];
      for (size_t k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k];
      if (i != j) {
        lower[i * n + j] = sum / lower[j * n + j];
      } else {
        if (!(sum > 0) || isinf(sum)) return false;
        lower[i * n + i] = sqrt(sum);
      }
    }
  }
  return true;
}

/* The inverse of a lower triangle. */
static void invert(size_t n, const double *lower, double *out) {
  memset(out, 0, n * n * sizeof *out);
  for (size_t j = 0; j < n; j++) {
    out[j * n + j] = 1 / lower[j * n + j];
    for (size_t i = j + 1; i < n; i++) {
      double sum = 0;
      for (size_t k = j; k < i; k++) sum -= lower[i * n + k] * out[k * n + j];
      out[i * n + j] = sum / lower[i * n + i];
    }
  }
}

ms_status ms_mixture_prepare(ms_context *context, ms_mixture *mixture, const char *kernel) {
  size_t p = mixture->columns;
  double *lower = ms_scratch_zero(context, p * p, sizeof *lower);
  if (!lower) return MS_EMEMORY;
  for (size_t k = 0; k < mixture->count; k++) {
    double logs = 0;
    if (!factor(p, mixture->covariances + k * p * p, lower) || !(mixture->share[k] >= 0)) {
      return ms_fail(context, MS_EDATA,
                     "%s: the covariances of component %zu are not positive definite", kernel,
                     k + 1);
    }
    for (size_t j = 0; j < p; j++) logs += log(lower[j * p + j]);
    invert(p, lower, mixture->inverse + k * p * p);
    mixture->base[k] = log(mixture->share[k]) - logs - 0.91893853320467274178 * (double)p;
  }
  return MS_OK;
}

void ms_mixture_logs(const ms_mixture *mixture, const double *block, size_t count, double *work,
                     double *out) {
  size_t p = mixture->columns;
  double *sum = work + p * ROWS;
  for (size_t k = 0; k < mixture->count; k++) {
    const double *mean = mixture->means + k * p, *inverse = mixture->inverse + k * p * p;
    double *to = out + k * ROWS;
    for (size_t j = 0; j < p; j++) {
      for (size_t i = 0; i < count; i++) work[j * ROWS + i] = block[j * ROWS + i] - mean[j];
    }
    for (size_t i = 0; i < count; i++) to[i] = 0;
    for (size_t r = 0; r < p; r++) {
      for (size_t i = 0; i < count; i++) sum[i] = 0;
      for (size_t j = 0; j <= r; j++) {
        double cell = inverse[r * p + j];
        for (size_t i = 0; i < count && cell != 0; i++) sum[i] += cell * work[j * ROWS + i];
      }
      for (size_t i = 0; i < count; i++) to[i] += sum[i] * sum[i];
    }
    for (size_t i = 0; i < count; i++) to[i] = mixture->base[k] - 0.5 * to[i];
    /* A column of which the row has no value makes the whole NaN, also where its cell is 0. */
    for (size_t j = 0; j < p; j++) {
      for (size_t i = 0; i < count; i++)
        if (isnan(block[j * ROWS + i])) to[i] = NAN;
    }
  }
}

void ms_mixture_normalise(size_t components, size_t count, double *logs, double *density) {
  for (size_t i = 0; i < count; i++) {
    double most = logs[i], sum = 0;
    for (size_t k = 1; k < components; k++)
      most = logs[k * ROWS + i] > most ? logs[k * ROWS + i] : most;
    for (size_t k = 0; k < components; k++)
      sum += logs[k * ROWS + i] = exp(logs[k * ROWS + i] - most);
    for (size_t k = 0; k < components; k++) logs[k * ROWS + i] /= sum;
    density[i] = most + log(sum);
  }
}
