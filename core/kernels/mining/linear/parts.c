/* The parts of a linear model: terms with their errors and tests, and the figures of the whole. */
#include <math.h>
#include <string.h>

#include "core/kernels/mining/linear/linear.h"
#include "core/base/tails.h"

/* Degrees of freedom that are left. */
static double degrees(const ms_linear_result *r) {
  return (double)r->training->inputs.rows - (double)r->fit->factor.rank;
}

static double dispersion(const ms_linear_result *r) {
  if (!ms_family_dispersed(r->request->family.family)) return 1;
  double left = degrees(r);
  return left > 0 ? r->fit->pearson / left : NAN;
}

enum { TERM, INPUT, LEVEL, ESTIMATE, ERROR, STATISTIC, P_VALUE, LOW, HIGH, COLUMNS };

/* estimate, error, statistic, p_value, low, high. */
static void put_figures(ms_builder *out, const ms_linear_result *r, double estimate, double error) {
  bool dispersed = ms_family_dispersed(r->request->family.family);
  double left = degrees(r), statistic = estimate / error, tail = 0.5 + 0.5 * r->options->confidence;
  double reach = error * (dispersed ? ms_t_quantile(tail, left) : ms_normal_quantile(tail));
  double beyond = dispersed ? ms_t_beyond(statistic, left) : ms_normal_beyond(statistic);
  ms_part_put_real(out, ESTIMATE, estimate);
  ms_part_put_real(out, ERROR, error);
  ms_part_put_real(out, STATISTIC, statistic);
  ms_part_put_real(out, P_VALUE, beyond);
  ms_part_put_real(out, LOW, estimate - reach);
  ms_part_put_real(out, HIGH, estimate + reach);
}

ms_frame *ms_linear_terms(ms_context *context, const ms_linear_result *r) {
  static const char *const names[COLUMNS] = {"term",      "input",   "level", "estimate", "error",
                                             "statistic", "p_value", "low",   "high"};
  const ms_design *design = r->request->design;
  size_t n = design->count;
  double *estimates = ms_scratch(context, n + 1, sizeof *estimates);
  double *covariance = ms_scratch(context, n * n + 1, sizeof *covariance);
  ms_builder *out = estimates && covariance ? ms_builder_new(context) : NULL;
  if (!out) return NULL;
  memcpy(estimates, r->fit->coefficients, n * sizeof *estimates);
  ms_design_original(design, estimates);
  ms_factor_inverse(&r->fit->factor, covariance);
  ms_design_original_covariance(design, covariance);
  for (size_t c = 0; c < COLUMNS; c++) {
    (void)ms_builder_column(out, names[c], c < ESTIMATE ? MS_TEXT : MS_REAL);
  }
  for (size_t j = 0; j < n; j++) {
    const ms_term *term = &design->terms[j];
    ms_part_put_text(out, TERM, term->name);
    ms_part_put_text(out, INPUT,
                     term->input == SIZE_MAX ? NULL : r->training->inputs.items[term->input].name);
    ms_part_put_text(out, LEVEL, term->level);
    bool kept = r->fit->factor.kept[j];
    double error = r->request->l2 > 0 ? NAN : sqrt(fmax(covariance[j * n + j], 0) * dispersion(r));
    put_figures(out, r, kept ? estimates[j] : NAN, error);
  }
  return ms_builder_finish(out);
}

static void add_linear_facts(ms_facts *facts, const ms_linear_result *r) {
  double rank = (double)r->fit->factor.rank, left = degrees(r);
  double intercept = r->request->design->intercept ? 1 : 0, rows = left + rank;
  double around = r->fit->null_deviance, within = r->fit->deviance;
  double share = around > 0 ? 1 - within / around : NAN;
  ms_facts_number(facts, "r_squared", share);
  ms_facts_number(facts, "adjusted_r_squared",
                  left > 0 ? 1 - (1 - share) * (rows - intercept) / left : NAN);
  ms_facts_number(facts, "residual_error", sqrt(dispersion(r)));
  double f = (around - within) / (rank - intercept) / dispersion(r);
  bool fine = r->request->l2 == 0 && isfinite(f) && rank > intercept;
  ms_facts_number(facts, "f_statistic", fine ? f : NAN);
  ms_facts_number(facts, "f_p_value", fine ? ms_f_above(f, rank - intercept, left) : NAN);
}

ms_frame *ms_linear_facts(ms_context *context, const ms_linear_result *r) {
  const ms_family *family = &r->request->family;
  const ms_fit *fit = r->fit;
  double rank = (double)fit->factor.rank, rows = (double)r->training->inputs.rows;
  double parameters = rank + (ms_family_dispersed(family->family) ? 1 : 0);
  ms_facts facts = ms_facts_new(context);
  ms_facts_text(&facts, "family", ms_family_name(family->family));
  ms_facts_text(&facts, "link", ms_link_name(family->link));
  ms_facts_number(&facts, "rows", rows);
  ms_facts_number(&facts, "rank", rank);
  ms_facts_number(&facts, "degrees_of_freedom", degrees(r));
  ms_facts_number(&facts, "deviance", fit->deviance);
  ms_facts_number(&facts, "null_deviance", fit->null_deviance);
  ms_facts_number(&facts, "explained_deviance",
                  fit->null_deviance > 0 ? 1 - fit->deviance / fit->null_deviance : NAN);
  ms_facts_number(&facts, "dispersion", dispersion(r));
  ms_facts_number(&facts, "log_likelihood", fit->log_likelihood);
  bool plain = r->request->l2 == 0 && isfinite(fit->log_likelihood);
  ms_facts_number(&facts, "aic", plain ? 2 * parameters - 2 * fit->log_likelihood : NAN);
  ms_facts_number(&facts, "bic", plain ? log(rows) * parameters - 2 * fit->log_likelihood : NAN);
  ms_facts_number(&facts, "iterations", (double)fit->iterations);
  ms_facts_number(&facts, "converged", fit->converged ? 1 : 0);
  ms_facts_number(&facts, "confidence", r->options->confidence);
  ms_facts_number(&facts, "l2", r->request->l2);
  if (family->family == MS_GAUSSIAN && family->link == MS_LINK_IDENTITY) {
    add_linear_facts(&facts, r);
  }
  return ms_facts_finish(&facts);
}
