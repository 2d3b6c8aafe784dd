/* Silhouettes. The rows are put in the order of their clusters and transposed, so that the distances from one row to a
 * cluster are those to a stretch of neighbours, several at a time. */
#include "core/kernels/stats/silhouette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/frame/column.h"

enum { STRETCH = 256, ROWS_A_TASK = 64 };

typedef struct {
  const ms_silhouette_request *request;
  size_t used;
  uint32_t *index; /* rows, by cluster */
  size_t *first;   /* cluster: its first place; one more behind */
  double *values;  /* column: a number a place */
  double *widths;  /* a place */
} silhouette;

/* Rows with a cluster; of more than the sample, so many by drawing without replacement (Knuth, selection sampling). */
static ms_status choose(ms_context *context, silhouette *s) {
  const ms_silhouette_request *r = s->request;
  int64_t count = 0, wanted;
  for (int64_t i = 0; i < r->rows; i++) count += r->labels[i] != MS_MISSING;
  wanted = count < r->sample ? count : r->sample;
  s->index = ms_scratch(context, (size_t)wanted + 1, sizeof *s->index);
  if (!s->index) return MS_EMEMORY;
  ms_random random = ms_random_new(r->seed, 0);
  for (int64_t i = 0; i < r->rows && wanted > 0; i++) {
    if (r->labels[i] == MS_MISSING) continue;
    if (wanted == count || ms_random_below(&random, (uint64_t)count) < (uint64_t)wanted) {
      s->index[s->used++] = (uint32_t)i;
      wanted--;
    }
    count--;
  }
  return MS_OK;
}

/* Orders the chosen rows by cluster and lays their values out. */
static ms_status arrange(ms_context *context, silhouette *s) {
  const ms_silhouette_request *r = s->request;
  uint32_t *sorted = ms_scratch(context, s->used + 1, sizeof *sorted);
  s->first = ms_scratch_zero(context, r->clusters + 2, sizeof *s->first);
  s->values = ms_scratch(context, r->columns * (s->used + 1), sizeof *s->values);
  s->widths = ms_scratch(context, s->used + 1, sizeof *s->widths);
  if (!sorted || !s->first || !s->values || !s->widths) return MS_EMEMORY;
  for (size_t i = 0; i < s->used; i++) s->first[r->labels[s->index[i]] + 2]++;
  for (size_t c = 1; c <= r->clusters; c++) s->first[c + 1] += s->first[c];
  for (size_t i = 0; i < s->used; i++) sorted[s->first[r->labels[s->index[i]] + 1]++] = s->index[i];
  s->index = sorted;
  for (size_t j = 0; j < r->columns; j++) {
    for (size_t i = 0; i < s->used; i++) s->values[j * s->used + i] = r->values[j][sorted[i]];
  }
  return MS_OK;
}

/* Sum of the distances from the row at `from` to the rows at places first … end - 1. */
static double sum_distances(const silhouette *s, size_t from, size_t first, size_t end) {
  double squares[STRETCH], sum = 0;
  for (size_t at = first; at < end; at += STRETCH) {
    size_t count = end - at < STRETCH ? end - at : STRETCH;
    memset(squares, 0, sizeof squares);
    for (size_t j = 0; j < s->request->columns; j++) {
      const double *x = s->values + j * s->used;
      double own = x[from];
      for (size_t i = 0; i < count; i++) squares[i] += (x[at + i] - own) * (x[at + i] - own);
    }
    double lanes[8] = {0};
    for (size_t i = 0; i < STRETCH; i += 8) {
      for (size_t l = 0; l < 8; l++) lanes[l] += sqrt(squares[i + l]);
    }
    for (size_t l = 0; l < 8; l++) sum += lanes[l];
  }
  return sum;
}

static double width_of(const silhouette *s, size_t from, size_t own) {
  double inside = 0, outside = INFINITY;
  for (size_t c = 0; c < s->request->clusters; c++) {
    size_t count = s->first[c + 1] - s->first[c];
    if (count == 0 || (c == own && count == 1)) continue;
    double sum = sum_distances(s, from, s->first[c], s->first[c + 1]);
    if (c == own)
      inside = sum / (double)(count - 1);
    else if (sum / (double)count < outside)
      outside = sum / (double)count;
  }
  if (s->first[own + 1] - s->first[own] == 1) return 0;
  double larger = inside > outside ? inside : outside;
  return larger > 0 ? (outside - inside) / larger : 0;
}

static ms_status width_task(ms_context *worker, void *state, size_t task) {
  const silhouette *s = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  size_t end = (task + 1) * ROWS_A_TASK;
  for (size_t i = task * ROWS_A_TASK; i < end && i < s->used; i++)
    s->widths[i] = width_of(s, i, s->request->labels[s->index[i]]);
  return MS_OK;
}

static ms_status sum_up(ms_context *context, const silhouette *s, ms_silhouette_result *out) {
  size_t k = s->request->clusters;
  double *means = ms_scratch_zero(context, k, sizeof *means), all = 0;
  int64_t *counts = ms_scratch_zero(context, k, sizeof *counts);
  int64_t *negative = ms_scratch_zero(context, k, sizeof *negative);
  if (!means || !counts || !negative) return MS_EMEMORY;
  for (size_t c = 0; c < k; c++) {
    for (size_t i = s->first[c]; i < s->first[c + 1]; i++) {
      means[c] += s->widths[i];
      negative[c] += s->widths[i] < 0;
    }
    all += means[c];
    counts[c] = (int64_t)(s->first[c + 1] - s->first[c]);
    means[c] = counts[c] ? means[c] / (double)counts[c] : NAN;
  }
  *out = (ms_silhouette_result){.used = s->used,
                                .index = s->index,
                                .widths = s->widths,
                                .mean = all / (double)s->used,
                                .means = means,
                                .counts = counts,
                                .negative = negative};
  return MS_OK;
}

ms_status ms_silhouette(ms_context *context, const ms_silhouette_request *request,
                        ms_silhouette_result *out) {
  silhouette s = {.request = request};
  ms_status status = choose(context, &s);
  if (status == MS_OK) status = arrange(context, &s);
  if (status != MS_OK) return status;
  size_t filled = 0;
  for (size_t c = 0; c < request->clusters; c++) filled += s.first[c + 1] > s.first[c];
  if (filled < 2) return ms_fail(context, MS_EDATA, "silhouette: rows of two clusters are wanted");
  status = ms_parallel(context, (s.used + ROWS_A_TASK - 1) / ROWS_A_TASK, width_task, &s);
  return status == MS_OK ? sum_up(context, &s, out) : status;
}
