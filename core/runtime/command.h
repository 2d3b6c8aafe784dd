/* The command line: what was asked for, and running it. */
#ifndef MS_RUNTIME_COMMAND_H
#define MS_RUNTIME_COMMAND_H

#include <stdbool.h>

/* Parameters that may be set on the command line. */
enum { MS_SETTINGS_MOST = 64 };

typedef struct {
  const char *list[MS_SETTINGS_MOST]; /* "name=value" */
  int count;
} ms_settings;

/* What stands on the command line. Texts are borrowed from it. */
typedef struct {
  const char *command; /* "run" "check" "diff" "explain" "history" "restore" "backtest" "-e" "test"
                          "import" "help" "version" "prompt" */
  const char *target;  /* file, code, topic; NULL */
  const char *database, *as_of, *table, *zone, *mapping, *customer;
  const char *from, *to, *every, *run, *out;
  const char *delimiter, *encoding, *mode;
  ms_settings set, against, types;
  int threads;    /* 0: as many as there are cores */
  double seconds; /* time limit; 0: none */
  bool dry_run, quiet, json, allow_shell, write;
  int rest; /* index of the first argument of the script */
  int count;
  char **arguments;
} ms_command;

/* Exit statuses; core/lua/interrupt.h has those of what is stopped. */
enum { MS_EXIT_OK = 0, MS_EXIT_ERROR = 1, MS_EXIT_USAGE = 2 };

/* Reads the command line; false after a message on standard error where it cannot be read. */
bool ms_command_read(ms_command *command, int count, char **arguments);

/* Does what it says; gives the exit status. */
int ms_command_run(const ms_command *command);

#endif
