/* The rounds of boosting: derivatives, a tree an output, new margins, and when to stop. */
#include "core/kernels/mining/boost/boost.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"

typedef struct {
  ms_context *context;
  const ms_boost_options *options;
  ms_boosting *boosting;
  ms_boosted *out;
  ms_grower grower;
  ms_gradients gradients;
  bool *use;
  uint32_t *order; /* of columns, for drawing some */
  size_t output;   /* that the last tree is for */
  int64_t evaluate_each;
} training;

/* ---- sampling ---- */

/* The lists of rows for a tree: drawn ones, and the rest with the held ones. */
static void draw_rows(training *t, uint64_t tree) {
  ms_grower *grower = &t->grower;
  const ms_boosting *b = t->boosting;
  ms_random random = ms_random_new((uint64_t)t->options->seed, 2 * tree + 10);
  uint32_t in = 0, out = 0;
  for (int64_t i = 0; i < b->rows; i++) {
    bool held = b->held && b->held[i];
    bool drawn = !held && (t->options->sample >= 1 || ms_random_unit(&random) < t->options->sample);
    if (drawn)
      grower->rows[0][in++] = (uint32_t)i;
    else
      grower->rows[1][out++] = (uint32_t)i;
  }
  grower->count[0] = in;
  grower->count[1] = out;
}

static void draw_columns(training *t, uint64_t tree) {
  size_t count = t->grower.bins->count;
  size_t wanted = (size_t)ceil(t->options->column_sample * (double)count - 1e-9);
  ms_random random = ms_random_new((uint64_t)t->options->seed, 2 * tree + 11);
  for (size_t c = 0; c < count; c++) t->use[c] = wanted >= count, t->order[c] = (uint32_t)c;
  for (size_t c = 0; wanted < count && c < wanted; c++) {
    size_t at = c + (size_t)ms_random_below(&random, count - c);
    uint32_t column = t->order[at];
    t->order[at] = t->order[c];
    t->order[c] = column;
    t->use[column] = true;
  }
}

/* ---- margins ---- */

static ms_status move_leaf(ms_context *worker, void *state, size_t task) {
  const training *t = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  const ms_growing *leaf = &t->grower.leaves[task];
  double *margin = t->boosting->margin + (int64_t)t->output * t->boosting->rows;
  double value = t->out->ensemble.values[leaf->node];
  for (int list = 0; list < 2; list++) {
    const uint32_t *rows = t->grower.rows[list] + leaf->spans[list].begin;
    for (uint32_t i = 0; i < leaf->spans[list].count; i++) margin[rows[i]] += value;
  }
  return MS_OK;
}

/* ---- evaluation ---- */

static ms_status evaluate(training *t, int64_t round, bool *stop) {
  bool stopping = t->options->early_stopping > 0, last = round == t->options->trees;
  *stop = false;
  if (!stopping && !last && round % t->evaluate_each != 0) return MS_OK;
  ms_boosted *out = t->out;
  double learned = NAN, held = NAN;
  ms_status status = ms_objective_loss(t->context, t->boosting, true, &held);
  if (status == MS_OK && (last || round % t->evaluate_each == 0))
    status = ms_objective_loss(t->context, t->boosting, false, &learned);
  if (status != MS_OK) return status;
  out->round[out->evaluations] = round;
  out->learned[out->evaluations] = learned;
  out->held[out->evaluations++] = held;
  if (!stopping) return MS_OK;
  if (out->best_round == 0 || held < out->held[out->best_round - 1]) out->best_round = round;
  *stop = round - out->best_round >= t->options->early_stopping;
  return MS_OK;
}

static ms_status one_round(training *t, int64_t round) {
  ms_boosting *b = t->boosting;
  ms_status status = ms_objective_gradients(t->context, b);
  for (size_t k = 0; status == MS_OK && k < b->outputs; k++) {
    uint64_t tree = (uint64_t)round * b->outputs + k;
    t->output = k;
    int64_t from = (int64_t)k * b->rows;
    status = ms_gradients_set(t->context, &t->gradients, b->g + from, b->h + from,
                              (uint64_t)t->options->seed * 1000003 + tree);
    if (status != MS_OK) break;
    draw_rows(t, tree);
    draw_columns(t, tree);
    status = ms_grow_tree(t->context, &t->grower, &t->out->ensemble);
    if (status == MS_OK) status = ms_parallel(t->context, t->grower.leaf_count, move_leaf, t);
  }
  return status;
}

/* Counts would run away from a base that is far off: as XGBoost, a step multiplies by at most e^0.7. */
static double max_step_of(const training *t) {
  double given = t->options->max_step;
  return given == 0 && t->boosting->objective == MS_OBJECTIVE_POISSON ? 0.7 : given;
}

static ms_status start(training *t, const ms_bins *bins) {
  size_t rows = (size_t)t->boosting->rows, rounds = (size_t)t->options->trees + 1;
  ms_boosted *out = t->out;
  *out = (ms_boosted){.ensemble = ms_ensemble_new(t->context, 1)};
  out->round = ms_scratch(t->context, rounds, sizeof *out->round);
  out->learned = ms_scratch(t->context, rounds, sizeof *out->learned);
  out->held = ms_scratch(t->context, rounds, sizeof *out->held);
  t->use = ms_scratch(t->context, bins->count, sizeof *t->use);
  t->order = ms_scratch(t->context, bins->count, sizeof *t->order);
  if (!out->round || !out->learned || !out->held || !t->use || !t->order) return MS_EMEMORY;
  ms_grower *grower = &t->grower;
  grower->bins = bins;
  grower->gradients = &t->gradients;
  grower->use = t->use;
  grower->rules = (ms_grow_rules){.lambda = t->options->lambda,
                                  .gamma = t->options->gamma,
                                  .least_cover = t->options->min_child_weight,
                                  .learning_rate = t->options->learning_rate,
                                  .smooth = t->options->smooth,
                                  .max_step = max_step_of(t),
                                  .max_depth = t->options->max_depth,
                                  .max_leaves = t->options->max_leaves};
  for (int list = 0; list < 2; list++) {
    grower->rows[list] = ms_scratch(t->context, rows + 64, sizeof(uint32_t));
    if (!grower->rows[list]) return MS_EMEMORY;
    grower->count[list] = (uint32_t)rows;
  }
  ms_status status = ms_grower_start(t->context, grower);
  return status == MS_OK
             ? ms_gradients_new(t->context, t->boosting->rows, t->options->exact, &t->gradients)
             : status;
}

/* The sign of each column's constraint. */
static ms_status constrain(training *t) {
  const ms_boost_options *options = t->options;
  if (!options->increasing.count && !options->decreasing.count) return MS_OK;
  const ms_input_list *inputs = &t->boosting->training->inputs;
  int8_t *monotone = ms_scratch_zero(t->context, inputs->count, 1);
  if (!monotone) return MS_EMEMORY;
  for (int down = 0; down < 2; down++) {
    const ms_names *names = down ? &options->decreasing : &options->increasing;
    for (size_t i = 0; i < names->count; i++) {
      size_t c = 0;
      while (c < inputs->count && strcmp(inputs->items[c].name, names->items[i]) != 0) c++;
      if (c == inputs->count || inputs->items[c].category || monotone[c])
        return ms_fail(t->context, MS_EARGUMENT, "boost: %s: column '%s' is %s",
                       down ? "decreasing" : "increasing", names->items[i],
                       c == inputs->count          ? "no input"
                       : inputs->items[c].category ? "a category, which has no order"
                                                   : "named twice");
      monotone[c] = down ? -1 : 1;
    }
  }
  t->grower.monotone = monotone;
  return MS_OK;
}

ms_status ms_boost_train(ms_context *context, const ms_boost_options *options, const ms_bins *bins,
                         ms_boosting *boosting, ms_boosted *out) {
  training t = {.context = context, .options = options, .boosting = boosting, .out = out};
  t.evaluate_each = options->trees > 10 ? options->trees / 10 : 1;
  ms_status status = start(&t, bins);
  if (status == MS_OK) status = constrain(&t);
  bool stop = false;
  for (int64_t round = 1; status == MS_OK && round <= options->trees && !stop; round++) {
    ms_report(context, "boost: tree", (uint64_t)round, (uint64_t)options->trees);
    status = one_round(&t, round);
    if (status == MS_OK) status = evaluate(&t, round, &stop);
    out->rounds = (size_t)round;
  }
  if (status == MS_OK && out->best_round) {
    out->rounds = (size_t)out->best_round;
    ms_ensemble_cut(&out->ensemble, out->rounds * boosting->outputs);
  }
  return status;
}
