/* The parts of a scorecard: bins, levels, terms, facts; and what bins are called. */
#include <math.h>
#include <string.h>

#include "core/base/number.h"
#include "core/kernels/mining/scorecard/card.h"
#include "core/base/tails.h"

/* ---- labels ---- */

enum { LEVELS_SHOWN = 6 };

static const char *range_label(ms_context *context, const ms_score_input *input, size_t bin) {
  char low[MS_NUMBER_SIZE] = "", high[MS_NUMBER_SIZE] = "";
  if (input->count == 1) return "any value";
  if (bin > 0) (void)ms_real_format(input->bins[bin].low, low);
  if (bin + 1 < input->count) (void)ms_real_format(input->bins[bin].high, high);
  if (bin == 0) return ms_scratch_format(context, "up to %s", high);
  if (bin + 1 == input->count) return ms_scratch_format(context, "above %s", low);
  return ms_scratch_format(context, "%s to %s", low, high);
}

static const char *level_label(ms_context *context, const ms_score_input *input, size_t bin) {
  const char *label = NULL;
  size_t count = 0;
  for (size_t l = 0; l < input->input->levels.count; l++) {
    if (input->of_level[l] != bin || count++ >= LEVELS_SHOWN) continue;
    const char *name = input->input->levels.names[l];
    label = label ? ms_scratch_format(context, "%s, %s", label, name) : name;
    if (!label) return NULL;
  }
  if (count <= LEVELS_SHOWN) return label ? label : "no level";
  return ms_scratch_format(context, "%s and %zu more", label, count - LEVELS_SHOWN);
}

const char *ms_score_label(ms_context *context, const ms_score_input *input, size_t bin) {
  if (bin == input->count) return "missing";
  return input->input->category ? level_label(context, input, bin)
                                : range_label(context, input, bin);
}

/* ---- the parts ---- */

ms_frame *ms_card_bins(const ms_card *c) {
  static const char *const names[] = {"input",  "label",       "bin", "low", "high",  "rows",
                                      "events", "event_share", "woe", "iv",  "points"};
  enum { COLUMNS = 11 };
  ms_builder *out = ms_builder_new(c->context);
  for (size_t i = 0; out && i < COLUMNS; i++) {
    (void)ms_builder_column(out, names[i], i < 2 ? MS_TEXT : i == 2 ? MS_INTEGER : MS_REAL);
  }
  for (size_t i = 0; out && i < c->training.inputs.count; i++) {
    const ms_score_input *input = &c->inputs[i];
    for (size_t k = 0; k <= input->count; k++) {
      const ms_score_bin *bin = &input->bins[k];
      const char *label = ms_score_label(c->context, input, k);
      if (!label) {
        ms_builder_free(out);
        return NULL;
      }
      ms_part_put_text(out, 0, input->input->name);
      ms_part_put_text(out, 1, label);
      bool ranged = !input->input->category && k < input->count;
      ms_builder_integer(out, 2, k < input->count ? (int64_t)k + 1 : 0);
      double figures[] = {ranged ? bin->low : NAN,
                          ranged ? bin->high : NAN,
                          bin->count.rows,
                          bin->count.events,
                          bin->count.rows > 0 ? bin->count.events / bin->count.rows : NAN,
                          bin->woe,
                          bin->iv,
                          bin->points};
      for (size_t f = 0; f < COLUMNS - 3; f++) ms_part_put_real(out, f + 3, figures[f]);
    }
  }
  return out ? ms_builder_finish(out) : NULL;
}

ms_frame *ms_card_levels(const ms_card *c) {
  ms_builder *out = ms_builder_new(c->context);
  if (!out) return NULL;
  (void)ms_builder_column(out, "input", MS_TEXT);
  (void)ms_builder_column(out, "level", MS_TEXT);
  (void)ms_builder_column(out, "bin", MS_INTEGER);
  for (size_t i = 0; i < c->training.inputs.count; i++) {
    const ms_score_input *input = &c->inputs[i];
    for (size_t l = 0; input->of_level && l < input->input->levels.count; l++) {
      ms_part_put_text(out, 0, input->input->name);
      ms_part_put_text(out, 1, input->input->levels.names[l]);
      uint32_t bin = input->of_level[l];
      ms_builder_integer(out, 2, bin < input->count ? (int64_t)bin + 1 : 0);
    }
  }
  return ms_builder_finish(out);
}

static void put_term(ms_builder *out, const char *name, const double figures[3]) {
  ms_part_put_text(out, 0, name);
  double statistic = figures[1] / figures[2];
  double row[] = {figures[0], figures[1], figures[2], statistic, ms_normal_beyond(statistic)};
  for (size_t f = 0; f < 5; f++) ms_part_put_real(out, f + 1, row[f]);
}

ms_frame *ms_card_terms(const ms_card *c) {
  static const char *const names[] = {"input", "iv",        "coefficient",
                                      "error", "statistic", "p_value"};
  ms_builder *out = ms_builder_new(c->context);
  for (size_t i = 0; out && i < 6; i++) {
    (void)ms_builder_column(out, names[i], i == 0 ? MS_TEXT : MS_REAL);
  }
  if (!out) return NULL;
  put_term(out, "(intercept)", (double[]){NAN, c->intercept, c->error});
  for (size_t i = 0; i < c->training.inputs.count; i++) {
    const ms_score_input *input = &c->inputs[i];
    double none = NAN;
    put_term(out, input->input->name,
             (double[]){input->iv, input->used ? input->coefficient : none,
                        input->used ? input->error : none});
  }
  return ms_builder_finish(out);
}

ms_frame *ms_card_facts(const ms_card *c) {
  const ms_card_options *given = c->given;
  ms_facts facts = ms_facts_new(c->context);
  ms_facts_number(&facts, "rows", (double)c->training.inputs.rows);
  ms_facts_number(&facts, "points", given->points);
  ms_facts_number(&facts, "odds", given->odds);
  ms_facts_number(&facts, "double", given->twice);
  ms_facts_text(&facts, "high", given->high ? "event" : "other");
  ms_facts_number(&facts, "rounded", given->round);
  ms_facts_number(&facts, "min_iv", given->min_iv);
  ms_facts_number(&facts, "deviance", c->fit.deviance);
  ms_facts_number(&facts, "null_deviance", c->fit.null_deviance);
  ms_facts_number(&facts, "converged", c->fit.converged);
  return ms_facts_finish(&facts);
}
