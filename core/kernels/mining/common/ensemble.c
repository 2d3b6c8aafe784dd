/* Trees as arrays that grow in scratch, and what they say of rows.
 *
 * Prediction takes blocks of rows, lays their values row by row, and sends the whole block down one tree level by level:
 * the steps of different rows do not wait for each other. Leaves lead to themselves. */
#include "core/kernels/mining/common/ensemble.h"

#include <math.h>
#include <string.h>

ms_ensemble ms_ensemble_new(ms_context *context, size_t width) {
  return (ms_ensemble){.context = context, .width = width};
}

/* The array with room for `wanted`, moved if need be. */
static void *room_for(ms_context *context, void *old, size_t *room, size_t wanted, size_t size) {
  if (old && wanted <= *room) return old;
  size_t more = *room * 2 > wanted ? *room * 2 : wanted + 64;
  char *grown = ms_scratch(context, more, size);
  if (!grown) return NULL;
  if (old) memcpy(grown, old, *room * size);
  *room = more;
  return grown;
}

bool ms_ensemble_tree(ms_ensemble *ensemble) {
  void *first = room_for(ensemble->context, ensemble->first, &ensemble->tree_room,
                         ensemble->trees + 1, sizeof *ensemble->first);
  if (!first) return false;
  ensemble->first = first;
  ensemble->first[ensemble->trees++] = (uint32_t)ensemble->nodes;
  return true;
}

uint32_t ms_ensemble_add(ms_ensemble *ensemble, size_t count) {
  size_t wanted = ensemble->nodes + count, room = ensemble->node_room;
  if (wanted >= INT32_MAX) {
    (void)ms_fail(ensemble->context, MS_ELIMIT, "a model of %zu nodes: more than there may be",
                  wanted);
    return UINT32_MAX;
  }
  void *node = room_for(ensemble->context, ensemble->node, &ensemble->node_room, wanted,
                        sizeof *ensemble->node);
  if (!node) return UINT32_MAX;
  ensemble->node = node;
  void *values = room_for(ensemble->context, ensemble->values, &room, wanted,
                          sizeof *ensemble->values * ensemble->width);
  if (!values) return UINT32_MAX;
  ensemble->values = values;
  uint32_t at = (uint32_t)ensemble->nodes;
  memset(ensemble->node + at, 0, count * sizeof *ensemble->node);
  memset(ensemble->values + at * ensemble->width, 0,
         count * ensemble->width * sizeof *ensemble->values);
  for (size_t i = 0; i < count; i++) ensemble->node[at + i].input = -1;
  ensemble->nodes = wanted;
  return at;
}

uint32_t ms_ensemble_set(ms_ensemble *ensemble, size_t words) {
  size_t wanted = ensemble->words + words;
  void *sets = wanted < UINT32_MAX ? room_for(ensemble->context, ensemble->sets,
                                              &ensemble->word_room, wanted, sizeof *ensemble->sets)
                                   : ms_fail_null(ensemble->context, MS_ELIMIT,
                                                  "a model with too many sets of levels");
  if (!sets) return UINT32_MAX;
  ensemble->sets = sets;
  memset(ensemble->sets + ensemble->words, 0, words * sizeof *ensemble->sets);
  ensemble->words = wanted;
  return (uint32_t)(wanted - words);
}

void ms_ensemble_cut(ms_ensemble *ensemble, size_t trees) {
  if (trees >= ensemble->trees) return;
  ensemble->nodes = ensemble->first[trees];
  ensemble->trees = trees;
}

bool ms_ensemble_append(ms_ensemble *to, const ms_ensemble *from) {
  uint32_t sets = from->words ? ms_ensemble_set(to, from->words) : 0;
  if (sets == UINT32_MAX) return false;
  if (from->words) memcpy(to->sets + sets, from->sets, from->words * sizeof *from->sets);
  for (size_t t = 0; t < from->trees; t++) {
    uint32_t begin = from->first[t], count = ms_ensemble_end(from, t) - begin;
    uint32_t at = ms_ensemble_tree(to) ? ms_ensemble_add(to, count) : UINT32_MAX;
    if (at == UINT32_MAX) return false;
    memcpy(to->values + at * to->width, from->values + begin * from->width,
           count * to->width * sizeof *to->values);
    for (uint32_t i = 0; i < count; i++) {
      ms_tree_node *node = &to->node[at + i];
      *node = from->node[begin + i];
      if (node->input < 0) continue;
      node->left += at - begin;
      node->right += at - begin;
      if (node->category) node->set += sets;
    }
  }
  return true;
}

/* ---- prediction ---- */

/* Rows that go down together; trees deeper than DEEP have rows that end long before the others. */
enum { BLOCK = 1024, DEEP = 10 };

/* What a step needs to know of a node. A leaf is its own child. */
typedef struct {
  double threshold;
  uint32_t child[2]; /* left, right */
  uint32_t input;
  bool missing_left, category;
} step_node;

typedef struct {
  const ms_ensemble *ensemble;
  const ms_input_list *inputs;
  step_node *steps;
  uint32_t *depth; /* of each tree */
  bool categories;
  size_t outputs;
  double *out;
} summing;

/* Values of a block, row by row; a category's level as a number, NaN where missing. */
static void lay_rows(const ms_input_list *inputs, int64_t first, size_t count, double *rows) {
  for (size_t c = 0; c < inputs->count; c++) {
    const ms_input *input = &inputs->items[c];
    double *to = rows + c;
    for (size_t r = 0; r < count; r++) {
      size_t i = (size_t)first + r;
      to[r * inputs->count] = !input->category                ? input->values[i]
                              : input->codes[i] == MS_MISSING ? NAN
                                                              : (double)input->codes[i];
    }
  }
}

/* Where each row of the block ends in a tree. */
static inline __attribute__((always_inline)) void
send_down(const summing *s, size_t tree, const double *rows, uint32_t *at, bool categories) {
  size_t columns = s->inputs->count;
  for (size_t r = 0; r < BLOCK; r++) at[r] = s->ensemble->first[tree];
  for (uint32_t level = 0; level < s->depth[tree]; level++) {
    for (size_t r = 0; r < BLOCK; r++) {
      const step_node *node = &s->steps[at[r]];
      double value = rows[r * columns + node->input];
      bool missing = value != value;
      bool left = (value <= node->threshold) | (missing & node->missing_left);
      if (categories && node->category && !missing)
        left = ms_set_has(s->ensemble->sets + s->ensemble->node[at[r]].set, (uint32_t)value);
      at[r] = node->child[!left];
    }
  }
}

/* The same for a deep tree: rows that are at a leaf are not looked at again. */
static void send_deep(const summing *s, size_t tree, const double *rows, uint32_t *at) {
  uint16_t moving[BLOCK];
  size_t columns = s->inputs->count, count = BLOCK;
  for (size_t r = 0; r < BLOCK; r++) at[r] = s->ensemble->first[tree], moving[r] = (uint16_t)r;
  while (count > 0) {
    size_t still = 0;
    for (size_t i = 0; i < count; i++) {
      size_t r = moving[i];
      const step_node *node = &s->steps[at[r]];
      double value = rows[r * columns + node->input];
      bool missing = value != value;
      bool left = (value <= node->threshold) | (missing & node->missing_left);
      if (node->category && !missing)
        left = ms_set_has(s->ensemble->sets + s->ensemble->node[at[r]].set, (uint32_t)value);
      uint32_t next = node->child[!left];
      moving[still] = (uint16_t)r;
      still += next != at[r];
      at[r] = next;
    }
    count = still;
  }
}

static void add_block(const summing *s, const double *rows, int64_t first, size_t count) {
  const ms_ensemble *ensemble = s->ensemble;
  uint32_t at[BLOCK];
  for (size_t t = 0; t < ensemble->trees; t++) {
    if (s->depth[t] > DEEP)
      send_deep(s, t, rows, at);
    else if (s->categories)
      send_down(s, t, rows, at, true);
    else
      send_down(s, t, rows, at, false);
    double *out = s->out + (size_t)first * s->outputs;
    if (ensemble->width == 1) {
      out += t % s->outputs;
      for (size_t r = 0; r < count; r++) out[r * s->outputs] += ensemble->values[at[r]];
    } else {
      for (size_t r = 0; r < count; r++) {
        for (size_t k = 0; k < s->outputs; k++)
          out[r * s->outputs + k] += ensemble->values[at[r] * s->outputs + k];
      }
    }
  }
}

enum { PART = MS_MORSEL / 8 };

static ms_status add_part(ms_context *worker, void *state, size_t task) {
  const summing *s = state;
  int64_t first = (int64_t)task * PART;
  int64_t end = first + PART < s->inputs->rows ? first + PART : s->inputs->rows;
  ms_mark mark = ms_scratch_mark(worker);
  double *rows = ms_scratch_zero(worker, BLOCK * s->inputs->count, sizeof *rows);
  if (!rows) return MS_EMEMORY;
  for (; first < end; first += BLOCK) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    size_t count = (size_t)(end - first < BLOCK ? end - first : BLOCK);
    lay_rows(s->inputs, first, count, rows);
    add_block(s, rows, first, count);
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

uint32_t *ms_ensemble_depths(ms_context *context, const ms_ensemble *ensemble) {
  uint32_t *depth = ms_scratch(context, ensemble->trees + 1, sizeof *depth);
  uint32_t *below = ms_scratch(context, ensemble->nodes + 1, sizeof *below);
  if (!depth || !below) return NULL;
  /* Children stand behind their parents: from the last node on, each knows its own. */
  for (size_t i = ensemble->nodes; i-- > 0;) {
    const ms_tree_node *node = &ensemble->node[i];
    below[i] = 0;
    if (node->input < 0) continue;
    uint32_t left = below[node->left], right = below[node->right];
    below[i] = 1 + (left > right ? left : right);
  }
  for (size_t t = 0; t < ensemble->trees; t++) depth[t] = below[ensemble->first[t]];
  return depth;
}

ms_status ms_ensemble_add_up(ms_context *context, const ms_ensemble *ensemble,
                             const ms_input_list *inputs, size_t outputs, double *out) {
  summing s = {.ensemble = ensemble, .inputs = inputs, .outputs = outputs, .out = out};
  s.steps = ms_scratch(context, ensemble->nodes + 1, sizeof *s.steps);
  s.depth = ms_ensemble_depths(context, ensemble);
  if (!s.steps || !s.depth) return MS_EMEMORY;
  for (size_t i = 0; i < ensemble->nodes; i++) {
    const ms_tree_node *node = &ensemble->node[i];
    uint32_t self = (uint32_t)i;
    s.steps[i] = node->input < 0
                     ? (step_node){.threshold = INFINITY, .child = {self, self}}
                     : (step_node){.threshold = node->category ? -INFINITY : node->threshold,
                                   .child = {node->left, node->right},
                                   .input = (uint32_t)node->input,
                                   .missing_left = node->missing_left,
                                   .category = node->category};
    s.categories |= node->input >= 0 && node->category;
  }
  return ms_parallel(context, (size_t)((inputs->rows + PART - 1) / PART), add_part, &s);
}
