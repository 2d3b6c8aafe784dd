/* A whole text from another encoding to UTF-8. */
#include <string.h>

#include "core/base/encoding.h"
#include "core/io/file.h"

enum { PIECE = 1 << 20 };

ms_status ms_encoding_decode(ms_context *context, const ms_encoding *encoding, ms_slice in,
                             ms_slice *out) {
  size_t room = in.size + in.size / 2 + 4 * (size_t)PIECE, used = 0, total = in.size;
  ms_decoder *decoder = ms_decoder_new(context, encoding);
  char *data = decoder ? ms_file_block(context, room) : NULL;
  ms_status status = data ? MS_OK : ms_error_status(context);
  while (!status && in.size > 0) {
    ms_slice piece = {in.data, in.size < PIECE ? in.size : PIECE};
    size_t given = piece.size;
    if (room - used < 4 * given) {
      room = used + 2 * in.size + 4 * (size_t)PIECE;
      char *grown = ms_file_block(context, room);
      if (grown) memcpy(grown, data, used);
      data = grown;
    }
    if (!data) {
      status = ms_error_status(context);
      break;
    }
    used += ms_decoder_read(decoder, &piece, given == in.size, data + used);
    in.data = piece.data;
    in.size -= given - piece.size;
    ms_report(context, "converting", total - in.size, total);
    if (ms_cancelled(context)) status = ms_error_status(context);
  }
  ms_decoder_free(decoder);
  if (status) return status;
  memset(data + used, 0, MS_FILE_PAD);
  *out = (ms_slice){data, used};
  return MS_OK;
}
