/* Rejected rows as a frame: where they stand in the file, what they say, and why. */
#include "core/io/csv.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 16 }; /* bytes shown of a record */

static int64_t count_all(const ms_csv_reader *reader) {
  int64_t count = 0;
  for (size_t i = 0; i < reader->lane_count; i++) count += (int64_t)reader->lanes[i].rejects.count;
  return count;
}

/* Lines between two bytes. */
static int64_t lines_between(const ms_csv_text *text, size_t from, size_t to) {
  int64_t lines = 0;
  for (size_t i = from; i < to; i++)
    lines += text->data[i] == '\n' || (text->data[i] == '\r' && text->data[i + 1] != '\n');
  for (size_t i = 0; i < text->dropped_count; i++)
    lines += text->dropped[i] > from && text->dropped[i] <= to;
  return lines;
}

static void add(ms_builder *builder, const ms_csv_reader *reader, const ms_csv_reject *reject,
                int64_t line) {
  size_t size = reject->size < TEXT_MOST ? reject->size : TEXT_MOST;
  ms_builder_integer(builder, 0, line);
  if (reject->column)
    ms_builder_text(builder, 1, reject->column, strlen(reject->column));
  else
    ms_builder_null(builder, 1);
  ms_builder_text(builder, 2, reader->text.data + reject->at, size);
  ms_builder_text(builder, 3, reject->reason, strlen(reject->reason));
}

static int by_place(const void *a, const void *b) {
  const ms_csv_reject *x = a, *y = b;
  if (x->at != y->at) return x->at < y->at ? -1 : 1;
  return x->field < y->field ? -1 : x->field > y->field;
}

ms_status ms_csv_rejects_frame(ms_csv_reader *reader, ms_frame **out) {
  int64_t count = count_all(reader), n = 0;
  *out = NULL;
  if (count == 0) return MS_OK;
  ms_csv_reject *all = ms_scratch(reader->context, (size_t)count, sizeof *all);
  ms_builder *builder = all ? ms_builder_new(reader->context) : NULL;
  if (!builder) return MS_EMEMORY;
  for (size_t i = 0; i < reader->lane_count; i++) {
    const ms_csv_rejects *list = &reader->lanes[i].rejects;
    if (list->count) memcpy(all + n, list->items, list->count * sizeof *all);
    n += (int64_t)list->count;
  }
  qsort(all, (size_t)count, sizeof *all, by_place);
  ms_builder_column(builder, "line", MS_INTEGER);
  ms_builder_column(builder, "column", MS_TEXT);
  ms_builder_column(builder, "text", MS_TEXT);
  ms_builder_column(builder, "reason", MS_TEXT);
  int64_t line = ms_csv_line(&reader->text, all[0].at);
  for (n = 0; n < count; n++) {
    if (n > 0) line += lines_between(&reader->text, all[n - 1].at, all[n].at);
    add(builder, reader, &all[n], line);
  }
  *out = ms_builder_finish(builder);
  return *out ? MS_OK : MS_EMEMORY;
}
