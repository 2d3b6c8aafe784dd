/* What the files that write to a database share. */
#ifndef MS_IO_SQLITE_WRITE_H
#define MS_IO_SQLITE_WRITE_H

#include "core/io/sqlite.h"

typedef enum { MS_WRITE_CREATE, MS_WRITE_APPEND, MS_WRITE_REPLACE, MS_WRITE_UPSERT } ms_write_mode;

typedef struct {
  ms_database *database;
  const char *name; /* of the table */
  const ms_frame *frame;
  ms_write_mode mode;
  ms_names key;
} ms_table_write;

/* Makes the table ready within the running transaction: creates, empties, drops and creates, or checks that
 * the frame fits. */
ms_status ms_table_prepare(ms_context *context, const ms_table_write *write);
/* Inserts (or upserts) all rows. */
ms_status ms_table_insert(ms_context *context, const ms_table_write *write);

#endif
