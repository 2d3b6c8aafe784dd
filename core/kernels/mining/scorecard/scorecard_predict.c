/* Scores by a scorecard: points of each row's bins added up, the probability, and what cost most points. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/scorecard/scorecard.h"

static const char kernel[] = "scorecard_predict";

typedef struct {
  bool each;
  int64_t reasons;
  int against;
} predict_options;

static const ms_option options[] = {
    {.name = "each",
     .type = MS_OPTION_BOOLEAN,
     .fallback = "false",
     .brief = "a column probability_LEVEL for each class",
     .offset = offsetof(predict_options, each)},
    {.name = "reasons",
     .type = MS_OPTION_INTEGER,
     .fallback = "0",
     .low = 0,
     .high = 20,
     .brief = "columns reason_1, …: the bins that cost the row most points",
     .offset = offsetof(predict_options, reasons)},
    {.name = "against",
     .type = MS_OPTION_CHOICE,
     .fallback = "best",
     .unit = "best mean",
     .brief = "what points are lost against: the input's best bin, or the mean of its rows",
     .offset = offsetof(predict_options, against)},
    {0}};

enum { DATA, BINS, LEVELS, TERMS, INPUTS, FACTS, FRAMES };

/* An input of the card. */
typedef struct {
  size_t first, count; /* rows of the part bins; count: those of values, missing is behind them */
  const int64_t *of_level; /* 1 … count, 0: missing; NULL: a number */
  double coefficient;
  double wanted; /* points that reasons compare with */
} scored_input;

typedef struct {
  ms_inputs_found found;
  const predict_options *given;
  const double *high, *rows, *woe, *points; /* of the part bins */
  scored_input *inputs;
  double intercept;
  double *probabilities; /* row, class */
  double *scores;
  uint32_t *reasons; /* reason, row: a row of the part bins, or MS_MISSING */
} scoring;

static ms_status changed(ms_context *context, const char *part) {
  return ms_fail(context, MS_EDATA, "%s: the model's part '%s' is not as it was made", kernel,
                 part);
}

/* What a row is compared with. */
static double wanted_points(const scoring *s, const scored_input *input) {
  double best = -INFINITY, sum = 0, rows = 0;
  for (size_t k = 0; k <= input->count; k++) {
    size_t at = input->first + k;
    if (!(s->rows[at] > 0)) continue;
    best = fmax(best, s->points[at]);
    sum += s->points[at] * s->rows[at];
    rows += s->rows[at];
  }
  return s->given->against ? sum / rows : best;
}

/* The rows of the part bins. */
typedef struct {
  int64_t count;
  const ms_column *names;
  const int64_t *bins;
} bin_rows;

/* The rows of one input in the part bins: those of values in order, then that of missing ones. */
static ms_status read_input(ms_context *context, const bin_rows *rows, scoring *s, size_t i,
                            size_t *at) {
  scored_input *out = &s->inputs[i];
  const ms_input *input = &s->found.inputs.items[i];
  const int64_t *bins = rows->bins;
  /* What the card has left out is passed over. */
  while ((int64_t)*at < rows->count && !ms_part_says(rows->names, (int64_t)*at, input->name)) ++*at;
  out->first = *at;
  while ((int64_t)*at < rows->count && ms_part_says(rows->names, (int64_t)*at, input->name)) {
    size_t row = (*at)++;
    bool last = bins[row] == 0;
    bool fine = isfinite(s->woe[row]) && fabs(s->points[row]) <= 1e12;
    if (!fine) return changed(context, "bins");
    if (last) break;
    if (bins[row] != (int64_t)(row - out->first) + 1) return changed(context, "bins");
    bool open = isnan(s->high[row]);
    if (!open && row > out->first && !(s->high[row] > s->high[row - 1]))
      return changed(context, "bins");
    out->count++;
  }
  if (*at == out->first || bins[*at - 1] != 0 || out->count == 0) return changed(context, "bins");
  for (size_t k = 0; !input->category && k + 1 < out->count; k++) {
    if (isnan(s->high[out->first + k])) return changed(context, "bins");
  }
  return MS_OK;
}

static ms_status read_bins(ms_context *context, const ms_frame *part, scoring *s) {
  const ms_column *names = ms_part_text(part, "input");
  if (!names || !ms_part_text(part, "label")) return changed(context, "bins");
  const int64_t *bins = ms_part_index(context, kernel, part, "bin", MS_SCORE_BINS_MOST + 1);
  s->high = bins ? ms_part_real(context, kernel, part, "high") : NULL;
  s->rows = s->high ? ms_part_real(context, kernel, part, "rows") : NULL;
  s->woe = s->rows ? ms_part_real(context, kernel, part, "woe") : NULL;
  s->points = s->woe ? ms_part_real(context, kernel, part, "points") : NULL;
  s->inputs = ms_scratch_zero(context, s->found.inputs.count + 1, sizeof *s->inputs);
  if (!s->points || !s->inputs) return ms_error_status(context);
  bin_rows rows = {part->rows, names, bins};
  size_t at = 0;
  for (size_t i = 0; i < s->found.inputs.count; i++) {
    ms_status status = read_input(context, &rows, s, i, &at);
    if (status != MS_OK) return status;
    s->inputs[i].wanted = wanted_points(s, &s->inputs[i]);
  }
  return MS_OK;
}

static ms_status read_levels(ms_context *context, const ms_frame *part, scoring *s) {
  const ms_column *names = ms_part_text(part, "input"), *levels = ms_part_text(part, "level");
  if (part->rows > 0 && (!names || !levels)) return changed(context, "levels");
  const int64_t *bins =
      part->rows > 0 ? ms_part_index(context, kernel, part, "bin", MS_SCORE_BINS_MOST + 1) : NULL;
  if (part->rows > 0 && !bins) return MS_EDATA;
  int64_t at = 0;
  for (size_t i = 0; i < s->found.inputs.count; i++) {
    const ms_input *input = &s->found.inputs.items[i];
    if (!input->category) continue;
    while (at < part->rows && !ms_part_says(names, at, input->name)) at++;
    s->inputs[i].of_level = bins ? bins + at : NULL;
    for (size_t l = 0; l < input->levels.count; l++, at++) {
      if (at >= part->rows || !ms_part_says(names, at, input->name) ||
          !ms_part_says(levels, at, input->levels.names[l]) ||
          bins[at] > (int64_t)s->inputs[i].count) {
        return changed(context, "levels");
      }
    }
  }
  return MS_OK;
}

static ms_status read_terms(ms_context *context, const ms_frame *part, scoring *s) {
  const ms_column *names = ms_part_text(part, "input");
  if (!names || part->rows < 1 || !ms_part_says(names, 0, "(intercept)")) {
    return changed(context, "terms");
  }
  const double *coefficients = ms_part_real(context, kernel, part, "coefficient");
  if (!coefficients) return ms_error_status(context);
  s->intercept = coefficients[0];
  if (!isfinite(s->intercept)) return changed(context, "terms");
  int64_t at = 1;
  for (size_t i = 0; i < s->found.inputs.count; i++, at++) {
    while (at < part->rows && !ms_part_says(names, at, s->found.inputs.items[i].name)) at++;
    if (at == part->rows || !isfinite(coefficients[at])) return changed(context, "terms");
    s->inputs[i].coefficient = coefficients[at];
  }
  return MS_OK;
}

/* ---- rows ---- */

/* The row of the part bins in which a value lies. */
static size_t bin_of(const scoring *s, size_t i, int64_t row) {
  const scored_input *input = &s->inputs[i];
  const ms_input *data = &s->found.inputs.items[i];
  size_t missing = input->first + input->count;
  if (data->category) {
    uint32_t code = data->codes[row];
    int64_t bin = code == MS_MISSING ? 0 : input->of_level[code];
    return bin == 0 ? missing : input->first + (size_t)bin - 1;
  }
  if (isnan(data->values[row])) return missing;
  size_t k = 0;
  while (k + 1 < input->count && data->values[row] > s->high[input->first + k]) k++;
  return input->first + k;
}

/* Keeps the largest losses in order; equal ones in the order of the inputs. */
static void note_loss(const scoring *s, int64_t row, double *losses, double loss, size_t bin) {
  size_t count = (size_t)s->given->reasons, rows = (size_t)s->found.inputs.rows;
  size_t place = count;
  while (place > 0 && loss > losses[place - 1]) place--;
  for (size_t r = count; r-- > place + 1;) {
    losses[r] = losses[r - 1];
    s->reasons[r * rows + (size_t)row] = s->reasons[(r - 1) * rows + (size_t)row];
  }
  if (place == count) return;
  losses[place] = loss;
  s->reasons[place * rows + (size_t)row] = (uint32_t)bin;
}

static void score_row(const scoring *s, int64_t row) {
  double linear = s->intercept, score = 0, losses[20] = {0};
  for (size_t r = 0; r < (size_t)s->given->reasons; r++) {
    s->reasons[r * (size_t)s->found.inputs.rows + (size_t)row] = MS_MISSING;
  }
  for (size_t i = 0; i < s->found.inputs.count; i++) {
    const scored_input *input = &s->inputs[i];
    size_t bin = bin_of(s, i, row);
    linear += input->coefficient * s->woe[bin];
    score += s->points[bin];
    double loss = input->wanted - s->points[bin];
    if (s->given->reasons && loss > 0) note_loss(s, row, losses, loss, bin);
  }
  double probability = 1 / (1 + exp(-linear));
  s->probabilities[2 * row] = 1 - probability;
  s->probabilities[2 * row + 1] = probability;
  s->scores[row] = score;
}

static ms_status score_morsel(ms_context *worker, void *state, size_t task) {
  const scoring *s = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(s->found.inputs.rows, task);
  for (int64_t row = range.first; row < range.first + range.count; row++) score_row(s, row);
  return MS_OK;
}

/* ---- the result ---- */

static ms_column *score_column(ms_context *context, const scoring *s, bool whole) {
  int64_t rows = s->found.inputs.rows;
  if (!whole) {
    ms_buffer *out = ms_buffer_new(context, (size_t)rows + 1, sizeof(double));
    if (!out) return NULL;
    memcpy(out->data, s->scores, (size_t)rows * sizeof(double));
    return ms_column_from_real(context, rows, out, NULL);
  }
  int64_t *values = ms_scratch(context, (size_t)rows + 1, sizeof *values);
  if (!values) return NULL;
  for (int64_t i = 0; i < rows; i++) values[i] = (int64_t)s->scores[i];
  return ms_column_from_int64(context, MS_INTEGER, rows, values, NULL);
}

/* "visits: up to 3" for every row of the part bins, each text once. */
static ms_dictionary *reason_texts(ms_context *context, const ms_frame *bins, uint32_t *codes) {
  const ms_column *inputs = ms_part_text(bins, "input"), *labels = ms_part_text(bins, "label");
  ms_intern *intern = ms_intern_new(context);
  bool fine = intern != NULL;
  for (int64_t row = 0; fine && row < bins->rows; row++) {
    ms_slice input = ms_column_text(inputs, row), label = ms_column_text(labels, row);
    const char *text = ms_scratch_format(context, "%.*s: %.*s", (int)input.size, input.data,
                                         (int)label.size, label.data);
    int64_t code = text ? ms_intern_add(intern, text, strlen(text)) : -1;
    fine = code >= 0;
    codes[row] = (uint32_t)code;
  }
  ms_dictionary *dictionary = fine ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  return dictionary;
}

static ms_column *reason_column(ms_context *context, const scoring *s, const ms_frame *bins,
                                size_t reason) {
  int64_t rows = s->found.inputs.rows;
  const uint32_t *from = s->reasons + reason * (size_t)rows;
  uint32_t *of_bin = ms_scratch(context, (size_t)bins->rows + 1, sizeof *of_bin);
  uint32_t *codes = ms_scratch(context, (size_t)rows + 1, sizeof *codes);
  if (!of_bin || !codes) return NULL;
  ms_buffer *validity = ms_buffer_zero(context, ms_bitmap_words(rows) + 1, sizeof(uint64_t));
  ms_dictionary *texts = validity ? reason_texts(context, bins, of_bin) : NULL;
  if (!texts) {
    ms_buffer_free(validity);
    return NULL;
  }
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (int64_t i = 0; i < rows; i++) {
    codes[i] = from[i] == MS_MISSING ? 0 : of_bin[from[i]];
    if (from[i] != MS_MISSING) ms_bit_set(bits, i);
  }
  return ms_column_from_codes(context, rows, codes, texts, validity);
}

static ms_frame *result(ms_context *context, const ms_inputs *inputs, const scoring *s) {
  ms_frame *frame = ms_predict_classes(context, inputs->frames[DATA], &s->found.target,
                                       s->probabilities, s->given->each);
  bool whole = ms_facts_get(inputs->frames[FACTS], "rounded", 0) != 0;
  if (!frame) return NULL;
  frame = ms_predict_with(context, frame, "score", score_column(context, s, whole));
  for (size_t r = 0; frame && r < (size_t)s->given->reasons; r++) {
    const char *name = ms_scratch_format(context, "reason_%zu", r + 1);
    frame =
        ms_predict_with(context, frame, name, reason_column(context, s, inputs->frames[BINS], r));
  }
  return frame;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  scoring s = {.given = checked};
  ms_status status =
      ms_inputs_find(context, kernel, inputs->frames[INPUTS], inputs->frames[DATA], &s.found);
  if (status != MS_OK) return NULL;
  if (s.found.target.levels.count != 2) {
    (void)changed(context, "inputs");
    return NULL;
  }
  if (read_bins(context, inputs->frames[BINS], &s) != MS_OK ||
      read_levels(context, inputs->frames[LEVELS], &s) != MS_OK ||
      read_terms(context, inputs->frames[TERMS], &s) != MS_OK) {
    return NULL;
  }
  size_t rows = (size_t)s.found.inputs.rows;
  s.probabilities = ms_scratch(context, 2 * rows + 1, sizeof *s.probabilities);
  s.scores = ms_scratch(context, rows + 1, sizeof *s.scores);
  s.reasons = ms_scratch(context, rows * (size_t)s.given->reasons + 1, sizeof *s.reasons);
  if (!s.probabilities || !s.scores || !s.reasons) return NULL;
  if (ms_parallel(context, ms_morsels(s.found.inputs.rows), score_morsel, &s) != MS_OK) return NULL;
  return result(context, inputs, &s);
}

const ms_kernel ms_kernel_scorecard_predict = {
    .name = "scorecard_predict",
    .group = "predict",
    .brief = "probabilities, scores and reasons by a scorecard",
    .cost = "O(rows * columns * bins) time, O(rows * (3 + reasons)) memory",
    .least = FRAMES,
    .most = FRAMES,
    .options = options,
    .size = sizeof(predict_options),
    .run = run,
};
