/* How much memory moonsift may use. */
#ifndef MS_RUNTIME_BUDGET_H
#define MS_RUNTIME_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* MOONSIFT_MEMORY in bytes: a number with k, M, G or T (times 1024), or a percentage of the machine; 80 % where it is not
 * set. The machine is its memory or what the control groups of the process allow, whichever is less. False after a
 * message on standard error. */
bool ms_budget_read(uint64_t *bytes);

#endif
