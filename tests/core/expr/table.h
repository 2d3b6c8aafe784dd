/* Tables of expressions with what they give: the files of tests/expressions. */
#ifndef MS_TEST_EXPR_TABLE_H
#define MS_TEST_EXPR_TABLE_H

#include "core/expr/expr.h"

/* Reads a file of lines
 *   @ name type value value …           a column; the first such line after another line begins a new frame
 *   $ name type value …                 a parameter, a list where there are more values or none
 *   zone NAME                           the session's zone
 *   expression => type value value …    for every row
 *   expression !! CODE 'blamed' text // hint
 * where values are null, true, 12, 1.5, 'text', 2024-01-31, 2024-01-31T10:00:00Z; # begins a comment.
 * Runs each expression over the frame as it is and over the frame repeated `copies` times. Gives the number of
 * lines that fail, having printed each. */
int table_run(ms_context *context, const char *path, int copies);

#endif
