/* Keys to fields to codes. Loads are loops over one storage at a time, so that the compiler vectorises them;
 * a block's codes stay in the first-level cache until they are used. */
#include "core/kernels/relational/group_keys.h"

#include <string.h>

#define NAME wide_int8
#define VALUE int8_t
#define OUT uint64_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME wide_int16
#define VALUE int16_t
#define OUT uint64_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME wide_int32
#define VALUE int32_t
#define OUT uint64_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME wide_int64
#define VALUE int64_t
#define OUT uint64_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME wide_code8
#define VALUE uint8_t
#define OUT uint64_t
#define BIAS 0u - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME wide_code16
#define VALUE uint16_t
#define OUT uint64_t
#define BIAS UINT64_C(0) - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME wide_code32
#define VALUE uint32_t
#define OUT uint64_t
#define BIAS UINT64_C(0) - field->nullable
#include "core/kernels/relational/group_field.inc.c"

#define NAME narrow_int8
#define VALUE int8_t
#define OUT uint32_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME narrow_int16
#define VALUE int16_t
#define OUT uint32_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME narrow_int32
#define VALUE int32_t
#define OUT uint32_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME narrow_int64
#define VALUE int64_t
#define OUT uint32_t
#define BIAS (uint64_t) field->low - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME narrow_code8
#define VALUE uint8_t
#define OUT uint32_t
#define BIAS UINT64_C(0) - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME narrow_code16
#define VALUE uint16_t
#define OUT uint32_t
#define BIAS UINT64_C(0) - field->nullable
#include "core/kernels/relational/group_field.inc.c"
#define NAME narrow_code32
#define VALUE uint32_t
#define OUT uint32_t
#define BIAS UINT64_C(0) - field->nullable
#include "core/kernels/relational/group_field.inc.c"

#define NAN_KEY UINT64_C(0x7FF8000000000000)
#define NULL_KEY UINT64_C(0x7FF8000000000001)

static void wide_real(const ms_key_field *field, int64_t first, int64_t count, uint64_t *out) {
  const double *values = (const double *)ms_column_data(field->column) + first;
  for (int64_t i = 0; i < count; i++) {
    double value = values[i] + 0.0; /* -0.0 becomes 0.0 */
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    out[i] = value == value ? bits : NAN_KEY;
  }
}

/* The two halves of an integer whose range fills 64 bits: the null's digit is added behind the cut. */
static void cut(const ms_key_field *field, int64_t count, uint64_t *out) {
  for (int64_t i = 0; i < count; i++) {
    out[i] = ((out[i] - field->nullable) >> field->shift & field->mask) + field->nullable;
  }
}

static void blank_nulls(const ms_key_field *field, int64_t first, int64_t count, uint64_t *out) {
  const uint64_t *bits = ms_column_bits(field->column);
  uint64_t null = field->source == MS_FIELD_REAL ? NULL_KEY : 0;
  for (int64_t i = 0; i < count; i++) out[i] = ms_bit(bits, first + i) ? out[i] : null;
}

static void load_wide(const ms_key_field *field, int64_t first, int64_t count, uint64_t *out) {
  if (field->source == MS_FIELD_IDS) {
    for (int64_t i = 0; i < count; i++) out[i] = field->ids[first + i];
    return;
  }
  switch (field->column->storage) {
    case MS_INT8: wide_int8(field, first, count, out); break;
    case MS_INT16: wide_int16(field, first, count, out); break;
    case MS_INT32: wide_int32(field, first, count, out); break;
    case MS_INT64: wide_int64(field, first, count, out); break;
    case MS_FLOAT64: wide_real(field, first, count, out); break;
    case MS_CODE8: wide_code8(field, first, count, out); break;
    case MS_CODE16: wide_code16(field, first, count, out); break;
    case MS_CODE32: wide_code32(field, first, count, out); break;
    case MS_CODE_ROW:
      for (int64_t i = 0; i < count; i++) out[i] = (uint64_t)(first + i) + field->nullable;
      break;
  }
  if (field->mask) cut(field, count, out);
  if (field->nullable) blank_nulls(field, first, count, out);
}

static void load_narrow(const ms_key_field *field, int64_t first, int64_t count, uint32_t *out) {
  if (field->source == MS_FIELD_IDS) {
    memcpy(out, field->ids + first, (size_t)count * sizeof *out);
    return;
  }
  if (field->mask) {
    uint64_t wide[MS_KEY_BLOCK];
    load_wide(field, first, count, wide);
    for (int64_t i = 0; i < count; i++) out[i] = (uint32_t)wide[i];
    return;
  }
  switch (field->column->storage) {
    case MS_INT8: narrow_int8(field, first, count, out); break;
    case MS_INT16: narrow_int16(field, first, count, out); break;
    case MS_INT32: narrow_int32(field, first, count, out); break;
    case MS_INT64: narrow_int64(field, first, count, out); break;
    case MS_CODE8: narrow_code8(field, first, count, out); break;
    case MS_CODE16: narrow_code16(field, first, count, out); break;
    case MS_CODE32: narrow_code32(field, first, count, out); break;
    case MS_FLOAT64: /* never narrow */
    case MS_CODE_ROW:
      for (int64_t i = 0; i < count; i++) out[i] = (uint32_t)(first + i) + field->nullable;
      break;
  }
  if (!field->nullable) return;
  const uint64_t *bits = ms_column_bits(field->column);
  for (int64_t i = 0; i < count; i++) out[i] &= 0u - (uint32_t)ms_bit(bits, first + i);
}

void ms_key_block(const ms_key_code *code, int64_t first, int64_t count, uint64_t *out) {
  uint64_t digit[MS_KEY_BLOCK];
  if (code->count == 0) memset(out, 0, (size_t)count * sizeof *out);
  for (size_t f = 0; f < code->count; f++) {
    uint64_t range = code->fields[f].range;
    load_wide(&code->fields[f], first, count, f == 0 ? out : digit);
    for (int64_t i = 0; f > 0 && i < count; i++) out[i] = out[i] * range + digit[i];
  }
}

void ms_key_block_narrow(const ms_key_code *code, int64_t first, int64_t count, uint32_t *out) {
  uint32_t digit[MS_KEY_BLOCK];
  if (code->count == 0) memset(out, 0, (size_t)count * sizeof *out);
  for (size_t f = 0; f < code->count; f++) {
    uint32_t range = (uint32_t)code->fields[f].range;
    load_narrow(&code->fields[f], first, count, f == 0 ? out : digit);
    for (int64_t i = 0; f > 0 && i < count; i++) out[i] = out[i] * range + digit[i];
  }
}

/* ---- from columns to fields ---- */

static ms_status text_field(ms_context *context, const ms_column *key, ms_key_field *field) {
  const ms_column *distinct = ms_column_keep(context, ms_column_distinct(context, key));
  if (!distinct) return ms_error_status(context);
  bool nullable = distinct->nulls > 0;
  uint64_t entries = (uint64_t)distinct->dictionary->count;
  *field = (ms_key_field){.source = MS_FIELD_CODE,
                          .column = distinct,
                          .nullable = nullable,
                          .range = (entries ? entries : 1) + nullable};
  return MS_OK;
}

/* One field, or two where the range and the null do not fit 64 bits. */
static size_t number_fields(const ms_column *key, ms_key_field *field) {
  bool nullable = key->nulls > 0;
  *field = (ms_key_field){
      .source = MS_FIELD_NUMBER, .column = key, .nullable = nullable, .range = 1u + nullable};
  if (key->low > key->high) return 1; /* nothing but nulls, or no row */
  field->low = key->low;
  uint64_t span = (uint64_t)key->high - (uint64_t)key->low;
  if (span < UINT64_MAX - 2) {
    field->range = span + 1 + nullable;
    return 1;
  }
  field[1] = field[0];
  field[0].shift = 32;
  for (int i = 0; i < 2; i++) {
    field[i].mask = UINT32_MAX;
    field[i].range = (UINT64_C(1) << 32) + nullable;
  }
  return 2;
}

ms_status ms_key_fields(ms_context *context, const ms_column *const *keys, size_t count,
                        ms_key_field **fields, size_t *field_count) {
  *fields = ms_scratch(context, 2 * count + 1, sizeof **fields);
  if (!*fields) return MS_EMEMORY;
  size_t n = 0;
  for (size_t k = 0; k < count; k++) {
    ms_key_field *field = *fields + n;
    if (keys[k]->type == MS_TEXT) {
      ms_status status = text_field(context, keys[k], field);
      if (status != MS_OK) return status;
      n++;
    } else if (keys[k]->type == MS_REAL) {
      *field = (ms_key_field){
          .source = MS_FIELD_REAL, .column = keys[k], .nullable = keys[k]->nulls > 0};
      n++;
    } else {
      n += number_fields(keys[k], field);
    }
  }
  *field_count = n;
  return MS_OK;
}

ms_key_code ms_key_pack(const ms_key_field *fields, size_t count, int64_t rows) {
  ms_key_code code = {.fields = fields, .rows = rows, .range = 1};
  while (code.count < count) {
    uint64_t range = fields[code.count].range, product;
    if (code.count == 0)
      product = range;
    else if (range == 0 || code.range == 0 || __builtin_mul_overflow(code.range, range, &product)) {
      break;
    }
    code.range = product;
    code.count++;
  }
  return code;
}

ms_key_code ms_key_of_ids(ms_key_field *field, const uint32_t *ids, int64_t count, int64_t rows) {
  *field =
      (ms_key_field){.source = MS_FIELD_IDS, .ids = ids, .range = (uint64_t)(count ? count : 1)};
  return (ms_key_code){.fields = field, .count = 1, .rows = rows, .range = field->range};
}
