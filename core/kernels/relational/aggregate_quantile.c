/* Quantiles of groups. Values are distributed by ranges of slots that fit the cache, each with the number of its slot; within
 * a range a counting sort puts the values of each slot together, and selection finds the quantiles. Calls over the same values
 * share all but the selection. */
#include "core/kernels/relational/aggregate.h"
#include "core/kernels/relational/quantile.h"

#include <string.h>

enum { PARTS_MOST = 64, BUCKET_ROWS = 32768, BUCKETS_MOST = 2048 };

typedef struct {
  ms_aggregates *plan;
  const ms_measured *call; /* the first of those that share the values */
  ms_measure_input input;
  size_t parts, buckets;
  unsigned shift;   /* a bucket is 2^shift slots */
  uint32_t *places; /* [parts][buckets] */
  double *values;
  uint32_t *slots; /* within the bucket */
} quantiles;

typedef struct {
  uint32_t slots[MS_KEY_BLOCK], chosen[MS_KEY_BLOCK];
  double values[MS_KEY_BLOCK];
} workspace;

/* Slots of the rows that count, at the front of w->slots; their number. */
static size_t load_slots(const quantiles *q, const ms_rows *rows, workspace *w) {
  ms_key_block_narrow(&q->plan->code, rows->first, (int64_t)rows->count, w->slots);
  if (!q->input.partial) return rows->count;
  size_t n = ms_rows_select(&q->input, rows, w->chosen);
  for (size_t i = 0; i < n; i++) w->slots[i] = w->slots[w->chosen[i]];
  return n;
}

static ms_status count_part(ms_context *worker, void *state, size_t part) {
  quantiles *q = state;
  uint32_t *counts = q->places + part * q->buckets;
  memset(counts, 0, q->buckets * sizeof *counts);
  workspace w;
  ms_range range = ms_part(q->plan->rows, q->parts, part);
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t left = range.count - done;
    ms_rows rows = {.first = range.first + done,
                    .count = (size_t)(left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK)};
    size_t n = load_slots(q, &rows, &w);
    for (size_t i = 0; i < n; i++) counts[w.slots[i] >> q->shift]++;
  }
  return MS_OK;
}

static ms_status scatter_part(ms_context *worker, void *state, size_t part) {
  quantiles *q = state;
  uint32_t *places = q->places + part * q->buckets;
  uint32_t mask = (UINT32_C(1) << q->shift) - 1;
  workspace w;
  ms_range range = ms_part(q->plan->rows, q->parts, part);
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t left = range.count - done;
    ms_rows rows = {.first = range.first + done,
                    .count = (size_t)(left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK)};
    size_t n = load_slots(q, &rows, &w);
    ms_rows_reals(q->input.x, &rows, w.values);
    for (size_t i = 0; i < n; i++) {
      uint32_t at = places[w.slots[i] >> q->shift]++;
      q->slots[at] = w.slots[i] & mask;
      q->values[at] = w.values[q->input.partial ? w.chosen[i] : i];
    }
  }
  return MS_OK;
}

static void place(quantiles *q) {
  uint32_t sum = 0;
  for (size_t b = 0; b < q->buckets; b++) {
    for (size_t part = 0; part < q->parts; part++) {
      uint32_t *at = &q->places[part * q->buckets + b], count = *at;
      *at = sum;
      sum += count;
    }
  }
}

static bool shares(const ms_measured *a, const ms_measured *b) {
  return (b->call->id == MS_CALL_MEDIAN || b->call->id == MS_CALL_QUANTILE) && a->x == b->x &&
         a->where == b->where;
}

typedef struct {
  double *values;
  int64_t count;
} slot_values;

/* All quantiles of one slot's values. */
static void select_slot(ms_context *worker, const quantiles *q, slot_values of, size_t slot) {
  for (size_t c = 0; c < q->plan->call_count; c++) {
    const ms_measured *m = &q->plan->calls[c];
    if (!shares(q->call, m)) continue;
    double p = m->call->id == MS_CALL_MEDIAN ? 0.5 : m->call->parameter;
    m->valid[slot] = of.count > 0;
    ((double *)(void *)m->reals->data)[slot] =
        of.count ? ms_quantile_select(worker, of.values, of.count, p) : 0;
  }
}

static ms_status run_bucket(ms_context *worker, void *state, size_t bucket) {
  quantiles *q = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  const uint32_t *ends_of = q->places + (q->parts - 1) * q->buckets;
  uint32_t begin = bucket ? ends_of[bucket - 1] : 0, rows = ends_of[bucket] - begin;
  size_t first = bucket << q->shift, width = (size_t)1 << q->shift;
  size_t left = (size_t)q->plan->code.range - first, count = left < width ? left : width;
  const uint32_t *slots = q->slots + begin;
  const double *values = q->values + begin;
  double *sorted = ms_scratch(worker, rows, sizeof *sorted);
  uint32_t *ends = sorted ? ms_scratch_zero(worker, count + 1, sizeof *ends) : NULL;
  if (!ends) return MS_EMEMORY;
  for (uint32_t i = 0; i < rows; i++) ends[slots[i] + 1]++;
  for (size_t s = 0; s < count; s++) ends[s + 1] += ends[s];
  for (uint32_t i = 0; i < rows; i++) sorted[ends[slots[i]]++] = values[i];
  uint32_t from = 0;
  for (size_t s = 0; s < count; s++) {
    select_slot(worker, q, (slot_values){sorted + from, ends[s] - from}, first + s);
    from = ends[s];
  }
  ms_scratch_release(worker, mark);
  return ms_cancelled(worker) ? MS_ECANCEL : MS_OK;
}

/* Results by slot: room for all calls that share the values. */
static ms_status make_room(ms_context *context, quantiles *q) {
  size_t range = (size_t)q->plan->code.range;
  for (size_t c = 0; c < q->plan->call_count; c++) {
    ms_measured *m = &q->plan->calls[c];
    if (!shares(q->call, m)) continue;
    m->reals = ms_buffer_new(context, range, sizeof(double));
    if (!m->reals || ms_defer(context, ms_buffer_release, m->reals) != MS_OK) return MS_EMEMORY;
    m->valid = ms_scratch_zero(context, range, 1);
    if (!m->valid) return MS_EMEMORY;
  }
  size_t rows = (size_t)q->plan->rows;
  q->places = ms_scratch(context, q->parts * q->buckets, sizeof *q->places);
  q->values = q->places ? ms_scratch(context, rows, sizeof *q->values) : NULL;
  q->slots = q->values ? ms_scratch(context, rows, sizeof *q->slots) : NULL;
  return q->slots ? MS_OK : MS_EMEMORY;
}

static ms_status compute(ms_context *context, ms_aggregates *plan, const ms_measured *call) {
  uint64_t rows = (uint64_t)plan->rows, range = plan->code.range;
  quantiles q = {.plan = plan, .call = call, .parts = ms_morsels(plan->rows)};
  q.input = (ms_measure_input){.x = call->x, .where = call->where, .real = true};
  q.input.partial = call->x->nulls > 0 || call->where;
  if (q.parts > PARTS_MOST) q.parts = PARTS_MOST;
  if (q.parts < 1) q.parts = 1;
  while (q.shift < 16 && (rows << (q.shift + 1)) <= BUCKET_ROWS * range) q.shift++;
  while (((range - 1) >> q.shift) >= BUCKETS_MOST) q.shift++;
  q.buckets = (size_t)((range - 1) >> q.shift) + 1;
  ms_status status = make_room(context, &q);
  if (status == MS_OK) status = ms_parallel(context, q.parts, count_part, &q);
  if (status != MS_OK) return status;
  place(&q);
  status = ms_parallel(context, q.parts, scatter_part, &q);
  return status == MS_OK ? ms_parallel(context, q.buckets, run_bucket, &q) : status;
}

ms_column *ms_group_quantile(ms_context *context, ms_aggregates *plan, const ms_measured *call,
                             const ms_groups *groups) {
  if (!call->reals && compute(context, plan, call) != MS_OK) return NULL;
  ms_buffer *reals = ms_buffer_new(context, (size_t)groups->count, sizeof(double)), *validity;
  uint8_t *valid = reals ? ms_scratch(context, (size_t)groups->count, 1) : NULL;
  const double *from = (const double *)(const void *)call->reals->data;
  for (int64_t g = 0; valid && g < groups->count; g++) {
    size_t slot = plan->slots ? plan->slots[g] : (size_t)g;
    ((double *)(void *)reals->data)[g] = from[slot];
    valid[g] = call->valid[slot];
  }
  if (!valid || ms_bitmap_buffer(context, valid, groups->count, &validity) != MS_OK) {
    ms_buffer_free(reals);
    return NULL;
  }
  return ms_column_from_real(context, groups->count, reals, validity);
}
