/* The kernel shuffle: some columns in a drawn order of the rows, the others as they are; what permutation importance takes
 * a column's meaning away with. Columns named together keep together. */
#include "core/base/random.h"
#include "core/frame/kernel.h"

typedef struct {
  ms_names columns;
  int64_t seed;
} shuffle_options;

static const ms_option options[] = {{.name = "columns",
                                     .type = MS_OPTION_COLUMNS,
                                     .required = true,
                                     .brief = "columns whose rows change places, all in one way",
                                     .offset = offsetof(shuffle_options, columns)},
                                    {.name = "seed",
                                     .type = MS_OPTION_INTEGER,
                                     .fallback = "1",
                                     .brief = "seed of the order",
                                     .offset = offsetof(shuffle_options, seed)},
                                    {0}};

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const shuffle_options *given = checked;
  const ms_frame *frame = inputs->frames[0];
  uint32_t *order = ms_scratch(context, (size_t)frame->rows + 1, sizeof *order);
  if (!order) return NULL;
  ms_random random = ms_random_new((uint64_t)given->seed, 0);
  for (int64_t i = 0; i < frame->rows; i++) { /* inside out, as Fisher and Yates */
    int64_t j = (int64_t)ms_random_below(&random, (uint64_t)i + 1);
    order[i] = order[j];
    order[j] = (uint32_t)i;
  }
  for (size_t c = 0; c < given->columns.count; c++) {
    const ms_column *column = ms_frame_get(context, frame, "shuffle", given->columns.items[c]);
    if (!column || ms_cancelled(context)) return NULL;
    column = ms_column_keep(context, ms_column_gather(context, column, order, frame->rows));
    if (!column) return NULL;
    frame = ms_frame_keep(context, ms_frame_with(context, frame, given->columns.items[c], column));
    if (!frame) return NULL;
  }
  return ms_frame_share(frame);
}

const ms_kernel ms_kernel_shuffle = {
    .name = "shuffle",
    .group = "stats",
    .brief = "some columns in a drawn order of the rows, the others as they are",
    .cost = "O(rows * columns) time, 4 bytes a row and the columns",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(shuffle_options),
    .run = run,
};
