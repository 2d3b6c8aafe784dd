/* The state: loader of embedded modules, what the library is told, calls with readable errors. */
#include "core/lua/state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

#include "core/base/embedded.h"
#include "core/lua/interrupt.h"

/* Counts what Lua holds, in front of LuaJIT's own allocator. */
typedef struct {
  lua_Alloc allocate;
  void *state;
  uint64_t held, limit;
} account;

static void *counted(void *data, void *block, size_t old, size_t size) {
  account *memory = data;
  bool grows = size > old;
  if (grows && memory->limit && memory->held + (size - old) > memory->limit) return NULL;
  void *moved = memory->allocate(memory->state, block, old, size);
  if (moved || size == 0) memory->held += (uint64_t)size - (uint64_t)old;
  return moved;
}

static const char account_key = 0;

static void count_memory(lua_State *lua) {
  account *memory = lua_newuserdata(lua, sizeof *memory);
  *memory = (account){.held = (uint64_t)lua_gc(lua, LUA_GCCOUNT, 0) * 1024};
  lua_pushlightuserdata(lua, (void *)(uintptr_t)&account_key);
  lua_insert(lua, -2);
  lua_rawset(lua, LUA_REGISTRYINDEX);
  memory->allocate = lua_getallocf(lua, &memory->state);
  lua_setallocf(lua, counted, memory);
}

static account *account_of(lua_State *lua) {
  lua_pushlightuserdata(lua, (void *)(uintptr_t)&account_key);
  lua_rawget(lua, LUA_REGISTRYINDEX);
  account *memory = lua_touserdata(lua, -1);
  lua_pop(lua, 1);
  return memory;
}

void ms_state_limit(lua_State *lua, uint64_t bytes) { account_of(lua)->limit = bytes; }

static const ms_embedded_file *find(const char *name) {
  for (const ms_embedded_file *file = ms_embedded_files; file->name; file++) {
    if (strcmp(file->name, name) == 0) return file;
  }
  return NULL;
}

/* A loader of require: "moonsift.crm.rfm" is stdlib/crm/rfm.lua, "moonsift" is stdlib/init.lua. */
static int load_embedded(lua_State *lua) {
  const char *module = luaL_checkstring(lua, 1);
  if (strcmp(module, "moonsift") == 0) module = "moonsift.init";
  if (strncmp(module, "moonsift.", 9) != 0) return 0;
  lua_pushliteral(lua, "stdlib/");
  luaL_gsub(lua, module + 9, ".", "/");
  lua_pushliteral(lua, ".lua");
  lua_concat(lua, 3);
  const char *name = lua_tostring(lua, -1);
  const ms_embedded_file *file = find(name);
  if (!file) {
    lua_pushfstring(lua, "\n\tno module '%s' in moonsift", module);
    return 1;
  }
  lua_pushfstring(lua, "@%s", name);
  if (luaL_loadbuffer(lua, file->data, file->size, lua_tostring(lua, -1))) return lua_error(lua);
  return 1;
}

/* host.file(name): the text of an embedded file, or nil. */
static int host_file(lua_State *lua) {
  const ms_embedded_file *file = find(luaL_checkstring(lua, 1));
  if (!file) return 0;
  lua_pushlstring(lua, file->data, file->size);
  return 1;
}

/* host.files(): the names of all embedded files. */
static int host_files(lua_State *lua) {
  lua_newtable(lua);
  int count = 0;
  for (const ms_embedded_file *file = ms_embedded_files; file->name; file++) {
    lua_pushstring(lua, file->name);
    lua_rawseti(lua, -2, ++count);
  }
  return 1;
}

static void set_flag(lua_State *lua, const char *name, bool value) {
  lua_pushboolean(lua, value);
  lua_setfield(lua, -2, name);
}

/* The module "moonsift.host", which only the library sees. */
static void push_host(lua_State *lua, ms_context *context, const ms_state_options *options) {
  const ms_embedded_file *header = find("core/api.ffi.h");
  lua_newtable(lua);
  lua_pushlstring(lua, header ? header->data : "", header ? header->size : 0);
  lua_setfield(lua, -2, "declarations");
  lua_pushlightuserdata(lua, context);
  lua_setfield(lua, -2, "context");
  lua_pushliteral(lua, MOONSIFT_VERSION);
  lua_setfield(lua, -2, "version");
  lua_pushcfunction(lua, host_file);
  lua_setfield(lua, -2, "file");
  lua_pushcfunction(lua, host_files);
  lua_setfield(lua, -2, "files");
  set_flag(lua, "allow_shell", options->allow_shell);
  set_flag(lua, "quiet", options->quiet);
}

static int open_all(lua_State *lua) {
  ms_context *context = lua_touserdata(lua, 1);
  const ms_state_options *options = lua_touserdata(lua, 2);
  luaL_openlibs(lua);
  lua_getglobal(lua, "package");
  lua_getfield(lua, -1, "loaders");
  lua_pushcfunction(lua, load_embedded);
  lua_rawseti(lua, -2, (int)lua_objlen(lua, -2) + 1);
  lua_getfield(lua, -2, "loaded");
  push_host(lua, context, options);
  lua_setfield(lua, -2, "moonsift.host");
  lua_getglobal(lua, "require");
  lua_pushliteral(lua, "moonsift.sandbox");
  lua_call(lua, 1, 0);
  return 0;
}

lua_State *ms_state_new(ms_context *context, const ms_state_options *options) {
  lua_State *lua = luaL_newstate();
  if (!lua) return NULL;
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
  ms_interrupt_stop();
  lua_close(lua);
}

static void push_library(lua_State *lua, const char *module, const char *name) {
  lua_getglobal(lua, "require");
  lua_pushfstring(lua, "moonsift.%s", module);
  lua_call(lua, 1, 1);
  lua_getfield(lua, -1, name);
  lua_remove(lua, -2);
}

/* Runs protected: pushes the sandbox's loader, calls it with text and name. */
static int load_protected(lua_State *lua) {
  push_library(lua, "sandbox", "load");
  lua_insert(lua, 1);
  lua_call(lua, 2, 2);
  return 2;
}

bool ms_state_load(lua_State *lua, const char *text, size_t size, const char *name) {
  lua_pushcfunction(lua, load_protected);
  lua_pushlstring(lua, text, size);
  lua_pushstring(lua, name);
  if (lua_pcall(lua, 2, 2, 0)) return false;
  if (lua_isnil(lua, -2)) {
    lua_remove(lua, -2);
    return false;
  }
  lua_pop(lua, 1);
  return true;
}

/* The message handler: stdlib/errors.lua makes of any error one that is fit to be shown. */
static int explain(lua_State *lua) {
  push_library(lua, "errors", "explain");
  lua_insert(lua, 1);
  lua_call(lua, 1, 1);
  return 1;
}

int ms_state_call(lua_State *lua, int arguments, int results) {
  int base = lua_gettop(lua) - arguments;
  lua_pushcfunction(lua, explain);
  lua_insert(lua, base);
  ms_interrupt_enter();
  int status = lua_pcall(lua, arguments, results, base);
  bool interrupted = ms_interrupt_leave();
  lua_remove(lua, base);
  if (interrupted && status) {
    lua_pop(lua, 1);
    lua_pushliteral(lua, "interrupted");
    return LUA_ERRERR + 1;
  }
  return status;
}

static int library_protected(lua_State *lua) {
  const char *module = lua_tostring(lua, lua_upvalueindex(1));
  const char *name = lua_tostring(lua, lua_upvalueindex(2));
  push_library(lua, module, name);
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

int ms_state_call_library(lua_State *lua, const char *module, const char *name, int arguments,
                          int results) {
  lua_pushstring(lua, module);
  lua_pushstring(lua, name);
  lua_pushcclosure(lua, library_protected, 2);
  lua_insert(lua, -1 - arguments);
  return ms_state_call(lua, arguments, results);
}
