/* A Lua state of its own for row functions: nothing of the script's state is in it. */
#ifndef MS_LUA_ROWS_STATE_H
#define MS_LUA_ROWS_STATE_H

#include <lua.h>

#include "core/lua/rows.h"

typedef struct ms_row_state ms_row_state;
struct ms_row_state {
  ms_row_state *next; /* in the crew */
  lua_State *lua;
  bool busy;
  bool refused;       /* memory was: a state that ran into it cannot be trusted to go on */
  lua_Alloc allocate; /* LuaJIT's own, behind the one that counts */
  void *allocator;
  size_t held;        /* bytes, charged to the account of the texts */
  uint64_t run;       /* the run it is ready for; 0: none */
  int64_t at_once;    /* rows of the next block */
  ms_row_texts texts; /* what the function gave in this run */
};

/* With the library that stdlib/ffi/worker.lua needs; NULL and MS_EMEMORY or MS_EINTERNAL. */
ms_row_state *ms_row_state_new(ms_context *worker);
void ms_row_state_free(ms_row_state *state);
/* Makes it ready for a run with the program text; then rows of a morsel can be run. */
ms_status ms_row_state_ready(ms_context *worker, ms_row_state *state, const ms_row_run *run,
                             ms_slice program);
ms_status ms_row_state_morsel(ms_context *worker, ms_row_state *state, const ms_row_run *run,
                              ms_range range);

#endif
