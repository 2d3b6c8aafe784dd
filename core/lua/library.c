/* Modules of the library come from the binary: "moonsift.crm.rfm" is the embedded file stdlib/crm/rfm.lua. */
#include "core/lua/library.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/context.h"
#include "core/base/embedded.h"
#include "core/frame/cell_text.h"
#include "core/lua/interrupt.h"

static const ms_embedded_file *find(const char *name) {
  for (const ms_embedded_file *file = ms_embedded_files; file->name; file++) {
    if (strcmp(file->name, name) == 0) return file;
  }
  return NULL;
}

/* A debug build reads the library from the folder that MOONSIFT_STDLIB names, so that it need not be built again
 * after each change. Pushes the chunk of "stdlib/NAME.lua" there; false if there is none. */
static bool load_from_folder(lua_State *lua, const char *name) {
#ifdef NDEBUG
  (void)lua;
  (void)name;
  return false;
#else
  const char *folder = getenv("MOONSIFT_STDLIB");
  if (!folder || !*folder) return false;
  lua_pushfstring(lua, "%s%s", folder, name + strlen("stdlib"));
  FILE *file = fopen(lua_tostring(lua, -1), "rb");
  if (!file) return false;
  luaL_Buffer text;
  luaL_buffinit(lua, &text);
  for (size_t got = 1; got > 0;) {
    got = fread(luaL_prepbuffer(&text), 1, LUAL_BUFFERSIZE, file);
    luaL_addsize(&text, got);
  }
  (void)fclose(file);
  luaL_pushresult(&text);
  lua_pushfstring(lua, "@%s", name);
  size_t size;
  const char *data = lua_tolstring(lua, -2, &size);
  if (luaL_loadbuffer(lua, data, size, lua_tostring(lua, -1))) lua_error(lua);
  return true;
#endif
}

/* A loader of require: "moonsift.crm.rfm" is stdlib/crm/rfm.lua, "moonsift" is stdlib/init.lua. */
static int load_module(lua_State *lua) {
  const char *module = luaL_checkstring(lua, 1);
  if (strcmp(module, "moonsift") == 0) module = "moonsift.init";
  if (strncmp(module, "moonsift.", 9) != 0) return 0;
  lua_pushliteral(lua, "stdlib/");
  luaL_gsub(lua, module + 9, ".", "/");
  lua_pushliteral(lua, ".lua");
  lua_concat(lua, 3);
  const char *name = lua_tostring(lua, -1);
  if (load_from_folder(lua, name)) return 1;
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

/* host.stopped(): whether the script was asked to stop. */
static int host_stopped(lua_State *lua) {
  lua_pushboolean(lua, ms_interrupted() != MS_STOP_NONE);
  return 1;
}

enum { NAMES = 4096 };

/* host.nearest(word, names): index of the name that was meant, or nil. */
static int host_nearest(lua_State *lua) {
  const char *wrong = luaL_checkstring(lua, 1);
  luaL_checktype(lua, 2, LUA_TTABLE);
  size_t count = lua_objlen(lua, 2);
  if (count > NAMES) count = NAMES;
  const char **names = lua_newuserdata(lua, (count + 1) * sizeof *names);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(lua, 2, (int)i + 1);
    names[i] = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "";
    lua_pop(lua, 1); /* the table keeps it */
  }
  int64_t near = ms_nearest(wrong, names, count);
  if (near < 0) return 0;
  lua_pushinteger(lua, (lua_Integer)near + 1);
  return 1;
}

/* host.width(text): cells that it takes on a terminal. */
static int host_width(lua_State *lua) {
  lua_pushinteger(lua, ms_text_cells(luaL_checkstring(lua, 1), false));
  return 1;
}

/* host.work(what, done, total): progress of work of many calls; host.work() ends it. False if other work is going on
 * already. */
static int host_work(lua_State *lua) {
  lua_pushboolean(lua, ms_context_work(lua_touserdata(lua, lua_upvalueindex(1)),
                                       luaL_optstring(lua, 1, NULL),
                                       (uint64_t)luaL_optinteger(lua, 2, 0),
                                       (uint64_t)luaL_optinteger(lua, 3, 0)));
  return 1;
}

static void push_host(lua_State *lua, const ms_library_host *host) {
  const luaL_Reg functions[] = {{"file", host_file},
                                {"files", host_files},
                                {"stopped", host_stopped},
                                {"nearest", host_nearest},
                                {"exit", host->exit},
                                {"width", host_width},
                                {NULL, NULL}};
  const ms_embedded_file *header = find("core/api.ffi.h");
  lua_newtable(lua);
  for (const luaL_Reg *f = functions; f->name; f++) {
    lua_pushcfunction(lua, f->func);
    lua_setfield(lua, -2, f->name);
  }
  lua_pushlstring(lua, header ? header->data : "", header ? header->size : 0);
  lua_setfield(lua, -2, "declarations");
  lua_pushlightuserdata(lua, host->context);
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -3, "context");
  lua_pushcclosure(lua, host_work, 1);
  lua_setfield(lua, -2, "work");
  lua_pushlightuserdata(lua, (void *)(uintptr_t)ms_interrupt_hold());
  lua_setfield(lua, -2, "hold");
  lua_pushliteral(lua, MOONSIFT_VERSION);
  lua_setfield(lua, -2, "version");
  lua_pushboolean(lua, host->options->allow_shell);
  lua_setfield(lua, -2, "allow_shell");
  lua_pushboolean(lua, host->options->quiet);
  lua_setfield(lua, -2, "quiet");
}

void ms_library_push(lua_State *lua, const char *module, const char *name) {
  lua_getglobal(lua, "require");
  lua_pushfstring(lua, "moonsift.%s", module);
  lua_call(lua, 1, 1);
  lua_getfield(lua, -1, name);
  lua_remove(lua, -2);
}

void ms_library_open(lua_State *lua, const ms_library_host *host) {
  luaL_openlibs(lua);
  lua_getglobal(lua, "package");
  lua_getfield(lua, -1, "loaders");
  lua_pushcfunction(lua, load_module);
  lua_rawseti(lua, -2, (int)lua_objlen(lua, -2) + 1);
  lua_getfield(lua, -2, "loaded");
  push_host(lua, host);
  lua_setfield(lua, -2, "moonsift.host");
  lua_pop(lua, 3);
  ms_library_push(lua, "sandbox", "load");
  ms_library_push(lua, "hints", "of"); /* they come to errors by being there */
  lua_pop(lua, 2);
}
