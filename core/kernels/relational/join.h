/* The parts of a join: which rows meet, and the frame that comes of it. */
#ifndef MS_KERNELS_RELATIONAL_JOIN_H
#define MS_KERNELS_RELATIONAL_JOIN_H

#include "core/kernels/relational/join_table.h"

typedef enum {
  MS_JOIN_INNER,
  MS_JOIN_LEFT,
  MS_JOIN_OUTER_RIGHT, /* how = "right" */
  MS_JOIN_FULL,
  MS_JOIN_SEMI,
  MS_JOIN_ANTI,
  MS_JOIN_CROSS
} ms_join_how;

/* Key columns as they were asked for: "id", or "customer_id == id". */
typedef struct {
  size_t count;
  const char **names[2];
  const ms_column **columns[2];
} ms_join_on;

/* Reads the texts of `on`; columns are checked. In scratch. */
ms_status ms_join_on_read(ms_context *context, const char *verb, const ms_frame *const *frames,
                          const ms_names *texts, ms_join_on *out);

/* Rows that meet. Left rows keep their order; the rows behind `matched` are right rows without a left one. */
typedef struct {
  int64_t rows, matched;
  const uint32_t *left;  /* [matched]; NULL: all left rows, each once */
  const uint32_t *right; /* [rows], MS_MISSING: no right row */
  bool many_to_many;     /* a key is there several times on both sides */
} ms_join_match;

/* What is to be found, and the most rows that may come of it. */
typedef struct {
  ms_join_how how;
  int64_t limit_rows; /* 0: 2^25, or ten times the rows of both sides */
  bool watch;         /* find out whether keys repeat on both sides */
} ms_join_wish;

ms_status ms_join_match_rows(ms_context *context, const ms_join_table *table,
                             const ms_join_wish *wish, ms_join_match *out);
/* Left rows that have (semi) or do not have a right row: uint32_t[*count] in scratch. */
uint32_t *ms_join_left_rows(ms_context *context, const ms_join_table *table, bool present,
                            int64_t *count);
/* MS_ELIMIT if so many rows may not be. */
ms_status ms_join_guard(ms_context *context, const ms_join_wish *wish, const int64_t *inputs,
                        int64_t rows);

/* MS_EDATA where keys repeat on a side on which `expect` ("1:1" 0, "1:m" 1, "m:1" 2, "m:m" 3) forbids it. */
ms_status ms_join_expect(ms_context *context, const ms_join_on *on, const int64_t *rows,
                         int expect);

#endif
