/* The prompt: lines by libedit, with history; everything else is stdlib/prompt.lua, which is asked after every line whether
 * it is whole, and runs it. */
#include "core/runtime/prompt.h"

#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/lua/interrupt.h"
#include "core/lua/state.h"
#include "core/runtime/command.h"
#include "core/runtime/progress.h"

enum { HISTORY_LINES = 10000, PATH_SIZE = 4096 };

typedef struct {
  lua_State *lua;
  EditLine *edit;
  History *history;
  char path[PATH_SIZE]; /* of the history file; empty: none */
  bool continued;
} prompt;

static char *prompt_text(EditLine *edit) {
  static char first[] = "moonsift> ", next[] = "      ..> ";
  prompt *p = NULL;
  (void)el_get(edit, EL_CLIENTDATA, &p);
  return p && p->continued ? next : first;
}

/* Makes each folder of the path that is missing. */
static void make_folders(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    (void)mkdir(path, 0700);
    *slash = '/';
  }
}

static void find_history(prompt *p) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  int size = -1;
  if (state && *state) {
    size = snprintf(p->path, PATH_SIZE, "%s/moonsift/history", state);
  } else if (home && *home) {
    size = snprintf(p->path, PATH_SIZE, "%s/.local/state/moonsift/history", home);
  }
  if (size < 0 || size >= PATH_SIZE) p->path[0] = 0;
  if (p->path[0]) make_folders(p->path);
}

static bool start(prompt *p) {
  HistEvent event;
  p->edit = el_init("moonsift", stdin, stdout, stderr);
  p->history = history_init();
  if (!p->edit || !p->history) return false;
  (void)el_set(p->edit, EL_CLIENTDATA, p);
  (void)el_set(p->edit, EL_PROMPT, prompt_text);
  (void)el_set(p->edit, EL_EDITOR, "emacs");
  (void)el_set(p->edit, EL_HIST, history, p->history);
  (void)el_set(p->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
  (void)el_source(p->edit, NULL);
  (void)history(p->history, &event, H_SETSIZE, HISTORY_LINES);
  (void)history(p->history, &event, H_SETUNIQUE, 1);
  find_history(p);
  if (p->path[0]) (void)history(p->history, &event, H_LOAD, p->path);
  return true;
}

static void finish(prompt *p) {
  HistEvent event;
  if (p->history && p->path[0]) (void)history(p->history, &event, H_SAVE, p->path);
  if (p->history) history_end(p->history);
  if (p->edit) el_end(p->edit);
}

/* Hands the input to stdlib/prompt.lua: "more" if it is not whole yet, "quit", or "done". */
static const char *step(prompt *p, const char *text, size_t size) {
  lua_State *lua = p->lua;
  lua_settop(lua, 0);
  lua_pushlstring(lua, text, size);
  int status = ms_state_call_library(lua, "prompt", "step", 1, 1);
  ms_progress_clear();
  if (status == 0) return lua_tostring(lua, -1);
  (void)fflush(stdout);
  (void)ms_state_call_library(lua, "errors", "report", 1, 1);
  const char *message = lua_tostring(lua, -1);
  (void)fprintf(stderr, "%s\n", message ? message : "error");
  return "done";
}

/* What was typed so far; grows line by line. */
typedef struct {
  ms_memory *memory;
  char *text;
  size_t size, room;
} pending;

static bool append(pending *input, const char *line, size_t size) {
  if (input->room - input->size < size + 1) {
    size_t room = (input->size + size + 1) * 2;
    char *grown = ms_memory_grow(input->memory, input->text, room);
    if (!grown) return false;
    input->text = grown;
    input->room = room;
  }
  memcpy(input->text + input->size, line, size);
  input->size += size;
  return true;
}

static void remember(prompt *p, const pending *input) {
  HistEvent event;
  char *copy = ms_memory_take(input->memory, input->size + 1);
  if (!copy) return;
  memcpy(copy, input->text, input->size);
  size_t size = input->size;
  copy[size] = 0;
  while (size && (copy[size - 1] == '\n' || copy[size - 1] == ' ')) copy[--size] = 0;
  for (char *c = copy; *c; c++) {
    if (*c == '\n') *c = ' '; /* one entry, one line, so that it can be edited as a whole */
  }
  if (size) (void)history(p->history, &event, H_ENTER, copy);
  ms_memory_give(copy);
}

int ms_prompt_run(ms_context *context, lua_State *lua, const char *database) {
  prompt p = {.lua = lua};
  pending input = {.memory = ms_context_account(context)};
  int status = MS_EXIT_ERROR;
  if (!start(&p)) goto done;
  lua_pushstring(lua, database ? database : "");
  if (ms_state_call_library(lua, "prompt", "start", 1, 0)) {
    (void)ms_state_call_library(lua, "errors", "report", 1, 1);
    (void)fprintf(stderr, "moonsift: %s\n", lua_tostring(lua, -1));
    goto done;
  }
  for (;;) {
    int count = 0;
    ms_interrupt_enter();
    errno = 0;
    const char *line = el_gets(p.edit, &count);
    bool interrupted = ms_interrupt_leave();
    if (interrupted) { /* Ctrl-C drops what was typed */
      input.size = 0;
      p.continued = false;
      (void)fputc('\n', stdout);
      el_reset(p.edit);
      continue;
    }
    if (!line || count <= 0) break;
    if (!append(&input, line, (size_t)count)) goto done;
    const char *answer = step(&p, input.text, input.size);
    p.continued = strcmp(answer, "more") == 0;
    if (p.continued) continue;
    remember(&p, &input);
    input.size = 0;
    if (strcmp(answer, "quit") == 0) break;
  }
  (void)fputc('\n', stdout);
  status = MS_EXIT_OK;
done:
  finish(&p);
  ms_memory_give(input.text);
  return status;
}
