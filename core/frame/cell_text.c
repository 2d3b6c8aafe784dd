/* Cells as text: numbers that line up, dates, escaped text. */
#include "core/frame/cell_text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/zone.h"

enum { DECIMALS_MOST = 6 };

/* Names of columns whose numbers are labels, not quantities: they are written without separators.
 */
static bool is_label(const char *name) {
  static const char *const labels[] = {"id",   "year", "code",  "key", "number", "phone",
                                       "zip",  "no",   "month", "day", "seed",   "编号",
                                       "编码", "年",   "月",    "日",  "电话",   "手机"};
  size_t size = strlen(name);
  for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
    size_t length = strlen(labels[i]);
    if (size < length || strcasecmp(name + size - length, labels[i]) != 0) continue;
    /* A word of its own: "id", "order_id", "OrderID", but not "paid". */
    unsigned char first = (unsigned char)name[size - length];
    bool word = size == length || name[size - length - 1] == '_' || isupper(first) || first > 127;
    if (word) return true;
  }
  return false;
}

/* Decimals that a column is shown with at most, by its largest value: people compare three to five digits. */
static int decimals_most(double largest) {
  if (largest >= 100) return 2;
  if (largest >= 1) return 3;
  return largest >= 0.1 ? 4 : DECIMALS_MOST;
}

/* The fewest decimals that show the value in full, or `most`. */
static int decimals_for(double value, int most) {
  double scale = 1;
  for (int d = 0; d < most; d++, scale *= 10) {
    double scaled = fabs(value) * scale;
    if (fabs(scaled - nearbyint(scaled)) <= 1e-9 * (scaled > 1 ? scaled : 1)) return d;
  }
  return most;
}

ms_number_style ms_number_style_for(const char *name, const ms_column *column, const int64_t *rows,
                                    size_t count) {
  ms_number_style style = {0, !is_label(name)};
  double largest = 0;
  if (column->type != MS_REAL) return style;
  for (size_t i = 0; i < count; i++) {
    double size = ms_column_valid(column, rows[i]) ? fabs(ms_column_real(column, rows[i])) : 0;
    if (isfinite(size) && size > largest) largest = size;
  }
  /* Beyond a double's digits, or all too small for a fixed point: %g. */
  if (largest >= 1e15 || (largest > 0 && largest < 1e-4)) return (ms_number_style){-1, false};
  for (size_t i = 0; i < count; i++) {
    if (!ms_column_valid(column, rows[i])) continue;
    double value = ms_column_real(column, rows[i]);
    int decimals = isfinite(value) ? decimals_for(value, decimals_most(largest)) : 0;
    if (decimals > style.decimals) style.decimals = decimals;
  }
  return style;
}

/* Puts a comma before each group of three digits of the integer part. */
static const char *with_thousands(ms_context *context, const char *number) {
  ms_string out = ms_string_new(context);
  size_t sign = number[0] == '-', digits = strspn(number + sign, "0123456789");
  ms_string_add(&out, number, sign);
  for (size_t i = 0; i < digits; i++) {
    if (i > 0 && (digits - i) % 3 == 0) ms_string_char(&out, ',', 1);
    ms_string_char(&out, number[sign + i], 1);
  }
  ms_string_text(&out, number + sign + digits);
  return ms_string_done(&out);
}

static const char *format_real(ms_context *context, double value, ms_number_style style) {
  if (isnan(value)) return "NaN";
  if (isinf(value)) return value < 0 ? "-inf" : "inf";
  if (style.decimals < 0) return ms_scratch_format(context, "%.6g", value);
  const char *text = ms_scratch_format(context, "%.*f", style.decimals, value);
  return text && style.thousands ? with_thousands(context, text) : text;
}

/* Bidirectional controls can reorder what stands around them in a terminal. */
static bool is_unsafe(int32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069) || point == 0x200E || point == 0x200F ||
         point == 0xFEFF;
}

static const char *format_text(ms_context *context, ms_slice text) {
  ms_string out = ms_string_new(context);
  for (size_t at = 0; at < text.size;) {
    size_t from = at;
    int32_t point = ms_utf8_next(text, &at);
    if (point == '\n') {
      ms_string_text(&out, "\\n");
    } else if (point == '\r') {
      ms_string_text(&out, "\\r");
    } else if (point == '\t') {
      ms_string_text(&out, "\\t");
    } else if (point < 0) {
      ms_string_format(&out, "\\x%02X", (unsigned)(unsigned char)text.data[from]);
    } else if (is_unsafe(point)) {
      ms_string_format(&out, point < 256 ? "\\x%02X" : "\\u{%X}", (unsigned)point);
    } else {
      ms_string_add(&out, text.data + from, at - from);
    }
  }
  return ms_string_done(&out);
}

static const char *format_date(ms_context *context, int64_t days) {
  char text[MS_MOMENT_SIZE];
  size_t size = ms_date_format(days, text);
  return ms_scratch_text(context, text, size);
}

static const char *format_time(ms_context *context, int64_t time) {
  char text[MS_MOMENT_SIZE];
  size_t size = ms_time_format(ms_zone_local(ms_context_zone_of(context), time), text);
  return ms_scratch_text(context, text, size);
}

const char *ms_cell_format(ms_context *context, const ms_column *column, int64_t row,
                           ms_number_style style) {
  if (!ms_column_valid(column, row)) return "∅";
  const char *number = NULL;
  switch (column->type) {
    case MS_BOOLEAN: return ms_column_integer(column, row) ? "true" : "false";
    case MS_INTEGER:
      number = ms_scratch_format(context, "%lld", (long long)ms_column_integer(column, row));
      return number && style.thousands ? with_thousands(context, number) : number;
    case MS_REAL: return format_real(context, ms_column_real(column, row), style);
    case MS_DATE: return format_date(context, ms_column_integer(column, row));
    case MS_TIME: return format_time(context, ms_column_integer(column, row));
    case MS_TEXT: break;
  }
  return format_text(context, ms_column_text(column, row));
}

int ms_text_cells(const char *text, bool ambiguous_wide) {
  ms_slice slice = ms_slice_of(text);
  int cells = 0;
  for (size_t at = 0; at < slice.size;) {
    cells += ms_cell_width(ms_utf8_next(slice, &at), ambiguous_wide);
  }
  return cells;
}

const char *ms_text_fit(ms_context *context, const char *text, int cells, bool ambiguous_wide) {
  if (ms_text_cells(text, ambiguous_wide) <= cells) return text;
  ms_slice slice = ms_slice_of(text);
  int dots = ms_cell_width(0x2026, ambiguous_wide), used = 0;
  size_t at = 0, kept = 0;
  while (at < slice.size) {
    used += ms_cell_width(ms_utf8_next(slice, &at), ambiguous_wide);
    if (used > cells - dots) break;
    kept = at;
  }
  return ms_scratch_format(context, "%.*s…", (int)kept, text);
}
