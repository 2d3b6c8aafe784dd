/* Groups of rows. Keys are packed into codes (group_keys.h); where they do not fit 64 bits, the fields in front
 * are grouped first and their group ids take their place, so that no rows are ever compared.
 *
 * The numbering follows from the first row of each group alone: all first rows are marked in a bitmap, and a
 * group's number is the number of marks before its own. It does not depend on threads. */
#include "core/kernels/relational/group_keys.h"

#include <string.h>

int64_t ms_group_number(ms_context *context, const uint64_t *marks, int64_t rows, uint32_t *before,
                        uint32_t **first) {
  size_t words = ms_bitmap_words(rows);
  uint32_t count = 0;
  for (size_t w = 0; w < words; w++) {
    before[w] = count;
    count += (uint32_t)__builtin_popcountll(marks[w]);
  }
  uint32_t *list = ms_scratch(context, count, sizeof *list);
  if (!list) return -1;
  *first = list;
  for (size_t w = 0; w < words; w++) {
    for (uint64_t left = marks[w]; left; left &= left - 1) {
      *list++ = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
    }
  }
  return count;
}

/* ---- direct: a table over all codes ---- */

enum { CODES_OF_PIECE = 1 << 16, PIECES_MOST = 4 };

typedef struct {
  const ms_key_code *code;
  size_t parts, pieces, words;
  uint32_t *first; /* [parts][range]: first row of the code within the part, or MS_MISSING */
  uint64_t
      *marks; /* [pieces][words]: first rows of a piece of the codes; then of all, in the first */
  uint32_t *before; /* [words] */
  uint32_t *number; /* [range]: group of the code */
  uint32_t *ids;
} direct;

/* From the last row to the first, so that what is written last is the first row, and nothing has to be asked: whether a
 * code is new could not be foreseen where about half of them are. */
static ms_status direct_find(ms_context *worker, void *state, size_t part) {
  direct *d = state;
  uint32_t *first = d->first + part * d->code->range;
  memset(first, 0xFF, d->code->range * sizeof *first);
  ms_range range = ms_part(d->code->rows, d->parts, part);
  uint32_t slots[MS_KEY_BLOCK];
  for (int64_t left = range.count; left > 0;) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    int64_t n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    left -= n;
    int64_t row = range.first + left;
    ms_key_block_narrow(d->code, row, n, slots);
    for (int64_t i = n; i-- > 0;) first[slots[i]] = (uint32_t)(row + i);
  }
  return MS_OK;
}

static ms_status direct_assign(ms_context *worker, void *state, size_t task) {
  direct *d = state;
  ms_range range = ms_morsel(d->code->rows, task);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t done = 0; done < range.count; done += MS_KEY_BLOCK) {
    int64_t left = range.count - done, n = left < MS_KEY_BLOCK ? left : MS_KEY_BLOCK;
    uint32_t *ids = d->ids + range.first + done;
    ms_key_block_narrow(d->code, range.first + done, n, ids);
    for (int64_t i = 0; i < n; i++) ids[i] = d->number[ids[i]];
  }
  return MS_OK;
}

/* Merges the parts' first rows of a piece of the codes and marks them. */
static ms_status direct_mark(ms_context *worker, void *state, size_t piece) {
  direct *d = state;
  uint64_t range = d->code->range, *marks = d->marks + piece * d->words;
  ms_range codes = ms_part((int64_t)range, d->pieces, piece);
  uint32_t *first = d->first + codes.first;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (size_t part = 1; part < d->parts; part++) {
    const uint32_t *other = first + part * range;
    for (int64_t c = 0; c < codes.count; c++) first[c] = other[c] < first[c] ? other[c] : first[c];
  }
  for (int64_t c = 0; c < codes.count; c++) {
    if (first[c] != MS_MISSING) ms_bit_set(marks, first[c]);
  }
  return MS_OK;
}

static ms_status direct_count(ms_context *worker, void *state, size_t piece) {
  direct *d = state;
  ms_range codes = ms_part((int64_t)d->code->range, d->pieces, piece);
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t c = codes.first; c < codes.first + codes.count; c++) {
    uint32_t row = d->first[c];
    if (row == MS_MISSING) continue;
    uint64_t below = d->marks[row >> 6] & ((UINT64_C(1) << (row & 63)) - 1);
    d->number[c] = d->before[row >> 6] + (uint32_t)__builtin_popcountll(below);
  }
  return MS_OK;
}

/* Numbers the groups by their first rows, and turns the codes' first rows into numbers. */
static ms_status direct_number(ms_context *context, direct *d, ms_groups *out) {
  d->pieces = (size_t)(d->code->range / CODES_OF_PIECE);
  if (d->pieces > PIECES_MOST) d->pieces = PIECES_MOST;
  if (d->pieces < 1) d->pieces = 1;
  d->words = ms_bitmap_words(d->code->rows);
  d->marks = ms_scratch_zero(context, d->pieces * d->words, sizeof *d->marks);
  d->before = d->marks ? ms_scratch(context, d->words, sizeof *d->before) : NULL;
  if (!d->before) return MS_EMEMORY;
  ms_status status = ms_parallel(context, d->pieces, direct_mark, d);
  if (status != MS_OK) return status;
  for (size_t piece = 1; piece < d->pieces; piece++) {
    for (size_t w = 0; w < d->words; w++) d->marks[w] |= d->marks[piece * d->words + w];
  }
  uint32_t *first = NULL;
  int64_t count = ms_group_number(context, d->marks, d->code->rows, d->before, &first);
  if (count < 0) return MS_EMEMORY;
  *out = (ms_groups){.count = count, .ids = d->ids, .first = first};
  return ms_parallel(context, d->pieces, direct_count, d);
}

ms_status ms_group_direct(ms_context *context, const ms_key_code *code, ms_groups *out) {
  direct d = {.code = code, .parts = ms_morsels(code->rows)};
  size_t most = ((size_t)1 << 22) / code->range;
  if (d.parts > most) d.parts = most;
  if (d.parts > 16) d.parts = 16;
  if (d.parts < 1) d.parts = 1;
  d.ids = ms_scratch(context, (size_t)code->rows, sizeof *d.ids);
  if (!d.ids) return MS_EMEMORY;
  d.first = ms_scratch(context, d.parts * code->range, sizeof *d.first);
  d.number = d.first ? ms_scratch(context, code->range, sizeof *d.number) : NULL;
  if (!d.number) return MS_EMEMORY;
  ms_status status = ms_parallel(context, d.parts, direct_find, &d);
  if (status == MS_OK) status = direct_number(context, &d, out);
  if (status == MS_OK) {
    status = ms_parallel(context, ms_morsels(code->rows), direct_assign, &d);
  }
  return status;
}

/* ---- any keys ---- */

static ms_status group_code(ms_context *context, const ms_key_code *code, ms_groups *out) {
  return ms_key_small(code) ? ms_group_direct(context, code, out)
                            : ms_group_hashed(context, code, out);
}

/* Groups `count` fields at `fields` and puts the ids as one field in the place of the last of them. */
static ms_status reduce(ms_context *context, ms_key_field *fields, size_t count, int64_t rows) {
  ms_groups groups;
  ms_key_code code = ms_key_pack(fields, count, rows);
  ms_status status = group_code(context, &code, &groups);
  if (status != MS_OK) return status;
  ms_key_of_ids(&fields[code.count - 1], groups.ids, groups.count, rows);
  return MS_OK;
}

ms_status ms_groups_new(ms_context *context, const ms_column *const *keys, size_t count,
                        int64_t rows, ms_groups *out) {
  ms_key_field *fields;
  size_t left;
  ms_status status = ms_key_fields(context, keys, count, &fields, &left);
  if (status != MS_OK) return status;
  if (count == 0 || rows == 0) {
    uint32_t *ids = ms_scratch_zero(context, (size_t)rows + 1, sizeof *ids);
    if (!ids) return MS_EMEMORY;
    *out = (ms_groups){.count = count == 0, .ids = ids, .first = ids};
    return MS_OK;
  }
  for (;;) {
    ms_key_code code = ms_key_pack(fields, left, rows);
    if (code.count == left) return group_code(context, &code, out);
    if (code.count == 1) {
      /* two fields that do not fit together: the wide ones are grouped alone */
      for (int i = 0; i < 2 && status == MS_OK; i++) {
        bool wide = fields[i].range == 0 || fields[i].range > UINT32_MAX;
        if (wide) status = reduce(context, &fields[i], 1, rows);
      }
    } else {
      status = reduce(context, fields, code.count, rows);
      fields += code.count - 1;
      left -= code.count - 1;
    }
    if (status != MS_OK) return status;
  }
}
