/* What stops a script from outside: Ctrl-C, the end of the process asked for, a time limit; and its own os.exit.
 * Kernels stop at their next block, Lua wherever it is, compiled loops included.
 *
 * LuaJIT's compiled code looks at no hook unless its profiler runs when the code is compiled; so the profiler runs (it
 * does nothing), and from the first signal on a timer sets a hook again and again until the script has ended. (One
 * setting can be lost: the profiler's own callback puts the old hooks back.) The hook raises an error at every
 * instruction from then on, so that no pcall of the script keeps it alive. */
#ifndef MS_LUA_INTERRUPT_H
#define MS_LUA_INTERRUPT_H

#include <lua.h>

#include "core/api.h"

/* Why a script was stopped. */
typedef enum {
  MS_STOP_NONE,
  MS_STOP_INTERRUPT, /* SIGINT */
  MS_STOP_TERMINATE, /* SIGTERM, SIGHUP */
  MS_STOP_TIMEOUT,   /* the time limit */
  MS_STOP_MEMORY,    /* Lua's memory limit: a state that ran into it cannot be trusted to go on */
  MS_STOP_EXIT       /* os.exit */
} ms_stop;

/* Installs the handlers for this state and context; one state of a process at a time. Before any script runs. */
void ms_interrupt_start(lua_State *lua, ms_context *context);
void ms_interrupt_finish(void);

/* Brackets the running of a script: only between them is Lua stopped; a stop that came before counts. `leave` gives why
 * the script was stopped, if it was, and makes state and context ready again. */
void ms_interrupt_enter(void);
ms_stop ms_interrupt_leave(void);

/* Forgets signals that came while nothing ran. */
void ms_interrupt_clear(void);
/* Whether a stop was asked for and not yet left. May be called in a running script. */
ms_stop ms_interrupted(void);

/* While this is not 0 no stop is delivered; the first instruction behind gets it. For stdlib/ffi, which must not be
 * stopped between the core's giving a handle and the collector's knowing it. `leave` sets it to 0. */
volatile int *ms_interrupt_hold(void);

/* Stops the running script from within; it goes on to its next instruction at most. */
void ms_interrupt_raise(ms_stop why);

/* Stops what runs so many seconds from now. Ten seconds later the process ends where it stands. */
void ms_interrupt_limit(double seconds);

/* Exit status that goes with a stop by a signal or the clock. */
int ms_interrupt_status(ms_stop why);

#endif
