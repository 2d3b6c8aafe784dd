/* Functions of texts. Places and lengths are in code points, from 1; a byte that is not UTF-8 counts as one. */
#include <string.h>

#include "core/expr/functions.h"
#include "core/expr/like.h"

enum { TEXT_MOST = 1 << 28 }; /* bytes of a text that a function may make */

static ms_status too_long(ms_row *row) {
  return ms_fail(row->context, MS_ELIMIT, "the text would have more than %d bytes", TEXT_MOST);
}

/* Room for the result. */
static char *room(ms_row *row, size_t size) { return ms_scratch(row->context, size + 1, 1); }

static ms_status change(ms_row *row, const ms_cell *args, ms_cell *out, ms_letters to) {
  out->text = ms_letters_change(row->context, args[0].text, to);
  return out->text.data ? MS_OK : MS_EMEMORY;
}
static ms_status lower(ms_row *row, const ms_cell *args, ms_cell *out) {
  return change(row, args, out, MS_LETTERS_LOWER);
}
static ms_status upper(ms_row *row, const ms_cell *args, ms_cell *out) {
  return change(row, args, out, MS_LETTERS_UPPER);
}
static ms_status initcap(ms_row *row, const ms_cell *args, ms_cell *out) {
  return change(row, args, out, MS_LETTERS_TITLE);
}

/* ---- trimming ---- */

/* Whether the code point is among those of the set; without a set: white space of Unicode. */
static bool trims(const ms_slice *set, int32_t point) {
  if (!set) {
    return point == ' ' || (point >= 9 && point <= 13) || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000 ||
           point == 0xFEFF;
  }
  for (size_t at = 0; at < set->size;) {
    if (ms_utf8_next(*set, &at) == point) return true;
  }
  return false;
}

static ms_slice trim_left(ms_slice text, const ms_slice *set) {
  size_t at = 0;
  while (at < text.size) {
    size_t next = at;
    if (!trims(set, ms_utf8_next(text, &next))) break;
    at = next;
  }
  return (ms_slice){text.data + at, text.size - at};
}

static ms_slice trim_right(ms_slice text, const ms_slice *set) {
  size_t end = 0;
  for (size_t at = 0; at < text.size;) {
    if (!trims(set, ms_utf8_next(text, &at))) end = at;
  }
  return (ms_slice){text.data, end};
}

static const ms_slice *set_of(const ms_row *row, const ms_cell *args) {
  return row->node->count > 1 ? &args[1].text : NULL;
}
static ms_status trim(ms_row *row, const ms_cell *args, ms_cell *out) {
  const ms_slice *set = set_of(row, args);
  out->text = trim_left(trim_right(args[0].text, set), set);
  return MS_OK;
}
static ms_status ltrim(ms_row *row, const ms_cell *args, ms_cell *out) {
  out->text = trim_left(args[0].text, set_of(row, args));
  return MS_OK;
}
static ms_status rtrim(ms_row *row, const ms_cell *args, ms_cell *out) {
  out->text = trim_right(args[0].text, set_of(row, args));
  return MS_OK;
}

/* ---- lengths and parts ---- */

static ms_status length(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = (int64_t)ms_utf8_length(args[0].text);
  return MS_OK;
}
static ms_status bytes(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = (int64_t)args[0].text.size;
  return MS_OK;
}

/* Code points first … first + count - 1, from 0; what lies outside is left out. */
static ms_slice part(ms_slice text, int64_t first, int64_t count) {
  if (first < 0) {
    count = count > INT64_MAX + first ? INT64_MAX : count + first;
    first = 0;
  }
  if (count <= 0 || (uint64_t)first >= text.size) return (ms_slice){text.data + text.size, 0};
  size_t begin = ms_utf8_offset(text, (size_t)first);
  ms_slice rest = {text.data + begin, text.size - begin};
  size_t size = (uint64_t)count >= rest.size ? rest.size : ms_utf8_offset(rest, (size_t)count);
  return (ms_slice){rest.data, size};
}

static ms_status substr(ms_row *row, const ms_cell *args, ms_cell *out) {
  int64_t start = args[1].integer, count = row->node->count > 2 ? args[2].integer : INT64_MAX;
  if (start < 0) {
    int64_t points = (int64_t)ms_utf8_length(args[0].text);
    start = start < -points ? 0 : points + start; /* before the first: from the first */
  } else if (start > 0) {
    start--;
  }
  out->text = part(args[0].text, start, count);
  return MS_OK;
}

/* left(x, n) and right(x, n); a negative n leaves out that many on the other side. */
static int64_t kept(ms_slice text, int64_t count) {
  int64_t points = (int64_t)ms_utf8_length(text);
  if (count < 0) count = count < -points ? 0 : points + count;
  return count < points ? count : points;
}
static ms_status left(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->text = part(args[0].text, 0, kept(args[0].text, args[1].integer));
  return MS_OK;
}
static ms_status right(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  int64_t points = (int64_t)ms_utf8_length(args[0].text);
  out->text = part(args[0].text, points - kept(args[0].text, args[1].integer), INT64_MAX);
  return MS_OK;
}

/* ---- searching ---- */

/* Offset of `what` at or behind `from`; SIZE_MAX if it is not there. */
static size_t find(ms_slice text, ms_slice what, size_t from) {
  if (what.size > text.size - from) return SIZE_MAX;
  if (what.size == 0) return from;
  const char *found = memmem(text.data + from, text.size - from, what.data, what.size);
  return found ? (size_t)(found - text.data) : SIZE_MAX;
}

static ms_status contains(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  out->integer = find(args[0].text, args[1].text, 0) != SIZE_MAX;
  return MS_OK;
}
static ms_status position(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  size_t at = find(args[0].text, args[1].text, 0);
  out->integer =
      at == SIZE_MAX ? 0 : (int64_t)ms_utf8_length((ms_slice){args[0].text.data, at}) + 1;
  return MS_OK;
}
static ms_status starts_with(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  ms_slice text = args[0].text, what = args[1].text;
  out->integer = text.size >= what.size && memcmp(text.data, what.data, what.size) == 0;
  return MS_OK;
}
static ms_status ends_with(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  ms_slice text = args[0].text, what = args[1].text;
  out->integer = text.size >= what.size &&
                 memcmp(text.data + text.size - what.size, what.data, what.size) == 0;
  return MS_OK;
}

/* ---- making ---- */

static ms_status replace(ms_row *row, const ms_cell *args, ms_cell *out) {
  ms_slice text = args[0].text, what = args[1].text, with = args[2].text;
  out->text = text;
  if (what.size == 0) return MS_OK;
  size_t found = 0;
  for (size_t at = 0; (at = find(text, what, at)) != SIZE_MAX; at += what.size) found++;
  if (!found) return MS_OK;
  size_t size = text.size - found * what.size, added;
  if (__builtin_mul_overflow(found, with.size, &added) || size + added > TEXT_MOST)
    return too_long(row);
  char *data = room(row, size + added), *to = data;
  if (!data) return MS_EMEMORY;
  for (size_t at = 0;;) {
    size_t next = find(text, what, at), end = next == SIZE_MAX ? text.size : next;
    memcpy(to, text.data + at, end - at);
    to += end - at;
    if (next == SIZE_MAX) break;
    memcpy(to, with.data, with.size);
    to += with.size;
    at = next + what.size;
  }
  out->text = (ms_slice){data, (size_t)(to - data)};
  return MS_OK;
}

static ms_status repeat(ms_row *row, const ms_cell *args, ms_cell *out) {
  ms_slice text = args[0].text;
  int64_t times = args[1].integer < 0 ? 0 : args[1].integer;
  size_t size;
  if (__builtin_mul_overflow(text.size, (size_t)times, &size) || size > TEXT_MOST)
    return too_long(row);
  char *data = room(row, size);
  if (!data) return MS_EMEMORY;
  for (size_t at = 0; at < size; at += text.size) memcpy(data + at, text.data, text.size);
  out->text = (ms_slice){data, size};
  return MS_OK;
}

static ms_status reverse(ms_row *row, const ms_cell *args, ms_cell *out) {
  ms_slice text = args[0].text;
  char *data = room(row, text.size);
  if (!data) return MS_EMEMORY;
  for (size_t at = 0; at < text.size;) {
    size_t from = at;
    (void)ms_utf8_next(text, &at);
    memcpy(data + (text.size - at), text.data + from, at - from);
  }
  out->text = (ms_slice){data, text.size};
  return MS_OK;
}

/* To `count` code points with the fill in front or behind; longer texts are cut. */
static ms_status pad(ms_row *row, const ms_cell *args, ms_cell *out, bool front) {
  ms_slice text = args[0].text, fill = row->node->count > 2 ? args[2].text : (ms_slice){" ", 1};
  int64_t points = (int64_t)ms_utf8_length(text), count = args[1].integer;
  out->text = part(text, 0, count);
  if (points >= count || fill.size == 0) return MS_OK;
  size_t missing = (size_t)(count - points), each = ms_utf8_length(fill), size;
  if (__builtin_mul_overflow(missing / each + 1, fill.size, &size) || size > TEXT_MOST)
    return too_long(row);
  char *data = room(row, size + text.size), *to = data;
  if (!data) return MS_EMEMORY;
  if (!front) {
    memcpy(to, text.data, text.size);
    to += text.size;
  }
  for (; missing >= each; missing -= each, to += fill.size) memcpy(to, fill.data, fill.size);
  size_t rest = ms_utf8_offset(fill, missing);
  memcpy(to, fill.data, missing ? rest : 0);
  to += missing ? rest : 0;
  if (front) {
    memcpy(to, text.data, text.size);
    to += text.size;
  }
  out->text = (ms_slice){data, (size_t)(to - data)};
  return MS_OK;
}
static ms_status lpad(ms_row *row, const ms_cell *args, ms_cell *out) {
  return pad(row, args, out, true);
}
static ms_status rpad(ms_row *row, const ms_cell *args, ms_cell *out) {
  return pad(row, args, out, false);
}

/* Nulls are left out. */
static ms_status concat(ms_row *row, const ms_cell *args, ms_cell *out) {
  size_t size = 0;
  for (size_t i = 0; i < row->node->count; i++) size += args[i].null ? 0 : args[i].text.size;
  if (size > TEXT_MOST) return too_long(row);
  char *data = room(row, size), *to = data;
  if (!data) return MS_EMEMORY;
  for (size_t i = 0; i < row->node->count; i++) {
    if (args[i].null) continue;
    memcpy(to, args[i].text.data, args[i].text.size);
    to += args[i].text.size;
  }
  out->text = (ms_slice){data, size};
  return MS_OK;
}

/* The n-th part between separators, from 1; from the end where n is negative; null where there is none. */
static ms_status split_part(ms_row *row, const ms_cell *args, ms_cell *out) {
  (void)row;
  ms_slice text = args[0].text, separator = args[1].text;
  int64_t wanted = args[2].integer, parts = 1;
  for (size_t at = 0; separator.size && (at = find(text, separator, at)) != SIZE_MAX;
       at += separator.size)
    parts++;
  if (wanted < 0) wanted += parts + 1;
  out->null = wanted < 1 || wanted > parts;
  size_t from = 0;
  for (int64_t i = 1; !out->null; i++) {
    size_t next = separator.size ? find(text, separator, from) : SIZE_MAX;
    size_t end = next == SIZE_MAX ? text.size : next;
    if (i == wanted) {
      out->text = (ms_slice){text.data + from, end - from};
      break;
    }
    from = end + separator.size;
  }
  return MS_OK;
}

#define TEXT(NAME, TYPES, RESULT, FUNCTION, SIGNATURE, BRIEF)                                      \
  {                                                                                                \
    .name = NAME, .types = TYPES, .result = RESULT, .cost = 20, .row = FUNCTION,                   \
    .signature = SIGNATURE, .brief = BRIEF                                                         \
  }

static const ms_function functions[] = {
    TEXT("lower", "t", 't', lower, "lower(text)", "small letters, for all of Unicode"),
    TEXT("upper", "t", 't', upper, "upper(text)", "capital letters, for all of Unicode"),
    TEXT("initcap", "t", 't', initcap, "initcap(text)",
         "each word with a capital letter, the rest small"),
    TEXT("trim", "t[t", 't', trim, "trim(text[, characters])",
         "without white space (or those characters) at both ends"),
    TEXT("ltrim", "t[t", 't', ltrim, "ltrim(text[, characters])", "as trim, in front"),
    TEXT("rtrim", "t[t", 't', rtrim, "rtrim(text[, characters])", "as trim, behind"),
    TEXT("length", "t", 'i', length, "length(text)", "number of characters (code points)"),
    TEXT("bytes", "t", 'i', bytes, "bytes(text)", "number of bytes in UTF-8"),
    TEXT("substr", "ti[i", 't', substr, "substr(text, start[, count])",
         "characters from a place on, the first being 1; -1 is the last"),
    TEXT("left", "ti", 't', left, "left(text, n)",
         "the first n characters; all but the last n where n is negative"),
    TEXT("right", "ti", 't', right, "right(text, n)",
         "the last n characters; all but the first n where n is negative"),
    TEXT("position", "tt", 'i', position, "position(text, part)",
         "place of the first occurrence from 1; 0: none"),
    TEXT("contains", "tt", 'b', contains, "contains(text, part)", "whether the part occurs"),
    TEXT("starts_with", "tt", 'b', starts_with, "starts_with(text, part)", "whether it begins so"),
    TEXT("ends_with", "tt", 'b', ends_with, "ends_with(text, part)", "whether it ends so"),
    {.name = "replace",
     .types = "ttt",
     .result = 't',
     .cost = 20,
     .fails = true,
     .row = replace,
     .signature = "replace(text, part, with)",
     .brief = "with each occurrence of the part replaced"},
    {.name = "repeat",
     .types = "ti",
     .result = 't',
     .cost = 20,
     .fails = true,
     .row = repeat,
     .signature = "repeat(text, n)",
     .brief = "the text n times"},
    TEXT("reverse", "t", 't', reverse, "reverse(text)", "characters in reverse order"),
    {.name = "lpad",
     .types = "ti[t",
     .result = 't',
     .cost = 20,
     .fails = true,
     .row = lpad,
     .signature = "lpad(text, n[, fill])",
     .brief = "made n characters long with the fill in front, or cut"},
    {.name = "rpad",
     .types = "ti[t",
     .result = 't',
     .cost = 20,
     .fails = true,
     .row = rpad,
     .signature = "rpad(text, n[, fill])",
     .brief = "made n characters long with the fill behind, or cut"},
    {.name = "concat",
     .types = "t+",
     .result = 't',
     .cost = 20,
     .fails = true,
     .nulls = true,
     .row = concat,
     .signature = "concat(text, …)",
     .brief = "all texts joined; null counts as empty"},
    TEXT("split_part", "tti", 't', split_part, "split_part(text, separator, n)",
         "the n-th part, from 1, or from the end where n is negative; null: none")};
const ms_function_group_table ms_functions_text = {"text", functions,
                                                   sizeof functions / sizeof *functions};
