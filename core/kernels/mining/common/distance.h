/* Squared Euclidean distances between rows and centres, a block of rows at a time.
 *
 * A block holds its rows transposed, a column after the other, so that one instruction works on several rows. What is
 * computed for a row does not depend on the rows that stand beside it. */
#ifndef MS_MINING_DISTANCE_H
#define MS_MINING_DISTANCE_H

#include "core/kernels/mining/common/scale.h"

enum { MS_DISTANCE_ROWS = 128, MS_DISTANCE_LANES = 8 };

/* Rows as points: columns of numbers, scaled on the way into a block. */
typedef struct {
  int64_t rows;
  size_t count;                 /* of columns */
  const double *const *columns; /* finite, or NaN where missing */
  const double *weights;        /* NULL: all 1 */
  ms_scale scale;
  bool plain; /* scaling changes nothing */
} ms_points;

/* In scratch. `weights` may be NULL. */
ms_status ms_points_of(ms_context *context, const ms_input_list *inputs, const double *weights,
                       const ms_scale *scale, ms_points *out);
/* A block's memory, in scratch: count * MS_DISTANCE_ROWS numbers; column j begins at j * MS_DISTANCE_ROWS. */
double *ms_block_new(ms_context *context, const ms_points *points);
/* Fills it with rows index[0 … count), count <= MS_DISTANCE_ROWS; what stands behind them is set to 0 as far as
 * the functions below read. */
void ms_block_gather(const ms_points *points, const uint32_t *index, size_t count, double *block);
/* With the rows first … first + count - 1. */
void ms_block_load(const ms_points *points, int64_t first, size_t count, double *block);

/* Points in the units of a block: k rows of `columns` numbers. */
typedef struct {
  size_t count, columns;
  const double *values;
} ms_centres;

/* For each row of a block the nearest centre (the first of equals; 0 where a value is NaN), the squared distance to it,
 * and to the next one (infinite where there is none; both where a value is NaN). */
typedef struct {
  uint32_t nearest[MS_DISTANCE_ROWS];
  double first[MS_DISTANCE_ROWS], second[MS_DISTANCE_ROWS];
} ms_nearest_two;
void ms_block_nearest(const double *block, size_t count, const ms_centres *centres,
                      ms_nearest_two *out);
/* Squared distances of a block's rows to one point. */
void ms_block_distances(const double *block, size_t count, const double *point, size_t columns,
                        double *out);
/* Squared distance of two points. */
double ms_point_distance(const double *a, const double *b, size_t columns);

#endif
