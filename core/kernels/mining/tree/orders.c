/* Rows in the order of each number: sorted once, by the first 32 of the bits in which its values differ, 11 at a time from the
 * lowest, then in each run of equal ones by the other 32. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/tree/tree.h"

enum { DIGIT = 11, BUCKETS = 1 << DIGIT, SHORT = 48 };

typedef struct {
  const ms_training *training;
  const tree_orders *from; /* of take */
  const uint8_t *keep;
  tree_orders *out;
} sorting;

static uint64_t key_of(double x) {
  uint64_t bits;
  x += 0.0; /* -0 is 0 */
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static void insert_sort(uint64_t *a, size_t count) {
  for (size_t i = 1; i < count; i++) {
    uint64_t x = a[i];
    size_t j = i;
    for (; j > 0 && a[j - 1] > x; j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

/* Sorts pairs (key, entry) by key; `other` is as long. The sorted ones stand in `a`. */
static void sort_pairs(uint64_t *a, uint64_t *other, size_t count) {
  uint32_t counts[3][BUCKETS];
  if (count < SHORT) {
    insert_sort(a, count);
    return;
  }
  memset(counts, 0, sizeof counts);
  for (size_t i = 0; i < count; i++) {
    for (unsigned d = 0; d < 3; d++) counts[d][a[i] >> (32 + d * DIGIT) & (BUCKETS - 1)]++;
  }
  uint64_t *from = a, *to = other;
  for (unsigned d = 0; d < 3; d++) {
    unsigned shift = 32 + d * DIGIT;
    if (counts[d][from[0] >> shift & (BUCKETS - 1)] == count) continue;
    uint32_t sum = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
      uint32_t here = counts[d][b];
      counts[d][b] = sum;
      sum += here;
    }
    for (size_t i = 0; i < count; i++) to[counts[d][from[i] >> shift & (BUCKETS - 1)]++] = from[i];
    uint64_t *swap = from;
    from = to, to = swap;
  }
  if (from != a) memcpy(a, from, count * sizeof *a);
}

/* Runs whose first bits are the same are put in order by the others. */
static void sort_runs(uint64_t *a, uint64_t *other, size_t count, const double *values) {
  for (size_t first = 0, end; first < count; first = end) {
    for (end = first + 1; end < count && a[end] >> 32 == a[first] >> 32; end++) {}
    if (end == first + 1) continue;
    uint64_t prefix = a[first] >> 32 << 32;
    for (size_t i = first; i < end; i++) {
      uint32_t entry = (uint32_t)a[i];
      a[i] = (uint64_t)(uint32_t)key_of(values[entry & TREE_ROW]) << 32 | entry;
    }
    sort_pairs(a + first, other, end - first);
    for (size_t i = first; i < end; i++) a[i] = prefix | (uint32_t)a[i];
  }
}

static uint32_t event_bit(const sorting *s, uint32_t row) {
  return s->out->counted && s->training->target.codes[row] ? TREE_EVENT : 0;
}

typedef struct {
  size_t count;
  unsigned shift;
  uint64_t low;
} span;

/* Pairs of the rows that have a value; the others are put at the end of the order. */
static span make_pairs(const sorting *s, const double *x, uint32_t *order, uint64_t *pairs) {
  size_t rows = (size_t)s->training->inputs.rows;
  span out = {.low = UINT64_MAX};
  uint64_t high = 0;
  for (size_t i = 0; i < rows; i++) {
    if (isnan(x[i])) continue;
    uint64_t key = key_of(x[i]);
    if (key < out.low) out.low = key;
    if (key > high) high = key;
    out.count++;
  }
  size_t missing = out.count, n = 0;
  while (out.count && (high - out.low) >> out.shift > UINT32_MAX) out.shift++;
  for (size_t i = 0; i < rows; i++) {
    if (isnan(x[i]))
      order[missing++] = (uint32_t)i | event_bit(s, (uint32_t)i);
    else
      pairs[n++] = (key_of(x[i]) - out.low) >> out.shift << 32 | i | event_bit(s, (uint32_t)i);
  }
  return out;
}

static ms_status sort_input(ms_context *worker, void *state, size_t task) {
  const sorting *s = state;
  const double *x = s->training->inputs.items[task].values;
  size_t rows = (size_t)s->training->inputs.rows;
  uint32_t *order = s->out->numbers[task];
  if (!order) return MS_OK;
  ms_mark mark = ms_scratch_mark(worker);
  uint64_t *pairs = ms_scratch(worker, rows, sizeof *pairs);
  uint64_t *other = ms_scratch(worker, rows, sizeof *other);
  if (!pairs || !other) return MS_EMEMORY;
  span all = make_pairs(s, x, order, pairs);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  sort_pairs(pairs, other, all.count);
  if (all.shift) sort_runs(pairs, other, all.count, x);
  for (size_t i = 0; i < all.count; i++) {
    uint32_t entry = (uint32_t)pairs[i];
    bool same = i > 0 && pairs[i] >> 32 == pairs[i - 1] >> 32 &&
                (all.shift == 0 || x[entry & TREE_ROW] == x[pairs[i - 1] & TREE_ROW]);
    order[i] = entry | (same ? TREE_SAME : 0);
  }
  s->out->gaps[task] = all.count < rows;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

ms_status tree_orders_room(ms_context *context, const ms_training *training,
                           const tree_orders *like, tree_orders *out) {
  size_t rows = (size_t)training->inputs.rows, inputs = training->inputs.count;
  *out = (tree_orders){.rows = training->inputs.rows};
  out->counted =
      like ? like->counted
           : training->target.classes && training->target.levels.count == 2 && !training->weights;
  out->numbers = ms_scratch_zero(context, inputs, sizeof *out->numbers);
  out->gaps = ms_scratch_zero(context, inputs, sizeof *out->gaps);
  out->all = ms_scratch(context, rows, sizeof *out->all);
  if (!out->numbers || !out->gaps || !out->all) return MS_EMEMORY;
  for (size_t i = 0; i < inputs; i++) {
    if (like) out->gaps[i] = like->gaps[i];
    if (training->inputs.items[i].category) continue;
    out->numbers[i] = ms_scratch(context, rows, sizeof **out->numbers);
    if (!out->numbers[i]) return MS_EMEMORY;
  }
  return MS_OK;
}

ms_status tree_orders_make(ms_context *context, const ms_training *training, tree_orders *out) {
  if (training->inputs.rows > (int64_t)TREE_ROW)
    return ms_fail(context, MS_ELIMIT, "tree: more than %u rows", TREE_ROW);
  ms_status status = tree_orders_room(context, training, NULL, out);
  if (status != MS_OK) return status;
  sorting s = {.training = training, .out = out};
  for (uint32_t i = 0; i < (uint32_t)out->rows; i++) out->all[i] = i | event_bit(&s, i);
  return ms_parallel(context, training->inputs.count, sort_input, &s);
}

/* An entry is the same as the one before it among those kept if all between were the same too. */
static int64_t keep_entries(const uint32_t *from, int64_t rows, const uint8_t *keep, uint32_t *to) {
  int64_t count = 0;
  uint32_t same = 0;
  for (int64_t i = 0; i < rows; i++) {
    uint32_t entry = from[i];
    same &= entry;
    if (!keep[entry & TREE_ROW]) continue;
    to[count++] = (entry & ~TREE_SAME) | (same & TREE_SAME);
    same = TREE_SAME;
  }
  return count;
}

static ms_status take_input(ms_context *worker, void *state, size_t task) {
  const sorting *s = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  bool last = task == s->training->inputs.count;
  const uint32_t *from = last ? s->from->all : s->from->numbers[task];
  uint32_t *to = last ? s->out->all : s->out->numbers[task];
  if (!from) return MS_OK;
  if (!s->keep) {
    memcpy(to, from, (size_t)s->from->rows * sizeof *to);
    return MS_OK;
  }
  int64_t count = keep_entries(from, s->from->rows, s->keep, to);
  if (last) s->out->rows = count;
  return MS_OK;
}

ms_status tree_orders_take(ms_context *context, const ms_training *training,
                           const tree_orders *from, const uint8_t *keep, tree_orders *out) {
  sorting s = {.training = training, .from = from, .keep = keep, .out = out};
  out->rows = from->rows;
  return ms_parallel(context, training->inputs.count + 1, take_input, &s);
}
