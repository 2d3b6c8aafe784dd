/* ms.forest: random forests (Breiman 2001), on binned columns. */
#include "core/kernels/mining/forest/forest.h"

#include <math.h>
#include <string.h>

/* Trees that are grown before they are put together. */
enum { WAVE = 16, CLASSES_MOST = 256 };

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "the class or number to predict",
     .offset = offsetof(ms_forest_options, target)},
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to learn from; none: all others",
     .offset = offsetof(ms_forest_options, columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     .offset = offsetof(ms_forest_options, categories)},
    {.name = "weights",
     .type = MS_OPTION_COLUMN,
     .brief = "how much each row counts",
     .offset = offsetof(ms_forest_options, weights)},
    {.name = "event",
     .type = MS_OPTION_TEXT,
     .brief = "the class that `probability` is of; the last one unless given",
     .offset = offsetof(ms_forest_options, event)},
    {.name = "class_weights",
     .type = MS_OPTION_REALS,
     .brief = "what a row of each class counts, in the order of the classes",
     .offset = offsetof(ms_forest_options, class_weights)},
    {.name = "balanced",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "rows count so that all classes weigh the same",
     .offset = offsetof(ms_forest_options, balanced)},
    {.name = "trees",
     .type = MS_OPTION_INTEGER,
     .fallback = "500",
     .low = 1,
     .high = 100000,
     .brief = "number of trees",
     .offset = offsetof(ms_forest_options, trees)},
    {.name = "mtry",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 100000,
     .brief =
         "columns tried at each split; 0: the square root of their number, for numbers a third",
     .offset = offsetof(ms_forest_options, mtry)},
    {.name = "min_leaf",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .low = 1,
     .high = 1000000000,
     .brief = "least rows of a leaf",
     .offset = offsetof(ms_forest_options, min_leaf)},
    {.name = "min_node",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 1000000000,
     .brief = "least rows of a node that is split; 0: 2, for numbers 5",
     .offset = offsetof(ms_forest_options, min_node)},
    {.name = "max_depth",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 900,
     .brief = "most questions on the way to a leaf; 0: no limit",
     .offset = offsetof(ms_forest_options, max_depth)},
    {.name = "sample",
     .type = MS_OPTION_REAL,
     .fallback = "1",
     .low = 1e-6,
     .high = 1,
     .brief = "share of the rows drawn for each tree",
     .offset = offsetof(ms_forest_options, sample)},
    {.name = "replace",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "true",
     .brief = "whether a row may be drawn more than once",
     .offset = offsetof(ms_forest_options, replace)},
    {.name = "permutation",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "measure how much worse rows not drawn are predicted where an input is shuffled",
     .offset = offsetof(ms_forest_options, permutation)},
    {.name = "bins",
     .type = MS_OPTION_INTEGER,
     .fallback = "255",
     .low = 2,
     .high = 255,
     .brief = "most bins of a number",
     .offset = offsetof(ms_forest_options, bins)},
    {.name = "exact",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "a cut between any two values rather than between bins",
     .offset = offsetof(ms_forest_options, exact)},
    {.name = "seed",
     .type = MS_OPTION_INTEGER,
     .fallback = "1",
     .low = 0,
     .high = 1e15,
     .brief = "of all that is drawn",
     .offset = offsetof(ms_forest_options, seed)},
    {0}};

typedef struct {
  ms_training training;
  ms_bins bins;
  ms_forest_data data;
  ms_forest_slot slots[WAVE];
  size_t first; /* tree of the first slot */
  ms_ensemble all;
  double *said;    /* rows × width: what trees that did not draw a row say of it */
  uint32_t *times; /* by how many */
  double *worse;   /* [inputs] */
} forest;

/* ---- weights ---- */

static ms_status weigh(ms_context *context, forest *f, const ms_forest_options *given) {
  const ms_training *training = &f->training;
  size_t classes = training->target.levels.count;
  if (!given->balanced && !given->class_weights.count) {
    f->data.weights = training->weights;
    return MS_OK;
  }
  if (!training->target.classes || (given->balanced && given->class_weights.count) ||
      (given->class_weights.count && given->class_weights.count != classes))
    return ms_fail(context, MS_EARGUMENT,
                   "forest: class_weights (%zu of them) are one for each of %zu classes, without "
                   "balanced",
                   given->class_weights.count, classes);
  double *of = ms_scratch_zero(context, classes, sizeof *of), total = 0;
  double *weights = ms_scratch(context, (size_t)training->inputs.rows + 1, sizeof *weights);
  if (!of || !weights) return MS_EMEMORY;
  for (int64_t i = 0; i < training->inputs.rows; i++) {
    weights[i] = training->weights ? training->weights[i] : 1;
    of[training->target.codes[i]] += weights[i];
    total += weights[i];
  }
  for (size_t k = 0; k < classes; k++) {
    of[k] = given->balanced ? total / (of[k] * (double)classes) : given->class_weights.items[k];
    if (!(of[k] > 0) || !isfinite(of[k]))
      return ms_fail(context, MS_EARGUMENT, "forest: class weight %.15g; more than 0 wanted",
                     of[k]);
  }
  for (int64_t i = 0; i < training->inputs.rows; i++) weights[i] *= of[training->target.codes[i]];
  f->data.weights = weights;
  return MS_OK;
}

/* ---- what is learned from ---- */

static ms_status lay_target(ms_context *context, forest *f) {
  const ms_target *target = &f->training.target;
  size_t rows = (size_t)f->training.inputs.rows;
  f->data.width = target->classes && target->levels.count > 2 ? target->levels.count : 1;
  if (f->data.width > CLASSES_MOST)
    return ms_fail(context, MS_ELIMIT, "forest: column '%s' has %zu classes; at most %d",
                   target->name, f->data.width, CLASSES_MOST);
  f->data.codes = target->codes;
  f->data.target = target->values;
  if (!target->classes || f->data.width > 1) return MS_OK;
  double *ones = ms_scratch(context, rows + 1, sizeof *ones);
  if (!ones) return MS_EMEMORY;
  for (size_t i = 0; i < rows; i++) ones[i] = target->codes[i];
  f->data.target = ones;
  return MS_OK;
}

static ms_status start(ms_context *context, const ms_frame *frame, const ms_forest_options *given,
                       forest *f) {
  ms_training_request request = {.kernel = "forest",
                                 .kind = MS_TARGET_ANY,
                                 .target = given->target,
                                 .event = given->event,
                                 .columns = given->columns,
                                 .categories = given->categories,
                                 .weights = given->weights};
  ms_status status = ms_training_read(context, frame, &request, &f->training);
  if (status == MS_OK) status = lay_target(context, f);
  if (status == MS_OK) status = weigh(context, f, given);
  ms_bins_request bins = {(uint32_t)given->bins, given->exact, false};
  if (status == MS_OK)
    status = ms_bins_make(context, "forest", &f->training.inputs, bins, &f->bins);
  if (status != MS_OK) return status;
  f->data.bins = &f->bins;
  f->data.inputs = &f->training.inputs;
  ms_forest_options *own = &f->data.options;
  *own = *given;
  int64_t count = (int64_t)f->bins.count;
  bool classes = f->training.target.classes;
  if (own->mtry == 0) own->mtry = classes ? (int64_t)sqrt((double)count) : count / 3;
  if (own->mtry < 1) own->mtry = 1;
  if (own->mtry > count) own->mtry = count;
  if (own->min_node == 0) own->min_node = classes ? 2 : 5;
  size_t rows = (size_t)f->bins.rows;
  f->all = ms_ensemble_new(context, f->data.width);
  f->said = ms_scratch_zero(context, rows * f->data.width + 1, sizeof *f->said);
  f->times = ms_scratch_zero(context, rows + 1, sizeof *f->times);
  f->worse = ms_scratch_zero(context, (size_t)count, sizeof *f->worse);
  return f->said && f->times && f->worse ? MS_OK : MS_EMEMORY;
}

/* ---- growing ---- */

static ms_status grow_task(ms_context *worker, void *state, size_t task) {
  forest *f = state;
  ms_status status = ms_forest_grow(worker, &f->data, &f->slots[task], f->first + task);
  if (status != MS_OK || !f->data.options.permutation) return status;
  return ms_forest_permute(worker, &f->data, &f->slots[task], f->first + task);
}

/* Takes a slot's tree over, and what it says of the rows that it did not draw. */
static ms_status take(ms_context *context, forest *f, const ms_forest_slot *slot) {
  uint32_t from = (uint32_t)f->all.nodes;
  if (!ms_ensemble_append(&f->all, &slot->ensemble)) return ms_error_status(context);
  size_t width = f->data.width;
  for (int64_t i = 0; i < f->bins.rows; i++) {
    if (slot->leaf_of[i] == MS_MISSING) continue;
    const double *values = f->all.values + ((size_t)from + slot->leaf_of[i]) * width;
    for (size_t k = 0; k < width; k++) f->said[(size_t)i * width + k] += values[k];
    f->times[i]++;
  }
  for (size_t c = 0; f->data.options.permutation && c < f->bins.count; c++)
    f->worse[c] += slot->worse[c];
  return MS_OK;
}

static ms_status grow_all(ms_context *context, forest *f) {
  size_t trees = (size_t)f->data.options.trees, slots = trees < WAVE ? trees : WAVE;
  ms_status status = MS_OK;
  for (size_t i = 0; status == MS_OK && i < slots; i++)
    status = ms_forest_slot_start(context, &f->data, &f->slots[i]);
  for (f->first = 0; status == MS_OK && f->first < trees; f->first += slots) {
    size_t count = trees - f->first < slots ? trees - f->first : slots;
    ms_report(context, "forest: tree", f->first, trees);
    status = ms_parallel(context, count, grow_task, f);
    for (size_t i = 0; status == MS_OK && i < count; i++) status = take(context, f, &f->slots[i]);
  }
  return status;
}

/* ---- the parts ---- */

static ms_frame *importance_part(ms_context *context, const forest *f) {
  static const char *const names[] = {"input", "impurity", "splits", "permutation"};
  size_t count = f->bins.count;
  double *gain = ms_scratch_zero(context, count, sizeof *gain);
  int64_t *splits = ms_scratch_zero(context, count, sizeof *splits);
  ms_builder *out = gain && splits ? ms_builder_new(context) : NULL;
  if (!out) return NULL;
  for (size_t i = 0; i < f->all.nodes; i++) {
    if (f->all.node[i].input < 0) continue;
    gain[f->all.node[i].input] += f->all.node[i].gain;
    splits[f->all.node[i].input]++;
  }
  /* The Gini impurity of two classes falls by twice what the squares of one do. */
  double scale = (f->training.target.classes && f->data.width == 1 ? 2 : 1) / (double)f->all.trees;
  for (size_t i = 0; i < 4; i++)
    (void)ms_builder_column(out, names[i], i == 0 ? MS_TEXT : i == 2 ? MS_INTEGER : MS_REAL);
  for (size_t c = 0; c < count; c++) {
    const char *name = f->training.inputs.items[c].name;
    ms_builder_text(out, 0, name, strlen(name));
    ms_builder_real(out, 1, gain[c] * scale);
    ms_builder_integer(out, 2, splits[c]);
    if (f->data.options.permutation)
      ms_builder_real(out, 3, f->worse[c] / (double)f->all.trees);
    else
      ms_builder_null(out, 3);
  }
  return ms_builder_finish(out);
}

/* Share of rows that the trees which did not draw them put into a wrong class, or their mean squared error. */
static double out_of_bag(const forest *f, int64_t *rows, double *variance) {
  double error = 0, sum = 0, squares = 0, total = 0;
  size_t width = f->data.width;
  *rows = 0;
  for (int64_t i = 0; i < f->bins.rows; i++) {
    if (f->times[i] == 0) continue;
    double w = f->training.weights ? f->training.weights[i] : 1;
    double value = f->said[(size_t)i * width] / f->times[i];
    ++*rows;
    total += w;
    if (!f->training.target.classes) {
      double y = f->data.target[i];
      error += w * (y - value) * (y - value);
      sum += w * y;
      squares += w * y * y;
      continue;
    }
    size_t best = value >= 0.5;
    for (size_t k = 0; width > 1 && k < width; k++) {
      if (k == 0 || f->said[(size_t)i * width + k] > f->said[(size_t)i * width + best]) best = k;
    }
    error += w * (best != f->training.target.codes[i]);
  }
  *variance = total > 0 ? squares / total - sum * sum / (total * total) : NAN;
  return total > 0 ? error / total : NAN;
}

static ms_frame *facts_part(ms_context *context, const forest *f) {
  ms_facts facts = ms_facts_new(context);
  int64_t rows;
  double variance, error = out_of_bag(f, &rows, &variance);
  bool classes = f->training.target.classes;
  ms_facts_number(&facts, "rows", (double)f->bins.rows);
  ms_facts_number(&facts, "trees", (double)f->all.trees);
  ms_facts_number(&facts, "mtry", (double)f->data.options.mtry);
  ms_facts_number(&facts, "min_leaf", (double)f->data.options.min_leaf);
  ms_facts_number(&facts, "out_of_bag_rows", (double)rows);
  ms_facts_number(&facts, "out_of_bag_error", error);
  if (!classes) ms_facts_number(&facts, "out_of_bag_r_squared", 1 - error / variance);
  return ms_facts_finish(&facts);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  forest *f = ms_scratch_zero(context, 1, sizeof *f);
  if (!f || start(context, inputs->frames[0], checked, f) != MS_OK) return NULL;
  if (grow_all(context, f) != MS_OK) return NULL;
  ms_frame *trees = ms_ensemble_part(context, &f->all, &f->training.inputs);
  bool fine = ms_part_attach(context, importance_part(context, f));
  fine = ms_part_attach(context, ms_training_part(context, &f->training)) && fine;
  fine = ms_part_attach(context, facts_part(context, f)) && fine;
  if (fine && trees) return trees;
  ms_frame_free(trees);
  return NULL;
}

const ms_kernel ms_kernel_forest = {
    .name = "forest",
    .group = "mining",
    .brief = "random forest: classes or numbers by many trees on drawn rows and columns",
    .cost = "O(trees * rows * mtry * depth) time, 1 byte a value, 600 a row, 60 a node",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(ms_forest_options),
    .parts = "trees importance inputs facts",
    .run = run,
};
