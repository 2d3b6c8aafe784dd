/* ms.neural: a small multi-layer perceptron, trained by BFGS from several starts (Ripley 1996, Pattern Recognition and Neural
 * Networks; the R package nnet). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/random.h"
#include "core/kernels/mining/common/solve_smooth.h"
#include "core/kernels/mining/neural/net.h"

typedef struct {
  const char *target, *event, *weights;
  ms_names columns, categories;
  int64_t size, starts, iterations, patience, seed;
  double decay, tolerance, validation;
  bool standardise;
  ms_reals start;
} neural_options;

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "the number or class to predict",
     .offset = offsetof(neural_options, target)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that `probability` is of; makes classes of an integer target",
     .offset = offsetof(neural_options, event)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     .offset = offsetof(neural_options, columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     .offset = offsetof(neural_options, categories)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how much each row counts",
     .offset = offsetof(neural_options, weights)},
    {.name = "size",
     .type = MS_OPTION_INTEGER,
     .fallback = "5",
     .low = 1,
     .high = 1000,
     .brief = "hidden units",
     .offset = offsetof(neural_options, size)},
    {.name = "decay",
     .type = MS_OPTION_REAL,
     .fallback = "0.01",
     .low = 0,
     .high = 1e9,
     .brief = "penalty: times the sum of squared weights",
     .offset = offsetof(neural_options, decay)},
    {.name = "starts",
     .type = MS_OPTION_INTEGER,
     .fallback = "3",
     .low = 1,
     .high = 1000,
     .brief = "random starts, of which the best is kept",
     .offset = offsetof(neural_options, starts)},
    {.name = "start",
     .type = MS_OPTION_REALS,
     .brief = "the weights to start from, in the order of the part `weights`",
     .offset = offsetof(neural_options, start)},
    {.name = "iterations",
     .type = MS_OPTION_INTEGER,
     .fallback = "200",
     .low = 1,
     .high = 1000000,
     .brief = "most steps of a start",
     .offset = offsetof(neural_options, iterations)},
    {.name = "tolerance",
     .type = MS_OPTION_REAL,
     .fallback = "1e-8",
     .low = 1e-300,
     .high = 1,
     .brief = "a step that gains less than this share ends the training",
     .offset = offsetof(neural_options, tolerance)},
    {.name = "validation",
     .type = MS_OPTION_REAL,
     .fallback = "0",
     .low = 0,
     .high = 0.9,
     .brief = "share of rows held out, whose loss says when to stop",
     .offset = offsetof(neural_options, validation)},
    {.name = "patience",
     .type = MS_OPTION_INTEGER,
     .fallback = "10",
     .low = 1,
     .high = 1000000,
     .brief = "steps without a better loss of the rows held out",
     .offset = offsetof(neural_options, patience)},
    {.name = "standardise",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "true",
     .brief = "bring numbers, a target that is one too, to mean 0 and deviation 1",
     .offset = offsetof(neural_options, standardise)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .brief = "of the starts and of the rows held out",
     .offset = offsetof(neural_options, seed)},
    {0}};

typedef struct {
  const neural_options *given;
  ms_training training;
  ms_design design;
  ms_net net;
  ms_net_data data;
  size_t n;
  double centre, scale; /* of a number that is predicted: (y - centre) * scale is learned */
  double *weights;      /* start after start */
  ms_smooth_end *ends;
  double *held;
} learning;

/* ---- what is learned from -------------------------------------------------------------------------------------- */

static void find_scale(const double *values, int64_t rows, double *centre, double *scale) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < rows; i++) sum += values[i];
  *centre = sum / (double)rows;
  for (int64_t i = 0; i < rows; i++) squares += (values[i] - *centre) * (values[i] - *centre);
  double deviation = rows > 1 ? sqrt(squares / (double)(rows - 1)) : 0;
  *scale = deviation > 0 && isfinite(deviation) ? 1 / deviation : 1;
}

static ms_status lay_out(ms_context *context, learning *l) {
  const ms_target *target = &l->training.target;
  ms_design_request laid = {"neural", false, {0, NULL}};
  ms_status status = ms_design_make(context, &l->training.inputs, &laid, &l->design);
  if (status != MS_OK) return status;
  for (size_t j = 0; j < l->design.dense; j++) {
    l->design.centre[j] = 0, l->design.scale[j] = 1;
    if (!l->given->standardise) continue;
    find_scale(l->design.values[j], l->design.rows, &l->design.centre[j], &l->design.scale[j]);
  }
  size_t levels = target->levels.count;
  ms_net_kind kind = !target->classes ? MS_NET_NUMBER : levels == 2 ? MS_NET_EVENT : MS_NET_CLASSES;
  ms_net_shape shape = {kind, (size_t)l->given->size, kind == MS_NET_CLASSES ? levels : 1};
  status = ms_net_make(context, &l->design, shape, &l->net);
  if (status != MS_OK) return status;
  l->n = ms_net_weights(&l->net);
  if (l->n > MS_SMOOTH_MOST) {
    (void)ms_fail(context, MS_ELIMIT, "neural: the net has %zu weights; at most %d are wanted",
                  l->n, MS_SMOOTH_MOST);
    ms_fail_hint(context, "take fewer hidden units (size), or leave out categories of many levels");
    return MS_ELIMIT;
  }
  return status;
}

static ms_status read_target(ms_context *context, learning *l) {
  const ms_target *target = &l->training.target;
  int64_t rows = l->design.rows;
  l->centre = 0, l->scale = 1;
  l->data.codes = target->codes;
  double *y = ms_scratch(context, (size_t)rows + 1, sizeof *y);
  if (!y) return MS_EMEMORY;
  if (!target->classes && l->given->standardise) {
    find_scale(target->values, rows, &l->centre, &l->scale);
  }
  for (int64_t i = 0; i < rows; i++) {
    y[i] = target->classes ? target->codes[i] : (target->values[i] - l->centre) * l->scale;
  }
  l->data.y = y;
  return MS_OK;
}

static ms_status hold_out(ms_context *context, learning *l) {
  if (!(l->given->validation > 0)) return MS_OK;
  int64_t rows = l->design.rows, count = 0;
  uint8_t *held = ms_scratch(context, (size_t)rows + 1, sizeof *held);
  if (!held) return MS_EMEMORY;
  ms_random random = ms_random_new((uint64_t)l->given->seed, UINT64_MAX);
  for (int64_t i = 0; i < rows; i++) {
    count += held[i] = ms_random_unit(&random) < l->given->validation;
  }
  if (count == 0 || count == rows) {
    return ms_fail(context, MS_EDATA, "neural: %lld rows are too few to hold %g of them out",
                   (long long)rows, l->given->validation);
  }
  l->data.held = held;
  return MS_OK;
}

/* ---- training -------------------------------------------------------------------------------------------------- */

typedef struct {
  ms_context *context;
  const learning *l;
  double best, *kept;
  int64_t since;
  ms_status status;
} watch;

static ms_status value(ms_context *context, void *state, const double *x, double *out,
                       double *gradient) {
  const learning *l = ((watch *)state)->l;
  ms_net_loss loss = {.gradient = gradient};
  ms_status status = ms_net_judge(context, &l->net, &l->data, x, &loss);
  *out = loss.learned;
  return status;
}

/* Keeps the weights that are best for the rows held out. */
static bool enough(void *state, const double *x) {
  watch *w = state;
  ms_net_loss loss = {.gradient = NULL};
  w->status = ms_net_judge(w->context, &w->l->net, &w->l->data, x, &loss);
  if (w->status != MS_OK) return true;
  if (loss.held < w->best) {
    w->best = loss.held;
    w->since = 0;
    memcpy(w->kept, x, w->l->n * sizeof *x);
    return false;
  }
  return ++w->since >= w->l->given->patience;
}

static ms_status run_start(ms_context *context, void *state, size_t start) {
  learning *l = state;
  double *weights = l->weights + start * l->n;
  ms_random random = ms_random_new((uint64_t)l->given->seed, start);
  for (size_t k = 0; k < l->n; k++) {
    weights[k] =
        l->given->start.count ? l->given->start.items[k] : 1.4 * ms_random_unit(&random) - 0.7;
  }
  watch w = {context, l, INFINITY, NULL, 0, MS_OK};
  ms_smooth smooth = {.n = l->n,
                      .iterations = l->given->iterations,
                      .relative = l->given->tolerance,
                      .value = value,
                      .state = &w};
  if (l->data.held) {
    smooth.enough = enough;
    w.kept = ms_scratch(context, l->n, sizeof(double));
    if (!w.kept) return MS_EMEMORY;
    (void)enough(&w, weights);
  }
  if (w.status != MS_OK) return w.status;
  ms_status status = ms_smooth_least(context, &smooth, weights, &l->ends[start]);
  if (status == MS_EDATA) {
    return ms_fail(context, MS_EDATA,
                   "neural: the numbers are too large or too small to be learned");
  }
  if (status == MS_OK) status = w.status;
  if (l->data.held && status == MS_OK) {
    memcpy(weights, w.kept, l->n * sizeof *weights);
    l->held[start] = w.best;
    ms_net_loss loss = {.gradient = NULL};
    status = ms_net_judge(context, &l->net, &l->data, weights, &loss);
    l->ends[start].value = loss.learned;
  }
  return status;
}

/* The best start. */
static ms_status train(ms_context *context, learning *l, size_t *best) {
  size_t starts = l->given->start.count ? 1 : (size_t)l->given->starts;
  if (l->given->start.count && l->given->start.count != l->n) {
    return ms_fail(context, MS_EARGUMENT, "neural: option 'start' has %zu weights; %zu are wanted",
                   l->given->start.count, l->n);
  }
  l->weights = ms_scratch(context, starts * l->n, sizeof(double));
  l->ends = ms_scratch_zero(context, starts, sizeof *l->ends);
  l->held = ms_scratch_zero(context, starts, sizeof(double));
  if (!l->weights || !l->ends || !l->held) return MS_EMEMORY;
  ms_status status =
      starts == 1 ? run_start(context, l, 0) : ms_parallel(context, starts, run_start, l);
  if (status != MS_OK) return status;
  *best = 0;
  for (size_t s = 1; s < starts; s++) {
    bool better =
        l->data.held ? l->held[s] < l->held[*best] : l->ends[s].value < l->ends[*best].value;
    if (better) *best = s;
  }
  return MS_OK;
}

/* ---- parts ----------------------------------------------------------------------------------------------------- */

static void put_weight(ms_builder *out, int64_t layer, int64_t unit, const char *from,
                       double weight) {
  ms_builder_integer(out, 0, layer);
  ms_builder_integer(out, 1, unit);
  ms_part_put_text(out, 2, from);
  ms_builder_real(out, 3, weight);
}

static ms_frame *weights_part(ms_context *context, const learning *l, const double *weights) {
  static const char *const names[] = {"layer", "unit", "from", "weight"};
  static const ms_type types[] = {MS_INTEGER, MS_INTEGER, MS_TEXT, MS_REAL};
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t c = 0; c < 4; c++) (void)ms_builder_column(out, names[c], types[c]);
  for (size_t h = 0; h < l->net.size; h++) {
    put_weight(out, 1, (int64_t)h + 1, "(bias)", *weights++);
    for (size_t t = 0; t < l->design.count; t++) {
      put_weight(out, 1, (int64_t)h + 1, l->design.terms[t].name, *weights++);
    }
  }
  for (size_t o = 0; o < l->net.outputs; o++) {
    put_weight(out, 2, (int64_t)o + 1, "(bias)", *weights++);
    for (size_t h = 0; h < l->net.size; h++) {
      char name[32];
      (void)snprintf(name, sizeof name, "hidden %zu", h + 1);
      put_weight(out, 2, (int64_t)o + 1, name, *weights++);
    }
  }
  return ms_builder_finish(out);
}

/* A row for each number that goes in, and one for a number that comes out. */
static ms_frame *scales_part(ms_context *context, const learning *l) {
  static const char *const names[] = {"column", "centre", "scale"};
  ms_builder *out = ms_builder_new(context);
  if (!out) return NULL;
  for (size_t c = 0; c < 3; c++) (void)ms_builder_column(out, names[c], c ? MS_REAL : MS_TEXT);
  for (size_t j = 0; j < l->design.dense; j++) {
    ms_part_put_text(out, 0, l->design.terms[l->net.term[j]].name);
    ms_builder_real(out, 1, l->design.centre[j]);
    ms_builder_real(out, 2, l->design.scale[j]);
  }
  ms_part_put_text(out, 0, l->training.target.name);
  ms_builder_real(out, 1, l->centre);
  ms_builder_real(out, 2, l->scale);
  return ms_builder_finish(out);
}

static ms_frame *facts_part(ms_context *context, const learning *l, size_t best) {
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)l->design.rows);
  ms_facts_number(&facts, "size", (double)l->net.size);
  ms_facts_number(&facts, "weights", (double)l->n);
  ms_facts_number(&facts, "decay", l->data.decay);
  ms_facts_number(&facts, "value", l->ends[best].value);
  if (l->data.held) ms_facts_number(&facts, "validation_loss", l->held[best]);
  ms_facts_number(&facts, "start", (double)best + 1);
  ms_facts_number(&facts, "iterations", (double)l->ends[best].iterations);
  ms_facts_number(&facts, "converged", l->ends[best].converged);
  return ms_facts_finish(&facts);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const neural_options *given = checked;
  ms_training_request wanted = {.kernel = "neural",
                                .kind = MS_TARGET_ANY,
                                .target = given->target,
                                .event = given->event,
                                .columns = given->columns,
                                .categories = given->categories,
                                .weights = given->weights,
                                .complete = true};
  learning *l = ms_scratch_zero(context, 1, sizeof *l);
  size_t best = 0;
  if (!l || ms_training_read(context, inputs->frames[0], &wanted, &l->training) != MS_OK)
    return NULL;
  l->given = given;
  l->data = (ms_net_data){.weights = l->training.weights, .decay = given->decay};
  if (lay_out(context, l) != MS_OK || read_target(context, l) != MS_OK ||
      hold_out(context, l) != MS_OK || train(context, l, &best) != MS_OK)
    return NULL;
  if (!l->ends[best].converged && !l->data.held)
    ms_warn(context, "neural: no end after %lld steps (option iterations)",
            (long long)l->ends[best].iterations);
  ms_frame *weights = weights_part(context, l, l->weights + best * l->n);
  bool fine = ms_part_attach(context, scales_part(context, l));
  fine = ms_part_attach(context, ms_training_part(context, &l->training)) && fine;
  fine = ms_part_attach(context, facts_part(context, l, best)) && fine;
  if (fine && weights) return weights;
  ms_frame_free(weights);
  return NULL;
}

const ms_kernel ms_kernel_neural = {
    .name = "neural",
    .group = "mining",
    .brief = "a small neural net: numbers or classes through one hidden layer",
    .cost = "O(starts * iterations * (rows * weights + weights^2)) time",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(neural_options),
    .parts = "weights scales inputs facts",
    .run = run,
};
