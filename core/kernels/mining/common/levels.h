/* The values of a column as the numbered levels of a category. */
#ifndef MS_MINING_LEVELS_H
#define MS_MINING_LEVELS_H

#include "core/kernels/mining/common/training.h"

/* A column as a category: its levels, in order, and the level of each row (MS_MISSING at nulls), in scratch. */
typedef struct {
  ms_levels levels;
  uint32_t *codes;
} ms_category;
/* For text, boolean and integer columns. MS_ELIMIT for more than MS_LEVELS_MOST, MS_ETYPE for other types, with `kernel`
 * and the column's name in the message. */
ms_status ms_levels_make(ms_context *context, const char *kernel, const char *name,
                         const ms_column *column, ms_category *out);
/* The level of each row of another column; MS_MISSING at nulls and at what is no level. `unseen` counts the latter. */
uint32_t *ms_levels_match(ms_context *context, const ms_levels *levels, const ms_column *column,
                          int64_t *unseen);

#endif
