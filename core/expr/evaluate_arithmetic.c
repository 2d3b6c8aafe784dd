/* + - * / // % ^ and unary minus. Integers are checked for overflow, unless the bounds of the columns show that
 * there is none; then the loops are plain. Dates are integers here. */
#include <math.h>
#include <string.h>

#include "core/base/calendar.h"
#include "core/expr/arithmetic.h"
#include "core/expr/duration.h"
#include "core/expr/evaluate.h"

typedef struct {
  ms_lane a, b;
  const uint8_t *valid;
  int64_t *integers; /* the result, or reals */
} pair;

static ms_status load_pair(const ms_run *run, const ms_step *step, pair *p) {
  ms_status status = ms_step_run(run, step->args[0], &p->a);
  if (!status && step->count > 1) status = ms_step_run(run, step->args[1], &p->b);
  if (!status)
    status = ms_run_both(run, p->a.valid, step->count > 1 ? p->b.valid : NULL, &p->valid);
  p->integers = ms_run_array(run, sizeof *p->integers);
  return status ? status : p->integers ? MS_OK : MS_EMEMORY;
}

/* The rows where b is zero have no value. */
static ms_status drop_zeros(const ms_run *run, pair *p, bool real) {
  uint8_t zero = 0, *valid = ms_run_array(run, 1);
  if (!valid) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) {
    valid[i] = real ? p->b.reals[i] != 0 : p->b.integers[i] != 0;
    zero |= valid[i] ^ 1;
  }
  return zero ? ms_run_both(run, p->valid, valid, &p->valid) : MS_OK;
}

/* ---- integers ---- */

/* Without overflow where it matters; at nulls it wraps. */
static ms_status run_wrapping(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  const uint64_t *a = (const uint64_t *)p.a.data, *b = (const uint64_t *)p.b.data;
  uint64_t *r = (uint64_t *)p.integers;
  ms_operator op = step->node->op;
  if (op == MS_OP_ADD) {
    for (int64_t i = 0; i < run->count; i++) r[i] = a[i] + b[i];
  } else if (op == MS_OP_SUBTRACT) {
    for (int64_t i = 0; i < run->count; i++) r[i] = a[i] - b[i];
  } else if (op == MS_OP_MULTIPLY) {
    for (int64_t i = 0; i < run->count; i++) r[i] = a[i] * b[i];
  } else {
    for (int64_t i = 0; i < run->count; i++) r[i] = 0 - a[i];
  }
  *out = (ms_lane){.valid = p.valid, .integers = p.integers};
  return MS_OK;
}

static bool overflows(ms_operator op, int64_t a, int64_t b, int64_t *r) {
  if (op == MS_OP_ADD) return __builtin_add_overflow(a, b, r);
  if (op == MS_OP_SUBTRACT) return __builtin_sub_overflow(a, b, r);
  if (op == MS_OP_MULTIPLY) return __builtin_mul_overflow(a, b, r);
  return __builtin_sub_overflow((int64_t)0, a, r);
}

static ms_status run_checked(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  ms_operator op = step->node->op;
  for (int64_t i = 0; i < run->count; i++) {
    int64_t b = step->count > 1 ? p.b.integers[i] : 0;
    if (overflows(op, p.a.integers[i], b, &p.integers[i]) && (!p.valid || p.valid[i])) {
      return ms_run_fail(run, step->node, i, MS_EOVERFLOW,
                         "the integer result does not fit 64 bits");
    }
  }
  *out = (ms_lane){.valid = p.valid, .integers = p.integers};
  return MS_OK;
}

static ms_status run_integer_division(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (!status) status = drop_zeros(run, &p, false);
  if (status) return status;
  bool modulo = step->node->op == MS_OP_MODULO;
  for (int64_t i = 0; i < run->count; i++) {
    int64_t a = p.a.integers[i], b = p.b.integers[i];
    p.integers[i] = 0;
    if (p.valid && !p.valid[i]) continue;
    if (b == -1) {
      if (!modulo && a == INT64_MIN) {
        return ms_run_fail(run, step->node, i, MS_EOVERFLOW,
                           "the integer result does not fit 64 bits");
      }
      p.integers[i] = modulo ? 0 : -a;
      continue;
    }
    int64_t quotient = a / b, rest = a % b;
    bool down = rest != 0 && (rest < 0) != (b < 0);
    p.integers[i] = modulo ? rest + (down ? b : 0) : quotient - down;
  }
  *out = (ms_lane){.valid = p.valid, .integers = p.integers};
  return MS_OK;
}

/* date ± integer days. */
static ms_status run_days(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  for (int64_t i = 0; i < run->count; i++) {
    if (p.valid && !p.valid[i]) continue;
    bool over = overflows(step->node->op, p.a.integers[i], p.b.integers[i], &p.integers[i]);
    if (over || p.integers[i] < MS_DATE_LOW || p.integers[i] > MS_DATE_HIGH) {
      return ms_run_fail(run, step->node, i, MS_EOVERFLOW,
                         "the date lies outside of the years 0001 to 9999");
    }
  }
  *out = (ms_lane){.valid = p.valid, .integers = p.integers};
  return MS_OK;
}

static ms_status run_duration(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  const ms_duration *d = &step->node->duration;
  for (int64_t i = 0; i < run->count; i++) {
    if (p.valid && !p.valid[i]) continue;
    int64_t value = p.a.integers[i];
    bool fits = step->type == MS_DATE ? ms_duration_date(value, d, &p.integers[i])
                                      : ms_duration_time(run->zone, value, d, &p.integers[i]);
    if (!fits)
      return ms_run_fail(run, step->node, i, MS_EOVERFLOW,
                         "the date lies outside of the years 0001 to 9999");
  }
  *out = (ms_lane){.valid = p.valid, .integers = p.integers};
  return MS_OK;
}

/* ---- reals ---- */

static void real_loop(ms_operator op, const double *a, const double *b, int64_t n, double *r) {
  if (op == MS_OP_ADD) {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] + b[i];
  } else if (op == MS_OP_SUBTRACT) {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] - b[i];
  } else if (op == MS_OP_MULTIPLY) {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] * b[i];
  } else if (op == MS_OP_DIVIDE) {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] / b[i];
  } else if (op == MS_OP_FLOOR_DIVIDE) {
    for (int64_t i = 0; i < n; i++) r[i] = floor(a[i] / b[i]);
  } else if (op == MS_OP_MODULO) {
    for (int64_t i = 0; i < n; i++) r[i] = ms_real_modulo(a[i], b[i]);
  } else {
    for (int64_t i = 0; i < n; i++) r[i] = -a[i];
  }
}

/* With one value on the right; compiled apart so that it stays in a register. */
static void real_scalar_loop(ms_operator op, const double *a, double b, int64_t n, double *r) {
  if (op == MS_OP_ADD) {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] + b;
  } else if (op == MS_OP_SUBTRACT) {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] - b;
  } else if (op == MS_OP_MULTIPLY) {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] * b;
  } else {
    for (int64_t i = 0; i < n; i++) r[i] = a[i] / b;
  }
}

static ms_status run_reals(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  ms_operator op = step->node->op;
  bool divides = op == MS_OP_DIVIDE || op == MS_OP_FLOOR_DIVIDE || op == MS_OP_MODULO;
  bool scalar = step->count > 1 && step->args[1]->constant && !step->args[1]->cell.null;
  bool zeros = divides && !(scalar && step->args[1]->cell.real != 0);
  if (!status && zeros) status = drop_zeros(run, &p, true);
  if (status) return status;
  double *r = (double *)(void *)p.integers;
  if (scalar && op != MS_OP_FLOOR_DIVIDE && op != MS_OP_MODULO) {
    real_scalar_loop(op, p.a.reals, step->args[1]->cell.real, run->count, r);
  } else {
    real_loop(op, p.a.reals, p.b.reals, run->count, r);
  }
  *out = (ms_lane){.valid = p.valid, .reals = r};
  return MS_OK;
}

/* No number from numbers, as (-8) ^ 0.5, is null. */
static ms_status run_power(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  uint8_t *valid = ms_run_array(run, 1), odd = 0;
  if (status || !valid) return status ? status : MS_EMEMORY;
  double *r = (double *)(void *)p.integers;
  for (int64_t i = 0; i < run->count; i++) {
    double a = p.a.reals[i], b = p.b.reals[i];
    r[i] = b == 2 ? a * a : pow(a, b);
    bool none = (isnan(r[i]) && !isnan(a) && !isnan(b)) || (a == 0 && b < 0);
    valid[i] = !none;
    odd |= none;
  }
  if (odd) status = ms_run_both(run, p.valid, valid, &p.valid);
  *out = (ms_lane){.valid = p.valid, .reals = r};
  return status;
}

/* ---- planning ---- */

/* Bounds of the result from those of the arguments; false where it may overflow. */
static bool bound(const ms_step *step, ms_operator op, int64_t *low, int64_t *high) {
  const ms_step *a = step->args[0], *b = step->count > 1 ? step->args[1] : a;
  if (a->low > a->high || b->low > b->high) return *low = 1, *high = 0, true;
  if (op == MS_OP_ADD) {
    return !__builtin_add_overflow(a->low, b->low, low) &&
           !__builtin_add_overflow(a->high, b->high, high);
  }
  if (op == MS_OP_SUBTRACT) {
    return !__builtin_sub_overflow(a->low, b->high, low) &&
           !__builtin_sub_overflow(a->high, b->low, high);
  }
  if (op == MS_OP_NEGATE) {
    return !__builtin_sub_overflow((int64_t)0, a->high, low) &&
           !__builtin_sub_overflow((int64_t)0, a->low, high);
  }
  int64_t products[4];
  int over = 0;
  over |= __builtin_mul_overflow(a->low, b->low, &products[0]);
  over |= __builtin_mul_overflow(a->low, b->high, &products[1]);
  over |= __builtin_mul_overflow(a->high, b->low, &products[2]);
  over |= __builtin_mul_overflow(a->high, b->high, &products[3]);
  *low = *high = products[0];
  for (int i = 1; i < 4; i++) {
    if (products[i] < *low) *low = products[i];
    if (products[i] > *high) *high = products[i];
  }
  return !over;
}

static void plan_integers(ms_step *step, ms_operator op) {
  const ms_step *b = step->count > 1 ? step->args[1] : NULL;
  if (op == MS_OP_FLOOR_DIVIDE || op == MS_OP_MODULO) {
    step->run = run_integer_division;
    if (op == MS_OP_MODULO && b->low > 0 && b->high >= b->low) { /* not without values */
      step->low = 0;
      step->high = b->high - 1;
    }
    return;
  }
  bool safe = bound(step, op, &step->low, &step->high);
  step->run = safe ? run_wrapping : run_checked;
  if (safe) return;
  step->low = INT64_MIN;
  step->high = INT64_MAX;
}

const ms_step *ms_plan_arithmetic(ms_plan *plan, const ms_node *node, ms_step *step) {
  (void)plan;
  if (node->type == MS_REAL) {
    step->run = node->op == MS_OP_POWER ? run_power : run_reals;
  } else if (node->type == MS_INTEGER) {
    plan_integers(step, node->op);
  } else if (node->count == 1) {
    step->run = run_duration;
  } else {
    bool safe = bound(step, node->op, &step->low, &step->high);
    safe = safe &&
           (step->low > step->high || (step->low >= MS_DATE_LOW && step->high <= MS_DATE_HIGH));
    step->run = safe ? run_wrapping : run_days;
    if (!safe) {
      step->low = MS_DATE_LOW;
      step->high = MS_DATE_HIGH;
    }
  }
  return step;
}
