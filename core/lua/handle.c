/* What the frame handles of stdlib/ffi need beside the frames themselves. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/frame/frame.h"

int64_t ms_frame_need(ms_context *context, const ms_frame *frame, const char *verb,
                      const char *name) {
  return ms_frame_get(context, frame, verb, name) ? ms_frame_find(frame, name) : -1;
}

int ms_terminal_width(void) {
  struct winsize size;
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}
