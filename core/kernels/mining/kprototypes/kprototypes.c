/* k-prototypes (Huang 1997, 1998): k-means for numbers together with k-modes for categories. */
#include "core/kernels/mining/kprototypes/kprototypes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLUSTERS_MOST = 1000 };

#define WHOLE(option, standard, from, to, text)                                                    \
  {                                                                                                \
    .name = #option, .type = MS_OPTION_INTEGER, .fallback = standard, .low = from, .high = to,     \
    .brief = text, .offset = offsetof(ms_kprototypes_options, option)                              \
  }
#define WORDS(option, standard, words, text)                                                       \
  {                                                                                                \
    .name = #option, .type = MS_OPTION_CHOICE, .fallback = standard, .unit = words, .brief = text, \
    .offset = offsetof(ms_kprototypes_options, option)                                             \
  }

static const ms_option options[] = {
    {.name = "columns",
     .type = MS_OPTION_COLUMNS,
     .brief = "columns to cluster by; none: all",
     .offset = offsetof(ms_kprototypes_options, columns)},
    {.name = "categories",
     .type = MS_OPTION_COLUMNS,
     .brief = "integer columns whose values are names of things",
     .offset = offsetof(ms_kprototypes_options, categories)},
    {.name = "k",
     .type = MS_OPTION_INTEGER,
     .required = true,
     .low = 1,
     .high = CLUSTERS_MOST,
     .unit = "clusters",
     .brief = "number of clusters",
     .offset = offsetof(ms_kprototypes_options, k)},
    {.name = "gamma",
     .type = MS_OPTION_REAL,
     .fallback = "-1",
     .low = -1,
     .high = 1e300,
     .brief = "what a differing category counts; -1: half the mean deviation of the numbers",
     .offset = offsetof(ms_kprototypes_options, gamma)},
    WORDS(scale, "standard", MS_SCALE_WORDS, "brings numbers to comparable units"),
    WORDS(missing, "error", "error drop",
          "what is done with a missing value: an error, or its row is left out"),
    WHOLE(starts, "10", 1, 10000, "number of starts, the best of which is kept"),
    WHOLE(max_iterations, "100", 1, 1000000, "most iterations of a start"),
    WHOLE(seed, "1", 0, 9007199254740992.0, "of the random starts"),
    {0}};

/* ---- the kernel ---- */

static ms_status check(ms_context *context, const ms_input_list *inputs, bool drop) {
  static const char *const taken[] = {"cluster", "size", "within"};
  for (size_t j = 0; j < inputs->count; j++) {
    const ms_input *input = &inputs->items[j];
    for (size_t t = 0; t < 3; t++) {
      if (strcmp(input->name, taken[t]) == 0)
        return ms_fail(context, MS_EARGUMENT,
                       "kprototypes: column '%s' cannot be an input: the model has a '%s'",
                       taken[t], taken[t]);
    }
    int64_t count = 0;
    for (int64_t i = 0; input->category && !drop && i < inputs->rows; i++)
      count += input->codes[i] == MS_MISSING;
    if (count == 0) continue;
    (void)ms_fail(context, MS_EDATA, "kprototypes: column '%s' has missing values: %" PRId64,
                  input->name, count);
    ms_fail_hint(context, "missing = \"drop\" leaves such rows out; fill_null fills them");
    return MS_EDATA;
  }
  return ms_inputs_complete(context, "kprototypes", inputs);
}

/* Scales the numbers only, and lays the mixed points out. */
static ms_status prepare(ms_context *context, const ms_kprototypes_options *given,
                         ms_kprototypes_data *d) {
  const ms_input_list *inputs = &d->training.inputs;
  ms_input *numbers = ms_scratch(context, inputs->count, sizeof *numbers);
  d->levels = ms_scratch(context, inputs->count, sizeof *d->levels);
  if (!numbers || !d->levels) return MS_EMEMORY;
  size_t categories = 0;
  d->numbers = (ms_input_list){inputs->rows, 0, numbers};
  for (size_t j = 0; j < inputs->count; j++) {
    if (inputs->items[j].category)
      d->levels[categories++] = inputs->items[j].levels.count;
    else
      numbers[d->numbers.count++] = inputs->items[j];
  }
  ms_training only = d->training;
  ms_scale spreads;
  only.inputs = d->numbers;
  ms_status status = ms_scale_find(context, &only, (ms_scale_kind)given->scale, &d->scale);
  if (status == MS_OK) status = ms_scale_find(context, &only, MS_SCALE_STANDARD, &spreads);
  if (status == MS_OK) status = ms_mixed_of(context, inputs, &d->mixed);
  if (status != MS_OK) return status;
  d->mixed.centre = d->scale.centre;
  d->mixed.spread = d->scale.spread;
  d->mixed.gamma = given->gamma;
  if (given->gamma >= 0) return MS_OK;
  double sum = 0;
  for (size_t j = 0; j < spreads.count; j++) sum += spreads.spread[j] / d->scale.spread[j];
  d->mixed.gamma = spreads.count ? 0.5 * sum / (double)spreads.count : 1;
  return MS_OK;
}

typedef struct {
  int64_t size;
  size_t at;
} ranked;

static int by_size(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->size != y->size) return x->size < y->size ? 1 : -1;
  return (x->at > y->at) - (x->at < y->at);
}

static void put_row(ms_builder *out, const ms_kprototypes_data *d,
                    const ms_kprototypes_outcome *found, size_t k) {
  const ms_input_list *inputs = &d->training.inputs;
  size_t number = 0, category = 0;
  for (size_t j = 0; j < inputs->count; j++) {
    if (inputs->items[j].category) {
      uint32_t code = found->prototypes.codes[k * d->mixed.categories + category++];
      const char *level = inputs->items[j].levels.names[code];
      ms_builder_text(out, 3 + j, level, strlen(level));
    } else {
      ms_builder_real(out, 3 + j,
                      found->prototypes.numbers[k * d->mixed.numbers + number] *
                              d->scale.spread[number] +
                          d->scale.centre[number]);
      number++;
    }
  }
}

/* The largest cluster is number 1. */
static ms_frame *prototypes_part(ms_context *context, const ms_kprototypes_data *d,
                                 const ms_kprototypes_outcome *found) {
  const ms_input_list *inputs = &d->training.inputs;
  size_t k = found->prototypes.count;
  ranked *order = ms_scratch(context, k, sizeof *order);
  ms_builder *out = order ? ms_builder_new(context) : NULL;
  if (!out) return NULL;
  for (size_t c = 0; c < k; c++) order[c] = (ranked){found->sizes[c], c};
  qsort(order, k, sizeof *order, by_size);
  (void)ms_builder_column(out, "cluster", MS_INTEGER);
  (void)ms_builder_column(out, "size", MS_INTEGER);
  (void)ms_builder_column(out, "within", MS_REAL);
  for (size_t j = 0; j < inputs->count; j++)
    (void)ms_builder_column(out, inputs->items[j].name,
                            inputs->items[j].category ? MS_TEXT : MS_REAL);
  for (size_t i = 0; i < k; i++) {
    ms_builder_integer(out, 0, (int64_t)i + 1);
    ms_builder_integer(out, 1, found->sizes[order[i].at]);
    ms_builder_real(out, 2, found->within[order[i].at]);
    put_row(out, d, found, order[i].at);
  }
  return ms_builder_finish(out);
}

static ms_frame *facts_part(ms_context *context, const ms_kprototypes_data *d,
                            const ms_kprototypes_outcome *found,
                            const ms_kprototypes_options *given) {
  static const char *const scales[] = {"none", "standard", "range", "robust"};
  ms_facts facts = ms_facts_new(context);
  ms_facts_number(&facts, "rows", (double)d->mixed.rows);
  ms_facts_number(&facts, "k", (double)given->k);
  ms_facts_number(&facts, "gamma", d->mixed.gamma);
  ms_facts_number(&facts, "within", found->total);
  ms_facts_number(&facts, "iterations", (double)found->iterations);
  ms_facts_number(&facts, "settled", found->settled);
  ms_facts_text(&facts, "scale", scales[given->scale]);
  return ms_facts_finish(&facts);
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const ms_kprototypes_options *given = checked;
  ms_training_request request = {.kernel = "kprototypes",
                                 .columns = given->columns,
                                 .categories = given->categories,
                                 .boolean_categories = true,
                                 .complete = given->missing == 1};
  ms_kprototypes_data d;
  ms_kprototypes_outcome found;
  if (ms_training_read(context, inputs->frames[0], &request, &d.training) != MS_OK ||
      check(context, &d.training.inputs, given->missing == 1) != MS_OK)
    return NULL;
  if (d.training.inputs.rows < given->k) {
    return ms_fail_null(context, MS_EDATA, "kprototypes: %d clusters wanted of %d rows",
                        (int)given->k, (int)d.training.inputs.rows);
  }
  if (prepare(context, given, &d) != MS_OK ||
      ms_kprototypes_best(context, &d, given, &found) != MS_OK)
    return NULL;
  ms_frame *prototypes = prototypes_part(context, &d, &found);
  bool fine = ms_part_attach(context, ms_scale_part(context, &d.numbers, &d.scale));
  fine = ms_part_attach(context, ms_training_part(context, &d.training)) && fine;
  fine = ms_part_attach(context, facts_part(context, &d, &found, given)) && fine;
  if (fine && prototypes) return prototypes;
  ms_frame_free(prototypes);
  return NULL;
}

const ms_kernel ms_kernel_kprototypes = {
    .name = "kprototypes",
    .group = "mining",
    .brief = "clusters of rows with numbers and categories",
    .cost = "O(rows * columns * k) time an iteration; 24 bytes a row, 4 a row a category",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(ms_kprototypes_options),
    .parts = "prototypes scale inputs facts",
    .run = run,
};
