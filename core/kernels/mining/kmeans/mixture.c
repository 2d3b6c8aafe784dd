/* Gaussian mixtures by expectation and maximisation (Dempster, Laird, Rubin 1977), from the clusters of k-means.
 *
 * One pass over the rows does both steps: it takes the responsibilities under the old parameters and sums what the new ones
 * need around the old means, from which the sums move to the new means: cov = S / n - d d'. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/kmeans/kmeans.h"
#include "core/kernels/mining/kmeans/mixture.h"

enum { ROWS = MS_DISTANCE_ROWS, COLUMNS_MOST = 200, COMPONENTS_MOST = 100 };

typedef struct {
  ms_names columns;
  const char *weights;
  int64_t k, starts, max_iterations, seed;
  double tolerance, ridge;
  int covariance, scale, missing;
  ms_reals centres;
} mixture_options;

#define WHOLE(option, standard, from, to, text)                                                    \
  {                                                                                                \
    .name = #option, .type = MS_OPTION_INTEGER, .fallback = standard, .low = from, .high = to,     \
    .brief = text, .offset = offsetof(mixture_options, option)                                     \
  }
#define WORDS(option, standard, words, text)                                                       \
  {                                                                                                \
    .name = #option, .type = MS_OPTION_CHOICE, .fallback = standard, .unit = words, .brief = text, \
    .offset = offsetof(mixture_options, option)                                                    \
  }
#define SMALL(option, standard, text)                                                              \
  {                                                                                                \
    .name = #option, .type = MS_OPTION_REAL, .fallback = standard, .low = 0, .high = 1e300,        \
    .brief = text, .offset = offsetof(mixture_options, option)                                     \
  }

static const ms_option options[] = {
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers and booleans to cluster by; none: all others",
     .offset = offsetof(mixture_options, columns)},
    {.name = "k",
     .type = MS_OPTION_INTEGER,
     .required = true,
     .low = 1,
     .high = COMPONENTS_MOST,
     .unit = "components",
     .brief = "number of components",
     .offset = offsetof(mixture_options, k)},
    WORDS(covariance, "full", MS_COVARIANCE_WORDS, "shape of a component"),
    WORDS(scale, "none", MS_SCALE_WORDS, "brings columns to comparable units"),
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how often each row counts",
     .offset = offsetof(mixture_options, weights)},
    WORDS(missing, "error", "error drop",
          "what is done with a missing value: an error, or its row is left out"),
    WHOLE(starts, "10", 1, 10000, "starts of the k-means that begins it"),
    {.name = "centres",
     .type = MS_OPTION_REALS,
     .brief = "start centres of that k-means, centre by centre",
     .offset = offsetof(mixture_options, centres)},
    WHOLE(max_iterations, "100", 1, 1000000, "most iterations"),
    SMALL(tolerance, "0.001", "stops where the mean log-likelihood changes by less"),
    SMALL(ridge, "0.000001", "added to each variance, in scaled units"),
    WHOLE(seed, "1", 0, 9007199254740992.0, "of the start"),
    {0}};

typedef struct {
  const ms_points *points;
  const ms_mixture *mixture; /* the old parameters; while beginning, only the means */
  bool beginning;            /* each row belongs to the nearest mean */
  size_t width;              /* numbers of a component's sums: weight, columns, columns * columns */
  double *sums;              /* morsel, component: width */
  double *density;           /* morsel: sum of log densities */
} em_pass;

typedef struct {
  double *block, *work, *logs;
  double density[ROWS];
  ms_nearest_two two;
} em_bench;

static ms_status em_bench_new(ms_context *context, const em_pass *pass, em_bench **out) {
  em_bench *b = ms_scratch(context, 1, sizeof *b);
  size_t p = pass->points->count;
  if (!b) return MS_EMEMORY;
  b->block = ms_block_new(context, pass->points);
  b->work = ms_scratch(context, (p + 1) * ROWS, sizeof *b->work);
  b->logs = ms_scratch(context, pass->mixture->count * ROWS, sizeof *b->logs);
  *out = b;
  return b->block && b->work && b->logs ? MS_OK : MS_EMEMORY;
}

/* What component k gets of a block: its weight, and first and second moments around its old mean. */
static void add_component(const em_pass *pass, em_bench *b, size_t k, size_t count, double *to) {
  size_t p = pass->points->count;
  const double *share = b->logs + k * ROWS, *mean = pass->mixture->means + k * p;
  for (size_t i = 0; i < count; i++) to[0] += share[i];
  for (size_t j = 0; j < p; j++) {
    for (size_t i = 0; i < count; i++) b->work[j * ROWS + i] = b->block[j * ROWS + i] - mean[j];
  }
  for (size_t j = 0; j < p; j++) {
    double *weighted = b->work + p * ROWS;
    for (size_t i = 0; i < count; i++) {
      weighted[i] = share[i] * b->work[j * ROWS + i];
      to[1 + j] += weighted[i];
    }
    for (size_t l = 0; l <= j; l++) {
      double sum = 0;
      for (size_t i = 0; i < count; i++) sum += weighted[i] * b->work[l * ROWS + i];
      to[1 + p + j * p + l] += sum;
    }
  }
}

static ms_status em_morsel(ms_context *worker, void *state, size_t task) {
  const em_pass *pass = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_mark mark = ms_scratch_mark(worker);
  em_bench *b;
  if (em_bench_new(worker, pass, &b) != MS_OK) return MS_EMEMORY;
  const ms_mixture *m = pass->mixture;
  ms_range range = ms_morsel(pass->points->rows, task);
  double density = 0;
  for (int64_t at = range.first; at < range.first + range.count; at += ROWS) {
    int64_t left = range.first + range.count - at;
    size_t count = left < ROWS ? (size_t)left : ROWS;
    ms_block_load(pass->points, at, count, b->block);
    if (pass->beginning) {
      ms_block_nearest(b->block, count, &(ms_centres){m->count, m->columns, m->means}, &b->two);
      memset(b->logs, 0, m->count * ROWS * sizeof *b->logs);
      for (size_t i = 0; i < count; i++) b->logs[b->two.nearest[i] * ROWS + i] = 1;
    } else {
      ms_mixture_logs(m, b->block, count, b->work, b->logs);
      ms_mixture_normalise(m->count, count, b->logs, b->density);
    }
    for (size_t i = 0; i < count; i++) {
      double weight = pass->points->weights ? pass->points->weights[at + (int64_t)i] : 1;
      if (!pass->beginning) density += weight * b->density[i];
      for (size_t k = 0; k < m->count; k++) b->logs[k * ROWS + i] *= weight;
    }
    for (size_t k = 0; k < m->count; k++)
      add_component(pass, b, k, count, pass->sums + (task * m->count + k) * pass->width);
  }
  pass->density[task] = density;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

/* New parameters of one component from its sums, which are around the old mean. */
static void maximise(const double *sums, ms_covariance_kind kind, double ridge, size_t k,
                     ms_mixture *m) {
  size_t p = m->columns;
  double *means = m->means + k * p, *covariance = m->covariances + k * p * p;
  double weight = sums[0] + 10 * 2.220446049250313e-16, sphere = 0;
  for (size_t j = 0; j < p; j++) {
    for (size_t l = 0; l <= j; l++) {
      double x = sums[1 + p + j * p + l] / weight - sums[1 + j] / weight * (sums[1 + l] / weight);
      if (kind != MS_COVARIANCE_FULL && j != l) x = 0;
      covariance[j * p + l] = covariance[l * p + j] = x + (j == l ? ridge : 0);
    }
    sphere += covariance[j * p + j] / (double)p;
  }
  for (size_t j = 0; j < p && kind == MS_COVARIANCE_SPHERICAL; j++) covariance[j * p + j] = sphere;
  for (size_t j = 0; j < p; j++) means[j] += sums[1 + j] / weight;
}

/* One iteration; the mean log-likelihood under the old parameters. */
static ms_status iterate(ms_context *context, em_pass *pass, ms_mixture *m,
                         const mixture_options *given, double *likelihood) {
  size_t morsels = ms_morsels(pass->points->rows), cells = m->count * pass->width;
  memset(pass->sums, 0, morsels * cells * sizeof *pass->sums);
  ms_status status = ms_parallel(context, morsels, em_morsel, pass);
  if (status != MS_OK) return status;
  double total = 0, density = pass->density[0];
  for (size_t t = 1; t < morsels; t++) {
    density += pass->density[t];
    for (size_t c = 0; c < cells; c++) pass->sums[c] += pass->sums[t * cells + c];
  }
  for (size_t k = 0; k < m->count; k++) total += pass->sums[k * pass->width];
  *likelihood = density / total;
  if (!given) return MS_OK; /* only the likelihood is wanted */
  for (size_t k = 0; k < m->count; k++) {
    const double *sums = pass->sums + k * pass->width;
    m->share[k] = sums[0] / total;
    maximise(sums, (ms_covariance_kind)given->covariance, given->ridge, k, m);
  }
  return ms_mixture_prepare(context, m, "mixture");
}

typedef struct {
  ms_training training;
  ms_scale scale;
  ms_points points;
  double likelihood;
  int64_t iterations;
  bool settled;
} mixture_fit;

/* The clusters of k-means as the first parameters. */
static ms_status start(ms_context *context, const mixture_options *given, const mixture_fit *fit,
                       ms_mixture *m) {
  size_t p = m->columns;
  ms_kmeans_settings settings = {
      .k = m->count, .max_iterations = 300, .seed = (uint64_t)given->seed, .starts = given->starts};
  const double *centres = NULL;
  size_t k = m->count;
  if (given->centres.count) centres = ms_kmeans_listed(context, &given->centres, &fit->scale, &k);
  if (given->centres.count && !centres) return ms_error_status(context);
  if (k != m->count) {
    return ms_fail(context, MS_EARGUMENT,
                   "mixture: option 'k' is %zu, but %zu start centres are given", m->count, k);
  }
  ms_kmeans_result found;
  ms_status status = ms_kmeans_best(context, &fit->points, &settings, centres, &found);
  if (status != MS_OK) return status;
  /* The largest first, as k-means numbers them. */
  ms_kmeans_labels labels;
  ms_centres all = {m->count, p, found.centres};
  status = ms_kmeans_label(context, &found, &all, &labels);
  for (size_t c = 0; status == MS_OK && c < m->count; c++)
    memcpy(m->means + c * p, found.centres + labels.order[c] * p, p * sizeof *m->means);
  return status;
}

static ms_status learn(ms_context *context, const mixture_options *given, mixture_fit *fit,
                       ms_mixture *m) {
  size_t p = m->columns;
  ms_status status = start(context, given, fit, m);
  if (status != MS_OK) return status;
  em_pass pass = {.points = &fit->points, .mixture = m, .beginning = true, .width = 1 + p + p * p};
  size_t morsels = ms_morsels(fit->points.rows);
  pass.sums = ms_scratch(context, morsels * m->count, pass.width * sizeof *pass.sums);
  pass.density = ms_scratch(context, morsels, sizeof *pass.density);
  if (!pass.sums || !pass.density) return MS_EMEMORY;
  double before = -INFINITY, likelihood;
  status = iterate(context, &pass, m, given, &likelihood);
  pass.beginning = false;
  while (status == MS_OK && !fit->settled && fit->iterations < given->max_iterations) {
    status = iterate(context, &pass, m, given, &likelihood);
    fit->iterations++;
    fit->settled = fabs(likelihood - before) < given->tolerance;
    before = likelihood;
    ms_report(context, "mixture: iteration", (uint64_t)fit->iterations,
              (uint64_t)given->max_iterations);
  }
  if (status == MS_OK) status = iterate(context, &pass, m, NULL, &fit->likelihood);
  return status;
}

/* ---- parts ---- */

static ms_frame *components_part(ms_context *context, const mixture_fit *fit, const ms_mixture *m) {
  const ms_input_list *inputs = &fit->training.inputs;
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "cluster", MS_INTEGER);
  (void)ms_builder_column(out, "share", MS_REAL);
  for (size_t j = 0; j < m->columns; j++)
    (void)ms_builder_column(out, inputs->items[j].name, MS_REAL);
  for (size_t k = 0; k < m->count; k++) {
    ms_builder_integer(out, 0, (int64_t)k + 1);
    ms_builder_real(out, 1, m->share[k]);
    for (size_t j = 0; j < m->columns; j++)
      ms_builder_real(out, 2 + j,
                      m->means[k * m->columns + j] * fit->scale.spread[j] + fit->scale.centre[j]);
  }
  return ms_builder_finish(out);
}

static ms_frame *covariances_part(ms_context *context, const mixture_fit *fit,
                                  const ms_mixture *m) {
  const ms_input_list *inputs = &fit->training.inputs;
  size_t p = m->columns;
  const double *spread = fit->scale.spread;
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "cluster", MS_INTEGER);
  (void)ms_builder_column(out, "input", MS_TEXT);
  for (size_t j = 0; j < p; j++) (void)ms_builder_column(out, inputs->items[j].name, MS_REAL);
  for (size_t k = 0; k < m->count; k++) {
    for (size_t i = 0; i < p; i++) {
      ms_builder_integer(out, 0, (int64_t)k + 1);
      ms_builder_text(out, 1, inputs->items[i].name, strlen(inputs->items[i].name));
      for (size_t j = 0; j < p; j++)
        ms_builder_real(out, 2 + j, m->covariances[(k * p + i) * p + j] * spread[i] * spread[j]);
    }
  }
  return ms_builder_finish(out);
}

/* BIC = -2 log L + parameters * log(rows), of the columns as they are used (scaled). */
static ms_frame *facts_part(ms_context *context, const mixture_fit *fit, const ms_mixture *m,
                            const mixture_options *given) {
  static const char *const shapes[] = {"full", "diagonal", "spherical"};
  static const char *const scales[] = {"none", "standard", "range", "robust"};
  double p = (double)m->columns, k = (double)m->count, rows = (double)fit->points.rows;
  double cells = given->covariance == MS_COVARIANCE_FULL       ? p * (p + 1) / 2
                 : given->covariance == MS_COVARIANCE_DIAGONAL ? p
                                                               : 1;
  double weight = fit->points.weights ? 0 : rows, parameters = k * cells + k * p + k - 1;
  for (int64_t i = 0; fit->points.weights && i < fit->points.rows; i++)
    weight += fit->points.weights[i];
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", rows);
  ms_facts_number(&facts, "k", k);
  ms_facts_number(&facts, "likelihood", fit->likelihood * weight);
  ms_facts_number(&facts, "parameters", parameters);
  ms_facts_number(&facts, "bic", -2 * fit->likelihood * weight + parameters * log(weight));
  ms_facts_number(&facts, "aic", -2 * fit->likelihood * weight + parameters * 2);
  ms_facts_number(&facts, "iterations", (double)fit->iterations);
  ms_facts_number(&facts, "settled", fit->settled);
  ms_facts_text(&facts, "covariance", shapes[given->covariance]);
  ms_facts_text(&facts, "scale", scales[given->scale]);
  return ms_facts_finish(&facts);
}

static ms_status check(ms_context *context, const mixture_fit *fit, int64_t k) {
  static const char *const taken[] = {"cluster", "share", "input"};
  const ms_input_list *inputs = &fit->training.inputs;
  for (size_t j = 0; j < inputs->count; j++) {
    for (size_t t = 0; t < sizeof taken / sizeof *taken; t++) {
      if (strcmp(inputs->items[j].name, taken[t]) == 0)
        return ms_fail(context, MS_EARGUMENT,
                       "mixture: column '%s' cannot be an input: the model has a '%s'", taken[t],
                       taken[t]);
    }
  }
  if (inputs->count > COLUMNS_MOST)
    return ms_fail(context, MS_ELIMIT, "mixture: %zu columns, at most %d wanted", inputs->count,
                   COLUMNS_MOST);
  if (inputs->rows < k)
    return ms_fail(context, MS_EDATA, "mixture: %d components wanted of %d rows", (int)k,
                   (int)inputs->rows);
  return ms_inputs_complete(context, "mixture", inputs);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const mixture_options *given = checked;
  ms_training_request request = {.kernel = "mixture",
                                 .columns = given->columns,
                                 .weights = given->weights,
                                 .numbers = true,
                                 .complete = given->missing == MS_KMEANS_MISSING_DROP};
  mixture_fit fit = {.settled = false};
  ms_training *training = &fit.training;
  ms_mixture m;
  if (ms_training_read(context, inputs->frames[0], &request, training) != MS_OK ||
      check(context, &fit, given->k) != MS_OK ||
      ms_scale_find(context, training, (ms_scale_kind)given->scale, &fit.scale) != MS_OK ||
      ms_points_of(context, &training->inputs, training->weights, &fit.scale, &fit.points) !=
          MS_OK ||
      ms_mixture_new(context, (size_t)given->k, training->inputs.count, &m) != MS_OK ||
      learn(context, given, &fit, &m) != MS_OK)
    return NULL;
  ms_frame *components = components_part(context, &fit, &m);
  bool fine = ms_part_attach(context, covariances_part(context, &fit, &m));
  fine = ms_part_attach(context, ms_training_part(context, training)) && fine;
  fine = ms_part_attach(context, facts_part(context, &fit, &m, given)) && fine;
  if (fine && components) return components;
  ms_frame_free(components);
  return NULL;
}

const ms_kernel ms_kernel_mixture = {
    .name = "mixture",
    .group = "mining",
    .brief = "clusters that overlap: a mixture of normal distributions",
    .cost =
        "O(rows * columns^2 * k) time an iteration; 8 bytes a row, 8 more a column that is no real",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(mixture_options),
    .parts = "components covariances inputs facts",
    .run = run,
};
