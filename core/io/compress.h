/* gzip both ways, over zlib. */
#ifndef MS_IO_COMPRESS_H
#define MS_IO_COMPRESS_H

#include "core/base/text.h"

bool ms_gzip_is(ms_slice bytes);
/* Inflates all members, into a block with MS_FILE_PAD on both sides that lives until ms_context_end.
 * MS_EFORMAT for broken data; `name` is the file to blame. */
ms_status ms_gzip_inflate(ms_context *context, const char *verb, const char *name, ms_slice bytes,
                          ms_slice *out);

/* A compressor that passes on what it makes. */
typedef struct ms_deflater ms_deflater;
typedef ms_status ms_deflated(void *state, const char *data, size_t size);
ms_deflater *ms_deflater_new(ms_context *context, ms_deflated *pass, void *state);
/* `last`: no more will come, everything is passed on. */
ms_status ms_deflater_add(ms_deflater *deflater, const char *data, size_t size, bool last);
void ms_deflater_free(ms_deflater *deflater);

#endif
