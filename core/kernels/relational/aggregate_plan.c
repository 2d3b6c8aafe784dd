/* From calls to measures: arguments become columns, equal inputs and equal measures are found, and each measure
 * gets its place among the words of a slot. */
#include "core/kernels/relational/aggregate.h"

size_t ms_measure_words(ms_measure_kind kind) {
  static const unsigned char words[] = {1, 1, 1, 2, 2, 1, 3, 6};
  return words[kind];
}

bool ms_call_ordered(const ms_call *call) {
  return call->id == MS_CALL_MEDIAN || call->id == MS_CALL_QUANTILE ||
         call->id == MS_CALL_COUNT_DISTINCT;
}

/* The expression's column: the frame's own, or evaluated and kept for the call. NULL expression: NULL, fine. */
static ms_status argument(ms_context *context, const ms_expression *expression,
                          const ms_frame *frame, const ms_column **out) {
  *out = NULL;
  if (!expression) return MS_OK;
  const char *name = ms_expression_is_column(expression);
  int64_t at = name ? ms_frame_find(frame, name) : -1;
  if (at >= 0)
    *out = frame->columns[at];
  else
    *out = ms_column_keep(context, ms_expression_column(context, expression, frame));
  return *out ? MS_OK : ms_error_status(context);
}

static bool has_nulls(const ms_column *column) { return column && column->nulls > 0; }

/* The index of the input, a new one if it is not there. */
static size_t input_index(ms_aggregates *plan, ms_measure_input input) {
  input.partial = has_nulls(input.x) || has_nulls(input.y) || input.where || plan->rows == 0;
  for (size_t i = 0; i < plan->input_count; i++) {
    const ms_measure_input *known = &plan->inputs[i];
    if (known->x == input.x && known->y == input.y && known->where == input.where &&
        known->real == input.real && !known->ranks == !input.ranks) {
      return i;
    }
  }
  plan->inputs[plan->input_count] = input;
  return plan->input_count++;
}

static size_t measure_index(ms_aggregates *plan, ms_measure measure) {
  for (size_t i = 0; i < plan->measure_count; i++) {
    const ms_measure *known = &plan->measures[i];
    if (known->kind == measure.kind && known->key == measure.key && known->term == measure.term &&
        known->input == measure.input) {
      return i;
    }
  }
  measure.offset = plan->words;
  plan->words += ms_measure_words(measure.kind);
  plan->measures[plan->measure_count] = measure;
  return plan->measure_count++;
}

/* The measure that counts the input's values; the rows, where each has one. */
static size_t values_index(ms_aggregates *plan, size_t input) {
  if (plan->inputs[input].partial) {
    return measure_index(plan, (ms_measure){.kind = MS_MEASURE_VALUES, .input = input});
  }
  size_t all = input_index(plan, (ms_measure_input){0});
  return measure_index(plan, (ms_measure){.kind = MS_MEASURE_ROWS, .input = all});
}

/* Whether a sum over all rows stays within 63 bits. */
static bool sum_fits(const ms_column *column, int64_t rows) {
  if (column->low > column->high) return true;
  if (column->low == INT64_MIN) return false;
  int64_t low = column->low < 0 ? -column->low : column->low;
  int64_t high = column->high < 0 ? -column->high : column->high, product;
  return !__builtin_mul_overflow(low > high ? low : high, rows, &product);
}

/* Whether sums of products of the integers, too. */
static bool products_fit(const ms_column *x, const ms_column *y, int64_t rows) {
  int64_t most = 0;
  for (int i = 0; i < 2; i++) {
    const ms_column *column = i == 0 ? x : y;
    if (!column || column->low > column->high) continue;
    if (column->type == MS_REAL || column->low < -INT32_MAX || column->high > INT32_MAX)
      return false;
    if (-column->low > most) most = -column->low;
    if (column->high > most) most = column->high;
  }
  int64_t sum;
  return !__builtin_mul_overflow(most * most, rows, &sum);
}

static ms_measure_kind sum_kind(const ms_aggregates *plan, const ms_column *x) {
  if (x->type == MS_REAL) return MS_MEASURE_REAL;
  return sum_fits(x, plan->rows) ? MS_MEASURE_ADD : MS_MEASURE_WIDE;
}

static ms_measure_key key_of(ms_call_id id) {
  if (id == MS_CALL_FIRST) return MS_KEY_FIRST;
  if (id == MS_CALL_LAST) return MS_KEY_LAST;
  return id == MS_CALL_MIN || id == MS_CALL_ALL ? MS_KEY_LOW : MS_KEY_HIGH;
}

/* Variance, deviation and correlation: integers by exact sums where these fit, everything else by moments. */
static void measure_moments(ms_aggregates *plan, ms_measured *m, ms_measure_input input) {
  bool pair = m->call->id == MS_CALL_CORRELATION;
  m->exact = input.x->type != MS_REAL && (!pair || input.y->type != MS_REAL) &&
             products_fit(input.x, input.y, plan->rows);
  input.real = !m->exact;
  m->input = input_index(plan, input);
  if (!m->exact) {
    ms_measure_kind kind = pair ? MS_MEASURE_COMOMENTS : MS_MEASURE_MOMENTS;
    m->measure = measure_index(plan, (ms_measure){.kind = kind, .input = m->input});
    return;
  }
  m->values = values_index(plan, m->input);
  for (int term = MS_ADD_X; term <= MS_ADD_XY; term++) {
    if (!pair && term != MS_ADD_X && term != MS_ADD_XX) continue;
    ms_measure measure = {.kind = MS_MEASURE_ADD, .term = (ms_measure_term)term, .input = m->input};
    m->terms[term] = measure_index(plan, measure);
  }
}

/* The measures of one call. */
static ms_status measure_call(ms_aggregates *plan, ms_measured *m) {
  const ms_column *x = m->x;
  ms_call_id id = m->call->id;
  ms_measure_input input = {.x = x, .y = m->y, .where = m->where, .real = x && x->type == MS_REAL};
  ms_measure measure = {.kind = MS_MEASURE_VALUES};
  bool counted = true;
  if (id == MS_CALL_VARIANCE || id == MS_CALL_DEVIATION || id == MS_CALL_CORRELATION) {
    measure_moments(plan, m, input);
    return MS_OK;
  }
  if (id == MS_CALL_SUM || id == MS_CALL_TOTAL || id == MS_CALL_MEAN) {
    measure.kind = sum_kind(plan, x);
  } else if (id != MS_CALL_COUNT) {
    measure = (ms_measure){.kind = MS_MEASURE_MOST, .key = key_of(id)};
    if (measure.key == MS_KEY_FIRST || measure.key == MS_KEY_LAST) {
      input.real = false; /* the values do not matter */
      counted = false;
    } else if (x->type == MS_TEXT) {
      input.ranks = ms_dictionary_ranks(plan->context, x->dictionary);
      if (!input.ranks) return MS_EMEMORY;
    }
  }
  m->input = measure.input = input_index(plan, input);
  if (counted) m->values = values_index(plan, m->input);
  if (id != MS_CALL_COUNT) m->measure = measure_index(plan, measure);
  return MS_OK;
}

static ms_status plan_call(ms_aggregates *plan, const ms_frame *frame, ms_measured *m) {
  const ms_call *call = m->call;
  ms_status status = argument(plan->context, call->arguments[0], frame, &m->x);
  if (status == MS_OK && call->id == MS_CALL_CORRELATION) {
    status = argument(plan->context, call->arguments[1], frame, &m->y);
  }
  if (status == MS_OK) status = argument(plan->context, call->where, frame, &m->where);
  if (status != MS_OK || ms_call_ordered(call)) return status;
  return measure_call(plan, m);
}

/* A plan with room for `count` calls. */
static ms_aggregates *plan_new(ms_context *context, const ms_call *const *calls, size_t count,
                               int64_t rows) {
  ms_aggregates *plan = ms_scratch_zero(context, 1, sizeof *plan);
  if (!plan) return NULL;
  plan->context = context;
  plan->rows = rows;
  plan->call_count = count;
  /* a call brings at most one input and six measures; the rows one of each */
  plan->inputs = ms_scratch_zero(context, count + 1, sizeof *plan->inputs);
  plan->measures = ms_scratch_zero(context, 6 * count + 1, sizeof *plan->measures);
  plan->calls = ms_scratch_zero(context, count + 1, sizeof *plan->calls);
  if (!plan->inputs || !plan->measures || !plan->calls) return NULL;
  for (size_t i = 0; i < count; i++) {
    plan->calls[i] = (ms_measured){.call = calls[i], .measure = SIZE_MAX, .values = SIZE_MAX};
  }
  return plan;
}

ms_aggregates *ms_aggregates_new(ms_context *context, const ms_call *const *calls, size_t count,
                                 const ms_frame *frame, bool direct) {
  ms_aggregates *plan = plan_new(context, calls, count, frame->rows);
  if (!plan) return NULL;
  if (direct) {
    size_t all = input_index(plan, (ms_measure_input){0});
    measure_index(plan, (ms_measure){.kind = MS_MEASURE_ROWS, .input = all});
  }
  for (size_t i = 0; i < count; i++) {
    if (plan_call(plan, frame, &plan->calls[i]) != MS_OK) return NULL;
  }
  return plan;
}

ms_column *ms_group_column(ms_context *context, const ms_groups *groups, const ms_call *call,
                           const ms_column *x) {
  ms_aggregates *plan = plan_new(context, &call, 1, x->rows);
  if (!plan) return NULL;
  plan->calls[0].x = x;
  if (!ms_call_ordered(call) && measure_call(plan, &plan->calls[0]) != MS_OK) return NULL;
  if (ms_aggregates_run(plan, groups) != MS_OK) return NULL;
  return ms_aggregates_column(context, plan, 0, groups);
}
