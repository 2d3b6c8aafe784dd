/* and, or, not, is null: Kleene's logic over bytes. The right side of `and` and `or` is computed for the rows
 * that need it only, where few do or where it may end in an error. */
#include <string.h>

#include "core/expr/evaluate.h"

static ms_status run_not(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  uint8_t *flags = ms_run_array(run, 1);
  if (status || !flags) return status ? status : MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) flags[i] = in.flags[i] ^ 1;
  *out = (ms_lane){.valid = in.valid, .flags = flags};
  return MS_OK;
}

static ms_status run_is_null(const ms_run *run, const ms_step *step, ms_lane *out) {
  ms_lane in;
  ms_status status = ms_step_run(run, step->args[0], &in);
  uint8_t *flags = ms_run_array(run, 1);
  if (status || !flags) return status ? status : MS_EMEMORY;
  if (in.valid) {
    for (int64_t i = 0; i < run->count; i++) flags[i] = in.valid[i] ^ 1;
  } else {
    memset(flags, 0, (size_t)run->count);
  }
  *out = (ms_lane){.flags = flags};
  return MS_OK;
}

/* Joins two lanes; `stop` is the value that decides alone: false for and, true for or. */
static ms_status join(const ms_run *run, const ms_lane *a, const ms_lane *b, uint8_t stop,
                      ms_lane *out) {
  uint8_t *flags = ms_run_array(run, 1);
  if (!flags) return MS_EMEMORY;
  *out = (ms_lane){.flags = flags};
  if (!a->valid && !b->valid) {
    if (stop) {
      for (int64_t i = 0; i < run->count; i++) flags[i] = a->flags[i] | b->flags[i];
    } else {
      for (int64_t i = 0; i < run->count; i++) flags[i] = a->flags[i] & b->flags[i];
    }
    return MS_OK;
  }
  uint8_t *valid = ms_run_array(run, 1);
  if (!valid) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) {
    uint8_t va = a->valid ? a->valid[i] : 1, vb = b->valid ? b->valid[i] : 1;
    uint8_t fa = a->flags[i] & 1, fb = b->flags[i] & 1;
    uint8_t decided = (uint8_t)((va & (fa ^ stop ^ 1)) | (vb & (fb ^ stop ^ 1)));
    valid[i] = (uint8_t)((va & vb) | decided);
    flags[i] = decided ? stop : stop ^ 1;
  }
  out->valid = valid;
  return MS_OK;
}

/* 1 where the left side does not decide: a byte for each row, and as many zeros behind as a word has. */
static const uint8_t *undecided(const ms_run *run, const ms_lane *a, uint8_t stop) {
  int64_t n = run->count;
  uint8_t *open = ms_scratch(run->context, (size_t)n + 8, 1);
  if (!open) return NULL;
  if (a->valid) {
    for (int64_t i = 0; i < n; i++)
      open[i] = (uint8_t)((a->valid[i] & ((a->flags[i] & 1) ^ stop ^ 1)) ^ 1);
  } else {
    for (int64_t i = 0; i < n; i++) open[i] = (a->flags[i] & 1) ^ stop;
  }
  memset(open + n, 0, 8);
  return open;
}

/* Ones among bytes of 0 and 1; sums of bytes are quick. */
static int64_t count_ones(const uint8_t *bytes, int64_t count) {
  int64_t total = 0;
  for (int64_t i = 0; i < count; i += 128) {
    int64_t stop = count - i < 128 ? count - i : 128;
    uint8_t sum = 0;
    for (int64_t j = 0; j < stop; j++) sum = (uint8_t)(sum + bytes[i + j]);
    total += sum;
  }
  return total;
}

/* Their positions; eight zeros are passed at once. */
static void list_ones(const uint8_t *bytes, int64_t count, uint32_t *positions) {
  for (int64_t i = 0; i < count; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, sizeof word);
    for (; word; word &= word - 1) *positions++ = (uint32_t)(i + __builtin_ctzll(word) / 8);
  }
}

/* The right side at the positions, put back among all. */
static ms_status run_some(const ms_run *run, const ms_step *right, const uint8_t *open,
                          int64_t count, ms_lane *b) {
  uint32_t *positions = ms_run_array(run, sizeof *positions);
  uint8_t *flags = ms_run_array(run, 1);
  if (!positions || !flags) return MS_EMEMORY;
  list_ones(open, run->count, positions);
  ms_run some;
  ms_lane part;
  ms_status status = ms_run_select(run, positions, count, &some);
  if (!status) status = ms_step_run(&some, right, &part);
  if (status) return status;
  memset(flags, 0, (size_t)run->count); /* the others are decided by the left side */
  for (int64_t i = 0; i < count; i++) flags[positions[i]] = part.flags[i];
  *b = (ms_lane){.flags = flags};
  if (!part.valid) return MS_OK;
  uint8_t *valid = ms_run_array(run, 1);
  if (!valid) return MS_EMEMORY;
  memset(valid, 1, (size_t)run->count);
  for (int64_t i = 0; i < count; i++) valid[positions[i]] = part.valid[i];
  b->valid = valid;
  return MS_OK;
}

static ms_status run_join(const ms_run *run, const ms_step *step, ms_lane *out) {
  uint8_t stop = step->node->op == MS_OP_OR;
  const ms_step *right = step->args[1];
  ms_lane a, b;
  ms_status status = ms_step_run(run, step->args[0], &a);
  if (status) return status;
  const uint8_t *open = undecided(run, &a, stop);
  if (!open) return MS_EMEMORY;
  int64_t left = count_ones(open, run->count);
  if (left == 0) {
    *out = a;
    return MS_OK;
  }
  bool some = left < run->count && (right->node->fails || left < run->count / 4);
  status = some ? run_some(run, right, open, left, &b) : ms_step_run(run, right, &b);
  return status ? status : join(run, &a, &b, stop, out);
}

const ms_step *ms_plan_logic(ms_plan *plan, const ms_node *node, ms_step *step) {
  (void)plan;
  step->run = node->op == MS_OP_NOT ? run_not : node->op == MS_OP_IS_NULL ? run_is_null : run_join;
  return step;
}
