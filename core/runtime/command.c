/* Running what the command line asks for. */
#include "core/runtime/command.h"

#include <lauxlib.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/lua/state.h"
#include "core/runtime/budget.h"
#include "core/runtime/progress.h"
#include "core/runtime/prompt.h"
#include "core/runtime/source.h"
#include "core/runtime/usage.h"

/* Shows what the call left on the stack; gives the exit status. */
static int show_failure(lua_State *lua, ms_outcome outcome) {
  ms_progress_clear();
  (void)fflush(stdout);
  const char *text = lua_tostring(lua, -1);
  if (text) (void)fprintf(stderr, "moonsift: %s\n", text);
  return outcome.status;
}

static int finish(lua_State *lua, ms_outcome outcome) {
  return outcome.done ? MS_EXIT_OK : show_failure(lua, outcome);
}

static void push_arguments(lua_State *lua, const ms_command *command) {
  for (int i = command->rest; i < command->count; i++) lua_pushstring(lua, command->arguments[i]);
}

static void set_text(lua_State *lua, const char *name, const char *text) {
  if (!text) return;
  lua_pushstring(lua, text);
  lua_setfield(lua, -2, name);
}

static void set_settings(lua_State *lua, const char *name, const ms_settings *settings) {
  lua_newtable(lua);
  for (int i = 0; i < settings->count; i++) {
    const char *equals = strchr(settings->list[i], '=');
    lua_pushlstring(lua, settings->list[i], (size_t)(equals - settings->list[i]));
    lua_pushstring(lua, equals + 1);
    lua_settable(lua, -3);
  }
  lua_setfield(lua, -2, name);
}

/* What the command line says, for stdlib/command.lua. */
static ms_outcome configure(lua_State *lua, const ms_command *command) {
  lua_newtable(lua);
  set_text(lua, "db", command->database);
  set_text(lua, "as_of", command->as_of);
  set_text(lua, "table", command->table);
  set_text(lua, "zone", command->zone);
  set_text(lua, "mapping", command->mapping);
  set_text(lua, "customer", command->customer);
  set_text(lua, "from", command->from);
  set_text(lua, "to", command->to);
  set_text(lua, "every", command->every);
  set_text(lua, "run", command->run);
  set_text(lua, "out", command->out);
  set_text(lua, "delimiter", command->delimiter);
  set_text(lua, "encoding", command->encoding);
  set_text(lua, "mode", command->mode);
  set_settings(lua, "set", &command->set);
  set_settings(lua, "against", &command->against);
  set_settings(lua, "types", &command->types);
  set_text(lua, "line", strcmp(command->command, "-e") == 0 ? command->target : NULL);
  set_text(lua, "script", strcmp(command->command, "run") == 0 ? command->target : NULL);
  lua_pushboolean(lua, command->dry_run);
  lua_setfield(lua, -2, "dry_run");
  lua_pushboolean(lua, command->write);
  lua_setfield(lua, -2, "write");
  lua_pushboolean(lua, command->json);
  lua_setfield(lua, -2, "json");
  lua_newtable(lua);
  for (int i = command->rest; i < command->count; i++) {
    lua_pushstring(lua, command->arguments[i]);
    lua_rawseti(lua, -2, i - command->rest + 1);
  }
  lua_setfield(lua, -2, "rest");
  return ms_state_call_library(lua, "command", "configure", 1, 0);
}

/* Runs a chunk with the arguments of the script. */
static int run_chunk(lua_State *lua, const ms_command *command, const char *text, size_t size,
                     const char *name) {
  if (!ms_state_load(lua, text, size, name)) {
    return show_failure(lua, (ms_outcome){.status = MS_EXIT_ERROR});
  }
  push_arguments(lua, command);
  ms_outcome outcome = ms_state_call(lua, command->count - command->rest, 1);
  /* A strategy is run; anything else that a script returns is its own affair. */
  if (outcome.done) outcome = ms_state_call_library(lua, "command", "returned", 1, 0);
  return finish(lua, outcome);
}

static int run_file(ms_context *context, lua_State *lua, const ms_command *command,
                    const char *path) {
  size_t size;
  char *text = ms_source_read(context, path, &size);
  if (!text) return MS_EXIT_ERROR;
  char name[4096];
  (void)snprintf(name, sizeof name, "@%s", strcmp(path, "-") == 0 ? "stdin" : path);
  int status = run_chunk(lua, command, text, size, name);
  ms_memory_give(text);
  return status;
}

/* Calls a function of the library with the command's target and arguments; its result, if it is a number, is the
 * exit status. */
static int run_library(lua_State *lua, const ms_command *command, const char *module,
                       const char *name) {
  int count = command->count - command->rest;
  if (command->target) {
    lua_pushstring(lua, command->target);
    count++;
  }
  push_arguments(lua, command);
  ms_outcome outcome = ms_state_call_library(lua, module, name, count, 1);
  return outcome.done ? (int)lua_tointeger(lua, -1) : show_failure(lua, outcome);
}

static int dispatch(ms_context *context, lua_State *lua, const ms_command *command) {
  const char *name = command->command;
  ms_outcome configured = configure(lua, command);
  if (!configured.done) {
    int status = show_failure(lua, configured);
    return configured.why == MS_STOP_NONE ? MS_EXIT_USAGE : status;
  }
  if (command->seconds > 0) ms_interrupt_limit(command->seconds);
  if (strcmp(name, "run") == 0) return run_file(context, lua, command, command->target);
  if (strcmp(name, "-e") == 0) {
    return run_chunk(lua, command, command->target, strlen(command->target), "=-e");
  }
  static const char *const library[] = {"check",   "diff",     "explain", "history",
                                        "restore", "backtest", "effect"};
  for (size_t i = 0; i < sizeof library / sizeof *library; i++) {
    if (strcmp(name, library[i]) == 0) return run_library(lua, command, "command", name);
  }
  if (strcmp(name, "test") == 0) return run_library(lua, command, "command", "test");
  if (strcmp(name, "import") == 0) return run_library(lua, command, "command", "import");
  if (strcmp(name, "help") == 0) return run_library(lua, command, "command", "help");
  if (isatty(STDIN_FILENO)) return ms_prompt_run(context, lua, command->database);
  return run_file(context, lua, command, "-");
}

/* Text is UTF-8 whatever the terminal's settings say; only the prompt's editor asks the locale. */
static void set_locale(void) {
  const char *set = setlocale(LC_CTYPE, "");
  if (!set || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) (void)setlocale(LC_CTYPE, "C.UTF-8");
}

int ms_command_run(const ms_command *command) {
  if (strcmp(command->command, "usage") == 0) return fputs(ms_usage, stdout) < 0;
  if (strcmp(command->command, "version") == 0) return puts("moonsift " MOONSIFT_VERSION) < 0;
  uint64_t budget;
  if (!ms_budget_read(&budget)) return MS_EXIT_USAGE;
  set_locale();
  /* A reader of our output that goes away (… | head) ends us quietly, by the signal. */
  (void)signal(SIGPIPE, SIG_DFL);
  ms_context *context = ms_context_new();
  if (!context) {
    (void)fputs("moonsift: not enough memory to start\n", stderr);
    return MS_EXIT_ERROR;
  }
  ms_context_threads(context, command->threads);
  ms_context_budget(context, budget);
  if (!command->quiet) ms_progress_start(context);
  ms_state_options options = {.allow_shell = command->allow_shell, .quiet = command->quiet};
  lua_State *lua = ms_state_new(context, &options);
  int status = MS_EXIT_ERROR;
  if (lua) {
    ms_state_limit(lua, budget);
    status = dispatch(context, lua, command);
    ms_state_free(lua);
  }
  ms_progress_clear();
  ms_context_free(context);
  if (fflush(stdout) != 0 && status == MS_EXIT_OK) status = MS_EXIT_ERROR;
  return status;
}
