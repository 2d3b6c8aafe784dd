/* The words of the usage. */
#ifndef MS_RUNTIME_USAGE_H
#define MS_RUNTIME_USAGE_H

#include "core/runtime/command.h"

extern const char ms_usage[];

#endif
