/* Numbers as text: exact parsing, shortest writing. None depends on the locale. */
#ifndef MS_BASE_NUMBER_H
#define MS_BASE_NUMBER_H

#include "core/base/text.h"

/* Bytes that any written number fits in, with a NUL behind. */
enum { MS_NUMBER_SIZE = 32 };

/* The whole slice as [+-]digits; false where it is something else or does not fit. */
bool ms_integer_parse(ms_slice text, int64_t *out);
/* The whole slice as a decimal number: [+-]digits[.digits][e[+-]digits], with digits on at least one
 * side of the point. The nearest double (ties to even); false where it is something else or too
 * large for a double. No blanks, no hexadecimals, no words. */
bool ms_real_parse(ms_slice text, double *out);
/* As ms_real_parse, and nan, inf and infinity in any case, with a sign. */
bool ms_real_parse_special(ms_slice text, double *out);

/* Write with a NUL behind; give the number of bytes before it. */
size_t ms_integer_format(int64_t value, char out[static MS_NUMBER_SIZE]);
/* The fewest digits (of at least 15 tried first, then 16, 17) that read back as the same double; no
 * point where there is no fraction; nan, inf, -inf. */
size_t ms_real_format(double value, char out[static MS_NUMBER_SIZE]);

#endif
