/* Patterns of `like`, and case of letters. */
#ifndef MS_EXPR_LIKE_H
#define MS_EXPR_LIKE_H

#include "core/base/text.h"

/* % is any run of characters, _ one character; the escape (a code point, -1 for none) takes the next
 * character as it is. O(text · pattern) at worst. */
bool ms_like(ms_slice text, ms_slice pattern, int32_t escape);

/* The text in lower, upper or title case for all of Unicode (one code point each); scratch. data is NULL where
 * memory is short. */
typedef enum { MS_LETTERS_LOWER, MS_LETTERS_UPPER, MS_LETTERS_TITLE } ms_letters;
ms_slice ms_letters_change(ms_context *context, ms_slice text, ms_letters to);

#endif
