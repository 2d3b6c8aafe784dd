/* Runs a plan of aggregates, by rows (aggregate_rows.c) where the table of all slots stays in the cache; otherwise by slots: rows
 * are first distributed by ranges of slots (in their order), and each range is computed in a table of its own and
 * finished at once. */
#include "core/kernels/relational/aggregate_pack.h"

/* A table of 5 MB: at 3 MB by rows is 1.4 times as fast as by slots, at 8 MB 0.7 to 0.8 times (docs/speed.md). */
enum { TABLE_MOST = 5 << 20 };

typedef struct {
  ms_aggregates *plan;
  ms_buckets buckets;
} run;

static void load(const ms_measure_input *input, const ms_column *column, const ms_rows *rows,
                 int64_t *out) {
  if (!column) return;
  if (input->real) {
    ms_rows_reals(column, rows, (double *)(void *)out);
    return;
  }
  if (column->type == MS_REAL || (column->type == MS_TEXT && !input->ranks)) return;
  ms_rows_integers(column, rows, out);
  if (!input->ranks) return;
  for (size_t i = 0; i < rows->count; i++) out[i] = input->ranks[out[i]];
}

/* Consecutive reals without gaps are read where they stand. */
static const int64_t *load_or_borrow(const ms_measure_input *input, const ms_column *column,
                                     const ms_rows *rows, int64_t *out) {
  if (column && input->real && !input->partial && !rows->list && column->type == MS_REAL) {
    return (const int64_t *)ms_column_data(column) + rows->first;
  }
  load(input, column, rows, out);
  return out;
}

void ms_aggregates_update(const ms_aggregates *plan, size_t at, const ms_rows *rows,
                          ms_workspace *w, uint64_t *table) {
  const ms_measure_input *input = &plan->inputs[at];
  ms_batch batch = {
      .count = rows->count, .places = w->places, .rows = w->rows, .real = input->real};
  batch.x = load_or_borrow(input, input->x, rows, w->x);
  batch.y = load_or_borrow(input, input->y, rows, w->y);
  if (input->partial) {
    size_t n = ms_rows_select(input, rows, w->chosen);
    for (size_t i = 0; i < n; i++) {
      uint32_t from = w->chosen[i];
      w->chosen_places[i] = w->places[from];
      w->chosen_rows[i] = w->rows[from];
      w->x[i] = w->x[from];
      w->y[i] = w->y[from];
    }
    batch.count = n;
    batch.places = w->chosen_places;
    batch.rows = w->chosen_rows;
  }
  const ms_packing *packing = w->packing;
  for (size_t m = 0; m < plan->measure_count; m++) {
    if (plan->measures[m].input != at) continue;
    if (packing && packing->packed[m])
      ms_packing_collect(packing, m, &batch, w->sums);
    else
      ms_measure_update(packing ? &packing->measures[m] : &plan->measures[m], table, &batch);
  }
}

/* ---- by slots ---- */

static ms_status run_bucket(ms_context *worker, void *state, size_t bucket) {
  run *r = state;
  ms_mark mark = ms_scratch_mark(worker);
  size_t words = r->plan->words;
  ms_range slots = ms_bucket_slots(&r->buckets, bucket);
  ms_range range = ms_bucket_rows(&r->buckets, bucket);
  const uint64_t *pairs = r->buckets.pairs + range.first;
  uint64_t *table = ms_scratch_zero(worker, (size_t)slots.count * words, sizeof *table);
  ms_workspace *w = table ? ms_scratch_zero(worker, 1, sizeof *w) : NULL;
  if (!w) return MS_EMEMORY;
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t left = range.count - done, n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    for (int64_t i = 0; i < n; i++) {
      w->rows[i] = (uint32_t)pairs[done + i];
      w->places[i] = (uint32_t)(pairs[done + i] >> 32) * (uint32_t)words;
    }
    ms_rows rows = {.list = w->rows, .count = (size_t)n};
    for (size_t i = 0; i < r->plan->input_count; i++) {
      ms_aggregates_update(r->plan, i, &rows, w, table);
    }
  }
  ms_status status = ms_aggregates_finish(worker, r->plan, table, NULL, slots);
  ms_scratch_release(worker, mark);
  return status;
}

static ms_status run_by_slots(ms_context *context, run *r, const ms_groups *groups) {
  size_t width = (size_t)1 << 16;
  while (width > 1024 && width * r->plan->words * sizeof(uint64_t) > (512u << 10)) width /= 2;
  ms_status status = ms_buckets_new(context, &r->plan->code, width, &r->buckets);
  if (status == MS_OK) status = ms_aggregates_room(r->plan, groups->count);
  if (status == MS_OK) status = ms_parallel(context, r->buckets.count, run_bucket, r);
  return status;
}

ms_status ms_aggregates_run_codes(ms_aggregates *plan, const ms_key_code *code, ms_groups *groups) {
  plan->code = *code;
  *groups = (ms_groups){0};
  return ms_aggregates_by_rows(plan, groups);
}

ms_status ms_aggregates_run(ms_aggregates *plan, const ms_groups *groups) {
  run r = {.plan = plan};
  plan->code = ms_key_of_ids(&plan->ids, groups->ids, groups->count, plan->rows);
  size_t size = plan->code.range * plan->words * sizeof(uint64_t);
  ms_groups copy = *groups;
  if (size == 0) return MS_OK;
  if (size <= TABLE_MOST || ms_aggregates_dense(&plan->code, plan->words))
    return ms_aggregates_by_rows(plan, &copy);
  return run_by_slots(plan->context, &r, groups);
}
