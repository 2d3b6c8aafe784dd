/* The Lua state in which all runs: the embedded library, the session's context, scripts in their sandbox.
 *
 * The library runs with all of Lua's libraries and the FFI; scripts run in an environment made by stdlib/sandbox.lua. */
#ifndef MS_LUA_STATE_H
#define MS_LUA_STATE_H

#include <lua.h>

#include "core/lua/interrupt.h"

/* What the program tells the library, as fields of the module "moonsift.host". */
typedef struct {
  bool allow_shell; /* scripts may call os.execute and io.popen */
  bool quiet;       /* no progress, no notes */
} ms_state_options;

/* How a call ended. */
typedef struct {
  bool
      done; /* the results are on the stack; otherwise what to show is: a text, or nil for nothing */
  ms_stop why; /* what stopped it, if something did */
  int status;  /* exit status that goes with it */
} ms_outcome;

/* A state over the context, which must outlive it; NULL where there is no memory or the library does not load, which is
 * said on standard error. */
lua_State *ms_state_new(ms_context *context, const ms_state_options *options);
void ms_state_free(lua_State *lua);

/* Limits what Lua and the context's frames may hold together from now on, in bytes; 0 is no limit. A script that
 * Lua refuses memory is stopped. */
void ms_state_limit(lua_State *lua, uint64_t bytes);

/* Compiles text (never bytecode) as a chunk of a script in the sandbox and leaves it on the stack; false with a message
 * there instead. `name` as Lua shows it: "@file" or "=name". */
bool ms_state_load(lua_State *lua, const char *text, size_t size, const char *name);

/* Calls the function below `arguments` values for `results` values. It can be stopped while it runs. */
ms_outcome ms_state_call(lua_State *lua, int arguments, int results);

/* Calls function `name` of a module of the library likewise, with the `arguments` values on top of the stack. */
ms_outcome ms_state_call_library(lua_State *lua, const char *module, const char *name,
                                 int arguments, int results);

#endif
