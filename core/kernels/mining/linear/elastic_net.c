/* ms.elastic_net: linear and logistic regression with a penalty that leaves inputs out, chosen by cross-validation. */
#include <math.h>
#include <string.h>

#include "core/base/random.h"
#include "core/kernels/mining/linear/path.h"

typedef struct {
  const char *target, *event, *weights, *fold;
  ms_names columns, categories, base;
  double alpha, lambda;
  int64_t lambdas, folds, seed;
  int choose;
} net_options;

enum { MINIMUM, ONE_ERROR };

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "the number, or one of two classes, to predict",
     .offset = offsetof(net_options, target)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that is predicted; makes classes of an integer target",
     .offset = offsetof(net_options, event)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     .offset = offsetof(net_options, columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     .offset = offsetof(net_options, categories)},
    {.name = "base",
     .type = MS_OPTION_TEXTS,
     .brief = "column, level, …: what the other levels are compared with; else the first level",
     .offset = offsetof(net_options, base)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how much each row counts",
     .offset = offsetof(net_options, weights)},
    {.name = "alpha",
     .type = MS_OPTION_REAL,
     .fallback = "1",
     .low = 0,
     .high = 1,
     .brief = "1: the lasso, which leaves inputs out; 0: ridge, which shrinks them; between: both",
     .offset = offsetof(net_options, alpha)},
    {.name = "lambda",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .low = 0,
     .high = 1e300,
     .brief = "the penalty; 0: chosen by cross-validation",
     .offset = offsetof(net_options, lambda)},
    {.name = "lambdas",
     .type = MS_OPTION_INTEGER,
     .fallback = "100",
     .low = 1,
     .high = 10000,
     .brief = "penalties on the path",
     .offset = offsetof(net_options, lambdas)},
    {.name = "folds",
     .type = MS_OPTION_INTEGER,
     .fallback = "10",
     .low = 2,
     .high = 1000,
     .brief = "parts of the rows, each left out once",
     .offset = offsetof(net_options, folds)},
    {.name = "fold",
     .type = MS_OPTION_COLUMN,
     .brief = "an integer column that says which fold a row is in",
     .offset = offsetof(net_options, fold)},
    {.name = "choose",
     .type = MS_OPTION_CHOICE,
     .fallback = "minimum",
     .unit = "minimum one_error",
     .brief = "the penalty of the least error, or the largest within one standard error of it",
     .offset = offsetof(net_options, choose)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .brief = "of the random folds",
     .offset = offsetof(net_options, seed)},
    {0}};

/* ---- folds ---- */

static ms_status given_folds(ms_context *context, const ms_frame *frame, const char *name,
                             ms_path_request *request) {
  const ms_column *column = ms_frame_get(context, frame, "elastic_net", name);
  if (!column) return ms_error_status(context);
  if (column->type != MS_INTEGER || column->nulls > 0) {
    return ms_fail(context, MS_ETYPE, "elastic_net: column '%s' does not say a fold of each row",
                   name);
  }
  const int64_t *values = ms_view_int64(context, column);
  uint32_t *fold = ms_scratch(context, (size_t)frame->rows + 1, sizeof *fold);
  if (!values || !fold) return ms_error_status(context);
  int64_t low = values[0], high = values[0];
  for (int64_t i = 0; i < frame->rows; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (low == high || (uint64_t)high - (uint64_t)low > 999) {
    return ms_fail(context, MS_EDATA, "elastic_net: column '%s' has no 2 to 1000 folds", name);
  }
  request->folds = (size_t)(high - low + 1);
  bool *used = ms_scratch_zero(context, request->folds, sizeof *used);
  if (!used) return MS_EMEMORY;
  for (int64_t i = 0; i < frame->rows; i++) used[fold[i] = (uint32_t)(values[i] - low)] = true;
  for (size_t f = 0; f < request->folds; f++) {
    if (used[f]) continue;
    return ms_fail(context, MS_EDATA, "elastic_net: column '%s' has no row of fold %lld", name,
                   (long long)low + (long long)f);
  }
  request->fold = fold;
  return MS_OK;
}

/* Rows are dealt to the folds in turn, in a random order. */
static ms_status random_folds(ms_context *context, const net_options *given, int64_t rows,
                              ms_path_request *request) {
  uint32_t *fold = ms_scratch(context, (size_t)rows + 1, sizeof *fold);
  if (!fold) return MS_EMEMORY;
  if (rows < given->folds)
    return ms_fail(context, MS_EDATA, "elastic_net: %lld rows are too few for %lld folds",
                   (long long)rows, (long long)given->folds);
  ms_random random = ms_random_new((uint64_t)given->seed, 0);
  for (int64_t i = 0; i < rows; i++) {
    int64_t other = (int64_t)ms_random_below(&random, (uint64_t)i + 1);
    fold[i] = fold[other];
    fold[other] = (uint32_t)(i % given->folds);
  }
  request->fold = fold;
  request->folds = (size_t)given->folds;
  return MS_OK;
}

/* ---- parts ---- */

static size_t chosen(const ms_path *path, int choose) {
  size_t best = 0;
  for (size_t k = 1; path->error && k < path->count; k++) {
    if (path->error[k] < path->error[best]) best = k;
  }
  if (!path->error || choose == MINIMUM) return best;
  size_t first = 0;
  while (path->error[first] > path->error[best] + path->deviation[best]) first++;
  return first;
}

static ms_frame *terms_part(ms_context *context, const ms_design *design,
                            const ms_training *training, double *coefficients) {
  static const char *const names[] = {"term", "input", "level", "estimate"};
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t c = 0; c < 4; c++) (void)ms_builder_column(out, names[c], c < 3 ? MS_TEXT : MS_REAL);
  for (size_t j = 0; j < design->count; j++) {
    const ms_term *term = &design->terms[j];
    ms_part_put_text(out, 0, term->name);
    ms_part_put_text(out, 1,
                     term->input == SIZE_MAX ? NULL : training->inputs.items[term->input].name);
    ms_part_put_text(out, 2, term->level);
    ms_part_put_real(out, 3, coefficients[j]);
  }
  return ms_builder_finish(out);
}

static ms_frame *path_part(ms_context *context, const ms_path *path, size_t terms) {
  static const char *const names[] = {"lambda", "terms", "explained", "error", "deviation"};
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t c = 0; c < 5; c++)
    (void)ms_builder_column(out, names[c], c == 1 ? MS_INTEGER : MS_REAL);
  for (size_t k = 0; k < path->count; k++) {
    int64_t used = 0;
    for (size_t j = 1; j < terms; j++) used += path->coefficients[k * terms + j] != 0;
    ms_part_put_real(out, 0, path->lambdas[k]);
    ms_builder_integer(out, 1, used);
    ms_part_put_real(out, 2, path->explained[k]);
    ms_part_put_real(out, 3, path->error ? path->error[k] : NAN);
    ms_part_put_real(out, 4, path->error ? path->deviation[k] : NAN);
  }
  return ms_builder_finish(out);
}

static ms_frame *facts_part(ms_context *context, const ms_path_request *request,
                            const ms_path *path, size_t at) {
  ms_facts facts = ms_facts_new(context);
  ms_facts_text(&facts, "family", request->binomial ? "binomial" : "gaussian");
  ms_facts_text(&facts, "link", request->binomial ? "logit" : "identity");
  ms_facts_number(&facts, "rows", (double)request->design->rows);
  ms_facts_number(&facts, "alpha", request->alpha);
  ms_facts_number(&facts, "lambda", path->lambdas[at]);
  if (path->error) {
    ms_facts_number(&facts, "lambda_minimum", path->lambdas[chosen(path, MINIMUM)]);
    ms_facts_number(&facts, "lambda_one_error", path->lambdas[chosen(path, ONE_ERROR)]);
    ms_facts_number(&facts, "error", path->error[at]);
    ms_facts_number(&facts, "folds", (double)request->folds);
  }
  ms_facts_number(&facts, "explained_deviance", path->explained[at]);
  return ms_facts_finish(&facts);
}

static ms_status read_y(ms_context *context, const ms_training *training,
                        ms_path_request *request) {
  const ms_target *target = &training->target;
  request->binomial = target->classes;
  request->y = target->values;
  if (!target->classes) return MS_OK;
  if (target->levels.count != 2) {
    return ms_fail(context, MS_EDATA, "elastic_net: column '%s' has %zu classes; two are wanted",
                   target->name, target->levels.count);
  }
  double *y = ms_scratch(context, (size_t)training->inputs.rows + 1, sizeof *y);
  if (!y) return MS_EMEMORY;
  for (int64_t i = 0; i < training->inputs.rows; i++) y[i] = target->codes[i];
  request->y = y;
  return MS_OK;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const net_options *given = checked;
  ms_names except = {given->fold ? 1 : 0, &given->fold};
  ms_training_request wanted = {.kernel = "elastic_net",
                                .kind = MS_TARGET_ANY,
                                .target = given->target,
                                .event = given->event,
                                .columns = given->columns,
                                .categories = given->categories,
                                .except = except,
                                .weights = given->weights,
                                .complete = true};
  ms_training training;
  ms_design design;
  ms_path path = {0};
  ms_design_request laid = {"elastic_net", true, given->base};
  if (ms_training_read(context, inputs->frames[0], &wanted, &training) != MS_OK ||
      ms_design_make(context, &training.inputs, &laid, &design) != MS_OK)
    return NULL;
  ms_path_request request = {.kernel = "elastic_net",
                             .design = &design,
                             .weights = training.weights,
                             .alpha = given->alpha,
                             .lambda = given->lambda,
                             .lambdas = (size_t)given->lambdas};
  ms_status status = read_y(context, &training, &request);
  if (status == MS_OK && given->lambda == 0) {
    status = given->fold ? given_folds(context, training.frame, given->fold, &request)
                         : random_folds(context, given, training.inputs.rows, &request);
  }
  if (status != MS_OK || ms_path_make(context, &request, &path) != MS_OK) return NULL;
  size_t at = chosen(&path, given->choose);
  ms_frame *steps = path_part(context, &path, design.count);
  double *coefficients = path.coefficients + at * design.count;
  ms_design_original(&design, coefficients);
  ms_frame *terms = terms_part(context, &design, &training, coefficients);
  bool fine = ms_part_attach(context, steps);
  fine = ms_part_attach(context, ms_training_part(context, &training)) && fine;
  fine = ms_part_attach(context, facts_part(context, &request, &path, at)) && fine;
  if (fine && terms) return terms;
  ms_frame_free(terms);
  return NULL;
}

const ms_kernel ms_kernel_elastic_net = {
    .name = "elastic_net",
    .group = "mining",
    .brief = "linear or logistic regression that shrinks coefficients and leaves inputs out",
    .cost = "gaussian: O(rows * terms^2) time; classes: that times steps, lambdas and folds",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(net_options),
    .parts = "terms path inputs facts",
    .run = run,
};
