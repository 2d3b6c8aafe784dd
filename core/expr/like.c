/* Matching of `like` with one point of return, the last %; and case by utf8proc's tables. */
#include "core/expr/like.h"

#include <string.h>
#include <utf8proc.h>

/* Bytes of the character at `at`; a byte that is not UTF-8 is a character. */
static size_t width(ms_slice text, size_t at) {
  size_t next = at;
  (void)ms_utf8_next(text, &next);
  return next - at;
}

bool ms_like(ms_slice text, ms_slice pattern, int32_t escape) {
  size_t t = 0, p = 0, back_t = 0, back_p = SIZE_MAX;
  for (;;) {
    if (p < pattern.size) {
      size_t from = p;
      int32_t point = ms_utf8_next(pattern, &p);
      bool literal = escape >= 0 && point == escape && p < pattern.size;
      if (literal) {
        from = p;
        point = ms_utf8_next(pattern, &p);
      }
      if (point == '%' && !literal) {
        back_p = p;
        back_t = t;
        continue;
      }
      size_t size = p - from;
      if (t < text.size && point == '_' && !literal) {
        t += width(text, t);
        continue;
      }
      if (text.size - t >= size && memcmp(text.data + t, pattern.data + from, size) == 0) {
        t += size;
        continue;
      }
    } else if (t == text.size) {
      return true;
    }
    if (back_p == SIZE_MAX || back_t >= text.size) return false;
    back_t += width(text, back_t);
    t = back_t;
    p = back_p;
  }
}

static int32_t change(int32_t point, ms_letters to, bool first) {
  if (to == MS_LETTERS_UPPER || (to == MS_LETTERS_TITLE && first)) {
    return to == MS_LETTERS_UPPER ? utf8proc_toupper(point) : utf8proc_totitle(point);
  }
  return utf8proc_tolower(point);
}

static bool is_letter(int32_t point) {
  if (point < 128) return (unsigned)((point | 32) - 'a') < 26 || (unsigned)(point - '0') < 10;
  utf8proc_category_t category = utf8proc_category(point);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

ms_slice ms_letters_change(ms_context *context, ms_slice text, ms_letters to) {
  /* A letter grows at most from two bytes to three. */
  char *out = ms_scratch(context, text.size * 3 / 2 + 4, 1);
  size_t size = 0;
  bool first = true;
  if (!out) return (ms_slice){NULL, 0};
  for (size_t at = 0; at < text.size;) {
    size_t from = at;
    int32_t point = ms_utf8_next(text, &at);
    if (point < 0) {
      out[size++] = text.data[from];
      first = true;
    } else {
      size += ms_utf8_put(out + size, (uint32_t)change(point, to, first));
      first = !is_letter(point);
    }
  }
  return (ms_slice){out, size};
}
