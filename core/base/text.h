/* Slices of bytes, growing text in scratch, and UTF-8. */
#ifndef MS_BASE_TEXT_H
#define MS_BASE_TEXT_H

#include "core/base/context.h"

/* Bytes that somebody else owns; not terminated. */
typedef struct {
  const char *data;
  size_t size;
} ms_slice;

ms_slice ms_slice_of(const char *text);
bool ms_slice_equal(ms_slice a, ms_slice b);
/* Order of the bytes, the shorter first: <0, 0, >0. */
int ms_slice_compare(ms_slice a, ms_slice b);

/* Text that grows in scratch. After a failed allocation further additions do nothing, and
 * ms_string_done gives NULL. */
typedef struct {
  ms_context *context;
  char *data;
  size_t size, capacity;
  bool failed;
} ms_string;
ms_string ms_string_new(ms_context *context);
void ms_string_add(ms_string *string, const char *data, size_t size);
void ms_string_text(ms_string *string, const char *text);
void ms_string_char(ms_string *string, char c, size_t times);
void ms_string_format(ms_string *string, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The text with a NUL behind, or NULL with MS_EMEMORY. */
const char *ms_string_done(ms_string *string);

/* The code point at *at (moved behind it), or -1 for a byte that is not UTF-8 (moved by one). */
int32_t ms_utf8_next(ms_slice text, size_t *at);
/* Writes the code point, at most 4 bytes; gives the number of bytes. */
size_t ms_utf8_put(char *out, uint32_t point);
/* Code points; a byte that is not UTF-8 counts as one. */
size_t ms_utf8_length(ms_slice text);
bool ms_utf8_valid(ms_slice text);
/* Offset of code point n (from 0), or the size where there are fewer. */
size_t ms_utf8_offset(ms_slice text, size_t n);
/* Terminal cells of a code point: 0, 1 or 2 (UAX #11; ambiguous ones as told). */
int ms_cell_width(int32_t point, bool ambiguous_wide);

#endif
