/* A row function's run: where its results go, morsel by morsel, and its errors. */
#include "core/lua/rows.h"

#include <string.h>

void ms_row_texts_free(ms_row_texts *texts) {
  ms_memory_give(texts->ends);
  ms_memory_give(texts->bytes);
  *texts = (ms_row_texts){.memory = texts->memory};
}

/* At least `need` things of `size` bytes, by doubling. */
static bool grow(ms_row_texts *texts, void **block, size_t *room, size_t need) {
  if (need <= *room) return true;
  size_t wanted = *room ? *room : 1024;
  while (wanted < need) wanted *= 2;
  void *grown = ms_memory_grow(texts->memory, *block, wanted);
  if (!grown) return false;
  *block = grown;
  *room = wanted;
  return true;
}

int64_t ms_row_texts_add(void *of, const char *text, size_t size) {
  ms_row_texts *texts = of;
  void *ends = texts->ends, *bytes = texts->bytes;
  bool fits = grow(texts, &ends, &texts->room, (texts->count + 1) * sizeof *texts->ends) &&
              grow(texts, &bytes, &texts->bytes_room, texts->used + size);
  texts->ends = ends;
  texts->bytes = bytes;
  if (!fits) return -1;
  if (size > 0) memcpy(texts->bytes + texts->used, text, size);
  texts->used += size;
  texts->ends[texts->count] = texts->used;
  return (int64_t)texts->count++;
}

ms_row_run *ms_row_run_new(ms_context *context, const ms_frame *frame, const char *verb) {
  ms_memory *memory = ms_context_account(context);
  ms_row_run *run = ms_memory_zero(memory, 1, sizeof *run + strlen(verb) + 1);
  if (!run) return ms_fail_null(context, MS_EMEMORY, "%s: not enough memory", verb);
  run->context = context;
  run->frame = ms_frame_share(frame);
  run->verb = strcpy((char *)(run + 1), verb);
  run->own.memory = memory;
  size_t rows = (size_t)frame->rows;
  run->values = ms_buffer_new(context, rows, sizeof(double));
  run->tags = ms_memory_zero(memory, rows + 1, 1);
  run->owners = ms_memory_zero(memory, ms_morsels(frame->rows) + 1, sizeof(void *));
  if (run->values && run->tags && run->owners) return run;
  ms_row_run_free(run);
  return ms_fail_null(context, MS_EMEMORY, "%s: not enough memory for the results of %zu rows",
                      verb, rows);
}

void ms_row_run_free(ms_row_run *run) {
  if (!run) return;
  ms_frame_free((ms_frame *)run->frame);
  ms_buffer_free(run->values);
  ms_memory_give(run->tags);
  ms_memory_give(run->owners);
  ms_row_texts_free(&run->own);
  ms_memory_give(run);
}

void ms_row_slots_fill(const ms_row_run *run, ms_range range, const ms_row_texts *texts,
                       void **slots) {
  slots[MS_SLOT_VALUES] = run->values->data + range.first * (int64_t)sizeof(double);
  slots[MS_SLOT_TAGS] = run->tags + range.first;
  slots[MS_SLOT_TEXTS] = (void *)texts;
  memcpy(&slots[MS_SLOT_FIRST], &range.first, sizeof range.first);
  slots[MS_SLOT_SESSION] = run->context;
  void **slot = slots + MS_SLOT_COLUMNS;
  for (size_t i = 0; i < run->frame->count; i++, slot += 3) {
    const ms_column *column = run->frame->columns[i];
    const uint8_t *values = ms_column_data(column);
    const uint8_t *validity = (const uint8_t *)ms_column_bits(column);
    slot[0] =
        values ? (void *)(values + range.first * (int64_t)ms_storage_size(column->storage)) : NULL;
    slot[1] =
        validity ? (void *)(validity + range.first / 8) : NULL; /* morsels begin at whole bytes */
    slot[2] = (void *)column;
  }
}

int64_t ms_row_run_morsel(ms_row_run *run, size_t morsel, void **slots) {
  if (morsel >= ms_morsels(run->frame->rows) || ms_cancelled(run->context)) return -1;
  ms_range range = ms_morsel(run->frame->rows, morsel);
  run->morsel = morsel;
  run->owners[morsel] = &run->own;
  ms_row_slots_fill(run, range, &run->own, slots);
  return range.count;
}

ms_status ms_row_fail(ms_context *context, const ms_row_run *run, int64_t row, const char *missing,
                      const char *text) {
  long long shown = (long long)row + 1;
  if (strcmp(text, "not enough memory") == 0) {
    return ms_fail(context, MS_EMEMORY, "%s: not enough memory for the row function", run->verb);
  }
  if (missing[0]) {
    ms_fail(context, MS_ECOLUMN, "%s: row %lld: %sunknown column '%s'", run->verb, shown, text,
            missing);
    ms_fail_suggest(context, missing, (const char *const *)run->frame->names, run->frame->count);
  } else {
    ms_fail(context, MS_ESCRIPT, "%s: row %lld: %s", run->verb, shown, text);
    if (strstr(text, "nil value")) {
      ms_fail_hint(context, "null is nil in a row function: `if r.x then …`, `(r.x or 0) + 1`");
    }
  }
  ms_fail_cell(context, missing, row);
  return missing[0] ? MS_ECOLUMN : MS_ESCRIPT;
}

void ms_row_run_fail(ms_row_run *run, int64_t row, const char *missing, const char *text) {
  (void)ms_row_fail(run->context, run, (int64_t)run->morsel * MS_MORSEL + row, missing, text);
}

ms_frame *ms_row_run_map(ms_row_run *run, const char *name, int type) {
  ms_column *column = ms_row_column(run, name, type);
  if (!column) return NULL;
  ms_frame *frame = ms_frame_with(run->context, run->frame, name, column);
  ms_column_free(column);
  return frame;
}

ms_frame *ms_row_run_filter(ms_row_run *run) {
  int64_t count = 0;
  uint32_t *rows = ms_row_true(run, &count);
  return rows ? ms_frame_gather(run->context, run->frame, rows, count) : NULL;
}
