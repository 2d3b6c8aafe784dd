/* Cuts the text into lanes. */
#include "core/io/csv_pass.h"

static ms_status lane_new(ms_csv_reader *reader, ms_csv_lane *lane) {
  *lane = (ms_csv_lane){.reader = reader, .context = reader->context};
  lane->parts =
      ms_memory_zero(ms_context_account(reader->context), reader->count + 1, sizeof *lane->parts);
  if (!lane->parts) return ms_fail(reader->context, MS_EMEMORY, "read_csv: not enough memory");
  reader->lane_count++;
  return MS_OK;
}

static int64_t line_ends(const ms_csv_text *text) {
  int64_t count = 0;
  for (size_t i = text->start; i < text->size; i++)
    count += text->data[i] == '\n' || text->data[i] == '\r';
  return count;
}

ms_status ms_csv_lanes_cut(ms_csv_reader *reader, bool scanner, bool *odd) {
  *odd = scanner;
  ms_csv_lanes_free(reader);
  reader->lanes = ms_scratch(reader->context, 1, sizeof *reader->lanes);
  ms_status status = reader->lanes ? lane_new(reader, reader->lanes) : MS_EMEMORY;
  if (status) return status;
  ms_csv_lane *lane = reader->lanes;
  lane->begin = reader->text.start;
  lane->end = reader->text.size;
  lane->slots = reader->slots = line_ends(&reader->text) + 1;
  return MS_OK;
}
