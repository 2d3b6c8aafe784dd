/* Which columns a join compares, and whether keys repeat where they may not. */
#include <ctype.h>
#include <string.h>

#include "core/frame/cell_text.h"
#include "core/kernels/relational/group.h"
#include "core/kernels/relational/join.h"

static const char *const sides[] = {"left", "right"};

static const char *trimmed(ms_context *context, const char *text, size_t size) {
  while (size > 0 && isspace((unsigned char)*text)) text++, size--;
  while (size > 0 && isspace((unsigned char)text[size - 1])) size--;
  if (size > 1 && text[0] == '`' && text[size - 1] == '`') text++, size -= 2;
  return ms_scratch_text(context, text, size);
}

/* "name", or "left == right"; a text that both frames have as a column is that column. */
static ms_status split(ms_context *context, const ms_frame *const *frames, const char *text,
                       const char **names) {
  names[MS_LEFT] = names[MS_RIGHT] = text;
  const char *equals = strstr(text, "==");
  if (!equals || ms_frame_find(frames[MS_LEFT], text) >= 0) return MS_OK;
  names[MS_LEFT] = trimmed(context, text, (size_t)(equals - text));
  names[MS_RIGHT] = trimmed(context, equals + 2, strlen(equals + 2));
  return names[MS_LEFT] && names[MS_RIGHT] ? MS_OK : MS_EMEMORY;
}

static ms_status unknown(ms_context *context, const char *verb, const ms_frame *frame, int side,
                         const char *name) {
  (void)ms_fail(context, MS_ECOLUMN, "%s: unknown column '%s' in the %s frame", verb, name,
                sides[side]);
  ms_fail_suggest(context, name, (const char *const *)frame->names, frame->count);
  ms_fail_cell(context, name, -1);
  return MS_ECOLUMN;
}

ms_status ms_join_on_read(ms_context *context, const char *verb, const ms_frame *const *frames,
                          const ms_names *texts, ms_join_on *out) {
  *out = (ms_join_on){.count = texts->count};
  for (int side = 0; side < 2; side++) {
    out->names[side] = ms_scratch(context, texts->count + 1, sizeof *out->names[side]);
    out->columns[side] = ms_scratch(context, texts->count + 1, sizeof *out->columns[side]);
    if (!out->names[side] || !out->columns[side]) return MS_EMEMORY;
  }
  for (size_t k = 0; k < texts->count; k++) {
    const char *names[2];
    ms_status status = split(context, frames, texts->items[k], names);
    if (status != MS_OK) return status;
    for (int side = 0; side < 2; side++) {
      int64_t i = ms_frame_find(frames[side], names[side]);
      if (i < 0) return unknown(context, verb, frames[side], side, names[side]);
      out->names[side][k] = names[side];
      out->columns[side][k] = frames[side]->columns[i];
    }
  }
  return MS_OK;
}

/* ---- keys that repeat ---- */

static bool has_null(const ms_join_on *on, int side, int64_t row) {
  for (size_t k = 0; k < on->count; k++) {
    if (!ms_column_valid(on->columns[side][k], row)) return true;
  }
  return false;
}

static ms_status blame(ms_context *context, const ms_join_on *on, int side, const int64_t *found,
                       const char *wanted) {
  enum { NUMBER, ROW, COUNT };
  ms_string text = ms_string_new(context);
  for (size_t k = 0; k < on->count; k++) {
    const ms_column *column = on->columns[side][k];
    ms_number_style plain = {.decimals = -1};
    const char *cell = ms_cell_format(context, column, found[ROW], plain);
    if (!cell) return MS_EMEMORY;
    ms_string_format(&text, "%s%s = %s", k ? ", " : "", on->names[side][k], cell);
  }
  const char *key = ms_string_done(&text);
  if (!key) return MS_EMEMORY;
  (void)ms_fail(context, MS_EDATA,
                "join: expect = '%s', but %lld keys repeat on the %s; the first: %s, %lld rows",
                wanted, (long long)found[NUMBER], sides[side], key, (long long)found[COUNT]);
  ms_fail_hint(context, "look at them: frame:group_by(…):agg(\"n = count()\"):filter(\"n > 1\")");
  return MS_EDATA;
}

/* Keys without a null that are there more than once. */
static ms_status check_once(ms_context *context, const ms_join_on *on, int side, int64_t rows,
                            const char *wanted) {
  ms_groups groups;
  int64_t found[3] = {0};
  ms_status status = ms_groups_new(context, on->columns[side], on->count, rows, &groups);
  if (status != MS_OK || groups.count == rows) return status;
  uint32_t *counts = ms_scratch_zero(context, (size_t)groups.count, sizeof *counts);
  if (!counts) return MS_EMEMORY;
  for (int64_t i = 0; i < rows; i++) counts[groups.ids[i]]++;
  for (int64_t g = groups.count - 1; g >= 0; g--) {
    if (counts[g] < 2 || has_null(on, side, groups.first[g])) continue;
    found[0]++;
    found[1] = groups.first[g];
    found[2] = counts[g];
  }
  return found[0] ? blame(context, on, side, found, wanted) : MS_OK;
}

ms_status ms_join_expect(ms_context *context, const ms_join_on *on, const int64_t *rows,
                         int expect) {
  static const char *const words[] = {"1:1", "1:m", "m:1", "m:m"};
  ms_status status = MS_OK;
  if (expect == 0 || expect == 1) {
    status = check_once(context, on, MS_LEFT, rows[MS_LEFT], words[expect]);
  }
  if (status == MS_OK && (expect == 0 || expect == 2)) {
    status = check_once(context, on, MS_RIGHT, rows[MS_RIGHT], words[expect]);
  }
  return status;
}
