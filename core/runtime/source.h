/* Reading a script's file. */
#ifndef MS_RUNTIME_SOURCE_H
#define MS_RUNTIME_SOURCE_H

#include "core/base/context.h"

/* The whole file ("-" is standard input), account memory, for ms_memory_give; NULL after a message on standard
 * error. */
char *ms_source_read(ms_context *context, const char *path, size_t *size);

#endif
