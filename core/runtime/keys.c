/* Waits for a key with the signals that stop let through only while it waits, so that none comes between the look at
 * the flag and the waiting. */
#include "core/runtime/keys.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "core/lua/interrupt.h"

/* Waits for input; false where a stop was asked for. */
static bool wait_for_input(void) {
  sigset_t stops, before;
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  (void)sigemptyset(&stops);
  (void)sigaddset(&stops, SIGINT);
  (void)sigaddset(&stops, SIGTERM);
  (void)sigaddset(&stops, SIGHUP);
  (void)sigprocmask(SIG_BLOCK, &stops, &before);
  int ready = 0;
  while (ready <= 0 && ms_interrupted() == MS_STOP_NONE) {
    ready = ppoll(&input, 1, NULL, &before);
    if (ready < 0 && errno != EINTR) ready = 1; /* read says what it is */
  }
  (void)sigprocmask(SIG_SETMASK, &before, NULL);
  return ready > 0;
}

int ms_keys_read(EditLine *edit, wchar_t *character) {
  (void)edit;
  mbstate_t decoding;
  memset(&decoding, 0, sizeof decoding);
  for (;;) {
    if (!wait_for_input()) return -1;
    char byte;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return (int)got;
    size_t used = mbrtowc(character, &byte, 1, &decoding);
    if (used == (size_t)-2) continue; /* more bytes of the same character */
    if (used == (size_t)-1) *character = L'?';
    return 1;
  }
}
