/* Window calls. */
#include "core/kernels/relational/window.h"

ms_column *ms_window_call(ms_context *context, const ms_call *call, const ms_frame *frame) {
  (void)frame;
  return ms_fail_null(context, MS_EARGUMENT, "%s: windows are not there yet", call->name);
}
