/* Sort keys as analysts write them: "amount", "-amount", "city desc nulls first", "lower(name) asc". */
#ifndef MS_KERNELS_RELATIONAL_ORDER_BY_H
#define MS_KERNELS_RELATIONAL_ORDER_BY_H

#include "core/kernels/relational/order.h"

/* What the texts are read against. */
typedef struct {
  const char *verb;
  const ms_frame *frame;
  const ms_options *given; /* parameters of expressions */
  bool nulls_first;        /* where a text does not say */
} ms_order_scope;

/* The keys of the texts, sort_key[by->count] in scratch (columns live until the call ends), or NULL. A text that is
 * a column's name is that column, whatever it looks like. A minus before a lone column or a call turns the order
 * round; otherwise it is arithmetic. */
ms_sort_key *ms_order_by(ms_context *context, const ms_order_scope *scope, const ms_names *by);

#endif
