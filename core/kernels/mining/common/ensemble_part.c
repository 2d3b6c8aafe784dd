/* An ensemble as a frame, a row a node, and back. */
#include "core/kernels/mining/common/ensemble.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ASK_NODES = 64 }; /* a node's set of levels may be thousands of numbers */

/* ---- to a frame ---- */

typedef double node_number(const ms_ensemble *ensemble, uint32_t at, size_t extra);

static ms_column *number_column(ms_context *context, const ms_ensemble *ensemble,
                                node_number *number, size_t extra) {
  size_t nodes = ensemble->nodes;
  ms_buffer *out = ms_buffer_new(context, nodes + 1, sizeof(double));
  ms_buffer *validity =
      out ? ms_buffer_zero(context, ms_bitmap_words((int64_t)nodes) + 1, sizeof(uint64_t)) : NULL;
  if (!validity) {
    ms_buffer_free(out);
    return NULL;
  }
  double *to = (double *)(void *)out->data;
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (size_t i = 0; i < nodes; i++) {
    double value = number(ensemble, (uint32_t)i, extra);
    to[i] = isnan(value) ? 0 : value;
    if (!isnan(value)) ms_bit_set(bits, (int64_t)i);
  }
  return ms_column_from_real(context, (int64_t)nodes, out, validity);
}

static double threshold_of(const ms_ensemble *e, uint32_t i, size_t extra) {
  (void)extra;
  return e->node[i].input < 0 || e->node[i].category ? NAN : e->node[i].threshold;
}
static double gain_of(const ms_ensemble *e, uint32_t i, size_t extra) {
  (void)extra;
  return e->node[i].input < 0 ? NAN : e->node[i].gain;
}
static double cover_of(const ms_ensemble *e, uint32_t i, size_t extra) {
  (void)extra;
  return e->node[i].cover;
}
static double value_of(const ms_ensemble *e, uint32_t i, size_t extra) {
  return e->values[i * e->width + extra];
}

typedef enum { TREE, NODE, MISSING_LEFT, LEFT, RIGHT, ROWS } whole;

static int64_t whole_of(const ms_ensemble *e, size_t tree, uint32_t i, whole which) {
  const ms_tree_node *node = &e->node[i];
  switch (which) {
    case TREE: return (int64_t)tree + 1;
    case NODE: return (int64_t)(i - e->first[tree]) + 1;
    case MISSING_LEFT: return node->missing_left;
    case LEFT: return (int64_t)(node->left - e->first[tree]) + 1;
    case RIGHT: return (int64_t)(node->right - e->first[tree]) + 1;
    case ROWS: return (int64_t)node->rows;
  }
  return 0;
}

static ms_column *whole_column(ms_context *context, const ms_ensemble *ensemble, whole which) {
  size_t nodes = ensemble->nodes, tree = 0;
  bool inner = which == MISSING_LEFT || which == LEFT || which == RIGHT;
  int64_t *values = ms_scratch(context, nodes + 1, sizeof *values);
  ms_buffer *validity =
      values ? ms_buffer_zero(context, ms_bitmap_words((int64_t)nodes) + 1, sizeof(uint64_t))
             : NULL;
  if (!validity) return NULL;
  uint64_t *bits = (uint64_t *)(void *)validity->data;
  for (size_t i = 0; i < nodes; i++) {
    while (tree + 1 < ensemble->trees && i >= ensemble->first[tree + 1]) tree++;
    bool there = !inner || ensemble->node[i].input >= 0;
    values[i] = there ? whole_of(ensemble, tree, (uint32_t)i, which) : 0;
    if (there) ms_bit_set(bits, (int64_t)i);
  }
  return ms_column_from_int64(context, which == MISSING_LEFT ? MS_BOOLEAN : MS_INTEGER,
                              (int64_t)nodes, values, validity);
}

typedef struct {
  ms_intern *intern;
  uint32_t *codes;
  ms_buffer *validity;
} texts;

static ms_column *texts_finish(ms_context *context, texts *t, bool fine, size_t nodes) {
  ms_dictionary *dictionary = fine ? ms_intern_done(t->intern) : NULL;
  ms_intern_free(t->intern);
  if (!dictionary) {
    ms_buffer_free(t->validity);
    return NULL;
  }
  return ms_column_from_codes(context, (int64_t)nodes, t->codes, dictionary, t->validity);
}

static bool texts_start(ms_context *context, texts *t, size_t nodes) {
  t->codes = ms_scratch_zero(context, nodes + 1, sizeof *t->codes);
  t->intern = ms_intern_new(context);
  t->validity = ms_buffer_zero(context, ms_bitmap_words((int64_t)nodes) + 1, sizeof(uint64_t));
  return t->codes && t->intern && t->validity;
}

static bool texts_put(texts *t, size_t at, const char *text) {
  int64_t code = ms_intern_add(t->intern, text, strlen(text));
  if (code < 0) return false;
  t->codes[at] = (uint32_t)code;
  ms_bit_set((uint64_t *)(void *)t->validity->data, (int64_t)at);
  return true;
}

/* Numbers of a set's levels with blanks between them. */
static const char *set_text(ms_context *context, const uint64_t *set, size_t levels) {
  ms_string out = ms_string_new(context);
  for (size_t k = 0; k < levels; k++) {
    if (ms_set_has(set, (uint32_t)k)) ms_string_format(&out, out.size ? " %zu" : "%zu", k + 1);
  }
  return ms_string_done(&out);
}

static ms_column *text_column(ms_context *context, const ms_ensemble *ensemble,
                              const ms_input_list *inputs, bool levels) {
  texts t;
  bool fine = texts_start(context, &t, ensemble->nodes);
  for (size_t i = 0; fine && i < ensemble->nodes; i++) {
    const ms_tree_node *node = &ensemble->node[i];
    if (i % ASK_NODES == 0 && ms_cancelled(context)) fine = false;
    if (!fine || node->input < 0 || (levels && !node->category)) continue;
    const ms_input *input = &inputs->items[node->input];
    ms_mark mark = ms_scratch_mark(context);
    const char *text =
        levels ? set_text(context, ensemble->sets + node->set, input->levels.count) : input->name;
    fine = text && texts_put(&t, i, text);
    ms_scratch_release(context, mark);
  }
  return texts_finish(context, &t, fine, ensemble->nodes);
}

ms_frame *ms_ensemble_part(ms_context *context, const ms_ensemble *ensemble,
                           const ms_input_list *inputs) {
  ms_assembly out = ms_assembly_new(context, 11 + ensemble->width);
  ms_assembly_add(&out, "tree", whole_column(context, ensemble, TREE));
  ms_assembly_add(&out, "node", whole_column(context, ensemble, NODE));
  ms_assembly_add(&out, "input", text_column(context, ensemble, inputs, false));
  ms_assembly_add(&out, "threshold", number_column(context, ensemble, threshold_of, 0));
  ms_assembly_add(&out, "levels", text_column(context, ensemble, inputs, true));
  ms_assembly_add(&out, "missing_left", whole_column(context, ensemble, MISSING_LEFT));
  ms_assembly_add(&out, "left", whole_column(context, ensemble, LEFT));
  ms_assembly_add(&out, "right", whole_column(context, ensemble, RIGHT));
  ms_assembly_add(&out, "gain", number_column(context, ensemble, gain_of, 0));
  ms_assembly_add(&out, "cover", number_column(context, ensemble, cover_of, 0));
  ms_assembly_add(&out, "rows", whole_column(context, ensemble, ROWS));
  for (size_t k = 0; k < ensemble->width; k++) {
    const char *name =
        ensemble->width == 1 ? "value" : ms_scratch_format(context, "value_%zu", k + 1);
    if (!name) {
      out.failed = true;
      break;
    }
    ms_assembly_add(&out, name, number_column(context, ensemble, value_of, k));
  }
  return ms_assembly_finish(&out, (int64_t)ensemble->nodes);
}

/* ---- and back ---- */

typedef struct {
  ms_context *context;
  const char *kernel;
  const ms_frame *part;
  const ms_input_list *inputs;
  const double *tree, *left, *right, *threshold, *missing_left, *gain, *cover, *rows;
  const ms_column *input, *levels;
  ms_ensemble *out;
} reading;

static ms_status changed(const reading *r, int64_t row, const char *what) {
  return ms_fail(r->context, MS_EDATA,
                 "%s: the model's part 'trees' has %s in row %" PRId64
                 "; it was changed since it was made",
                 r->kernel, what, row + 1);
}

static const ms_column *text_part(const reading *r, const char *name) {
  int64_t at = ms_frame_find(r->part, name);
  const ms_column *column = at < 0 ? NULL : ms_frame_column(r->part, (size_t)at);
  if (column && (column->type == MS_TEXT || column->nulls == column->rows)) return column;
  return ms_fail_null(r->context, MS_EDATA,
                      "%s: the model has no texts '%s'; it was changed since it was made",
                      r->kernel, name);
}

static ms_status find_columns(reading *r) {
  static const char *const names[] = {"tree",         "left", "right", "threshold",
                                      "missing_left", "gain", "cover", "rows"};
  const double *found[8];
  for (size_t i = 0; i < 8; i++) {
    found[i] = ms_part_real(r->context, r->kernel, r->part, names[i]);
    if (!found[i]) return ms_error_status(r->context);
  }
  r->tree = found[0], r->left = found[1], r->right = found[2], r->threshold = found[3];
  r->missing_left = found[4], r->gain = found[5], r->cover = found[6], r->rows = found[7];
  r->input = text_part(r, "input");
  r->levels = r->input ? text_part(r, "levels") : NULL;
  return r->levels ? MS_OK : ms_error_status(r->context);
}

static int32_t input_of(const reading *r, int64_t row) {
  ms_slice text = ms_column_text(r->input, row);
  for (size_t i = 0; i < r->inputs->count; i++) {
    if (ms_slice_equal(text, ms_slice_of(r->inputs->items[i].name))) return (int32_t)i;
  }
  return -1;
}

static ms_status read_set(reading *r, int64_t row, ms_tree_node *node) {
  size_t levels = r->inputs->items[node->input].levels.count;
  node->category = true;
  node->set = ms_ensemble_set(r->out, levels / 64 + 1);
  if (node->set == UINT32_MAX) return ms_error_status(r->context);
  if (r->levels->type != MS_TEXT || !ms_column_valid(r->levels, row))
    return changed(r, row, "no levels");
  ms_slice text = ms_column_text(r->levels, row);
  size_t number = 0;
  for (size_t i = 0; i <= text.size; i++) {
    char c = i < text.size ? text.data[i] : ' ';
    if (c >= '0' && c <= '9' && number <= levels) {
      number = number * 10 + (size_t)(c - '0');
      continue;
    }
    if (c != ' ' || number > levels) return changed(r, row, "levels that are not known");
    if (number) {
      uint64_t *set = r->out->sets + node->set;
      set[(number - 1) >> 6] |= UINT64_C(1) << ((number - 1) & 63);
    }
    number = 0;
  }
  return MS_OK;
}

/* A child's index: behind its parent, within the tree. */
static bool child(double number, uint32_t parent, uint32_t first, uint32_t end, uint32_t *out) {
  double at = number - 1 + first;
  if (!(at > parent && at < end) || at != floor(at)) return false;
  *out = (uint32_t)at;
  return true;
}

static ms_status read_node(reading *r, uint32_t at, uint32_t first, uint32_t end) {
  ms_tree_node node = {.input = -1, .cover = r->cover[at], .rows = r->rows[at]};
  if (!(node.cover >= 0)) return changed(r, at, "a bad cover");
  if (r->input->type == MS_TEXT && ms_column_valid(r->input, at)) {
    node.input = input_of(r, at);
    if (node.input < 0) return changed(r, at, "an input that is not known");
    node.threshold = r->threshold[at];
    node.gain = r->gain[at];
    node.missing_left = r->missing_left[at] > 0;
    if (!child(r->left[at], at, first, end, &node.left) ||
        !child(r->right[at], at, first, end, &node.right))
      return changed(r, at, "a child that is not there");
    bool category = r->inputs->items[node.input].category;
    ms_status status = category                ? read_set(r, at, &node)
                       : isnan(node.threshold) ? changed(r, at, "no threshold")
                                               : MS_OK;
    if (status != MS_OK) return status;
  }
  r->out->node[at] = node;
  return MS_OK;
}

static ms_status read_values(reading *r, size_t k) {
  const char *name =
      r->out->width == 1 ? "value" : ms_scratch_format(r->context, "value_%zu", k + 1);
  const double *values = name ? ms_part_real(r->context, r->kernel, r->part, name) : NULL;
  for (int64_t i = 0; values && i < r->part->rows; i++) {
    if (!isfinite(values[i])) return changed(r, i, "no value");
    r->out->values[(size_t)i * r->out->width + k] = values[i];
  }
  return values ? MS_OK : ms_error_status(r->context);
}

static ms_status read_trees(reading *r) {
  uint32_t rows = (uint32_t)r->part->rows;
  for (uint32_t i = 0; i < rows; i++) {
    if (i > 0 && r->tree[i] == r->tree[i - 1]) continue;
    if (r->tree[i] != (double)(r->out->trees + 1)) return changed(r, i, "a tree out of order");
    r->out->nodes = i;
    if (!ms_ensemble_tree(r->out)) return ms_error_status(r->context);
  }
  r->out->nodes = rows;
  ms_status status = MS_OK;
  for (size_t t = 0; status == MS_OK && t < r->out->trees; t++) {
    uint32_t first = r->out->first[t], end = ms_ensemble_end(r->out, t);
    for (uint32_t i = first; status == MS_OK && i < end; i++) status = read_node(r, i, first, end);
  }
  return status;
}

ms_status ms_ensemble_read(ms_context *context, const char *kernel, const ms_frame *part,
                           const ms_input_list *inputs, ms_ensemble *out) {
  size_t width = 0;
  while (width < MS_LEVELS_MOST) {
    char name[32];
    (void)snprintf(name, sizeof name, "value_%zu", width + 1);
    if (ms_frame_find(part, name) < 0) break;
    width++;
  }
  *out = ms_ensemble_new(context, width ? width : 1);
  reading r = {.context = context, .kernel = kernel, .part = part, .inputs = inputs, .out = out};
  ms_status status = find_columns(&r);
  if (status != MS_OK) return status;
  if (ms_ensemble_add(out, (size_t)part->rows) == UINT32_MAX) return ms_error_status(context);
  status = read_trees(&r);
  for (size_t k = 0; status == MS_OK && k < out->width; k++) status = read_values(&r, k);
  return status;
}
