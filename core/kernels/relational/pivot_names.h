/* Values as names of columns. */
#ifndef MS_KERNELS_RELATIONAL_PIVOT_NAMES_H
#define MS_KERNELS_RELATIONAL_PIVOT_NAMES_H

#include "core/frame/frame.h"

/* The value as text that reads back to the same value: text as it is, reals with the fewest digits, null as "null".
 * In scratch, terminated; NULL where memory is short. */
const char *ms_value_name(ms_context *context, const ms_column *column, int64_t row);

#endif
