/* The kernel kmeans: options, run, parts. */
#include "core/kernels/mining/kmeans/kmeans.h"

#include <string.h>

static const ms_option options[] = {
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers and booleans to cluster by; none: all others",
     .offset = offsetof(ms_kmeans_options, columns)},
    {.name = "k",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = MS_CLUSTERS_MOST,
     .unit = "clusters",
     .brief = "number of clusters; 0: as many as start centres",
     .offset = offsetof(ms_kmeans_options, k)},
    {.name = "scale",
     .type = MS_OPTION_CHOICE,
     .fallback = "none",
     .unit = MS_SCALE_WORDS,
     .brief = "brings columns to comparable units",
     .offset = offsetof(ms_kmeans_options, scale)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how often each row counts",
     .offset = offsetof(ms_kmeans_options, weights)},
    {.name = "missing",
     .type = MS_OPTION_CHOICE,
     .fallback = "error",
     .unit = "error drop",
     .brief = "what is done with a missing value: an error, or its row is left out",
     .offset = offsetof(ms_kmeans_options, missing)},
    {.name = "starts",
     .type = MS_OPTION_INTEGER,
     .fallback = "10",
     .low = 1,
     .high = 10000,
     .brief = "number of starts, the best of which is kept",
     .offset = offsetof(ms_kmeans_options, starts)},
    {.name = "centres",
     .type = MS_OPTION_REALS,
     .brief = "start centres, one after the other, a number a column; or a frame, or a model",
     .offset = offsetof(ms_kmeans_options, centres)},
    {.name = "frames",
     .type = MS_OPTION_CHOICE,
     .fallback = "centres",
     .unit = "centres match both",
     .brief = "what further frames are: start centres, centres whose labels are kept, both",
     .offset = offsetof(ms_kmeans_options, frames)},
    {.name = "max_iterations",
     .type = MS_OPTION_INTEGER,
     .fallback = "100",
     .low = 0,
     .high = 1000000,
     .brief = "most iterations of a start",
     .offset = offsetof(ms_kmeans_options, max_iterations)},
    {.name = "tolerance",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .low = 0,
     .high = 1e300,
     .brief = "stops where no centre moves by more; 0: where no row changes its cluster",
     .offset = offsetof(ms_kmeans_options, tolerance)},
    {.name = "batch",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 1e9,
     .unit = "rows",
     .brief = "rows drawn for each iteration (mini-batch); 0: all",
     .offset = offsetof(ms_kmeans_options, batch)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .low = 0,
     .high = 9007199254740992.0,
     .brief = "of the random start centres",
     .offset = offsetof(ms_kmeans_options, seed)},
    {0}};

static ms_frame *centres_part(ms_context *context, const ms_training *training,
                              const ms_scale *scale, const ms_kmeans_result *found,
                              const ms_kmeans_labels *labels) {
  size_t p = training->inputs.count, k = labels->count;
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "cluster", MS_INTEGER);
  (void)ms_builder_column(out, "size", MS_INTEGER);
  (void)ms_builder_column(out, "within", MS_REAL);
  for (size_t j = 0; j < p; j++)
    (void)ms_builder_column(out, training->inputs.items[j].name, MS_REAL);
  for (size_t i = 0; i < k; i++) {
    size_t c = labels->order[i];
    ms_builder_integer(out, 0, labels->labels[i]);
    ms_builder_integer(out, 1, found->sizes[c]);
    ms_builder_real(out, 2, found->within[c]);
    for (size_t j = 0; j < p; j++)
      ms_builder_real(out, 3 + j, found->centres[c * p + j] * scale->spread[j] + scale->centre[j]);
  }
  return ms_builder_finish(out);
}

static ms_frame *facts_part(ms_context *context, const ms_training *training,
                            const ms_kmeans_options *given, const ms_kmeans_result *found) {
  static const char *const words[] = {"none", "standard", "range", "robust"};
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)training->inputs.rows);
  ms_facts_number(&facts, "k", (double)given->k);
  ms_facts_number(&facts, "within", found->total_within);
  ms_facts_number(&facts, "total", found->total);
  ms_facts_number(&facts, "iterations", (double)found->iterations);
  ms_facts_number(&facts, "settled", found->settled);
  ms_facts_text(&facts, "scale", words[given->scale]);
  return ms_facts_finish(&facts);
}

typedef struct {
  ms_training training;
  ms_scale scale;
  ms_points points;
  ms_kmeans_frames frames;
} kmeans_data;

/* The number of clusters and where they start; *start NULL where that is to be drawn. */
static ms_status find_start(ms_context *context, const kmeans_data *data, ms_kmeans_options *given,
                            const double **start) {
  const ms_frame *frame = data->frames.start;
  const ms_points *points = &data->points;
  size_t k = (size_t)given->k;
  *start = NULL;
  if (frame || given->centres.count) {
    *start = frame ? ms_kmeans_centres(context, frame, &data->training.inputs, &points->scale, &k)
                   : ms_kmeans_listed(context, &given->centres, &points->scale, &k);
    if (!*start) return ms_error_status(context);
    if (given->k && (size_t)given->k != k) {
      return ms_fail(context, MS_EARGUMENT,
                     "kmeans: option 'k' is %d, but %zu start centres are given", (int)given->k, k);
    }
    given->k = (int64_t)k;
  }
  if (k == 0) {
    (void)ms_fail(context, MS_EARGUMENT, "kmeans: option 'k' is missing");
    ms_fail_hint(context, "k = 5, or start centres; ms.choose_k(frame, …) helps to choose");
    return MS_EARGUMENT;
  }
  if (points->rows < (int64_t)k)
    return ms_fail(context, MS_EDATA, "kmeans: %zu clusters wanted of %d rows", k,
                   (int)points->rows);
  return MS_OK;
}

static ms_status read_data(ms_context *context, const ms_inputs *inputs,
                           const ms_kmeans_options *given, kmeans_data *out) {
  ms_training_request request = {.kernel = "kmeans",
                                 .columns = given->columns,
                                 .weights = given->weights,
                                 .numbers = true,
                                 .complete = given->missing == MS_KMEANS_MISSING_DROP};
  ms_status status = ms_kmeans_frames_of(context, inputs, given->frames, &out->frames);
  if (status == MS_OK)
    status = ms_training_read(context, inputs->frames[0], &request, &out->training);
  const ms_training *training = &out->training;
  if (status == MS_OK) status = ms_kmeans_check(context, &training->inputs);
  if (status == MS_OK)
    status = ms_scale_find(context, training, (ms_scale_kind)given->scale, &out->scale);
  if (status != MS_OK) return status;
  return ms_points_of(context, &training->inputs, training->weights, &out->scale, &out->points);
}

static ms_status keep_labels(ms_context *context, const kmeans_data *data,
                             const ms_kmeans_result *found, ms_kmeans_labels *labels) {
  ms_centres old = {.columns = data->points.count};
  old.values = ms_kmeans_centres(context, data->frames.match, &data->training.inputs, &data->scale,
                                 &old.count);
  if (!old.values) return ms_error_status(context);
  return ms_kmeans_match(context, data->frames.match, &old, found, labels);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  ms_kmeans_options given = *(const ms_kmeans_options *)checked;
  kmeans_data data;
  const double *start = NULL;
  if (read_data(context, inputs, &given, &data) != MS_OK ||
      find_start(context, &data, &given, &start) != MS_OK)
    return NULL;
  ms_kmeans_settings settings = {.k = (size_t)given.k,
                                 .max_iterations = given.max_iterations,
                                 .tolerance = given.tolerance,
                                 .seed = (uint64_t)given.seed,
                                 .starts = given.starts,
                                 .batch = given.batch};
  ms_kmeans_result found;
  ms_kmeans_labels labels;
  ms_status status = ms_kmeans_best(context, &data.points, &settings, start, &found);
  ms_centres numbered = {settings.k, data.points.count, found.centres};
  if (status == MS_OK) status = ms_kmeans_label(context, &found, &numbered, &labels);
  if (status == MS_OK && data.frames.match) status = keep_labels(context, &data, &found, &labels);
  if (status != MS_OK) return NULL;
  ms_frame *centres = centres_part(context, &data.training, &data.scale, &found, &labels);
  bool fine = ms_part_attach(context, ms_scale_part(context, &data.training.inputs, &data.scale));
  fine = ms_part_attach(context, ms_training_part(context, &data.training)) && fine;
  fine = ms_part_attach(context, facts_part(context, &data.training, &given, &found)) && fine;
  if (fine && centres) return centres;
  ms_frame_free(centres);
  return NULL;
}

const ms_kernel ms_kernel_kmeans = {
    .name = "kmeans",
    .group = "mining",
    .brief = "clusters of rows around k centres",
    .cost = "O(rows * columns * k) time an iteration, less where few rows move; 6 bytes a row, 14 "
            "with drawn starts, "
            "8 more a column that is no real",
    .least = 1,
    .most = 3,
    .options = options,
    .size = sizeof(ms_kmeans_options),
    .parts = "centres scale inputs facts",
    .run = run,
};
