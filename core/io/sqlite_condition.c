/* The condition of a filter in SQL. */
#include "core/io/sqlite_push.h"

const char *ms_push_condition(ms_push *push) {
  push->exact = false;
  return NULL;
}
