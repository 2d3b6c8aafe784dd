/* Window calls that look at positions only: numbers, ranks, tiles, and the rows before and behind. */
#include "core/kernels/relational/window_plan.h"

static void row_number(const ms_window *w, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; i++) w->out_integers[w->order[i]] = i - begin + 1;
}

static void rank(const ms_window *w, int64_t begin, int64_t end) {
  int64_t value = 1;
  for (int64_t i = begin; i < end; i++) {
    if (w->fresh[i]) value = i - begin + 1;
    w->out_integers[w->order[i]] = value;
  }
}

static void dense_rank(const ms_window *w, int64_t begin, int64_t end) {
  int64_t value = 1;
  for (int64_t i = begin; i < end; i++) {
    value += w->fresh[i] && i > begin;
    w->out_integers[w->order[i]] = value;
  }
}

static void percent_rank(const ms_window *w, int64_t begin, int64_t end) {
  int64_t before = 0;
  for (int64_t i = begin; i < end; i++) {
    if (w->fresh[i]) before = i - begin;
    double others = (double)(end - begin - 1);
    w->out_reals[w->order[i]] = others > 0 ? (double)before / others : 0;
  }
}

static void cume_dist(const ms_window *w, int64_t begin, int64_t end) {
  int64_t upto = end;
  for (int64_t i = end - 1; i >= begin; i--) {
    w->out_reals[w->order[i]] = (double)(upto - begin) / (double)(end - begin);
    if (w->fresh[i]) upto = i;
  }
}

/* n / k rows a tile, and one more in each of the first n % k tiles. */
static void ntile(const ms_window *w, int64_t begin, int64_t end) {
  int64_t tiles = (int64_t)w->call->parameter, rows = end - begin;
  int64_t size = rows / tiles, larger = rows % tiles, i = begin;
  for (int64_t tile = 1; i < end; tile++) {
    int64_t stop = i + size + (tile <= larger);
    for (; i < stop; i++) w->out_integers[w->order[i]] = tile;
  }
}

static void shift(const ms_window *w, int64_t begin, int64_t end) {
  int64_t by = (int64_t)w->call->parameter;
  if (w->call->id == MS_CALL_LAG) by = -by;
  for (int64_t i = begin; i < end; i++) {
    int64_t from = i + by;
    w->out_rows[w->order[i]] = from >= begin && from < end ? w->order[from] : MS_MISSING;
  }
}

ms_status ms_window_rank(ms_context *worker, const ms_window *window, int64_t begin, int64_t end) {
  (void)worker;
  ms_call_id id = window->call->id;
  if (id == MS_CALL_ROW_NUMBER) row_number(window, begin, end);
  if (id == MS_CALL_RANK) rank(window, begin, end);
  if (id == MS_CALL_DENSE_RANK) dense_rank(window, begin, end);
  if (id == MS_CALL_PERCENT_RANK) percent_rank(window, begin, end);
  if (id == MS_CALL_CUME_DIST) cume_dist(window, begin, end);
  if (id == MS_CALL_NTILE) ntile(window, begin, end);
  if (id == MS_CALL_LAG || id == MS_CALL_LEAD) shift(window, begin, end);
  return MS_OK;
}
