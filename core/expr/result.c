/* Whole columns from a prepared expression: morsels on all threads, each in blocks, written into the narrowest
 * storage that the bounds allow. New texts are interned per morsel and brought together in their order. */
#include <string.h>

#include "core/expr/run.h"
#include "core/frame/adopt.h"

typedef struct {
  const ms_step *step;
  const ms_source *source;
  const ms_zone *zone;
  int64_t rows;
  ms_storage storage;
  ms_buffer *values, *validity;
  int64_t *low, *high; /* of each morsel */
  bool *nulls;
  bool *many;          /* texts of the morsel are taken as all different */
  int64_t *texts;      /* of the morsel so far */
  ms_intern **interns; /* new texts of each morsel; NULL where texts have a dictionary */
  uint32_t *codes;
} building;

/* ---- values ---- */

static void put_narrow(const building *b, const ms_lane *lane, int64_t first, int64_t count) {
  char *to = (char *)b->values->data + (size_t)first * ms_storage_size(b->storage);
  void *at = to;
  switch (b->storage) {
    case MS_INT8:
      for (int64_t i = 0; i < count; i++) ((int8_t *)at)[i] = (int8_t)lane->integers[i];
      break;
    case MS_INT16:
      for (int64_t i = 0; i < count; i++) ((int16_t *)at)[i] = (int16_t)lane->integers[i];
      break;
    case MS_INT32:
      for (int64_t i = 0; i < count; i++) ((int32_t *)at)[i] = (int32_t)lane->integers[i];
      break;
    case MS_INT64:
    case MS_FLOAT64: memcpy(at, lane->data, (size_t)count * 8); break;
    case MS_CODE8:
      for (int64_t i = 0; i < count; i++) ((uint8_t *)at)[i] = (uint8_t)lane->codes[i];
      break;
    case MS_CODE16:
      for (int64_t i = 0; i < count; i++) ((uint16_t *)at)[i] = (uint16_t)lane->codes[i];
      break;
    case MS_CODE32: memcpy(at, lane->data, (size_t)count * 4); break;
    case MS_CODE_ROW: break;
  }
}

static void note_bounds(building *b, const ms_lane *lane, int64_t count, size_t task) {
  int64_t low = b->low[task], high = b->high[task];
  for (int64_t i = 0; i < count; i++) {
    if (lane->valid && !lane->valid[i]) continue;
    int64_t value = lane->integers[i];
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  b->low[task] = low;
  b->high[task] = high;
}

/* Where nearly all of the morsel's first texts differ, the others are not looked up. */
static ms_status put_texts(building *b, const ms_lane *lane, ms_range at, size_t task) {
  enum { TRIED = 8192 };
  ms_intern *intern = b->interns[task];
  for (int64_t i = 0; i < at.count; i++) {
    b->codes[at.first + i] = 0;
    if (lane->valid && !lane->valid[i]) continue;
    ms_slice text = lane->texts[i];
    if (++b->texts[task] == TRIED) b->many[task] = ms_intern_count(intern) > TRIED / 4 * 3;
    int64_t code = b->many[task] ? ms_intern_append(intern, text.data, text.size)
                                 : ms_intern_add(intern, text.data, text.size);
    if (code < 0) return MS_EMEMORY;
    b->codes[at.first + i] = (uint32_t)code;
  }
  return MS_OK;
}

static ms_status put_values(building *b, const ms_lane *lane, ms_range at, size_t task) {
  const ms_step *step = b->step;
  if (step->type == MS_BOOLEAN) {
    uint8_t *to = b->values->data + at.first;
    for (int64_t i = 0; i < at.count; i++) to[i] = lane->flags[i] & 1;
    return MS_OK;
  }
  if (step->type == MS_TEXT && !step->dictionary) return put_texts(b, lane, at, task);
  if (step->type != MS_REAL && step->type != MS_TEXT) note_bounds(b, lane, at.count, task);
  put_narrow(b, lane, at.first, at.count);
  return MS_OK;
}

/* ---- a morsel ---- */

/* Bytes of validity of the morsel, all ones until the first null. */
static void put_valid(uint8_t *valid, bool *nulls, const ms_lane *lane, ms_range block,
                      int64_t morsel_rows) {
  if (!lane->valid) return;
  if (!*nulls) memset(valid, 1, (size_t)morsel_rows);
  *nulls = true;
  memcpy(valid + block.first, lane->valid, (size_t)block.count);
}

static ms_status run_morsel(ms_context *worker, void *state, size_t task) {
  building *b = state;
  ms_range morsel = ms_morsel(b->rows, task);
  ms_run run = {.context = worker, .zone = b->zone, .source = b->source};
  ms_source source = *b->source;
  source.context = worker;
  run.source = &source;
  uint8_t *valid = ms_scratch(worker, (size_t)morsel.count + 8, 1);
  if (!valid) return MS_EMEMORY;
  int64_t block = ms_context_block_rows(worker);
  b->low[task] = INT64_MAX;
  b->high[task] = INT64_MIN;
  if (b->interns && !(b->interns[task] = ms_intern_new(worker))) return MS_EMEMORY;
  for (int64_t at = 0; at < morsel.count; at += block) {
    ms_mark mark = ms_scratch_mark(worker);
    ms_lane lane;
    if (ms_cancelled(worker)) return MS_ECANCEL;
    run.first = morsel.first + at;
    run.count = morsel.count - at < block ? morsel.count - at : block;
    ms_status status = ms_run_block(&run, b->step, &lane);
    if (!status) status = put_values(b, &lane, (ms_range){run.first, run.count}, task);
    if (status) return status;
    put_valid(valid, &b->nulls[task], &lane, (ms_range){at, run.count}, morsel.count);
    ms_scratch_release(worker, mark);
  }
  uint64_t *bits = (uint64_t *)(void *)b->validity->data;
  if (b->nulls[task]) {
    (void)ms_bitmap_pack(valid, morsel.first, morsel.count, bits);
  } else {
    ms_bitmap_fill(bits + morsel.first / 64, morsel.count);
  }
  return MS_OK;
}

/* ---- the column ---- */

/* Codes of all morsels in one dictionary. Where most texts are new in their morsel, they are not looked up
 * again. */
static ms_column *join_texts(ms_context *context, building *b, size_t tasks) {
  ms_intern *all = ms_intern_new(context);
  int64_t total = 0;
  for (size_t task = 0; task < tasks; task++) total += ms_intern_count(b->interns[task]);
  bool many = tasks > 1 && total > b->rows / 4 * 3;
  bool fine = all;
  for (size_t task = 0; task < tasks && fine; task++) {
    int64_t count = ms_intern_count(b->interns[task]);
    ms_mark mark = ms_scratch_mark(context);
    uint32_t *map = ms_scratch(context, (size_t)count + 1, sizeof *map);
    fine = map;
    if (fine) map[0] = 0;
    for (int64_t i = 0; i < count && fine; i++) {
      ms_slice text = ms_intern_entry(b->interns[task], i);
      int64_t code = many ? ms_intern_append(all, text.data, text.size)
                          : ms_intern_add(all, text.data, text.size);
      fine = code >= 0;
      map[i] = (uint32_t)code;
    }
    ms_range morsel = ms_morsel(b->rows, task);
    for (int64_t i = 0; i < morsel.count && fine; i++)
      b->codes[morsel.first + i] = map[b->codes[morsel.first + i]];
    ms_scratch_release(context, mark);
  }
  ms_dictionary *dictionary = fine ? ms_intern_done(all) : NULL;
  ms_intern_free(all);
  if (!dictionary) return NULL;
  ms_buffer *validity = b->validity;
  b->validity = NULL;
  return ms_column_from_codes(context, b->rows, b->codes, dictionary, validity);
}

static ms_column *finish(ms_context *context, building *b, size_t tasks) {
  int64_t low = INT64_MAX, high = INT64_MIN;
  ms_buffer *values = b->values, *validity = b->validity;
  for (size_t task = 0; task < tasks; task++) {
    low = b->low[task] < low ? b->low[task] : low;
    high = b->high[task] > high ? b->high[task] : high;
  }
  if (b->interns) return join_texts(context, b, tasks);
  b->values = b->validity = NULL;
  ms_column_shape shape = {b->step->type, b->storage, b->rows, low, high};
  switch (b->step->type) {
    case MS_REAL: return ms_column_from_real(context, b->rows, values, validity);
    case MS_TEXT:
      return ms_column_adopt_codes(context, shape, values,
                                   ms_dictionary_share((ms_dictionary *)b->step->dictionary),
                                   validity);
    case MS_BOOLEAN:
      shape.low = 0;
      shape.high = 1;
      break;
    case MS_INTEGER:
    case MS_DATE:
    case MS_TIME: break;
  }
  bool wide = b->storage == MS_INT64 && (low > high || ms_storage_for(low, high) != MS_INT64);
  if (!wide) return ms_column_from_buffer(context, shape, values, validity);
  ms_column *narrow = ms_column_from_int64(context, b->step->type, b->rows,
                                           (const int64_t *)(const void *)values->data, validity);
  ms_buffer_free(values);
  return narrow;
}

static ms_storage storage_of(const ms_step *step) {
  if (step->type == MS_BOOLEAN) return MS_INT8;
  if (step->type == MS_REAL) return MS_FLOAT64;
  if (step->type == MS_TEXT)
    return step->dictionary ? ms_code_storage(step->dictionary->count) : MS_CODE32;
  return step->low > step->high ? MS_INT8 : ms_storage_for(step->low, step->high);
}

static ms_status prepare(ms_context *context, building *b, size_t tasks) {
  bool texts = b->step->type == MS_TEXT && !b->step->dictionary;
  b->storage = storage_of(b->step);
  b->low = ms_scratch(context, tasks + 1, sizeof *b->low);
  b->high = ms_scratch(context, tasks + 1, sizeof *b->high);
  b->nulls = ms_scratch_zero(context, tasks + 1, sizeof *b->nulls);
  if (!b->low || !b->high || !b->nulls) return MS_EMEMORY;
  if (texts) {
    b->interns = ms_scratch_zero(context, tasks + 1, sizeof *b->interns);
    b->codes = ms_scratch(context, (size_t)b->rows + 1, sizeof *b->codes);
    b->many = ms_scratch_zero(context, tasks + 1, sizeof *b->many);
    b->texts = ms_scratch_zero(context, tasks + 1, sizeof *b->texts);
    if (!b->interns || !b->codes || !b->many || !b->texts) return MS_EMEMORY;
  } else if (!(b->values = ms_buffer_new(context, (size_t)b->rows, ms_storage_size(b->storage)))) {
    return MS_EMEMORY;
  }
  b->validity = ms_buffer_new(context, ms_bitmap_words(b->rows), sizeof(uint64_t));
  return b->validity ? MS_OK : MS_EMEMORY;
}

ms_column *ms_step_column(ms_context *context, const ms_step *step, const ms_source *source,
                          int64_t rows) {
  building b = {.step = step, .source = source, .zone = ms_context_zone_of(context), .rows = rows};
  size_t tasks = ms_morsels(rows);
  ms_column *column = NULL;
  ms_status status = prepare(context, &b, tasks);
  if (!status) status = ms_parallel(context, tasks, run_morsel, &b);
  if (!status) column = finish(context, &b, tasks);
  for (size_t task = 0; b.interns && task < tasks; task++) ms_intern_free(b.interns[task]);
  ms_buffer_free(b.values);
  ms_buffer_free(b.validity);
  return column;
}
