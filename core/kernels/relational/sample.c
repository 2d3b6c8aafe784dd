/* sample and split: rows drawn at random, the same for the same seed.
 *
 * n of m rows are drawn by selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S), which keeps their order; every
 * stratum has a stream of random numbers of its own. Parts are cut from a shuffle (Fisher and Yates) of each stratum. */
#include <math.h>

#include "core/base/random.h"
#include "core/kernels/relational/group.h"

/* ---- strata ---- */

/* Rows of each group together, each in its order. */
typedef struct {
  int64_t count;
  const uint32_t *starts; /* [count + 1] */
  uint32_t *rows;
} strata;

static ms_status strata_new(ms_context *context, const ms_frame *frame, const ms_names *by,
                            strata *out) {
  const ms_column **keys = ms_scratch(context, by->count + 1, sizeof *keys);
  if (!keys) return MS_EMEMORY;
  for (size_t k = 0; k < by->count; k++) {
    keys[k] = frame->columns[ms_frame_find(frame, by->items[k])];
  }
  ms_groups groups;
  ms_status status = ms_groups_new(context, keys, by->count, frame->rows, &groups);
  if (status != MS_OK) return status;
  uint32_t *starts = ms_scratch_zero(context, (size_t)groups.count + 2, sizeof *starts);
  uint32_t *rows = starts ? ms_scratch(context, (size_t)frame->rows, sizeof *rows) : NULL;
  if (!rows) return MS_EMEMORY;
  for (int64_t i = 0; i < frame->rows; i++) starts[groups.ids[i] + 2]++;
  for (int64_t g = 0; g < groups.count; g++) starts[g + 2] += starts[g + 1];
  for (int64_t i = 0; i < frame->rows; i++) {
    if (ms_cancelled_between(context, i, i + 1)) return MS_ECANCEL;
    rows[starts[groups.ids[i] + 1]++] = (uint32_t)i;
  }
  *out = (strata){groups.count, starts, rows};
  return MS_OK;
}

/* ---- sample ---- */

typedef struct {
  const ms_option_value *n;
  double fraction;
  int64_t seed;
  ms_names by;
} sample_options;

static const ms_option sample_table[] = {
    {.name = "n",
     .type = MS_OPTION_VALUE,
     .unit = "rows",
     .brief = "how many rows, of each stratum if there are several",
     .offset = offsetof(sample_options, n)},
    {.name = "fraction",
     .type = MS_OPTION_REAL,
     .fallback = "-1",
     .low = -1,
     .high = 1,
     .brief = "share of the rows instead of n, 0 … 1, rounded to whole rows",
     .offset = offsetof(sample_options, fraction)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .brief = "the same seed draws the same rows",
     .offset = offsetof(sample_options, seed)},
    {.name = "by",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns whose values are strata, each sampled on its own",
     .offset = offsetof(sample_options, by)},
    {0}};

static ms_status read_n(ms_context *context, const sample_options *o, int64_t *n) {
  *n = -1;
  if (o->n && o->fraction >= 0) {
    return ms_fail(context, MS_EARGUMENT, "sample: options 'n' and 'fraction' exclude each other");
  }
  if (!o->n && o->fraction < 0) {
    return ms_fail(context, MS_EARGUMENT, "sample: option 'n' or 'fraction' (0 … 1) is missing");
  }
  if (!o->n) return MS_OK;
  const ms_value *value = o->n->values;
  bool one = o->n->count == 1 && !value->null;
  if (one && value->type == MS_INTEGER) *n = value->integer;
  if (one && value->type == MS_REAL && value->real == floor(value->real) && value->real < 4e9) {
    *n = (int64_t)value->real;
  }
  if (*n >= 0) return MS_OK;
  return ms_fail(context, MS_EARGUMENT, "sample: option 'n' must be a number of rows, 0 or more");
}

static ms_frame *run_sample(ms_context *context, const ms_inputs *inputs, const void *given) {
  const sample_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  int64_t n;
  strata s;
  if (read_n(context, o, &n) != MS_OK) return NULL;
  if (strata_new(context, frame, &o->by, &s) != MS_OK) return NULL;
  uint8_t *chosen = ms_scratch_zero(context, (size_t)frame->rows, 1);
  if (!chosen) return NULL;
  int64_t count = 0;
  for (int64_t g = 0; g < s.count; g++) {
    ms_random random = ms_random_new((uint64_t)o->seed, (uint64_t)g);
    int64_t size = s.starts[g + 1] - s.starts[g];
    int64_t wanted = n >= 0 ? n : llround(o->fraction * (double)size);
    if (wanted > size) wanted = size;
    count += wanted;
    for (int64_t i = 0; i < size && wanted > 0; i++) {
      if (ms_cancelled_between(context, i, i + 1)) return NULL;
      if (ms_random_below(&random, (uint64_t)(size - i)) >= (uint64_t)wanted) continue;
      chosen[s.rows[s.starts[g] + i]] = 1;
      wanted--;
    }
  }
  uint32_t *rows = ms_scratch(context, (size_t)count + 1, sizeof *rows);
  if (!rows) return NULL;
  for (int64_t i = 0, at = 0; i < frame->rows; i++) {
    rows[at] = (uint32_t)i;
    at += chosen[i];
    if (at > count) break;
  }
  return ms_frame_gather(context, frame, rows, count);
}

const ms_kernel ms_kernel_sample = {
    .name = "sample",
    .group = "frame",
    .brief = "rows drawn at random, in their order; the same for the same seed",
    .cost = "O(n)",
    .least = 1,
    .most = 1,
    .options = sample_table,
    .size = sizeof(sample_options),
    .run = run_sample,
};

/* ---- split ---- */

typedef struct {
  double share;
  ms_reals fractions;
  int64_t seed;
  ms_names by;
} split_options;

static const ms_option split_table[] = {
    {.name = "share",
     .type = MS_OPTION_REAL,
     .fallback = "0.8",
     .low = 0,
     .high = 1,
     .brief = "part of the rows in the first frame; the others are in the second",
     .offset = offsetof(split_options, share)},
    {.name = "fractions",
     .type = MS_OPTION_REALS,
     .low = 0,
     .high = 1,
     .brief =
         "instead of share: sizes of several parts, in sum 1; gives one frame with a column 'part'",
     .offset = offsetof(split_options, fractions)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .brief = "the same seed splits the same way",
     .offset = offsetof(split_options, seed)},
    {.name = "by",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns whose values are strata, each split in these sizes",
     .offset = offsetof(split_options, by)},
    {0}};

/* The part of each row, from 1. The cuts of a stratum are its rounded cumulated fractions. */
static int64_t *parts_new(ms_context *context, const ms_frame *frame, const split_options *o,
                          const ms_reals *sizes) {
  strata s;
  if (strata_new(context, frame, &o->by, &s) != MS_OK) return NULL;
  int64_t *parts = ms_scratch(context, (size_t)frame->rows, sizeof *parts);
  for (int64_t g = 0; parts && g < s.count; g++) {
    ms_random random = ms_random_new((uint64_t)o->seed, (uint64_t)g);
    uint32_t *rows = s.rows + s.starts[g];
    int64_t size = s.starts[g + 1] - s.starts[g], i = 0;
    for (int64_t left = size; left > 1; left--) {
      if (ms_cancelled_between(context, left - 1, left)) return NULL;
      int64_t other = (int64_t)ms_random_below(&random, (uint64_t)left);
      uint32_t row = rows[left - 1];
      rows[left - 1] = rows[other];
      rows[other] = row;
    }
    double upto = 0;
    for (size_t p = 0; p < sizes->count; p++) {
      upto += sizes->items[p];
      int64_t stop = p + 1 == sizes->count ? size : llround(upto * (double)size);
      for (; i < stop && i < size; i++) {
        if (ms_cancelled_between(context, i, i + 1)) return NULL;
        parts[rows[i]] = (int64_t)p + 1;
      }
    }
  }
  return parts;
}

static ms_frame *part_of(ms_context *context, const ms_frame *frame, const int64_t *parts,
                         int64_t part) {
  uint32_t *rows = ms_scratch(context, (size_t)frame->rows + 1, sizeof *rows);
  if (!rows) return NULL;
  int64_t count = 0;
  for (int64_t i = 0; i < frame->rows; i++) {
    rows[count] = (uint32_t)i;
    count += parts[i] == part;
  }
  return ms_frame_gather(context, frame, rows, count);
}

static void release_frame(void *frame) { ms_frame_free(frame); }

static ms_frame *run_split(ms_context *context, const ms_inputs *inputs, const void *given) {
  const split_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  double two[] = {o->share, 1 - o->share}, sum = 0;
  ms_reals sizes = o->fractions.count ? o->fractions : (ms_reals){2, two};
  for (size_t p = 0; p < sizes.count; p++) sum += sizes.items[p];
  if (fabs(sum - 1) > 1e-9) {
    return ms_fail_null(context, MS_EARGUMENT, "split: the fractions sum up to %.6g, 1 wanted",
                        sum);
  }
  int64_t *parts = parts_new(context, frame, o, &sizes);
  if (!parts) return NULL;
  if (o->fractions.count) {
    ms_column *numbers = ms_column_from_int64(context, MS_INTEGER, frame->rows, parts, NULL);
    const ms_column *kept = ms_column_keep(context, numbers);
    return kept ? ms_frame_with(context, frame, "part", kept) : NULL;
  }
  ms_frame *rest = part_of(context, frame, parts, 2);
  if (!rest) return NULL;
  ms_context_attach(context, rest, release_frame);
  return part_of(context, frame, parts, 1);
}

const ms_kernel ms_kernel_split = {
    .name = "split",
    .group = "frame",
    .brief = "two frames: a share of the rows drawn at random, and the rest; or numbered parts",
    .cost = "O(n)",
    .least = 1,
    .most = 1,
    .options = split_table,
    .size = sizeof(split_options),
    .run = run_split,
};
