/* The Lua state in which all runs: the embedded library, the session's context, scripts in their sandbox.
 *
 * The library runs with all of Lua's libraries and the FFI; scripts run in an environment made by stdlib/sandbox.lua. */
#ifndef MS_LUA_STATE_H
#define MS_LUA_STATE_H

#include <lua.h>

#include "core/api.h"

/* What the program tells the library, as fields of the module "moonsift.host". */
typedef struct {
  bool allow_shell; /* scripts may call os.execute and io.popen */
  bool quiet;       /* no progress, no notes */
} ms_state_options;

/* A state over the context, which must outlive it; NULL where there is no memory. The library is loaded and the
 * memory limit armed: bytes that Lua may hold, 0 for none. */
lua_State *ms_state_new(ms_context *context, const ms_state_options *options);
void ms_state_free(lua_State *lua);

/* Limits what Lua may hold from now on; 0 is no limit. */
void ms_state_limit(lua_State *lua, uint64_t bytes);

/* Compiles text (never bytecode) as a chunk of a script in the sandbox and leaves it on the stack; false with a message
 * there instead. `name` as Lua shows it: "@file" or "=name". */
bool ms_state_load(lua_State *lua, const char *text, size_t size, const char *name);

/* Calls the function below `arguments` values. Interrupts work while it runs. 0, or a Lua error status with the
 * error, fit to be shown, on the stack. */
int ms_state_call(lua_State *lua, int arguments, int results);

/* Calls function `name` of a module of the library likewise, with the `arguments` values on top of the stack. */
int ms_state_call_library(lua_State *lua, const char *module, const char *name, int arguments,
                          int results);

#endif
