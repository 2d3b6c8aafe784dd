/* Pairs of key columns to fields, and fields to codes. */
#include "core/kernels/relational/join_keys.h"

#include <string.h>

#include "core/kernels/relational/join_table.h"

#define NAN_KEY UINT64_C(0x7FF8000000000000)
#define NULL_KEY UINT64_C(0x7FF8000000000001)

/* ---- digits of a block ---- */

static void number_digits(const ms_join_field *field, const ms_column *column, ms_range range,
                          uint64_t *out, uint8_t *fits) {
  uint64_t low = (uint64_t)field->low, values = field->values - 1; /* largest digit */
  if (column->type != MS_REAL) {
    ms_load_int64(column, range.first, range.count, (int64_t *)(void *)out);
    for (int64_t i = 0; i < range.count; i++) {
      out[i] -= low;
      fits[i] &= out[i] <= values;
    }
    return;
  }
  const double *reals = (const double *)ms_column_data(column) + range.first;
  for (int64_t i = 0; i < range.count; i++) {
    bool whole = reals[i] >= -0x1p63 && reals[i] < 0x1p63;
    int64_t number = whole ? (int64_t)reals[i] : 0;
    whole = whole && (double)number == reals[i];
    out[i] = (uint64_t)number - low;
    fits[i] &= whole && out[i] <= values;
  }
}

static void text_digits(const ms_join_field *field, ms_side side, ms_range range, uint64_t *out,
                        uint8_t *fits) {
  uint32_t codes[MS_JOIN_BLOCK];
  const ms_column *column = field->column[side];
  const uint32_t *map = field->map[side];
  ms_load_codes(column, range.first, range.count, codes);
  if (column->dictionary->count == 0) {
    memset(fits, 0, (size_t)range.count); /* all are null */
    return;
  }
  for (int64_t i = 0; map && i < range.count; i++) codes[i] = map[codes[i]];
  for (int64_t i = 0; i < range.count; i++) {
    out[i] = codes[i];
    fits[i] &= codes[i] != MS_MISSING;
  }
}

static void real_digits(const ms_column *column, ms_range range, uint64_t *out) {
  const double *values = (const double *)ms_column_data(column) + range.first;
  for (int64_t i = 0; i < range.count; i++) {
    double value = values[i] + 0.0; /* -0.0 becomes 0.0 */
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    out[i] = value == value ? bits : NAN_KEY;
  }
}

/* Nulls have a digit of their own where they match; otherwise they fit nothing. */
static void place_nulls(const ms_join_field *field, const ms_column *column, ms_range range,
                        uint64_t *out, uint8_t *fits) {
  const uint64_t *bits = ms_column_bits(column);
  uint64_t null = field->pair == MS_PAIR_REAL ? NULL_KEY : field->values;
  bool apart =
      field->range == field->values && field->pair != MS_PAIR_REAL; /* MS_PAIR_NULL tells */
  for (int64_t i = 0; i < range.count; i++) {
    if (ms_bit(bits, range.first + i)) continue;
    fits[i] = field->nulls_match;
    out[i] = apart ? 0 : null;
  }
}

/* `fits` comes in as ones or as what earlier fields left. */
static void digits(const ms_join_field *field, ms_side side, ms_range range, uint64_t *out,
                   uint8_t *fits) {
  const ms_column *column = field->column[side];
  uint8_t before[MS_JOIN_BLOCK];
  memcpy(before, fits, (size_t)range.count);
  switch (field->pair) {
    case MS_PAIR_NUMBER: number_digits(field, column, range, out, fits); break;
    case MS_PAIR_TEXT: text_digits(field, side, range, out, fits); break;
    case MS_PAIR_REAL: real_digits(column, range, out); break;
    case MS_PAIR_NULL:
      for (int64_t i = 0; i < range.count; i++) out[i] = !ms_column_valid(column, range.first + i);
      return;
    case MS_PAIR_IDS:
      for (int64_t i = 0; i < range.count; i++) {
        out[i] = field->ids[side][range.first + i];
        fits[i] &= out[i] != MS_MISSING;
      }
      return;
  }
  if (!column->validity) return;
  place_nulls(field, column, range, out, fits);
  for (int64_t i = 0; i < range.count; i++) fits[i] &= before[i];
}

void ms_join_codes(const ms_join_code *code, ms_side side, ms_range range, uint64_t *codes,
                   uint8_t *fits) {
  uint64_t digit[MS_JOIN_BLOCK];
  memset(fits, 1, (size_t)range.count);
  digits(&code->fields[0], side, range, codes, fits);
  for (size_t f = 1; f < code->count; f++) {
    uint64_t base = code->fields[f].range;
    digits(&code->fields[f], side, range, digit, fits);
    for (int64_t i = 0; i < range.count; i++) codes[i] = codes[i] * base + digit[i];
  }
}

/* One integer key of up to 32 bits without nulls: no detour through 64 bits. */
#define NARROW(T)                                                                                  \
  static void narrow_##T(const T *values, int64_t count, const ms_join_field *field,               \
                         uint32_t *out) {                                                          \
    uint32_t low = (uint32_t)field->low, most = (uint32_t)(field->values - 1);                     \
    for (int64_t i = 0; i < count; i++) {                                                          \
      uint32_t digit = (uint32_t)values[i] - low;                                                  \
      out[i] = digit <= most ? digit : MS_MISSING;                                                 \
    }                                                                                              \
  }
NARROW(int8_t)
NARROW(int16_t)
NARROW(int32_t)

/* Text without nulls. */
static void narrow_text(const ms_join_field *field, ms_side side, ms_range range, uint32_t *out) {
  const uint32_t *map = field->map[side];
  ms_load_codes(field->column[side], range.first, range.count, out);
  for (int64_t i = 0; map && i < range.count; i++) out[i] = map[out[i]];
}

static bool quick(const ms_join_code *code, ms_side side, ms_range range, uint32_t *out) {
  const ms_join_field *field = &code->fields[0];
  const ms_column *column = field->column[side];
  if (code->count != 1 || (column && column->validity)) return false;
  if (field->pair == MS_PAIR_IDS) {
    memcpy(out, field->ids[side] + range.first, (size_t)range.count * sizeof *out);
    return true;
  }
  if (field->pair == MS_PAIR_TEXT && column->dictionary->count > 0) {
    narrow_text(field, side, range, out);
    return true;
  }
  /* Distances are taken in 32 bits, which must not bring a far value near. */
  if (field->pair != MS_PAIR_NUMBER || field->low < INT32_MIN || field->low > INT32_MAX)
    return false;
  const void *data = ms_column_data(column);
  if (column->storage == MS_INT8) {
    narrow_int8_t((const int8_t *)data + range.first, range.count, field, out);
  } else if (column->storage == MS_INT16) {
    narrow_int16_t((const int16_t *)data + range.first, range.count, field, out);
  } else if (column->storage == MS_INT32) {
    narrow_int32_t((const int32_t *)data + range.first, range.count, field, out);
  } else {
    return false;
  }
  return true;
}

void ms_join_codes_narrow(const ms_join_code *code, ms_side side, ms_range range, uint32_t *codes) {
  uint64_t wide[MS_JOIN_BLOCK];
  uint8_t fits[MS_JOIN_BLOCK];
  if (quick(code, side, range, codes)) return;
  ms_join_codes(code, side, range, wide, fits);
  for (int64_t i = 0; i < range.count; i++) codes[i] = fits[i] ? (uint32_t)wide[i] : MS_MISSING;
}

/* ---- from pairs to fields ---- */

static ms_status text_field(ms_context *context, ms_join_field *field) {
  const ms_dictionary *sides[2];
  uint32_t *maps[2];
  for (int side = 0; side < 2; side++) sides[side] = field->column[side]->dictionary;
  field->pair = MS_PAIR_TEXT;
  field->values = sides[MS_RIGHT]->count ? (uint64_t)sides[MS_RIGHT]->count : 1;
  if (sides[MS_LEFT]->count == 0) return MS_OK;
  if (sides[MS_LEFT] == sides[MS_RIGHT] && sides[MS_LEFT]->distinct) return MS_OK;
  if (sides[MS_RIGHT]->count == 0) {
    size_t count = (size_t)sides[MS_LEFT]->count;
    maps[MS_LEFT] = ms_scratch(context, count, sizeof **maps);
    if (!maps[MS_LEFT]) return MS_EMEMORY;
    memset(maps[MS_LEFT], 0xFF, count * sizeof **maps);
    field->map[MS_LEFT] = maps[MS_LEFT];
    return MS_OK;
  }
  ms_status status = ms_join_texts(context, sides, maps);
  if (status != MS_OK) return status;
  field->map[MS_LEFT] = maps[MS_LEFT];
  if (!sides[MS_RIGHT]->distinct) field->map[MS_RIGHT] = maps[MS_RIGHT];
  return MS_OK;
}

/* The values that both sides may have. */
static void number_field(ms_join_field *field) {
  int64_t low = INT64_MIN, high = INT64_MAX;
  for (int side = 0; side < 2; side++) {
    const ms_column *column = field->column[side];
    if (column->type == MS_REAL) continue;
    low = column->low > low ? column->low : low;
    high = column->high < high ? column->high : high;
  }
  field->pair = MS_PAIR_NUMBER;
  field->low = low;
  field->values = low > high ? 1 : (uint64_t)high - (uint64_t)low + 1;
  if (low > high)
    field->low = INT64_MAX; /* nothing to be found: no value lies there on both sides */
}

/* One field, or two where the null's digit has no room; *count of them. */
static ms_status pair_fields(ms_context *context, const ms_join_pairs *pairs, size_t k,
                             ms_join_field *field, size_t *count) {
  const ms_column *left = pairs->columns[MS_LEFT][k], *right = pairs->columns[MS_RIGHT][k];
  bool nulls = pairs->nulls_match && left->nulls > 0 && right->nulls > 0;
  *field = (ms_join_field){.column = {left, right}, .nulls_match = nulls};
  *count = 1;
  bool numbers = (left->type == MS_INTEGER || left->type == MS_REAL) &&
                 (right->type == MS_INTEGER || right->type == MS_REAL);
  if (left->type != right->type && !numbers) {
    (void)ms_fail(context, MS_ETYPE, "%s: key '%s' is %s on the left, '%s' is %s on the right",
                  pairs->verb, pairs->names[MS_LEFT][k], ms_type_name(left->type),
                  pairs->names[MS_RIGHT][k], ms_type_name(right->type));
    ms_fail_hint(context, "keys are not converted by themselves: add a column with a cast first");
    return MS_ETYPE;
  }
  if (left->type == MS_REAL && right->type == MS_REAL) {
    field->pair = MS_PAIR_REAL;
    return MS_OK;
  }
  if (left->type == MS_TEXT) {
    ms_status status = text_field(context, field);
    if (status != MS_OK) return status;
  } else {
    number_field(field);
  }
  field->range = field->values + nulls;
  if (!nulls || (field->values && field->range)) return MS_OK;
  field->range = field->values;
  field[1] =
      (ms_join_field){.pair = MS_PAIR_NULL, .column = {left, right}, .values = 2, .range = 2};
  *count = 2;
  return MS_OK;
}

/* ---- from fields to one code ---- */

static ms_join_code pack(const ms_join_field *fields, size_t count, const int64_t *rows) {
  ms_join_code code = {.fields = fields, .count = 1, .rows = {rows[0], rows[1]}};
  code.range = fields[0].range;
  while (code.count < count) {
    uint64_t range = fields[code.count].range, product;
    if (!range || !code.range || __builtin_mul_overflow(code.range, range, &product)) break;
    code.range = product;
    code.count++;
  }
  return code;
}

/* Puts numbers of the keys that the right side has in place of `count` fields, as one field at the last of them. */
static ms_status reduce(ms_context *context, ms_join_field *fields, size_t count,
                        const int64_t *rows) {
  ms_join_code code = pack(fields, count, rows);
  ms_join_table table;
  ms_join_field found = {.pair = MS_PAIR_IDS};
  ms_status status = ms_join_table_new(context, &code, &table);
  for (int side = 0; side < 2 && status == MS_OK; side++) {
    uint32_t *ids = ms_scratch(context, (size_t)rows[side], sizeof *ids);
    status = ids ? ms_join_find_all(context, &table, (ms_side)side, ids) : MS_EMEMORY;
    found.ids[side] = ids;
  }
  found.values = found.range = table.count > 0 ? (uint64_t)table.count : 1;
  if (status == MS_OK) fields[count - 1] = found;
  return status;
}

ms_status ms_join_code_new(ms_context *context, const ms_join_pairs *pairs, ms_join_code *out) {
  ms_join_field *fields = ms_scratch(context, 2 * pairs->count, sizeof *fields);
  size_t left = 0;
  if (!fields) return MS_EMEMORY;
  for (size_t k = 0; k < pairs->count; k++) {
    size_t added;
    ms_status status = pair_fields(context, pairs, k, &fields[left], &added);
    if (status != MS_OK) return status;
    left += added;
  }
  for (;;) {
    *out = pack(fields, left, pairs->rows);
    if (out->count == left) return MS_OK;
    ms_status status = MS_OK;
    if (out->count > 1) {
      status = reduce(context, fields, out->count, pairs->rows);
      fields += out->count - 1;
      left -= out->count - 1;
    } else {
      /* two fields that do not fit together: the wide ones are numbered alone */
      for (int i = 0; i < 2 && status == MS_OK; i++) {
        bool wide = fields[i].range == 0 || fields[i].range > UINT32_MAX;
        if (wide) status = reduce(context, &fields[i], 1, pairs->rows);
      }
    }
    if (status != MS_OK) return status;
  }
}
