/* Text columns from codes that are narrow already; for the files that make columns. */
#ifndef MS_FRAME_ADOPT_H
#define MS_FRAME_ADOPT_H

#include "core/frame/column.h"

/* The narrowest storage of codes below `entries`. */
ms_storage ms_code_storage(int64_t entries);

/* Text from codes in the storage that the shape names (MS_CODE8 … MS_CODE32). Takes all over, NULLs
 * too. */
ms_column *ms_column_adopt_codes(ms_context *context, ms_column_shape shape, ms_buffer *codes,
                                 ms_dictionary *dictionary, ms_buffer *validity);

#endif
