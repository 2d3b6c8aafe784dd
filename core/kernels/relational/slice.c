/* slice, head and tail: rows by their position. */
#include "core/frame/kernel.h"

typedef struct {
  int64_t first, n;
} slice_options;

static const ms_option slice_table[] = {
    {.name = "first",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .brief = "number of the first row, from 1; negative counts from the end",
     .offset = offsetof(slice_options, first)},
    {.name = "n",
     .type = MS_OPTION_INTEGER,
     .fallback = "4294967294",
     .low = 0,
     .high = 4294967294,
     .unit = "rows",
     .brief = "how many rows; all that follow unless given",
     .offset = offsetof(slice_options, n)},
    {0}};

static ms_frame *cut(ms_context *context, const ms_frame *frame, int64_t first, int64_t count) {
  if (first > frame->rows) first = frame->rows;
  if (count > frame->rows - first) count = frame->rows - first;
  if (count == frame->rows) return ms_frame_share(frame);
  return ms_frame_slice(context, frame, first, count);
}

static ms_frame *run_slice(ms_context *context, const ms_inputs *inputs, const void *given) {
  const slice_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  if (o->first == 0) {
    return ms_fail_null(context, MS_EARGUMENT,
                        "slice: option 'first' is 0; rows count from 1, or from -1 at the end");
  }
  if (o->first > 0) return cut(context, frame, o->first - 1, o->n);
  int64_t first = frame->rows + o->first, count = o->n;
  if (first < 0) {
    count = count + first > 0 ? count + first : 0;
    first = 0;
  }
  return cut(context, frame, first, count);
}

const ms_kernel ms_kernel_slice = {
    .name = "slice",
    .group = "frame",
    .brief = "rows by their position",
    .cost = "O(result)",
    .least = 1,
    .most = 1,
    .options = slice_table,
    .size = sizeof(slice_options),
    .run = run_slice,
};

typedef struct {
  int64_t n;
} end_options;

static const ms_option end_table[] = {{.name = "n",
                                       .type = MS_OPTION_INTEGER,
                                       .fallback = "10",
                                       .low = 0,
                                       .high = 4294967294,
                                       .unit = "rows",
                                       .brief = "how many rows",
                                       .offset = offsetof(end_options, n)},
                                      {0}};

static ms_frame *run_head(ms_context *context, const ms_inputs *inputs, const void *given) {
  const end_options *o = given;
  return cut(context, inputs->frames[0], 0, o->n);
}

const ms_kernel ms_kernel_head = {
    .name = "head",
    .group = "frame",
    .brief = "the first n rows",
    .cost = "O(n)",
    .least = 1,
    .most = 1,
    .options = end_table,
    .size = sizeof(end_options),
    .run = run_head,
};

static ms_frame *run_tail(ms_context *context, const ms_inputs *inputs, const void *given) {
  const end_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  return cut(context, frame, o->n < frame->rows ? frame->rows - o->n : 0, o->n);
}

const ms_kernel ms_kernel_tail = {
    .name = "tail",
    .group = "frame",
    .brief = "the last n rows",
    .cost = "O(n)",
    .least = 1,
    .most = 1,
    .options = end_table,
    .size = sizeof(end_options),
    .run = run_tail,
};
