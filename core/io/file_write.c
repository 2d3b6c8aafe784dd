/* Files that are written whole or not at all: a temporary file in the same folder, synced, renamed. */
#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/compress.h"

enum { ATTEMPTS = 100, PIECE = 1 << 20 };

struct ms_sink {
  ms_context *context;
  const char *verb;
  char *path;      /* where it goes, symbolic links followed */
  char *temporary; /* NULL: bytes go to the path itself, a device or a pipe */
  int file;        /* -1: closed */
  int64_t bytes;
  ms_deflater *deflater;
};

static ms_status refused(const ms_sink *sink, const char *what) {
  return ms_fail(sink->context, MS_EIO, "%s: cannot %s '%s': %s", sink->verb, what, sink->path,
                 strerror(errno));
}

static void abandon(void *thing) {
  ms_sink *sink = thing;
  ms_deflater_free(sink->deflater);
  if (sink->file >= 0) {
    close(sink->file);
    if (sink->temporary) unlink(sink->temporary);
  }
  ms_memory_give(sink->path);
  ms_memory_give(sink->temporary);
  ms_memory_give(sink);
}

static ms_status put(void *state, const char *data, size_t size) {
  ms_sink *sink = state;
  while (size > 0) {
    if (ms_cancelled(sink->context)) return ms_error_status(sink->context);
    ssize_t done = write(sink->file, data, size < PIECE ? size : PIECE);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return refused(sink, "write");
    data += done;
    size -= (size_t)done;
    sink->bytes += done;
  }
  return MS_OK;
}

/* A new file beside the path, that nobody else has. */
static ms_status create_temporary(ms_sink *sink) {
  size_t room = strlen(sink->path) + 32;
  sink->temporary = ms_memory_take(ms_context_account(sink->context), room);
  if (!sink->temporary)
    return ms_fail(sink->context, MS_EMEMORY, "%s: not enough memory", sink->verb);
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    snprintf(sink->temporary, room, "%s.%ld-%d.part", sink->path, (long)getpid(), attempt);
    sink->file = open(sink->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (sink->file >= 0 || errno != EEXIST) break;
  }
  return sink->file >= 0 ? MS_OK : refused(sink, "write");
}

static ms_status open_target(ms_sink *sink) {
  struct stat about;
  bool there = stat(sink->path, &about) == 0;
  if (there && S_ISDIR(about.st_mode)) {
    errno = EISDIR;
    return refused(sink, "write");
  }
  if (there && !S_ISREG(about.st_mode)) {
    sink->file = open(sink->path, O_WRONLY | O_CLOEXEC);
    return sink->file >= 0 ? MS_OK : refused(sink, "write");
  }
  if (there && access(sink->path, W_OK) != 0) return refused(sink, "write");
  ms_status status = create_temporary(sink);
  if (!status && there && fchmod(sink->file, about.st_mode & 07777) != 0)
    status = refused(sink, "write");
  return status;
}

ms_sink *ms_sink_open(ms_context *context, const char *verb, const char *path) {
  ms_memory *memory = ms_context_account(context);
  ms_sink *sink = ms_memory_take(memory, sizeof *sink);
  char real[PATH_MAX];
  const char *target = realpath(path, real) ? real : path;
  char *copy = sink ? ms_memory_take(memory, strlen(target) + 1) : NULL;
  if (!copy) {
    ms_memory_give(sink);
    return ms_fail_null(context, MS_EMEMORY, "%s: not enough memory", verb);
  }
  strcpy(copy, target);
  *sink = (ms_sink){.context = context, .verb = verb, .path = copy, .file = -1};
  if (ms_defer(context, abandon, sink) != MS_OK || open_target(sink) != MS_OK) return NULL;
  size_t size = strlen(path);
  if (size > 3 && strcmp(path + size - 3, ".gz") == 0) {
    sink->deflater = ms_deflater_new(context, put, sink);
    if (!sink->deflater) return NULL;
  }
  return sink;
}

ms_status ms_sink_write(ms_sink *sink, const char *data, size_t size) {
  return sink->deflater ? ms_deflater_add(sink->deflater, data, size, false)
                        : put(sink, data, size);
}

/* The folder's entry must be on the disk too before the old file may be gone for good. */
static ms_status sync_folder(ms_sink *sink) {
  char *slash = strrchr(sink->path, '/');
  char kept = slash ? slash[1] : 0;
  if (slash) slash[1] = 0;
  int folder = open(slash ? sink->path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (slash) slash[1] = kept;
  if (folder >= 0) {
    (void)fsync(folder); /* some file systems cannot */
    close(folder);
  }
  return MS_OK;
}

ms_status ms_sink_end(ms_sink *sink) {
  ms_status status = sink->deflater ? ms_deflater_add(sink->deflater, "", 0, true) : MS_OK;
  ms_deflater_free(sink->deflater);
  sink->deflater = NULL;
  return status;
}

ms_status ms_sink_finish(ms_sink *sink) {
  ms_status status = ms_sink_end(sink);
  if (status) return status;
  if (!sink->temporary) {
    int closed = close(sink->file);
    sink->file = -1;
    return closed == 0 ? MS_OK : refused(sink, "write");
  }
  if (fsync(sink->file) != 0 || rename(sink->temporary, sink->path) != 0)
    return refused(sink, "write");
  int closed = close(sink->file);
  sink->file = -1;
  return closed == 0 ? sync_folder(sink) : refused(sink, "write");
}

int64_t ms_sink_bytes(const ms_sink *sink) { return sink->bytes; }
