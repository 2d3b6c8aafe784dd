/* The bag of named values that a call brings: options, and parameters of expressions ("@name"). */
#ifndef MS_FRAME_OPTIONS_H
#define MS_FRAME_OPTIONS_H

#include "core/base/text.h"

typedef struct {
  ms_type type;
  bool null;
  union {
    int64_t integer; /* boolean, integer, date, time */
    double real;
    ms_slice text;
  };
} ms_value;

typedef struct {
  const char *name;
  bool list;
  size_t count;
  ms_value *values;
} ms_option_value;

/* The values under the name, or NULL; `options` may be NULL. */
const ms_option_value *ms_options_find(const ms_options *options, const char *name);
/* Whether an addition found no memory, so that the bag is not what was meant. */
bool ms_options_failed(const ms_options *options);
size_t ms_options_count(const ms_options *options);
const ms_option_value *ms_options_at(const ms_options *options, size_t i);

#endif
