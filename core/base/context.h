/* The context of a call: temporaries, error, cancellation, threads.
 *
 * Each worker thread has a context of its own (a child), so whatever takes a context works in a
 * worker. */
#ifndef MS_BASE_CONTEXT_H
#define MS_BASE_CONTEXT_H

#include <stdarg.h>

#include "core/api.h"
#include "core/base/memory.h"

/* Rows of a morsel, the unit that one task works on. Fixed: results must not depend on it. */
enum { MS_MORSEL = 65536 };
/* Rows evaluated at a time unless ms_context_block says otherwise; and the most it may say. */
enum { MS_BLOCK = 2048, MS_BLOCK_MOST = 65536 };

/* ---- memory -----------------------------------------------------------------------------------
 */

ms_memory *ms_context_account(ms_context *context);

/* `count` things of `size` bytes until ms_context_end (or the release of a mark); aligned to 64.
 * NULL and MS_EMEMORY where there is no memory or the product overflows. Not cleared / cleared. */
void *ms_scratch(ms_context *context, size_t count, size_t size);
void *ms_scratch_zero(ms_context *context, size_t count, size_t size);
/* A copy of `size` bytes with a NUL behind. */
char *ms_scratch_text(ms_context *context, const char *text, size_t size);
/* printf into scratch. */
char *ms_scratch_format(ms_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Gives back what was taken since the mark; for loops. What was deferred since then is kept. */
typedef struct {
  void *chunk;
  size_t used;
} ms_mark;
ms_mark ms_scratch_mark(ms_context *context);
void ms_scratch_release(ms_context *context, ms_mark mark);

/* Calls release(thing) when the call ends. If the note itself finds no memory the thing is released
 * at once, and MS_EMEMORY is the answer. */
ms_status ms_defer(ms_context *context, void (*release)(void *thing), void *thing);

/* Makes `frame` (owned) the next result of the running call, behind the one that is returned. What nobody fetches goes
 * with ms_context_detach, which every call from Lua begins with. */
enum { MS_ATTACHED_MOST = 8 };
void ms_context_attach(ms_context *context, ms_frame *frame, void (*release)(void *));
void ms_context_detach(ms_context *context);

/* ---- errors -----------------------------------------------------------------------------------
 */

/* Writes the error (replacing an earlier one, with its hint and position) and gives the status
 * back. */
ms_status ms_fail(ms_context *context, ms_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As ms_fail, for functions that give a pointer: always NULL. */
void *ms_fail_null(ms_context *context, ms_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds to the error just written: what to do; the nearest of `names` to `wrong`, if one is near,
 * and the names there are (limited); the place in an expression; the column and row to blame. */
void ms_fail_hint(ms_context *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ms_fail_suggest(ms_context *context, const char *wrong, const char *const *names,
                     size_t count);
void ms_fail_place(ms_context *context, const char *source, size_t begin, size_t end);
void ms_fail_cell(ms_context *context, const char *column, int64_t row);
/* The shortest edit (Damerau-Levenshtein) of at most max(1, length / 3): index of the nearest or
 * -1. */
int64_t ms_nearest(const char *wrong, const char *const *names, size_t count);

/* A line of warning for the analyst, who sees it after the call. */
void ms_warn(ms_context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- cancellation and threads -----------------------------------------------------------------
 */

/* Whether somebody asked to stop; if so the error is MS_ECANCEL. Ask once per block of rows. */
bool ms_cancelled(ms_context *context);
/* The same in a loop that goes on from row `from` to row `end`: asks once for 8,192 rows. */
static inline bool ms_cancelled_between(ms_context *context, int64_t from, int64_t end) {
  return from >> 13 != end >> 13 && ms_cancelled(context);
}

int ms_context_block_rows(const ms_context *context);

/* Runs task 0 … tasks - 1, each once, on all threads (in order on one thread, or within a worker).
 * A task gets a worker's context; scratch that it takes lives until the caller's call ends, unless
 * the task marks and releases. The status is that of the lowest failing task, with its error; tasks
 * behind a failed one may not run at all. */
typedef ms_status ms_task(ms_context *worker, void *state, size_t task);
ms_status ms_parallel(ms_context *context, size_t tasks, ms_task *run, void *state);

/* Tasks that `rows` rows make: ceil(rows / MS_MORSEL); and the rows of one of them. */
size_t ms_morsels(int64_t rows);
typedef struct {
  int64_t first, count;
} ms_range;
ms_range ms_morsel(int64_t rows, size_t task);

/* ---- progress ---------------------------------------------------------------------------------
 */

/* Who wants to see progress (the command line) sets a function; done and total in any unit, total 0
 * if unknown. Called from any thread, at most ten times a second; with `what` NULL at the end of the call. */
typedef void ms_progress(void *state, const char *what, uint64_t done, uint64_t total);
void ms_context_progress(ms_context *context, ms_progress *show, void *state);
void ms_report(ms_context *context, const char *what, uint64_t done, uint64_t total);

/* Work that consists of many calls: while it goes on, its progress is shown in the place of theirs. It begins with done
 * = 0, which gives false where other work is going on already, and ends with `what` NULL, or ms_context_resume. */
bool ms_context_work(ms_context *context, const char *what, uint64_t done, uint64_t total);

#endif
