/* concat: frames one under another. */
#include <string.h>

#include "core/frame/kernel.h"

typedef struct {
  int how;
  const char *source;
} concat_options;

enum { STRICT, DIAGONAL };

static const ms_option table[] = {
    {.name = "how",
     .type = MS_OPTION_CHOICE,
     .fallback = "strict",
     .unit = "strict diagonal",
     .brief = "strict: all frames have the same columns; diagonal: what a frame lacks is null",
     .offset = offsetof(concat_options, how)},
    {.name = "source",
     .type = MS_OPTION_TEXT,
     .brief = "name of a further column that numbers the frames from 1",
     .offset = offsetof(concat_options, source)},
    {0}};

/* Every frame has the first frame's columns and no others; their order may differ. */
static ms_status check_same(ms_context *context, const ms_inputs *inputs) {
  const ms_frame *first = inputs->frames[0];
  for (size_t f = 1; f < inputs->count; f++) {
    const ms_frame *frame = inputs->frames[f];
    for (size_t c = 0; c < first->count; c++) {
      if (ms_frame_find(frame, first->names[c]) >= 0) continue;
      (void)ms_fail(context, MS_ECOLUMN, "concat: frame %zu has no column '%s'", f + 1,
                    first->names[c]);
      ms_fail_suggest(context, first->names[c], (const char *const *)frame->names, frame->count);
      ms_fail_hint(context, "how = \"diagonal\" takes null for what a frame lacks");
      return MS_ECOLUMN;
    }
    for (size_t c = 0; c < frame->count; c++) {
      if (ms_frame_find(first, frame->names[c]) >= 0) continue;
      (void)ms_fail(context, MS_ECOLUMN, "concat: frame %zu has a column '%s', the first has none",
                    f + 1, frame->names[c]);
      ms_fail_hint(context, "how = \"diagonal\" takes null for what a frame lacks");
      return MS_ECOLUMN;
    }
  }
  return MS_OK;
}

/* The columns of that name under each other; nulls of `type` where a frame has none. */
static ms_column *stack(ms_context *context, const ms_inputs *inputs, const char *name,
                        ms_type type) {
  const ms_column **parts = ms_scratch(context, inputs->count, sizeof *parts);
  if (!parts) return NULL;
  for (size_t f = 0; f < inputs->count; f++) {
    const ms_frame *frame = inputs->frames[f];
    int64_t c = ms_frame_find(frame, name);
    if (c >= 0) {
      parts[f] = frame->columns[c];
      continue;
    }
    parts[f] = ms_column_keep(context, ms_column_null(context, type, frame->rows));
    if (!parts[f]) return NULL;
  }
  for (size_t f = 1; f < inputs->count; f++) {
    ms_type one = parts[0]->type, other = parts[f]->type;
    bool numbers =
        (one == MS_INTEGER || one == MS_REAL) && (other == MS_INTEGER || other == MS_REAL);
    if (one == other || numbers) continue;
    (void)ms_fail(context, MS_ETYPE, "concat: column '%s' is %s in frame 1 and %s in frame %zu",
                  name, ms_type_name(one), ms_type_name(other), f + 1);
    ms_fail_hint(context, "cast one of them first");
    ms_fail_cell(context, name, -1);
    return NULL;
  }
  return ms_column_concat(context, parts, inputs->count);
}

static ms_column *sources(ms_context *context, const ms_inputs *inputs, int64_t rows) {
  int64_t *numbers = ms_scratch(context, (size_t)rows, sizeof *numbers);
  if (!numbers) return NULL;
  int64_t *at = numbers;
  for (size_t f = 0; f < inputs->count; f++) {
    for (int64_t i = 0; i < inputs->frames[f]->rows; i++) *at++ = (int64_t)f + 1;
  }
  return ms_column_from_int64(context, MS_INTEGER, rows, numbers, NULL);
}

static bool seen_before(const ms_inputs *inputs, size_t frame, const char *name) {
  for (size_t f = 0; f < frame; f++) {
    if (ms_frame_find(inputs->frames[f], name) >= 0) return true;
  }
  return false;
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *given) {
  const concat_options *o = given;
  size_t columns = 1;
  int64_t rows = 0;
  for (size_t f = 0; f < inputs->count; f++) {
    columns += inputs->frames[f]->count;
    rows += inputs->frames[f]->rows;
  }
  if (rows > MS_ROWS_MOST) {
    return ms_fail_null(context, MS_ELIMIT, "concat: %lld rows; the most is %lld", (long long)rows,
                        (long long)MS_ROWS_MOST);
  }
  if (o->how == STRICT && check_same(context, inputs) != MS_OK) return NULL;
  ms_assembly parts = ms_assembly_new(context, columns);
  for (size_t f = 0; f < inputs->count; f++) {
    const ms_frame *frame = inputs->frames[f];
    for (size_t c = 0; c < frame->count && !parts.failed; c++) {
      if (seen_before(inputs, f, frame->names[c])) continue;
      ms_column *column = stack(context, inputs, frame->names[c], frame->columns[c]->type);
      ms_assembly_add(&parts, frame->names[c], column);
    }
  }
  if (o->source && !parts.failed)
    ms_assembly_add(&parts, o->source, sources(context, inputs, rows));
  return ms_assembly_finish(&parts, rows);
}

const ms_kernel ms_kernel_concat = {
    .name = "concat",
    .group = "frame",
    .brief = "puts the rows of frames under each other",
    .cost = "O(n) time and memory",
    .least = 1,
    .most = -1,
    .options = table,
    .size = sizeof(concat_options),
    .run = run,
};
