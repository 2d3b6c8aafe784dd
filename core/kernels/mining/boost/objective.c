/* What is made small: losses, their derivatives, and the constant to begin with.
 *
 * Softmax takes twice the diagonal of the Hessian, as Friedman, Hastie, Tibshirani 2000 and XGBoost do. */
#include "core/kernels/mining/boost/boost.h"

#include <inttypes.h>
#include <math.h>

static const char *const words[] = {"auto", "logistic", "softmax", "squared", "poisson", "cox"};
static const char *const measures[] = {"",
                                       "log loss",
                                       "log loss",
                                       "root mean squared error",
                                       "Poisson deviance",
                                       "negative partial log-likelihood"};

const char *ms_objective_word(ms_objective objective) { return words[objective]; }
const char *ms_objective_measure(ms_objective objective) { return measures[objective]; }

static double weight_of(const ms_boosting *b, int64_t i) {
  return b->training->weights ? b->training->weights[i] : 1;
}
static double offset_of(const ms_boosting *b, int64_t i) {
  return b->training->offset ? b->training->offset[i] : 0;
}
static bool is_held(const ms_boosting *b, int64_t i) { return b->held && b->held[i]; }

/* ---- the start ---- */

static ms_status check_counts(ms_context *context, const ms_boosting *b) {
  for (int64_t i = 0; i < b->rows; i++) {
    if (b->target[i] >= 0) continue;
    int64_t row = b->training->kept ? b->training->kept[i] : i;
    (void)ms_fail(context, MS_EDATA,
                  "boost: column '%s' is %.15g in row %" PRId64
                  "; 0 or more wanted for objective '%s'",
                  b->training->target.name, b->target[i], row + 1, words[b->objective]);
    ms_fail_cell(context, b->training->target.name, row);
    return MS_EDATA;
  }
  return MS_OK;
}

ms_status ms_objective_start(ms_context *context, ms_boosting *b) {
  const ms_target *target = &b->training->target;
  b->target = target->values;
  if (b->objective == MS_OBJECTIVE_LOGISTIC) {
    double *ones = ms_scratch(context, (size_t)b->rows + 1, sizeof *ones);
    if (!ones) return MS_EMEMORY;
    for (int64_t i = 0; i < b->rows; i++) ones[i] = target->codes[i];
    b->target = ones;
  }
  if (b->objective == MS_OBJECTIVE_POISSON || b->objective == MS_OBJECTIVE_COX) {
    ms_status status = check_counts(context, b);
    if (status != MS_OK) return status;
  }
  return b->objective == MS_OBJECTIVE_COX ? ms_cox_start(context, b) : MS_OK;
}

/* Log odds with which the mean probability over rows with offsets is that of the target: Newton. */
static double odds_with_offset(const ms_boosting *b, double start) {
  double at = start;
  for (int step = 0; step < 50; step++) {
    double g = 0, h = 0;
    for (int64_t i = 0; i < b->rows; i++) {
      if (is_held(b, i)) continue;
      double p = 1 / (1 + exp(-(at + offset_of(b, i)))), w = weight_of(b, i);
      g += w * (p - b->target[i]);
      h += w * p * (1 - p);
    }
    double change = h > 0 ? g / h : 0;
    at -= change;
    if (fabs(change) < 1e-12) break;
  }
  return at;
}

static ms_status check_share(ms_context *context, const ms_boosting *b, double share) {
  if (b->objective == MS_OBJECTIVE_LOGISTIC && !(share > 0 && share < 1))
    return ms_fail(context, MS_EARGUMENT, "boost: base_score %.15g; between 0 and 1 wanted", share);
  if (b->objective == MS_OBJECTIVE_POISSON && !(share > 0))
    return ms_fail(context, MS_EARGUMENT, "boost: base_score %.15g; more than 0 wanted", share);
  return MS_OK;
}

static double link_of(const ms_boosting *b, double mean) {
  if (b->objective == MS_OBJECTIVE_LOGISTIC) return log(mean / (1 - mean));
  return b->objective == MS_OBJECTIVE_POISSON ? log(mean) : mean;
}

static ms_status base_number(ms_context *context, ms_boosting *b) {
  double sum = 0, total = 0;
  bool poisson = b->objective == MS_OBJECTIVE_POISSON,
       squared = b->objective == MS_OBJECTIVE_SQUARED;
  for (int64_t i = 0; i < b->rows; i++) {
    if (is_held(b, i)) continue;
    double w = weight_of(b, i), offset = offset_of(b, i);
    sum += w * (squared ? b->target[i] - offset : b->target[i]);
    total += poisson ? w * exp(offset) : w;
  }
  double mean = sum / total;
  if (b->objective == MS_OBJECTIVE_LOGISTIC && !(mean > 0 && mean < 1))
    return ms_fail(context, MS_EDATA, "boost: one class only in the rows that are learned from");
  if (poisson && !(mean > 0))
    return ms_fail(context, MS_EDATA, "boost: column '%s' is 0 in every row",
                   b->training->target.name);
  b->base[0] = link_of(b, mean);
  if (b->objective == MS_OBJECTIVE_LOGISTIC && b->training->offset)
    b->base[0] = odds_with_offset(b, b->base[0]);
  return MS_OK;
}

static void base_classes(ms_boosting *b) {
  double total = 0;
  for (size_t k = 0; k < b->outputs; k++) b->base[k] = 0;
  for (int64_t i = 0; i < b->rows; i++) {
    if (is_held(b, i)) continue;
    b->base[b->training->target.codes[i]] += weight_of(b, i);
    total += weight_of(b, i);
  }
  for (size_t k = 0; k < b->outputs; k++) b->base[k] = log(fmax(b->base[k] / total, 1e-12));
}

ms_status ms_objective_base(ms_context *context, ms_boosting *b, ms_reals given) {
  ms_status status = MS_OK;
  if (given.count > 1 || (given.count && b->objective == MS_OBJECTIVE_SOFTMAX))
    return ms_fail(context, MS_EARGUMENT, "boost: base_score is one number, and not for softmax");
  if (given.count) {
    status = check_share(context, b, given.items[0]);
    if (status == MS_OK) b->base[0] = link_of(b, given.items[0]);
  } else if (b->objective == MS_OBJECTIVE_SOFTMAX) {
    base_classes(b);
  } else if (b->objective == MS_OBJECTIVE_COX) {
    b->base[0] = 0;
  } else {
    status = base_number(context, b);
  }
  for (size_t k = 0; status == MS_OK && k < b->outputs; k++) {
    for (int64_t i = 0; i < b->rows; i++)
      b->margin[(int64_t)k * b->rows + i] = b->base[k] + offset_of(b, i);
  }
  return status;
}

/* ---- derivatives ---- */

static void softmax_row(const ms_boosting *b, int64_t i, double *p) {
  double most = -INFINITY, sum = 0;
  for (size_t k = 0; k < b->outputs; k++) {
    p[k] = b->margin[(int64_t)k * b->rows + i];
    most = fmax(most, p[k]);
  }
  for (size_t k = 0; k < b->outputs; k++) sum += p[k] = exp(p[k] - most);
  for (size_t k = 0; k < b->outputs; k++) p[k] /= sum;
}

static void softmax_gradients(const ms_boosting *b, int64_t i, double *p) {
  softmax_row(b, i, p);
  double w = weight_of(b, i);
  for (size_t k = 0; k < b->outputs; k++) {
    int64_t at = (int64_t)k * b->rows + i;
    b->g[at] = w * (p[k] - (b->training->target.codes[i] == k));
    b->h[at] = w * fmax(2 * p[k] * (1 - p[k]), 1e-16);
  }
}

static void logistic_gradients(const ms_boosting *b, ms_range range) {
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    double p = 1 / (1 + exp(-b->margin[i]));
    b->g[i] = p - b->target[i];
    b->h[i] = p * (1 - p) > 1e-16 ? p * (1 - p) : 1e-16;
  }
}

static void number_gradients(const ms_boosting *b, ms_range range) {
  bool poisson = b->objective == MS_OBJECTIVE_POISSON;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    double mean = poisson ? exp(b->margin[i]) : b->margin[i];
    b->g[i] = mean - b->target[i];
    b->h[i] = poisson ? mean : 1;
  }
}

static ms_status gradients_task(ms_context *worker, void *state, size_t task) {
  const ms_boosting *b = state;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(b->rows, task);
  if (b->objective == MS_OBJECTIVE_SOFTMAX) {
    ms_mark mark = ms_scratch_mark(worker);
    double *p = ms_scratch(worker, b->outputs, sizeof *p);
    if (!p) return MS_EMEMORY;
    for (int64_t i = range.first; i < range.first + range.count; i++) softmax_gradients(b, i, p);
    ms_scratch_release(worker, mark);
    return MS_OK;
  }
  if (b->objective == MS_OBJECTIVE_LOGISTIC)
    logistic_gradients(b, range);
  else
    number_gradients(b, range);
  const double *weights = b->training->weights;
  for (int64_t i = range.first; weights && i < range.first + range.count; i++) {
    b->g[i] *= weights[i];
    b->h[i] *= weights[i];
  }
  return MS_OK;
}

ms_status ms_objective_gradients(ms_context *context, ms_boosting *b) {
  if (b->objective == MS_OBJECTIVE_COX) return ms_cox_gradients(context, b);
  return ms_parallel(context, ms_morsels(b->rows), gradients_task, b);
}

/* ---- losses ---- */

typedef struct {
  const ms_boosting *boosting;
  bool held;
  double *sums; /* morsel: loss, weight */
} losing;

static double loss_of(const ms_boosting *b, int64_t i, double *p) {
  double margin = b->margin[i], y;
  switch (b->objective) {
    case MS_OBJECTIVE_LOGISTIC:
      y = b->target[i] > 0.5 ? -margin : margin;
      return y > 0 ? y + log1p(exp(-y)) : log1p(exp(y));
    case MS_OBJECTIVE_SOFTMAX:
      softmax_row(b, i, p);
      return -log(fmax(p[b->training->target.codes[i]], 1e-300));
    case MS_OBJECTIVE_SQUARED: return (margin - b->target[i]) * (margin - b->target[i]);
    case MS_OBJECTIVE_POISSON:
      y = b->target[i];
      return 2 * ((y > 0 ? y * (log(y) - margin) : 0) - (y - exp(margin)));
    case MS_OBJECTIVE_AUTO:
    case MS_OBJECTIVE_COX:
    case MS_OBJECTIVE_COUNT: break;
  }
  return NAN;
}

static ms_status loss_task(ms_context *worker, void *state, size_t task) {
  const losing *l = state;
  const ms_boosting *b = l->boosting;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  ms_range range = ms_morsel(b->rows, task);
  ms_mark mark = ms_scratch_mark(worker);
  double *p = ms_scratch(worker, b->outputs, sizeof *p), sum = 0, total = 0;
  if (!p) return MS_EMEMORY;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    if (is_held(b, i) != l->held) continue;
    double w = weight_of(b, i);
    sum += w * loss_of(b, i, p);
    total += w;
  }
  l->sums[2 * task] = sum;
  l->sums[2 * task + 1] = total;
  ms_scratch_release(worker, mark);
  return MS_OK;
}

ms_status ms_objective_loss(ms_context *context, const ms_boosting *b, bool held, double *out) {
  *out = NAN;
  if (held && !b->held) return MS_OK;
  if (b->objective == MS_OBJECTIVE_COX) return ms_cox_loss(context, b, held, out);
  size_t morsels = ms_morsels(b->rows);
  ms_mark mark = ms_scratch_mark(context);
  losing l = {b, held, ms_scratch(context, 2 * morsels + 1, sizeof(double))};
  if (!l.sums) return MS_EMEMORY;
  ms_status status = ms_parallel(context, morsels, loss_task, &l);
  double sum = 0, total = 0;
  for (size_t m = 0; status == MS_OK && m < morsels; m++) {
    sum += l.sums[2 * m];
    total += l.sums[2 * m + 1];
  }
  ms_scratch_release(context, mark);
  if (total > 0) *out = b->objective == MS_OBJECTIVE_SQUARED ? sqrt(sum / total) : sum / total;
  return status;
}

/* ---- predictions ---- */

void ms_objective_predict(ms_objective objective, size_t outputs, size_t rows, double *values) {
  if (objective == MS_OBJECTIVE_SQUARED) return;
  for (size_t i = 0; i < rows * outputs; i++) {
    if (objective == MS_OBJECTIVE_LOGISTIC)
      values[i] = 1 / (1 + exp(-values[i]));
    else if (objective != MS_OBJECTIVE_SOFTMAX)
      values[i] = exp(values[i]);
  }
  for (size_t i = 0; objective == MS_OBJECTIVE_SOFTMAX && i < rows; i++) {
    double *row = values + i * outputs, most = row[0], sum = 0;
    for (size_t k = 1; k < outputs; k++) most = fmax(most, row[k]);
    for (size_t k = 0; k < outputs; k++) sum += row[k] = exp(row[k] - most);
    for (size_t k = 0; k < outputs; k++) row[k] /= sum;
  }
}
