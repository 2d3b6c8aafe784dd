/* Paths of elastic nets. A gaussian's whole path, and its error in left-out rows, follow from the cross products of each fold: one
 * pass a fold. A binomial takes a few passes a lambda, each fold for itself in parallel, from where the last lambda ended. */
#include "core/kernels/mining/linear/path.h"

#include <math.h>
#include <string.h>

enum { EARLIEST_END = 5, NEWTON_MOST = 60, CYCLES_MOST = 100000 };

/* A quadratic in the coefficients but the intercept, which is always at its best. */
typedef struct {
  size_t n;      /* terms without the intercept */
  double *h, *g; /* n × n; gradient at the coefficients, kept up to date */
  double *beta;
  const double *scale; /* deviation of each term: the penalty is on beta × scale */
  double l1, l2;
} quadratic;

/* One round over the terms (or those that are not 0); the greatest fall of the loss. */
static double round_over(quadratic *q, bool active) {
  double most = 0;
  for (size_t j = 0; j < q->n; j++) {
    const double *row = q->h + j * q->n;
    if (!(row[j] > 0) || !(q->scale[j] > 0) || (active && q->beta[j] == 0)) continue;
    double pull = q->g[j] + row[j] * q->beta[j], rest = fabs(pull) - q->l1 * q->scale[j];
    double to = rest > 0 ? copysign(rest, pull) / (row[j] + q->l2 * q->scale[j] * q->scale[j]) : 0;
    double step = to - q->beta[j];
    if (step == 0) continue;
    q->beta[j] = to;
    for (size_t k = 0; k < q->n; k++) q->g[k] -= row[k] * step;
    most = fmax(most, step * step * row[j]);
  }
  return most;
}

static void descend(quadratic *q, double enough) {
  for (int cycles = 0; cycles < CYCLES_MOST; cycles++) {
    if (round_over(q, false) <= enough) return;
    while (cycles++ < CYCLES_MOST && round_over(q, true) > enough) {}
  }
}

/* ---- sums ------------------------------------------------------------------------------------------------------ */

typedef struct {
  const ms_path_request *request;
  uint32_t fold; /* MS_MISSING: no fold is left out */
  double mean;   /* of y, taken off */
} summing;

enum { WEIGHT, SUM, SQUARES };

/* Gaussian: the rows of one fold (or all). */
static void sum_gaussian(const void *state, const ms_design_block *b) {
  const summing *s = state;
  const ms_path_request *r = s->request;
  for (size_t i = 0; i < b->count; i++) {
    int64_t row = b->first + (int64_t)i;
    bool mine = s->fold == MS_MISSING || r->fold[row] == s->fold;
    double w = mine ? r->weights ? r->weights[row] : 1 : 0, y = r->y[row] - s->mean;
    b->weight[i] = w;
    b->score[i] = w * y;
    b->totals[WEIGHT] += w;
    b->totals[SUM] += w * y;
    b->totals[SQUARES] += w * y * y;
  }
}

enum { LOSS, HELD_LOSS, LEARNED, HELD };

/* Binomial: weights and scores of all rows but those of a fold; the deviance of both. */
static void sum_binomial(const void *state, const ms_design_block *b) {
  const summing *s = state;
  const ms_path_request *r = s->request;
  for (size_t i = 0; i < b->count; i++) {
    int64_t row = b->first + (int64_t)i;
    bool held = s->fold != MS_MISSING && r->fold[row] == s->fold;
    double w = r->weights ? r->weights[row] : 1, t = r->y[row] > 0 ? b->eta[i] : -b->eta[i];
    double e = exp(-fabs(t)), q = 1 / (1 + e), miss = t < 0 ? q : e * q;
    double loss = 2 * w * (log1p(e) + (t < 0 ? -t : 0));
    b->weight[i] = held ? 0 : w * e * q * q;
    b->score[i] = held ? 0 : r->y[row] > 0 ? w * miss : -w * miss;
    b->totals[held ? HELD_LOSS : LOSS] += loss;
    b->totals[held ? HELD : LEARNED] += w;
  }
}

static double at(const ms_design_sums *sums, size_t n, size_t i, size_t j) {
  return i >= j ? sums->gram[i * n + j] : sums->gram[j * n + i];
}

/* The quadratic of sums per unit of weight, without the intercept: each term less its share of it. */
static void fill(quadratic *q, const ms_design_sums *sums, double weight) {
  size_t all = q->n + 1;
  double own = sums->gram[0];
  for (size_t i = 0; i < q->n; i++) {
    double share = at(sums, all, i + 1, 0) / own;
    for (size_t j = 0; j < q->n; j++) {
      q->h[i * q->n + j] = (at(sums, all, i + 1, j + 1) - share * at(sums, all, j + 1, 0)) / weight;
    }
    if (q->h[i * q->n + i] < 1e-14 * at(sums, all, i + 1, i + 1) / weight) q->h[i * q->n + i] = 0;
    q->g[i] = (sums->gradient[i + 1] - share * sums->gradient[0]) / weight;
  }
}

static ms_status quadratic_new(ms_context *context, size_t n, quadratic *q) {
  *q = (quadratic){.n = n};
  q->h = ms_scratch(context, n * n + 1, sizeof(double));
  q->g = ms_scratch(context, n + 1, sizeof(double));
  q->beta = ms_scratch_zero(context, n + 1, sizeof(double));
  return q->h && q->g && q->beta ? MS_OK : MS_EMEMORY;
}

/* ---- the path -------------------------------------------------------------------------------------------------- */

typedef struct {
  ms_context *context;
  const ms_path_request *request;
  ms_path *path;
  ms_design_sums *folds; /* gaussian: of each fold */
  double mean;
  double *held; /* fold × lambda: mean error of its rows */
  double *held_weight;
  size_t n;
} making;

/* The lambdas: from where all coefficients are 0 down to a small part of that. */
static void lay_lambdas(making *m, const double *g, const double *scale) {
  ms_path *path = m->path;
  path->count = m->request->lambda > 0 ? 1 : m->request->lambdas;
  double most = 0;
  for (size_t j = 0; j < m->n; j++) {
    if (scale[j] > 0) most = fmax(most, fabs(g[j]) / scale[j]);
  }
  most /= fmax(m->request->alpha, 1e-3);
  double least = m->request->design->rows > (int64_t)m->n ? 1e-4 : 1e-2;
  for (size_t k = 0; k < path->count; k++) {
    path->lambdas[k] = m->request->lambda;
    if (m->request->lambda > 0) continue;
    path->lambdas[k] =
        path->count == 1 ? most : most * pow(least, (double)k / (double)(path->count - 1));
  }
}

/* Whether nothing is to be gained by smaller lambdas. */
static bool ends(const making *m, const double *explained, size_t k) {
  if (m->request->lambda > 0 || k + 1 < EARLIEST_END) return false;
  double gained = explained[k] - explained[k - 1];
  /* glmnet's rules. */
  return explained[k] > 0.999 || gained < 1e-5 * (m->request->binomial ? 1 : explained[k]);
}

static double *deviations(ms_context *context, const ms_design_sums *sums, double weight,
                          size_t n) {
  double *scale = ms_scratch(context, n + 1, sizeof *scale);
  for (size_t j = 0; scale && j < n; j++) {
    double mean = sums->gram[(j + 1) * (n + 1)] / weight;
    double square = sums->gram[(j + 1) * (n + 1) + j + 1] / weight, left = square - mean * mean;
    scale[j] = left > 1e-14 * square ? sqrt(left) : 0;
  }
  return scale;
}

static void add_sums(const making *m, ms_design_sums *to, uint32_t without) {
  size_t all = m->n + 1, folds = m->request->folds ? m->request->folds : 1;
  memset(to->gram, 0, all * all * sizeof(double));
  memset(to->gradient, 0, all * sizeof(double));
  memset(to->totals, 0, sizeof to->totals);
  for (uint32_t f = 0; f < folds; f++) {
    if (f == without) continue;
    for (size_t i = 0; i < all * all; i++) to->gram[i] += m->folds[f].gram[i];
    for (size_t i = 0; i < all; i++) to->gradient[i] += m->folds[f].gradient[i];
    for (size_t i = 0; i < MS_DESIGN_TOTALS; i++) to->totals[i] += m->folds[f].totals[i];
  }
}

/* Mean squared error of a fold's rows, from its sums. */
static double squared_error(const making *m, const ms_design_sums *sums,
                            const double *coefficients) {
  size_t all = m->n + 1;
  double sum = sums->totals[SQUARES];
  for (size_t i = 0; i < all; i++) {
    sum -= 2 * coefficients[i] * sums->gradient[i];
    for (size_t j = 0; j < all; j++) sum += coefficients[i] * coefficients[j] * at(sums, all, i, j);
  }
  return sum / sums->totals[WEIGHT];
}

/* Gaussian path of all rows but a fold's. */
static ms_status gaussian_path(making *m, ms_context *context, uint32_t without) {
  ms_design_sums sums;
  quadratic q;
  size_t n = m->n;
  bool whole = without == MS_MISSING;
  ms_status status = ms_design_sums_new(context, m->request->design, &sums);
  if (status == MS_OK) status = quadratic_new(context, n, &q);
  double *c = ms_scratch(context, 2 * n + 3, sizeof *c);
  if (status != MS_OK || !c) return status != MS_OK ? status : MS_EMEMORY;
  double *own = c + n + 1;
  add_sums(m, &sums, without);
  double weight = sums.totals[WEIGHT], mean = sums.totals[SUM] / weight;
  double variance = sums.totals[SQUARES] / weight - mean * mean,
         deviation = sqrt(fmax(variance, 0));
  q.scale = deviations(context, &sums, weight, n);
  if (!q.scale) return MS_EMEMORY;
  fill(&q, &sums, weight);
  memcpy(c, q.g, n * sizeof *c);
  if (whole) lay_lambdas(m, q.g, q.scale);
  for (size_t k = 0; k < m->path->count; k++) {
    double lambda = m->path->lambdas[k];
    q.l1 = lambda * m->request->alpha;
    q.l2 = deviation > 0 ? lambda * (1 - m->request->alpha) / deviation : 0;
    descend(&q, 1e-22 * variance);
    double *out = whole ? m->path->coefficients + k * (n + 1) : own;
    double gain = 0;
    out[0] = sums.gradient[0];
    for (size_t j = 0; j < n; j++) {
      out[j + 1] = q.beta[j];
      out[0] -= q.beta[j] * sums.gram[(j + 1) * (n + 1)];
      gain += q.beta[j] * (c[j] + q.g[j]);
    }
    out[0] /= weight;
    if (!whole) m->held[without * m->path->count + k] = squared_error(m, &m->folds[without], out);
    if (ms_cancelled(context)) return MS_ECANCEL;
    if (!whole) continue;
    m->path->explained[k] = variance > 0 ? gain / variance : 0;
    if (ends(m, m->path->explained, k)) m->path->count = k + 1;
  }
  return MS_OK;
}

/* ---- binomial -------------------------------------------------------------------------------------------------- */

typedef struct {
  ms_context *context;
  making *m;
  summing state;
  ms_design_sums sums;
  quadratic q;
  double *coefficients, *before;
} logistic;

static ms_status pass(logistic *l) {
  ms_design_pass_request request = {
      .coefficients = l->coefficients, .step = sum_binomial, .state = &l->state, .gram = true};
  return ms_design_pass(l->context, l->m->request->design, &request, &l->sums);
}

/* Newton's steps at one lambda, each a penalised quadratic. */
static ms_status settle(logistic *l) {
  size_t n = l->q.n;
  for (int step = 0; step < NEWTON_MOST; step++) {
    ms_status status = pass(l);
    if (status != MS_OK) return status;
    double weight = l->sums.totals[LEARNED], most = 0;
    if (!(l->sums.gram[0] > 0)) return MS_OK;
    fill(&l->q, &l->sums, weight);
    memcpy(l->before, l->q.beta, n * sizeof(double));
    descend(&l->q, 1e-22);
    double base = l->sums.gradient[0];
    for (size_t j = 0; j < n; j++) {
      double moved = l->q.beta[j] - l->before[j];
      base -= moved * l->sums.gram[(j + 1) * (n + 1)];
      most = fmax(most, moved * moved * l->q.h[j * n + j]);
      l->coefficients[j + 1] = l->q.beta[j];
    }
    base /= l->sums.gram[0];
    l->coefficients[0] += base;
    most = fmax(most, base * base * l->sums.gram[0] / weight);
    if (most <= 1e-16) return MS_OK;
  }
  return MS_OK;
}

static ms_status logistic_new(making *m, ms_context *context, uint32_t without, logistic *l) {
  size_t n = m->n;
  const ms_path_request *r = m->request;
  *l = (logistic){.context = context, .m = m, .state = {r, without, 0}};
  ms_status status = ms_design_sums_new(context, r->design, &l->sums);
  if (status == MS_OK) status = quadratic_new(context, n, &l->q);
  if (status != MS_OK) return status;
  l->coefficients = ms_scratch_zero(context, n + 1, sizeof(double));
  l->before = ms_scratch(context, n + 1, sizeof(double));
  if (!l->coefficients || !l->before) return MS_EMEMORY;
  /* At eta = 0 all weights are a quarter of the rows': the deviations follow. */
  status = pass(l);
  if (status != MS_OK) return status;
  double weight = l->sums.totals[LEARNED], sum = 0;
  l->q.scale = deviations(context, &l->sums, weight / 4, n);
  if (!l->q.scale) return MS_EMEMORY;
  sum = l->sums.gradient[0] + weight / 2;
  l->coefficients[0] = log(sum / (weight - sum));
  return isfinite(l->coefficients[0])
             ? pass(l)
             : ms_fail(context, MS_EDATA, "%s: without one of the folds there is one class only",
                       r->kernel);
}

static ms_status logistic_path(making *m, ms_context *context, uint32_t without) {
  logistic l;
  bool whole = without == MS_MISSING;
  ms_status status = logistic_new(m, context, without, &l);
  if (status != MS_OK) return status;
  fill(&l.q, &l.sums, l.sums.totals[LEARNED]);
  double null = l.sums.totals[LOSS];
  if (whole) lay_lambdas(m, l.q.g, l.q.scale);
  for (size_t k = 0; k < m->path->count; k++) {
    l.q.l1 = m->path->lambdas[k] * m->request->alpha;
    l.q.l2 = m->path->lambdas[k] * (1 - m->request->alpha);
    status = settle(&l);
    if (status != MS_OK) return status;
    if (!whole) {
      m->held[without * m->path->count + k] = l.sums.totals[HELD_LOSS] / l.sums.totals[HELD];
      m->held_weight[without] = l.sums.totals[HELD];
      continue;
    }
    memcpy(m->path->coefficients + k * (m->n + 1), l.coefficients, (m->n + 1) * sizeof(double));
    m->path->explained[k] = 1 - l.sums.totals[LOSS] / null;
    if (ends(m, m->path->explained, k)) m->path->count = k + 1;
  }
  return MS_OK;
}

/* ---- folds ------------------------------------------------------------------------------------------------------ */

static ms_status sum_folds(making *m) {
  const ms_path_request *r = m->request;
  size_t folds = r->folds ? r->folds : 1;
  m->folds = ms_scratch(m->context, folds, sizeof *m->folds);
  if (!m->folds) return MS_EMEMORY;
  double sum = 0, weight = 0;
  for (int64_t i = 0; i < r->design->rows; i++) {
    double w = r->weights ? r->weights[i] : 1;
    sum += w * r->y[i];
    weight += w;
  }
  m->mean = sum / weight;
  for (size_t f = 0; f < folds; f++) {
    summing state = {r, r->folds ? (uint32_t)f : MS_MISSING, m->mean};
    ms_design_pass_request request = {.step = sum_gaussian, .state = &state, .gram = true};
    ms_status status = ms_design_sums_new(m->context, r->design, &m->folds[f]);
    if (status == MS_OK) status = ms_design_pass(m->context, r->design, &request, &m->folds[f]);
    if (status != MS_OK) return status;
    if (r->folds) m->held_weight[f] = m->folds[f].totals[WEIGHT];
  }
  return MS_OK;
}

static ms_status run_fold(ms_context *worker, void *state, size_t fold) {
  making *m = state;
  return m->request->binomial ? logistic_path(m, worker, (uint32_t)fold)
                              : gaussian_path(m, worker, (uint32_t)fold);
}

/* Mean over the folds, by their weights, and its standard error. */
static void judge(const making *m) {
  size_t folds = m->request->folds, count = m->path->count;
  for (size_t k = 0; k < count; k++) {
    double sum = 0, weight = 0, squares = 0;
    for (size_t f = 0; f < folds; f++) {
      sum += m->held_weight[f] * m->held[f * count + k];
      weight += m->held_weight[f];
    }
    double mean = sum / weight;
    for (size_t f = 0; f < folds; f++) {
      double off = m->held[f * count + k] - mean;
      squares += m->held_weight[f] * off * off;
    }
    m->path->error[k] = mean;
    m->path->deviation[k] = sqrt(squares / weight / (double)(folds - 1));
  }
}

ms_status ms_path_make(ms_context *context, const ms_path_request *request, ms_path *out) {
  making m = {.context = context, .request = request, .path = out, .n = request->design->count - 1};
  size_t most = request->lambda > 0 ? 1 : request->lambdas;
  out->lambdas = ms_scratch(context, most, sizeof(double));
  out->explained = ms_scratch(context, most, sizeof(double));
  out->coefficients = ms_scratch(context, most * (m.n + 1), sizeof(double));
  out->error = out->deviation = NULL;
  m.held = ms_scratch_zero(context, most * request->folds + 1, sizeof(double));
  m.held_weight = ms_scratch_zero(context, request->folds + 1, sizeof(double));
  if (!out->lambdas || !out->explained || !out->coefficients || !m.held || !m.held_weight)
    return MS_EMEMORY;
  ms_status status = request->binomial ? MS_OK : sum_folds(&m);
  if (status == MS_OK) {
    status = request->binomial ? logistic_path(&m, context, MS_MISSING)
                               : gaussian_path(&m, context, MS_MISSING);
  }
  if (status != MS_OK) return status;
  for (size_t k = 0; k < out->count; k++) out->coefficients[k * (m.n + 1)] += m.mean;
  if (request->folds == 0) return MS_OK;
  out->error = ms_scratch(context, most, sizeof(double));
  out->deviation = ms_scratch(context, most, sizeof(double));
  if (!out->error || !out->deviation) return MS_EMEMORY;
  status = ms_parallel(context, request->folds, run_fold, &m);
  if (status == MS_OK) judge(&m);
  return status;
}
