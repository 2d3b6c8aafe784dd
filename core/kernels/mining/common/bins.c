/* Cuts by quantiles or at every value, and the bins of all rows, a task a column. */
#include "core/kernels/mining/common/bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"

enum { SAMPLE = 200000 };

/* ---- sorting ---- */

/* Doubles as whole numbers of the same order. */
static uint64_t key_of(double value) {
  uint64_t bits;
  value += 0.0; /* -0 is 0 */
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key) {
  uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Radix sort, a byte at a time; bytes in which all keys agree cost one pass over them. */
static uint64_t *sort_keys(uint64_t *keys, uint64_t *other, size_t count) {
  for (int shift = 0; shift < 64; shift += 8) {
    size_t starts[257] = {0};
    for (size_t i = 0; i < count; i++) starts[(keys[i] >> shift & 255) + 1]++;
    if (count && starts[(keys[0] >> shift & 255) + 1] == count) continue;
    for (int b = 0; b < 256; b++) starts[b + 1] += starts[b];
    for (size_t i = 0; i < count; i++) other[starts[keys[i] >> shift & 255]++] = keys[i];
    uint64_t *swap = keys;
    keys = other;
    other = swap;
  }
  return keys;
}

/* ---- cuts ---- */

/* A number that is not below `low` and is below `high`; the middle if it can be told from them. */
static double between(double low, double high) {
  double middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}

/* Values that differ, in order, and how many there are of each. */
static size_t distinct(const uint64_t *keys, size_t count, double *values, uint32_t *times) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    if (i == 0 || keys[i] != keys[i - 1]) values[n] = value_of(keys[i]), times[n++] = 0;
    times[n - 1]++;
  }
  return n;
}

/* At most `most` bins of about the same number of rows; a frequent value has one of its own. */
static size_t quantile_cuts(const double *values, const uint32_t *times, size_t n, size_t most,
                            double *cuts) {
  uint64_t left = 0, in_bin = 0;
  for (size_t i = 0; i < n; i++) left += times[i];
  size_t made = 0;
  for (size_t i = 0; i + 1 < n && made + 1 < most; i++) {
    in_bin += times[i];
    uint64_t share = (left + (most - made) - 1) / (most - made);
    bool full = in_bin >= share;
    bool next_is_frequent = times[i + 1] >= share && in_bin * 2 >= share;
    if (!full && !next_is_frequent) continue;
    cuts[made++] = between(values[i], values[i + 1]);
    left -= in_bin;
    in_bin = 0;
  }
  return made;
}

typedef struct {
  const char *kernel;
  const ms_input_list *inputs;
  ms_bins_request request;
  ms_bin_column *columns;
  size_t size; /* of a bin */
  uint8_t *by_column, *by_row;
  size_t count;
} binning;

static size_t sample_keys(const binning *b, const double *values, uint64_t *keys) {
  int64_t rows = b->inputs->rows, wanted = b->request.exact || rows < SAMPLE ? rows : SAMPLE;
  size_t count = 0;
  ms_random random = ms_random_new(20200229, 0);
  for (int64_t k = 0; k < wanted; k++) {
    int64_t i = k;
    if (wanted < rows) {
      int64_t first = (int64_t)((double)k * (double)rows / (double)wanted);
      int64_t next = (int64_t)((double)(k + 1) * (double)rows / (double)wanted);
      i = first + (int64_t)ms_random_below(&random, (uint64_t)(next - first));
    }
    if (!isnan(values[i])) keys[count++] = key_of(values[i]);
  }
  return count;
}

static ms_status cut_number(ms_context *worker, const binning *b, const ms_input *input,
                            ms_bin_column *out) {
  int64_t rows = b->inputs->rows;
  size_t room = (size_t)(b->request.exact || rows < SAMPLE ? rows : SAMPLE) + 1;
  size_t most = b->request.exact ? MS_BINS_MOST_EXACT : b->request.most;
  double *cuts = ms_scratch(worker, room < most ? room : most, sizeof *cuts);
  ms_mark mark = ms_scratch_mark(worker);
  uint64_t *keys = ms_scratch(worker, room, sizeof *keys);
  uint64_t *other = ms_scratch(worker, room, sizeof *other);
  double *values = ms_scratch(worker, room, sizeof *values);
  uint32_t *times = ms_scratch(worker, room, sizeof *times);
  if (!cuts || !keys || !other || !values || !times) return MS_EMEMORY;
  size_t count = sample_keys(b, input->values, keys);
  size_t n = distinct(sort_keys(keys, other, count), count, values, times);
  if (n > most && b->request.exact) {
    (void)ms_fail(worker, MS_ELIMIT, "%s: column '%s' has %zu values; at most %zu with exact",
                  b->kernel, input->name, n, most);
    ms_fail_hint(worker, "without exact = true the column is cut at quantiles");
    return MS_ELIMIT;
  }
  size_t made = n <= most ? 0 : quantile_cuts(values, times, n, most, cuts);
  for (size_t i = 0; n <= most && i + 1 < n; i++) cuts[made++] = between(values[i], values[i + 1]);
  out->cuts = cuts;
  out->bins = (uint32_t)made + 1;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

typedef struct {
  uint64_t count;
  uint32_t code;
} level_use;

static int by_use(const void *a, const void *b) {
  const level_use *x = a, *y = b;
  if (x->count != y->count) return x->count > y->count ? -1 : 1;
  return x->code < y->code ? -1 : x->code > y->code;
}

/* A bin a level; where there are too many the most frequent have one each, and the others one together. */
static ms_status cut_category(ms_context *worker, const binning *b, const ms_input *input,
                              ms_bin_column *out) {
  size_t levels = input->levels.count, most = b->request.exact ? MS_LEVELS_MOST : b->request.most;
  uint16_t *of_code = ms_scratch(worker, levels + 1, sizeof *of_code);
  level_use *uses = ms_scratch(worker, levels + 1, sizeof *uses);
  if (!of_code || !uses) return MS_EMEMORY;
  out->levels = levels;
  out->of_code = of_code;
  out->bins = (uint32_t)(levels < 1 ? 1 : levels < most ? levels : most);
  if (levels <= most) {
    for (size_t k = 0; k < levels; k++) of_code[k] = (uint16_t)k;
    return MS_OK;
  }
  for (size_t k = 0; k < levels; k++) uses[k] = (level_use){0, (uint32_t)k};
  for (int64_t i = 0; i < b->inputs->rows; i++) {
    if (input->codes[i] != MS_MISSING) uses[input->codes[i]].count++;
  }
  qsort(uses, levels, sizeof *uses, by_use);
  for (size_t k = 0; k < levels; k++)
    of_code[uses[k].code] = (uint16_t)(k < most - 1 ? k : most - 1);
  return MS_OK;
}

/* ---- rows ---- */

/* Index of the first cut that is not below the value: a binary search without branches. */
static inline uint32_t bin_of(const double *cuts, uint32_t count, double value) {
  uint32_t at = 0, left = count;
  while (left > 1) {
    uint32_t half = left / 2;
    at = cuts[at + half - 1] < value ? at + half : at;
    left -= half;
  }
  return at + (left == 1 && cuts[at] < value);
}

static bool fill_column(const binning *b, size_t at, int64_t first, int64_t count) {
  const ms_bin_column *column = &b->columns[at];
  const ms_input *input = &b->inputs->items[at];
  size_t rows = (size_t)b->inputs->rows;
  bool wide = b->size == 2, holes = false;
  uint8_t *narrow_to = b->by_column + at * rows * b->size;
  uint16_t *wide_to = (uint16_t *)(void *)narrow_to;
  for (int64_t i = first; i < first + count; i++) {
    bool missing = column->category ? input->codes[i] == MS_MISSING : isnan(input->values[i]);
    uint32_t bin = missing            ? column->bins
                   : column->category ? column->of_code[input->codes[i]]
                                      : bin_of(column->cuts, column->bins - 1, input->values[i]);
    holes |= missing;
    if (wide)
      wide_to[i] = (uint16_t)bin;
    else
      narrow_to[i] = (uint8_t)bin;
  }
  return holes;
}

static ms_status cut_task(ms_context *worker, void *state, size_t at) {
  binning *b = state;
  const ms_input *input = &b->inputs->items[at];
  b->columns[at].category = input->category;
  return input->category ? cut_category(worker, b, input, &b->columns[at])
                         : cut_number(worker, b, input, &b->columns[at]);
}

static ms_status fill_task(ms_context *worker, void *state, size_t at) {
  binning *b = state;
  bool holes = false;
  for (size_t m = 0; m < ms_morsels(b->inputs->rows); m++) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    ms_range range = ms_morsel(b->inputs->rows, m);
    holes |= fill_column(b, at, range.first, range.count);
  }
  b->columns[at].holes = holes;
  return MS_OK;
}

/* Columns to rows, a block of rows at a time so that what is written stays near. */
static ms_status turn_task(ms_context *worker, void *state, size_t task) {
  const binning *b = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(b->inputs->rows, task);
  size_t rows = (size_t)b->inputs->rows, count = b->count;
  for (size_t i = (size_t)range.first; i < (size_t)(range.first + range.count); i += 256) {
    size_t end = i + 256 < (size_t)(range.first + range.count)
                     ? i + 256
                     : (size_t)(range.first + range.count);
    for (size_t c = 0; c < count; c++) {
      if (b->size == 2) {
        const uint16_t *from = (const uint16_t *)(const void *)b->by_column + c * rows;
        uint16_t *to = (uint16_t *)(void *)b->by_row + c;
        for (size_t r = i; r < end; r++) to[r * count] = from[r];
      } else {
        const uint8_t *from = b->by_column + c * rows;
        for (size_t r = i; r < end; r++) b->by_row[r * count + c] = from[r];
      }
    }
  }
  return MS_OK;
}

ms_status ms_bins_make(ms_context *context, const char *kernel, const ms_input_list *inputs,
                       ms_bins_request request, ms_bins *out) {
  size_t count = inputs->count, rows = (size_t)inputs->rows, size = request.exact ? 2 : 1;
  binning b = {
      .kernel = kernel, .inputs = inputs, .request = request, .size = size, .count = count};
  b.columns = ms_scratch_zero(context, count, sizeof *b.columns);
  uint32_t *first = ms_scratch_zero(context, count + 1, sizeof *first);
  b.by_column = ms_scratch(context, rows * count + 64, size);
  b.by_row = request.by_row ? ms_scratch(context, rows * count + 64, size) : NULL;
  if (!b.columns || !first || !b.by_column || (request.by_row && !b.by_row)) return MS_EMEMORY;
  ms_status status = ms_parallel(context, count, cut_task, &b);
  if (status == MS_OK) status = ms_parallel(context, count, fill_task, &b);
  if (status == MS_OK && request.by_row)
    status = ms_parallel(context, ms_morsels(inputs->rows), turn_task, &b);
  if (status != MS_OK) return status;
  for (size_t c = 0; c < count; c++) first[c + 1] = first[c] + b.columns[c].bins + 1;
  *out = (ms_bins){.rows = inputs->rows,
                   .count = count,
                   .wide = size == 2,
                   .columns = b.columns,
                   .first = first,
                   .by_row = b.by_row,
                   .by_column = b.by_column};
  return MS_OK;
}
