/* The interactive prompt. */
#ifndef MS_RUNTIME_PROMPT_H
#define MS_RUNTIME_PROMPT_H

#include <lua.h>

#include "core/base/context.h"

/* Reads, runs and prints until the end of input; the exit status. `database`: opened as `shop`, or NULL. */
int ms_prompt_run(ms_context *context, lua_State *lua, const char *database);

#endif
