/* Signals to hooks. What a signal handler needs has to be file-level state; nothing else here is. */
#include "core/lua/interrupt.h"

#include <lauxlib.h>
#include <luajit.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/context.h"

/* The profiler is there for the check that it puts into compiled code. Its own timer stands still (a
 * tick in 1000 s of processor time) until there is a reason to stop: with it ticking, rare runs hung
 * within LuaJIT 2.1 beta 3. That the ticks were the cause is likely, not proven. */
#define PROFILER "i1000000l"

enum {
  QUIET_SECONDS = 1000,
  TICK_MICROS = 10000,
  REPEAT_MICROS = 3700, /* no divisor of the tick, so that the two do not stay in step */
  GRACE_TICKS = 2700    /* ten seconds of them, for what does not listen */
};

static lua_State *volatile running; /* NULL outside of a script */
static lua_State *state;
static ms_context *session;
static volatile sig_atomic_t reason;  /* ms_stop */
static volatile sig_atomic_t pressed; /* times that SIGINT came */
static volatile sig_atomic_t ticks;   /* of the timer since the reason */
static volatile int held;             /* written by stdlib/ffi/library.lua */

/* Compiled code leaves for the interpreter before it comes here, and its stores are done by then. */
static void stop(lua_State *lua, lua_Debug *at) {
  (void)at;
  if (!held) luaL_error(lua, "interrupted");
}

static void set_timer(double first, long micros) {
  long seconds = (long)first;
  struct itimerval timer = {{0, micros}, {seconds, (long)((first - (double)seconds) * 1e6)}};
  (void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* Sets the profiler's timer: ticking, or as good as still. */
static void set_profiler(bool ticking) {
  struct timeval period = {ticking ? 0 : QUIET_SECONDS, ticking ? TICK_MICROS : 0};
  struct itimerval timer = {period, period};
  (void)setitimer(ITIMER_PROF, &timer, NULL);
}

static void repeat(void) {
  set_timer(REPEAT_MICROS / 1e6, REPEAT_MICROS);
  set_profiler(true);
}

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

/* The first reason counts. */
static void ask(ms_stop why) {
  if (!reason) {
    reason = (sig_atomic_t)why;
    ticks = 0;
  }
  ms_context_cancel(session);
  if (running) repeat();
}

/* The timer runs out for the time limit first, then for the hook that stops. */
static void on_alarm(int signal) {
  (void)signal;
  if (!reason) ask(MS_STOP_TIMEOUT);
  lua_State *lua = running;
  if (lua) lua_sethook(lua, stop, LUA_MASKCOUNT, 1);
  if (++ticks > GRACE_TICKS && (reason == MS_STOP_TIMEOUT || reason == MS_STOP_TERMINATE)) {
    say("moonsift: the running call does not end; leaving it\n");
    _exit(ms_interrupt_status((ms_stop)reason));
  }
}

/* First: stop. Second: say what is waited for. Third: end the process; a transaction that is open is rolled back by
 * the database when it is opened next. */
static void on_interrupt(int signal) {
  (void)signal;
  pressed++;
  ask(MS_STOP_INTERRUPT);
  if (!running) return;
  if (pressed == 2)
    say("\nstopping: waiting for the running call to end; once more ends moonsift\n");
  if (pressed >= 3) _exit(ms_interrupt_status(MS_STOP_INTERRUPT));
}

static void on_terminate(int signal) {
  (void)signal;
  ask(MS_STOP_TERMINATE);
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
  luaJIT_profile_start(lua, PROFILER, idle, NULL);
  handle(SIGALRM, on_alarm);
  handle(SIGINT, on_interrupt);
  handle(SIGTERM, on_terminate);
  handle(SIGHUP, on_terminate);
}

void ms_interrupt_finish(void) {
  if (!state) return;
  running = NULL;
  set_timer(0, 0);
  luaJIT_profile_stop(state);
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  handle(SIGHUP, SIG_DFL);
  state = NULL;
}

void ms_interrupt_enter(void) {
  running = state;
  if (reason) repeat();
}

ms_stop ms_interrupt_leave(void) {
  running = NULL;
  ms_stop why = (ms_stop)reason;
  held = 0;
  if (why) {
    /* What the stopped call left behind. */
    ms_context_detach(session);
    ms_context_end(session);
    set_timer(0, 0);
    set_profiler(false);
    if (state) lua_sethook(state, NULL, 0, 0);
    ms_interrupt_clear();
  }
  return why;
}

void ms_interrupt_clear(void) {
  reason = pressed = 0;
  if (session) ms_context_resume(session);
}

volatile int *ms_interrupt_hold(void) { return &held; }

ms_stop ms_interrupted(void) { return (ms_stop)reason; }

void ms_interrupt_raise(ms_stop why) {
  if (!running) return;
  if (!reason) reason = (sig_atomic_t)why;
  lua_sethook(running, stop, LUA_MASKCOUNT, 1);
  repeat();
}

void ms_interrupt_limit(double seconds) { set_timer(seconds, 0); }

int ms_interrupt_status(ms_stop why) {
  switch (why) {
    case MS_STOP_INTERRUPT: return 128 + SIGINT;
    case MS_STOP_TERMINATE: return 128 + SIGTERM;
    case MS_STOP_TIMEOUT: return 124;
    case MS_STOP_NONE:
    case MS_STOP_MEMORY:
    case MS_STOP_EXIT: break;
  }
  return 1;
}
