/* Signals to hooks. What a signal handler needs has to be file-level state; nothing else here is. */
#include "core/lua/interrupt.h"

#include <lauxlib.h>
#include <luajit.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Not a multiple of the profiler's 10 ms, so that the two do not stay in step. */
enum { REPEAT_MICROS = 3700 };

static lua_State *volatile running; /* NULL outside of a script */
static lua_State *state;
static ms_context *session;
static volatile sig_atomic_t pressed; /* times that SIGINT came since enter */

static void stop(lua_State *lua, lua_Debug *at) {
  (void)at;
  luaL_error(lua, "interrupted");
}

static void set_timer(long micros) {
  struct itimerval timer = {{0, micros}, {0, micros}};
  (void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

static void on_alarm(int signal) {
  (void)signal;
  lua_State *lua = running;
  if (pressed && lua) lua_sethook(lua, stop, LUA_MASKCOUNT, 1);
}

/* First: stop. Second: say what is waited for. Third: end the process; a transaction that is open is rolled back by
 * the database when it is opened next. */
static void on_interrupt(int signal) {
  (void)signal;
  pressed++;
  ms_context_cancel(session);
  if (!running) return;
  if (pressed == 1) set_timer(REPEAT_MICROS);
  if (pressed == 2)
    say("\nstopping: waiting for the running call to end; once more ends moonsift\n");
  if (pressed >= 3) _exit(130);
}

static void idle(void *data, lua_State *lua, int samples, int vmstate) {
  (void)data;
  (void)lua;
  (void)samples;
  (void)vmstate;
}

static void handle(int signal, void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = signal == SIGALRM ? SA_RESTART : 0;
  (void)sigaction(signal, &action, NULL);
}

void ms_interrupt_start(lua_State *lua, ms_context *context) {
  state = lua;
  session = context;
  luaJIT_profile_start(lua, "i10l", idle, NULL);
  handle(SIGALRM, on_alarm);
  handle(SIGINT, on_interrupt);
}

void ms_interrupt_stop(void) {
  if (!state) return;
  set_timer(0);
  luaJIT_profile_stop(state);
  handle(SIGINT, SIG_DFL);
  running = state = NULL;
}

void ms_interrupt_enter(void) {
  pressed = 0;
  running = state;
}

bool ms_interrupt_leave(void) {
  if (!state) return false;
  running = NULL;
  bool was = pressed > 0;
  if (was) {
    set_timer(0);
    lua_sethook(state, NULL, 0, 0);
    ms_context_resume(session);
  }
  pressed = 0;
  return was;
}

bool ms_interrupted(void) { return pressed > 0; }
