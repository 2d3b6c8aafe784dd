/* A script's file as text. */
#include "core/runtime/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char *refuse(const char *path, const char *why, FILE *file) {
  (void)fprintf(stderr, "moonsift: cannot read '%s': %s\n", path, why);
  if (file && file != stdin) (void)fclose(file);
  return NULL;
}

char *ms_source_read(ms_context *context, const char *path, size_t *size) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (!file) return refuse(path, strerror(errno), NULL);
  struct stat about;
  if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode)) {
    return refuse(path, "it is a directory", file);
  }
  char *text = NULL;
  size_t room = 0;
  *size = 0;
  for (;;) {
    if (room - *size < 65536) {
      room = room * 2 + 131072;
      char *grown = ms_memory_grow(ms_context_account(context), text, room);
      if (!grown) {
        ms_memory_give(text);
        return refuse(path, "not enough memory", file);
      }
      text = grown;
    }
    size_t got = fread(text + *size, 1, room - *size, file);
    if (got == 0) break;
    *size += got;
  }
  if (ferror(file)) {
    ms_memory_give(text);
    return refuse(path, strerror(errno), file);
  }
  if (file != stdin) (void)fclose(file);
  return text;
}
