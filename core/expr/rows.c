/* Rows where a condition is true: bits per morsel first, then their numbers. */
#include <string.h>

#include "core/expr/run.h"

typedef struct {
  const ms_evaluation *evaluation;
  int64_t rows;
  uint64_t *bits;
  int64_t *counts; /* of each morsel; then where its numbers begin */
  uint32_t *out;
} finding;

static ms_status find(ms_context *worker, void *state, size_t task) {
  finding *f = state;
  ms_range morsel = ms_morsel(f->rows, task);
  ms_source source = f->evaluation->source;
  source.context = worker;
  ms_run run = {.context = worker, .zone = f->evaluation->zone, .source = &source};
  ms_mark whole = ms_scratch_mark(worker);
  uint8_t *flags = ms_scratch(worker, (size_t)morsel.count + 8, 1);
  if (!flags) return MS_EMEMORY;
  int64_t block = ms_context_block_rows(worker);
  for (int64_t at = 0; at < morsel.count; at += block) {
    ms_mark mark = ms_scratch_mark(worker);
    ms_lane lane;
    if (ms_cancelled(worker)) return MS_ECANCEL;
    run.first = morsel.first + at;
    run.count = morsel.count - at < block ? morsel.count - at : block;
    ms_status status = ms_run_block(&run, f->evaluation->root, &lane);
    if (status) return status;
    if (lane.valid) {
      for (int64_t i = 0; i < run.count; i++) flags[at + i] = lane.valid[i] & lane.flags[i] & 1;
    } else {
      for (int64_t i = 0; i < run.count; i++) flags[at + i] = lane.flags[i] & 1;
    }
    ms_scratch_release(worker, mark);
  }
  f->counts[task] = ms_bitmap_pack(flags, morsel.first, morsel.count, f->bits);
  ms_scratch_release(worker, whole);
  return MS_OK;
}

static ms_status list(ms_context *worker, void *state, size_t task) {
  (void)worker;
  finding *f = state;
  ms_range morsel = ms_morsel(f->rows, task);
  uint32_t *out = f->out + f->counts[task];
  for (int64_t word = morsel.first / 64; word < (morsel.first + morsel.count + 63) / 64; word++) {
    uint64_t left = f->bits[word];
    for (; left; left &= left - 1) *out++ = (uint32_t)(word * 64 + __builtin_ctzll(left));
  }
  return MS_OK;
}

uint32_t *ms_expression_rows(ms_context *context, const ms_expression *expression,
                             const ms_frame *frame, int64_t *count) {
  const ms_node *root = expression->root;
  if (root->type != MS_BOOLEAN && !root->untyped) {
    (void)ms_source_fail(&expression->source, MS_ETYPE, root->span,
                         "a condition is needed, which is true or false; this is %s",
                         ms_type_name(root->type));
    if (root->type == MS_INTEGER || root->type == MS_REAL)
      ms_fail_hint(context, "compare it: … ~= 0");
    return NULL;
  }
  *count = 0;
  if (root->untyped || frame->rows == 0) return ms_scratch(context, 1, sizeof(uint32_t));
  finding f = {.evaluation = ms_evaluation_new(context, expression, frame), .rows = frame->rows};
  size_t tasks = ms_morsels(frame->rows);
  if (!f.evaluation) return NULL;
  f.bits = ms_scratch_zero(context, ms_bitmap_words(frame->rows) + 1, sizeof *f.bits);
  f.counts = ms_scratch(context, tasks + 1, sizeof *f.counts);
  if (!f.bits || !f.counts || ms_parallel(context, tasks, find, &f)) return NULL;
  int64_t total = 0;
  for (size_t task = 0; task < tasks; task++) {
    int64_t found = f.counts[task];
    f.counts[task] = total;
    total += found;
  }
  f.out = ms_scratch(context, (size_t)total + 1, sizeof *f.out);
  if (!f.out || ms_parallel(context, tasks, list, &f)) return NULL;
  *count = total;
  return f.out;
}
