/* What lanes keep: arrays of a window, records that become rows, rejects. */
#include <string.h>

#include "core/io/csv_column.h"

enum { FIRST_ENDS = 1 << 14, FIRST_ROWS = 1 << 10, ENDS_FRONT = 16 };

/* An array of account memory with room for `wanted` items of `size` bytes; grows by half. */
static ms_status reserve(ms_csv_lane *lane, void **array, size_t *capacity, size_t wanted,
                         size_t size) {
  if (wanted <= *capacity) return MS_OK;
  size_t room = *capacity + *capacity / 2 > wanted ? *capacity + *capacity / 2 : wanted;
  void *grown = ms_memory_grow(ms_context_account(lane->context), *array, room * size);
  if (!grown) return ms_fail(lane->context, MS_EMEMORY, "read_csv: not enough memory for a record");
  *array = grown;
  *capacity = room;
  return MS_OK;
}

ms_status ms_csv_room(ms_csv_lane *lane, size_t size) {
  void *room = lane->room;
  ms_status status = reserve(lane, &room, &lane->room_size, size + 1, 1);
  lane->room = room;
  return status;
}

ms_status ms_csv_prepare(ms_csv_lane *lane, const ms_csv_window *window) {
  size_t rows = window->rows, capacity = lane->values_capacity;
  if (rows == 0) return MS_OK;
  if (rows > capacity) {
    void *integers = lane->integers, *nulls = lane->nulls;
    size_t unused = capacity;
    ms_status status = reserve(lane, &integers, &capacity, rows, sizeof(int64_t));
    lane->integers = integers;
    if (status) return status;
    status = reserve(lane, &nulls, &unused, capacity, 1); /* a bit would do */
    lane->nulls = nulls;
    if (status) return status;
    lane->values_capacity = capacity;
  }
  if (!window->quotes) return ms_csv_room(lane, 1);
  ms_slice first = ms_csv_raw(window, 0, 0),
           last = ms_csv_raw(window, rows - 1, window->fields - 1);
  return ms_csv_room(lane, (size_t)(last.data + last.size - first.data));
}

ms_status ms_csv_ends_room(ms_csv_lane *lane, size_t count) {
  if (count <= lane->ends_capacity) return MS_OK;
  void *block = lane->ends ? lane->ends - ENDS_FRONT : NULL;
  size_t capacity = lane->ends ? lane->ends_capacity + ENDS_FRONT : 0;
  size_t wanted = (count < FIRST_ENDS ? FIRST_ENDS : count) + ENDS_FRONT;
  ms_status status = reserve(lane, &block, &capacity, wanted, sizeof(uint32_t));
  if (status) return status;
  lane->ends = (uint32_t *)block + ENDS_FRONT;
  lane->ends[-1] = UINT32_MAX; /* the first field begins at byte 0 */
  lane->ends_capacity = capacity - ENDS_FRONT;
  return MS_OK;
}

ms_status ms_csv_end_add(ms_csv_lane *lane, ms_csv_building *building, size_t end) {
  ms_status status = ms_csv_ends_room(lane, building->ends + 1);
  if (status) return status;
  if (end >= UINT32_MAX - 1)
    return ms_fail(lane->context, MS_ELIMIT, "read_csv: a record of more than 4 GB");
  lane->ends[building->ends++] = (uint32_t)end;
  return MS_OK;
}

static ms_status row_add(ms_csv_lane *lane, ms_csv_building *building, size_t first) {
  void *firsts = lane->first;
  size_t wanted = building->rows + 1 < FIRST_ROWS ? FIRST_ROWS : building->rows + 1;
  ms_status status = reserve(lane, &firsts, &lane->first_capacity, wanted, sizeof(uint32_t));
  lane->first = firsts;
  if (!status) lane->first[building->rows++] = (uint32_t)first;
  return status;
}

/* Fields that are not there become empty ones behind the record; one more end, of the record itself, lets
 * the next record begin behind it. */
static ms_status pad(ms_csv_lane *lane, ms_csv_building *building, size_t first, size_t count) {
  uint32_t *last = &lane->ends[first + count - 1];
  size_t end = *last;
  bool carriage = building->base[end] == '\n' && end > 0 && building->base[end - 1] == '\r';
  if (carriage && lane->ends[(ptrdiff_t)(first + count) - 2] + 1 < end)
    --*last; /* only the last column's end may stand behind a carriage return */
  ms_status status = MS_OK;
  size_t at = *last;
  for (size_t j = count; !status && j < lane->reader->fields; j++)
    status = ms_csv_end_add(lane, building, ++at);
  if (!status) status = row_add(lane, building, first);
  return status ? status : ms_csv_end_add(lane, building, end);
}

ms_status ms_csv_record_add(ms_csv_lane *lane, ms_csv_building *building, size_t first,
                            size_t count) {
  ms_csv_reader *reader = lane->reader;
  size_t begin = (size_t)(uint32_t)(lane->ends[(ptrdiff_t)first - 1] + 1);
  size_t end = lane->ends[first + count - 1];
  size_t size = end - begin;
  if (count == reader->fields) return row_add(lane, building, first);
  if (count == 1 && (size == 0 || (size == 1 && building->base[begin] == '\r')))
    return MS_OK; /* a blank line */
  if (count < reader->fields && reader->bad == MS_CSV_NULL)
    return pad(lane, building, first, count);
  if (size > 0 && building->base[end] == '\n' && building->base[end - 1] == '\r') size--;
  const char *reason = ms_scratch_format(lane->context, "%zu field%s, %zu wanted", count,
                                         count == 1 ? "" : "s", reader->fields);
  if (!reason) return ms_error_status(lane->context);
  return ms_csv_reject_add(
      lane, (ms_csv_reject){.at = (size_t)(building->base - reader->text.data) + begin,
                            .size = size,
                            .reason = reason,
                            .slot = -1});
}

ms_status ms_csv_building_flush(ms_csv_lane *lane, ms_csv_building *building, const char *base) {
  ms_csv_window window = {.base = building->base,
                          .ends = lane->ends,
                          .first = lane->first,
                          .rows = building->rows,
                          .fields = lane->reader->fields,
                          .quotes = lane->reader->rules.dialect.quoting};
  ms_status status = building->rows ? ms_csv_window_read(lane, &window) : MS_OK;
  *building = (ms_csv_building){.base = base};
  return status;
}

ms_status ms_csv_reject_add(ms_csv_lane *lane, ms_csv_reject reject) {
  ms_csv_reader *reader = lane->reader;
  if (!reader->first_pass && !reject.column) return MS_OK; /* known already */
  if (reader->bad == MS_CSV_ERROR) {
    ms_status status =
        ms_fail(lane->context, MS_EFORMAT, "read_csv: '%s' line %lld: %s%s%s", reader->path,
                (long long)ms_csv_line(&reader->text, reject.at),
                reject.column ? reject.column : "", reject.column ? ": " : "", reject.reason);
    ms_fail_hint(lane->context, "on_bad = \"reject\" sets such rows aside");
    return status;
  }
  ms_csv_rejects *list = &lane->rejects;
  void *items = list->items;
  ms_status status = reserve(lane, &items, &list->capacity, list->count + 1, sizeof reject);
  list->items = items;
  if (!status) list->items[list->count++] = reject;
  return status;
}

void ms_csv_lane_free(ms_csv_lane *lane) {
  for (size_t j = 0; lane->parts && lane->reader && j < lane->reader->count; j++)
    ms_csv_words_free(lane->parts[j].words);
  ms_memory_give(lane->rejects.items);
  ms_memory_give(lane->ends ? lane->ends - ENDS_FRONT : NULL);
  ms_memory_give(lane->first);
  ms_memory_give(lane->room);
  ms_memory_give(lane->integers);
  ms_memory_give(lane->nulls);
  ms_memory_give(lane->parts);
}
