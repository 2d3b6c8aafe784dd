/* Several sums of small numbers in one word. */
#ifndef MS_KERNELS_RELATIONAL_AGGREGATE_PACK_H
#define MS_KERNELS_RELATIONAL_AGGREGATE_PACK_H

#include "core/kernels/relational/aggregate.h"

enum { MS_PACKS_MOST = 3 };

/* The bits of a packed word that belong to a measure. */
typedef struct {
  size_t measure, pack;
  unsigned shift, bits;
} ms_lane;

/* How a part of the rows lays out the words of a slot: packed words, the slot's first row if rows are counted, and the words
 * of all other measures. */
typedef struct {
  size_t words, pack_count, lane_count;
  size_t first; /* place of the word with the first row */
  ms_lane *lanes;
  ms_measure *measures; /* of the plan, with their offsets in a part */
  bool *packed;         /* [measures] */
  bool rows;            /* pack 0 has a lane for the rows */
} ms_packing;

/* The layout for parts of up to `rows` rows. In scratch. */
ms_status ms_packing_new(ms_context *context, const ms_aggregates *plan, int64_t rows,
                         ms_packing *out);
/* What each row of a block adds to the packed words: begun with, then collected for each packed measure. */
typedef uint64_t ms_pack_sums[MS_PACKS_MOST][MS_KEY_BLOCK];
void ms_packing_begin(const ms_packing *packing, size_t count, ms_pack_sums sums);
void ms_packing_collect(const ms_packing *packing, size_t measure, const ms_batch *batch,
                        ms_pack_sums sums);
/* Adds what was collected for the batch to the table. */
void ms_packing_update(const ms_packing *packing, uint64_t *table, const ms_batch *batch,
                       const ms_pack_sums sums);
/* Puts slots of a part behind what stands in the table of the plan's own layout. */
void ms_packing_merge(const ms_packing *packing, const ms_aggregates *plan, uint64_t *to,
                      const uint64_t *from, size_t count);

/* What a worker needs for a block of rows. */
typedef struct {
  const ms_packing *packing; /* NULL: the plan's own layout */
  uint32_t places[MS_KEY_BLOCK], rows[MS_KEY_BLOCK];
  uint32_t chosen[MS_KEY_BLOCK], chosen_places[MS_KEY_BLOCK], chosen_rows[MS_KEY_BLOCK];
  int64_t x[MS_KEY_BLOCK], y[MS_KEY_BLOCK];
  ms_pack_sums sums;
} ms_workspace;

/* Loads input `at` for the rows (whose places and numbers stand in the workspace) and updates its measures in the table;
 * those that are packed are collected in the workspace. */
void ms_aggregates_update(const ms_aggregates *plan, size_t at, const ms_rows *rows,
                          ms_workspace *w, uint64_t *table);
/* Runs plan->code over all rows with tables of all slots. Without ids the groups are found, and written. */
ms_status ms_aggregates_by_rows(ms_aggregates *plan, ms_groups *groups);

#endif
