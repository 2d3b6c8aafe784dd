/* Values as text that reads back as the same value; a buffer to write it to. */
#ifndef MS_IO_TEXT_OUT_H
#define MS_IO_TEXT_OUT_H

#include "core/base/zone.h"
#include "core/frame/frame.h"

/* Bytes that grow in account memory. After a failed allocation further additions do nothing. */
typedef struct {
  ms_memory *memory;
  char *data;
  size_t size, room;
  bool failed;
} ms_out;

/* Makes room for `more` bytes; false where memory is short. */
bool ms_out_room(ms_out *out, size_t more);
void ms_out_bytes(ms_out *out, const char *data, size_t size);
static inline void ms_out_char(ms_out *out, char c) {
  if (out->size < out->room || ms_out_room(out, 1)) out->data[out->size++] = c;
}

void ms_out_integer(ms_out *out, int64_t value);
/* The shortest decimal number that reads back as the same double; with a point or an exponent, so that it
 * reads back as a real. NaN, inf, -inf as such. */
void ms_out_real(ms_out *out, double value);
/* 2024-01-31 */
void ms_out_date(ms_out *out, int64_t days);
/* 2024-01-31 12:30:00, with T instead of the blank if `iso`; fractions of seconds as far as there are any. UTC
 * (marked Z if `iso`) where the zone is NULL, otherwise as the zone's walls show it, with the offset. */
void ms_out_time(ms_out *out, int64_t micros, const ms_zone *zone, bool iso);

#endif
