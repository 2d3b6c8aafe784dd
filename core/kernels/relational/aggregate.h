/* Aggregates: many calls computed together in one pass over the rows.
 *
 * A call is broken into measures (sum, count of values, greatest key, …), each a few 64-bit words for each slot; equal
 * measures are shared. A slot is a group, or a code of the group keys. The words of a slot stand together, so
 * that a row touches one place. Zeroed words are the empty state of every measure. */
#ifndef MS_KERNELS_RELATIONAL_AGGREGATE_H
#define MS_KERNELS_RELATIONAL_AGGREGATE_H

#include "core/kernels/relational/group_keys.h"

/* The measures, with their words. */
typedef enum {
  MS_MEASURE_ROWS,   /* first row << 32 | rows */
  MS_MEASURE_VALUES, /* number of values */
  MS_MEASURE_ADD,    /* sum of integers that cannot overflow */
  MS_MEASURE_WIDE,   /* low, high: sum of integers in 128 bits */
  MS_MEASURE_REAL,   /* sum, error of the sum (Neumaier) */
  MS_MEASURE_MOST, /* greatest key: values, their complements, or row numbers as unsigned numbers */
  MS_MEASURE_MOMENTS,  /* n, mean, sum of squared deviations (Welford) */
  MS_MEASURE_COMOMENTS /* n, mean x, mean y, deviations xx, yy, xy */
} ms_measure_kind;

/* What a measure of MS_MEASURE_MOST makes keys of. */
typedef enum { MS_KEY_NONE, MS_KEY_HIGH, MS_KEY_LOW, MS_KEY_FIRST, MS_KEY_LAST } ms_measure_key;

/* What a measure of MS_MEASURE_ADD adds. */
typedef enum { MS_ADD_X, MS_ADD_Y, MS_ADD_XX, MS_ADD_YY, MS_ADD_XY } ms_measure_term;

/* Values that measures read: a column (NULL: none, only the condition counts), a second one for pairs, and the
 * condition. */
typedef struct {
  const ms_column *x, *y;
  const ms_column *where; /* boolean, or NULL */
  const uint32_t *ranks;  /* text: rank of each code, in place of values */
  bool real;              /* values are wanted as reals */
  bool partial;           /* some rows may have no value */
} ms_measure_input;

typedef struct {
  ms_measure_kind kind;
  ms_measure_key key;
  ms_measure_term term;
  size_t input;
  size_t offset; /* of its words within a slot */
} ms_measure;

/* How a call's result is read from its measures. */
typedef struct {
  const ms_call *call;
  const ms_column *x, *y, *where;
  size_t input;
  size_t measure, values; /* indexes; SIZE_MAX where there is none */
  bool exact; /* moments of integers: the measure of each ms_measure_term, from integer sums */
  size_t terms[5];
  /* the result, one of: */
  int64_t *integers;
  ms_buffer *reals;
  uint32_t *rows; /* rows of the argument whose values are the result */
  uint8_t *valid;
} ms_measured;

typedef struct {
  ms_context *context;
  int64_t rows;
  size_t input_count, measure_count, call_count, words;
  ms_measure_input *inputs;
  ms_measure *measures;
  ms_measured *calls;
  /* from the run on: */
  ms_key_code code;      /* slots of the rows */
  ms_key_field ids;      /* its field, where the slots are groups */
  const uint32_t *slots; /* slot of each group, NULL: the groups are the slots */
} ms_aggregates;

/* Plans the calls over the rows of `frame`: arguments are looked up or evaluated, once each. With `direct` the rows
 * are always counted, at offset 0. In scratch. */
ms_aggregates *ms_aggregates_new(ms_context *context, const ms_call *const *calls, size_t count,
                                 const ms_frame *frame, bool direct);

/* Some rows, ready for measures: places of their slots in the table (slot * words) and their values. */
typedef struct {
  size_t count;
  const uint32_t *places;
  const uint32_t *rows;
  const int64_t *x, *y; /* doubles if `real` */
  bool real;
} ms_batch;
void ms_measure_update(const ms_measure *measure, uint64_t *table, const ms_batch *batch);
/* The words of one measure, or of all, for slots at a distance of `stride` words. */
typedef struct {
  uint64_t *words;
  size_t stride;
} ms_measure_view;
/* Adds what slots at `from` (of `stride` words, the measure's at its offset) counted behind what stands in `to`. */
void ms_measure_merge(const ms_measure *measure, ms_measure_view to, const uint64_t *from,
                      size_t stride, size_t count);
size_t ms_measure_words(ms_measure_kind kind);

/* Some rows: a list, or consecutive ones. At most MS_KEY_BLOCK. */
typedef struct {
  const uint32_t *list; /* NULL: first, first + 1, … */
  int64_t first;
  size_t count;
} ms_rows;
/* Values of a column at the rows: integers (codes of text), reals; what is null gives any value. */
void ms_rows_integers(const ms_column *column, const ms_rows *rows, int64_t *out);
void ms_rows_reals(const ms_column *column, const ms_rows *rows, double *out);
/* Positions (from 0) of the rows that have all values of the input and meet its condition; their number. `chosen`
 * has room for all. */
size_t ms_rows_select(const ms_measure_input *input, const ms_rows *rows, uint32_t *chosen);

/* All rows, distributed by ranges of slots; in scratch. A pair is the slot within its range << 32 | row. */
typedef struct {
  size_t count;
  unsigned shift; /* a range is 2^shift slots */
  int64_t slots;
  uint64_t *pairs;
  uint32_t *ends; /* end of each range's pairs */
} ms_buckets;
/* `width` is a power of two up to 2^31; rows keep their order within a range. */
ms_status ms_buckets_new(ms_context *context, const ms_key_code *code, size_t width,
                         ms_buckets *out);
static inline ms_range ms_bucket_slots(const ms_buckets *buckets, size_t bucket) {
  int64_t first = (int64_t)bucket << buckets->shift, width = INT64_C(1) << buckets->shift;
  return (ms_range){first, buckets->slots - first < width ? buckets->slots - first : width};
}
static inline ms_range ms_bucket_rows(const ms_buckets *buckets, size_t bucket) {
  int64_t first = bucket ? buckets->ends[bucket - 1] : 0;
  return (ms_range){first, (int64_t)buckets->ends[bucket] - first};
}

/* Runs the plan over codes below a small range: the groups are found on the way and written to `groups`,
 * without ids. */
ms_status ms_aggregates_run_codes(ms_aggregates *plan, const ms_key_code *code, ms_groups *groups);
/* Whether slots have so many rows each that a table of them is filled by rows even where it leaves the cache: a row then
 * meets one line of the table, and by slots one of each column (docs/speed.md). */
static inline bool ms_aggregates_dense(const ms_key_code *code, size_t words) {
  uint64_t rows = (uint64_t)code->rows;
  return code->range <= rows / 32 && code->range * words <= (32u << 20) / sizeof(uint64_t);
}
/* Runs the plan over groups. */
ms_status ms_aggregates_run(ms_aggregates *plan, const ms_groups *groups);
/* Writes the results of groups from … from + count - 1, whose words stand at table + slots[i] * words, or at
 * table + i * words where slots is NULL. */
ms_status ms_aggregates_finish(ms_context *context, const ms_aggregates *plan,
                               const uint64_t *table, const uint32_t *slots, ms_range range);
/* The result of call i as a column of groups->count rows, the caller's. */
ms_column *ms_aggregates_column(ms_context *context, ms_aggregates *plan, size_t i,
                                const ms_groups *groups);
/* Room for the results of `count` groups. */
ms_status ms_aggregates_room(ms_aggregates *plan, int64_t count);

/* ms_buffer_free, for ms_defer. */
void ms_buffer_release(void *buffer);
/* Bytes 0 or 1 as a bitmap: *out is the caller's, NULL where `valid` is. */
ms_status ms_bitmap_buffer(ms_context *context, const uint8_t *valid, int64_t count,
                           ms_buffer **out);

/* Calls that need their values ordered or distinct: median, quantile, count_distinct. */
bool ms_call_ordered(const ms_call *call);
ms_column *ms_group_quantile(ms_context *context, ms_aggregates *plan, const ms_measured *call,
                             const ms_groups *groups);
ms_column *ms_group_distinct(ms_context *context, const ms_groups *groups, const ms_measured *call);

/* An aggregate (its id and parameter; no condition) of a column itself, for kernels: a column of groups->count
 * rows, the caller's. */
ms_column *ms_group_column(ms_context *context, const ms_groups *groups, const ms_call *call,
                           const ms_column *x);

#endif
