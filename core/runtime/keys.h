/* Keys from the terminal, for the prompt's editor. */
#ifndef MS_RUNTIME_KEYS_H
#define MS_RUNTIME_KEYS_H

#include <histedit.h>

/* As libedit's EL_GETCFN: 1 with a character, 0 at the end of input, -1 when a signal asked to stop, also one that came
 * since ms_interrupt_clear, which the editor's own reading would miss. */
int ms_keys_read(EditLine *edit, wchar_t *character);

#endif
