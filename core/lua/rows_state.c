/* A Lua state that runs row functions: stdlib/ffi/worker.lua within, called from here morsel by morsel.
 *
 * The module worker gives three functions, kept on the state's stack: prepare (1), begin (2), describe (3), and
 * for the run under way stand above them the slots (4) and the loop (5). */
#include "core/lua/rows_state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>
#include <time.h>

#include "core/base/embedded.h"

enum { PREPARE = 1, BEGIN, DESCRIBE, SLOTS, LOOP };
enum { LARGE = 16 << 20 }; /* bytes that a state may keep from run to run */
/* Rows between two looks at the cancel flag: as many as take some milliseconds. */
enum { ROWS_FEWEST = 1, ROWS_MOST = 4096 };
#define LONG_BLOCK 0.008 /* seconds */

static const ms_embedded_file *find(const char *name) {
  for (const ms_embedded_file *file = ms_embedded_files; file->name; file++) {
    if (strcmp(file->name, name) == 0) return file;
  }
  return NULL;
}

/* require: "moonsift.ffi.worker" is stdlib/ffi/worker.lua. */
static int load_module(lua_State *lua) {
  const char *module = luaL_checkstring(lua, 1);
  if (strncmp(module, "moonsift.", 9) != 0) return 0;
  luaL_gsub(lua, module + 9, ".", "/");
  lua_pushfstring(lua, "stdlib/%s.lua", lua_tostring(lua, -1));
  const ms_embedded_file *file = find(lua_tostring(lua, -1));
  if (!file) return luaL_error(lua, "no embedded file '%s'", lua_tostring(lua, -1));
  lua_pushfstring(lua, "@%s", file->name);
  if (luaL_loadbuffer(lua, file->data, file->size, lua_tostring(lua, -1))) return lua_error(lua);
  return 1;
}

/* Opens the libraries and leaves the worker's functions on the stack. */
static int open_worker(lua_State *lua) {
  static const char *const functions[] = {"prepare", "begin", "describe"};
  const ms_embedded_file *header = find("core/api.ffi.h");
  luaL_openlibs(lua);
  lua_getglobal(lua, "package");
  lua_getfield(lua, -1, "loaders");
  lua_pushcfunction(lua, load_module);
  lua_rawseti(lua, -2, (int)lua_objlen(lua, -2) + 1);
  lua_getglobal(lua, "require");
  lua_pushliteral(lua, "moonsift.ffi.worker");
  lua_call(lua, 1, 1);
  for (int i = 0; i < 3; i++) lua_getfield(lua, -1 - i, functions[i]);
  lua_getfield(lua, -4, "declare");
  lua_pushlstring(lua, header ? header->data : "", header ? header->size : 0);
  lua_call(lua, 1, 0);
  return 3;
}

static void stop(lua_State *lua, lua_Debug *at) {
  (void)at;
  luaL_error(lua, "not enough memory");
}

/* What Lua holds is of the session's account. The first refusal ends the function, whatever it catches. */
static void *counted(void *data, void *block, size_t old, size_t size) {
  ms_row_state *state = data;
  ms_memory *memory = state->texts.memory;
  void *moved = NULL;
  bool fits = size <= old || ms_memory_charge(memory, size - old);
  if (fits) moved = state->allocate(state->allocator, block, old, size);
  if (moved || size == 0) {
    if (size < old) ms_memory_discharge(memory, old - size);
    state->held += size - old;
    return moved;
  }
  if (fits && size > old) ms_memory_discharge(memory, size - old);
  if (!state->refused) lua_sethook(state->lua, stop, LUA_MASKCOUNT, 1);
  state->refused = true;
  return NULL;
}

static bool count_memory(ms_row_state *state) {
  size_t held = (size_t)lua_gc(state->lua, LUA_GCCOUNT, 0) * 1024;
  if (!ms_memory_charge(state->texts.memory, held)) return false;
  state->held = held;
  state->allocate = lua_getallocf(state->lua, &state->allocator);
  lua_setallocf(state->lua, counted, state);
  return true;
}

ms_row_state *ms_row_state_new(ms_context *worker) {
  ms_memory *memory = ms_context_account(worker);
  ms_row_state *state = ms_memory_zero(memory, 1, sizeof *state);
  if (state) state->lua = luaL_newstate();
  if (!state || !state->lua) {
    ms_memory_give(state);
    return ms_fail_null(worker, MS_EMEMORY, "not enough memory for a Lua state");
  }
  state->texts.memory = memory;
  state->at_once = ROWS_FEWEST;
  lua_pushcfunction(state->lua, open_worker);
  if (lua_pcall(state->lua, 0, 3, 0) == 0) {
    if (count_memory(state)) return state;
    ms_row_state_free(state);
    return ms_fail_null(worker, MS_EMEMORY, "not enough memory for a Lua state");
  }
  const char *text = lua_tostring(state->lua, -1);
  ms_fail(worker, MS_EINTERNAL, "row functions: %s", text ? text : "the library does not load");
  ms_row_state_free(state);
  return NULL;
}

void ms_row_state_free(ms_row_state *state) {
  if (!state) return;
  /* LuaJIT gives its arena back as a whole where the allocator is its own. */
  if (state->allocate) lua_setallocf(state->lua, state->allocate, state->allocator);
  lua_close(state->lua);
  ms_memory_discharge(state->texts.memory, state->held);
  ms_row_texts_free(&state->texts);
  ms_memory_give(state);
}

/* The error on top of the stack, a table of worker.lua's describe: { missing =, text = }. */
static ms_status row_error(ms_context *worker, ms_row_state *state, const ms_row_run *run,
                           int64_t first) {
  lua_State *lua = state->lua;
  if (state->refused || !lua_istable(lua, -1)) {
    return ms_fail(worker, MS_EMEMORY, "%s: not enough memory for the row function", run->verb);
  }
  void *const *slots = lua_topointer(lua, SLOTS);
  const int32_t *at = slots[MS_SLOT_AT];
  lua_getfield(lua, -1, "missing");
  lua_getfield(lua, -2, "text");
  const char *missing = lua_tostring(lua, -2), *text = lua_tostring(lua, -1);
  return ms_row_fail(worker, run, first + *at, missing ? missing : "", text ? text : "");
}

ms_status ms_row_state_ready(ms_context *worker, ms_row_state *state, const ms_row_run *run,
                             ms_slice program) {
  lua_State *lua = state->lua;
  if (state->run == run->number) return MS_OK;
  state->run = 0;
  state->at_once = ROWS_FEWEST;
  ms_row_texts_free(&state->texts);
  lua_settop(lua, DESCRIBE);
  if (state->held > LARGE) lua_gc(lua, LUA_GCCOLLECT, 0);
  lua_pushvalue(lua, PREPARE);
  lua_pushlstring(lua, program.data, program.size);
  if (lua_pcall(lua, 1, 2, DESCRIBE) == 0) {
    ms_row_slots_fill(run, ms_morsel(run->frame->rows, 0), &state->texts,
                      (void **)lua_topointer(lua, SLOTS));
    lua_pushvalue(lua, BEGIN);
    if (lua_pcall(lua, 0, 0, DESCRIBE) == 0) {
      state->run = run->number;
      return MS_OK;
    }
  }
  const char *text = NULL;
  if (!state->refused && lua_istable(lua, -1)) {
    lua_getfield(lua, -1, "text");
    text = lua_tostring(lua, -1);
  }
  return ms_fail(worker, text ? MS_EINTERNAL : MS_EMEMORY, "%s: the row function cannot be run: %s",
                 run->verb, text ? text : "not enough memory");
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Rows of the next block, from the time that the last one took. */
static int64_t next_size(int64_t size, double seconds) {
  if (seconds > LONG_BLOCK) return size > ROWS_FEWEST ? size / 2 : size;
  return seconds < LONG_BLOCK / 4 && size < ROWS_MOST ? size * 2 : size;
}

ms_status ms_row_state_morsel(ms_context *worker, ms_row_state *state, const ms_row_run *run,
                              ms_range range) {
  lua_State *lua = state->lua;
  ms_row_slots_fill(run, range, &state->texts, (void **)lua_topointer(lua, SLOTS));
  double before = now();
  for (int64_t row = 0, behind; row < range.count; row = behind) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    behind = row + state->at_once < range.count ? row + state->at_once : range.count;
    lua_pushvalue(lua, LOOP);
    lua_pushinteger(lua, (lua_Integer)row);
    lua_pushinteger(lua, (lua_Integer)(behind - 1));
    if (lua_pcall(lua, 2, 0, DESCRIBE)) {
      ms_status status = row_error(worker, state, run, range.first);
      state->run = 0;
      lua_settop(lua, DESCRIBE);
      return status;
    }
    double after = now();
    state->at_once = next_size(state->at_once, after - before);
    before = after;
  }
  return MS_OK;
}
