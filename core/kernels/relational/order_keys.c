/* Sort keys to words. Digits of several keys are packed into one word as long as it has room. */
#include "core/kernels/relational/order_keys.h"

#include <string.h>

#define REAL_NAN UINT64_C(0xFFF8000000000000)
#define REAL_NULL_LAST UINT64_MAX

/* ---- from keys to fields ---- */

static void integer_field(const ms_column *column, ms_order_field *field) {
  bool empty = column->low > column->high;
  field->span = empty ? 0 : (uint64_t)column->high - (uint64_t)column->low;
  field->range = field->span + 1 + field->nullable; /* 0 where it is 2^64 */
}

static ms_status text_field(ms_context *context, const ms_column *column, ms_order_field *field) {
  field->ranks = ms_dictionary_ranks(context, column->dictionary);
  if (!field->ranks) return MS_EMEMORY;
  int64_t entries = column->dictionary->count;
  field->span = entries ? (uint64_t)entries - 1 : 0;
  field->range = field->span + 1 + field->nullable;
  return MS_OK;
}

/* The fields of one key: one, or two where the null of an integer does not fit into its word. */
static ms_status key_fields(ms_context *context, const ms_sort_key *key, ms_order_field *field,
                            size_t *count) {
  *field = (ms_order_field){.column = key->column,
                            .descending = key->descending,
                            .nulls_first = key->nulls_first,
                            .nullable = key->column->nulls > 0};
  *count = 1;
  if (key->column->type == MS_TEXT) return text_field(context, key->column, field);
  if (key->column->type == MS_REAL) return MS_OK; /* range 2^64 */
  integer_field(key->column, field);
  if (!field->nullable || field->span < UINT64_MAX - 1) return MS_OK;
  field[1] = field[0];
  field[1].nullable = false;
  field[1].range = 0;
  field[0].flag = true;
  field[0].range = 2;
  *count = 2;
  return MS_OK;
}

/* ---- digits of a block ---- */

static void integer_digits(const ms_order_field *field, int64_t first, int64_t count,
                           uint64_t *out) {
  int64_t values[MS_ORDER_BLOCK];
  uint64_t low = (uint64_t)field->column->low, high = (uint64_t)field->column->high;
  ms_load_int64(field->column, first, count, values);
  if (field->descending) {
    for (int64_t i = 0; i < count; i++) out[i] = high - (uint64_t)values[i];
  } else {
    for (int64_t i = 0; i < count; i++) out[i] = (uint64_t)values[i] - low;
  }
}

static void text_digits(const ms_order_field *field, int64_t first, int64_t count, uint64_t *out) {
  uint32_t codes[MS_ORDER_BLOCK];
  ms_load_codes(field->column, first, count, codes);
  if (field->column->dictionary->count == 0) {
    memset(out, 0, (size_t)count * sizeof *out);
  } else if (field->descending) {
    for (int64_t i = 0; i < count; i++) out[i] = field->span - field->ranks[codes[i]];
  } else {
    for (int64_t i = 0; i < count; i++) out[i] = field->ranks[codes[i]];
  }
}

/* Bits of doubles compare as integers once the negative ones are inverted; NaN stands behind the numbers in
 * both directions. */
static void real_digits(const ms_order_field *field, int64_t first, int64_t count, uint64_t *out) {
  const double *values = (const double *)ms_column_data(field->column) + first;
  uint64_t turn = field->descending ? UINT64_MAX : 0;
  for (int64_t i = 0; i < count; i++) {
    double value = values[i] + 0.0; /* -0.0 becomes 0.0 */
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mask = (uint64_t)((int64_t)bits >> 63) | UINT64_C(1) << 63;
    out[i] = value == value ? bits ^ mask ^ turn : REAL_NAN;
  }
}

/* Nulls take the digit before the others or behind them. */
static void place_nulls(const ms_order_field *field, int64_t first, int64_t count, uint64_t *out) {
  const uint64_t *bits = ms_column_bits(field->column);
  bool real = field->column->type == MS_REAL;
  uint64_t null = field->nulls_first ? 0 : real ? REAL_NULL_LAST : field->span + 1;
  uint64_t shift = field->nulls_first && !real;
  for (int64_t i = 0; i < count; i++) {
    out[i] = ms_bit(bits, first + i) ? out[i] + shift : null;
  }
}

static void load_digits(const ms_order_field *field, int64_t first, int64_t count, uint64_t *out) {
  if (!field->column) {
    for (int64_t i = 0; i < count; i++) out[i] = field->ids[first + i];
    return;
  }
  if (field->flag) {
    for (int64_t i = 0; i < count; i++) {
      out[i] = ms_column_valid(field->column, first + i) == field->nulls_first;
    }
    return;
  }
  if (field->column->type == MS_TEXT) {
    text_digits(field, first, count, out);
  } else if (field->column->type == MS_REAL) {
    real_digits(field, first, count, out);
  } else {
    integer_digits(field, first, count, out);
  }
  if (field->nullable) {
    place_nulls(field, first, count, out);
  } else if (field->range == 0 && field->column->nulls > 0) {
    const uint64_t *bits = ms_column_bits(field->column); /* behind a flag: all nulls alike */
    for (int64_t i = 0; i < count; i++) out[i] = ms_bit(bits, first + i) ? out[i] : 0;
  }
}

/* ---- words ---- */

typedef struct {
  const ms_order_field *fields;
  size_t count;
  int64_t rows;
  uint64_t *out;
} word_job;

static ms_status fill_word(ms_context *worker, void *state, size_t task) {
  word_job *job = state;
  ms_range range = ms_morsel(job->rows, task);
  uint64_t digits[MS_ORDER_BLOCK];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t done = 0; done < range.count; done += MS_ORDER_BLOCK) {
    int64_t left = range.count - done, n = left < MS_ORDER_BLOCK ? left : MS_ORDER_BLOCK;
    uint64_t *out = job->out + range.first + done;
    load_digits(&job->fields[0], range.first + done, n, out);
    for (size_t f = 1; f < job->count; f++) {
      load_digits(&job->fields[f], range.first + done, n, digits);
      for (int64_t i = 0; i < n; i++) out[i] = out[i] * job->fields[f].range + digits[i];
    }
  }
  return MS_OK;
}

/* How many of the fields fit one word. */
static size_t word_fields(const ms_order_field *fields, size_t count) {
  uint64_t range = fields[0].range;
  size_t n = 1;
  while (n < count && range && fields[n].range &&
         !__builtin_mul_overflow(range, fields[n].range, &range)) {
    n++;
  }
  return n;
}

ms_status ms_order_words_new(ms_context *context, const ms_order_spec *spec, ms_order_words *out) {
  ms_order_field *fields = ms_scratch(context, 2 * spec->count + 1, sizeof *fields);
  *out = (ms_order_words){.rows = spec->rows};
  out->word = fields ? ms_scratch(context, 2 * spec->count + 1, sizeof *out->word) : NULL;
  if (!out->word) return MS_EMEMORY;
  size_t count = 0;
  if (spec->ids && spec->id_count > 1) {
    fields[count++] = (ms_order_field){.ids = spec->ids, .range = (uint64_t)spec->id_count};
  }
  for (size_t k = 0; k < spec->count; k++) {
    size_t added;
    ms_status status = key_fields(context, &spec->keys[k], &fields[count], &added);
    if (status != MS_OK) return status;
    count += added;
  }
  for (size_t f = 0; f < count;) {
    word_job job = {.fields = fields + f, .rows = spec->rows};
    job.count = word_fields(fields + f, count - f);
    job.out = ms_scratch(context, (size_t)spec->rows, sizeof *job.out);
    if (!job.out) return MS_EMEMORY;
    ms_status status = ms_parallel(context, ms_morsels(spec->rows), fill_word, &job);
    if (status != MS_OK) return status;
    out->word[out->words++] = job.out;
    f += job.count;
  }
  return MS_OK;
}
