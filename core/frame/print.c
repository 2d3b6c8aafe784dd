/* A frame as a table for people: box, names, types, values, count line.
 *
 * Too many rows: the middle ones are left out. Too wide: long texts are cut first, then middle
 * columns left out. */
#include <string.h>

#include "core/frame/cell_text.h"

enum { CELL_LEAST = 16, CELL_MOST = 48 };

typedef struct {
  const char *name, *type;
  const char **cells; /* [table.shown] */
  int width;
  bool right, text, hidden;
} shown_column;

typedef struct {
  ms_context *context;
  const ms_frame *frame;
  const ms_print_options *options;
  int64_t *rows;      /* the rows shown */
  size_t shown, head; /* how many; how many before the gap */
  bool gap;
  shown_column *columns;
  size_t first_hidden, hidden;
} table;

static bool choose_rows(table *t) {
  int64_t all = t->frame->rows, most = t->options->rows;
  t->gap = most > 0 && all > most;
  t->shown = (size_t)(t->gap ? most : all);
  t->head = t->gap ? (t->shown + 1) / 2 : t->shown;
  t->rows = ms_scratch(t->context, t->shown, sizeof *t->rows);
  if (!t->rows) return false;
  for (size_t i = 0; i < t->shown; i++) {
    t->rows[i] = i < t->head ? (int64_t)i : all - (int64_t)(t->shown - i);
  }
  return true;
}

static int widest(const table *t, const shown_column *column) {
  bool wide = t->options->ambiguous_wide;
  int width = ms_text_cells(column->name, wide), type = ms_text_cells(column->type, wide);
  if (type > width) width = type;
  for (size_t i = 0; i < t->shown; i++) {
    int cells = ms_text_cells(column->cells[i], wide);
    if (cells > width) width = cells;
  }
  return width;
}

static bool format_column(table *t, size_t i) {
  shown_column *out = &t->columns[i];
  const ms_column *column = t->frame->columns[i];
  ms_number_style style = ms_number_style_for(t->frame->names[i], column, t->rows, t->shown);
  *out = (shown_column){.type = ms_type_name(column->type)};
  out->text = column->type == MS_TEXT;
  out->right = column->type == MS_INTEGER || column->type == MS_REAL;
  out->cells = ms_scratch(t->context, t->shown, sizeof *out->cells);
  out->name = ms_text_fit(t->context, t->frame->names[i], CELL_MOST, t->options->ambiguous_wide);
  if (!out->cells || !out->name) return false;
  for (size_t row = 0; row < t->shown; row++) {
    out->cells[row] = ms_cell_format(t->context, column, t->rows[row], style);
    if (!out->cells[row]) return false;
  }
  out->width = widest(t, out);
  if (t->options->width > 0 && out->width > CELL_MOST && out->text) out->width = CELL_MOST;
  return true;
}

/* Cells a line takes: "│ cell │ cell │". */
static int line_width(const table *t) {
  int width = 1;
  for (size_t i = 0; i < t->frame->count; i++) {
    if (!t->columns[i].hidden) width += t->columns[i].width + 3;
  }
  return t->hidden ? width + 4 : width;
}

/* The widest text column that can still give way, or NULL. */
static shown_column *widest_text(const table *t) {
  shown_column *found = NULL;
  for (size_t i = 0; i < t->frame->count; i++) {
    shown_column *column = &t->columns[i];
    if (column->hidden || !column->text || column->width <= CELL_LEAST) continue;
    if (!found || column->width > found->width) found = column;
  }
  return found;
}

static void fit_width(table *t) {
  int limit = t->options->width;
  if (limit <= 0) return;
  for (shown_column *column; line_width(t) > limit && (column = widest_text(t));) column->width--;
  size_t count = t->frame->count, middle = (count + 1) / 2;
  t->first_hidden = middle;
  while (line_width(t) > limit && t->hidden + 1 < count) {
    /* Take away from both sides of the middle in turn, the last column last. */
    size_t end = t->first_hidden + t->hidden;
    bool left = t->first_hidden > 1 && (t->hidden % 2 == 1 || end >= count - 1);
    size_t next = left ? --t->first_hidden : end;
    t->columns[next < count ? next : count - 1].hidden = true;
    t->hidden++;
  }
}

/* ---- drawing ---- */

typedef struct {
  const char *left, *middle, *right, *line, *bar, *dots, *gap;
} strokes;

static void draw_rule(ms_string *out, const table *t, strokes s) {
  const char *joint = s.left;
  for (size_t i = 0; i < t->frame->count; i++) {
    if (t->hidden && i == t->first_hidden) {
      ms_string_text(out, joint);
      for (int k = 0; k < 3; k++) ms_string_text(out, s.line);
      joint = s.middle;
    }
    if (t->columns[i].hidden) continue;
    ms_string_text(out, joint);
    for (int k = 0; k < t->columns[i].width + 2; k++) ms_string_text(out, s.line);
    joint = s.middle;
  }
  ms_string_text(out, s.right);
  ms_string_char(out, '\n', 1);
}

static void draw_cell(ms_string *out, const table *t, const shown_column *column,
                      const char *text) {
  bool wide = t->options->ambiguous_wide;
  const char *fitted = ms_text_fit(t->context, text, column->width, wide);
  if (!fitted) {
    out->failed = true;
    return;
  }
  int padding = column->width - ms_text_cells(fitted, wide);
  size_t pad = padding > 0 ? (size_t)padding : 0;
  ms_string_char(out, ' ', column->right ? pad + 1 : 1);
  ms_string_text(out, fitted);
  ms_string_char(out, ' ', column->right ? 1 : pad + 1);
}

/* Row -1 is the names, -2 the types, -3 the gap. */
static void draw_row(ms_string *out, const table *t, strokes s, int64_t row) {
  for (size_t i = 0; i < t->frame->count; i++) {
    const shown_column *column = &t->columns[i];
    if (t->hidden && i == t->first_hidden) {
      ms_string_format(out, "%s %s ", s.bar, row == -3 ? s.gap : s.dots);
    }
    if (column->hidden) continue;
    ms_string_text(out, s.bar);
    const char *text = row == -1   ? column->name
                       : row == -2 ? column->type
                       : row == -3 ? s.gap
                                   : column->cells[row];
    draw_cell(out, t, column, text);
  }
  ms_string_text(out, s.bar);
  ms_string_char(out, '\n', 1);
}

static void draw_count(ms_string *out, const table *t) {
  ms_string_format(out, " %lld row%s × %zu column%s", (long long)t->frame->rows,
                   t->frame->rows == 1 ? "" : "s", t->frame->count,
                   t->frame->count == 1 ? "" : "s");
  if (t->gap && t->hidden) {
    ms_string_format(out, " (%zu rows, %zu columns shown)", t->shown, t->frame->count - t->hidden);
  } else if (t->gap) {
    ms_string_format(out, " (%zu shown)", t->shown);
  } else if (t->hidden) {
    ms_string_format(out, " (%zu columns shown)", t->frame->count - t->hidden);
  }
  ms_string_char(out, '\n', 1);
}

static const char *draw(table *t, size_t *size) {
  static const strokes boxes[2][3] = {{{"┌", "┬", "┐", "─", "│", "…", "⋮"},
                                       {"├", "┼", "┤", "─", "│", "…", "⋮"},
                                       {"└", "┴", "┘", "─", "│", "…", "⋮"}},
                                      {{"+", "+", "+", "-", "|", "...", ":"},
                                       {"+", "+", "+", "-", "|", "...", ":"},
                                       {"+", "+", "+", "-", "|", "...", ":"}}};
  const strokes *s = boxes[t->options->ascii];
  ms_string out = ms_string_new(t->context);
  if (t->frame->count) {
    draw_rule(&out, t, s[0]);
    draw_row(&out, t, s[0], -1);
    draw_row(&out, t, s[0], -2);
    draw_rule(&out, t, s[1]);
    for (size_t row = 0; row < t->shown; row++) {
      if (t->gap && row == t->head) draw_row(&out, t, s[0], -3);
      draw_row(&out, t, s[0], (int64_t)row);
    }
    draw_rule(&out, t, s[2]);
  }
  draw_count(&out, t);
  const char *text = ms_string_done(&out);
  *size = out.size;
  return text;
}

const char *ms_frame_print(ms_context *context, const ms_frame *frame,
                           const ms_print_options *options, size_t *size) {
  table t = {.context = context, .frame = frame, .options = options};
  *size = 0;
  t.columns = ms_scratch(context, frame->count, sizeof *t.columns);
  if (!t.columns || !choose_rows(&t)) return NULL;
  for (size_t i = 0; i < frame->count; i++) {
    if (!format_column(&t, i)) return NULL;
  }
  fit_width(&t);
  return draw(&t, size);
}
