/* Families and links, a row at a time; the logistic step in blocks that the compiler can vectorise. */
#include "core/kernels/mining/common/family.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- links ----------------------------------------------------------------------------------------------------- */

static double normal_density(double x) { return 0.39894228040143267794 * exp(-0.5 * x * x); }
static double normal_below(double x) { return 0.5 * erfc(-x * 0.70710678118654752440); }

double ms_link_mean(ms_link_id link, double eta) {
  switch (link) {
    case MS_LINK_IDENTITY: return eta;
    case MS_LINK_LOGIT: return 1 / (1 + exp(-eta));
    case MS_LINK_LOG: return exp(eta);
    case MS_LINK_INVERSE: return 1 / eta;
    case MS_LINK_PROBIT: return normal_below(eta);
  }
  return NAN;
}

static double probit(double p) {
  double low = -40, high = 40, x = 0;
  for (int i = 0; i < 100; i++) {
    double miss = normal_below(x) - p;
    if (miss > 0)
      high = x;
    else
      low = x;
    double next = x - miss / normal_density(x);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (fabs(next - x) < 1e-15 * (1 + fabs(x))) break;
    x = next;
  }
  return x;
}

double ms_link_eta(ms_link_id link, double mean) {
  switch (link) {
    case MS_LINK_IDENTITY: return mean;
    case MS_LINK_LOGIT: return log(mean / (1 - mean));
    case MS_LINK_LOG: return log(mean);
    case MS_LINK_INVERSE: return 1 / mean;
    case MS_LINK_PROBIT: return probit(mean);
  }
  return NAN;
}

/* d mean / d eta. */
static double slope(ms_link_id link, double eta, double mean) {
  switch (link) {
    case MS_LINK_IDENTITY: return 1;
    case MS_LINK_LOGIT: {
      double e = exp(-fabs(eta));
      return e / ((1 + e) * (1 + e));
    }
    case MS_LINK_LOG: return mean;
    case MS_LINK_INVERSE: return -mean * mean;
    case MS_LINK_PROBIT: return normal_density(eta);
  }
  return NAN;
}

const char *ms_link_name(ms_link_id link) {
  static const char *const names[] = {"identity", "logit", "log", "inverse", "probit"};
  return names[link];
}

/* ---- families -------------------------------------------------------------------------------------------------- */

const char *ms_family_name(ms_family_id family) {
  static const char *const names[] = {"gaussian", "binomial", "poisson", "gamma"};
  return names[family];
}

bool ms_family_takes(ms_family_id family, double y) {
  switch (family) {
    case MS_GAUSSIAN: return true;
    case MS_BINOMIAL: return y >= 0 && y <= 1;
    case MS_POISSON: return y >= 0;
    case MS_GAMMA: return y > 0;
  }
  return false;
}

static bool is_mean(ms_family_id family, double mean) {
  switch (family) {
    case MS_GAUSSIAN: return isfinite(mean);
    case MS_BINOMIAL: return mean >= 0 && mean <= 1;
    case MS_POISSON:
    case MS_GAMMA: return mean > 0 && isfinite(mean);
  }
  return false;
}

static double variance(ms_family_id family, double mean) {
  switch (family) {
    case MS_GAUSSIAN: return 1;
    case MS_BINOMIAL: return mean * (1 - mean);
    case MS_POISSON: return mean;
    case MS_GAMMA: return mean * mean;
  }
  return NAN;
}

static double times_log(double y, double ratio) { return y > 0 ? y * log(ratio) : 0; }

/* Of one row of weight 1. */
static double deviance(ms_family_id family, double y, double mean) {
  switch (family) {
    case MS_GAUSSIAN: return (y - mean) * (y - mean);
    case MS_BINOMIAL: return 2 * (times_log(y, y / mean) + times_log(1 - y, (1 - y) / (1 - mean)));
    case MS_POISSON: return 2 * (times_log(y, y / mean) - (y - mean));
    case MS_GAMMA: return 2 * ((y - mean) / mean - log(y / mean));
  }
  return NAN;
}

static double log_choose(double n, double k) {
  return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* Of one row, weight included, as R's families have it for AIC: binomial weights are numbers of trials. Gaussian: 0, since
 * it follows from the deviance. */
static double likelihood(const ms_family *f, double y, double w, double mean) {
  switch (f->family) {
    case MS_GAUSSIAN: return log(w);
    case MS_BINOMIAL: {
      double n = round(w), k = round(w * y);
      if (!(n > 0)) return 0;
      return log_choose(n, k) + times_log(k, mean) + times_log(n - k, 1 - mean);
    }
    case MS_POISSON: return w * (times_log(y, mean) - mean - lgamma(y + 1));
    case MS_GAMMA: {
      double shape = 1 / f->dispersion, rate = shape / mean;
      return w * (shape * log(rate) + (shape - 1) * log(y) - rate * y - lgamma(shape));
    }
  }
  return NAN;
}

/* ---- steps ----------------------------------------------------------------------------------------------------- */

static double weight_of(const ms_family *f, int64_t row) {
  return f->weights ? f->weights[row] : 1;
}

void ms_family_start(const void *family, const ms_design_block *b) {
  const ms_family *f = family;
  for (size_t i = 0; i < b->count; i++) {
    int64_t row = b->first + (int64_t)i;
    double y = f->y[row], w = weight_of(f, row), mean = y;
    if (f->family == MS_BINOMIAL) mean = (w * y + 0.5) / (w + 1);
    if (f->family == MS_POISSON) mean = y + 0.1;
    /* A gaussian's mean need not be in reach of the link. */
    if (f->link == MS_LINK_LOG && !(mean > 0)) mean = 0.1;
    if (f->link == MS_LINK_INVERSE && mean == 0) mean = 0.1;
    double eta = ms_link_eta(f->link, mean), m = slope(f->link, eta, mean);
    b->weight[i] = w * m * m / variance(f->family, mean);
    b->score[i] = b->weight[i] * (eta - b->eta[i] + (y - mean) / m);
  }
}

static void step(const ms_family *f, const ms_design_block *b, bool judge) {
  for (size_t i = 0; i < b->count; i++) {
    int64_t row = b->first + (int64_t)i;
    double y = f->y[row], w = weight_of(f, row), eta = b->eta[i];
    double mean = ms_link_mean(f->link, eta);
    b->weight[i] = b->score[i] = 0;
    if (!is_mean(f->family, mean)) {
      b->totals[MS_TOTAL_DEVIANCE] = INFINITY;
      continue;
    }
    bool binomial = f->family == MS_BINOMIAL;
    if (binomial) {
      if (mean < 10 * DBL_EPSILON || mean > 1 - 10 * DBL_EPSILON) b->totals[MS_TOTAL_CERTAIN]++;
      mean = fmin(fmax(mean, DBL_EPSILON), 1 - DBL_EPSILON);
    }
    double m = slope(f->link, eta, mean), v = variance(f->family, mean);
    if (binomial) m = fmax(m, DBL_EPSILON);
    b->weight[i] = w * m * m / v;
    b->score[i] = w * (y - mean) * m / v;
    b->totals[MS_TOTAL_DEVIANCE] += w * deviance(f->family, y, mean);
    b->totals[MS_TOTAL_PEARSON] += w * (y - mean) * (y - mean) / v;
    if (judge) b->totals[MS_TOTAL_LIKELIHOOD] += likelihood(f, y, w, mean);
  }
}

void ms_family_step(const void *family, const ms_design_block *b) { step(family, b, false); }
void ms_family_judge(const void *family, const ms_design_block *b) { step(family, b, true); }

void ms_family_linear(const void *family, const ms_design_block *b) {
  const ms_family *f = family;
  double squares = 0, around = 0, sum = 0, weights = 0;
  for (size_t i = 0; i < b->count; i++) {
    int64_t row = b->first + (int64_t)i;
    double w = weight_of(f, row), y = f->y[row], residual = y - b->eta[i];
    double left = f->offset ? y - f->offset[row] : y;
    b->weight[i] = w;
    b->score[i] = w * residual;
    squares += w * residual * residual;
    around += w * (left - f->mean) * (left - f->mean);
    sum += w * left;
    weights += w;
  }
  b->totals[0] += squares;
  b->totals[1] += around;
  b->totals[2] += sum;
  b->totals[3] += weights;
}

/* exp(x) for x ≤ 0, about one unit in the last place: 2^n times the series of what is left of x (|r| ≤ log(2) / 2, to r^13).
 * Adding 1.5 × 2^52 leaves the nearest whole number in the low bits. No branch: loops over it are vectorised. */
static inline double exp_below(double x) {
  const double magic = 0x1.8p52;
  x = x < -700 ? -700 : x;
  double shifted = x * 1.4426950408889634074 + magic, n = shifted - magic;
  double r = x - n * 0x1.62e42fee00000p-1 - n * 0x1.a39ef35793c76p-33;
  double s = 1.0 / 6227020800;
  s = s * r + 1.0 / 479001600;
  s = s * r + 1.0 / 39916800;
  s = s * r + 1.0 / 3628800;
  s = s * r + 1.0 / 362880;
  s = s * r + 1.0 / 40320;
  s = s * r + 1.0 / 5040;
  s = s * r + 1.0 / 720;
  s = s * r + 1.0 / 120;
  s = s * r + 1.0 / 24;
  s = s * r + 1.0 / 6;
  s = s * r + 0.5;
  s = s * r + 1;
  s = s * r + 1;
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return s * power;
}

/* With t = eta where y is 1 and -eta where it is 0, the row's loss is log(1 + exp(-t)) = max(-t, 0) + log(1 + e), e =
 * exp(-|t|). The logarithms are taken of products of 1 + e, which are at most 2^16 each. */
void ms_family_logistic(const void *family, const ms_design_block *b) {
  enum { LANES = 16 };
  const double *restrict y = ((const ms_family *)family)->y + b->first, *restrict eta = b->eta;
  double *restrict weight = b->weight, *restrict score = b->score;
  double loss[LANES] = {0}, product[LANES], certain[LANES] = {0};
  for (size_t k = 0; k < LANES; k++) product[k] = 1;
  size_t i = 0;
  for (; i + LANES <= b->count; i += LANES) {
    for (size_t k = 0; k < LANES; k++) {
      double sign = y[i + k] + y[i + k] - 1, t = sign * eta[i + k];
      double e = exp_below(-fabs(t)), q = 1 / (1 + e), miss = t < 0 ? q : e * q;
      weight[i + k] = e * q * q;
      score[i + k] = sign * miss;
      loss[k] += t < 0 ? -t : 0;
      product[k] *= 1 + e;
      certain[k] += e < 10 * DBL_EPSILON ? 1 : 0;
    }
  }
  for (; i < b->count; i++) {
    double sign = y[i] + y[i] - 1, t = sign * eta[i];
    double e = exp_below(-fabs(t)), q = 1 / (1 + e);
    weight[i] = e * q * q;
    score[i] = sign * (t < 0 ? q : e * q);
    loss[0] += (t < 0 ? -t : 0) + log1p(e);
    certain[0] += e < 10 * DBL_EPSILON ? 1 : 0;
  }
  double sum = 0, all = 0;
  for (size_t k = 0; k < LANES; k++) {
    sum += loss[k] + log(product[k]);
    all += certain[k];
  }
  b->totals[MS_TOTAL_DEVIANCE] += 2 * sum;
  b->totals[MS_TOTAL_CERTAIN] += all;
}
