/* What the frame handles of stdlib/ffi need beside the frames themselves. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/zone.h"
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

int32_t ms_context_offset(const ms_context *context, double seconds, bool local, double *span) {
  const ms_zone *zone = ms_context_zone_of(context);
  int64_t at = (int64_t)seconds;
  ms_zone_span found = local ? ms_zone_at_local(zone, at) : ms_zone_at(zone, at);
  span[0] = (double)found.from;
  span[1] = (double)found.until;
  return found.offset;
}
