/* case, coalesce, least, greatest: each row takes one of several values. Values are computed only for the rows
 * that take them. Texts become codes of one dictionary where every value has one. */
#include <math.h>
#include <string.h>

#include "core/expr/evaluate.h"

/* What is put together. */
typedef struct {
  char *data;
  uint8_t *valid;
  size_t size;
} target;

static ms_status start(const ms_run *run, const ms_step *step, target *t) {
  t->size = ms_lane_size(step);
  t->data = ms_run_array(run, t->size);
  t->valid = ms_run_array(run, 1);
  if (!t->data || !t->valid) return MS_EMEMORY;
  memset(t->valid, 0, (size_t)run->count);
  memset(t->data, 0, (size_t)run->count * t->size);
  return MS_OK;
}

/* Where the values go: position k, or the k-th of some. */
static inline size_t place(const uint32_t *positions, int64_t k) {
  return positions ? positions[k] : (size_t)k;
}

static void put_valid(const ms_lane *lane, int64_t count, const uint32_t *positions,
                      uint8_t *valid) {
  if (!positions) {
    if (lane->valid) {
      memcpy(valid, lane->valid, (size_t)count);
    } else {
      memset(valid, 1, (size_t)count);
    }
    return;
  }
  for (int64_t k = 0; k < count; k++) valid[positions[k]] = lane->valid ? lane->valid[k] : 1;
}

static void put_codes(const ms_lane *lane, const uint32_t *map, int64_t count,
                      const uint32_t *positions, uint32_t *to) {
  for (int64_t k = 0; k < count; k++) {
    bool there = !lane->valid || lane->valid[k];
    uint32_t code = there ? lane->codes[k] : 0;
    to[place(positions, k)] = map && there ? map[code] : code;
  }
}

/* Values of argument i to the positions; NULL: to every row. */
static ms_status put(const ms_run *part, const ms_step *step, size_t i, const uint32_t *positions,
                     target *t) {
  ms_lane lane;
  const ms_step *arg = step->args[i];
  ms_status status = ms_step_run(part, arg, &lane);
  const ms_slice *texts = NULL;
  int64_t count = part->count;
  if (!status && t->size == sizeof(ms_slice)) status = ms_run_texts(part, arg, &lane, &texts);
  if (status) return status;
  put_valid(&lane, count, positions, t->valid);
  if (t->size == 1) {
    uint8_t *to = (uint8_t *)t->data;
    for (int64_t k = 0; k < count; k++) to[place(positions, k)] = lane.flags[k];
  } else if (t->size == 4) {
    put_codes(&lane, step->maps[i], count, positions, (uint32_t *)(void *)t->data);
  } else if (t->size == 8) {
    int64_t *to = (int64_t *)(void *)t->data;
    for (int64_t k = 0; k < count; k++) to[place(positions, k)] = lane.integers[k];
  } else {
    ms_slice *to = (ms_slice *)(void *)t->data;
    for (int64_t k = 0; k < count; k++) to[place(positions, k)] = texts[k];
  }
  return MS_OK;
}

static ms_status finish(const ms_run *run, const target *t, ms_lane *out) {
  *out = (ms_lane){.valid = t->valid, .data = t->data};
  if (!memchr(t->valid, 0, (size_t)run->count)) out->valid = NULL;
  return MS_OK;
}

/* ---- case ---- */

/* Positions that are left, split by the condition: those that take the value first. */
typedef struct {
  uint32_t *left, *taken;
  int64_t left_count, taken_count;
} split;

static ms_status condition(const ms_run *run, const ms_step *step, split *s) {
  ms_run part;
  ms_lane lane;
  bool all = s->left_count == run->count;
  ms_status status = all ? MS_OK : ms_run_select(run, s->left, s->left_count, &part);
  if (all) part = *run;
  if (!status) status = ms_step_run(&part, step, &lane);
  if (status) return status;
  uint32_t *rest = ms_run_array(run, sizeof *rest);
  if (!rest) return MS_EMEMORY;
  int64_t taken = 0, left = 0;
  for (int64_t k = 0; k < s->left_count; k++) {
    uint32_t at = s->left[k];
    uint8_t yes = (uint8_t)((lane.valid ? lane.valid[k] : 1) & lane.flags[k] & 1);
    s->taken[taken] = rest[left] = at;
    taken += yes;
    left += yes ^ 1;
  }
  s->left = rest;
  s->left_count = left;
  s->taken_count = taken;
  return MS_OK;
}

/* Some positions of the run. */
typedef struct {
  const uint32_t *at;
  int64_t count;
} places;

static ms_status take(const ms_run *run, const ms_step *step, size_t i, places p, target *t) {
  ms_run part;
  if (p.count == 0) return MS_OK;
  if (p.count == run->count) return put(run, step, i, NULL, t);
  ms_status status = ms_run_select(run, p.at, p.count, &part);
  return status ? status : put(&part, step, i, p.at, t);
}

static ms_status run_case(const ms_run *run, const ms_step *step, ms_lane *out) {
  target t;
  split s = {.left = ms_run_array(run, sizeof(uint32_t)),
             .taken = ms_run_array(run, sizeof(uint32_t))};
  if (!s.left || !s.taken || start(run, step, &t)) return MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) s.left[i] = (uint32_t)i;
  s.left_count = run->count;
  ms_status status = MS_OK;
  for (size_t i = 0; i + 1 < step->count && s.left_count && !status; i += 2) {
    status = condition(run, step->args[i], &s);
    if (!status) status = take(run, step, i + 1, (places){s.taken, s.taken_count}, &t);
  }
  if (!status && step->count % 2)
    status = take(run, step, step->count - 1, (places){s.left, s.left_count}, &t);
  return status ? status : finish(run, &t, out);
}

/* ---- coalesce ---- */

static ms_status run_coalesce(const ms_run *run, const ms_step *step, ms_lane *out) {
  target t;
  uint32_t *left = ms_run_array(run, sizeof *left);
  ms_status status = start(run, step, &t);
  if (status || !left) return MS_EMEMORY;
  int64_t count = run->count;
  for (int64_t i = 0; i < count; i++) left[i] = (uint32_t)i;
  for (size_t i = 0; i < step->count && count; i++) {
    if ((status = take(run, step, i, (places){left, count}, &t))) return status;
    uint32_t *rest = ms_run_array(run, sizeof *rest);
    if (!rest) return MS_EMEMORY;
    int64_t nulls = 0;
    for (int64_t k = 0; k < count; k++) {
      rest[nulls] = left[k];
      nulls += !t.valid[left[k]];
    }
    left = rest;
    count = nulls;
  }
  return finish(run, &t, out);
}

/* ---- least, greatest ---- */

/* Whether b comes before a; NaN is behind all numbers, as in sorting. */
static bool before(ms_type type, const ms_cell *b, const ms_cell *a) {
  if (type == MS_REAL) return b->real < a->real || (isnan(a->real) && !isnan(b->real));
  if (type == MS_TEXT) return ms_slice_compare(b->text, a->text) < 0;
  return b->integer < a->integer;
}

static void set(const ms_step *step, target *t, int64_t i, const ms_cell *cell) {
  t->valid[i] = 1;
  if (step->type == MS_BOOLEAN) {
    ((uint8_t *)t->data)[i] = (uint8_t)cell->integer;
  } else if (step->type == MS_TEXT) {
    ((ms_slice *)(void *)t->data)[i] = cell->text;
  } else {
    ((int64_t *)(void *)t->data)[i] = cell->integer; /* or the bits of a real */
  }
}

static ms_cell get(const ms_step *step, const target *t, int64_t i) {
  ms_lane lane = {.data = t->data};
  return ms_lane_cell(step->type, &lane, lane.texts, i);
}

static ms_status run_extreme(const ms_run *run, const ms_step *step, ms_lane *out) {
  target t;
  bool least = step->node->op == MS_OP_LEAST;
  ms_status status = start(run, step, &t);
  for (size_t a = 0; a < step->count && !status; a++) {
    ms_lane lane;
    const ms_slice *texts = NULL;
    status = ms_step_run(run, step->args[a], &lane);
    if (!status && step->type == MS_TEXT) status = ms_run_texts(run, step->args[a], &lane, &texts);
    for (int64_t i = 0; i < run->count && !status; i++) {
      ms_cell now = ms_lane_cell(step->type, &lane, texts, i);
      if (now.null) continue;
      ms_cell best = get(step, &t, i);
      bool better = !t.valid[i] ||
                    (least ? before(step->type, &now, &best) : before(step->type, &best, &now));
      if (better) set(step, &t, i, &now);
    }
  }
  return status ? status : finish(run, &t, out);
}

/* ---- planning ---- */

static bool is_value(const ms_step *step, size_t i) {
  return step->node->kind != MS_NODE_CASE || i % 2 == 1 || i + 1 == step->count;
}

/* One dictionary of all: interned where small, otherwise laid one behind the other. */
static ms_status join_dictionaries(ms_plan *plan, ms_step *step) {
  ms_intern *intern = ms_intern_new(plan->context);
  const uint32_t **maps = ms_scratch_zero(plan->context, step->count, sizeof *maps);
  bool fine = intern && maps;
  int64_t total = 0;
  for (size_t i = 0; i < step->count; i++)
    total += is_value(step, i) ? step->args[i]->dictionary->count : 0;
  for (size_t i = 0; i < step->count && fine; i++) {
    if (!is_value(step, i)) continue;
    const ms_dictionary *from = step->args[i]->dictionary;
    uint32_t *map = ms_scratch_zero(plan->context, (size_t)from->count + 1, sizeof *map);
    fine = map;
    for (int64_t k = 0; k < from->count && fine; k++) {
      ms_slice text = ms_dictionary_entry(from, k);
      int64_t code = total <= 65536 ? ms_intern_add(intern, text.data, text.size)
                                    : ms_intern_append(intern, text.data, text.size);
      fine = code >= 0;
      map[k] = (uint32_t)code;
    }
    maps[i] = map;
  }
  ms_dictionary *joined = fine ? ms_intern_done(intern) : NULL;
  ms_intern_free(intern);
  if (!joined || ms_defer(plan->context, (void (*)(void *))ms_dictionary_free, joined))
    return MS_EMEMORY;
  step->dictionary = joined;
  step->maps = maps;
  return MS_OK;
}

static void join_bounds(ms_step *step) {
  int64_t low = INT64_MAX, high = INT64_MIN;
  for (size_t i = 0; i < step->count; i++) {
    const ms_step *arg = step->args[i];
    if (!is_value(step, i) || arg->low > arg->high) continue;
    if (arg->low < low) low = arg->low;
    if (arg->high > high) high = arg->high;
  }
  step->low = low;
  step->high = high;
}

const ms_step *ms_plan_choice(ms_plan *plan, const ms_node *node, ms_step *step) {
  bool extreme = node->kind == MS_NODE_OPERATOR && node->op != MS_OP_COALESCE;
  step->run = node->kind == MS_NODE_CASE ? run_case : extreme ? run_extreme : run_coalesce;
  if (node->type != MS_TEXT) {
    join_bounds(step);
    return step;
  }
  bool codes = !extreme;
  for (size_t i = 0; i < step->count; i++) {
    if (is_value(step, i) && !step->args[i]->dictionary) codes = false;
  }
  if (codes && join_dictionaries(plan, step)) return NULL;
  return step;
}
