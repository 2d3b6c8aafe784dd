/* The descriptor of a verb, reader or mining kernel, from which checks, help, completion, the
 * reference pages, the Lua functions and the tests of options are made.
 *
 *   static const ms_option options[] = {
 *     {.name = "k", .type = MS_OPTION_INTEGER, .fallback = "5", .low = 1, .high = 1000,
 *      .brief = "number of bins", .offset = offsetof(bin_options, k)},
 *     {0}};
 *   const ms_kernel ms_kernel_bin = {.name = "bin", .group = "stats", … .run = run};
 *
 * and one line MS_KERNEL(bin) in core/kernels/kernels.def. */
#ifndef MS_FRAME_KERNEL_H
#define MS_FRAME_KERNEL_H

#include "core/frame/frame.h"
#include "core/frame/options.h"

/* What an option is, and the C type that stands in the kernel's options struct. */
typedef enum {
  MS_OPTION_BOOLEAN,    /* bool */
  MS_OPTION_INTEGER,    /* int64_t; low … high checked */
  MS_OPTION_REAL,       /* double; low … high checked; an integer is taken too */
  MS_OPTION_TEXT,       /* const char *, terminated; NULL if not given */
  MS_OPTION_CHOICE,     /* int: index into `unit`, words separated by blanks */
  MS_OPTION_COLUMN,     /* const char *: name of a column of the first input, checked */
  MS_OPTION_COLUMNS,    /* ms_names: columns of the first input, checked */
  MS_OPTION_TEXTS,      /* ms_names: any texts, such as definitions or expressions */
  MS_OPTION_EXPRESSION, /* const char *: an expression over the first input */
  MS_OPTION_INTEGERS,   /* ms_integers */
  MS_OPTION_REALS,      /* ms_reals */
  MS_OPTION_VALUE       /* const ms_option_value *: any scalar or list, NULL if not given */
} ms_option_type_id;

typedef struct {
  size_t count;
  const char *const *items;
} ms_names;
typedef struct {
  size_t count;
  const int64_t *items;
} ms_integers;
typedef struct {
  size_t count;
  const double *items;
} ms_reals;

typedef struct {
  const char *name;
  ms_option_type_id type;
  const char *fallback; /* default as text; NULL: none (zero, NULL or an empty list) */
  bool required;
  double low, high; /* both 0: no limits */
  const char *unit; /* unit of a number; the words of a choice */
  const char *brief;
  size_t offset;
} ms_option;

/* The inputs of a call. `given` is the bag itself: parameters for expressions are looked up there.
 */
typedef struct {
  const ms_frame *const *frames;
  size_t count;
  const ms_options *given;
} ms_inputs;

struct ms_kernel {
  const char *name;         /* as in Lua */
  const char *group;        /* "frame", "read", "write", "stats", "mining", "predict", … */
  const char *brief;        /* one line */
  const char *cost;         /* "O(n) time, O(n) memory" */
  int least, most;          /* number of input frames; most -1: any */
  const ms_option *options; /* ended by {0} */
  size_t size;              /* of the options struct */
  const char *
      parts; /* of a learner: names of the frames that make the model, separated by blanks. run returns
                               the first, the others are attached in this order; NULL: no learner */
  /* The result is the caller's; NULL with an error in the context. Options: the checked struct. */
  ms_frame *(*run)(ms_context *context, const ms_inputs *inputs, const void *options);
};
typedef struct ms_kernel ms_kernel;

/* Checks the bag against the table and lays it into a struct in scratch: unknown names (did you
 * mean), missing ones, types, ranges, choices, columns. NULL with an error that names kernel and
 * option. */
const void *ms_kernel_options_read(ms_context *context, const ms_kernel *kernel,
                                   const ms_inputs *inputs);
/* The words of ms_option_type_id, as help shows them. */
const char *ms_option_type_word(ms_option_type_id type);
size_t ms_option_count(const ms_kernel *kernel);
/* Checks and runs one kernel from C; what ms_kernel_call does after finding it. */
ms_frame *ms_kernel_run(ms_context *context, const ms_kernel *kernel, const ms_inputs *inputs);

#endif
