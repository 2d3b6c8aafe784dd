/* Starts of k-prototypes: rows drawn far apart, then the nearest prototype for each row and new prototypes in turn. */
#include <string.h>

#include "core/base/random.h"
#include "core/kernels/mining/kprototypes/kprototypes.h"

typedef struct {
  const ms_kprototypes_data *d;
  const ms_prototypes *prototypes;
  uint32_t *labels;
  double *distances;
  int64_t *changed; /* morsel */
} assigning;

static ms_status assign_morsel(ms_context *worker, void *state, size_t task) {
  const assigning *a = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(a->d->mixed.rows, task);
  int64_t changed = 0;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    size_t to = ms_mixed_nearest(&a->d->mixed, a->prototypes, i, &a->distances[i]);
    changed += a->labels[i] != to;
    a->labels[i] = (uint32_t)to;
  }
  a->changed[task] = changed;
  return MS_OK;
}

static void take_row(const ms_mixed *m, int64_t row, size_t k, ms_prototypes *out) {
  for (size_t j = 0; j < m->numbers; j++)
    out->numbers[k * m->numbers + j] = (m->values[j][row] - m->centre[j]) / m->spread[j];
  for (size_t j = 0; j < m->categories; j++) out->codes[k * m->categories + j] = m->codes[j][row];
}

/* Rows drawn as k-means++ draws them, by their distance to the nearest one so far. */
static ms_status seed_rows(ms_context *context, const ms_kprototypes_data *d, ms_random *random,
                           size_t k, ms_prototypes *out) {
  const ms_mixed *m = &d->mixed;
  double *near = ms_scratch(context, (size_t)m->rows, sizeof *near);
  if (!near) return MS_EMEMORY;
  int64_t row = (int64_t)ms_random_below(random, (uint64_t)m->rows);
  for (size_t c = 0; c < k; c++) {
    double total = 0;
    if (ms_cancelled(context)) return MS_ECANCEL;
    take_row(m, row, c, out);
    for (int64_t i = 0; i < m->rows; i++) {
      double x = ms_mixed_distance(m, out, c, i);
      near[i] = c == 0 || x < near[i] ? x : near[i];
      total += near[i];
    }
    if (c + 1 == k) break;
    if (!(total > 0)) {
      return ms_fail(
          context, MS_EDATA,
          "kprototypes: %zu clusters wanted, but the rows have only %zu different points", k,
          c + 1);
    }
    double left = ms_random_unit(random) * total;
    int64_t last = 0;
    for (row = 0; row < m->rows; row++) {
      if (near[row] > 0) last = row;
      left -= near[row];
      if (near[row] > 0 && left < 0) break;
    }
    if (row == m->rows) row = last;
  }
  return MS_OK;
}

/* Numbers become means, categories the most frequent level (the first of equals); an empty cluster stays. */
static ms_status move(ms_context *context, const ms_kprototypes_data *d, const uint32_t *labels,
                      ms_prototypes *p) {
  const ms_mixed *m = &d->mixed;
  ms_mark mark = ms_scratch_mark(context);
  double *sums = ms_scratch_zero(context, p->count * (m->numbers + 1), sizeof *sums);
  if (!sums) return MS_EMEMORY;
  for (int64_t i = 0; i < m->rows; i++) {
    double *to = sums + labels[i] * (m->numbers + 1);
    to[m->numbers] += 1;
    for (size_t j = 0; j < m->numbers; j++)
      to[j] += (m->values[j][i] - m->centre[j]) / m->spread[j];
  }
  for (size_t k = 0; k < p->count; k++) {
    const double *from = sums + k * (m->numbers + 1);
    for (size_t j = 0; from[m->numbers] > 0 && j < m->numbers; j++)
      p->numbers[k * m->numbers + j] = from[j] / from[m->numbers];
  }
  for (size_t j = 0; j < m->categories; j++) {
    size_t levels = d->levels[j];
    int64_t *counts = ms_scratch_zero(context, p->count * levels, sizeof *counts);
    if (!counts) return MS_EMEMORY;
    for (int64_t i = 0; i < m->rows; i++) counts[labels[i] * levels + m->codes[j][i]]++;
    for (size_t k = 0; k < p->count; k++) {
      size_t most = 0;
      for (size_t l = 1; l < levels; l++)
        most = counts[k * levels + l] > counts[k * levels + most] ? l : most;
      if (counts[k * levels + most] > 0) p->codes[k * m->categories + j] = (uint32_t)most;
    }
  }
  ms_scratch_release(context, mark);
  return MS_OK;
}

static ms_status outcome_new(ms_context *context, const ms_kprototypes_data *d, size_t k,
                             ms_kprototypes_outcome *out) {
  *out = (ms_kprototypes_outcome){.prototypes.count = k};
  out->prototypes.numbers = ms_scratch(context, k * d->mixed.numbers + 1, sizeof(double));
  out->prototypes.codes = ms_scratch(context, k * d->mixed.categories + 1, sizeof(uint32_t));
  out->within = ms_scratch_zero(context, k, sizeof *out->within);
  out->sizes = ms_scratch_zero(context, k, sizeof *out->sizes);
  bool fine = out->prototypes.numbers && out->prototypes.codes && out->within && out->sizes;
  return fine ? MS_OK : MS_EMEMORY;
}

static ms_status settle(ms_context *context, const ms_kprototypes_data *d, int64_t most,
                        ms_kprototypes_outcome *out) {
  size_t morsels = ms_morsels(d->mixed.rows), rows = (size_t)d->mixed.rows;
  assigning a = {.d = d, .prototypes = &out->prototypes};
  a.labels = ms_scratch(context, rows, sizeof *a.labels);
  a.distances = ms_scratch(context, rows, sizeof *a.distances);
  a.changed = ms_scratch(context, morsels, sizeof *a.changed);
  if (!a.labels || !a.distances || !a.changed) return MS_EMEMORY;
  memset(a.labels, 0xff, rows * sizeof *a.labels);
  for (out->iterations = 0;; out->iterations++) {
    ms_status status = ms_parallel(context, morsels, assign_morsel, &a);
    if (status != MS_OK) return status;
    int64_t changed = 0;
    for (size_t t = 0; t < morsels; t++) changed += a.changed[t];
    out->settled = changed == 0;
    if (out->settled || out->iterations == most) break;
    status = move(context, d, a.labels, &out->prototypes);
    if (status != MS_OK) return status;
  }
  for (size_t i = 0; i < rows; i++) {
    out->within[a.labels[i]] += a.distances[i];
    out->sizes[a.labels[i]]++;
  }
  for (size_t k = 0; k < out->prototypes.count; k++) out->total += out->within[k];
  return MS_OK;
}

static void keep(const ms_kprototypes_data *d, const ms_kprototypes_outcome *found,
                 ms_kprototypes_outcome *best) {
  size_t k = found->prototypes.count;
  memcpy(best->prototypes.numbers, found->prototypes.numbers,
         k * d->mixed.numbers * sizeof(double));
  memcpy(best->prototypes.codes, found->prototypes.codes,
         k * d->mixed.categories * sizeof(uint32_t));
  memcpy(best->within, found->within, k * sizeof *best->within);
  memcpy(best->sizes, found->sizes, k * sizeof *best->sizes);
  best->total = found->total;
  best->iterations = found->iterations;
  best->settled = found->settled;
}

ms_status ms_kprototypes_best(ms_context *context, const ms_kprototypes_data *d,
                              const ms_kprototypes_options *given, ms_kprototypes_outcome *best) {
  size_t k = (size_t)given->k;
  ms_status status = outcome_new(context, d, k, best);
  for (int64_t s = 0; status == MS_OK && s < given->starts; s++) {
    ms_mark mark = ms_scratch_mark(context);
    ms_kprototypes_outcome found;
    ms_random random = ms_random_new((uint64_t)given->seed, (uint64_t)s);
    status = outcome_new(context, d, k, &found);
    if (status == MS_OK) status = seed_rows(context, d, &random, k, &found.prototypes);
    if (status == MS_OK) status = settle(context, d, given->max_iterations, &found);
    if (status != MS_OK) return status;
    if (s == 0 || found.total < best->total) keep(d, &found, best);
    ms_scratch_release(context, mark);
    ms_report(context, "kprototypes: start", (uint64_t)s, (uint64_t)given->starts);
  }
  return status;
}
