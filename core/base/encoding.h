/* Encodings of text: guessing, reading, writing. iconv does the work; UTF-8 is never converted. */
#ifndef MS_BASE_ENCODING_H
#define MS_BASE_ENCODING_H

#include "core/base/text.h"

typedef struct {
  const char *name; /* as iconv knows it; "UTF-8" */
  size_t mark;      /* bytes of a byte-order mark in front */
  bool utf8;
} ms_encoding;

/* The encoding of the bytes: by their mark; UTF-16 by where its zeros stand; UTF-8 if `utf8` says that
 * they are valid; else GB18030 or Big5, whichever's common characters they fit, and Windows-1252 where
 * they fit neither. Looks at a megabyte at most. */
ms_encoding ms_encoding_detect(ms_slice bytes, bool utf8);
/* The encoding of that name ("gbk", "UTF-16LE", "latin-1", "big5", … any that iconv knows), with the size of
 * its mark if one is there. MS_EENCODING if there is none of that name. */
ms_status ms_encoding_named(ms_context *context, const char *name, ms_slice bytes,
                            ms_encoding *out);

/* Converts to UTF-8. Bytes that are not text in the encoding are passed on as they are, and show as
 * invalid UTF-8. `out` needs room for 4 bytes a byte of *in, which is moved behind what was converted:
 * a character that is cut off at its end stays, unless this is the last piece. Gives the bytes written. */
typedef struct ms_decoder ms_decoder;
ms_decoder *ms_decoder_new(ms_context *context, const ms_encoding *encoding);
size_t ms_decoder_read(ms_decoder *decoder, ms_slice *in, bool last, char *out);
void ms_decoder_free(ms_decoder *decoder);

/* Converts UTF-8 to another encoding. MS_EENCODING where a character is not in it; *bad is then its
 * offset in `text`. The result is in scratch. */
ms_status ms_encoding_write(ms_context *context, const char *name, ms_slice text, ms_slice *out,
                            size_t *bad);

/* Whether it is UTF-8; runs of ASCII are passed at memory's speed. */
bool ms_utf8_check(const char *data, size_t size);

#endif
