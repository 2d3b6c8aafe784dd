/* Blocks of transposed rows and their distances. The compiler's vectors say which rows go together; on a machine with
 * narrower registers it cuts them up, and the results are the same. */
#include "core/kernels/mining/common/distance.h"

#include <math.h>
#include <string.h>

enum { LANES = MS_DISTANCE_LANES, ROWS = MS_DISTANCE_ROWS };

typedef double numbers __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t wholes __attribute__((vector_size(LANES * sizeof(int64_t))));

ms_status ms_points_of(ms_context *context, const ms_input_list *inputs, const double *weights,
                       const ms_scale *scale, ms_points *out) {
  const double **columns = ms_scratch(context, inputs->count, sizeof *columns);
  if (!columns) return MS_EMEMORY;
  *out = (ms_points){.rows = inputs->rows,
                     .count = inputs->count,
                     .columns = columns,
                     .weights = weights,
                     .scale = *scale,
                     .plain = true};
  for (size_t j = 0; j < inputs->count; j++) {
    columns[j] = inputs->items[j].values;
    if (scale->centre[j] != 0 || scale->spread[j] != 1) out->plain = false;
  }
  return MS_OK;
}

double *ms_block_new(ms_context *context, const ms_points *points) {
  return ms_scratch(context, points->count * ROWS, sizeof(double));
}

static size_t padded(size_t count) { return (count + 2 * LANES - 1) / (2 * LANES) * (2 * LANES); }

static void finish_column(const ms_points *points, size_t j, size_t count, double *to) {
  if (!points->plain) {
    double centre = points->scale.centre[j], spread = points->scale.spread[j];
    for (size_t i = 0; i < count; i++) to[i] -= centre;
    for (size_t i = 0; i < count && spread != 1; i++) to[i] /= spread;
  }
  for (size_t i = count; i < padded(count); i++) to[i] = 0;
}

void ms_block_gather(const ms_points *points, const uint32_t *index, size_t count, double *block) {
  for (size_t j = 0; j < points->count; j++) {
    const double *from = points->columns[j];
    double *to = block + j * ROWS;
    for (size_t i = 0; i < count; i++) to[i] = from[index[i]];
    finish_column(points, j, count, to);
  }
}

void ms_block_load(const ms_points *points, int64_t first, size_t count, double *block) {
  for (size_t j = 0; j < points->count; j++) {
    memcpy(block + j * ROWS, points->columns[j] + first, count * sizeof(double));
    finish_column(points, j, count, block + j * ROWS);
  }
}

static inline void load(numbers *to, const double *from) { memcpy(to, from, sizeof *to); }

/* mask ? a : b, lane by lane. */
#define CHOOSE(mask, a, b) ((numbers)(((mask) & (wholes)(a)) | (~(mask) & (wholes)(b))))

/* Two vectors of rows at a time, since a sum that waits for its last term leaves the machine idle. */
typedef struct {
  numbers first[2], second[2];
  wholes nearest[2];
} best_two;

static inline void take_centre(const double *rows, const double *point, size_t columns, int64_t k,
                               best_two *best) {
  numbers sum[2] = {{0}, {0}};
  for (size_t j = 0; j < columns; j++) {
    numbers a, b;
    load(&a, rows + j * ROWS);
    load(&b, rows + j * ROWS + LANES);
    a -= point[j];
    b -= point[j];
    sum[0] += a * a;
    sum[1] += b * b;
  }
  for (int v = 0; v < 2; v++) {
    wholes nearer = sum[v] < best->first[v], next = sum[v] < best->second[v];
    wholes number = (wholes){0} + k;
    best->second[v] = CHOOSE(nearer, best->first[v], CHOOSE(next, sum[v], best->second[v]));
    best->first[v] = CHOOSE(nearer, sum[v], best->first[v]);
    best->nearest[v] = (nearer & number) | (~nearer & best->nearest[v]);
  }
}

void ms_block_nearest(const double *block, size_t count, const ms_centres *centres,
                      ms_nearest_two *out) {
  for (size_t at = 0; at < count; at += 2 * LANES) {
    best_two best;
    for (int v = 0; v < 2; v++) {
      best.first[v] = best.second[v] = (numbers){0} + INFINITY;
      best.nearest[v] = (wholes){0};
    }
    for (size_t k = 0; k < centres->count; k++) {
      take_centre(block + at, centres->values + k * centres->columns, centres->columns, (int64_t)k,
                  &best);
    }
    for (size_t v = 0; v < 2; v++) {
      memcpy(out->first + at + v * LANES, &best.first[v], sizeof best.first[v]);
      memcpy(out->second + at + v * LANES, &best.second[v], sizeof best.second[v]);
      for (size_t i = 0; i < LANES; i++)
        out->nearest[at + v * LANES + i] = (uint32_t)best.nearest[v][i];
    }
  }
}

void ms_block_distances(const double *block, size_t count, const double *point, size_t columns,
                        double *out) {
  for (size_t at = 0; at < count; at += LANES) {
    numbers sum = {0};
    for (size_t j = 0; j < columns; j++) {
      numbers a;
      load(&a, block + j * ROWS + at);
      a -= point[j];
      sum += a * a;
    }
    memcpy(out + at, &sum, sizeof sum);
  }
}

double ms_point_distance(const double *a, const double *b, size_t columns) {
  double sum = 0;
  for (size_t j = 0; j < columns; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}
