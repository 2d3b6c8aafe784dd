/* What the files share that write conditions in SQL. */
#ifndef MS_IO_SQLITE_PUSH_H
#define MS_IO_SQLITE_PUSH_H

#include "core/io/sqlite.h"

/* A filter on its way into SQL. */
typedef struct {
  ms_context *context;
  const char *where;       /* the expression; NULL: none */
  const ms_frame *rows;    /* what it is checked against */
  const ms_options *given; /* its parameters */
  ms_names columns;        /* pairs: name in the frame, name in the table */
  const ms_sqlite_table *table;
  const ms_sqlite_kind *kinds; /* of the table's columns, overrides laid over */
  bool *used;                  /* of the table's columns: those that matter */
  ms_options *out;             /* constants as parameters; NULL: literals */
  int parts;                   /* tried so far */
  bool exact;
} ms_push;

/* The filter's condition in SQL, in scratch; NULL without an error where nothing of it can be pushed. */
const char *ms_push_condition(ms_push *push);
/* Whether a column's stored values compare in SQLite as what they are read as, once they are checked. */
bool ms_push_comparable(ms_sqlite_kind kind);

#endif
