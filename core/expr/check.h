/* What the files of the checker share. */
#ifndef MS_EXPR_CHECK_H
#define MS_EXPR_CHECK_H

#include "core/expr/functions.h"

typedef struct {
  ms_source source;
  const ms_scope *scope;
  const ms_frame *frame; /* the columns that are seen here */
  bool within_call;
  size_t *next_call;
  const ms_call **calls; /* found so far */
  size_t call_count, call_capacity;
} ms_checker;

/* The typed tree, NULL with an error. What depends on nothing is computed. */
ms_node *ms_check(ms_checker *checker, ms_node *node);

/* Sets what follows from the arguments, and computes constants. `node` NULL is passed on. */
ms_node *ms_check_settle(ms_checker *checker, ms_node *node);
/* The node as a value of another type (integer to real, null to any, date to time, time to date). */
ms_node *ms_check_convert(ms_checker *checker, ms_node *node, ms_type type);
/* The type that two values take together; false if there is none. */
bool ms_check_unify(const ms_node *a, const ms_node *b, ms_type *out);
/* Brings all nodes to one type; MS_ETYPE. *untyped: all are null. */
ms_status ms_check_common(ms_checker *checker, ms_node **nodes, size_t count, size_t step);
/* An operator over checked arguments. */
ms_node *ms_check_make(ms_checker *checker, ms_operator op, ms_span span, ms_node *const *args,
                       size_t count);

/* Arguments are checked already. */
ms_node *ms_check_operator(ms_checker *checker, ms_node *node);
ms_node *ms_check_in(ms_checker *checker, ms_node *node);
ms_node *ms_check_case(ms_checker *checker, ms_node *node);
ms_node *ms_check_cast(ms_checker *checker, ms_node *node);
ms_node *ms_check_function(ms_checker *checker, ms_node *node);
/* Aggregates and windows; arguments not yet checked. */
ms_node *ms_check_call(ms_checker *checker, ms_node *node, const ms_call_entry *entry);

bool ms_is_number(const ms_node *node);
/* "city (text)": the source of the node, shortened, and its type. In scratch; never NULL. */
const char *ms_check_name(ms_checker *checker, const ms_node *node);
/* Always NULL. */
ms_node *ms_check_fail(ms_checker *checker, ms_status status, ms_span span, const char *what);

/* core/expr/fold.c: the node's value as a constant; itself where that is an error; NULL for MS_EMEMORY. */
ms_node *ms_fold(const ms_source *source, ms_node *node);

#endif
