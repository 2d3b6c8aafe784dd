/* The functions of the expression language, as help lists them and as the evaluator calls them. */
#ifndef MS_EXPR_FUNCTIONS_H
#define MS_EXPR_FUNCTIONS_H

#include "core/base/zone.h"
#include "core/expr/node.h"

/* ---- for the checker and the evaluator ---- */

/* One value of a row. */
typedef struct {
  bool null;
  union {
    int64_t integer; /* boolean, integer, date, time */
    double real;
    ms_slice text;
  };
} ms_cell;

/* A run of a function over the rows of a block. */
typedef struct {
  ms_context *context;
  const ms_zone *zone;
  const ms_node *node;
  ms_zone_span span; /* the zone's offset that was used last */
  void *local;       /* the function's own, NULL at first; scratch */
} ms_row;
/* out->null is false at first. Text results live in scratch or in an argument. */
typedef ms_status ms_row_function(ms_row *row, const ms_cell *args, ms_cell *out);

/* Functions that the checker writes as operators. */
typedef enum {
  MS_SPECIAL_NONE,
  MS_SPECIAL_COALESCE,
  MS_SPECIAL_IF,
  MS_SPECIAL_NULLIF,
  MS_SPECIAL_LEAST,
  MS_SPECIAL_GREATEST
} ms_special;

/* Types of arguments, a letter each: t text, i integer, r real (integers are converted), n number
 * (integers stay unless another n is real), b boolean, d date (times give their local date), m time (dates
 * give midnight), x date or time, a anything. `[` begins the optional ones, `+` repeats the last. The result: a
 * letter, n and x as the arguments turned out. */
struct ms_function {
  const char *name, *types;
  char result;
  const char *signature, *brief;
  ms_special special;
  int cost;
  bool fails; /* may end in an error for some values */
  bool nulls; /* is called for nulls too; otherwise a null argument gives null */
  ms_row_function *row;
  double (*real)(double);            /* in place of row; NaN from what is not NaN is null */
  int64_t (*integer)(int64_t);       /* in place of row; exact for every value of the type */
  bool local;                        /* integer takes microseconds on the wall */
  double (*digits)(double, int64_t); /* in place of row: of a real and an integer (0 if absent) */
  /* Looks at constant arguments when the expression is checked; may set node->prepared. */
  ms_status (*prepare)(const ms_source *source, ms_node *node);
};

typedef struct {
  const char *group;
  const ms_function *functions;
  size_t count;
} ms_function_group_table;
extern const ms_function_group_table ms_functions_any, ms_functions_text, ms_functions_pattern,
    ms_functions_number, ms_functions_date, ms_functions_time;

/* The function i of all (not aggregates), or NULL behind the last; overloads follow one another. */
const ms_function *ms_function_at(size_t i);

/* Microseconds on the wall. */
int64_t ms_row_local(ms_row *row, int64_t time);

/* Whether argument i is a constant with a value; its text. */
bool ms_argument_text(const ms_node *node, size_t i, ms_slice *out);

/* ---- aggregates and windows ---- */

typedef struct {
  const char *name;
  ms_call_id id;
  char kind;         /* 'a' aggregate, 'w' window only */
  const char *types; /* as above; a constant parameter is a p (number) */
  char result;
  const char *signature, *brief;
} ms_call_entry;
const ms_call_entry *ms_call_at(size_t i);

#endif
