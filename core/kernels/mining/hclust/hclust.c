/* Hierarchical clustering: the two nearest clusters are joined, again and again, until one is left.
 *
 * Each cluster knows the nearest one of those behind it, and what happens to these notes when two are joined is the same as in
 * Murtagh (1985), Multidimensional Clustering Algorithms, which R's hclust follows: so ties are broken as they are there.
 * Distances to a joined cluster come from those to its halves (Lance and Williams 1967). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernels/mining/common/scale.h"

enum { ROWS_MOST = 20000 };
typedef enum { WARD, AVERAGE, COMPLETE, SINGLE } hclust_method;

typedef struct {
  ms_names columns;
  int method, scale;
} hclust_options;

static const ms_option options[] = {{.name = "columns",
                                     .type = MS_OPTION_COLUMNS,
                                     .brief = "numbers and booleans to cluster by; none: all",
                                     .offset = offsetof(hclust_options, columns)},
                                    {.name = "method",
                                     .type = MS_OPTION_CHOICE,
                                     .fallback = "ward",
                                     .unit = "ward average complete single",
                                     .brief = "how far two clusters are apart",
                                     .offset = offsetof(hclust_options, method)},
                                    {.name = "scale",
                                     .type = MS_OPTION_CHOICE,
                                     .fallback = "none",
                                     .unit = MS_SCALE_WORDS,
                                     .brief = "brings columns to comparable units",
                                     .offset = offsetof(hclust_options, scale)},
                                    {0}};

typedef struct {
  hclust_method method;
  size_t rows;
  double *distances; /* upper triangle, row by row */
  double *weight;    /* rows of a cluster; it lives at the place of its first row */
  bool *alive;
  size_t *near; /* the nearest cluster behind it */
  double *near_distance;
  size_t *left, *right; /* of each step: places */
  double *height;
} tree;

static size_t cell(const tree *t, size_t a, size_t b) {
  size_t i = a < b ? a : b, j = a < b ? b : a;
  return i * t->rows - i * (i + 1) / 2 + (j - i - 1);
}

static ms_status fill_distances(ms_context *context, tree *t, const ms_input_list *inputs,
                                const ms_scale *scale) {
  double *row = ms_scratch(context, inputs->count * t->rows, sizeof *row);
  if (!row) return MS_EMEMORY;
  for (size_t j = 0; j < inputs->count; j++) {
    for (size_t i = 0; i < t->rows; i++)
      row[j * t->rows + i] = (inputs->items[j].values[i] - scale->centre[j]) / scale->spread[j];
  }
  for (size_t i = 0; i + 1 < t->rows; i++) {
    if (ms_cancelled(context)) return MS_ECANCEL;
    double *to = t->distances + cell(t, i, i + 1);
    size_t count = t->rows - i - 1;
    memset(to, 0, count * sizeof *to);
    for (size_t j = 0; j < inputs->count; j++) {
      const double *x = row + j * t->rows + i;
      for (size_t b = 0; b < count; b++) to[b] += (x[b + 1] - x[0]) * (x[b + 1] - x[0]);
    }
    /* Ward works on squares of distances that were rounded, as in R. */
    for (size_t b = 0; b < count; b++) to[b] = sqrt(to[b]);
    for (size_t b = 0; b < count && t->method == WARD; b++) to[b] *= to[b];
  }
  return MS_OK;
}

static void find_near(tree *t, size_t i) {
  double least = INFINITY;
  for (size_t j = i + 1; j < t->rows; j++) {
    if (!t->alive[j]) continue;
    double d = t->distances[cell(t, i, j)];
    if (d < least) {
      least = d;
      t->near[i] = j;
    }
  }
  t->near_distance[i] = least;
}

/* Distance from cluster k to a joined with b. */
static double joined(const tree *t, size_t a, size_t b, size_t k) {
  double x = t->distances[cell(t, a, k)], y = t->distances[cell(t, b, k)];
  double wa = t->weight[a], wb = t->weight[b], wk = t->weight[k];
  switch (t->method) {
    case WARD:
      return ((wa + wk) * x + (wb + wk) * y - wk * t->distances[cell(t, a, b)]) / (wa + wb + wk);
    case AVERAGE: return (wa * x + wb * y) / (wa + wb);
    case COMPLETE: return x > y ? x : y;
    case SINGLE: break;
  }
  return x < y ? x : y;
}

/* Cluster b becomes part of a, a < b. */
static void join(tree *t, size_t a, size_t b) {
  double least = INFINITY;
  size_t nearest = a;
  t->alive[b] = false;
  for (size_t k = 0; k < t->rows; k++) {
    if (!t->alive[k] || k == a) continue;
    double d = joined(t, a, b, k);
    t->distances[cell(t, a, k)] = d;
    if (k > a && d < least) {
      least = d;
      nearest = k;
    } else if (k < a && d < t->near_distance[k]) {
      t->near_distance[k] = d;
      t->near[k] = a;
    }
  }
  t->weight[a] += t->weight[b];
  t->near[a] = nearest;
  t->near_distance[a] = least;
  for (size_t i = 0; i + 1 < t->rows; i++) {
    if (t->alive[i] && i != a && (t->near[i] == a || t->near[i] == b)) find_near(t, i);
  }
}

static ms_status grow(ms_context *context, tree *t) {
  for (size_t i = 0; i < t->rows; i++) {
    t->alive[i] = true;
    t->weight[i] = 1;
  }
  for (size_t i = 0; i < t->rows; i++) find_near(t, i);
  for (size_t step = 0; step + 1 < t->rows; step++) {
    if (ms_cancelled(context)) return MS_ECANCEL;
    size_t a = t->rows;
    for (size_t i = 0; i + 1 < t->rows; i++) {
      if (t->alive[i] && (a == t->rows || t->near_distance[i] < t->near_distance[a])) a = i;
    }
    size_t b = t->near[a];
    t->left[step] = a;
    t->right[step] = b;
    t->height[step] = t->method == WARD ? sqrt(t->near_distance[a]) : t->near_distance[a];
    join(t, a, b);
    ms_report(context, "hclust: join", step, t->rows - 1);
  }
  return MS_OK;
}

static ms_status begin(ms_context *context, size_t rows, tree *t) {
  t->rows = rows;
  t->distances = ms_scratch(context, rows * (rows - 1) / 2 + 1, sizeof *t->distances);
  t->weight = ms_scratch(context, rows, sizeof *t->weight);
  t->alive = ms_scratch(context, rows, sizeof *t->alive);
  t->near = ms_scratch_zero(context, rows, sizeof *t->near);
  t->near_distance = ms_scratch(context, rows, sizeof *t->near_distance);
  t->left = ms_scratch(context, rows, sizeof *t->left);
  t->right = ms_scratch(context, rows, sizeof *t->right);
  t->height = ms_scratch(context, rows, sizeof *t->height);
  bool fine = t->distances && t->weight && t->alive && t->near && t->near_distance && t->left &&
              t->right && t->height;
  return fine ? MS_OK : MS_EMEMORY;
}

/* ---- parts ---- */

/* The name of a cluster as R writes it: minus the row, or the step that made it; single rows first, the lesser first. */
static void name_pair(int64_t *a, int64_t *b) {
  bool turn = *a > 0 && (*b < 0 || *b < *a);
  if (!turn) return;
  int64_t other = *a;
  *a = *b;
  *b = other;
}

static ms_frame *merges_part(ms_context *context, const tree *t) {
  static const char *const names[] = {"step", "left", "right", "height", "size"};
  int64_t *name = ms_scratch(context, t->rows, sizeof *name);
  int64_t *size = ms_scratch(context, t->rows, sizeof *size);
  ms_builder *out = name && size ? ms_builder_new(context) : NULL;
  if (!out) return NULL;
  for (int c = 0; c < 5; c++) (void)ms_builder_column(out, names[c], c == 3 ? MS_REAL : MS_INTEGER);
  for (size_t i = 0; i < t->rows; i++) {
    name[i] = -(int64_t)i - 1;
    size[i] = 1;
  }
  for (size_t step = 0; step + 1 < t->rows; step++) {
    size_t at = t->left[step];
    int64_t a = name[at], b = name[t->right[step]];
    name_pair(&a, &b);
    size[at] += size[t->right[step]];
    name[at] = (int64_t)step + 1;
    ms_builder_integer(out, 0, (int64_t)step + 1);
    ms_builder_integer(out, 1, a);
    ms_builder_integer(out, 2, b);
    ms_builder_real(out, 3, t->height[step]);
    ms_builder_integer(out, 4, size[at]);
  }
  return ms_builder_finish(out);
}

static ms_frame *facts_part(ms_context *context, const ms_training *training,
                            const hclust_options *given) {
  static const char *const methods[] = {"ward", "average", "complete", "single"};
  static const char *const scales[] = {"none", "standard", "range", "robust"};
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)training->inputs.rows);
  ms_facts_text(&facts, "method", methods[given->method]);
  ms_facts_text(&facts, "scale", scales[given->scale]);
  return ms_facts_finish(&facts);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const hclust_options *given = checked;
  ms_training_request request = {.kernel = "hclust", .columns = given->columns, .numbers = true};
  ms_training training;
  ms_scale scale;
  tree t = {.method = (hclust_method)given->method};
  if (inputs->frames[0]->rows > ROWS_MOST) {
    (void)ms_fail(context, MS_ELIMIT, "hclust: %lld rows, at most %d wanted",
                  (long long)inputs->frames[0]->rows, ROWS_MOST);
    ms_fail_hint(context, "cluster a sample, or the centres that ms.kmeans gives with a large k");
    return NULL;
  }
  if (ms_training_read(context, inputs->frames[0], &request, &training) != MS_OK ||
      ms_inputs_complete(context, "hclust", &training.inputs) != MS_OK ||
      ms_scale_find(context, &training, (ms_scale_kind)given->scale, &scale) != MS_OK ||
      begin(context, (size_t)training.inputs.rows, &t) != MS_OK ||
      fill_distances(context, &t, &training.inputs, &scale) != MS_OK || grow(context, &t) != MS_OK)
    return NULL;
  ms_frame *merges = merges_part(context, &t);
  bool fine = ms_part_attach(context, ms_training_part(context, &training));
  fine = ms_part_attach(context, facts_part(context, &training, given)) && fine;
  if (fine && merges) return merges;
  ms_frame_free(merges);
  return NULL;
}

const ms_kernel ms_kernel_hclust = {
    .name = "hclust",
    .group = "mining",
    .brief = "a tree of clusters, cut where one likes",
    .cost = "O(rows^2 * columns) time, rows^3 at worst; 4 * rows^2 bytes; at most 20,000 rows",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(hclust_options),
    .parts = "merges inputs facts",
    .run = run,
};
