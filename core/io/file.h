/* Whole files in memory, and files that are written whole or not at all. */
#ifndef MS_IO_FILE_H
#define MS_IO_FILE_H

#include "core/base/encoding.h"

/* Bytes that may be read, but mean nothing, before and behind a file's data. */
enum { MS_FILE_PAD = 64 };

/* The bytes of the file until ms_context_end: mapped, or inflated where it is gzip (told by its first
 * bytes, not by its name), or read where it is a pipe. `verb` stands in front of an error's text.
 * MS_EIO: no such file (with the nearest name in its folder), a folder, not allowed;
 * MS_EFORMAT: broken gzip. */
ms_status ms_file_read(ms_context *context, const char *verb, const char *path, ms_slice *out);

/* A copy-free block of account memory with the pad on both sides, released by ms_context_end. */
char *ms_file_block(ms_context *context, size_t size);

/* The bytes as UTF-8, with the pad on both sides, until ms_context_end. Bytes that are not text in the
 * encoding are kept as they are. */
ms_status ms_encoding_decode(ms_context *context, const ms_encoding *encoding, ms_slice in,
                             ms_slice *out);

/* A file in the making. Bytes go to a temporary file beside it, which finish syncs and renames over the
 * old file; until then the old file is as it was. Where the path is a device or a pipe the bytes go there. */
typedef struct ms_sink ms_sink;

/* Compressed if the path ends in .gz. NULL and MS_EIO. The sink is abandoned by ms_context_end unless
 * it was finished. */
ms_sink *ms_sink_open(ms_context *context, const char *verb, const char *path);
ms_status ms_sink_write(ms_sink *sink, const char *data, size_t size);
/* No more bytes will come: their number is known from here on. */
ms_status ms_sink_end(ms_sink *sink);
/* Ends, syncs, renames. */
ms_status ms_sink_finish(ms_sink *sink);
/* Bytes written to the file so far, compressed ones if it is compressed. */
int64_t ms_sink_bytes(const ms_sink *sink);

#endif
