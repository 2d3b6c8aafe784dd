/* Ctrl-C: stops kernels at their next block, and Lua wherever it is, compiled loops included.
 *
 * LuaJIT's compiled code looks at no hook unless its profiler runs when the code is compiled; so the profiler runs (it
 * does nothing), and from the first SIGINT on a timer sets a hook again and again until the script has ended. (One
 * setting can be lost: the profiler's own callback puts the old hooks back.) */
#ifndef MS_LUA_INTERRUPT_H
#define MS_LUA_INTERRUPT_H

#include <lua.h>

#include "core/api.h"

/* Installs the handlers for this state and context; one state of a process at a time. Before any script runs. */
void ms_interrupt_start(lua_State *lua, ms_context *context);
void ms_interrupt_stop(void);

/* Brackets the running of a script: only between them does SIGINT interrupt Lua. `leave` gives whether it did and makes
 * state and context ready again. */
void ms_interrupt_enter(void);
bool ms_interrupt_leave(void);

/* Whether a SIGINT came since the last enter. */
bool ms_interrupted(void);

#endif
