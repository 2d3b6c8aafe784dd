/* Expressions: text, checked against a frame when the verb is called, evaluated in blocks.
 *
 * What can be computed a row at a time is computed here. Aggregates and windows are found here and
 * described as calls; the relational kernels compute each into a column, and the rest of the
 * expression is evaluated over the frame with these columns added. So this folder knows nothing of
 * groups and sorting.
 *
 * Every function that fails has written an error with the caret's place; the verb stands in front
 * of its text. What these functions give lives until the call ends (scratch); columns are the
 * caller's. */
#ifndef MS_EXPR_EXPR_H
#define MS_EXPR_EXPR_H

#include "core/frame/kernel.h"

typedef struct ms_expression ms_expression;

/* What an expression is checked against. */
typedef struct {
  const char *verb;       /* stands in front of errors */
  const ms_frame *rows;   /* columns that a row-wise expression sees; it may have no rows */
  const ms_frame *groups; /* aggregation: columns outside of aggregates (keys, earlier definitions),
                             without rows; NULL elsewhere */
  const ms_options *given; /* parameters "@name"; may be NULL */
  bool calls; /* aggregates and windows allowed (with groups NULL a bare aggregate means
                 `over ()`); otherwise they are an error */
} ms_scope;

/* Aggregates and window functions. */
typedef enum {
  MS_CALL_COUNT, /* count(): rows; count(x): values */
  MS_CALL_COUNT_DISTINCT,
  MS_CALL_SUM,   /* null for no value; integer stays integer and overflow is an error */
  MS_CALL_TOTAL, /* 0.0 for no value */
  MS_CALL_MEAN,
  MS_CALL_MIN,
  MS_CALL_MAX,
  MS_CALL_FIRST,
  MS_CALL_LAST,
  MS_CALL_MEDIAN,
  MS_CALL_QUANTILE, /* parameter: 0 … 1; type 7 */
  MS_CALL_VARIANCE,
  MS_CALL_DEVIATION,
  MS_CALL_CORRELATION,
  MS_CALL_ANY, /* boolean */
  MS_CALL_ALL,
  /* windows only */
  MS_CALL_ROW_NUMBER,
  MS_CALL_RANK,
  MS_CALL_DENSE_RANK,
  MS_CALL_PERCENT_RANK,
  MS_CALL_CUME_DIST,
  MS_CALL_NTILE, /* parameter: number of tiles */
  MS_CALL_LAG,   /* parameter: distance; second argument: a constant default */
  MS_CALL_LEAD,
  MS_CALL_CUMSUM
} ms_call_id;

typedef struct {
  const ms_expression *value;
  bool descending, nulls_first;
} ms_order;

typedef struct {
  ms_call_id id;
  const char *name;                  /* as written, for errors */
  const ms_expression *arguments[2]; /* row-wise, over scope.rows; NULL where absent */
  const ms_expression *where;        /* aggregates: only rows where it is true; NULL: all */
  double parameter;
  bool window; /* has (or means) `over` */
  size_t partitions, orders;
  const ms_expression *const *partition;
  const ms_order *order;
  /* `rows between A preceding and B following`: bounds as offsets from the row, INT64_MIN /
   * INT64_MAX for unbounded. Without a frame clause: the whole partition if there is no order,
   * otherwise from its start to the row and its peers (SQL's default), with `peers` true. */
  int64_t frame_first, frame_last;
  bool peers;
  ms_type type; /* of the result */
  const char
      *column; /* name under which the result is expected in the frame that is evaluated: "#0", … */
  size_t begin, end; /* place in the source, for errors */
} ms_call;

/* Parses and checks the text. NULL with an error. Call columns are numbered from scope-wide
 * *next_call. */
ms_expression *ms_expression_new(ms_context *context, const ms_scope *scope, const char *text,
                                 size_t *next_call);
ms_type ms_expression_type(const ms_expression *expression);
/* Whether it is just this column of the scope (its name) or a constant; for short cuts. NULL if
 * not. */
const char *ms_expression_is_column(const ms_expression *expression);
/* The calls within it, to be computed and added as columns before it is evaluated. */
size_t ms_expression_calls(const ms_expression *expression, const ms_call *const **calls);
/* Writes the caret's place of the expression into the error just written. */
void ms_expression_blame(ms_context *context, const ms_expression *expression);

/* A definition "name = expression" split: *name (scratch) and the expression's text within
 * `definition`. Without "name =" the name is the column's if the text is a lone column, otherwise
 * the text itself, trimmed. */
ms_status ms_definition_split(ms_context *context, const ms_scope *scope, const char *definition,
                              const char **name, const char **text);

/* Values for every row of `frame`, which has the columns of the scope (and those of the calls), by
 * name. Threads; same bits for any number and block size. A lone column is shared, not copied. */
ms_column *ms_expression_column(ms_context *context, const ms_expression *expression,
                                const ms_frame *frame);
/* Indexes of the rows where a boolean expression is true: uint32_t[*count] in scratch, ascending.
 */
uint32_t *ms_expression_rows(ms_context *context, const ms_expression *expression,
                             const ms_frame *frame, int64_t *count);

/* ---- a block at a time, for kernels that fuse ---- */

/* Values of some rows. Integer-like types in `integers`, reals in `reals`, text as codes into
 * `dictionary` (possibly not distinct). valid[i] is 1 or 0; NULL where all are valid. */
typedef struct {
  ms_type type;
  int64_t count;
  const uint8_t *valid;
  const int64_t *integers;
  const double *reals;
  const uint32_t *codes;
  const ms_dictionary *dictionary;
} ms_vector;

/* Ready to be evaluated over `frame`; prepared once by the caller, then used by many workers. */
typedef struct ms_evaluation ms_evaluation;
ms_evaluation *ms_evaluation_new(ms_context *context, const ms_expression *expression,
                                 const ms_frame *frame);
/* Rows first … first + count - 1 (count ≤ the block size). The vector is in the worker's scratch. A
 * text vector's dictionary may differ from block to block unless ms_evaluation_dictionary gives
 * one. */
ms_status ms_evaluation_block(ms_context *worker, const ms_evaluation *evaluation, int64_t first,
                              int64_t count, ms_vector *out);
/* The dictionary of all blocks of a text expression; NULL where each block has its own. */
const ms_dictionary *ms_evaluation_dictionary(const ms_evaluation *evaluation);

#endif
