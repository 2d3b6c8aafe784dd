/* From the words of slots to columns of results. Workers finish pieces of the groups, each in its place. */
#include "core/kernels/relational/aggregate.h"

#include <math.h>
#include <string.h>

static inline double real_of(uint64_t word) {
  double value;
  memcpy(&value, &word, sizeof value);
  return value;
}

static bool rows_result(const ms_measured *m) {
  return m->call->id == MS_CALL_FIRST || m->call->id == MS_CALL_LAST;
}
static bool text_result(const ms_measured *m) {
  return m->x && m->x->type == MS_TEXT &&
         (m->call->id == MS_CALL_MIN || m->call->id == MS_CALL_MAX);
}
static bool real_result(const ms_measured *m) {
  switch (m->call->id) {
    case MS_CALL_SUM:
    case MS_CALL_MIN:
    case MS_CALL_MAX: return m->x->type == MS_REAL;
    case MS_CALL_TOTAL:
    case MS_CALL_MEAN:
    case MS_CALL_VARIANCE:
    case MS_CALL_DEVIATION:
    case MS_CALL_CORRELATION: return true;
    default: return false;
  }
}
/* Whether some groups may have no result. */
static bool partial_result(const ms_aggregates *plan, const ms_measured *m) {
  switch (m->call->id) {
    case MS_CALL_COUNT:
    case MS_CALL_TOTAL: return false;
    case MS_CALL_VARIANCE:
    case MS_CALL_DEVIATION:
    case MS_CALL_CORRELATION: return true;
    default: return plan->inputs[m->input].partial;
  }
}

void ms_buffer_release(void *buffer) { ms_buffer_free(buffer); }

ms_status ms_aggregates_room(ms_aggregates *plan, int64_t count) {
  ms_context *context = plan->context;
  size_t n = (size_t)count;
  for (size_t i = 0; i < plan->call_count; i++) {
    ms_measured *m = &plan->calls[i];
    if (ms_call_ordered(m->call)) continue;
    void *room;
    if (rows_result(m) || text_result(m)) {
      room = m->rows = ms_scratch(context, n, sizeof *m->rows);
    } else if (real_result(m)) {
      room = m->reals = ms_buffer_new(context, n, sizeof(double));
      if (room && ms_defer(context, ms_buffer_release, m->reals) != MS_OK) return MS_EMEMORY;
    } else {
      room = m->integers = ms_scratch(context, n, sizeof *m->integers);
    }
    if (room && partial_result(plan, m)) room = m->valid = ms_scratch(context, n, 1);
    if (!room) return MS_EMEMORY;
  }
  return MS_OK;
}

static uint64_t count_of(const ms_aggregates *plan, const ms_measured *m, const uint64_t *words) {
  if (m->values == SIZE_MAX) return 1;
  const ms_measure *values = &plan->measures[m->values];
  uint64_t word = words[values->offset];
  return values->kind == MS_MEASURE_ROWS ? (uint32_t)word : word;
}

/* The sum of a group; false where it does not fit 64 bits. */
static bool integer_sum(const ms_measure *measure, const uint64_t *words, int64_t *out) {
  *out = (int64_t)words[0];
  return measure->kind == MS_MEASURE_ADD || words[1] == (*out < 0 ? UINT64_MAX : 0);
}

static double real_sum(const ms_measure *measure, const uint64_t *words) {
  if (measure->kind == MS_MEASURE_ADD) return (double)(int64_t)words[0];
  if (measure->kind == MS_MEASURE_WIDE) {
    return (double)(__int128)((unsigned __int128)words[1] << 64 | words[0]);
  }
  double sum = real_of(words[0]);
  return isfinite(sum) ? sum + real_of(words[1]) : sum;
}

static double real_of_key(uint64_t key, bool low) {
  if (key == UINT64_MAX) return NAN;
  if (low) key = ~key;
  return real_of(key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key);
}

/* Variance and correlation from integer sums: n Σxy - Σx Σy is exact. */
static bool exact_moment(const ms_aggregates *plan, const ms_measured *m, const uint64_t *words,
                         double *out) {
  __int128 n = (__int128)count_of(plan, m, words), sum[5] = {0};
  bool pair = m->call->id == MS_CALL_CORRELATION;
  for (int term = MS_ADD_X; term <= MS_ADD_XY; term++) {
    if (!pair && term != MS_ADD_X && term != MS_ADD_XX) continue;
    sum[term] = (int64_t)words[plan->measures[m->terms[term]].offset];
  }
  if (n < 2) return false;
  double xx = (double)(n * sum[MS_ADD_XX] - sum[MS_ADD_X] * sum[MS_ADD_X]);
  if (!pair) {
    double variance = xx / ((double)n * (double)(n - 1));
    *out = m->call->id == MS_CALL_DEVIATION ? sqrt(variance) : variance;
    return true;
  }
  double yy = (double)(n * sum[MS_ADD_YY] - sum[MS_ADD_Y] * sum[MS_ADD_Y]);
  double xy = (double)(n * sum[MS_ADD_XY] - sum[MS_ADD_X] * sum[MS_ADD_Y]);
  double r = xy / (sqrt(xx) * sqrt(yy));
  *out = r > 1 ? 1 : r < -1 ? -1 : r;
  return xx != 0 && yy != 0;
}

/* The real result of a group that has values; false where it has none all the same. */
static bool real_value(const ms_measured *m, const ms_measure *measure, const uint64_t *words,
                       double count, double *out) {
  switch (m->call->id) {
    case MS_CALL_MIN:
    case MS_CALL_MAX: *out = real_of_key(words[0], measure->key == MS_KEY_LOW); return true;
    case MS_CALL_MEAN: *out = real_sum(measure, words) / count; return true;
    case MS_CALL_VARIANCE:
    case MS_CALL_DEVIATION: {
      double variance = real_of(words[2]) / ((double)words[0] - 1);
      *out = m->call->id == MS_CALL_DEVIATION ? sqrt(variance) : variance;
      return words[0] > 1;
    }
    case MS_CALL_CORRELATION: {
      double xx = real_of(words[3]), yy = real_of(words[4]), r = real_of(words[5]);
      r /= sqrt(xx) * sqrt(yy);
      *out = r > 1 ? 1 : r < -1 ? -1 : r;
      return words[0] > 1 && xx != 0 && yy != 0;
    }
    default: *out = real_sum(measure, words); return true;
  }
}

static int64_t integer_of_key(const ms_measure *measure, uint64_t key) {
  if (measure->key == MS_KEY_LOW) key = ~key;
  return (int64_t)(key ^ UINT64_C(1) << 63);
}

static uint32_t row_of_key(const ms_measure *measure, uint64_t key) {
  if (key == 0) return MS_MISSING;
  return measure->key == MS_KEY_FIRST ? UINT32_MAX - (uint32_t)key : (uint32_t)(key - 1);
}

static ms_status overflow(ms_context *context, const ms_measured *m) {
  ms_fail(context, MS_EOVERFLOW, "%s: the sum of a group does not fit 64 bits",
          m->call->name ? m->call->name : "sum");
  ms_fail_hint(context, "total() adds as reals");
  if (m->call->arguments[0]) ms_expression_blame(context, m->call->arguments[0]);
  return MS_EOVERFLOW;
}

/* One call's result for group g, whose words are given. */
static ms_status finish_one(ms_context *context, const ms_aggregates *plan, const ms_measured *m,
                            const uint64_t *words, int64_t g) {
  uint64_t count = count_of(plan, m, words);
  const ms_measure *measure = m->measure == SIZE_MAX ? NULL : &plan->measures[m->measure];
  if (measure) words += measure->offset;
  bool valid = count > 0;
  if (m->rows) {
    m->rows[g] = rows_result(m) ? row_of_key(measure, words[0])
                                : (uint32_t)integer_of_key(measure, words[0]);
    if (!valid) m->rows[g] = 0;
  } else if (m->reals) {
    double value = 0;
    if (m->exact) {
      valid = exact_moment(plan, m, words, &value);
    } else if (valid || m->call->id == MS_CALL_TOTAL) {
      valid = real_value(m, measure, words, (double)count, &value);
    }
    ((double *)(void *)m->reals->data)[g] = valid ? value : 0;
  } else if (!measure) {
    m->integers[g] = (int64_t)count;
  } else if (measure->kind == MS_MEASURE_MOST) {
    m->integers[g] = valid ? integer_of_key(measure, words[0]) : 0;
  } else if (!integer_sum(measure, words, &m->integers[g])) {
    return overflow(context, m);
  }
  if (m->valid) m->valid[g] = valid;
  return MS_OK;
}

ms_status ms_aggregates_finish(ms_context *context, const ms_aggregates *plan,
                               const uint64_t *table, const uint32_t *slots, ms_range range) {
  for (size_t c = 0; c < plan->call_count; c++) {
    const ms_measured *m = &plan->calls[c];
    if (ms_call_ordered(m->call)) continue;
    for (int64_t i = 0; i < range.count; i++) {
      size_t slot = slots ? slots[i] : (size_t)i;
      ms_status status = finish_one(context, plan, m, table + slot * plan->words, range.first + i);
      if (status != MS_OK) return status;
    }
  }
  return MS_OK;
}

/* ---- columns ---- */

ms_status ms_bitmap_buffer(ms_context *context, const uint8_t *valid, int64_t count,
                           ms_buffer **out) {
  *out = NULL;
  if (!valid) return MS_OK;
  *out = ms_buffer_zero(context, ms_bitmap_words(count), sizeof(uint64_t));
  if (!*out) return MS_EMEMORY;
  ms_bitmap_pack(valid, 0, count, (uint64_t *)(void *)(*out)->data);
  return MS_OK;
}

/* Least or greatest texts: ranks become codes, the first entry of each rank. */
static ms_column *text_column(ms_context *context, const ms_measured *m, const uint32_t *ranks,
                              int64_t count, ms_buffer *validity) {
  ms_dictionary *dictionary = m->x->dictionary;
  uint32_t *codes = ms_scratch_zero(context, (size_t)dictionary->count + 1, sizeof *codes);
  if (!codes) {
    ms_buffer_free(validity);
    return NULL;
  }
  for (int64_t i = dictionary->count; i-- > 0;) codes[ranks[i]] = (uint32_t)i;
  for (int64_t g = 0; g < count; g++) m->rows[g] = codes[m->rows[g]];
  return ms_column_from_codes(context, count, m->rows, ms_dictionary_share(dictionary), validity);
}

ms_column *ms_aggregates_column(ms_context *context, ms_aggregates *plan, size_t i,
                                const ms_groups *groups) {
  const ms_measured *m = &plan->calls[i];
  if (m->call->id == MS_CALL_COUNT_DISTINCT) return ms_group_distinct(context, groups, m);
  if (ms_call_ordered(m->call)) return ms_group_quantile(context, plan, m, groups);
  if (rows_result(m)) return ms_column_gather(context, m->x, m->rows, groups->count);
  ms_buffer *validity;
  if (ms_bitmap_buffer(context, m->valid, groups->count, &validity) != MS_OK) return NULL;
  if (text_result(m)) {
    return text_column(context, m, plan->inputs[m->input].ranks, groups->count, validity);
  }
  if (m->reals) {
    return ms_column_from_real(context, groups->count, ms_buffer_share(m->reals), validity);
  }
  ms_type type = MS_INTEGER;
  if (m->call->id == MS_CALL_MIN || m->call->id == MS_CALL_MAX) type = m->x->type;
  if (m->call->id == MS_CALL_ANY || m->call->id == MS_CALL_ALL) type = MS_BOOLEAN;
  return ms_column_from_int64(context, type, groups->count, m->integers, validity);
}
