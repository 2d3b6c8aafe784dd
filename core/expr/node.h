/* The tree of an expression: what the parser makes, the checker types, and the evaluator prepares.
 * Everything is in scratch and never changed once checked. */
#ifndef MS_EXPR_NODE_H
#define MS_EXPR_NODE_H

#include "core/expr/expr.h"

/* Places are byte offsets into the source. */
typedef struct {
  size_t begin, end;
} ms_span;

typedef enum {
  MS_NODE_CONSTANT,
  MS_NODE_COLUMN,
  MS_NODE_PARAMETER, /* parsed; the checker puts its constant or list in its place */
  MS_NODE_LIST,      /* constants: the right side of `in` */
  MS_NODE_DURATION,  /* constant, only behind + and - */
  MS_NODE_OPERATOR,
  MS_NODE_CASE, /* arguments: condition, value, …, and a last one if there is an else */
  MS_NODE_CAST,
  MS_NODE_FUNCTION
} ms_node_kind;

typedef enum {
  MS_OP_OR,
  MS_OP_AND,
  MS_OP_NOT,
  MS_OP_EQ,
  MS_OP_NE,
  MS_OP_LT,
  MS_OP_LE,
  MS_OP_GT,
  MS_OP_GE,
  MS_OP_SAME, /* <=> */
  MS_OP_IN,   /* arguments: value, and a list or values */
  MS_OP_BETWEEN,
  MS_OP_LIKE, /* arguments: text, pattern, escape if given */
  MS_OP_ILIKE,
  MS_OP_IS_NULL,
  MS_OP_CONCAT,
  MS_OP_ADD,
  MS_OP_SUBTRACT,
  MS_OP_MULTIPLY,
  MS_OP_DIVIDE,
  MS_OP_FLOOR_DIVIDE,
  MS_OP_MODULO,
  MS_OP_NEGATE,
  MS_OP_POWER,
  MS_OP_COALESCE,
  MS_OP_LEAST,
  MS_OP_GREATEST
} ms_operator;

/* A length of calendar time; parts may be negative. */
typedef struct {
  int64_t months, days, micros;
} ms_duration;

typedef struct ms_node ms_node;
typedef struct ms_function ms_function;

/* `over (…)`. */
typedef struct {
  size_t partitions, orders;
  ms_node **partition, **order;
  bool *descending, *nulls_first;
  bool framed;
  int64_t first, last;
} ms_over;

struct ms_node {
  ms_node_kind kind;
  ms_operator op;
  ms_type type;
  bool untyped; /* the constant null, which takes any type */
  bool strict;  /* cast: an error where the value cannot be converted; otherwise null */
  bool fails;   /* evaluation may end in an error, so it is done only for rows that need it */
  int depth;
  ms_span span;
  const char *name; /* column, parameter, function */
  ms_value value;   /* constant; value.null: no value */
  ms_value *list;   /* of `list_count` values, nulls among them */
  size_t list_count;
  ms_duration duration;
  ms_node **args;
  size_t count;
  const ms_function *function;
  ms_node *where; /* parsed calls of aggregates */
  ms_over *over;
  bool distinct;        /* count(distinct x) */
  const char *only;     /* the one column it depends on; with `columns` 1 */
  int columns;          /* columns that it depends on: 0, 1, or 2 for more */
  int cost;             /* rough operations a row */
  const void *prepared; /* of functions: a compiled pattern, a unit */
};

/* The text that is read, and what stands in front of errors. */
typedef struct {
  ms_context *context;
  const char *verb, *text;
} ms_source;

struct ms_expression {
  ms_source source;
  ms_node *root;
  size_t call_count;
  const ms_call **calls;
};

/* An error with the caret's place; the verb stands in front. Gives the status back. */
ms_status ms_source_fail(const ms_source *source, ms_status status, ms_span span,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A node in scratch, or NULL. */
ms_node *ms_node_new(ms_context *context, ms_node_kind kind, ms_span span);
/* The same with arguments, which are copied; depth is set. */
ms_node *ms_node_with(ms_context *context, ms_node_kind kind, ms_span span, ms_node *const *args,
                      size_t count);

/* The text as a tree, unchecked; NULL with an error. */
ms_node *ms_parse(const ms_source *source);

#endif
