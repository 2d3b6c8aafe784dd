/* Newton's method with Fisher's weights (iteratively reweighted least squares) over passes of the model matrix.
 *
 * Least squares needs two passes: the second one takes the residuals of the first solution, and refines it. Of many rows a
 * sample is fitted first, so that few passes over all of them are needed. Iterations end when the next step would lower the deviance
 * by less than 1e-14 dispersions (1e-20 where steps are not Newton's, 1e-8 with a penalty, where no
 * errors are wanted): coefficients and standard errors are then exact to rounding. */
#include "core/kernels/mining/common/fit.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* What is left of a column's squared length that makes it one of its own. */
static const double own = 1e-10;
enum { SAMPLE_ROWS = 400000, SAMPLE_EVERY = 16, HALVINGS = 30 };

typedef struct {
  ms_context *context;
  const ms_fit_request *request;
  ms_fit *fit;
  ms_design_sums sums;
  double *step; /* the last one */
  size_t n;
} fitting;

static bool is_linear(const ms_family *f) {
  return f->family == MS_GAUSSIAN && f->link == MS_LINK_IDENTITY;
}

static bool is_plain_logistic(const ms_family *f) {
  return f->family == MS_BINOMIAL && f->link == MS_LINK_LOGIT && !f->weights;
}

static ms_status too_large(const fitting *f) {
  (void)ms_fail(f->context, MS_EDATA, "%s: the numbers are too large or too small to be fitted",
                f->request->kernel);
  ms_fail_hint(f->context, "bring columns to another unit: thousands rather than cents, …");
  return MS_EDATA;
}

static double penalty_of(const fitting *f, size_t term) {
  const ms_design *design = f->request->design;
  double factor = ms_design_factor(design, term);
  return design->intercept && term == 0 ? 0 : f->request->l2 * factor * factor;
}

/* Twice the penalty: it stands beside the deviance. */
static double penalties(const fitting *f) {
  double sum = 0;
  for (size_t j = 0; f->request->l2 > 0 && j < f->n; j++) {
    sum += penalty_of(f, j) * f->fit->coefficients[j] * f->fit->coefficients[j];
  }
  return sum;
}

static ms_status pass(fitting *f, ms_design_step *step, bool gram, int64_t every) {
  const ms_family *family = &f->request->family;
  ms_design_pass_request request = {
      .coefficients = f->fit->coefficients,
      .offset = family->offset,
      .step = step,
      .state = family,
      .gram = gram,
      .unweighted = is_linear(family) && !family->weights,
      .every = every,
  };
  ms_status status = ms_design_pass(f->context, f->request->design, &request, &f->sums);
  if (status != MS_OK) return status;
  for (size_t j = 0; f->request->l2 > 0 && j < f->n; j++) {
    double penalty = penalty_of(f, j);
    if (gram) f->sums.gram[j * f->n + j] += penalty;
    f->sums.gradient[j] -= penalty * f->fit->coefficients[j];
  }
  return MS_OK;
}

/* The step from the gradient; gives what the deviance would fall by if it were a parabola. */
static double solve(fitting *f) {
  memcpy(f->step, f->sums.gradient, f->n * sizeof *f->step);
  ms_factor_solve(&f->fit->factor, f->step);
  double fall = 0;
  for (size_t j = 0; j < f->n; j++) fall += f->step[j] * f->sums.gradient[j];
  return fall;
}

static void move(fitting *f, double length) {
  for (size_t j = 0; j < f->n; j++) f->fit->coefficients[j] += length * f->step[j];
}

/* ---- least squares --------------------------------------------------------------------------------------------- */

static ms_status fit_linear(fitting *f) {
  ms_fit_request request = *f->request;
  fitting inner = *f;
  inner.request = &request;
  ms_fit *fit = f->fit;
  ms_status status = pass(&inner, ms_family_linear, true, 1);
  if (status != MS_OK) return status;
  fit->weight_sum = inner.sums.totals[3];
  request.family.mean = request.design->intercept ? inner.sums.totals[2] / inner.sums.totals[3] : 0;
  if (!ms_factor_make(&fit->factor, inner.sums.gram, own, false)) return too_large(f);
  (void)solve(&inner);
  move(&inner, 1);
  status = pass(&inner, ms_family_linear, false, 1);
  if (status != MS_OK) return status;
  double fall = solve(&inner);
  move(&inner, 1);
  double deviance = inner.sums.totals[0] - (request.l2 > 0 ? 0 : fall);
  fit->deviance = deviance < 0 ? 0 : deviance;
  fit->null_deviance = inner.sums.totals[1];
  fit->pearson = fit->deviance;
  fit->iterations = 1;
  fit->converged = true;
  return isfinite(fit->deviance) ? MS_OK : too_large(f);
}

/* ---- iteratively reweighted ------------------------------------------------------------------------------------ */

static double dispersion_of(const fitting *f) {
  if (!ms_family_dispersed(f->request->family.family)) return 1;
  double degrees = (double)f->request->design->rows - (double)f->fit->factor.rank;
  return fmax(f->sums.totals[MS_TOTAL_PEARSON] / fmax(degrees, 1), DBL_MIN);
}

/* A pass at the coefficients; where the last step made things worse it is halved until it does not. */
static ms_status pass_down(fitting *f, ms_design_step *step, int64_t every, double *deviance) {
  for (int halvings = 0;; halvings++) {
    ms_status status = pass(f, step, true, every);
    if (status != MS_OK) return status;
    double now = f->sums.totals[MS_TOTAL_DEVIANCE] + penalties(f);
    if (now <= *deviance + 1e-9 * (fabs(*deviance) + 0.1) ||
        (halvings == HALVINGS && isfinite(now))) {
      *deviance = now;
      return MS_OK;
    }
    if (halvings == HALVINGS) {
      (void)ms_fail(f->context, MS_EDATA, "%s: no step gives a %s mean by the link %s",
                    f->request->kernel, ms_family_name(f->request->family.family),
                    ms_link_name(f->request->family.link));
      ms_fail_hint(f->context, "the link log keeps the mean positive");
      return MS_EDATA;
    }
    for (size_t j = 0; j < f->n; j++) f->step[j] *= 0.5;
    move(f, -1);
  }
}

/* Where weights of some rows have vanished beside others', so that the matrix cannot be factored any more: the estimates have
 * no limit. A little added to the diagonal gives errors that are large, as they should be. */
static ms_status prop_up(fitting *f) {
  for (size_t j = 0; j < f->n; j++) f->sums.gram[j * f->n + j] *= 1 + 1e-8;
  return ms_factor_make(&f->fit->factor, f->sums.gram, own, true) ? MS_OK : too_large(f);
}

/* Iterates over every `every`-th block of rows until a step promises less than `enough` dispersions. */
static ms_status iterate(fitting *f, int64_t every, double enough) {
  ms_fit *fit = f->fit;
  ms_design_step *step =
      is_plain_logistic(&f->request->family) ? ms_family_logistic : ms_family_step;
  double deviance = INFINITY;
  bool first = true;
  fit->converged = false;
  for (int64_t i = 0; i < f->request->steps && !fit->converged; i++) {
    ms_status status = pass_down(f, step, every, &deviance);
    if (status != MS_OK) return status;
    /* What is left out is settled by the first matrix of all rows. */
    if (!ms_factor_make(&fit->factor, f->sums.gram, own, !first && every == 1)) {
      return first ? too_large(f) : prop_up(f);
    }
    first = false;
    double fall = solve(f);
    move(f, 1);
    fit->converged = fall <= enough * dispersion_of(f);
    fit->deviance = f->sums.totals[MS_TOTAL_DEVIANCE] - (f->request->l2 > 0 ? 0 : fall);
    fit->certain = (int64_t)f->sums.totals[MS_TOTAL_CERTAIN];
    fit->iterations += every == 1;
    ms_report(f->context, f->request->kernel, (uint64_t)i + 1, 0);
  }
  return MS_OK;
}

static ms_status start(fitting *f, int64_t every) {
  ms_status status = pass(f, ms_family_start, true, every);
  if (status != MS_OK) return status;
  if (!ms_factor_make(&f->fit->factor, f->sums.gram, own, false)) return too_large(f);
  (void)solve(f);
  move(f, 1);
  return MS_OK;
}

static ms_status fit_iterated(fitting *f) {
  bool many = f->request->design->rows >= SAMPLE_ROWS;
  ms_status status = start(f, many ? SAMPLE_EVERY : 1);
  if (status == MS_OK && many) status = iterate(f, SAMPLE_EVERY, 1e-3);
  bool canonical =
      is_plain_logistic(&f->request->family) ||
      (f->request->family.family == MS_POISSON && f->request->family.link == MS_LINK_LOG);
  /* Newton's steps square what is missing; Fisher's for other links only shorten it. */
  double enough = canonical ? f->request->l2 > 0 ? 1e-8 : 1e-14 : 1e-20;
  if (status == MS_OK) status = iterate(f, 1, enough);
  return status;
}

/* ---- figures of the whole --------------------------------------------------------------------------------------- */

/* A pass of the model without inputs: its deviance. */
static ms_status null_deviance(fitting *f, double mean) {
  ms_design none = {.rows = f->request->design->rows, .intercept = f->request->design->intercept};
  ms_term term = {.name = "(intercept)", .input = SIZE_MAX};
  const double *values[1] = {NULL};
  double centre[1] = {0}, scale[1] = {1}, coefficient[1];
  if (none.intercept) {
    none.count = none.dense = 1;
    none.terms = &term, none.values = values, none.centre = centre, none.scale = scale;
  }
  ms_fit fit = {.coefficients = coefficient};
  ms_fit_request request = *f->request;
  request.design = &none, request.l2 = 0;
  fitting inner = {f->context, &request, &fit, {0}, f->step, none.count};
  coefficient[0] = ms_link_eta(request.family.link, mean);
  ms_status status = ms_design_sums_new(f->context, &none, &inner.sums);
  if (status == MS_OK && none.intercept && request.family.offset) {
    coefficient[0] = 0;
    status = ms_factor_new(f->context, 1, &fit.factor);
    if (status == MS_OK) status = fit_iterated(&inner);
  }
  if (status == MS_OK) status = pass(&inner, ms_family_judge, false, 1);
  f->fit->null_deviance = inner.sums.totals[MS_TOTAL_DEVIANCE];
  return status;
}

static ms_status judge(fitting *f) {
  const ms_family *family = &f->request->family;
  double sum = 0, weights = 0;
  for (int64_t i = 0; i < f->request->design->rows; i++) {
    double w = family->weights ? family->weights[i] : 1;
    sum += w * family->y[i];
    weights += w;
  }
  double mean = sum / weights;
  if (is_plain_logistic(family) && !family->offset && f->request->design->intercept) {
    f->fit->null_deviance = -2 * weights * (mean * log(mean) + (1 - mean) * log1p(-mean));
  } else {
    ms_status status = null_deviance(f, mean);
    if (status != MS_OK) return status;
  }
  f->fit->log_likelihood = -0.5 * f->fit->deviance;
  if (is_plain_logistic(family)) return MS_OK;
  ms_fit_request request = *f->request;
  fitting inner = *f;
  inner.request = &request;
  request.family.dispersion = fmax(f->fit->deviance / weights, DBL_MIN);
  ms_status status = pass(&inner, ms_family_judge, false, 1);
  if (status != MS_OK) return status;
  f->fit->deviance = inner.sums.totals[MS_TOTAL_DEVIANCE];
  f->fit->pearson = inner.sums.totals[MS_TOTAL_PEARSON];
  f->fit->certain = (int64_t)inner.sums.totals[MS_TOTAL_CERTAIN];
  f->fit->log_likelihood = inner.sums.totals[MS_TOTAL_LIKELIHOOD];
  return MS_OK;
}

/* Of the gaussian: -n / 2 (log(2 π deviance / n) + 1) + the sum of log weights / 2. */
static double gaussian_likelihood(const fitting *f, double weight_logs) {
  double n = (double)f->request->design->rows;
  return -0.5 * n * (log(2 * 3.14159265358979323846 * f->fit->deviance / n) + 1) +
         0.5 * weight_logs;
}

static ms_status judge_gaussian(fitting *f) {
  const double *weights = f->request->family.weights;
  double logs = 0;
  for (int64_t i = 0; weights && i < f->request->design->rows; i++) logs += log(weights[i]);
  f->fit->log_likelihood = gaussian_likelihood(f, logs);
  return MS_OK;
}

ms_status ms_fit_make(ms_context *context, const ms_fit_request *request, ms_fit *out) {
  *out = (ms_fit){0};
  size_t n = request->design->count;
  fitting f = {.context = context, .request = request, .fit = out, .n = n};
  out->coefficients = ms_scratch_zero(context, n + 1, sizeof(double));
  f.step = ms_scratch_zero(context, n + 1, sizeof(double));
  if (!out->coefficients || !f.step) return MS_EMEMORY;
  ms_status status = ms_design_sums_new(context, request->design, &f.sums);
  if (status == MS_OK) status = ms_factor_new(context, n, &out->factor);
  if (status != MS_OK) return status;
  if (is_linear(&request->family)) {
    status = fit_linear(&f);
    return status == MS_OK ? judge_gaussian(&f) : status;
  }
  status = fit_iterated(&f);
  if (status == MS_OK) status = judge(&f);
  if (status == MS_OK && request->family.family == MS_GAUSSIAN) status = judge_gaussian(&f);
  return status;
}
