/* Cells of a frame as text for people. */
#ifndef MS_FRAME_CELL_TEXT_H
#define MS_FRAME_CELL_TEXT_H

#include "core/frame/frame.h"

/* How the numbers of a column are written: decided once from the rows shown, so that they line up.
 */
typedef struct {
  int decimals;   /* reals; -1: %g with six digits */
  bool thousands; /* 1,234,567 */
} ms_number_style;

ms_number_style ms_number_style_for(const char *name, const ms_column *column, const int64_t *rows,
                                    size_t count);

/* One cell, in scratch: null is ∅, control characters and bytes that are not UTF-8 are escaped.
 * NULL if memory is short. */
const char *ms_cell_format(ms_context *context, const ms_column *column, int64_t row,
                           ms_number_style style);

/* Terminal cells that a text without control characters takes. */
int ms_text_cells(const char *text, bool ambiguous_wide);
/* The text cut to at most `cells`, with … at the end where something was cut; scratch. */
const char *ms_text_fit(ms_context *context, const char *text, int cells, bool ambiguous_wide);

#endif
