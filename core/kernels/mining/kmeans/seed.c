/* Start centres: k-means++. The draw is made in two steps, a morsel and then a row of it, so that the sums of the morsels
 * can be made by several threads. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"

typedef struct {
  const ms_points *points;
  const double *centre; /* the last one drawn */
  double *distances;    /* of each row to the nearest centre, weighted */
  double *sums;         /* a morsel */
  bool first;
} seeding;

static ms_status near_morsel(ms_context *worker, void *state, size_t task) {
  const seeding *s = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  double *block = ms_block_new(worker, s->points), found[MS_DISTANCE_ROWS], sum = 0;
  if (!block) return MS_EMEMORY;
  ms_range range = ms_morsel(s->points->rows, task);
  for (int64_t at = range.first; at < range.first + range.count; at += MS_DISTANCE_ROWS) {
    int64_t left = range.first + range.count - at;
    size_t count = left < MS_DISTANCE_ROWS ? (size_t)left : MS_DISTANCE_ROWS;
    ms_block_load(s->points, at, count, block);
    ms_block_distances(block, count, s->centre, s->points->count, found);
    double *to = s->distances + at;
    for (size_t i = 0; i < count; i++) {
      double d = found[i] * (s->points->weights ? s->points->weights[at + (int64_t)i] : 1);
      to[i] = s->first || d < to[i] ? d : to[i];
      sum += to[i];
    }
  }
  s->sums[task] = sum;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* A row drawn in proportion to the distances; -1 where all are 0. */
static int64_t draw(const seeding *s, ms_random *random) {
  size_t morsels = ms_morsels(s->points->rows), task = 0;
  double total = 0;
  for (size_t m = 0; m < morsels; m++) total += s->sums[m];
  if (!(total > 0)) return -1;
  double left = ms_random_unit(random) * total;
  while (task + 1 < morsels && left >= s->sums[task]) left -= s->sums[task++];
  /* Rounding may leave a remainder behind the last row: the last one with a distance takes it. */
  int64_t chosen = -1;
  for (; task < morsels && chosen < 0; task++) {
    ms_range range = ms_morsel(s->points->rows, task);
    for (int64_t i = range.first; i < range.first + range.count; i++) {
      if (!(s->distances[i] > 0)) continue;
      chosen = i;
      left -= s->distances[i];
      if (left < 0) return i;
    }
  }
  for (int64_t i = s->points->rows - 1; chosen < 0; i--) {
    if (s->distances[i] > 0) chosen = i;
  }
  return chosen;
}

/* The first centre: a row in proportion to its weight. */
static int64_t draw_first(const ms_points *points, ms_random *random) {
  if (!points->weights) return (int64_t)ms_random_below(random, (uint64_t)points->rows);
  double total = 0;
  for (int64_t i = 0; i < points->rows; i++) total += points->weights[i];
  double left = ms_random_unit(random) * total;
  for (int64_t i = 0; i < points->rows; i++) {
    left -= points->weights[i];
    if (left < 0) return i;
  }
  return points->rows - 1;
}

ms_status ms_kmeans_seed(ms_context *context, const ms_points *points,
                         const ms_kmeans_settings *settings, uint64_t stream, double *centres) {
  size_t p = points->count;
  ms_random random = ms_random_new(settings->seed, stream);
  seeding s = {.points = points, .first = true};
  s.distances = ms_scratch(context, (size_t)points->rows, sizeof *s.distances);
  s.sums = ms_scratch(context, ms_morsels(points->rows), sizeof *s.sums);
  double *block = ms_block_new(context, points);
  if (!s.distances || !s.sums || !block) return MS_EMEMORY;
  for (size_t k = 0; k < settings->k; k++) {
    int64_t row = k ? draw(&s, &random) : draw_first(points, &random);
    if (row < 0) {
      return ms_fail(context, MS_EDATA,
                     "kmeans: %zu clusters wanted, but the rows have only %zu different points",
                     settings->k, k);
    }
    ms_block_load(points, row, 1, block);
    for (size_t j = 0; j < p; j++) centres[k * p + j] = block[j * MS_DISTANCE_ROWS];
    s.centre = centres + k * p;
    ms_status status = k + 1 < settings->k
                           ? ms_parallel(context, ms_morsels(points->rows), near_morsel, &s)
                           : MS_OK;
    if (status != MS_OK) return status;
    s.first = false;
  }
  return MS_OK;
}
