/* moonsift: the program. */
#include "core/runtime/command.h"

int main(int count, char **arguments) {
  ms_command command;
  if (!ms_command_read(&command, count, arguments)) return MS_EXIT_USAGE;
  return ms_command_run(&command);
}
