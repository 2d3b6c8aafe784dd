/* What the measures of a model start from: rows with a known outcome and a score, in descending order of the score. */
#ifndef MS_STATS_SCORED_H
#define MS_STATS_SCORED_H

#include "core/frame/kernel.h"

typedef struct {
  const char *target, *score, *event, *weights; /* event, weights: may be NULL */
} ms_scored_request;

/* Arrays in scratch, an item a row that is used. Rows of equal score stand in the order of the frame; no result may
 * depend on that order: it is the groups of equal scores that count. */
typedef struct {
  int64_t rows;
  const double *score; /* descending, no NaN, may be infinite */
  const double *event; /* 1 or 0 */
  const double *weight;
  bool weighted;
  double total, events; /* sums of weights: of all rows, of events */
} ms_scored;

/* Rows without outcome, score or weight (null, NaN, weight 0) are left out, with a warning that counts them.
 * The event is `event`, else the last of the two values: true, the greater number, the later text; of one value only:
 * true or 1 are the event, false and 0 are none, of other values it must be named. Errors: columns unknown or of other
 * types, negative or infinite weights, more than two values while no event is named (MS_EDATA). O(n log n). */
ms_status ms_scored_read(ms_context *context, const char *kernel, const ms_frame *frame,
                         const ms_scored_request *request, ms_scored *out);

/* The group of equal scores that begins at `first`: its end; its weight and that of its events. */
typedef struct {
  int64_t end;
  double weight, events;
} ms_tied;
ms_tied ms_scored_group(const ms_scored *scored, int64_t first);

/* A table of figures: names and types of its columns, ended by {0}; a cell (NaN gives null). */
typedef struct {
  const char *name;
  ms_type type;
} ms_figure;
ms_builder *ms_figures_new(ms_context *context, const ms_figure *figures);
void ms_figures_row(ms_builder *builder, const ms_figure *figures, const double *values);

/* The options that the measures of classes share; T is the options struct. */
#define MS_SCORED_OPTIONS(T)                                                                       \
  {.name = "target",                                                                               \
   .type = MS_OPTION_COLUMN,                                                                       \
   .required = true,                                                                               \
   .brief = "column of what happened, with two values; or more if the event is named",             \
   .offset = offsetof(T, scored.target)},                                                          \
      {.name = "score",                                                                            \
       .type = MS_OPTION_COLUMN,                                                                   \
       .fallback = "probability",                                                                  \
       .brief = "column of the score; greater where the event is more likely",                     \
       .offset = offsetof(T, scored.score)},                                                       \
      {.name = "event",                                                                            \
       .type = MS_OPTION_TEXT,                                                                     \
       .brief = "value of the target that is the event; none: the last of two",                    \
       .offset = offsetof(T, scored.event)},                                                       \
  {                                                                                                \
    .name = "weights", .type = MS_OPTION_COLUMN, .brief = "column of weights of the rows",         \
    .offset = offsetof(T, scored.weights)                                                          \
  }

#endif
