/* A state's memory, and calls that can be stopped and end with errors fit to be shown. */
#include "core/lua/state.h"

#include <lauxlib.h>
#include <luajit.h>
#include <stdio.h>

#include "core/lua/library.h"

/* What is known of a state beside Lua's own; it lives in the registry. */
typedef struct {
  ms_context *context;
  lua_Alloc allocate; /* LuaJIT's own, behind the one that counts */
  void *allocator;
  uint64_t held, limit;
  uint64_t reserve; /* what may be held whatever the limit says */
  bool running;     /* a call is under way, which catches errors */
  int exit;         /* status that os.exit asked for */
} record;

static const char record_key = 0;

static record *record_of(lua_State *lua) {
  lua_pushlightuserdata(lua, (void *)(uintptr_t)&record_key);
  lua_rawget(lua, LUA_REGISTRYINDEX);
  record *known = lua_touserdata(lua, -1);
  lua_pop(lua, 1);
  return known;
}

/* A call may take so much more than was held when it began: a session that is full can still let go of something. */
enum { RESERVE = 1 << 20 };

/* Whether Lua may hold so much. Between calls nothing would catch the refusal: LuaJIT ends the process then. */
static bool allowed(const record *known, uint64_t wanted) {
  if (!known->limit || !known->running || wanted <= known->reserve) return true;
  /* A handle that the core has just given needs some bytes to be kept: they are always there. */
  if (*ms_interrupt_hold()) return true;
  return wanted <= known->limit / 8 || wanted + ms_context_memory(known->context) <= known->limit;
}

/* Counts what Lua holds. LuaJIT has no collection in an emergency and does not outlive many refusals with its compiler
 * on: the first one stops the script, whatever it catches. An eighth is Lua's own, however much the frames hold. */
static void *counted(void *data, void *block, size_t old, size_t size) {
  record *known = data;
  void *moved = NULL;
  bool fits = size <= old || allowed(known, known->held + (size - old));
  if (fits) moved = known->allocate(known->allocator, block, old, size);
  if (moved || size == 0) {
    known->held += (uint64_t)size - (uint64_t)old;
  } else {
    ms_interrupt_raise(MS_STOP_MEMORY);
  }
  return moved;
}

static void count_memory(lua_State *lua) {
  record *known = record_of(lua);
  known->held = (uint64_t)lua_gc(lua, LUA_GCCOUNT, 0) * 1024;
  known->allocate = lua_getallocf(lua, &known->allocator);
  lua_setallocf(lua, counted, known);
}

void ms_state_limit(lua_State *lua, uint64_t bytes) { record_of(lua)->limit = bytes; }

/* host.exit(status): the script ends here, past every pcall. */
static int leave(lua_State *lua) {
  record_of(lua)->exit = (int)luaL_checkinteger(lua, 1);
  ms_interrupt_raise(MS_STOP_EXIT);
  return luaL_error(lua, "exit");
}

static int open_all(lua_State *lua) {
  const ms_library_host host = {
      .context = lua_touserdata(lua, 1), .options = lua_touserdata(lua, 2), .exit = leave};
  lua_pushlightuserdata(lua, (void *)(uintptr_t)&record_key);
  record *known = lua_newuserdata(lua, sizeof *known);
  *known = (record){.context = host.context};
  lua_rawset(lua, LUA_REGISTRYINDEX);
  ms_library_open(lua, &host);
  return 0;
}

lua_State *ms_state_new(ms_context *context, const ms_state_options *options) {
  lua_State *lua = luaL_newstate();
  if (!lua) {
    (void)fputs("moonsift: not enough memory to start\n", stderr);
    return NULL;
  }
  ms_interrupt_start(lua, context);
  lua_pushcfunction(lua, open_all);
  lua_pushlightuserdata(lua, context);
  lua_pushlightuserdata(lua, (void *)(uintptr_t)options);
  if (lua_pcall(lua, 2, 0, 0) == 0) {
    count_memory(lua);
    return lua;
  }
  /* Our own library does not load: whoever builds moonsift must see why. */
  (void)fprintf(stderr, "moonsift: %s\n", lua_tostring(lua, -1));
  ms_state_free(lua);
  return NULL;
}

void ms_state_free(lua_State *lua) {
  if (!lua) return;
  ms_interrupt_finish();
  lua_close(lua);
}

/* Runs protected: calls the sandbox's loader with text and name. */
static int load_protected(lua_State *lua) {
  ms_library_push(lua, "sandbox", "load_file");
  lua_insert(lua, 1);
  lua_call(lua, 2, 2);
  return 2;
}

/* Of an error: text that is fit to be shown. Protected, since an error's own __tostring may fail. */
static int report_protected(lua_State *lua) {
  ms_library_push(lua, "errors", "report");
  lua_insert(lua, 1);
  lua_call(lua, 1, 1);
  return 1;
}

/* In place of the error on the stack. */
static void make_report(lua_State *lua) {
  lua_pushcfunction(lua, report_protected);
  lua_insert(lua, -2);
  (void)lua_pcall(lua, 1, 1, 0); /* what it fails with is a text too */
}

bool ms_state_load(lua_State *lua, const char *text, size_t size, const char *name) {
  lua_pushcfunction(lua, load_protected);
  lua_pushlstring(lua, text, size);
  lua_pushstring(lua, name);
  bool called = lua_pcall(lua, 2, 2, 0) == 0;
  if (called && !lua_isnil(lua, -2)) {
    lua_pop(lua, 1);
    return true;
  }
  if (called) lua_remove(lua, -2);
  make_report(lua);
  return false;
}

/* The message handler: stdlib/errors.lua notes where the script was. */
static int explain(lua_State *lua) {
  ms_library_push(lua, "errors", "explain");
  lua_insert(lua, 1);
  lua_call(lua, 1, 1);
  return 1;
}

/* In place of the error on the stack: what to show of it. */
static ms_outcome stopped(lua_State *lua, ms_stop why) {
  ms_outcome outcome = {.why = why, .status = ms_interrupt_status(why)};
  lua_pop(lua, 1);
  switch (why) {
    case MS_STOP_NONE: break;
    case MS_STOP_INTERRUPT: lua_pushliteral(lua, "interrupted"); break;
    case MS_STOP_TERMINATE: lua_pushliteral(lua, "terminated"); break;
    case MS_STOP_TIMEOUT: lua_pushliteral(lua, "stopped: the time limit is over"); break;
    case MS_STOP_MEMORY: /* what the script held is garbage now; compiled code may be half made */
      luaJIT_setmode(lua, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_FLUSH);
      lua_gc(lua, LUA_GCCOLLECT, 0);
      lua_pushliteral(lua, "not enough memory");
      make_report(lua);
      break;
    case MS_STOP_EXIT:
      outcome.status = record_of(lua)->exit;
      lua_pushnil(lua);
      break;
  }
  return outcome;
}

/* Where Lua holds most of what it may, much may be what the last call left behind. */
static void tidy(lua_State *lua, record *known) {
  if (known->limit && known->held > known->limit / 4 * 3) lua_gc(lua, LUA_GCCOLLECT, 0);
  known->reserve = known->held + RESERVE;
}

ms_outcome ms_state_call(lua_State *lua, int arguments, int results) {
  record *known = record_of(lua);
  tidy(lua, known);
  int base = lua_gettop(lua) - arguments;
  lua_pushcfunction(lua, explain);
  lua_insert(lua, base);
  ms_interrupt_enter();
  known->running = true;
  int status = lua_pcall(lua, arguments, results, base);
  known->running = false;
  ms_stop why = ms_interrupt_leave();
  lua_remove(lua, base);
  if (status == 0) return (ms_outcome){.done = true};
  if (status == LUA_ERRMEM && why == MS_STOP_NONE) why = MS_STOP_MEMORY;
  if (why != MS_STOP_NONE) return stopped(lua, why);
  make_report(lua);
  return (ms_outcome){.status = 1};
}

static int library_protected(lua_State *lua) {
  const char *module = lua_tostring(lua, lua_upvalueindex(1));
  const char *name = lua_tostring(lua, lua_upvalueindex(2));
  ms_library_push(lua, module, name);
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

ms_outcome ms_state_call_library(lua_State *lua, const char *module, const char *name,
                                 int arguments, int results) {
  lua_pushstring(lua, module);
  lua_pushstring(lua, name);
  lua_pushcclosure(lua, library_protected, 2);
  lua_insert(lua, -1 - arguments);
  return ms_state_call(lua, arguments, results);
}
