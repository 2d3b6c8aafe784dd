/* tree: classification and regression trees (CART), as frames. */
#include "core/kernels/mining/tree/tree.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/base/random.h"

typedef struct {
  const char *target, *event, *weights, *fold;
  ms_names columns, categories;
  int criterion, missing;
  double cp;
  int64_t minsplit, minbucket, maxdepth, maxsurrogate, maxcompete, folds, seed;
  bool known_only;
  ms_reals prior, loss;
} tree_options;

#define FIELD(field) .offset = offsetof(tree_options, field)

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "text, boolean: classes; a number: regression",
     FIELD(target)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     FIELD(columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     FIELD(categories)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how often each row counts",
     FIELD(weights)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that `probability` is of; the last one unless given",
     FIELD(event)},
    {.name = "criterion",
     .type = MS_OPTION_CHOICE,
     .fallback = "gini",
     .unit = "gini information",
     .brief = "what a split of classes gains; numbers use squares",
     FIELD(criterion)},
    {.name = "cp",
     .type = MS_OPTION_REAL,
     .fallback = "0.01",
     .low = 0,
     .high = 1,
     .brief = "least share of the root's risk that a split has to gain",
     FIELD(cp)},
    {.name = "minsplit",
     .type = MS_OPTION_INTEGER,
     .fallback = "20",
     .low = 2,
     .high = 1e9,
     .unit = "rows",
     .brief = "least rows of a node that is split",
     FIELD(minsplit)},
    {.name = "minbucket",
     .type = MS_OPTION_INTEGER,
     .fallback = "7",
     .low = 1,
     .high = 1e9,
     .unit = "rows",
     .brief = "least rows of a leaf",
     FIELD(minbucket)},
    {.name = "maxdepth",
     .type = MS_OPTION_INTEGER,
     .fallback = "30",
     .low = 1,
     .high = 30,
     .brief = "most splits above a leaf",
     FIELD(maxdepth)},
    {.name = "prior",
     .type = MS_OPTION_REALS,
     .brief =
         "share of each class in the population, in the order of classes; none: as in the rows",
     FIELD(prior)},
    {.name = "loss",
     .type = MS_OPTION_REALS,
     .brief =
         "cost of each error: a row of numbers for each true class, a number for each class said",
     FIELD(loss)},
    {.name = "missing",
     .type = MS_OPTION_CHOICE,
     .fallback = "majority",
     .unit = "stay surrogate majority",
     .brief = "a row without the split's value stays in the node, asks surrogates, or at last goes "
              "with most",
     FIELD(missing)},
    {.name = "maxsurrogate",
     .type = MS_OPTION_INTEGER,
     .fallback = "5",
     .low = 0,
     .high = 100,
     .brief = "most surrogate splits of a node",
     FIELD(maxsurrogate)},
    {.name = "known_only",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "a surrogate agrees with a share of the rows that have its value, not of all",
     FIELD(known_only)},
    {.name = "maxcompete",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 100,
     .brief = "most competing splits of a node that are kept to be looked at",
     FIELD(maxcompete)},
    {.name = "folds",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 1000,
     .brief = "folds of the cross-validation that fills xerror and xstd; 0: none",
     FIELD(folds)},
    {.name = "fold",
     .type = MS_OPTION_COLUMN,
     .brief = "a whole number of each row, its fold; instead of `folds`",
     FIELD(fold)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .low = 0,
     .high = 9007199254740991,
     .brief = "of the division into folds",
     FIELD(seed)},
    {0}};

/* ---- priors and loss ---- */

static const char *class_order(ms_context *context, const ms_levels *levels) {
  const char *text = levels->names[0];
  for (size_t k = 1; text && k < levels->count && k < 8; k++)
    text = ms_scratch_format(context, "%s, %s", text, levels->names[k]);
  return text ? text : "";
}

static ms_status wrong_count(ms_context *context, const char *option, size_t got, size_t wanted,
                             const ms_target *target) {
  (void)ms_fail(context, MS_EARGUMENT, "tree: option '%s' has %zu numbers; %zu are wanted", option,
                got, wanted);
  ms_fail_hint(context, "the classes are, in order: %s", class_order(context, &target->levels));
  return MS_EARGUMENT;
}

static ms_status read_prior(ms_context *context, const ms_reals *given, const ms_target *target,
                            tree_settings *out) {
  size_t count = target->levels.count;
  double *prior = ms_scratch(context, count, sizeof *prior), sum = 0;
  if (!prior) return MS_EMEMORY;
  if (given->count != count) return wrong_count(context, "prior", given->count, count, target);
  for (size_t k = 0; k < count; k++) {
    if (!(given->items[k] > 0) || isinf(given->items[k])) {
      return ms_fail(context, MS_EARGUMENT, "tree: prior %.15g of class '%s'; more than 0 wanted",
                     given->items[k], target->levels.names[k]);
    }
    sum += given->items[k];
  }
  for (size_t k = 0; k < count; k++) prior[k] = given->items[k] / sum;
  out->prior = prior;
  return MS_OK;
}

static ms_status read_loss(ms_context *context, const ms_reals *given, const ms_target *target,
                           tree_settings *out) {
  size_t count = target->levels.count;
  if (given->count != count * count)
    return wrong_count(context, "loss", given->count, count * count, target);
  for (size_t k = 0; k < count; k++) {
    double sum = 0;
    for (size_t j = 0; j < count; j++) {
      double cost = given->items[k * count + j];
      if (!(cost >= 0) || isinf(cost) || (j == k && cost != 0)) {
        return ms_fail(
            context, MS_EARGUMENT, "tree: loss %.15g of saying '%s' where it is '%s'; %s wanted",
            cost, target->levels.names[j], target->levels.names[k], j == k ? "0" : "0 or more");
      }
      sum += cost;
    }
    if (!(sum > 0)) {
      return ms_fail(context, MS_EARGUMENT, "tree: no error costs anything where it is '%s'",
                     target->levels.names[k]);
    }
  }
  out->loss = given->items;
  return MS_OK;
}

static ms_status read_costs(ms_context *context, const tree_options *given, const ms_target *target,
                            tree_settings *out) {
  if (!target->classes && (given->prior.count || given->loss.count)) {
    return ms_fail(context, MS_EARGUMENT, "tree: option '%s' is for classes, and '%s' is a number",
                   given->prior.count ? "prior" : "loss", target->name);
  }
  ms_status status = MS_OK;
  if (given->prior.count) status = read_prior(context, &given->prior, target, out);
  if (given->loss.count && status == MS_OK) status = read_loss(context, &given->loss, target, out);
  return status;
}

/* ---- folds ---- */

/* The numbers of a column, from 0 in their order. */
static ms_status read_folds(ms_context *context, const ms_training *training, const char *name,
                            tree_folds *out) {
  const ms_column *column = ms_frame_get(context, training->frame, "tree", name);
  if (!column) return ms_error_status(context);
  if (column->type != MS_INTEGER)
    return ms_fail(context, MS_ETYPE, "tree: column '%s' is no column of whole numbers", name);
  const double *values = ms_view_real(context, column);
  uint32_t *of_row = ms_scratch(context, (size_t)training->inputs.rows, sizeof *of_row);
  uint8_t there[1001] = {0};
  if (!of_row || !values) return MS_EMEMORY;
  for (int64_t i = 0; i < training->inputs.rows; i++) {
    if (!(values[i] >= 0 && values[i] <= 1000)) {
      (void)ms_fail(context, MS_EDATA, "tree: fold %.15g in column '%s'; 0 to 1000 wanted",
                    values[i], name);
      ms_fail_cell(context, name, training->kept ? training->kept[i] : i);
      return MS_EDATA;
    }
    there[of_row[i] = (uint32_t)values[i]] = 1;
  }
  uint32_t places[1001];
  for (size_t v = 0; v <= 1000; v++) {
    places[v] = (uint32_t)out->count;
    out->count += there[v];
  }
  if (out->count < 2)
    return ms_fail(context, MS_EDATA, "tree: column '%s' has one fold; two are wanted", name);
  for (int64_t i = 0; i < training->inputs.rows; i++) of_row[i] = places[of_row[i]];
  out->of_row = of_row;
  return MS_OK;
}

/* As many rows in each fold, give or take one, shuffled. */
static ms_status draw_folds(ms_context *context, int64_t rows, const tree_options *given,
                            tree_folds *out) {
  uint32_t *of_row = ms_scratch(context, (size_t)rows, sizeof *of_row);
  if (!of_row) return MS_EMEMORY;
  out->count = (size_t)(given->folds < rows ? given->folds : rows);
  ms_random random = ms_random_new((uint64_t)given->seed, 0);
  for (int64_t i = 0; i < rows; i++) {
    int64_t j = (int64_t)ms_random_below(&random, (uint64_t)i + 1);
    of_row[i] = of_row[j];
    of_row[j] = (uint32_t)((size_t)i % out->count);
  }
  out->of_row = of_row;
  return MS_OK;
}

/* ---- the model ---- */

static ms_status learn(ms_context *context, const tree_options *given, tree_growth *growth,
                       tree_grown *tree, tree_steps *steps) {
  const ms_training *training = growth->training;
  tree_orders sorted, working;
  tree_folds folds = {NULL, 0};
  ms_status status = MS_OK;
  if (given->fold) status = read_folds(context, training, given->fold, &folds);
  if (!given->fold && given->folds > 1)
    status = draw_folds(context, training->inputs.rows, given, &folds);
  if (status == MS_OK) status = tree_orders_make(context, training, &sorted);
  growth->orders = &sorted;
  if (status == MS_OK && folds.count) {
    status = tree_orders_room(context, training, &sorted, &working);
    if (status == MS_OK) status = tree_orders_take(context, training, &sorted, NULL, &working);
    growth->orders = &working;
  }
  if (status == MS_OK)
    status = tree_factors_make(context, training, growth->settings, &sorted, &growth->factors);
  if (status == MS_OK) status = tree_grow(context, growth, tree);
  if (status == MS_OK) status = tree_finish(context, growth, tree);
  if (status == MS_OK) status = tree_steps_make(context, growth, tree, steps);
  if (status == MS_OK && folds.count)
    status = tree_validate(context, growth, &folds, &sorted, steps);
  return status;
}

static ms_frame *facts_part(ms_context *context, const tree_options *given,
                            const tree_growth *growth) {
  static const char *const missing[] = {"stay", "surrogate", "majority"};
  static const char *const criteria[] = {"gini", "information", "anova"};
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)growth->training->inputs.rows);
  ms_facts_number(&facts, "cp", given->cp);
  ms_facts_text(&facts, "missing", missing[given->missing]);
  ms_facts_text(&facts, "criterion", criteria[growth->settings->criterion]);
  return ms_facts_finish(&facts);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const tree_options *given = checked;
  ms_training_request request = {.kernel = "tree",
                                 .kind = MS_TARGET_ANY,
                                 .target = given->target,
                                 .event = given->event,
                                 .columns = given->columns,
                                 .categories = given->categories,
                                 .except = {given->fold ? 1 : 0, &given->fold},
                                 .weights = given->weights};
  tree_settings settings = {.cp = given->cp,
                            .minsplit = given->minsplit,
                            .minbucket = given->minbucket,
                            .maxdepth = given->maxdepth,
                            .surrogates = given->maxsurrogate,
                            .competitors = given->maxcompete,
                            .known_only = given->known_only,
                            .missing = (tree_missing)given->missing,
                            .criterion = (tree_criterion)given->criterion};
  ms_training training;
  tree_growth growth = {.training = &training, .settings = &settings, .alpha = -1};
  tree_grown tree;
  tree_steps steps;
  if (ms_training_read(context, inputs->frames[0], &request, &training) != MS_OK) return NULL;
  if (!training.target.classes) settings.criterion = TREE_ANOVA;
  if (read_costs(context, given, &training.target, &settings) != MS_OK ||
      learn(context, given, &growth, &tree, &steps) != MS_OK)
    return NULL;
  ms_frame *nodes = tree_nodes_part(context, &tree);
  bool fine = ms_part_attach(context, tree_shares_part(context, &tree, &training.target));
  fine = ms_part_attach(context, tree_splits_part(context, &tree)) && fine;
  fine = ms_part_attach(context, tree_steps_part(context, &steps)) && fine;
  fine = ms_part_attach(context, ms_training_part(context, &training)) && fine;
  fine = ms_part_attach(context, facts_part(context, given, &growth)) && fine;
  if (fine && nodes) return nodes;
  ms_frame_free(nodes);
  return NULL;
}

const ms_kernel ms_kernel_tree = {
    .name = "tree",
    .group = "mining",
    .brief = "a classification or regression tree (CART) with complexity pruning",
    .cost =
        "O(rows * columns * (log rows + depth)) time; beside the data rows * (4 * columns + 16 * "
        "threads + 24) bytes, 8 for each number that is not real, 4 for each category; with "
        "folds 4 * columns more",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(tree_options),
    .parts = "nodes shares splits cp inputs facts",
    .run = run,
};
