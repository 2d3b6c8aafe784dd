/* Lloyd's iterations (1957, 1982) that skip most distances.
 *
 * The idea is Hamerly's (2010), with one bound a row instead of two. When a row's distances to all centres are taken, its
 * slack is what the nearest but one is farther away than the nearest. In each later iteration the slack shrinks by at most
 * the move of its own centre plus the largest move of another. As long as something is left, the row stays where it is
 * and is not looked at. The slack is kept as the mark that the sum of these moves (`travel`, one a cluster) has to reach, so
 * that a row that is skipped costs one comparison and no store. Marks are lowered by more than what rounding can add, so that
 * the rows take the same clusters as without any bound.
 *
 * A morsel keeps its own sums and moves a row's values from one cluster to the other when the row changes. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef enum {
  FIRST, /* all rows, which have no cluster yet */
  NEXT,  /* rows whose slack is used up */
  LAST   /* all rows, with sums of squares */
} pass_kind;

typedef struct {
  const ms_points *points;
  size_t k, columns, morsels;
  pass_kind kind;
  double *centres, *before;
  uint16_t *labels;
  float *marks;
  double *travel;
  double *sums;     /* morsel, cluster, column */
  double *weight;   /* morsel, cluster */
  int64_t *sizes;   /* morsel, cluster */
  double *within;   /* morsel, cluster; in the last pass */
  int64_t *changed; /* morsel */
} lloyd;

/* What a morsel works with. */
typedef struct {
  double *block;
  ms_nearest_two two;
  double *sums, *weight, *within;
  int64_t *sizes;
  int64_t changed;
} workbench;

static void add_row(const lloyd *l, workbench *w, size_t at, size_t cluster, double weight) {
  double *to = w->sums + cluster * l->columns;
  const double *from = w->block + at;
  for (size_t j = 0; j < l->columns; j++) to[j] += weight * from[j * MS_DISTANCE_ROWS];
  w->weight[cluster] += weight;
  w->sizes[cluster] += weight > 0 ? 1 : -1;
}

/* The mark of a row: see above. */
static float mark_of(const lloyd *l, size_t cluster, double first, double second) {
  double far = sqrt(second), slack = far - sqrt(first), at = slack + l->travel[cluster];
  if (isinf(second)) return INFINITY;
  return (float)(at - 1e-6 * at - 1e-12 * far);
}

static void settle_block(const lloyd *l, workbench *w, const uint32_t *rows, size_t count) {
  ms_centres centres = {l->k, l->columns, l->centres};
  if (rows[count - 1] - rows[0] == count - 1)
    ms_block_load(l->points, rows[0], count, w->block);
  else
    ms_block_gather(l->points, rows, count, w->block);
  ms_block_nearest(w->block, count, &centres, &w->two);
  for (size_t i = 0; i < count; i++) {
    size_t to = w->two.nearest[i], from = l->labels[rows[i]];
    double weight = l->points->weights ? l->points->weights[rows[i]] : 1;
    l->marks[rows[i]] = mark_of(l, to, w->two.first[i], w->two.second[i]);
    if (l->kind == LAST) w->within[to] += weight * w->two.first[i];
    if (l->kind != FIRST && from == to) continue;
    add_row(l, w, i, to, weight);
    if (l->kind != FIRST) add_row(l, w, i, from, -weight);
    l->labels[rows[i]] = (uint16_t)to;
    w->changed++;
  }
}

/* Rows of a stretch that have to be looked at, behind those already listed; how many are listed then. */
static size_t list_rows(const lloyd *l, ms_range stretch, uint32_t *rows, size_t count) {
  const uint16_t *labels = l->labels;
  const float *marks = l->marks;
  const double *travel = l->travel;
  for (int64_t i = stretch.first; i < stretch.first + stretch.count; i++) {
    rows[count] = (uint32_t)i;
    count += l->kind != NEXT || !((double)marks[i] > travel[labels[i]]);
  }
  return count;
}

static ms_status pass_morsel(ms_context *worker, void *state, size_t task) {
  const lloyd *l = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  workbench *w = ms_scratch_zero(worker, 1, sizeof *w);
  uint32_t *rows = ms_scratch(worker, 2 * MS_DISTANCE_ROWS, sizeof *rows);
  if (w) w->block = ms_block_new(worker, l->points);
  if (!w || !rows || !w->block) return MS_EMEMORY;
  w->sums = l->sums + task * l->k * l->columns;
  w->weight = l->weight + task * l->k;
  w->within = l->within + task * l->k;
  w->sizes = l->sizes + task * l->k;
  ms_range range = ms_morsel(l->points->rows, task);
  size_t count = 0;
  for (int64_t at = 0; at < range.count; at += MS_DISTANCE_ROWS) {
    int64_t left = range.count - at;
    ms_range stretch = {range.first + at, left < MS_DISTANCE_ROWS ? left : MS_DISTANCE_ROWS};
    count = list_rows(l, stretch, rows, count);
    if (count < MS_DISTANCE_ROWS) continue;
    settle_block(l, w, rows, MS_DISTANCE_ROWS);
    count -= MS_DISTANCE_ROWS;
    memmove(rows, rows + MS_DISTANCE_ROWS, count * sizeof *rows);
  }
  if (count > 0) settle_block(l, w, rows, count);
  l->changed[task] = w->changed;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

static ms_status pass(ms_context *context, lloyd *l, pass_kind kind, int64_t *changed) {
  l->kind = kind;
  ms_status status = ms_parallel(context, l->morsels, pass_morsel, l);
  *changed = 0;
  for (size_t m = 0; status == MS_OK && m < l->morsels; m++) *changed += l->changed[m];
  return status;
}

/* ---- centres from sums ---- */

/* Adds the morsels up, in their order. `sums` may be NULL. */
static void total_cluster(const lloyd *l, size_t c, double *sums, double *weight, int64_t *size) {
  if (sums) memset(sums, 0, l->columns * sizeof *sums);
  *weight = 0;
  *size = 0;
  for (size_t m = 0; m < l->morsels; m++) {
    const double *from = l->sums + (m * l->k + c) * l->columns;
    for (size_t j = 0; sums && j < l->columns; j++) sums[j] += from[j];
    *weight += l->weight[m * l->k + c];
    *size += l->sizes[m * l->k + c];
  }
}

typedef struct {
  double distance;
  int64_t row;
} farthest;

typedef struct {
  const lloyd *l;
  farthest *found; /* morsel */
} farthest_search;

static ms_status farthest_morsel(ms_context *worker, void *state, size_t task) {
  const farthest_search *s = state;
  const lloyd *l = s->l;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  double *block = ms_block_new(worker, l->points),
         *row = ms_scratch(worker, l->columns, sizeof *row);
  if (!block || !row) return MS_EMEMORY;
  farthest best = {0, -1};
  ms_range range = ms_morsel(l->points->rows, task);
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    ms_block_load(l->points, i, 1, block);
    for (size_t j = 0; j < l->columns; j++) row[j] = block[j * MS_DISTANCE_ROWS];
    double d = ms_point_distance(row, l->before + l->labels[i] * l->columns, l->columns);
    /* A row alone in its cluster stays. */
    if (d > best.distance) best = (farthest){d, i};
  }
  s->found[task] = best;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* A cluster without rows takes the row that is farthest from its centre, out of the cluster that it was in. */
static ms_status refill(ms_context *context, lloyd *l, size_t c) {
  farthest_search search = {l, ms_scratch(context, l->morsels, sizeof(farthest))};
  workbench w = {.block = ms_block_new(context, l->points)};
  if (!search.found || !w.block) return MS_EMEMORY;
  ms_status status = ms_parallel(context, l->morsels, farthest_morsel, &search);
  if (status != MS_OK) return status;
  farthest best = {0, -1};
  size_t task = 0;
  for (size_t m = 0; m < l->morsels; m++) {
    if (search.found[m].distance > best.distance) best = search.found[m], task = m;
  }
  if (best.row < 0) {
    return ms_fail(context, MS_EDATA,
                   "kmeans: %zu clusters wanted, but the rows have fewer different points", l->k);
  }
  double weight = l->points->weights ? l->points->weights[best.row] : 1;
  w.sums = l->sums + task * l->k * l->columns;
  w.weight = l->weight + task * l->k;
  w.sizes = l->sizes + task * l->k;
  ms_block_load(l->points, best.row, 1, w.block);
  add_row(l, &w, 0, l->labels[best.row], -weight);
  add_row(l, &w, 0, c, weight);
  l->labels[best.row] = (uint16_t)c;
  l->marks[best.row] = -1; /* looked at the next time */
  for (size_t j = 0; j < l->columns; j++)
    l->before[c * l->columns + j] = w.block[j * MS_DISTANCE_ROWS];
  return MS_OK;
}

static ms_status refill_empty(ms_context *context, lloyd *l, bool *refilled) {
  *refilled = false;
  memcpy(l->before, l->centres, l->k * l->columns * sizeof *l->before);
  for (size_t c = 0; c < l->k; c++) {
    double weight;
    int64_t size;
    total_cluster(l, c, NULL, &weight, &size);
    if (size > 0) continue;
    ms_status status = refill(context, l, c);
    if (status != MS_OK) return status;
    *refilled = true;
  }
  return MS_OK;
}

/* Centres become the means of their rows; travel grows by what they moved. The farthest move. */
static double move_centres(lloyd *l) {
  memcpy(l->before, l->centres, l->k * l->columns * sizeof *l->before);
  double largest = 0, next = 0;
  size_t widest = 0;
  for (size_t c = 0; c < l->k; c++) {
    double *centre = l->centres + c * l->columns, weight;
    int64_t size;
    total_cluster(l, c, centre, &weight, &size);
    for (size_t j = 0; j < l->columns; j++) centre[j] /= weight;
    double moved = sqrt(ms_point_distance(centre, l->before + c * l->columns, l->columns));
    l->travel[c] += moved;
    if (moved > largest) {
      next = largest;
      largest = moved;
      widest = c;
    } else if (moved > next) {
      next = moved;
    }
  }
  for (size_t c = 0; c < l->k; c++) l->travel[c] += c == widest ? next : largest;
  return largest;
}

/* ---- the whole ---- */

static ms_status begin(ms_context *context, const ms_points *points, size_t k, double *centres,
                       lloyd *l) {
  size_t rows = (size_t)points->rows;
  *l = (lloyd){.points = points,
               .k = k,
               .columns = points->count,
               .morsels = ms_morsels(points->rows),
               .centres = centres};
  l->before = ms_scratch(context, k * l->columns, sizeof *l->before);
  l->labels = ms_scratch(context, rows, sizeof *l->labels);
  l->marks = ms_scratch(context, rows, sizeof *l->marks);
  l->travel = ms_scratch_zero(context, k, sizeof *l->travel);
  l->sums = ms_scratch_zero(context, l->morsels * k * l->columns, sizeof *l->sums);
  l->weight = ms_scratch_zero(context, l->morsels * k, sizeof *l->weight);
  l->sizes = ms_scratch_zero(context, l->morsels * k, sizeof *l->sizes);
  l->within = ms_scratch_zero(context, l->morsels * k, sizeof *l->within);
  l->changed = ms_scratch_zero(context, l->morsels, sizeof *l->changed);
  bool fine = l->before && l->labels && l->marks && l->travel && l->sums && l->weight && l->sizes &&
              l->within && l->changed;
  return fine ? MS_OK : MS_EMEMORY;
}

/* Sums of squares within the clusters and around the mean of all: Σ w‖x - g‖² = Σ w‖x - c‖² + W (‖m - g‖² - ‖m - c‖²) for
 * a cluster of weight W, mean m and centre c. */
static ms_status finish(ms_context *context, const lloyd *l, ms_kmeans_result *out) {
  size_t k = l->k, p = l->columns;
  double *means = ms_scratch(context, k * p, sizeof *means);
  double *all = ms_scratch_zero(context, p, sizeof *all), weight = 0;
  out->centres = l->centres;
  out->within = ms_scratch_zero(context, k, sizeof *out->within);
  out->weight = ms_scratch(context, k, sizeof *out->weight);
  out->sizes = ms_scratch(context, k, sizeof *out->sizes);
  if (!means || !all || !out->within || !out->weight || !out->sizes) return MS_EMEMORY;
  for (size_t c = 0; c < k; c++) {
    total_cluster(l, c, means + c * p, &out->weight[c], &out->sizes[c]);
    weight += out->weight[c];
    for (size_t j = 0; j < p; j++) all[j] += means[c * p + j];
    for (size_t m = 0; m < l->morsels; m++) out->within[c] += l->within[m * k + c];
  }
  for (size_t j = 0; j < p; j++) all[j] /= weight;
  out->total = out->total_within = 0;
  for (size_t c = 0; c < k; c++) {
    out->total_within += out->within[c];
    out->total += out->within[c];
    if (out->sizes[c] == 0) continue;
    for (size_t j = 0; j < p; j++) means[c * p + j] /= out->weight[c];
    out->total += out->weight[c] * (ms_point_distance(means + c * p, all, p) -
                                    ms_point_distance(means + c * p, l->centres + c * p, p));
  }
  return MS_OK;
}

ms_status ms_kmeans_settle(ms_context *context, const ms_points *points,
                           const ms_kmeans_settings *settings, double *centres,
                           ms_kmeans_result *out) {
  lloyd l;
  int64_t changed = 0, done = 0;
  bool settled = settings->max_iterations == 0;
  ms_status status = begin(context, points, settings->k, centres, &l);
  for (; status == MS_OK && !settled && done < settings->max_iterations; done++) {
    status = pass(context, &l, done ? NEXT : FIRST, &changed);
    if (status != MS_OK) return status;
    bool refilled = false;
    if (done && changed == 0) settled = true;
    if (!settled) status = refill_empty(context, &l, &refilled);
    if (status != MS_OK || settled) break;
    double moved = move_centres(&l);
    settled = !refilled && settings->tolerance > 0 && moved <= settings->tolerance;
    ms_report(context, "kmeans: iteration", (uint64_t)done, (uint64_t)settings->max_iterations);
  }
  if (status != MS_OK) return status;
  out->iterations = done;
  out->settled = settled;
  status = pass(context, &l, done ? LAST : FIRST, &changed);
  if (status == MS_OK && !done) status = pass(context, &l, LAST, &changed);
  return status == MS_OK ? finish(context, &l, out) : status;
}
