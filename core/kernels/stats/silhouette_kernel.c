/* The kernel silhouette: the widths of each cluster of a frame. */
#include "core/kernels/stats/silhouette.h"

#include <inttypes.h>
#include <math.h>

#include "core/frame/kernel.h"
#include "core/kernels/relational/group.h"

typedef struct {
  const char *cluster;
  ms_names columns;
  int64_t sample, seed;
} silhouette_options;

static const ms_option options[] = {{.name = "cluster",
                                     .type = MS_OPTION_COLUMN,
                                     .fallback = "cluster",
                                     .brief = "the column with each row's cluster",
                                     .offset = offsetof(silhouette_options, cluster)},
                                    {.name = "columns",
                                     .type = MS_OPTION_COLUMNS,
                                     .required = true,
                                     .brief = "the numbers that distances are taken of",
                                     .offset = offsetof(silhouette_options, columns)},
                                    {.name = "sample",
                                     .type = MS_OPTION_INTEGER,
                                     .fallback = "10000",
                                     .low = 2,
                                     .high = 1e6,
                                     .unit = "rows",
                                     .brief = "of more rows, so many are drawn at random",
                                     .offset = offsetof(silhouette_options, sample)},
                                    {.name = "seed",
                                     .type = MS_OPTION_INTEGER,
                                     .fallback = "1",
                                     .low = 0,
                                     .high = 9007199254740992.0,
                                     .brief = "of the draw",
                                     .offset = offsetof(silhouette_options, seed)},
                                    {0}};

/* The clusters in the order of their first rows; those in which a row has a missing value are no cluster of it. */
static ms_status read(ms_context *context, const ms_frame *frame, const silhouette_options *given,
                      ms_groups *groups, ms_silhouette_request *out) {
  const ms_column *cluster = ms_frame_get(context, frame, "silhouette", given->cluster);
  const double **values = ms_scratch(context, given->columns.count + 1, sizeof *values);
  uint32_t *labels = ms_scratch(context, (size_t)frame->rows + 1, sizeof *labels);
  if (!cluster || !values || !labels) return ms_error_status(context);
  ms_status status = ms_groups_new(context, &cluster, 1, frame->rows, groups);
  if (status != MS_OK) return status;
  for (int64_t i = 0; i < frame->rows; i++)
    labels[i] = ms_column_valid(cluster, i) ? groups->ids[i] : MS_MISSING;
  for (size_t j = 0; j < given->columns.count; j++) {
    const ms_column *column = ms_frame_get(context, frame, "silhouette", given->columns.items[j]);
    if (!column) return ms_error_status(context);
    if (column->type != MS_INTEGER && column->type != MS_REAL && column->type != MS_BOOLEAN) {
      return ms_fail(context, MS_ETYPE, "silhouette: column '%s' is %s; a number is wanted",
                     given->columns.items[j], ms_type_name(column->type));
    }
    values[j] = ms_view_real(context, column);
    if (!values[j]) return ms_error_status(context);
    for (int64_t i = 0; i < frame->rows; i++) {
      if (isinf(values[j][i])) {
        return ms_fail(context, MS_EDATA, "silhouette: column '%s' is infinite in row %" PRId64,
                       given->columns.items[j], i + 1);
      }
      if (isnan(values[j][i])) labels[i] = MS_MISSING;
    }
  }
  *out = (ms_silhouette_request){.rows = frame->rows,
                                 .columns = given->columns.count,
                                 .clusters = (size_t)groups->count,
                                 .values = values,
                                 .labels = labels,
                                 .sample = given->sample,
                                 .seed = (uint64_t)given->seed};
  return MS_OK;
}

/* The rows of the clusters, and a last one for all. */
static ms_frame *lay_out(ms_context *context, const ms_column *cluster, const ms_groups *groups,
                         const ms_silhouette_result *found) {
  ms_builder *out = ms_builder_new(context);
  size_t k = (size_t)groups->count;
  uint32_t *rows = ms_scratch(context, k + 1, sizeof *rows);
  if (!out || !rows) {
    ms_builder_free(out);
    return NULL;
  }
  (void)ms_builder_column(out, "rows", MS_INTEGER);
  (void)ms_builder_column(out, "silhouette", MS_REAL);
  (void)ms_builder_column(out, "negative", MS_INTEGER);
  int64_t count = 0, negative = 0;
  for (size_t c = 0; c < k; c++) {
    if (found->counts[c] == 0) continue;
    rows[count++] = groups->first[c];
    ms_builder_integer(out, 0, found->counts[c]);
    ms_builder_real(out, 1, found->means[c]);
    ms_builder_integer(out, 2, found->negative[c]);
    negative += found->negative[c];
  }
  rows[count++] = MS_MISSING;
  ms_builder_integer(out, 0, (int64_t)found->used);
  ms_builder_real(out, 1, found->mean);
  ms_builder_integer(out, 2, negative);
  ms_frame *figures = ms_builder_finish(out);
  if (!figures) return NULL;
  ms_assembly assembly = ms_assembly_new(context, 4);
  ms_assembly_add(&assembly, "cluster", ms_column_gather(context, cluster, rows, count));
  for (size_t i = 0; i < 3; i++)
    ms_assembly_add(&assembly, ms_frame_name(figures, i),
                    ms_column_share(ms_frame_column(figures, i)));
  ms_frame *frame = ms_assembly_finish(&assembly, count);
  ms_frame_free(figures);
  return frame;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const silhouette_options *given = checked;
  ms_groups groups;
  ms_silhouette_request request;
  ms_silhouette_result found;
  if (read(context, inputs->frames[0], given, &groups, &request) != MS_OK ||
      ms_silhouette(context, &request, &found) != MS_OK)
    return NULL;
  const ms_column *cluster = ms_frame_get(context, inputs->frames[0], "silhouette", given->cluster);
  return lay_out(context, cluster, &groups, &found);
}

const ms_kernel ms_kernel_silhouette = {
    .name = "silhouette",
    .group = "stats",
    .brief = "how well rows lie in their clusters",
    .cost = "O(sample^2 * columns) time, O(rows * columns) memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(silhouette_options),
    .run = run,
};
