/* The kernel choose_k: k-means for several k, and what speaks for each.
 *
 * The gap statistic compares log(within) with its mean over reference data, drawn uniformly from the box that holds the
 * rows (Tibshirani, Walther, Hastie 2001, their method a). By it the best k is the least one with
 * gap(k) >= gap(k + 1) - error(k + 1), error = deviation * sqrt(1 + 1 / references). */
#include <math.h>

#include "core/base/random.h"
#include "core/kernels/mining/kmeans/kmeans.h"
#include "core/kernels/stats/silhouette.h"

typedef struct {
  ms_names columns;
  int64_t least, most, references, starts, sample, seed, max_iterations;
  int scale, missing;
} choose_options;

#define WHOLE(option, standard, from, to, text)                                                    \
  {                                                                                                \
    .name = #option, .type = MS_OPTION_INTEGER, .fallback = standard, .low = from, .high = to,     \
    .brief = text, .offset = offsetof(choose_options, option)                                      \
  }

static const ms_option options[] = {
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers and booleans to cluster by; none: all",
     .offset = offsetof(choose_options, columns)},
    WHOLE(least, "1", 1, 100, "the least k"),
    WHOLE(most, "10", 1, 100, "the largest k"),
    {.name = "scale",
     .type = MS_OPTION_CHOICE,
     .fallback = "none",
     .unit = MS_SCALE_WORDS,
     .brief = "brings columns to comparable units",
     .offset = offsetof(choose_options, scale)},
    {.name = "missing",
     .type = MS_OPTION_CHOICE,
     .fallback = "error",
     .unit = "error drop",
     .brief = "what is done with a missing value: an error, or its row is left out",
     .offset = offsetof(choose_options, missing)},
    WHOLE(references, "20", 0, 1000, "sets of reference data for the gap; 0: no gap"),
    WHOLE(starts, "10", 1, 10000, "starts for each k"),
    WHOLE(sample, "5000", 2, 1000000, "of more rows, so many are drawn at random"),
    WHOLE(max_iterations, "100", 1, 1000000, "most iterations of a start"),
    WHOLE(seed, "1", 0, 9007199254740992.0, "of all that is drawn"),
    {0}};

typedef struct {
  ms_points points; /* the sample, scaled */
  double *low, *high;
  uint32_t *labels;
} study;

/* The rows of the sample in scaled units; where there are more, drawn without replacement. */
static ms_status take_sample(ms_context *context, const ms_training *training,
                             const ms_scale *scale, const choose_options *given, study *out) {
  size_t p = training->inputs.count;
  int64_t rows = training->inputs.rows, wanted = rows < given->sample ? rows : given->sample;
  double **values = ms_scratch(context, p, sizeof *values), *plain = NULL;
  out->low = ms_scratch(context, p, sizeof *out->low);
  out->high = ms_scratch(context, p, sizeof *out->high);
  out->labels = ms_scratch(context, (size_t)wanted, sizeof *out->labels);
  plain = ms_scratch(context, (size_t)wanted * p, sizeof *plain);
  if (!values || !out->low || !out->high || !out->labels || !plain) return MS_EMEMORY;
  ms_random random = ms_random_new((uint64_t)given->seed, UINT64_C(1) << 42);
  int64_t taken = 0;
  for (int64_t i = 0; i < rows && taken < wanted; i++) {
    if (wanted < rows &&
        ms_random_below(&random, (uint64_t)(rows - i)) >= (uint64_t)(wanted - taken))
      continue;
    for (size_t j = 0; j < p; j++) {
      double x = (training->inputs.items[j].values[i] - scale->centre[j]) / scale->spread[j];
      plain[(int64_t)j * wanted + taken] = x;
      out->low[j] = taken == 0 || x < out->low[j] ? x : out->low[j];
      out->high[j] = taken == 0 || x > out->high[j] ? x : out->high[j];
    }
    taken++;
  }
  for (size_t j = 0; j < p; j++) values[j] = plain + (int64_t)j * wanted;
  out->points = (ms_points){
      .rows = wanted, .count = p, .columns = (const double *const *)values, .plain = true};
  return MS_OK;
}

/* Points drawn from the box of the sample. */
static ms_status draw_reference(ms_context *context, const study *s, uint64_t seed, uint64_t number,
                                ms_points *out) {
  size_t p = s->points.count;
  double **values = ms_scratch(context, p, sizeof *values);
  if (!values) return MS_EMEMORY;
  ms_random random = ms_random_new(seed, (UINT64_C(1) << 41) + number);
  for (size_t j = 0; j < p; j++) {
    values[j] = ms_scratch(context, (size_t)s->points.rows, sizeof **values);
    if (!values[j]) return MS_EMEMORY;
    for (int64_t i = 0; i < s->points.rows; i++)
      values[j][i] = s->low[j] + (s->high[j] - s->low[j]) * ms_random_unit(&random);
  }
  *out = s->points;
  out->columns = (const double *const *)values;
  return MS_OK;
}

static void label_rows(const study *s, const ms_centres *centres, double *block) {
  ms_nearest_two two;
  for (int64_t at = 0; at < s->points.rows; at += MS_DISTANCE_ROWS) {
    int64_t left = s->points.rows - at;
    size_t count = left < MS_DISTANCE_ROWS ? (size_t)left : MS_DISTANCE_ROWS;
    ms_block_load(&s->points, at, count, block);
    ms_block_nearest(block, count, centres, &two);
    for (size_t i = 0; i < count; i++) s->labels[at + (int64_t)i] = two.nearest[i];
  }
}

typedef struct {
  double within, total, silhouette, gap, error;
} figures;

static ms_status find_gap(ms_context *context, const study *s, const ms_kmeans_settings *settings,
                          int64_t references, figures *out) {
  double *logs = ms_scratch(context, (size_t)references, sizeof *logs), mean = 0, squares = 0;
  if (!logs) return MS_EMEMORY;
  for (int64_t r = 0; r < references; r++) {
    ms_mark mark = ms_scratch_mark(context);
    ms_points points;
    ms_kmeans_result found;
    ms_status status = draw_reference(context, s, settings->seed, (uint64_t)r, &points);
    if (status == MS_OK) status = ms_kmeans_best(context, &points, settings, NULL, &found);
    if (status != MS_OK) return status;
    logs[r] = log(found.total_within);
    mean += logs[r] / (double)references;
    ms_scratch_release(context, mark);
  }
  for (int64_t r = 0; r < references; r++) squares += (logs[r] - mean) * (logs[r] - mean);
  out->gap = mean - log(out->within);
  out->error = sqrt(squares / (double)references * (1 + 1 / (double)references));
  if (!isfinite(out->gap)) out->gap = out->error = NAN;
  return MS_OK;
}

static ms_status find_figures(ms_context *context, const study *s,
                              const ms_kmeans_settings *settings, int64_t references,
                              figures *out) {
  ms_kmeans_result found;
  ms_status status = ms_kmeans_best(context, &s->points, settings, NULL, &found);
  if (status != MS_OK) return status;
  *out = (figures){found.total_within, found.total, NAN, NAN, NAN};
  if (settings->k > 1) {
    double *block = ms_block_new(context, &s->points);
    if (!block) return MS_EMEMORY;
    label_rows(s, &(ms_centres){settings->k, s->points.count, found.centres}, block);
    ms_silhouette_request request = {.rows = s->points.rows,
                                     .columns = s->points.count,
                                     .clusters = settings->k,
                                     .values = s->points.columns,
                                     .labels = s->labels,
                                     .sample = s->points.rows};
    ms_silhouette_result widths;
    status = ms_silhouette(context, &request, &widths);
    if (status != MS_OK) return status;
    out->silhouette = widths.mean;
  }
  return references ? find_gap(context, s, settings, references, out) : MS_OK;
}

static void put(ms_builder *out, size_t column, double value) {
  if (isnan(value))
    ms_builder_null(out, column);
  else
    ms_builder_real(out, column, value);
}

/* By the silhouette the largest, by the gap the least k that is not clearly worse than the next. */
static ms_frame *lay_out(ms_context *context, const figures *all, int64_t least, size_t count) {
  static const char *const names[] = {"k",   "within",    "explained",     "silhouette",
                                      "gap", "gap_error", "by_silhouette", "by_gap"};
  size_t widest = 0, chosen = count;
  for (size_t i = 0; i < count; i++) {
    if (!(all[i].silhouette <= all[widest].silhouette) && !isnan(all[i].silhouette)) widest = i;
    if (chosen == count && i + 1 < count && all[i].gap >= all[i + 1].gap - all[i + 1].error)
      chosen = i;
  }
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t c = 0; c < 8; c++)
    (void)ms_builder_column(out, names[c], c == 0 ? MS_INTEGER : c < 6 ? MS_REAL : MS_BOOLEAN);
  for (size_t i = 0; i < count; i++) {
    ms_builder_integer(out, 0, least + (int64_t)i);
    put(out, 1, all[i].within);
    put(out, 2, all[i].total > 0 ? 1 - all[i].within / all[i].total : NAN);
    put(out, 3, all[i].silhouette);
    put(out, 4, all[i].gap);
    put(out, 5, all[i].error);
    ms_builder_integer(out, 6, i == widest && !isnan(all[i].silhouette));
    ms_builder_integer(out, 7, i == chosen);
  }
  return ms_builder_finish(out);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const choose_options *given = checked;
  ms_training_request request = {.kernel = "choose_k",
                                 .columns = given->columns,
                                 .numbers = true,
                                 .complete = given->missing == MS_KMEANS_MISSING_DROP};
  ms_training training;
  ms_scale scale;
  study s;
  if (given->most < given->least) {
    return ms_fail_null(context, MS_EARGUMENT, "choose_k: option 'most' is %d, below 'least', %d",
                        (int)given->most, (int)given->least);
  }
  if (ms_training_read(context, inputs->frames[0], &request, &training) != MS_OK ||
      ms_inputs_complete(context, "choose_k", &training.inputs) != MS_OK ||
      ms_scale_find(context, &training, (ms_scale_kind)given->scale, &scale) != MS_OK ||
      take_sample(context, &training, &scale, given, &s) != MS_OK)
    return NULL;
  size_t count = (size_t)(given->most - given->least + 1);
  figures *all = ms_scratch(context, count, sizeof *all);
  for (size_t i = 0; all && i < count; i++) {
    ms_kmeans_settings settings = {.k = (size_t)given->least + i,
                                   .max_iterations = given->max_iterations,
                                   .seed = (uint64_t)given->seed,
                                   .starts = given->starts};
    ms_mark mark = ms_scratch_mark(context);
    if (s.points.rows < (int64_t)settings.k) {
      return ms_fail_null(context, MS_EDATA, "choose_k: %zu clusters wanted of %d rows", settings.k,
                          (int)s.points.rows);
    }
    if (find_figures(context, &s, &settings, given->references, &all[i]) != MS_OK) return NULL;
    ms_scratch_release(context, mark);
    ms_report(context, "choose_k: k", i, count);
  }
  return all ? lay_out(context, all, given->least, count) : NULL;
}

const ms_kernel ms_kernel_choose_k = {
    .name = "choose_k",
    .group = "mining",
    .brief = "how many clusters: within, silhouette and gap for several k",
    .cost = "k-means of the sample (1 + references) * (most - least + 1) times",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(choose_options),
    .run = run,
};
