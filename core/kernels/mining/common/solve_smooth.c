/* Variable metric minimisation; the approximation of the inverse of the second derivatives is kept as a lower triangle. */
#include "core/kernels/mining/common/solve_smooth.h"

#include <math.h>
#include <string.h>

typedef struct {
  ms_context *context;
  const ms_smooth *smooth;
  size_t n;
  double *x, *gradient, *before, *change, *step, *metric;
  double value;
  int64_t gradients, restart; /* of the gradients: when the metric was made the identity */
} searching;

static double *row_of(const searching *s, size_t i) { return s->metric + i * (i + 1) / 2; }

static void forget(searching *s) {
  memset(s->metric, 0, s->n * (s->n + 1) / 2 * sizeof(double));
  for (size_t i = 0; i < s->n; i++) row_of(s, i)[i] = 1;
}

/* out = metric × in. */
static void times(const searching *s, const double *in, double *out) {
  memset(out, 0, s->n * sizeof *out);
  for (size_t i = 0; i < s->n; i++) {
    const double *row = row_of(s, i);
    double sum = 0;
    for (size_t j = 0; j < i; j++) {
      sum += row[j] * in[j];
      out[j] += row[j] * in[i];
    }
    out[i] += sum + row[i] * in[i];
  }
}

/* Shortens the step until the value falls enough; `moved` is false where the step has become nothing. */
static ms_status walk(searching *s, double slope, double *value, double *length, bool *moved) {
  for (*length = 1;; *length *= 0.2) {
    size_t same = 0;
    for (size_t i = 0; i < s->n; i++) {
      s->x[i] = s->before[i] + *length * s->step[i];
      same += 10.0 + s->before[i] == 10.0 + s->x[i];
    }
    *moved = same < s->n;
    if (!*moved) return MS_OK;
    ms_status status = s->smooth->value(s->context, s->smooth->state, s->x, value, NULL);
    if (status != MS_OK) return status;
    if (isfinite(*value) && *value <= s->value + slope * *length * 1e-4) return MS_OK;
  }
}

/* The metric learns from the step and from what it changed in the gradient; false if the curvature was not positive. */
static bool learn(searching *s, double length) {
  double along = 0, across = 0;
  for (size_t i = 0; i < s->n; i++) {
    s->step[i] *= length;
    s->change[i] = s->gradient[i] - s->change[i];
    along += s->step[i] * s->change[i];
  }
  if (!(along > 0)) return false;
  double *turned = s->before;
  times(s, s->change, turned);
  for (size_t i = 0; i < s->n; i++) across += turned[i] * s->change[i];
  across = 1 + across / along;
  for (size_t i = 0; i < s->n; i++) {
    double *row = row_of(s, i);
    for (size_t j = 0; j <= i; j++) {
      row[j] +=
          (across * s->step[i] * s->step[j] - s->step[i] * turned[j] - turned[i] * s->step[j]) /
          along;
    }
  }
  return true;
}

/* One iteration. `stuck`: no step gains anything along the metric. */
static ms_status iterate(searching *s, bool *stuck) {
  if (s->restart == s->gradients) forget(s);
  memcpy(s->before, s->x, s->n * sizeof(double));
  memcpy(s->change, s->gradient, s->n * sizeof(double));
  times(s, s->gradient, s->step);
  double slope = 0, value = s->value, length = 1;
  for (size_t i = 0; i < s->n; i++) {
    s->step[i] = -s->step[i];
    slope += s->step[i] * s->gradient[i];
  }
  *stuck = true;
  if (!(slope < 0)) return MS_OK;
  bool moved = true;
  ms_status status = walk(s, slope, &value, &length, &moved);
  if (status != MS_OK || !moved) return status;
  double gain = fabs(value - s->value), relative = s->smooth->relative;
  bool enough = !(gain > relative * (fabs(s->value) + relative));
  s->value = value;
  if (enough) return MS_OK;
  *stuck = false;
  status = s->smooth->value(s->context, s->smooth->state, s->x, &value, s->gradient);
  if (status != MS_OK) return status;
  s->gradients++;
  if (!learn(s, length)) s->restart = s->gradients;
  return MS_OK;
}

static ms_status searching_new(ms_context *context, const ms_smooth *smooth, double *x,
                               searching *s) {
  size_t n = smooth->n;
  *s = (searching){
      .context = context, .smooth = smooth, .n = n, .x = x, .gradients = 1, .restart = 1};
  s->gradient = ms_scratch(context, n + 1, sizeof(double));
  s->before = ms_scratch(context, n + 1, sizeof(double));
  s->change = ms_scratch(context, n + 1, sizeof(double));
  s->step = ms_scratch(context, n + 1, sizeof(double));
  s->metric = ms_scratch(context, n * (n + 1) / 2 + 1, sizeof(double));
  bool fine = s->gradient && s->before && s->change && s->step && s->metric;
  return fine ? MS_OK : MS_EMEMORY;
}

ms_status ms_smooth_least(ms_context *context, const ms_smooth *smooth, double *x,
                          ms_smooth_end *end) {
  searching s;
  *end = (ms_smooth_end){0};
  ms_status status = searching_new(context, smooth, x, &s);
  if (status != MS_OK) return status;
  status = smooth->value(context, smooth->state, x, &s.value, s.gradient);
  if (status != MS_OK) return status;
  if (!isfinite(s.value)) {
    return ms_fail(context, MS_EDATA, "the value at the start is not finite");
  }
  for (end->iterations = 1; end->iterations < smooth->iterations && !end->converged;) {
    bool stuck = false, fresh = s.restart == s.gradients;
    status = iterate(&s, &stuck);
    if (status != MS_OK) return status;
    if (ms_cancelled(context)) return MS_ECANCEL;
    /* Stuck with the plain gradient it is the end; otherwise the metric is forgotten once. */
    if (stuck && fresh) end->converged = true;
    if (stuck && !fresh) s.restart = s.gradients;
    end->iterations += !stuck;
    if (s.gradients - s.restart > 2 * (int64_t)s.n) s.restart = s.gradients;
    if (!stuck && smooth->enough && smooth->enough(smooth->state, x)) break;
  }
  end->value = s.value;
  return MS_OK;
}
