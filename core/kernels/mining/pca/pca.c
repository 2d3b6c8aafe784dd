/* Principal components: the eigenvectors of the covariance (or correlation) matrix.
 * Source: Jolliffe, Principal Component Analysis (2002). */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/common/eigen.h"
#include "core/kernels/mining/common/scale.h"
#include "core/kernels/mining/pca/covariance.h"

enum { COLUMNS_MOST = 1000 };

typedef struct {
  ms_names columns;
  const char *weights;
  bool centre, scale;
  int64_t components;
  int missing;
} pca_options;

static const ms_option options[] = {
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "numbers and booleans to make components of; none: all others",
     .offset = offsetof(pca_options, columns)},
    {.name = "components",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = COLUMNS_MOST,
     .brief = "number of components; 0: as many as columns",
     .offset = offsetof(pca_options, components)},
    {.name = "centre",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "true",
     .brief = "means are taken away",
     .offset = offsetof(pca_options, centre)},
    {.name = "scale",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "columns are divided by their deviations",
     .offset = offsetof(pca_options, scale)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how often each row counts",
     .offset = offsetof(pca_options, weights)},
    {.name = "missing",
     .type = MS_OPTION_CHOICE,
     .fallback = "error",
     .unit = "error drop",
     .brief = "what is done with a missing value: an error, or its row is left out",
     .offset = offsetof(pca_options, missing)},
    {0}};

/* ---- the parts ---- */

typedef struct {
  size_t inputs, components;
  double *values, *vectors, *means, *spreads;
  double total;
} components;

/* The sign of a vector is any: here the cell that is largest in size is positive (the first of equals). */
static void fix_sign(double *vector, size_t n) {
  size_t most = 0;
  for (size_t j = 1; j < n; j++) {
    if (fabs(vector[j]) > fabs(vector[most]) * (1 + 1e-9)) most = j;
  }
  bool turn = vector[most] < 0;
  for (size_t j = 0; turn && j < n; j++) vector[j] = -vector[j];
}

static ms_status solve(ms_context *context, const ms_training *training, const pca_options *given,
                       components *out) {
  size_t n = training->inputs.count;
  ms_covariance c;
  ms_status status = ms_covariance_find(context, training, given->centre, &c);
  if (status != MS_OK) return status;
  if (!(c.weight > 1)) return ms_fail(context, MS_EDATA, "pca: at least 2 rows are wanted");
  out->values = ms_scratch(context, n, sizeof *out->values);
  out->vectors = ms_scratch(context, n * n, sizeof *out->vectors);
  out->spreads = ms_scratch(context, n, sizeof *out->spreads);
  if (!out->values || !out->vectors || !out->spreads) return MS_EMEMORY;
  out->means = c.means;
  for (size_t j = 0; j < n; j++) {
    double spread = sqrt(c.matrix[j * n + j]);
    out->spreads[j] = 1;
    if (!given->centre) out->means[j] = 0;
    if (!given->scale) continue;
    if (!(spread > fabs(c.means[j]) * 1e-14)) {
      return ms_fail(context, MS_EDATA, "pca: column '%s' is constant and cannot be scaled",
                     training->inputs.items[j].name);
    }
    out->spreads[j] = spread;
  }
  for (size_t a = 0; a < n; a++) {
    for (size_t b = 0; b < n; b++) c.matrix[a * n + b] /= out->spreads[a] * out->spreads[b];
  }
  for (size_t j = 0; j < n; j++) out->total += c.matrix[j * n + j];
  status = ms_eigen_symmetric(context, n, c.matrix, out->values, out->vectors);
  for (size_t v = 0; v < n; v++) {
    out->values[v] =
        out->values[v] > 0 ? out->values[v] : 0; /* rounding may leave less than nothing */
    fix_sign(out->vectors + v * n, n);
  }
  return status;
}

static ms_frame *loadings_part(ms_context *context, const ms_training *training,
                               const components *found) {
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "input", MS_TEXT);
  for (size_t v = 0; v < found->components; v++) {
    const char *name = ms_scratch_format(context, "component_%zu", v + 1);
    if (!name) {
      ms_builder_free(out);
      return NULL;
    }
    (void)ms_builder_column(out, name, MS_REAL);
  }
  for (size_t j = 0; j < found->inputs; j++) {
    const char *name = training->inputs.items[j].name;
    ms_builder_text(out, 0, name, strlen(name));
    for (size_t v = 0; v < found->components; v++)
      ms_builder_real(out, 1 + v, found->vectors[v * found->inputs + j]);
  }
  return ms_builder_finish(out);
}

static ms_frame *deviations_part(ms_context *context, const components *found) {
  static const char *const names[] = {"component", "deviation", "share", "cumulative"};
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (int i = 0; i < 4; i++) (void)ms_builder_column(out, names[i], i ? MS_REAL : MS_INTEGER);
  double sum = 0;
  for (size_t v = 0; v < found->components; v++) {
    sum += found->values[v];
    ms_builder_integer(out, 0, (int64_t)v + 1);
    ms_builder_real(out, 1, sqrt(found->values[v]));
    ms_builder_real(out, 2, found->total > 0 ? found->values[v] / found->total : 0);
    ms_builder_real(out, 3, found->total > 0 ? sum / found->total : 0);
  }
  return ms_builder_finish(out);
}

static ms_frame *facts_part(ms_context *context, const ms_training *training,
                            const components *found) {
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)training->inputs.rows);
  ms_facts_number(&facts, "components", (double)found->components);
  ms_facts_number(&facts, "variance", found->total);
  return ms_facts_finish(&facts);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const pca_options *given = checked;
  ms_training_request request = {.kernel = "pca",
                                 .columns = given->columns,
                                 .weights = given->weights,
                                 .numbers = true,
                                 .complete = given->missing == 1};
  ms_training training;
  components found = {0};
  if (ms_training_read(context, inputs->frames[0], &request, &training) != MS_OK ||
      ms_inputs_complete(context, "pca", &training.inputs) != MS_OK)
    return NULL;
  found.inputs = training.inputs.count;
  if (found.inputs > COLUMNS_MOST) {
    return ms_fail_null(context, MS_ELIMIT, "pca: %zu columns, at most %d wanted", found.inputs,
                        COLUMNS_MOST);
  }
  found.components = given->components ? (size_t)given->components : found.inputs;
  if (found.components > found.inputs) {
    return ms_fail_null(context, MS_EARGUMENT,
                        "pca: option 'components' is %zu, but there are %zu columns",
                        found.components, found.inputs);
  }
  if (solve(context, &training, given, &found) != MS_OK) return NULL;
  ms_scale scale = {found.inputs, found.means, found.spreads};
  ms_frame *loadings = loadings_part(context, &training, &found);
  bool fine = ms_part_attach(context, deviations_part(context, &found));
  fine = ms_part_attach(context, ms_scale_part(context, &training.inputs, &scale)) && fine;
  fine = ms_part_attach(context, ms_training_part(context, &training)) && fine;
  fine = ms_part_attach(context, facts_part(context, &training, &found)) && fine;
  if (fine && loadings) return loadings;
  ms_frame_free(loadings);
  return NULL;
}

const ms_kernel ms_kernel_pca = {
    .name = "pca",
    .group = "mining",
    .brief = "principal components: few columns that hold most of the variance of many",
    .cost = "O(rows * columns^2 + columns^3) time; 8 bytes a row a column that is no real, and "
            "8 * columns^2 a morsel of 65536 rows",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(pca_options),
    .parts = "loadings deviations scale inputs facts",
    .run = run,
};
