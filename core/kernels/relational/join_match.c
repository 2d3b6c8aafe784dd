/* Which rows of two frames meet. First each left row's entry is looked up and the rows that come of it are counted, a
 * morsel at a time; then, when it is known where each morsel's rows go, they are written. */
#include <stdatomic.h>
#include <string.h>

#include "core/kernels/relational/join.h"

typedef struct {
  const ms_join_table *table;
  ms_join_how how;
  bool mark; /* which right rows were met must be known */
  bool watch;
  uint32_t *entries; /* by left row */
  int64_t *counts;   /* rows that come of a morsel; then where they go */
  uint8_t *alone;    /* by morsel: each left row gives one row */
  atomic_uchar *met; /* by entry */
  atomic_bool many;  /* an entry of several rows was met twice */
  uint32_t *left, *right;
} matching;

static bool keeps_left(ms_join_how how) { return how == MS_JOIN_LEFT || how == MS_JOIN_FULL; }

/* Notes the entries met. Threads write the same values, in any order. */
static void note(matching *m, const uint32_t *entries, int64_t count) {
  bool many = false;
  for (int64_t i = 0; i < count; i++) {
    if (entries[i] == MS_MISSING) continue;
    if (m->watch && !many && ms_join_rows(m->table, entries[i]) > 1) {
      many = atomic_exchange_explicit(&m->met[entries[i]], 1, memory_order_relaxed);
    } else {
      atomic_store_explicit(&m->met[entries[i]], 1, memory_order_relaxed);
    }
  }
  if (many) atomic_store_explicit(&m->many, true, memory_order_relaxed);
}

static ms_status find_morsel(ms_context *worker, void *state, size_t task) {
  matching *m = state;
  ms_range range = ms_morsel(m->table->code->rows[MS_LEFT], task);
  int64_t count = 0, found = 0, single = 0;
  if (ms_cancelled(worker)) return MS_ECANCEL;
  for (int64_t done = 0; done < range.count; done += MS_JOIN_BLOCK) {
    int64_t left = range.count - done;
    ms_range block = {range.first + done, left < MS_JOIN_BLOCK ? left : MS_JOIN_BLOCK};
    uint32_t *entries = m->entries + block.first;
    ms_join_find(m->table, MS_LEFT, block, entries);
    if (m->table->unique) {
      for (int64_t i = 0; i < block.count; i++) found += entries[i] != MS_MISSING;
    } else {
      for (int64_t i = 0; i < block.count; i++) {
        uint32_t rows = ms_join_rows(m->table, entries[i]);
        if (rows == 0) entries[i] = MS_MISSING;
        found += rows > 0;
        single += rows == 1;
        count += rows;
      }
    }
    if (m->met) note(m, entries, block.count);
  }
  if (m->table->unique) count = single = found;
  int64_t lost = range.count - found;
  m->counts[task] = count + (keeps_left(m->how) ? lost : 0);
  m->alone[task] =
      m->counts[task] == range.count && single == found && (lost == 0 || keeps_left(m->how));
  return MS_OK;
}

static ms_status find_all(ms_context *context, matching *m) {
  size_t rows = (size_t)m->table->code->rows[MS_LEFT], morsels = ms_morsels((int64_t)rows);
  m->entries = ms_scratch(context, rows, sizeof *m->entries);
  m->counts = m->entries ? ms_scratch(context, morsels + 1, sizeof *m->counts) : NULL;
  m->alone = m->counts ? ms_scratch(context, morsels, 1) : NULL;
  if (!m->alone) return MS_EMEMORY;
  if (m->mark || m->watch) {
    m->met = ms_scratch_zero(context, (size_t)m->table->count + 1, sizeof *m->met);
    if (!m->met) return MS_EMEMORY;
  }
  return ms_parallel(context, morsels, find_morsel, m);
}

/* ---- writing the pairs ---- */

/* Every entry is one row or none: compacted without a branch, in a block of its own, since the place behind the last
 * row belongs to the next morsel. */
static void write_single(matching *m, ms_range range, int64_t at) {
  uint32_t left[MS_JOIN_BLOCK + 1], right[MS_JOIN_BLOCK + 1];
  bool keep = keeps_left(m->how);
  for (int64_t done = 0; done < range.count; done += MS_JOIN_BLOCK) {
    int64_t stop = done + MS_JOIN_BLOCK < range.count ? done + MS_JOIN_BLOCK : range.count;
    size_t n = 0;
    for (int64_t i = range.first + done; i < range.first + stop; i++) {
      left[n] = (uint32_t)i;
      right[n] = m->entries[i];
      n += keep || right[n] != MS_MISSING;
    }
    memcpy(m->left + at, left, n * sizeof *left);
    memcpy(m->right + at, right, n * sizeof *right);
    at += (int64_t)n;
  }
}

static ms_status write_morsel(ms_context *worker, void *state, size_t task) {
  matching *m = state;
  const ms_join_table *table = m->table;
  ms_range range = ms_morsel(table->code->rows[MS_LEFT], task);
  int64_t at = m->counts[task];
  if (ms_cancelled(worker)) return MS_ECANCEL;
  if (table->unique) {
    write_single(m, range, at);
    return MS_OK;
  }
  for (int64_t i = range.first; i < range.first + range.count; i++) {
    uint32_t entry = m->entries[i];
    if (entry == MS_MISSING) {
      if (!keeps_left(m->how)) continue;
      m->left[at] = (uint32_t)i;
      m->right[at++] = MS_MISSING;
      continue;
    }
    for (uint32_t k = table->starts[entry]; k < table->starts[entry + 1]; k++, at++) {
      m->left[at] = (uint32_t)i;
      m->right[at] = table->members[k];
    }
  }
  return MS_OK;
}

/* Each left row gives one row: nothing is moved on the left. */
static void write_alone(const matching *m, int64_t rows, uint32_t *right) {
  const ms_join_table *table = m->table;
  for (int64_t i = 0; i < rows; i++) {
    uint32_t entry = m->entries[i];
    right[i] = entry == MS_MISSING ? MS_MISSING : table->members[table->starts[entry]];
  }
}

/* ---- right rows that nobody met ---- */

static int64_t count_unmet(const uint8_t *reached, int64_t rows) {
  int64_t count = 0;
  for (int64_t i = 0; i < rows; i++) count += !reached[i];
  return count;
}

/* By right row, whether it was met: uint8_t[rows] in scratch. */
static uint8_t *reached_rows(ms_context *context, const matching *m) {
  const ms_join_table *table = m->table;
  int64_t rows = table->code->rows[MS_RIGHT];
  uint8_t *reached = ms_scratch_zero(context, (size_t)rows, 1);
  if (!reached) return NULL;
  for (int64_t e = 0; e < table->count; e++) {
    if (!atomic_load_explicit(&m->met[e], memory_order_relaxed)) continue;
    if (table->unique) {
      reached[e] = 1;
      continue;
    }
    for (uint32_t k = table->starts[e]; k < table->starts[e + 1]; k++)
      reached[table->members[k]] = 1;
  }
  return reached;
}

/* ---- all ---- */

ms_status ms_join_guard(ms_context *context, const ms_join_wish *wish, const int64_t *inputs,
                        int64_t rows) {
  enum { ALWAYS = 1 << 25, TIMES = 10 };
  int64_t most = wish->limit_rows;
  if (most == 0) {
    most = TIMES * (inputs[MS_LEFT] + inputs[MS_RIGHT]);
    if (most < ALWAYS) most = ALWAYS;
  }
  if (most > MS_ROWS_MOST) most = MS_ROWS_MOST;
  if (rows <= most) return MS_OK;
  (void)ms_fail(
      context, MS_ELIMIT,
      "join: %lld rows would come of %lld on the left and %lld on the right; the limit is "
      "%lld",
      (long long)rows, (long long)inputs[MS_LEFT], (long long)inputs[MS_RIGHT], (long long)most);
  ms_fail_hint(context, "keys repeat on both sides: group one of them first, join by more keys, or "
                        "set limit_rows");
  return MS_ELIMIT;
}

/* Turns the counts of the morsels into places; gives their sum. */
static int64_t place(matching *m, bool *alone) {
  size_t morsels = ms_morsels(m->table->code->rows[MS_LEFT]);
  int64_t sum = 0;
  *alone = true;
  for (size_t i = 0; i < morsels; i++) {
    int64_t here = m->counts[i];
    m->counts[i] = sum;
    sum += here;
    *alone = *alone && m->alone[i];
  }
  return sum;
}

/* The unmet right rows behind the matched ones. */
static ms_status append_unmet(ms_context *context, const matching *m, const ms_join_wish *wish,
                              ms_join_match *out) {
  const int64_t *rows = m->table->code->rows;
  const uint8_t *reached = reached_rows(context, m);
  if (!reached) return MS_EMEMORY;
  int64_t unmet = count_unmet(reached, rows[MS_RIGHT]);
  out->rows = out->matched + unmet;
  if (unmet == 0) return MS_OK;
  ms_status status = ms_join_guard(context, wish, rows, out->rows);
  if (status != MS_OK) return status;
  uint32_t *right = ms_scratch(context, (size_t)out->rows, sizeof *right);
  if (!right) return MS_EMEMORY;
  if (out->matched) memcpy(right, out->right, (size_t)out->matched * sizeof *right);
  uint32_t *at = right + out->matched;
  for (int64_t i = 0; i < rows[MS_RIGHT]; i++) {
    if (!reached[i]) *at++ = (uint32_t)i;
  }
  out->right = right;
  return MS_OK;
}

ms_status ms_join_match_rows(ms_context *context, const ms_join_table *table,
                             const ms_join_wish *wish, ms_join_match *out) {
  matching m = {.table = table, .how = wish->how};
  const int64_t *rows = table->code->rows;
  bool alone;
  m.mark = wish->how == MS_JOIN_OUTER_RIGHT || wish->how == MS_JOIN_FULL;
  m.watch = wish->watch && !table->unique;
  *out = (ms_join_match){0};
  ms_status status = find_all(context, &m);
  if (status != MS_OK) return status;
  out->many_to_many = atomic_load(&m.many);
  out->rows = out->matched = place(&m, &alone);
  status = ms_join_guard(context, wish, rows, out->rows);
  if (status != MS_OK) return status;
  if (alone && table->unique) {
    out->right = m.entries;
  } else {
    m.right = ms_scratch(context, (size_t)out->matched, sizeof *m.right);
    if (m.right && !alone) m.left = ms_scratch(context, (size_t)out->matched, sizeof *m.left);
    if (!m.right || (!alone && !m.left)) return MS_EMEMORY;
    if (alone) {
      write_alone(&m, rows[MS_LEFT], m.right);
    } else {
      status = ms_parallel(context, ms_morsels(rows[MS_LEFT]), write_morsel, &m);
      if (status != MS_OK) return status;
    }
    out->left = m.left;
    out->right = m.right;
  }
  return m.mark ? append_unmet(context, &m, wish, out) : MS_OK;
}

uint32_t *ms_join_left_rows(ms_context *context, const ms_join_table *table, bool present,
                            int64_t *count) {
  matching m = {.table = table, .how = MS_JOIN_INNER};
  if (find_all(context, &m) != MS_OK) return NULL;
  int64_t n = 0, rows = table->code->rows[MS_LEFT];
  uint32_t *out = ms_scratch(context, (size_t)rows + 1, sizeof *out);
  for (int64_t i = 0; out && i < rows; i++) {
    out[n] = (uint32_t)i;
    n += (m.entries[i] != MS_MISSING) == present;
  }
  *count = n;
  return out;
}
