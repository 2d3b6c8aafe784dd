/* The prompt: lines by libedit, with history; everything else is stdlib/prompt.lua, which is asked after every line whether
 * it is whole, and runs it. */
#include "core/runtime/prompt.h"

#include <errno.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/lua/state.h"
#include "core/runtime/command.h"
#include "core/runtime/keys.h"
#include "core/runtime/progress.h"

enum { HISTORY_LINES = 10000, PATH_SIZE = 4096 };

typedef struct {
  lua_State *lua;
  EditLine *edit;
  History *history;
  char path[PATH_SIZE]; /* of the history file; empty: none */
  bool continued;
  int status; /* to exit with */
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
  (void)el_set(p->edit, EL_GETCFN, ms_keys_read);
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
  if (p->history && p->path[0]) {
    mode_t before = umask(077); /* what was typed may name customers */
    (void)history(p->history, &event, H_SAVE, p->path);
    (void)umask(before);
  }
  if (p->history) history_end(p->history);
  if (p->edit) el_end(p->edit);
}

/* Says what a call that failed left on the stack. */
static void show_failure(lua_State *lua) {
  ms_progress_clear();
  (void)fflush(stdout);
  const char *message = lua_tostring(lua, -1);
  if (message) (void)fprintf(stderr, "%s\n", message);
}

/* Hands the input to stdlib/prompt.lua: "more" if it is not whole yet, "quit", or "done". */
static const char *step(prompt *p, const char *text, size_t size) {
  lua_State *lua = p->lua;
  lua_settop(lua, 0);
  lua_pushlstring(lua, text, size);
  ms_outcome outcome = ms_state_call_library(lua, "prompt", "step", 1, 1);
  ms_progress_clear();
  if (outcome.done) return lua_tostring(lua, -1);
  show_failure(lua);
  if (outcome.why == MS_STOP_EXIT || outcome.why == MS_STOP_TERMINATE) {
    p->status = outcome.status;
    return "quit";
  }
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

static void enter_history(prompt *p, const char *text) {
  HistEvent event;
  if (text[strspn(text, " \t")]) (void)history(p->history, &event, H_ENTER, text);
}

/* An input of several lines becomes one, so that it can be edited as a whole, or, where it has a comment, as many as it
 * has. */
static void remember(prompt *p, pending *input) {
  char *text = input->text;
  text[input->size] = 0;
  bool whole = !strstr(text, "--");
  for (char *end = strchr(text, '\n'); end; end = strchr(end, '\n')) {
    *end++ = whole ? ' ' : 0;
    if (!whole) {
      enter_history(p, text);
      text = end;
    }
  }
  size_t size = strlen(text);
  while (size && text[size - 1] == ' ') text[--size] = 0;
  enter_history(p, text);
}

/* A line from the terminal; NULL at the end of input. What Ctrl-C drops is "". */
static const char *read_line(prompt *p, int *count) {
  ms_interrupt_clear();
  errno = 0;
  const char *line = el_gets(p->edit, count);
  ms_stop why = ms_interrupted();
  ms_interrupt_clear();
  if (why == MS_STOP_NONE) return line && *count > 0 ? line : NULL;
  (void)fputc('\n', stdout);
  el_reset(p->edit);
  *count = 0;
  if (why == MS_STOP_INTERRUPT) return "";
  p->status = ms_interrupt_status(why);
  return NULL;
}

/* Inputs of one or more lines, until the end. */
static void run_inputs(prompt *p, pending *input) {
  int count;
  const char *line;
  while ((line = read_line(p, &count)) != NULL) {
    if (count == 0) {
      input->size = 0;
      p->continued = false;
      continue;
    }
    if (!append(input, line, (size_t)count)) return;
    const char *answer = step(p, input->text, input->size);
    p->continued = strcmp(answer, "more") == 0;
    if (p->continued) continue;
    remember(p, input);
    input->size = 0;
    if (strcmp(answer, "quit") == 0) return;
  }
  (void)fputc('\n', stdout);
}

int ms_prompt_run(ms_context *context, lua_State *lua, const char *database) {
  prompt p = {.lua = lua, .status = MS_EXIT_OK};
  pending input = {.memory = ms_context_account(context)};
  if (start(&p)) {
    lua_pushstring(lua, database ? database : "");
    ms_outcome outcome = ms_state_call_library(lua, "prompt", "start", 1, 0);
    if (outcome.done) {
      run_inputs(&p, &input);
    } else {
      show_failure(lua);
      p.status = outcome.status;
    }
  } else {
    (void)fputs("moonsift: this terminal cannot be used\n", stderr);
    p.status = MS_EXIT_ERROR;
  }
  finish(&p);
  ms_memory_give(input.text);
  return p.status;
}
