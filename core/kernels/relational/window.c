/* Window calls. The rows are sorted once by partition and order (not at all where they are in order already), then
 * every partition is walked on its own. Aggregates over whole partitions are those of groups. */
#include <string.h>

#include "core/kernels/relational/group.h"
#include "core/kernels/relational/order_keys.h"
#include "core/kernels/relational/window_plan.h"

/* ---- what kind of call ---- */

static bool ranks(ms_call_id id) { return id >= MS_CALL_ROW_NUMBER && id <= MS_CALL_LEAD; }
static bool of_rows(ms_call_id id) {
  return id == MS_CALL_LAG || id == MS_CALL_LEAD || id == MS_CALL_MIN || id == MS_CALL_MAX ||
         id == MS_CALL_FIRST || id == MS_CALL_LAST;
}
static bool moves(ms_call_id id) {
  return ranks(id) || of_rows(id) || id == MS_CALL_COUNT || id == MS_CALL_SUM ||
         id == MS_CALL_TOTAL || id == MS_CALL_MEAN || id == MS_CALL_CUMSUM;
}
/* Whether the order does not matter: the frame is the partition, for an aggregate. */
static bool whole(const ms_call *call) {
  bool ordered = call->orders && (call->id == MS_CALL_FIRST || call->id == MS_CALL_LAST);
  return !ranks(call->id) && call->id != MS_CALL_CUMSUM && !ordered && !call->peers &&
         call->frame_first == INT64_MIN && call->frame_last == INT64_MAX;
}

/* ---- layout ---- */

static ms_status find_groups(ms_context *context, const ms_call *call, const ms_frame *frame,
                             ms_groups *out) {
  const ms_column **keys = ms_scratch(context, call->partitions + 1, sizeof *keys);
  if (!keys) return MS_EMEMORY;
  for (size_t i = 0; i < call->partitions; i++) {
    ms_column *key = ms_expression_column(context, call->partition[i], frame);
    keys[i] = ms_column_keep(context, key);
    if (!keys[i]) return ms_error_status(context);
  }
  return ms_groups_new(context, keys, call->partitions, frame->rows, out);
}

typedef struct {
  const ms_order_words *words;
  const uint32_t *order;
  uint8_t *fresh;
} comparing;

static ms_status compare_morsel(ms_context *worker, void *state, size_t task) {
  comparing *job = state;
  ms_range range = ms_morsel(job->words->rows, task);
  (void)worker;
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint8_t fresh = i == 0;
    for (size_t w = 0; w < job->words->words && !fresh; w++) {
      const uint64_t *word = job->words->word[w];
      fresh = word[job->order[i]] != word[job->order[i - 1]];
    }
    job->fresh[i] = fresh;
  }
  return MS_OK;
}

static ms_status find_starts(ms_context *context, const ms_groups *groups, ms_window *w) {
  uint32_t *starts = ms_scratch_zero(context, (size_t)groups->count + 2, sizeof *starts);
  if (!starts) return MS_EMEMORY;
  for (int64_t i = 0; groups->count > 1 && i < w->rows; i++) starts[groups->ids[i] + 1]++;
  if (groups->count == 1) starts[1] = (uint32_t)w->rows;
  for (int64_t p = 0; p < groups->count; p++) starts[p + 1] += starts[p];
  w->parts = groups->count;
  w->starts = starts;
  return MS_OK;
}

/* The order of the rows, partitions, and where equals end. */
static ms_status lay_out(ms_context *context, const ms_frame *frame, ms_window *w) {
  const ms_call *call = w->call;
  ms_groups groups;
  ms_sort_key *keys = ms_scratch(context, call->orders + 1, sizeof *keys);
  ms_status status = keys ? find_groups(context, call, frame, &groups) : MS_EMEMORY;
  if (status != MS_OK) return status;
  for (size_t i = 0; i < call->orders; i++) {
    ms_column *column = ms_expression_column(context, call->order[i].value, frame);
    keys[i] = (ms_sort_key){ms_column_keep(context, column), call->order[i].descending,
                            call->order[i].nulls_first};
    if (!keys[i].column) return ms_error_status(context);
  }
  ms_order_spec spec = {groups.ids, groups.count, keys, call->orders, frame->rows};
  ms_order_words words;
  status = ms_order_words_new(context, &spec, &words);
  if (status == MS_OK) status = find_starts(context, &groups, w);
  if (status != MS_OK) return status;
  comparing job = {.words = &words, .order = ms_order_rows(context, &words, 0)};
  w->order = job.order;
  if (!job.order) return ms_error_status(context);
  if (!call->orders) return MS_OK;
  w->fresh = job.fresh = ms_scratch(context, (size_t)w->rows, 1);
  if (!job.fresh) return MS_EMEMORY;
  return ms_parallel(context, ms_morsels(w->rows), compare_morsel, &job);
}

/* ---- what the call works on ---- */

static ms_status load_where(ms_context *context, const ms_frame *frame, ms_window *w) {
  if (!w->call->where) return MS_OK;
  int64_t count;
  const uint32_t *rows = ms_expression_rows(context, w->call->where, frame, &count);
  uint8_t *where = rows ? ms_scratch_zero(context, (size_t)w->rows, 1) : NULL;
  if (!where) return ms_error_status(context);
  for (int64_t i = 0; i < count; i++) where[rows[i]] = 1;
  w->where = where;
  return MS_OK;
}

static ms_status load_chosen(ms_context *context, ms_window *w) {
  uint8_t *chosen = ms_scratch(context, (size_t)w->rows + 64, 1);
  if (!chosen) return MS_EMEMORY;
  memset(chosen, 1, (size_t)w->rows);
  if (w->value) ms_bitmap_unpack(ms_column_bits(w->value), 0, w->rows, chosen);
  for (int64_t i = 0; w->where && i < w->rows; i++) chosen[i] &= w->where[i];
  w->chosen = chosen;
  return MS_OK;
}

static ms_status load_values(ms_context *context, const ms_frame *frame, ms_window *w) {
  const ms_call *call = w->call;
  ms_status status = load_where(context, frame, w);
  if (status != MS_OK) return status;
  if (call->arguments[0]) {
    w->value = ms_column_keep(context, ms_expression_column(context, call->arguments[0], frame));
    if (!w->value) return ms_error_status(context);
  }
  if (ranks(call->id) || call->id == MS_CALL_FIRST || call->id == MS_CALL_LAST) return MS_OK;
  status = load_chosen(context, w);
  if (status != MS_OK || call->id == MS_CALL_COUNT) return status;
  if (call->id == MS_CALL_MIN || call->id == MS_CALL_MAX) {
    /* NaN is the last in both directions, so that it wins in both */
    ms_sort_key key = {.column = w->value, .descending = call->id == MS_CALL_MIN};
    ms_order_spec spec = {.keys = &key, .count = 1, .rows = w->rows};
    ms_order_words words;
    status = ms_order_words_new(context, &spec, &words);
    if (status == MS_OK) w->word = words.word[words.words - 1];
    return status;
  }
  if (w->value->type == MS_REAL) {
    w->reals = ms_view_real(context, w->value);
  } else {
    w->integers = ms_view_int64(context, w->value);
  }
  return w->reals || w->integers ? MS_OK : ms_error_status(context);
}

/* ---- partitions as tasks ---- */

static int64_t first_part(const ms_window *w, int64_t position) {
  int64_t low = 0, high = w->parts;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (w->starts[middle] < position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* The partitions that begin in one morsel of positions. */
static ms_status run_morsel(ms_context *worker, void *state, size_t task) {
  const ms_window *w = state;
  ms_range range = ms_morsel(w->rows, task);
  ms_window_part *run = ranks(w->call->id) ? ms_window_rank : ms_window_frame;
  int64_t last = first_part(w, range.first + range.count);
  ms_status status = MS_OK;
  for (int64_t p = first_part(w, range.first); p < last && status == MS_OK; p++) {
    ms_mark mark = ms_scratch_mark(worker);
    if ((p & 1023) == 0 && ms_cancelled(worker)) return MS_ECANCEL;
    status = run(worker, w, w->starts[p], w->starts[p + 1]);
    ms_scratch_release(worker, mark);
  }
  return status;
}

/* ---- results ---- */

static ms_status make_room(ms_context *context, ms_window *w) {
  size_t rows = (size_t)w->rows + 64;
  bool valid = w->integers || w->reals, room;
  if (of_rows(w->call->id)) {
    w->out_rows = ms_scratch(context, rows, sizeof *w->out_rows);
    room = w->out_rows;
  } else if (w->call->type == MS_REAL) {
    w->out_reals = ms_scratch(context, rows, sizeof *w->out_reals);
    room = w->out_reals;
  } else {
    w->out_integers = ms_scratch(context, rows, sizeof *w->out_integers);
    room = w->out_integers;
  }
  if (room && valid) w->out_valid = ms_scratch(context, rows, 1);
  return room && (w->out_valid || !valid) ? MS_OK : MS_EMEMORY;
}

/* lag and lead with a default: it stands as one more row behind the values. */
static ms_column *with_default(ms_context *context, const ms_window *w, const ms_frame *frame) {
  ms_column *all = ms_expression_column(context, w->call->arguments[1], frame);
  const ms_column *fallback = ms_column_keep(context, all);
  if (!fallback) return NULL;
  if (w->rows == 0) return ms_column_share(w->value);
  fallback = ms_column_keep(context, ms_column_slice(context, fallback, 0, 1));
  if (!fallback) return NULL;
  const ms_column *both[] = {w->value, fallback};
  const ms_column *joined = ms_column_keep(context, ms_column_concat(context, both, 2));
  if (!joined) return NULL;
  for (int64_t i = 0; i < w->rows; i++) {
    if (w->out_rows[i] == MS_MISSING) w->out_rows[i] = (uint32_t)w->rows;
  }
  return ms_column_gather(context, joined, w->out_rows, w->rows);
}

static ms_column *result(ms_context *context, const ms_window *w, const ms_frame *frame) {
  if (w->out_rows) {
    if (w->call->arguments[1]) return with_default(context, w, frame);
    return ms_column_gather(context, w->value, w->out_rows, w->rows);
  }
  ms_buffer *validity = NULL, *values;
  if (w->out_valid) {
    validity = ms_buffer_zero(context, ms_bitmap_words(w->rows), sizeof(uint64_t));
    if (!validity) return NULL;
    (void)ms_bitmap_pack(w->out_valid, 0, w->rows, (uint64_t *)(void *)validity->data);
  }
  if (w->out_integers) {
    return ms_column_from_int64(context, w->call->type, w->rows, w->out_integers, validity);
  }
  values = ms_buffer_new(context, (size_t)w->rows, sizeof(double));
  if (values && w->rows) memcpy(values->data, w->out_reals, (size_t)w->rows * sizeof(double));
  return ms_column_from_real(context, w->rows, values, validity);
}

/* Every row of a partition gets the value of its group. */
static ms_column *of_groups(ms_context *context, const ms_call *call, const ms_frame *frame) {
  ms_groups groups;
  if (find_groups(context, call, frame, &groups) != MS_OK) return NULL;
  ms_column *column = ms_group_call(context, &groups, call, frame);
  const ms_column *values = ms_column_keep(context, column);
  return values ? ms_column_gather(context, values, groups.ids, frame->rows) : NULL;
}

static ms_column *compute(ms_context *context, ms_window *w, const ms_frame *frame) {
  if (lay_out(context, frame, w) != MS_OK || load_values(context, frame, w) != MS_OK ||
      make_room(context, w) != MS_OK) {
    return NULL;
  }
  ms_status status = ms_parallel(context, ms_morsels(w->rows), run_morsel, w);
  if (status == MS_EOVERFLOW) ms_expression_blame(context, w->call->arguments[0]);
  return status == MS_OK ? result(context, w, frame) : NULL;
}

ms_column *ms_window_call(ms_context *context, const ms_call *call, const ms_frame *frame) {
  if (whole(call)) return of_groups(context, call, frame);
  if (!moves(call->id)) {
    (void)ms_fail(context, MS_EARGUMENT, "%s does not move with the row", call->name);
    ms_fail_hint(context, "over (partition by …) without an order takes the whole partition");
    if (call->arguments[0]) ms_expression_blame(context, call->arguments[0]);
    return NULL;
  }
  ms_window window = {.call = call, .rows = frame->rows};
  return compute(context, &window, frame);
}
