/* value in (…): a set of constants. Integers and reals are hashed by their bits, texts are looked up in sorted
 * order (they mostly come once for each entry of a dictionary). */
#include <stdlib.h>
#include <string.h>

#include "core/expr/evaluate.h"

typedef struct {
  size_t count;
  bool has_null;
  uint64_t *slots; /* open addressing; `used` tells empty ones */
  uint8_t *used;
  size_t mask;
  ms_slice *texts; /* ascending */
} set;

static uint64_t bits_of(double value) {
  uint64_t bits;
  if (value == 0) value = 0; /* one zero */
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static size_t slot_of(const set *s, uint64_t key) {
  uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
  size_t i = (size_t)(hash ^ hash >> 32) & s->mask;
  while (s->used[i] && s->slots[i] != key) i = (i + 1) & s->mask;
  return i;
}

static bool has_text(const set *s, ms_slice text) {
  size_t low = 0, high = s->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = ms_slice_compare(s->texts[middle], text);
    if (order == 0) return true;
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

/* A value that is not found is unknown where the set has a null. */
static ms_status run_in(const ms_run *run, const ms_step *step, ms_lane *out) {
  const set *s = step->extra;
  const ms_step *arg = step->args[0];
  ms_lane in;
  const ms_slice *texts = NULL;
  ms_status status = ms_step_run(run, arg, &in);
  if (!status && arg->type == MS_TEXT) status = ms_run_texts(run, arg, &in, &texts);
  uint8_t *flags = ms_run_array(run, 1);
  if (status || !flags) return status ? status : MS_EMEMORY;
  for (int64_t i = 0; i < run->count; i++) {
    if (in.valid && !in.valid[i]) {
      flags[i] = 0;
    } else if (texts) {
      flags[i] = has_text(s, texts[i]);
    } else if (arg->type == MS_REAL) {
      flags[i] = in.reals[i] == in.reals[i] && s->used[slot_of(s, bits_of(in.reals[i]))];
    } else {
      uint64_t key = arg->type == MS_BOOLEAN ? in.flags[i] & 1u : (uint64_t)in.integers[i];
      flags[i] = s->used[slot_of(s, key)];
    }
  }
  *out = (ms_lane){.valid = in.valid, .flags = flags};
  if (step->node->list_count == 0) {
    out->valid = NULL; /* nothing is in an empty list, null neither */
    return MS_OK;
  }
  return s->has_null ? ms_run_both(run, in.valid, flags, &out->valid) : MS_OK;
}

static int by_bytes(const void *a, const void *b) {
  return ms_slice_compare(*(const ms_slice *)a, *(const ms_slice *)b);
}

static ms_status fill_texts(ms_plan *plan, const ms_node *node, set *s) {
  s->texts = ms_scratch(plan->context, node->list_count + 1, sizeof *s->texts);
  if (!s->texts) return MS_EMEMORY;
  for (size_t i = 0; i < node->list_count; i++) {
    if (!node->list[i].null) s->texts[s->count++] = node->list[i].text;
  }
  qsort(s->texts, s->count, sizeof *s->texts, by_bytes);
  return MS_OK;
}

static ms_status fill_numbers(ms_plan *plan, const ms_node *node, ms_type type, set *s) {
  size_t size = 16;
  while (size < node->list_count * 2) size *= 2;
  s->mask = size - 1;
  s->slots = ms_scratch(plan->context, size, sizeof *s->slots);
  s->used = ms_scratch_zero(plan->context, size, 1);
  if (!s->slots || !s->used) return MS_EMEMORY;
  for (size_t i = 0; i < node->list_count; i++) {
    const ms_value *value = &node->list[i];
    if (value->null || (type == MS_REAL && value->real != value->real)) continue;
    uint64_t key = type == MS_REAL ? bits_of(value->real) : (uint64_t)value->integer;
    size_t at = slot_of(s, key);
    s->slots[at] = key;
    s->used[at] = 1;
  }
  return MS_OK;
}

const ms_step *ms_plan_in(ms_plan *plan, const ms_node *node, ms_step *step) {
  set *s = ms_scratch_zero(plan->context, 1, sizeof *s);
  if (!s) return NULL;
  for (size_t i = 0; i < node->list_count; i++) s->has_null = s->has_null || node->list[i].null;
  ms_type type = step->args[0]->type;
  ms_status status =
      type == MS_TEXT ? fill_texts(plan, node, s) : fill_numbers(plan, node, type, s);
  step->extra = s;
  step->run = run_in;
  return status ? NULL : step;
}
