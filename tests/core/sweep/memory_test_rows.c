/* Calls of the sweep for row functions. */
#include "core/lua/rows.h"
#include "tests/core/sweep/sweep.h"

/* A program as stdlib/ffi/parcel.lua packs it: the function is tostring, and the frame has no columns. */
static const char program[] = "{3:s7:columns{0:s2:fng8:tostrings4:usedn1:0";

ms_frame *rows_crew(ms_context *context, const ms_inputs *inputs) {
  ms_frame *rows = ms_frame_new(context, ms_frame_rows(inputs->frames[0]), 0, NULL, NULL);
  ms_crew *crew = rows ? ms_crew_new(context) : NULL;
  ms_row_run *run = crew ? ms_row_run_new(context, rows, "map") : NULL;
  ms_frame *frame = NULL;
  if (run && ms_row_run_crew(run, crew, program, sizeof program - 1) == MS_OK) {
    frame = ms_row_run_map(run, "text", -1);
  }
  ms_row_run_free(run);
  ms_crew_free(crew);
  ms_frame_free(rows);
  return frame;
}

/* One result: every seventh is null; texts are nearly all different. */
static bool put(void *const *slots, int64_t row, ms_row_tag tag) {
  double value = (double)(row % 3);
  uint8_t *tags = slots[MS_SLOT_TAGS];
  if (tag == MS_ROW_TEXT) {
    char text[] = {(char)('a' + row % 26), (char)('a' + row / 26 % 26),
                   (char)('a' + row / 676 % 26)};
    value = (double)ms_row_texts_add(slots[MS_SLOT_TEXTS], text, sizeof text);
    if (value < 0) return false;
  }
  ((double *)slots[MS_SLOT_VALUES])[row] = value;
  tags[row] = row % 7 == 0 ? (uint8_t)MS_ROW_NULL : (uint8_t)tag;
  return true;
}

/* All morsels as stdlib/ffi/rows.lua runs them on the script's own state. */
static bool run_here(ms_row_run *run, size_t columns, ms_row_tag tag) {
  void *slots[MS_SLOT_COLUMNS + 3 * 64];
  if (columns > 64) return false;
  for (size_t morsel = 0;; morsel++) {
    int64_t rows = ms_row_run_morsel(run, morsel, slots);
    if (rows < 0) return true;
    for (int64_t row = 0; row < rows; row++) {
      if (put(slots, row, tag)) continue;
      ms_row_run_fail(run, row, "", "not enough memory");
      return false;
    }
  }
}

static ms_frame *run_rows(ms_context *context, const ms_inputs *inputs, bool filter) {
  const ms_frame *frame = inputs->frames[0];
  ms_row_tag tag = (ms_row_tag)ms_options_find(inputs->given, "tag")->values[0].integer;
  ms_row_run *run = ms_row_run_new(context, frame, filter ? "filter" : "map");
  ms_frame *result = NULL;
  if (run && run_here(run, ms_frame_columns(frame), tag)) {
    result = filter ? ms_row_run_filter(run) : ms_row_run_map(run, "result", -1);
  }
  ms_row_run_free(run);
  return result;
}

ms_frame *rows_map(ms_context *context, const ms_inputs *inputs) {
  return run_rows(context, inputs, false);
}

ms_frame *rows_filter(ms_context *context, const ms_inputs *inputs) {
  return run_rows(context, inputs, true);
}
