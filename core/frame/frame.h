/* A frame: named columns of equal length. Immutable and counted; columns are shared between frames.
 */
#ifndef MS_FRAME_FRAME_H
#define MS_FRAME_FRAME_H

#include "core/frame/column.h"

struct ms_frame {
  atomic_int owners;
  int64_t rows;
  size_t count;
  char **names; /* one block with the texts behind it */
  ms_column **columns;
};

/* A frame of the columns, which are shared (the caller keeps his ownership). Names are copied and
 * must differ (MS_EDUPLICATE); columns must be `rows` long. Zero columns are allowed. */
ms_frame *ms_frame_new(ms_context *context, int64_t rows, size_t count, const char *const *names,
                       const ms_column *const *columns);
/* The frame with the column put in place of the one of that name, or behind the last. Shares. */
ms_frame *ms_frame_with(ms_context *context, const ms_frame *frame, const char *name,
                        const ms_column *column);
/* Frees the frame when the call ends; gives it back, or NULL. NULL is passed on. */
const ms_frame *ms_frame_keep(ms_context *context, ms_frame *frame);

/* The column, or NULL and MS_ECOLUMN with the nearest name; `verb` stands in front of the text. */
const ms_column *ms_frame_get(ms_context *context, const ms_frame *frame, const char *verb,
                              const char *name);
/* Rows index[0 … count), MS_MISSING giving a row of nulls; a contiguous slice. */
ms_frame *ms_frame_gather(ms_context *context, const ms_frame *frame, const uint32_t *index,
                          int64_t count);
ms_frame *ms_frame_slice(ms_context *context, const ms_frame *frame, int64_t first, int64_t count);

/* A frame put together column by column: takes over each column (NULL: the error stays, finish
 * gives NULL). Lives in scratch. */
typedef struct {
  ms_context *context;
  size_t count, capacity;
  const char **names;
  ms_column **columns;
  bool failed;
} ms_assembly;
ms_assembly ms_assembly_new(ms_context *context, size_t capacity);
/* `name` must live until finish. */
void ms_assembly_add(ms_assembly *assembly, const char *name, ms_column *column);
ms_frame *ms_assembly_finish(ms_assembly *assembly, int64_t rows);

#endif
