/* sort and top: the rows in the order of keys, all of them or the first n. */
#include "core/kernels/relational/order_by.h"

typedef struct {
  ms_names by;
  int nulls;
} sort_options;

#define BY "columns or expressions; \"-amount\" or \"amount desc\" turns the order round"

static const ms_option sort_table[] = {{.name = "by",
                                        .type = MS_OPTION_TEXTS,
                                        .required = true,
                                        .brief = BY,
                                        .offset = offsetof(sort_options, by)},
                                       {.name = "nulls",
                                        .type = MS_OPTION_CHOICE,
                                        .fallback = "last",
                                        .unit = "last first",
                                        .brief = "where nulls go, unless a key says so itself",
                                        .offset = offsetof(sort_options, nulls)},
                                       {0}};

/* The frame with its rows in order; `limit` 0: all rows. */
static ms_frame *sorted(ms_context *context, const ms_inputs *inputs, const ms_order_scope *scope,
                        const ms_names *by, int64_t limit) {
  const ms_frame *frame = inputs->frames[0];
  if (by->count == 0) {
    return ms_fail_null(context, MS_EARGUMENT, "%s: option 'by' names no key", scope->verb);
  }
  ms_sort_key *keys = ms_order_by(context, scope, by);
  if (!keys) return NULL;
  uint32_t *rows = ms_sort_rows(context, keys, by->count, frame->rows, limit);
  if (!rows) return NULL;
  int64_t count = limit && limit < frame->rows ? limit : frame->rows;
  bool moved = count < frame->rows;
  for (int64_t i = 0; i < count && !moved; i++) moved = rows[i] != (uint32_t)i;
  return moved ? ms_frame_gather(context, frame, rows, count) : ms_frame_share(frame);
}

static ms_frame *run_sort(ms_context *context, const ms_inputs *inputs, const void *given) {
  const sort_options *o = given;
  ms_order_scope scope = {"sort", inputs->frames[0], inputs->given, o->nulls == 1};
  return sorted(context, inputs, &scope, &o->by, 0);
}

const ms_kernel ms_kernel_sort = {
    .name = "sort",
    .group = "frame",
    .brief = "puts the rows in the order of keys; equal rows stay in the order they have",
    .cost = "O(n) time and memory a key",
    .least = 1,
    .most = 1,
    .options = sort_table,
    .size = sizeof(sort_options),
    .run = run_sort,
};

typedef struct {
  int64_t n;
  ms_names by;
  int nulls;
} top_options;

static const ms_option top_table[] = {{.name = "n",
                                       .type = MS_OPTION_INTEGER,
                                       .fallback = "10",
                                       .low = 0,
                                       .high = 4294967294,
                                       .unit = "rows",
                                       .brief = "how many rows",
                                       .offset = offsetof(top_options, n)},
                                      {.name = "by",
                                       .type = MS_OPTION_TEXTS,
                                       .required = true,
                                       .brief = BY,
                                       .offset = offsetof(top_options, by)},
                                      {.name = "nulls",
                                       .type = MS_OPTION_CHOICE,
                                       .fallback = "last",
                                       .unit = "last first",
                                       .brief = "where nulls go, unless a key says so itself",
                                       .offset = offsetof(top_options, nulls)},
                                      {0}};

static ms_frame *run_top(ms_context *context, const ms_inputs *inputs, const void *given) {
  const top_options *o = given;
  ms_order_scope scope = {"top", inputs->frames[0], inputs->given, o->nulls == 1};
  if (o->n == 0) {
    if (!ms_order_by(context, &scope, &o->by)) return NULL;
    return ms_frame_slice(context, inputs->frames[0], 0, 0);
  }
  return sorted(context, inputs, &scope, &o->by, o->n);
}

const ms_kernel ms_kernel_top = {
    .name = "top",
    .group = "frame",
    .brief = "the first n rows in the order of keys: as sort and head, without sorting the rest",
    .cost = "O(n) time and memory",
    .least = 1,
    .most = 1,
    .options = top_table,
    .size = sizeof(top_options),
    .run = run_top,
};
