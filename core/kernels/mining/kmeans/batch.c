/* Mini-batches (Sculley 2010, "Web-scale k-means clustering"): each step draws some rows, and each of them pulls its nearest
 * centre by one over the weight that the centre has seen so far. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"

/* Stream of the draws: far from those of the starts. */
static const uint64_t stream = UINT64_C(1) << 40;

typedef struct {
  double *block, *centres, *seen;
  const double *before; /* centres at the begin of the step: what is near is judged by them */
  ms_nearest_two two;
} step;

static void pull(const ms_points *points, const uint32_t *rows, size_t count, size_t k, step *s) {
  size_t p = points->count;
  ms_block_gather(points, rows, count, s->block);
  ms_block_nearest(s->block, count, &(ms_centres){k, p, s->before}, &s->two);
  for (size_t i = 0; i < count; i++) {
    size_t c = s->two.nearest[i];
    double weight = points->weights ? points->weights[rows[i]] : 1;
    s->seen[c] += weight;
    double share = weight / s->seen[c], *centre = s->centres + c * p;
    for (size_t j = 0; j < p; j++)
      centre[j] += share * (s->block[j * MS_DISTANCE_ROWS + i] - centre[j]);
  }
}

static double farthest_move(const double *centres, const double *before, size_t k, size_t columns) {
  double largest = 0;
  for (size_t c = 0; c < k; c++) {
    double moved = sqrt(ms_point_distance(centres + c * columns, before + c * columns, columns));
    largest = moved > largest ? moved : largest;
  }
  return largest;
}

ms_status ms_kmeans_batches(ms_context *context, const ms_points *points,
                            const ms_kmeans_settings *settings, double *centres,
                            ms_kmeans_result *out) {
  size_t k = settings->k, p = points->count;
  ms_random random = ms_random_new(settings->seed, stream);
  double *before = ms_scratch(context, k * p, sizeof *before);
  step *s = ms_scratch(context, 1, sizeof *s);
  if (!before || !s) return MS_EMEMORY;
  s->block = ms_block_new(context, points);
  s->seen = ms_scratch_zero(context, k, sizeof *s->seen);
  if (!s->block || !s->seen) return MS_EMEMORY;
  s->centres = centres;
  s->before = before;
  out->settled = false;
  for (out->iterations = 0; out->iterations < settings->max_iterations && !out->settled;
       out->iterations++) {
    if (ms_cancelled(context)) return MS_ECANCEL;
    memcpy(before, centres, k * p * sizeof *before);
    for (int64_t left = settings->batch; left > 0; left -= MS_DISTANCE_ROWS) {
      uint32_t rows[MS_DISTANCE_ROWS];
      size_t count = left < MS_DISTANCE_ROWS ? (size_t)left : MS_DISTANCE_ROWS;
      for (size_t i = 0; i < count; i++)
        rows[i] = (uint32_t)ms_random_below(&random, (uint64_t)points->rows);
      pull(points, rows, count, k, s);
    }
    out->settled =
        settings->tolerance > 0 && farthest_move(centres, before, k, p) <= settings->tolerance;
  }
  return MS_OK;
}
