/* The frame of what the passes read: the lanes' texts become one dictionary a column, values are stored as
 * narrow as they allow, and slots without a row (blank lines, rejected rows) are taken out. */
#include <string.h>

#include "core/frame/adopt.h"
#include "core/io/csv_pass.h"

typedef struct {
  ms_csv_reader *reader;
  int64_t slots;   /* up to the last row */
  uint32_t **maps; /* columns * lanes: the final code of each of the lane's texts; NULL: the same */
  ms_csv_words **words; /* a column each, those of the first lane, grown */
} merging;

/* ---- texts ---- */

static ms_status merge_column(ms_context *worker, void *state, size_t j) {
  merging *m = state;
  ms_csv_reader *reader = m->reader;
  const ms_csv_column *column = &reader->columns[j];
  enum { GROUP = 256 };
  if (column->kind != MS_CSV_TEXT || column->plain) return MS_OK;
  m->words[j] = reader->lanes[0].parts[j].words;
  for (size_t i = 1; i < reader->lane_count; i++) {
    const ms_csv_words *from = reader->lanes[i].parts[j].words;
    uint32_t *map = ms_scratch(worker, (size_t)from->count + GROUP, sizeof *map);
    if (!map) return MS_EMEMORY;
    for (int64_t first = 0; first < from->count; first += GROUP) {
      ms_slice texts[GROUP];
      int64_t count = from->count - first < GROUP ? from->count - first : GROUP;
      for (int64_t k = 0; k < count; k++) texts[k] = ms_csv_words_entry(from, first + k);
      if (!ms_csv_words_add(m->words[j], texts, (size_t)count, map + first))
        return ms_fail(worker, MS_EMEMORY, "read_csv: not enough memory for texts");
    }
    m->maps[j * reader->lane_count + i] = map;
  }
  return MS_OK;
}

#define REMAP(T)                                                                                   \
  do {                                                                                             \
    T *codes = (T *)(void *)column->values->data + lane->slot;                                     \
    if (map)                                                                                       \
      for (int64_t k = 0; k < lane->rows; k++) codes[k] = (T)map[codes[k]];                        \
    memset(codes + lane->rows, 0, (size_t)(lane->slots - lane->rows) * sizeof(T));                 \
  } while (0)

/* Task: a column of a lane. Texts of the lane get their final codes. */
static ms_status remap_part(ms_context *worker, void *state, size_t task) {
  merging *m = state;
  const ms_csv_lane *lane = &m->reader->lanes[task % m->reader->lane_count];
  const ms_csv_column *column = &m->reader->columns[task / m->reader->lane_count];
  (void)worker;
  if (column->kind != MS_CSV_TEXT || column->plain) return MS_OK;
  const uint32_t *map = m->maps[task];
  const ms_csv_words *own = lane->parts[task / m->reader->lane_count].words;
  if (map && own->count == 0) /* nothing but nulls */
    map = NULL;
  if (column->storage == MS_CODE8)
    REMAP(uint8_t);
  else if (column->storage == MS_CODE16)
    REMAP(uint16_t);
  else
    REMAP(uint32_t);
  return MS_OK;
}

/* If the lanes have more texts together than codes of this storage can name, it gets wider. */
static ms_status widen_codes(merging *m, size_t j) {
  ms_csv_column *column = &m->reader->columns[j];
  ms_storage need = ms_code_storage(m->words[j]->count);
  if (ms_storage_size(need) <= ms_storage_size(column->storage)) return MS_OK;
  ms_buffer *wide = ms_buffer_new(m->reader->context, (size_t)m->reader->slots, 4);
  if (!wide) return MS_EMEMORY;
  uint32_t *out = (uint32_t *)(void *)wide->data;
  const void *data = column->values->data;
  for (int64_t i = 0; i < m->slots; i++)
    out[i] = column->storage == MS_CODE8 ? ((const uint8_t *)data)[i] : ((const uint16_t *)data)[i];
  ms_buffer_free(column->values);
  column->values = wide;
  column->storage = MS_CODE32;
  return MS_OK;
}

static ms_dictionary *dictionary_of(ms_context *context, const ms_csv_words *words) {
  size_t size = (size_t)words->offsets[words->count];
  ms_buffer *offsets = ms_buffer_new(context, (size_t)words->count + 1, sizeof(int64_t));
  ms_buffer *bytes = offsets ? ms_buffer_new(context, size, 1) : NULL;
  if (!bytes) {
    ms_buffer_free(offsets);
    return NULL;
  }
  memcpy(offsets->data, words->offsets, offsets->size);
  if (size) memcpy(bytes->data, words->bytes, size);
  return ms_dictionary_new(context, words->count, offsets, bytes, true);
}

/* Texts of all lanes one behind the other; slots without a row are empty. */
static ms_dictionary *plain_dictionary(merging *m, size_t j) {
  ms_csv_reader *reader = m->reader;
  size_t size = 0;
  for (size_t i = 0; i < reader->lane_count; i++) {
    const ms_csv_words *words = reader->lanes[i].parts[j].words;
    size += (size_t)words->offsets[words->count];
  }
  ms_buffer *offsets = ms_buffer_new(reader->context, (size_t)m->slots + 1, sizeof(int64_t));
  ms_buffer *bytes = offsets ? ms_buffer_new(reader->context, size, 1) : NULL;
  if (!bytes) {
    ms_buffer_free(offsets);
    return NULL;
  }
  int64_t *out = (int64_t *)(void *)offsets->data, base = 0, slot = 0;
  for (size_t i = 0; i < reader->lane_count; i++) {
    const ms_csv_lane *lane = &reader->lanes[i];
    const ms_csv_words *words = lane->parts[j].words;
    for (; slot < lane->slot; slot++) out[slot] = base;
    for (int64_t k = 0; k < words->count; k++) out[slot++] = base + words->offsets[k];
    if (words->count)
      memcpy(bytes->data + base, words->bytes, (size_t)words->offsets[words->count]);
    base += words->offsets[words->count];
  }
  for (; slot <= m->slots; slot++) out[slot] = base;
  return ms_dictionary_new(reader->context, m->slots, offsets, bytes, false);
}

/* ---- narrowing in place ---- */

#define NARROW(FROM, TO)                                                                           \
  do {                                                                                             \
    for (int64_t i = 0; i < count; i++) {                                                          \
      FROM value;                                                                                  \
      memcpy(&value, data + i * (int64_t)sizeof(FROM), sizeof value);                              \
      TO small = (TO)value;                                                                        \
      memcpy(data + i * (int64_t)sizeof(TO), &small, sizeof small);                                \
    }                                                                                              \
  } while (0)

/* Values of `from` bytes each become `to` bytes each, in the same place: the front is never ahead. */
static void narrow(ms_buffer *buffer, int64_t count, size_t from, size_t to) {
  uint8_t *data = buffer->data;
  if (from == 8 && to == 4) NARROW(int64_t, int32_t);
  if (from == 8 && to == 2) NARROW(int64_t, int16_t);
  if (from == 8 && to == 1) NARROW(int64_t, int8_t);
  if (from == 4 && to == 2) NARROW(int32_t, int16_t);
  if (from == 4 && to == 1) NARROW(int32_t, int8_t);
  if (from == 2 && to == 1) NARROW(int16_t, int8_t);
  buffer->size = (size_t)count * to;
}

static void narrow_to(ms_csv_column *column, int64_t slots, ms_storage storage) {
  size_t from = ms_storage_size(column->storage), to = ms_storage_size(storage);
  if (to >= from) return;
  narrow(column->values, slots, from, to);
  column->storage = storage;
}

/* ---- columns ---- */

/* The bitmap of nulls turned into one of values; NULL where there is no null. */
static ms_buffer *validity_of(merging *m, size_t j) {
  ms_csv_column *column = &m->reader->columns[j];
  int64_t nulls = 0;
  for (size_t i = 0; i < m->reader->lane_count; i++) nulls += m->reader->lanes[i].parts[j].nulls;
  ms_buffer *map = column->nulls;
  column->nulls = NULL;
  if (nulls == 0) {
    ms_buffer_free(map);
    return NULL;
  }
  uint64_t *words = (uint64_t *)(void *)map->data;
  for (size_t i = 0; i < ms_bitmap_words(m->slots); i++) words[i] = ~words[i];
  if (m->slots % 64) words[m->slots / 64] &= (UINT64_C(1) << (m->slots % 64)) - 1;
  return map;
}

static ms_column *column_of(merging *m, size_t j) {
  ms_context *context = m->reader->context;
  ms_csv_column *column = &m->reader->columns[j];
  if (column->kind == MS_CSV_NULLS) return ms_column_null(context, MS_TEXT, m->slots);
  if (column->kind == MS_CSV_TEXT && column->plain) {
    ms_dictionary *texts = plain_dictionary(m, j);
    return ms_column_from_texts(context, texts, validity_of(m, j));
  }
  int64_t low = INT64_MAX, high = INT64_MIN;
  for (size_t i = 0; i < m->reader->lane_count; i++) {
    const ms_csv_part *part = &m->reader->lanes[i].parts[j];
    low = part->low < low ? part->low : low;
    high = part->high > high ? part->high : high;
  }
  ms_csv_words *words = m->words[j];
  if (column->kind == MS_CSV_TEXT)
    narrow_to(column, m->slots, ms_code_storage(words->count));
  else if (column->kind != MS_CSV_REAL)
    narrow_to(column, m->slots, low > high ? MS_INT8 : ms_storage_for(low, high));
  ms_column_shape shape = {.type = ms_csv_type(column->kind),
                           .storage = column->kind == MS_CSV_REAL ? MS_FLOAT64 : column->storage,
                           .rows = m->slots,
                           .low = low,
                           .high = high};
  ms_buffer *values = column->values;
  column->values = NULL;
  values->size = (size_t)m->slots * ms_storage_size(shape.storage);
  if (column->kind != MS_CSV_TEXT)
    return ms_column_from_buffer(context, shape, values, validity_of(m, j));
  return ms_column_adopt_codes(context, shape, values, dictionary_of(context, words),
                               validity_of(m, j));
}

static ms_status merge_texts(merging *m) {
  ms_csv_reader *reader = m->reader;
  m->maps = ms_scratch_zero(reader->context, reader->count * reader->lane_count, sizeof *m->maps);
  m->words = ms_scratch_zero(reader->context, reader->count, sizeof *m->words);
  if (!m->maps || !m->words) return MS_EMEMORY;
  ms_status status = ms_parallel(reader->context, reader->count, merge_column, m);
  for (size_t j = 0; !status && j < reader->count; j++)
    status = m->words[j] ? widen_codes(m, j) : MS_OK;
  if (status) return status;
  return ms_parallel(reader->context, reader->count * reader->lane_count, remap_part, m);
}

/* ---- rows that are none ---- */

/* Marks the slots of rejected rows; gives whether there are any. */
static bool mark_rejected(const ms_csv_reader *reader, uint8_t *out) {
  bool any = false;
  for (size_t i = 0; i < reader->lane_count; i++) {
    const ms_csv_rejects *rejects = &reader->lanes[i].rejects;
    for (size_t k = 0; k < rejects->count; k++) {
      if (rejects->items[k].slot < 0) continue;
      any = true;
      if (out) out[rejects->items[k].slot] = 1;
    }
  }
  return any;
}

static ms_frame *without_gaps(merging *m, ms_frame *frame) {
  ms_csv_reader *reader = m->reader;
  int64_t rows = 0, kept = 0;
  for (size_t i = 0; i < reader->lane_count; i++) rows += reader->lanes[i].rows;
  if (!frame || (rows == m->slots && !mark_rejected(reader, NULL))) return frame;
  uint8_t *bad = ms_scratch_zero(reader->context, (size_t)m->slots, 1);
  uint32_t *index = ms_scratch(reader->context, (size_t)rows, sizeof *index);
  ms_frame *out = NULL;
  if (bad && index) {
    mark_rejected(reader, bad);
    for (size_t i = 0; i < reader->lane_count; i++) {
      const ms_csv_lane *lane = &reader->lanes[i];
      for (int64_t s = lane->slot; s < lane->slot + lane->rows; s++) {
        if (!bad[s]) index[kept++] = (uint32_t)s;
      }
    }
    out = ms_frame_gather(reader->context, frame, index, kept);
  }
  ms_frame_free(frame);
  return out;
}

ms_frame *ms_csv_frame(ms_csv_reader *reader) {
  merging m = {.reader = reader};
  for (size_t i = 0; i < reader->lane_count; i++) {
    if (reader->lanes[i].rows) m.slots = reader->lanes[i].slot + reader->lanes[i].rows;
  }
  if (m.slots > MS_ROWS_MOST)
    return ms_fail_null(reader->context, MS_ELIMIT, "read_csv: more than 4,294,967,294 rows");
  if (merge_texts(&m) != MS_OK) return NULL;
  ms_assembly assembly = ms_assembly_new(reader->context, reader->count);
  for (size_t j = 0; j < reader->count; j++)
    ms_assembly_add(&assembly, reader->columns[j].name, column_of(&m, j));
  return without_gaps(&m, ms_assembly_finish(&assembly, m.slots));
}
