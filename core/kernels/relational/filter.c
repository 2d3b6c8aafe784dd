/* filter: the rows for which a condition is true; null is not true. */
#include "core/kernels/relational/compute.h"

typedef struct {
  const char *where;
} filter_options;

static const ms_option table[] = {{.name = "where",
                                   .type = MS_OPTION_EXPRESSION,
                                   .required = true,
                                   .brief = "condition that a row must meet",
                                   .offset = offsetof(filter_options, where)},
                                  {0}};

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  const filter_options *o = given;
  const ms_frame *frame = inputs->frames[0];
  int64_t count;
  uint32_t *rows = ms_compute_rows(context, "filter", o->where, frame, inputs->given, &count);
  if (!rows) return NULL;
  if (count == frame->rows) return ms_frame_share(frame);
  return ms_frame_gather(context, frame, rows, count);
}

const ms_kernel ms_kernel_filter = {
    .name = "filter",
    .group = "frame",
    .brief = "keeps the rows for which a condition is true, in their order",
    .cost = "O(n) time, O(result) memory",
    .least = 1,
    .most = 1,
    .options = table,
    .size = sizeof(filter_options),
    .run = run,
};
