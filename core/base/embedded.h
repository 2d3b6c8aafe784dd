/* The files that the binary carries: the Lua library, the scripts, the FFI declarations. */
#ifndef MS_BASE_EMBEDDED_H
#define MS_BASE_EMBEDDED_H

#include <stddef.h>

/* `name` is the path in the source tree ("stdlib/crm/rfm.lua", "core/api.ffi.h"). A NUL follows the
 * data; size does not count it. */
typedef struct {
  const char *name;
  const char *data;
  size_t size;
} ms_embedded_file;

/* All of them; ended by one whose name is NULL. */
extern const ms_embedded_file ms_embedded_files[];

#endif
