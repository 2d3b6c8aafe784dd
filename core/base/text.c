/* Slices, growing text, UTF-8 (through utf8proc). */
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

ms_slice ms_slice_of(const char *text) { return (ms_slice){text, strlen(text)}; }

bool ms_slice_equal(ms_slice a, ms_slice b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int ms_slice_compare(ms_slice a, ms_slice b) {
  size_t size = a.size < b.size ? a.size : b.size;
  int order = size ? memcmp(a.data, b.data, size) : 0;
  if (order) return order;
  return a.size < b.size ? -1 : a.size > b.size;
}

ms_string ms_string_new(ms_context *context) { return (ms_string){.context = context}; }

/* Makes room for `more` bytes and the NUL behind them. */
static bool reserve(ms_string *string, size_t more) {
  if (string->failed) return false;
  size_t need = string->size + more + 1;
  if (need <= string->capacity) return true;
  size_t capacity = need * 2 > 256 ? need * 2 : 256;
  char *data = need < more ? NULL : ms_scratch(string->context, capacity, 1);
  if (!data) {
    string->failed = true;
    return false;
  }
  if (string->size) memcpy(data, string->data, string->size);
  string->data = data;
  string->capacity = capacity;
  return true;
}

void ms_string_add(ms_string *string, const char *data, size_t size) {
  if (!size || !reserve(string, size)) return;
  memcpy(string->data + string->size, data, size);
  string->size += size;
}

void ms_string_text(ms_string *string, const char *text) {
  ms_string_add(string, text, strlen(text));
}

void ms_string_char(ms_string *string, char c, size_t times) {
  if (!reserve(string, times)) return;
  memset(string->data + string->size, c, times);
  string->size += times;
}

void ms_string_format(ms_string *string, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int size = vsnprintf(NULL, 0, format, list);
  va_end(list);
  if (size < 0 || !reserve(string, (size_t)size)) return;
  va_start(list, format);
  (void)vsnprintf(string->data + string->size, (size_t)size + 1, format, list);
  va_end(list);
  string->size += (size_t)size;
}

const char *ms_string_done(ms_string *string) {
  if (!reserve(string, 0)) return NULL;
  string->data[string->size] = 0;
  return string->data;
}

int32_t ms_utf8_next(ms_slice text, size_t *at) {
  unsigned char first = (unsigned char)text.data[*at];
  if (first < 0x80) {
    (*at)++;
    return first;
  }
  utf8proc_int32_t point;
  utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text.data + *at,
                                           (utf8proc_ssize_t)(text.size - *at), &point);
  if (size <= 0) {
    (*at)++;
    return -1;
  }
  *at += (size_t)size;
  return point;
}

size_t ms_utf8_put(char *out, uint32_t point) {
  return (size_t)utf8proc_encode_char((utf8proc_int32_t)point, (utf8proc_uint8_t *)out);
}

size_t ms_utf8_length(ms_slice text) {
  size_t points = 0;
  for (size_t at = 0; at < text.size; points++) (void)ms_utf8_next(text, &at);
  return points;
}

bool ms_utf8_valid(ms_slice text) {
  size_t at = 0;
  /* Eight ASCII bytes at a time. */
  while (at < text.size) {
    uint64_t word;
    while (text.size - at >= sizeof word) {
      memcpy(&word, text.data + at, sizeof word);
      if (word & UINT64_C(0x8080808080808080)) break;
      at += sizeof word;
    }
    if (at < text.size && ms_utf8_next(text, &at) < 0) return false;
  }
  return true;
}

size_t ms_utf8_offset(ms_slice text, size_t n) {
  size_t at = 0;
  for (; n > 0 && at < text.size; n--) (void)ms_utf8_next(text, &at);
  return at;
}

/* The ambiguous characters of UAX #11 that occur in tables and business text. */
static bool ambiguous(int32_t point) {
  static const struct {
    int32_t first, last;
  } ranges[] = {
      {0xA1, 0xA1},     {0xA4, 0xA4},     {0xA7, 0xA8},     {0xAE, 0xAE},     {0xB0, 0xB4},
      {0xB6, 0xBA},     {0xBC, 0xBF},     {0xC6, 0xC6},     {0xD7, 0xD8},     {0xDF, 0xE1},
      {0xE8, 0xEA},     {0xEC, 0xED},     {0xF2, 0xF3},     {0xF7, 0xFA},     {0x391, 0x3C9},
      {0x401, 0x451},   {0x2010, 0x2016}, {0x2018, 0x2019}, {0x201C, 0x201D}, {0x2020, 0x2027},
      {0x2030, 0x2030}, {0x2032, 0x2033}, {0x203B, 0x203B}, {0x20AC, 0x20AC}, {0x2103, 0x2103},
      {0x2160, 0x2179}, {0x2190, 0x2199}, {0x2200, 0x22BF}, {0x2460, 0x24E9}, {0x2500, 0x2573},
      {0x2580, 0x258F}, {0x2592, 0x2595}, {0x25A0, 0x25EF}, {0x2605, 0x2606}, {0x2640, 0x2642}};
  size_t low = 0, high = sizeof ranges / sizeof *ranges;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (point > ranges[middle].last) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < sizeof ranges / sizeof *ranges && point >= ranges[low].first;
}

int ms_cell_width(int32_t point, bool ambiguous_wide) {
  if (point < 0x20 || point == 0x7F) return 0;
  if (point < 0x7F) return 1;
  if (ambiguous_wide && ambiguous(point)) return 2;
  return utf8proc_charwidth(point);
}
