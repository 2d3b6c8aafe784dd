/* Sort keys as numbers: the keys of a row become one or a few words, most significant first, whose order as
 * unsigned numbers is the order of the rows. Equal words are equal keys. */
#ifndef MS_KERNELS_RELATIONAL_ORDER_KEYS_H
#define MS_KERNELS_RELATIONAL_ORDER_KEYS_H

#include "core/kernels/relational/order.h"

enum { MS_ORDER_BLOCK = 1024 };

/* What one key adds. Integers: their distance from the end where the order begins; text: its rank; reals: their
 * bits, so turned that they compare as integers. */
typedef struct {
  const ms_column *column; /* NULL: `ids` */
  const uint32_t *ids;     /* [rows], below `range` */
  const uint32_t *ranks;   /* text: rank of each code */
  uint64_t range;          /* digits are below it; 0 means 2^64 */
  uint64_t span;           /* integers and text: largest digit without nulls */
  bool descending, nulls_first, nullable;
  bool flag; /* only whether the value is null: stands before a number that fills 64 bits */
} ms_order_field;

typedef struct {
  int64_t rows;
  size_t words;
  uint64_t **word; /* [words][rows] */
} ms_order_words;

/* Words of the keys, behind the group ids where those are given (`ids` below `id_count`, or NULL). In scratch. */
typedef struct {
  const uint32_t *ids;
  int64_t id_count;
  const ms_sort_key *keys;
  size_t count;
  int64_t rows;
} ms_order_spec;
ms_status ms_order_words_new(ms_context *context, const ms_order_spec *spec, ms_order_words *out);

/* Row numbers in the order of the words, stable: uint32_t[] in scratch, or NULL. `limit` > 0: only the first
 * `limit` are wanted and may be all that there are. */
uint32_t *ms_order_rows(ms_context *context, const ms_order_words *words, int64_t limit);

/* ---- one word, core/kernels/relational/order_radix.c ---- */

/* Sorts the `count` rows at `rows` (NULL: 0, 1, … count - 1) by key[row], stable, into `out` (another array). */
ms_status ms_order_word(ms_context *context, const uint64_t *key, const uint32_t *rows,
                        int64_t count, uint32_t *out);

#endif
