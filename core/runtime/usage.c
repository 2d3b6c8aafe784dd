/* Reading the command line, and the words of its usage. */
#include "core/runtime/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/context.h"

const char ms_usage[] =
    "usage: moonsift                              an interactive prompt\n"
    "       moonsift run FILE [ARG…]              run a script or strategy\n"
    "       moonsift -e CODE [ARG…]               run a line; ms is there\n"
    "       moonsift check STRATEGY               rules that overlap, are never reached, leave "
    "somebody out\n"
    "       moonsift diff OLD NEW                 who would move if one strategy took the other's "
    "place\n"
    "       moonsift explain STRATEGY --customer ID    why a customer is where he is\n"
    "       moonsift history STRATEGY --customer ID    the segments that a customer went through\n"
    "       moonsift restore STRATEGY --run N     who was where after a run; --write: back to it\n"
    "       moonsift backtest STRATEGY [OTHER] --from DATE --to DATE    a run for each day of the "
    "past; two of them side by side\n"
    "       moonsift effect STRATEGY              what its actions brought, against the holdout\n"
    "       moonsift import FILE --db DB --table NAME    a CSV or JSON file into a table\n"
    "       moonsift test FILE…                   run tests\n"
    "       moonsift help [NAME]                  what there is, or one thing in full\n"
    "       moonsift --version\n"
    "\n"
    "options (anywhere; what moonsift does not know behind the FILE of run belongs to the "
    "script):\n"
    "  --db PATH        the customer database\n"
    "  --as-of DATE     the day from which a strategy looks, 2025-01-31\n"
    "  --set NAME=VALUE a parameter of a strategy\n"
    "  --map FILE       where a strategy's inputs stand in this database\n"
    "  --customer ID    the customer to explain\n"
    "  --from, --to DATE, --every 7d    the days of a backtest (1mo)\n"
    "  --against NAME=VALUE    a parameter of the second policy of a backtest\n"
    "  --out FILE       where a backtest writes the data of its charts (CSV)\n"
    "  --types NAME=TYPE, --delimiter C, --encoding NAME    how import reads the file\n"
    "  --mode append    what import does with a table that is there; replace; create (the first)\n"
    "  --run N          a past run (or --as-of DATE), for restore; --write: go back to it\n"
    "  --dry-run        show what would change, write nothing\n"
    "  --zone NAME      time zone of the session, Asia/Shanghai (UTC)\n"
    "  --threads N      threads to use (all cores); results never depend on it\n"
    "  --timeout TIME   stop after 90s, 20m, 2h (no limit)\n"
    "  --json           JSON for programs: run (of a strategy), help, import\n"
    "  --quiet          no progress and no notes\n"
    "  --allow-shell    scripts may start programs\n"
    "  --               the rest belongs to the script\n"
    "\n"
    "Data goes to standard output, progress and messages to standard error.\n"
    "Exit status: 0 success, 1 an error, 2 wrong usage, 124 time limit, 130 interrupted,\n"
    "143 terminated.\n"
    "MOONSIFT_MEMORY limits memory: bytes, with k, M, G or T, or a percentage (80%).\n";

/* Says what is wrong with a word, and which of the names was meant, if one is near. */
static bool refuse_near(const char *format, const char *word, const char *const *names,
                        size_t count) {
  (void)fprintf(stderr, "moonsift: ");
  (void)fprintf(stderr, format, word);
  int64_t near = count ? ms_nearest(word, names, count) : -1;
  if (near >= 0) (void)fprintf(stderr, "\n  did you mean '%s'?", names[near]);
  (void)fprintf(stderr, "\n  moonsift --help shows the usage\n");
  return false;
}

static bool refuse(const char *format, const char *word) {
  return refuse_near(format, word, NULL, 0);
}

typedef struct {
  const char *name;
  const char **text;     /* an option with a value, */
  bool *flag;            /* or one without, */
  ms_settings *settings; /* or one that may be given again and again */
  const char *only;      /* the one command that has it; NULL: all */
} option;

static bool is_of(const option *known, const char *command) {
  return !known->only || !command || strcmp(known->only, command) == 0;
}

static bool take_setting(ms_settings *settings, const char *text) {
  if (settings->count == MS_SETTINGS_MOST) return refuse("%s: too many settings", text);
  if (!strchr(text, '=')) return refuse("%s: NAME=VALUE wanted", text);
  settings->list[settings->count++] = text;
  return true;
}

/* Takes the option at arguments[*at] and its value; *at ends on what was taken last. */
static bool read_option(ms_command *command, const option *known, int *at) {
  char *word = command->arguments[*at];
  size_t length = strcspn(word, "=");
  for (const option *o = known; o->name; o++) {
    if (strlen(o->name) != length || strncmp(word, o->name, length) != 0) continue;
    if (!is_of(o, command->command)) return refuse("option %s is of another command", o->name);
    if (o->flag) {
      *o->flag = true;
      return word[length] ? refuse("option %s takes no value", o->name) : true;
    }
    const char *text = word + length + 1;
    if (!word[length]) {
      if (*at + 1 >= command->count) return refuse("option %s needs a value", o->name);
      text = command->arguments[++*at];
    }
    if (o->settings) return take_setting(o->settings, text);
    *o->text = text;
    return true;
  }
  const char *names[32];
  size_t count = 0;
  for (const option *o = known; o->name; o++) names[count++] = o->name;
  return refuse_near("unknown option '%s'", word, names, count);
}

static bool is_known(const option *known, const char *word, const char *command) {
  size_t length = strcspn(word, "=");
  for (const option *o = known; o->name; o++) {
    if (strlen(o->name) == length && strncmp(word, o->name, length) == 0) return is_of(o, command);
  }
  return false;
}

static bool read_threads(ms_command *command, const char *text) {
  if (!text) return true;
  char *end;
  long threads = strtol(text, &end, 10);
  if (*end || end == text || threads < 0 || threads > 256) {
    return refuse("--threads %s: 0 … 256 wanted", text);
  }
  command->threads = (int)threads;
  return true;
}

/* 90, 90s, 20m, 2h. */
static bool read_timeout(ms_command *command, const char *text) {
  if (!text) return true;
  char *unit;
  double amount = strtod(text, &unit);
  double scale = !*unit || strcmp(unit, "s") == 0 ? 1
                 : strcmp(unit, "m") == 0         ? 60
                 : strcmp(unit, "h") == 0         ? 3600
                                                  : 0;
  command->seconds = amount * scale;
  if (unit == text || !(command->seconds >= 0.001 && command->seconds < 1e8)) {
    return refuse("--timeout %s: a time such as 90s, 20m, 2h is wanted", text);
  }
  return true;
}

/* The command's own words: its name, and what it works on. */
static bool take_word(ms_command *command, const char *word) {
  static const char *const commands[] = {"run",     "check",   "diff",     "explain",
                                         "history", "restore", "backtest", "effect",
                                         "test",    "import",  "help"};
  if (command->command) {
    command->target = word;
    return true;
  }
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(word, commands[i]) == 0) {
      command->command = commands[i];
      return true;
    }
  }
  return refuse_near("unknown command '%s'", word, commands, sizeof commands / sizeof *commands);
}

static bool needs_target(const ms_command *command) {
  static const char *const needing[] = {"run",     "check",    "-e",      "import",
                                        "test",    "diff",     "explain", "history",
                                        "restore", "backtest", "effect"};
  for (size_t i = 0; i < sizeof needing / sizeof *needing; i++) {
    if (strcmp(command->command, needing[i]) == 0) return true;
  }
  return false;
}

/* Takes the words one after the other; what belongs to the script is gathered in place, at the front of the array.
 * code: where the option -e is read to. */
static bool take_words(ms_command *command, const option *known, const char **code) {
  int kept = 1;
  bool ours = true;
  for (int at = 1; at < command->count; at++) {
    char *word = command->arguments[at];
    bool script = *code || (command->target && strcmp(command->command, "run") == 0);
    if (ours && strcmp(word, "--") == 0) {
      ours = false;
    } else if (ours && word[0] == '-' && word[1] &&
               (!script || is_known(known, word, command->command))) {
      if (!read_option(command, known, &at)) return false;
    } else if (command->target || *code || !ours) {
      command->arguments[kept++] = word;
    } else if (!take_word(command, word)) {
      return false;
    }
    if (*code && !command->command) {
      command->command = "-e";
      command->target = *code;
    }
  }
  command->rest = 1;
  command->count = kept;
  return true;
}

bool ms_command_read(ms_command *command, int count, char **arguments) {
  const char *threads = NULL, *timeout = NULL, *code = NULL;
  bool help = false, version = false;
  *command = (ms_command){.count = count, .arguments = arguments};
  const option known[] = {{"--db", .text = &command->database},
                          {"--as-of", .text = &command->as_of},
                          {"--table", .text = &command->table},
                          {"--set", .settings = &command->set},
                          {"--against", .settings = &command->against, .only = "backtest"},
                          {"--types", .settings = &command->types, .only = "import"},
                          {"--delimiter", .text = &command->delimiter, .only = "import"},
                          {"--encoding", .text = &command->encoding, .only = "import"},
                          {"--mode", .text = &command->mode, .only = "import"},
                          {"--map", .text = &command->mapping},
                          {"--customer", .text = &command->customer},
                          {"--from", .text = &command->from},
                          {"--to", .text = &command->to},
                          {"--every", .text = &command->every},
                          {"--run", .text = &command->run},
                          {"--out", .text = &command->out, .only = "backtest"},
                          {"--zone", .text = &command->zone},
                          {"--threads", .text = &threads},
                          {"--timeout", .text = &timeout},
                          {"-e", .text = &code},
                          {"--dry-run", .flag = &command->dry_run},
                          {"--write", .flag = &command->write},
                          {"--quiet", .flag = &command->quiet},
                          {"--json", .flag = &command->json},
                          {"--allow-shell", .flag = &command->allow_shell},
                          {"--help", .flag = &help},
                          {"-h", .flag = &help},
                          {"--version", .flag = &version},
                          {.name = NULL}};
  if (!take_words(command, known, &code)) return false;
  if (help || version) command->command = help ? "usage" : "version";
  if (!command->command) command->command = "prompt";
  if (needs_target(command) && !command->target) {
    return refuse("%s: a file is wanted", command->command);
  }
  return read_threads(command, threads) && read_timeout(command, timeout);
}
