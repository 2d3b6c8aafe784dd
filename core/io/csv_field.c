/* What a single field is: the lowest kind that holds it without loss, and its value. The columns' own
 * loops take the common forms; whatever they do not know comes here, so this file decides. */
#include "core/io/csv.h"

#include <math.h>
#include <string.h>

#include "core/io/csv_dress.h"
#include "core/io/csv_number.h"
#include "core/io/csv_when.h"

static bool blank(char c) { return c == ' ' || c == '\t'; }

static ms_slice trimmed(ms_slice text) {
  while (text.size > 0 && blank(text.data[0])) {
    text.data++;
    text.size--;
  }
  while (text.size > 0 && blank(text.data[text.size - 1])) text.size--;
  return text;
}

bool ms_csv_is_null(const ms_csv_rules *rules, ms_slice text, bool quoted) {
  if (quoted) return false;
  if (text.size == 0) return true;
  for (size_t i = 0; i < rules->nulls.count; i++) {
    if (ms_slice_equal(text, ms_slice_of(rules->nulls.items[i]))) return true;
  }
  return false;
}

static bool word(ms_slice text, const char *wanted) {
  size_t i = 0;
  while (i < text.size && wanted[i] && (text.data[i] | 0x20) == wanted[i]) i++;
  return i == text.size && !wanted[i];
}

/* Doubles of this size and above may not be cast back. */
static const int64_t limit = INT64_C(1) << 62;

static ms_csv_value number(ms_slice text) {
  ms_csv_value value = {.kind = MS_CSV_TEXT};
  if (ms_csv_integer(text, &value.integer)) {
    value.kind = (int64_t)(double)value.integer == value.integer && value.integer > -limit &&
                         value.integer < limit
                     ? MS_CSV_INTEGER
                     : MS_CSV_WHOLE;
  } else if (ms_csv_real(text, &value.real)) {
    value.kind = MS_CSV_REAL;
  }
  return value;
}

/* By the formats that the caller gave. */
static bool by_format(const ms_csv_rules *rules, ms_slice text, ms_csv_value *value) {
  for (size_t i = 0; i < rules->formats.count; i++) {
    bool time = false;
    if (ms_csv_when_format(rules->context, text, rules->formats.items[i], &value->integer, &time)) {
      value->kind = time ? MS_CSV_TIME : MS_CSV_DATE;
      return true;
    }
  }
  return false;
}

ms_csv_value ms_csv_field(const ms_csv_rules *rules, ms_slice raw, bool quoted) {
  ms_csv_value value = {.kind = MS_CSV_NULLS};
  if (ms_csv_is_null(rules, raw, quoted)) return value;
  ms_slice text = trimmed(raw);
  if (text.size == 0) return value;
  if (by_format(rules, text, &value)) return value;
  if (word(text, "true") || word(text, "false")) {
    value.kind = MS_CSV_BOOLEAN;
    value.integer = text.size == 4;
    return value;
  }
  char room[MS_CSV_DRESS_MOST];
  ms_slice bare = rules->dressed ? ms_csv_undress(rules, text, room) : text;
  value = number(bare);
  bool time = false;
  if (value.kind == MS_CSV_TEXT && ms_csv_when(rules->context, text, &value.integer, &time))
    value.kind = time ? MS_CSV_TIME : MS_CSV_DATE;
  return value;
}

ms_csv_kind ms_csv_join(ms_csv_kind a, ms_csv_kind b) {
  if (a > b) {
    ms_csv_kind other = a;
    a = b;
    b = other;
  }
  if (a == b || a == MS_CSV_NULLS) return b == MS_CSV_WHOLE ? MS_CSV_INTEGER : b;
  if (a == MS_CSV_INTEGER && (b == MS_CSV_WHOLE || b == MS_CSV_REAL))
    return b == MS_CSV_WHOLE ? MS_CSV_INTEGER : b;
  if (a == MS_CSV_DATE && b == MS_CSV_TIME) return b;
  return MS_CSV_TEXT;
}

ms_type ms_csv_type(ms_csv_kind kind) {
  switch (kind) {
    case MS_CSV_BOOLEAN: return MS_BOOLEAN;
    case MS_CSV_INTEGER:
    case MS_CSV_WHOLE: return MS_INTEGER;
    case MS_CSV_REAL: return MS_REAL;
    case MS_CSV_DATE: return MS_DATE;
    case MS_CSV_TIME: return MS_TIME;
    case MS_CSV_NULLS:
    case MS_CSV_TEXT: return MS_TEXT;
  }
  return MS_TEXT;
}

bool ms_csv_convert(const ms_csv_rules *rules, ms_csv_value *value, ms_csv_kind wanted) {
  if (value->kind == wanted) return true;
  if (wanted == MS_CSV_INTEGER && value->kind == MS_CSV_WHOLE) return true;
  if (wanted == MS_CSV_REAL && value->kind == MS_CSV_INTEGER) {
    value->real = (double)value->integer;
    return true;
  }
  if (wanted == MS_CSV_TIME && value->kind == MS_CSV_DATE) {
    value->integer = ms_csv_midnight(rules->context, value->integer);
    return true;
  }
  return false;
}

/* What a caller who named the type may mean beside what is found by itself. */
bool ms_csv_force(const ms_csv_rules *rules, ms_slice raw, ms_csv_kind wanted,
                  ms_csv_value *value) {
  if (ms_csv_convert(rules, value, wanted)) return true;
  char room[MS_CSV_DRESS_MOST];
  ms_slice text = trimmed(raw);
  if (rules->dressed) text = ms_csv_undress(rules, text, room);
  if (wanted == MS_CSV_BOOLEAN && text.size == 1 && (text.data[0] == '0' || text.data[0] == '1')) {
    value->integer = text.data[0] == '1';
    return true;
  }
  bool negative = text.size > 1 && text.data[0] == '-';
  size_t sign = negative || (text.size > 1 && text.data[0] == '+'), zeros = sign;
  while (zeros + 1 < text.size && text.data[zeros] == '0' && ms_csv_digit(text.data[zeros + 1]))
    zeros++;
  ms_slice bare = {text.data + zeros, text.size - zeros};
  if (bare.size == 0 || bare.data[0] == '-' || bare.data[0] == '+') return false;
  if (wanted == MS_CSV_INTEGER && ms_csv_integer(bare, &value->integer)) {
    value->integer = negative ? -value->integer : value->integer;
    return true;
  }
  if (wanted == MS_CSV_REAL &&
      (value->kind == MS_CSV_WHOLE || ms_csv_decimal(bare, &value->real))) {
    if (value->kind == MS_CSV_WHOLE)
      value->real = (double)value->integer;
    else
      value->real = negative ? -value->real : value->real;
    return true;
  }
  if (wanted == MS_CSV_DATE && text.size == 8 && ms_csv_compact(text, &value->integer)) return true;
  return false;
}

ms_slice ms_csv_unquote(const ms_csv_dialect *dialect, ms_slice raw, char *room, bool *quoted) {
  char quote = dialect->quote;
  *quoted = dialect->quoting && raw.size >= 2 && raw.data[0] == quote;
  if (!*quoted) return raw;
  ms_slice inner = {raw.data + 1, raw.size - 2};
  const char *at = inner.size ? memchr(inner.data, quote, inner.size) : NULL;
  if (!at) return inner;
  size_t used = 0, from = 0;
  while (at) {
    size_t upto = (size_t)(at - inner.data) + 1; /* one of the two quotes */
    memcpy(room + used, inner.data + from, upto - from);
    used += upto - from;
    from = upto + 1;
    at = from < inner.size ? memchr(inner.data + from, quote, inner.size - from) : NULL;
  }
  if (from < inner.size) {
    memcpy(room + used, inner.data + from, inner.size - from);
    used += inner.size - from;
  }
  return (ms_slice){room, used};
}
