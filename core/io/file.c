/* Whole files in memory. A regular file is mapped between two pages of zeros, so that readers may load
 * whole vectors across both of its ends. */
#include "core/io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/compress.h"

enum { NAMES_MOST = 1000, PIPE_BLOCK = 1 << 16 };

typedef struct {
  void *base;
  size_t size;
} mapping;

static void unmap(void *thing) {
  mapping *m = thing;
  munmap(m->base, m->size);
  ms_memory_give(m);
}
static void give(void *block) { ms_memory_give(block); }

char *ms_file_block(ms_context *context, size_t size) {
  ms_memory *memory = ms_context_account(context);
  char *block = size < SIZE_MAX / 2 ? ms_memory_take(memory, size + 2 * (size_t)MS_FILE_PAD) : NULL;
  if (!block)
    return ms_fail_null(context, MS_EMEMORY, "not enough memory for a text of %zu bytes", size);
  memset(block, 0, MS_FILE_PAD);
  memset(block + MS_FILE_PAD + size, 0, MS_FILE_PAD);
  return ms_defer(context, give, block) == MS_OK ? block + MS_FILE_PAD : NULL;
}

/* Adds the names of the folder in which the file was looked for to the error. */
static void suggest_name(ms_context *context, const char *path) {
  const char *slash = strrchr(path, '/'), *wrong = slash ? slash + 1 : path;
  const char *folder = slash ? ms_scratch_text(context, path, (size_t)(slash - path) + 1) : ".";
  DIR *directory = folder ? opendir(folder) : NULL;
  const char **names = directory ? ms_scratch(context, NAMES_MOST, sizeof *names) : NULL;
  size_t count = 0;
  for (struct dirent *entry; names && count < NAMES_MOST && (entry = readdir(directory));) {
    if (entry->d_name[0] == '.') continue;
    char *name = ms_scratch_text(context, entry->d_name, strlen(entry->d_name));
    if (name) names[count++] = name;
  }
  if (directory) closedir(directory);
  int64_t near = names ? ms_nearest(wrong, names, count) : -1;
  if (near >= 0)
    ms_fail_hint(context, "did you mean '%.*s%s'?", slash ? (int)(slash - path) + 1 : 0, path,
                 names[near]);
}

static ms_status refused(ms_context *context, const char *verb, const char *path, int error) {
  ms_status status =
      ms_fail(context, MS_EIO, "%s: cannot read '%s': %s", verb, path, strerror(error));
  if (error == ENOENT) suggest_name(context, path);
  if (error == EISDIR) ms_fail_hint(context, "give the path of a file");
  return status;
}

static ms_status map_file(ms_context *context, int file, size_t size, ms_slice *out) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (size + page - 1) / page * page;
  mapping *m = ms_memory_take(ms_context_account(context), sizeof *m);
  if (!m) return ms_fail(context, MS_EMEMORY, "not enough memory to map a file");
  m->size = body + 2 * page;
  m->base = mmap(NULL, m->size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (m->base == MAP_FAILED) {
    ms_memory_give(m);
    return ms_fail(context, MS_EMEMORY, "not enough address space to map %zu bytes", size);
  }
  ms_status status = ms_defer(context, unmap, m);
  if (status) return status;
  char *data = (char *)m->base + page;
  if (size && mmap(data, body, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED)
    return ms_fail(context, MS_EIO, "cannot map a file: %s", strerror(errno));
  *out = (ms_slice){data, size};
  return MS_OK;
}

/* Pipes and the like, whose size is not known. */
static ms_status read_all(ms_context *context, int file, ms_slice *out) {
  ms_memory *memory = ms_context_account(context);
  char *block = NULL;
  size_t used = 0, capacity = 0;
  ssize_t got = 1;
  while (got > 0) {
    if (capacity - used < PIPE_BLOCK) {
      char *grown = ms_memory_grow(memory, block, 2 * (capacity + PIPE_BLOCK));
      if (!grown) break;
      block = grown;
      capacity = 2 * (capacity + PIPE_BLOCK) - 2 * (size_t)MS_FILE_PAD;
    }
    got = read(file, block + MS_FILE_PAD + used, PIPE_BLOCK);
    if (got < 0 && errno == EINTR && !ms_cancelled(context))
      got = 1;
    else if (got > 0)
      used += (size_t)got;
  }
  if (got == 0) {
    memset(block, 0, MS_FILE_PAD);
    memset(block + MS_FILE_PAD + used, 0, MS_FILE_PAD);
    *out = (ms_slice){block + MS_FILE_PAD, used};
    return ms_defer(context, give, block);
  }
  ms_memory_give(block);
  if (got > 0) return ms_fail(context, MS_EMEMORY, "not enough memory behind %zu bytes", used);
  return errno == EINTR ? ms_error_status(context)
                        : ms_fail(context, MS_EIO, "cannot read: %s", strerror(errno));
}

ms_status ms_file_read(ms_context *context, const char *verb, const char *path, ms_slice *out) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return refused(context, verb, path, errno);
  struct stat about;
  ms_status status = MS_OK;
  if (fstat(file, &about) != 0)
    status = refused(context, verb, path, errno);
  else if (S_ISDIR(about.st_mode))
    status = refused(context, verb, path, EISDIR);
  else if (S_ISREG(about.st_mode) && about.st_size > 0)
    status = map_file(context, file, (size_t)about.st_size, out);
  else
    status = read_all(context, file, out); /* files of /proc say that they are empty */
  close(file);
  if (!status && ms_gzip_is(*out)) status = ms_gzip_inflate(context, verb, path, *out, out);
  return status;
}
