/* Several starts of k-means, of which the best is kept. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <math.h>
#include <string.h>

static ms_status start(ms_context *context, const ms_points *points,
                       const ms_kmeans_settings *settings, double *centres, ms_kmeans_result *out) {
  if (!settings->batch) return ms_kmeans_settle(context, points, settings, centres, out);
  ms_kmeans_result batches;
  ms_status status = ms_kmeans_batches(context, points, settings, centres, &batches);
  if (status != MS_OK) return status;
  ms_kmeans_settings only_labels = *settings;
  only_labels.max_iterations = 0;
  status = ms_kmeans_settle(context, points, &only_labels, centres, out);
  out->iterations = batches.iterations;
  out->settled = batches.settled;
  return status;
}

static void keep(ms_kmeans_result *best, const ms_kmeans_result *found, size_t k, size_t columns) {
  ms_kmeans_result to = *best;
  memcpy(to.centres, found->centres, k * columns * sizeof *to.centres);
  memcpy(to.within, found->within, k * sizeof *to.within);
  memcpy(to.weight, found->weight, k * sizeof *to.weight);
  memcpy(to.sizes, found->sizes, k * sizeof *to.sizes);
  *best = *found;
  best->centres = to.centres;
  best->within = to.within;
  best->weight = to.weight;
  best->sizes = to.sizes;
}

ms_status ms_kmeans_best(ms_context *context, const ms_points *points,
                         const ms_kmeans_settings *settings, const double *given,
                         ms_kmeans_result *out) {
  size_t k = settings->k, p = points->count;
  *out = (ms_kmeans_result){.total_within = INFINITY};
  out->centres = ms_scratch(context, k * p, sizeof *out->centres);
  out->within = ms_scratch(context, k, sizeof *out->within);
  out->weight = ms_scratch(context, k, sizeof *out->weight);
  out->sizes = ms_scratch(context, k, sizeof *out->sizes);
  double *centres = ms_scratch(context, k * p, sizeof *centres);
  if (!out->centres || !out->within || !out->weight || !out->sizes || !centres) return MS_EMEMORY;
  int64_t starts = given ? 1 : settings->starts;
  for (int64_t s = 0; s < starts; s++) {
    ms_mark mark = ms_scratch_mark(context);
    ms_kmeans_result found;
    ms_status status = MS_OK;
    if (given)
      memcpy(centres, given, k * p * sizeof *centres);
    else
      status = ms_kmeans_seed(context, points, settings, (uint64_t)s, centres);
    if (status == MS_OK) status = start(context, points, settings, centres, &found);
    if (status != MS_OK) return status;
    if (s == 0 || found.total_within < out->total_within) keep(out, &found, k, p);
    ms_scratch_release(context, mark);
  }
  return MS_OK;
}
