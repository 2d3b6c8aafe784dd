/* The parts of k-means: where centres start, how they move, which old labels they keep. Centres are in the units of a
 * block (scaled); everything lives in scratch. */
#ifndef MS_MINING_KMEANS_H
#define MS_MINING_KMEANS_H

#include "core/kernels/mining/common/distance.h"

/* Most clusters. */
enum { MS_CLUSTERS_MOST = 1000 };

typedef struct {
  size_t k;
  int64_t max_iterations;
  double tolerance; /* stops where no centre moves by more; 0: where no row changes its cluster */
  uint64_t seed;
  int64_t starts;
  int64_t batch; /* rows of a mini-batch; 0: all rows in each iteration */
} ms_kmeans_settings;

/* Rows settled in clusters. */
typedef struct {
  double *centres; /* k * columns */
  double *within;  /* weighted sum of squared distances to the centre, a cluster */
  double *weight;  /* of the rows of each cluster */
  int64_t *sizes;  /* rows */
  double total_within;
  double total; /* the same around the mean of all rows */
  int64_t iterations;
  bool settled; /* before max_iterations were over */
} ms_kmeans_result;

/* k-means++ (Arthur and Vassilvitskii 2007): each next centre is a row, drawn with a probability proportional to weight
 * times squared distance to the nearest centre so far. MS_EDATA where there are fewer different rows than k. */
ms_status ms_kmeans_seed(ms_context *context, const ms_points *points,
                         const ms_kmeans_settings *settings, uint64_t stream, double *centres);

/* Lloyd's iterations from `centres`, which become the final ones. */
ms_status ms_kmeans_settle(ms_context *context, const ms_points *points,
                           const ms_kmeans_settings *settings, double *centres,
                           ms_kmeans_result *out);

/* Moves centres by batches drawn from the rows (Sculley 2010), in place of the iterations above; `iterations` and
 * `settled` of `out` are set. */
ms_status ms_kmeans_batches(ms_context *context, const ms_points *points,
                            const ms_kmeans_settings *settings, double *centres,
                            ms_kmeans_result *out);

/* Several starts, the best of which is kept (the first of equals); `given` (k * columns) replaces them if not NULL. */
ms_status ms_kmeans_best(ms_context *context, const ms_points *points,
                         const ms_kmeans_settings *settings, const double *given,
                         ms_kmeans_result *out);

/* The assignment of rows to columns with the least sum of costs (rows <= columns; costs: a row after the other):
 * column[row]. The Hungarian method with potentials, O(rows^2 * columns). */
ms_status ms_assignment(ms_context *context, size_t rows, size_t columns, const double *costs,
                        size_t *column);

/* ---- the kernel ---------------------------------------------------------------------------------------------- */

typedef struct {
  ms_names columns;
  const char *weights;
  int64_t k, starts, max_iterations, batch, seed;
  double tolerance;
  int scale, missing, frames;
  ms_reals centres;
} ms_kmeans_options;
enum { MS_KMEANS_MISSING_ERROR, MS_KMEANS_MISSING_DROP };
enum { MS_KMEANS_CENTRES, MS_KMEANS_MATCH, MS_KMEANS_BOTH }; /* `frames` */

/* The frames behind the first: start centres, centres whose labels are to be kept; NULL where not given. */
typedef struct {
  const ms_frame *start, *match;
} ms_kmeans_frames;
ms_status ms_kmeans_frames_of(ms_context *context, const ms_inputs *inputs, int frames,
                              ms_kmeans_frames *out);
/* No missing value, and no name that the model needs for itself. */
ms_status ms_kmeans_check(ms_context *context, const ms_input_list *inputs);
/* The centres that are given as a frame (its columns have the inputs' names; k of it is set) or as a list, in the units
 * of a block. */
double *ms_kmeans_centres(ms_context *context, const ms_frame *frame, const ms_input_list *inputs,
                          const ms_scale *scale, size_t *k);
double *ms_kmeans_listed(ms_context *context, const ms_reals *list, const ms_scale *scale,
                         size_t *k);
/* Clusters in the order in which they are shown, and the label of each: by weight, the heaviest first (of equals
 * the one whose centre has the lesser first number), 1 … k; or the
 * labels of `match` (a model's part "centres", whose points are `old`), given so that the squared distances to the old centres add up to the least;
 * clusters beyond those get new labels. */
typedef struct {
  size_t count;
  size_t *order;   /* position to cluster */
  int64_t *labels; /* of the cluster at a position */
} ms_kmeans_labels;
ms_status ms_kmeans_label(ms_context *context, const ms_kmeans_result *found,
                          const ms_centres *centres, ms_kmeans_labels *out);
ms_status ms_kmeans_match(ms_context *context, const ms_frame *match, const ms_centres *old,
                          const ms_kmeans_result *found, ms_kmeans_labels *labels);

#endif
