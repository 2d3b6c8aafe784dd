/* Frames: life, look-up, and frames made of others. */
#include "core/frame/frame.h"

#include <string.h>

static const char *const type_names[] = {"boolean", "integer", "real", "date", "time", "text"};

const char *ms_type_name(ms_type type) { return type_names[type]; }

/* The index of two equal names, or -1. O(n) expected, by an open hash table in scratch. */
static int64_t find_duplicate(ms_context *context, size_t count, const char *const *names) {
  size_t size = 16;
  while (size < count * 2) size *= 2;
  uint32_t *slots = ms_scratch_zero(context, size, sizeof *slots);
  if (!slots) return -2;
  for (size_t i = 0; i < count; i++) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = names[i]; *c; c++) hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    size_t at = hash & (size - 1);
    for (; slots[at]; at = (at + 1) & (size - 1)) {
      if (strcmp(names[slots[at] - 1], names[i]) == 0) return (int64_t)i;
    }
    slots[at] = (uint32_t)i + 1;
  }
  return -1;
}

/* The names in one block: pointers first, the texts behind them. */
static char **copy_names(ms_context *context, size_t count, const char *const *names) {
  size_t size = (count + 1) * sizeof(char *);
  for (size_t i = 0; i < count; i++) size += strlen(names[i]) + 1;
  char **copy = ms_memory_take(ms_context_account(context), size);
  if (!copy) return NULL;
  char *text = (char *)(copy + count + 1);
  for (size_t i = 0; i < count; i++) {
    size_t length = strlen(names[i]) + 1;
    copy[i] = memcpy(text, names[i], length);
    text += length;
  }
  copy[count] = NULL;
  return copy;
}

static ms_status check_parts(ms_context *context, int64_t rows, size_t count,
                             const char *const *names, const ms_column *const *columns) {
  if (rows > MS_ROWS_MOST) {
    return ms_fail(context, MS_ELIMIT, "a frame of %lld rows: the most is %lld", (long long)rows,
                   (long long)MS_ROWS_MOST);
  }
  int64_t twice = find_duplicate(context, count, names);
  if (twice == -2) return MS_EMEMORY;
  if (twice >= 0) {
    return ms_fail(context, MS_EDUPLICATE, "two columns named '%s'", names[twice]);
  }
  for (size_t i = 0; i < count; i++) {
    if (columns[i]->rows == rows) continue;
    return ms_fail(context, MS_EDATA, "column '%s' has %lld rows, the frame has %lld", names[i],
                   (long long)columns[i]->rows, (long long)rows);
  }
  return MS_OK;
}

ms_frame *ms_frame_new(ms_context *context, int64_t rows, size_t count, const char *const *names,
                       const ms_column *const *columns) {
  if (check_parts(context, rows, count, names, columns) != MS_OK) return NULL;
  ms_memory *memory = ms_context_account(context);
  ms_frame *frame = ms_memory_take(memory, sizeof *frame);
  ms_column **shared = frame ? ms_memory_take(memory, count * sizeof *shared) : NULL;
  char **copies = shared ? copy_names(context, count, names) : NULL;
  if (!copies) {
    ms_memory_give(shared);
    ms_memory_give(frame);
    return ms_fail_null(context, MS_EMEMORY, "not enough memory for a frame");
  }
  *frame = (ms_frame){.rows = rows, .count = count, .names = copies, .columns = shared};
  atomic_init(&frame->owners, 1);
  for (size_t i = 0; i < count; i++) shared[i] = ms_column_share(columns[i]);
  return frame;
}

ms_frame *ms_frame_share(const ms_frame *frame) {
  ms_frame *shared = (ms_frame *)(uintptr_t)frame;
  if (shared) atomic_fetch_add_explicit(&shared->owners, 1, memory_order_relaxed);
  return shared;
}

void ms_frame_free(ms_frame *frame) {
  if (!frame || atomic_fetch_sub(&frame->owners, 1) != 1) return;
  for (size_t i = 0; i < frame->count; i++) ms_column_free(frame->columns[i]);
  ms_memory_give(frame->columns);
  ms_memory_give(frame->names);
  ms_memory_give(frame);
}

static void release(void *frame) { ms_frame_free(frame); }

const ms_frame *ms_frame_keep(ms_context *context, ms_frame *frame) {
  if (!frame || ms_defer(context, release, frame) != MS_OK) return NULL;
  return frame;
}

int64_t ms_frame_rows(const ms_frame *frame) { return frame->rows; }
size_t ms_frame_columns(const ms_frame *frame) { return frame->count; }
const char *ms_frame_name(const ms_frame *frame, size_t i) { return frame->names[i]; }
ms_type ms_frame_type(const ms_frame *frame, size_t i) { return frame->columns[i]->type; }
const ms_column *ms_frame_column(const ms_frame *frame, size_t i) { return frame->columns[i]; }

int64_t ms_frame_find(const ms_frame *frame, const char *name) {
  for (size_t i = 0; i < frame->count; i++) {
    if (strcmp(frame->names[i], name) == 0) return (int64_t)i;
  }
  return -1;
}

static uint64_t buffer_bytes(const ms_buffer *buffer) { return buffer ? buffer->size : 0; }

uint64_t ms_frame_bytes(const ms_frame *frame) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < frame->count; i++) {
    const ms_column *column = frame->columns[i];
    bytes += buffer_bytes(column->values) + buffer_bytes(column->validity);
    if (!column->dictionary) continue;
    bytes += buffer_bytes(column->dictionary->offsets) + buffer_bytes(column->dictionary->bytes);
  }
  return bytes;
}

const ms_column *ms_frame_get(ms_context *context, const ms_frame *frame, const char *verb,
                              const char *name) {
  int64_t i = ms_frame_find(frame, name);
  if (i >= 0) return frame->columns[i];
  (void)ms_fail(context, MS_ECOLUMN, "%s: unknown column '%s'", verb, name);
  ms_fail_suggest(context, name, (const char *const *)frame->names, frame->count);
  ms_fail_cell(context, name, -1);
  return NULL;
}

ms_frame *ms_frame_with(ms_context *context, const ms_frame *frame, const char *name,
                        const ms_column *column) {
  ms_assembly parts = ms_assembly_new(context, frame->count + 1);
  bool found = false;
  for (size_t i = 0; i < frame->count; i++) {
    bool here = strcmp(frame->names[i], name) == 0;
    found = found || here;
    ms_assembly_add(&parts, frame->names[i], ms_column_share(here ? column : frame->columns[i]));
  }
  if (!found) ms_assembly_add(&parts, name, ms_column_share(column));
  return ms_assembly_finish(&parts, frame->count ? frame->rows : column->rows);
}

ms_frame *ms_frame_gather(ms_context *context, const ms_frame *frame, const uint32_t *index,
                          int64_t count) {
  ms_assembly parts = ms_assembly_new(context, frame->count);
  for (size_t i = 0; i < frame->count && !parts.failed; i++) {
    ms_assembly_add(&parts, frame->names[i],
                    ms_column_gather(context, frame->columns[i], index, count));
  }
  return ms_assembly_finish(&parts, count);
}

ms_frame *ms_frame_slice(ms_context *context, const ms_frame *frame, int64_t first, int64_t count) {
  ms_assembly parts = ms_assembly_new(context, frame->count);
  for (size_t i = 0; i < frame->count && !parts.failed; i++) {
    if (ms_cancelled(context)) parts.failed = true;
    if (parts.failed) break;
    ms_assembly_add(&parts, frame->names[i],
                    ms_column_slice(context, frame->columns[i], first, count));
  }
  return ms_assembly_finish(&parts, count);
}

ms_assembly ms_assembly_new(ms_context *context, size_t capacity) {
  ms_assembly assembly = {.context = context, .capacity = capacity};
  assembly.names = ms_scratch(context, capacity, sizeof *assembly.names);
  assembly.columns =
      assembly.names ? ms_scratch(context, capacity, sizeof *assembly.columns) : NULL;
  assembly.failed = !assembly.columns;
  return assembly;
}

void ms_assembly_add(ms_assembly *assembly, const char *name, ms_column *column) {
  if (assembly->failed || !column || assembly->count == assembly->capacity) {
    if (!assembly->failed && column) {
      (void)ms_fail(assembly->context, MS_EINTERNAL, "more columns than planned");
    }
    assembly->failed = true;
    ms_column_free(column);
    return;
  }
  assembly->names[assembly->count] = name;
  assembly->columns[assembly->count++] = column;
}

ms_frame *ms_assembly_finish(ms_assembly *assembly, int64_t rows) {
  ms_frame *frame = NULL;
  if (!assembly->failed) {
    frame = ms_frame_new(assembly->context, rows, assembly->count, assembly->names,
                         (const ms_column *const *)assembly->columns);
  }
  for (size_t i = 0; i < assembly->count; i++) ms_column_free(assembly->columns[i]);
  assembly->count = 0;
  return frame;
}

bool ms_cell_valid(const ms_frame *frame, size_t column, int64_t row) {
  return ms_column_valid(frame->columns[column], row);
}
int64_t ms_cell_integer(const ms_frame *frame, size_t column, int64_t row) {
  return ms_column_integer(frame->columns[column], row);
}
double ms_cell_real(const ms_frame *frame, size_t column, int64_t row) {
  const ms_column *values = frame->columns[column];
  if (values->type == MS_REAL) return ms_column_real(values, row);
  return (double)ms_column_integer(values, row);
}
const char *ms_cell_text(const ms_frame *frame, size_t column, int64_t row, size_t *size) {
  ms_slice text = ms_column_text(frame->columns[column], row);
  *size = text.size;
  return text.data;
}
