/* The values of some rows on their way into a frame: what sqlite_part.c fills and sqlite_frame.c joins. */
#ifndef MS_IO_SQLITE_PART_H
#define MS_IO_SQLITE_PART_H

#include "core/io/sqlite.h"

/* What stands in a cell. */
enum { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT, CELL_CLASSES };

typedef struct {
  int64_t *values;  /* integers; reals by their bits; texts by their code in `intern` */
  uint8_t *classes; /* CELL_… */
  ms_intern *intern;
  bool plain; /* nearly all texts differ: they are appended, not looked for */
  int64_t texts, mismatches;
  int64_t mismatch_rowid; /* of the first one read as null; -1: unknown */
  unsigned seen;          /* bit 1 << CELL_… of each class that was found */
  int64_t low, high;      /* of the integers; low > high where there is none */
} ms_cells;

struct ms_part {
  int64_t rows, capacity;
  size_t count;
  ms_cells *columns;
  const ms_sqlite_plan *plan;
};

#endif
