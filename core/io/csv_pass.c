/* The passes over the text. In the first all columns are read; in the next ones those whose kind or
 * storage turned out to be too small. A kind can only rise, so there are at most a few. */
#include "core/io/csv_pass.h"

#include <string.h>

typedef struct {
  ms_csv_reader *reader;
  bool scanner;
} pass;

static ms_status lane_parts(ms_csv_lane *lane) {
  ms_csv_reader *reader = lane->reader;
  lane->rows = 0;
  lane->odd = false;
  for (size_t j = 0; j < reader->count; j++) {
    const ms_csv_column *column = &reader->columns[j];
    ms_csv_part *part = &lane->parts[j];
    if (!column->active) continue;
    ms_csv_words_free(part->words);
    *part = (ms_csv_part){.low = INT64_MAX, .high = INT64_MIN, .wanted = column->kind};
    if (column->kind == MS_CSV_TEXT &&
        !(part->words = ms_csv_words_new(lane->context, column->plain)))
      return MS_EMEMORY;
  }
  return MS_OK;
}

static ms_status read_lane(ms_context *worker, void *state, size_t task) {
  pass *p = state;
  ms_csv_lane *lane = &p->reader->lanes[task];
  lane->context = worker;
  ms_status status = lane_parts(lane);
  if (status) return status;
  return p->scanner ? ms_csv_scan(lane) : ms_csv_reference(lane);
}

/* Buffers for the columns of the pass. */
static ms_status allocate(ms_csv_reader *reader) {
  for (size_t j = 0; j < reader->count; j++) {
    ms_csv_column *column = &reader->columns[j];
    if (!column->active) continue;
    size_t slots = (size_t)reader->slots;
    ms_buffer_free(column->values);
    ms_buffer_free(column->nulls);
    column->values = NULL;
    size_t size = column->kind == MS_CSV_REAL ? sizeof(double) : ms_storage_size(column->storage);
    column->nulls =
        ms_buffer_zero(reader->context, ms_bitmap_words(reader->slots), sizeof(uint64_t));
    bool values = column->kind != MS_CSV_NULLS && !(column->kind == MS_CSV_TEXT && column->plain);
    if (values) column->values = ms_buffer_new(reader->context, slots, size);
    if (!column->nulls || (values && !column->values)) return ms_error_status(reader->context);
  }
  return MS_OK;
}

static ms_storage code_storage(int64_t count) {
  return count <= 256 ? MS_CODE8 : count <= 65536 ? MS_CODE16 : MS_CODE32;
}

/* What the lanes say about column j: whether it must be read again, and as what. */
static bool again(ms_csv_reader *reader, size_t j) {
  ms_csv_column *column = &reader->columns[j];
  ms_csv_kind kind = column->kind;
  bool overflow = false;
  int64_t low = INT64_MAX, high = INT64_MIN, texts = 0;
  for (size_t i = 0; i < reader->lane_count; i++) {
    const ms_csv_part *part = &reader->lanes[i].parts[j];
    kind = ms_csv_join(kind, part->wanted);
    overflow |= part->overflow;
    low = part->low < low ? part->low : low;
    high = part->high > high ? part->high : high;
    if (part->words && part->words->count > texts) texts = part->words->count;
  }
  if (kind != column->kind) {
    /* An unsigned guess at what is not known: the widest, narrowed at the end. */
    column->storage = kind == MS_CSV_TEXT ? MS_CODE32 : MS_INT64;
    if (kind == MS_CSV_TIME && column->kind == MS_CSV_NULLS) column->storage = MS_INT64;
    column->kind = kind;
    return true;
  }
  if (overflow)
    column->storage = kind == MS_CSV_TEXT ? code_storage(texts) : ms_storage_for(low, high);
  return overflow;
}

ms_status ms_csv_passes(ms_csv_reader *reader, bool scanner, bool *odd) {
  pass p = {reader, scanner};
  *odd = false;
  for (size_t j = 0; j < reader->count; j++) reader->columns[j].active = true;
  reader->first_pass = true;
  for (bool more = true; more;) {
    ms_status status = allocate(reader);
    reader->done = 0;
    if (!status) status = ms_parallel(reader->context, reader->lane_count, read_lane, &p);
    if (status) return status;
    for (size_t i = 0; i < reader->lane_count; i++) *odd |= reader->lanes[i].odd;
    if (*odd) return MS_OK;
    more = false;
    reader->first_pass = false;
    for (size_t j = 0; j < reader->count; j++) {
      ms_csv_column *column = &reader->columns[j];
      column->active = column->active && again(reader, j);
      more |= column->active;
    }
  }
  return MS_OK;
}

void ms_csv_lanes_free(ms_csv_reader *reader) {
  for (size_t i = 0; i < reader->lane_count; i++) ms_csv_lane_free(&reader->lanes[i]);
  reader->lane_count = 0;
}
