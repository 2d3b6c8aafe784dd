/* Comparisons. A column with a constant is compared in its own storage; integers with reals exactly; texts by
 * their bytes, or by codes where two columns share a dictionary. */
#include <math.h>
#include <string.h>

#include "core/expr/evaluate.h"

#define TYPE int64_t
#define NAME int64
#include "core/expr/evaluate_compare.inc.c"
#define TYPE double
#define NAME real
#include "core/expr/evaluate_compare.inc.c"
#define TYPE uint32_t
#define NAME code
#include "core/expr/evaluate_compare.inc.c"
#define TYPE uint8_t
#define NAME flag
#include "core/expr/evaluate_compare.inc.c"
#define TYPE int64_t
#define NAME int64
#include "core/expr/evaluate_scalar.inc.c"
#define TYPE int32_t
#define NAME int32
#include "core/expr/evaluate_scalar.inc.c"
#define TYPE int16_t
#define NAME int16
#include "core/expr/evaluate_scalar.inc.c"
#define TYPE int8_t
#define NAME int8
#include "core/expr/evaluate_scalar.inc.c"
#define TYPE double
#define NAME real
#include "core/expr/evaluate_scalar.inc.c"

/* Both arguments' lanes, the result's flags and validity. */
typedef struct {
  ms_lane a, b;
  uint8_t *flags;
  const uint8_t *valid;
} pair;

static ms_status load_pair(const ms_run *run, const ms_step *step, pair *p) {
  ms_status status = ms_step_run(run, step->args[0], &p->a);
  if (!status) status = ms_step_run(run, step->args[1], &p->b);
  if (!status) status = ms_run_both(run, p->a.valid, p->b.valid, &p->valid);
  p->flags = ms_run_array(run, 1);
  return status ? status : p->flags ? MS_OK : MS_EMEMORY;
}

/* <=>: null equals null; what is undefined under a null does not matter. */
static void null_safe(const ms_run *run, pair *p) {
  for (int64_t i = 0; i < run->count; i++) {
    uint8_t va = p->a.valid ? p->a.valid[i] : 1, vb = p->b.valid ? p->b.valid[i] : 1;
    p->flags[i] = (uint8_t)(va == vb && (!va || p->flags[i]));
  }
  p->valid = NULL;
}

static ms_status finish(const ms_run *run, const ms_step *step, pair *p, ms_lane *out) {
  if (step->node->op == MS_OP_SAME) null_safe(run, p);
  *out = (ms_lane){.valid = p->valid, .flags = p->flags};
  return MS_OK;
}

static ms_operator plain(ms_operator op) { return op == MS_OP_SAME ? MS_OP_EQ : op; }

static ms_status run_integers(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  compare_int64(plain(step->node->op), p.a.integers, p.b.integers, run->count, p.flags);
  return finish(run, step, &p, out);
}

static ms_status run_flags(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  compare_flag(plain(step->node->op), p.a.flags, p.b.flags, run->count, p.flags);
  return finish(run, step, &p, out);
}

static ms_status run_reals(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  compare_real(plain(step->node->op), p.a.reals, p.b.reals, run->count, p.flags);
  if (step->node->op == MS_OP_SAME) { /* NaN is itself */
    for (int64_t i = 0; i < run->count; i++)
      p.flags[i] |= isnan(p.a.reals[i]) && isnan(p.b.reals[i]);
  }
  return finish(run, step, &p, out);
}

/* ---- integer with real ---- */

/* -1, 0, 1; 2 where the real is not a number. Exact. */
static int order_mixed(int64_t a, double b) {
  if (isnan(b)) return 2;
  if (b >= 9223372036854775808.0) return -1;
  if (b < -9223372036854775808.0) return 1;
  double whole = floor(b);
  int64_t other = (int64_t)whole;
  if (a != other) return a < other ? -1 : 1;
  return b > whole ? -1 : 0;
}

/* Order 2 (not a number) fits only "unequal". */
static uint8_t holds(ms_operator op, int order) {
  if (op == MS_OP_NE) return order != 0;
  if (op == MS_OP_LT) return order == -1;
  if (op == MS_OP_LE) return order == -1 || order == 0;
  if (op == MS_OP_GT) return order == 1;
  if (op == MS_OP_GE) return order == 1 || order == 0;
  return order == 0;
}

static ms_status run_mixed(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  bool swapped = step->args[0]->type == MS_REAL;
  const ms_lane *integers = swapped ? &p.b : &p.a, *reals = swapped ? &p.a : &p.b;
  ms_operator op = plain(step->node->op);
  for (int64_t i = 0; i < run->count; i++) {
    int order = order_mixed(integers->integers[i], reals->reals[i]);
    p.flags[i] = holds(op, swapped && order != 2 ? -order : order);
  }
  return finish(run, step, &p, out);
}

/* ---- a column with a constant ---- */

typedef struct {
  int64_t value;
  double real;
} scalar;

static ms_status run_narrow(const ms_run *run, const ms_step *step, ms_lane *out) {
  const ms_column *column = step->args[0]->column;
  const scalar *with = step->extra;
  ms_operator op = step->node->op;
  uint8_t *flags = ms_run_array(run, 1);
  if (!flags) return MS_EMEMORY;
  *out = (ms_lane){.flags = flags};
  if (column->validity) {
    uint8_t *valid = ms_run_array(run, 1);
    if (!valid) return MS_EMEMORY;
    ms_bitmap_unpack(ms_column_bits(column), run->first, run->count, valid);
    out->valid = valid;
  }
  const char *data =
      (const char *)ms_column_data(column) + (size_t)run->first * ms_storage_size(column->storage);
  const void *at = data;
  switch (column->storage) {
    case MS_INT8: scalar_int8(op, at, (int8_t)with->value, run->count, flags); break;
    case MS_INT16: scalar_int16(op, at, (int16_t)with->value, run->count, flags); break;
    case MS_INT32: scalar_int32(op, at, (int32_t)with->value, run->count, flags); break;
    case MS_INT64: scalar_int64(op, at, with->value, run->count, flags); break;
    case MS_FLOAT64: scalar_real(op, at, with->real, run->count, flags); break;
    case MS_CODE8:
    case MS_CODE16:
    case MS_CODE32:
    case MS_CODE_ROW: break;
  }
  return MS_OK;
}

/* The constant may stand for any value outside of the storage's range: both ends are kept out. */
static bool fits_storage(const ms_column *column, int64_t value) {
  return column->storage == MS_FLOAT64 ||
         ms_storage_size(ms_storage_for(value, value)) <= ms_storage_size(column->storage);
}

static ms_status run_scalar(const ms_run *run, const ms_step *step, ms_lane *out) {
  if (!run->index && step->args[0]->column &&
      fits_storage(step->args[0]->column, ((const scalar *)step->extra)->value)) {
    return run_narrow(run, step, out);
  }
  ms_lane a;
  ms_status status = ms_step_run(run, step->args[0], &a);
  uint8_t *flags = ms_run_array(run, 1);
  if (status || !flags) return status ? status : MS_EMEMORY;
  const scalar *with = step->extra;
  if (step->args[0]->type == MS_REAL) {
    scalar_real(step->node->op, a.reals, with->real, run->count, flags);
  } else {
    scalar_int64(step->node->op, a.integers, with->value, run->count, flags);
  }
  *out = (ms_lane){.valid = a.valid, .flags = flags};
  return MS_OK;
}

static bool is_scalar(const ms_node *node, const ms_step *step) {
  const ms_step *a = step->args[0], *b = step->args[1];
  return node->op != MS_OP_SAME && b->constant && !b->cell.null && a->type == b->type &&
         a->type != MS_TEXT && a->type != MS_BOOLEAN;
}

/* ---- text ---- */

static ms_status run_texts(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  const ms_slice *a, *b;
  ms_status status = load_pair(run, step, &p);
  if (!status) status = ms_run_texts(run, step->args[0], &p.a, &a);
  if (!status) status = ms_run_texts(run, step->args[1], &p.b, &b);
  if (status) return status;
  ms_operator op = plain(step->node->op);
  bool equality = op == MS_OP_EQ || op == MS_OP_NE;
  for (int64_t i = 0; i < run->count; i++) {
    if (p.valid && !p.valid[i]) {
      p.flags[i] = 0;
    } else if (equality) {
      p.flags[i] = (uint8_t)(ms_slice_equal(a[i], b[i]) == (op == MS_OP_EQ));
    } else {
      int order = ms_slice_compare(a[i], b[i]);
      p.flags[i] = holds(op, (order > 0) - (order < 0));
    }
  }
  return finish(run, step, &p, out);
}

/* Equality by codes; those of the first argument are mapped to the second's where `extra` is a map. */
static ms_status run_codes(const ms_run *run, const ms_step *step, ms_lane *out) {
  pair p;
  ms_status status = load_pair(run, step, &p);
  if (status) return status;
  const uint32_t *map = step->extra, *codes = p.a.codes;
  if (map) {
    uint32_t *mapped = ms_run_array(run, sizeof *mapped);
    if (!mapped) return MS_EMEMORY;
    for (int64_t i = 0; i < run->count; i++) mapped[i] = map[codes[i]];
    codes = mapped;
  }
  compare_code(plain(step->node->op), codes, p.b.codes, run->count, p.flags);
  return finish(run, step, &p, out);
}

static const ms_step *plan_texts(ms_plan *plan, const ms_node *node, ms_step *step) {
  const ms_step *a = step->args[0], *b = step->args[1];
  bool equality = node->op == MS_OP_EQ || node->op == MS_OP_NE || node->op == MS_OP_SAME;
  step->run = run_texts;
  if (!equality || !a->dictionary || !b->dictionary) return step;
  const ms_dictionary *from = a->dictionary, *to = b->dictionary;
  if (!to->distinct || to->count == 0 || from->count == 0) return step;
  if (from != to) {
    if (from->count + to->count > plan->frame->rows) return step;
    step->extra = ms_dictionary_map(plan->context, from, to);
    if (!step->extra) return NULL;
  }
  step->run = run_codes;
  return step;
}

/* ---- planning ---- */

static ms_operator swapped(ms_operator op) {
  if (op == MS_OP_LT) return MS_OP_GT;
  if (op == MS_OP_LE) return MS_OP_GE;
  if (op == MS_OP_GT) return MS_OP_LT;
  if (op == MS_OP_GE) return MS_OP_LE;
  return op;
}

/* Puts a constant on the right side. */
static const ms_node *turn(ms_plan *plan, const ms_node *node, ms_step *step) {
  if (!step->args[0]->constant || step->args[1]->constant) return node;
  ms_node *copy = ms_node_new(plan->context, node->kind, node->span);
  const ms_step **args = ms_scratch(plan->context, 2, sizeof *args);
  if (!copy || !args) return NULL;
  *copy = *node;
  copy->op = swapped(node->op);
  args[0] = step->args[1];
  args[1] = step->args[0];
  step->args = args;
  step->node = copy;
  return copy;
}

const ms_step *ms_plan_comparison(ms_plan *plan, const ms_node *given, ms_step *step) {
  const ms_node *node = turn(plan, given, step);
  if (!node) return NULL;
  const ms_step *a = step->args[0], *b = step->args[1];
  if (is_scalar(node, step)) {
    scalar *with = ms_scratch_zero(plan->context, 1, sizeof *with);
    if (!with) return NULL;
    if (b->type == MS_REAL) {
      with->real = b->cell.real;
    } else {
      with->value = b->cell.integer;
    }
    step->extra = with;
    step->run = run_scalar;
    return step;
  }
  if (a->type != b->type) {
    step->run = run_mixed;
    return step;
  }
  switch (a->type) {
    case MS_BOOLEAN: step->run = run_flags; return step;
    case MS_INTEGER:
    case MS_DATE:
    case MS_TIME: step->run = run_integers; return step;
    case MS_REAL: step->run = run_reals; return step;
    case MS_TEXT: break;
  }
  return plan_texts(plan, node, step);
}
