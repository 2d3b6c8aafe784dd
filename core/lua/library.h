/* The embedded library in a state: the loader of its modules, and what the program tells it. */
#ifndef MS_LUA_LIBRARY_H
#define MS_LUA_LIBRARY_H

#include <lua.h>

#include "core/lua/state.h"

/* What the program tells the library, reachable as the module "moonsift.host", which scripts do not get. */
typedef struct {
  ms_context *context;
  const ms_state_options *options;
  lua_CFunction exit; /* host.exit(status): ends the script */
} ms_library_host;

/* Lua's own libraries, the loader, the host module, the sandbox. Raises Lua errors. */
void ms_library_open(lua_State *lua, const ms_library_host *host);

/* Pushes function `name` of module moonsift.MODULE. Raises Lua errors. */
void ms_library_push(lua_State *lua, const char *module, const char *name);

#endif
