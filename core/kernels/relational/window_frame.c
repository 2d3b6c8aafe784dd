/* Aggregates over a frame that moves with the row.
 *
 * Integers and counts are differences of running sums, which are exact. Reals, least and greatest are not: where the
 * frame has a fixed width, the partition is cut into blocks of that width, and each frame is the tail of one block and
 * the head of the next (van Herk 1992; Gil and Werman 1993). So nothing is ever taken away from a sum: no cancellation,
 * a NaN leaves with its row, and a row costs the same for any width. */
#include "core/kernels/relational/window_plan.h"

__extension__ typedef __int128 wide;

/* The frame of the row at position i: first … last, within the partition; empty if first > last. */
typedef struct {
  const ms_window *window;
  int64_t begin, end;
  int64_t width;     /* of a block; the whole partition where the frame is open on a side */
  int64_t *peer_end; /* [end - begin], with peers only: last position of the row's equals */
} framing;

static int64_t bound(const framing *f, int64_t i, int64_t offset) {
  if (offset == INT64_MIN) return f->begin;
  if (offset == INT64_MAX) return f->end - 1;
  int64_t at;
  if (__builtin_add_overflow(i, offset, &at)) return offset < 0 ? f->begin - 1 : f->end;
  return at;
}

static void frame_at(const framing *f, int64_t i, int64_t *first, int64_t *last) {
  const ms_call *call = f->window->call;
  *first = bound(f, i, call->frame_first);
  *last = f->peer_end ? f->peer_end[i - f->begin] : bound(f, i, call->frame_last);
  if (*first < f->begin) *first = f->begin;
  if (*last > f->end - 1) *last = f->end - 1;
}

static ms_status framing_new(ms_context *worker, const ms_window *window, int64_t begin,
                             int64_t end, framing *out) {
  const ms_call *call = window->call;
  int64_t rows = end - begin, width;
  *out = (framing){.window = window, .begin = begin, .end = end, .width = rows};
  bool open = call->frame_first == INT64_MIN || call->frame_last == INT64_MAX || call->peers;
  if (!open && !__builtin_sub_overflow(call->frame_last, call->frame_first, &width) &&
      width < rows - 1) {
    out->width = width < 0 ? 1 : width + 1;
  }
  if (!call->peers) return MS_OK;
  out->peer_end = ms_scratch(worker, (size_t)rows, sizeof *out->peer_end);
  if (!out->peer_end) return MS_EMEMORY;
  for (int64_t i = end - 1, last = end - 1; i >= begin; i--) {
    out->peer_end[i - begin] = last;
    if (window->fresh[i]) last = i - 1;
  }
  return MS_OK;
}

/* Whether first … last lies in one block, which then begins at first (head) or ends at last (tail). */
typedef enum { HEAD, TAIL, BOTH } cover;
static cover cover_of(const framing *f, int64_t first, int64_t last) {
  int64_t from = first - f->begin, upto = last - f->begin;
  if (from / f->width != upto / f->width) return BOTH;
  return from % f->width == 0 ? HEAD : TAIL;
}
static bool block_begins(const framing *f, int64_t i) { return (i - f->begin) % f->width == 0; }
static bool block_ends(const framing *f, int64_t i) {
  return i == f->end - 1 || (i - f->begin) % f->width == f->width - 1;
}

/* ---- counts: running, by position ---- */

static uint32_t *counts_upto(ms_context *worker, const framing *f) {
  const ms_window *w = f->window;
  uint32_t *counts = ms_scratch(worker, (size_t)(f->end - f->begin) + 1, sizeof *counts);
  if (!counts) return NULL;
  counts[0] = 0;
  for (int64_t i = f->begin; i < f->end; i++) {
    int64_t k = i - f->begin;
    counts[k + 1] = counts[k] + (!w->chosen || w->chosen[w->order[i]]);
  }
  return counts;
}

static int64_t count_in(const framing *f, const uint32_t *counts, int64_t first, int64_t last) {
  return first > last ? 0 : counts[last + 1 - f->begin] - counts[first - f->begin];
}

static ms_status count(const framing *f, const uint32_t *counts) {
  for (int64_t i = f->begin; i < f->end; i++) {
    int64_t first, last;
    frame_at(f, i, &first, &last);
    f->window->out_integers[f->window->order[i]] = count_in(f, counts, first, last);
  }
  return MS_OK;
}

/* ---- sums ---- */

static void put_real(const ms_window *w, uint32_t row, double sum, int64_t values) {
  bool total = w->call->id == MS_CALL_TOTAL;
  w->out_valid[row] = values > 0 || total;
  w->out_reals[row] = values == 0 ? 0 : w->call->id == MS_CALL_MEAN ? sum / (double)values : sum;
}

static ms_status sum_integers(ms_context *worker, const framing *f, const uint32_t *counts) {
  const ms_window *w = f->window;
  wide *upto = ms_scratch(worker, (size_t)(f->end - f->begin) + 1, sizeof *upto);
  if (!upto) return MS_EMEMORY;
  upto[0] = 0;
  for (int64_t i = f->begin; i < f->end; i++) {
    uint32_t row = w->order[i];
    upto[i - f->begin + 1] = upto[i - f->begin] + (w->chosen[row] ? w->integers[row] : 0);
  }
  for (int64_t i = f->begin; i < f->end; i++) {
    int64_t first, last;
    frame_at(f, i, &first, &last);
    uint32_t row = w->order[i];
    int64_t values = count_in(f, counts, first, last);
    wide sum = values ? upto[last + 1 - f->begin] - upto[first - f->begin] : 0;
    if (w->out_reals) {
      put_real(w, row, (double)sum, values);
      continue;
    }
    if (sum > INT64_MAX || sum < INT64_MIN) {
      return ms_fail(worker, MS_EOVERFLOW, "%s: a sum does not fit 64 bits", w->call->name);
    }
    w->out_integers[row] = (int64_t)sum;
    w->out_valid[row] = values > 0;
  }
  return MS_OK;
}

static ms_status sum_reals(ms_context *worker, const framing *f, const uint32_t *counts) {
  const ms_window *w = f->window;
  size_t rows = (size_t)(f->end - f->begin);
  double *head = ms_scratch(worker, rows, sizeof *head);
  double *tail = head ? ms_scratch(worker, rows, sizeof *tail) : NULL;
  if (!tail) return MS_EMEMORY;
  double sum = 0;
  for (int64_t i = f->begin; i < f->end; i++) {
    uint32_t row = w->order[i];
    if (block_begins(f, i)) sum = 0;
    head[i - f->begin] = sum += w->chosen[row] ? w->reals[row] : 0;
  }
  for (int64_t i = f->end - 1; i >= f->begin; i--) {
    uint32_t row = w->order[i];
    if (block_ends(f, i)) sum = 0;
    tail[i - f->begin] = sum += w->chosen[row] ? w->reals[row] : 0;
  }
  for (int64_t i = f->begin; i < f->end; i++) {
    int64_t first, last;
    frame_at(f, i, &first, &last);
    int64_t values = count_in(f, counts, first, last);
    sum = 0;
    if (values) {
      cover in = cover_of(f, first, last);
      if (in != HEAD) sum += tail[first - f->begin];
      if (in != TAIL) sum += head[last - f->begin];
    }
    put_real(w, w->order[i], sum, values);
  }
  return MS_OK;
}

/* ---- least and greatest, as rows ---- */

static uint32_t better(const ms_window *w, uint32_t a, uint32_t b) {
  if (a == MS_MISSING) return b;
  return b == MS_MISSING || w->word[a] >= w->word[b] ? a : b;
}

static ms_status extreme(ms_context *worker, const framing *f) {
  const ms_window *w = f->window;
  size_t rows = (size_t)(f->end - f->begin);
  uint32_t *head = ms_scratch(worker, rows, sizeof *head);
  uint32_t *tail = head ? ms_scratch(worker, rows, sizeof *tail) : NULL;
  if (!tail) return MS_EMEMORY;
  uint32_t best = MS_MISSING;
  for (int64_t i = f->begin; i < f->end; i++) {
    uint32_t row = w->order[i];
    if (block_begins(f, i)) best = MS_MISSING;
    if (w->chosen[row]) best = better(w, best, row);
    head[i - f->begin] = best;
  }
  for (int64_t i = f->end - 1; i >= f->begin; i--) {
    uint32_t row = w->order[i];
    if (block_ends(f, i)) best = MS_MISSING;
    if (w->chosen[row]) best = better(w, row, best);
    tail[i - f->begin] = best;
  }
  for (int64_t i = f->begin; i < f->end; i++) {
    int64_t first, last;
    frame_at(f, i, &first, &last);
    best = MS_MISSING;
    if (first <= last) {
      cover in = cover_of(f, first, last);
      if (in != HEAD) best = tail[first - f->begin];
      if (in != TAIL) best = better(w, best, head[last - f->begin]);
    }
    w->out_rows[w->order[i]] = best;
  }
  return MS_OK;
}

/* ---- first and last, as rows ---- */

/* near[k]: the nearest position of a row where `where` is true, from k on forwards (first) or backwards (last). */
static ms_status border(ms_context *worker, const framing *f, bool forwards) {
  const ms_window *w = f->window;
  int64_t *near = ms_scratch(worker, (size_t)(f->end - f->begin), sizeof *near);
  if (!near) return MS_EMEMORY;
  int64_t found = forwards ? f->end : f->begin - 1;
  for (int64_t k = 0; k < f->end - f->begin; k++) {
    int64_t i = forwards ? f->end - 1 - k : f->begin + k;
    if (!w->where || w->where[w->order[i]]) found = i;
    near[i - f->begin] = found;
  }
  for (int64_t i = f->begin; i < f->end; i++) {
    int64_t first, last, at = -1;
    frame_at(f, i, &first, &last);
    if (first <= last) at = near[(forwards ? first : last) - f->begin];
    w->out_rows[w->order[i]] = at >= first && at <= last && at >= 0 ? w->order[at] : MS_MISSING;
  }
  return MS_OK;
}

ms_status ms_window_frame(ms_context *worker, const ms_window *window, int64_t begin, int64_t end) {
  framing f;
  ms_call_id id = window->call->id;
  ms_status status = framing_new(worker, window, begin, end, &f);
  if (status != MS_OK) return status;
  if (id == MS_CALL_MIN || id == MS_CALL_MAX) return extreme(worker, &f);
  if (id == MS_CALL_FIRST || id == MS_CALL_LAST) return border(worker, &f, id == MS_CALL_FIRST);
  uint32_t *counts = counts_upto(worker, &f);
  if (!counts) return MS_EMEMORY;
  if (id == MS_CALL_COUNT) return count(&f, counts);
  return window->reals ? sum_reals(worker, &f, counts) : sum_integers(worker, &f, counts);
}
