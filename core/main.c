/* The program, in its first form: runs scripts, lines and tests on one Lua state with the embedded
 * library. The runtime (core/lua, core/runtime) takes its place. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

#include "core/api.h"
#include "core/base/embedded.h"

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
  const ms_embedded_file *file = find(lua_tostring(lua, -1));
  if (!file) {
    lua_pushfstring(lua, "\n\tno embedded file '%s'", lua_tostring(lua, -1));
    return 1;
  }
  lua_pushfstring(lua, "@%s", file->name);
  if (luaL_loadbuffer(lua, file->data, file->size, lua_tostring(lua, -1))) return lua_error(lua);
  return 1;
}

static void open_host(lua_State *lua, ms_context *context) {
  const ms_embedded_file *header = find("core/api.ffi.h");
  luaL_openlibs(lua);
  lua_getglobal(lua, "package");
  lua_getfield(lua, -1, "loaders");
  lua_pushcfunction(lua, load_embedded);
  lua_rawseti(lua, -2, (int)lua_objlen(lua, -2) + 1);
  lua_getfield(lua, -2, "loaded");
  lua_newtable(lua);
  lua_pushlstring(lua, header ? header->data : "", header ? header->size : 0);
  lua_setfield(lua, -2, "declarations");
  lua_pushlightuserdata(lua, context);
  lua_setfield(lua, -2, "context");
  lua_setfield(lua, -2, "moonsift.host");
  lua_settop(lua, 0);
}

/* The test runner over the files from argument `first` on; gives its exit status. */
static int test_files(lua_State *lua, int count, char **arguments) {
  lua_getglobal(lua, "require");
  lua_pushliteral(lua, "moonsift.test");
  if (lua_pcall(lua, 1, 1, 0)) return -1;
  lua_getfield(lua, -1, "run");
  lua_newtable(lua);
  for (int i = 0; i < count; i++) {
    lua_pushstring(lua, arguments[i]);
    lua_rawseti(lua, -2, i + 1);
  }
  return lua_pcall(lua, 1, 1, 0) ? -1 : (int)lua_tointeger(lua, -1);
}

static int script(lua_State *lua, const char *file, const char *line, int count, char **arguments) {
  lua_newtable(lua);
  for (int i = 0; i < count; i++) {
    lua_pushstring(lua, arguments[i]);
    lua_rawseti(lua, -2, i + 1);
  }
  lua_setglobal(lua, "arg");
  if (file ? luaL_loadfile(lua, file) : luaL_loadbuffer(lua, line, strlen(line), "=-e")) return -1;
  for (int i = 0; i < count; i++) lua_pushstring(lua, arguments[i]);
  return lua_pcall(lua, count, 0, 0) ? -1 : 0;
}

static int run(lua_State *lua, int count, char **arguments) {
  if (count >= 2 && strcmp(arguments[1], "test") == 0) {
    return test_files(lua, count - 2, arguments + 2);
  }
  if (count >= 3 && strcmp(arguments[1], "run") == 0) {
    return script(lua, arguments[2], NULL, count - 3, arguments + 3);
  }
  if (count >= 3 && strcmp(arguments[1], "-e") == 0) {
    return script(lua, NULL, arguments[2], count - 3, arguments + 3);
  }
  return puts("moonsift " MOONSIFT_VERSION) < 0;
}

int main(int count, char **arguments) {
  ms_context *context = ms_context_new();
  lua_State *lua = context ? luaL_newstate() : NULL;
  if (!lua) {
    ms_context_free(context);
    return 1;
  }
  open_host(lua, context);
  int status = run(lua, count, arguments);
  if (status < 0) {
    lua_getglobal(lua, "tostring");
    lua_insert(lua, -2);
    (void)lua_pcall(lua, 1, 1, 0);
    (void)fprintf(stderr, "%s\n", lua_tostring(lua, -1));
    status = 1;
  }
  lua_close(lua);
  ms_context_free(context);
  return status;
}
