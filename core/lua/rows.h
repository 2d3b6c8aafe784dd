/* Row functions: what their runs, the states that run them and the making of columns share. */
#ifndef MS_LUA_ROWS_H
#define MS_LUA_ROWS_H

#include "core/frame/frame.h"

/* What the function gave for a row; stdlib/ffi/program.lua knows the same numbers. The value is eight bytes:
 * a double (text: the code in the texts of its state), for MS_ROW_INTEGER and MS_ROW_TIME an int64_t. */
typedef enum {
  MS_ROW_NULL,
  MS_ROW_NUMBER,
  MS_ROW_TEXT,
  MS_ROW_BOOLEAN,
  MS_ROW_INTEGER,
  MS_ROW_DATE,
  MS_ROW_TIME,
  MS_ROW_TAGS
} ms_row_tag;

/* Places in the slots of a program; three a column stand behind them: values, validity, column. */
enum {
  MS_SLOT_VALUES,
  MS_SLOT_TAGS,
  MS_SLOT_TEXTS,
  MS_SLOT_AT,
  MS_SLOT_FIRST,
  MS_SLOT_SESSION,
  MS_SLOT_COLUMNS
};

/* Texts that one state's function gave, in the order in which they came; the same may come twice. */
typedef struct {
  ms_memory *memory;
  size_t count, room, used, bytes_room;
  size_t *ends;
  char *bytes;
} ms_row_texts;
void ms_row_texts_free(ms_row_texts *texts);

struct ms_row_run {
  ms_context *context;
  const ms_frame *frame; /* an owner */
  const char *verb;      /* copied */
  uint64_t number;       /* of the crew's run, from 1 */
  ms_buffer *values;     /* 8 bytes a row */
  uint8_t *tags;
  const ms_row_texts **owners; /* by morsel: whose texts its codes are */
  ms_row_texts own;            /* of the caller's state */
  size_t morsel;               /* under way on the caller's state */
};

/* The addresses of a morsel for a program. */
void ms_row_slots_fill(const ms_row_run *run, ms_range range, const ms_row_texts *texts,
                       void **slots);
/* The error of a row function at a row of the frame. */
ms_status ms_row_fail(ms_context *context, const ms_row_run *run, int64_t row, const char *missing,
                      const char *text);

/* The results as a column, the caller's; NULL with an error. type -1: found. */
ms_column *ms_row_column(const ms_row_run *run, const char *name, int type);
/* Rows whose result is true: uint32_t[*count] in scratch. */
uint32_t *ms_row_true(const ms_row_run *run, int64_t *count);

#endif
