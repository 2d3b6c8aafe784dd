/* Shapley values of trees: one walk down all paths of a tree, with the weights of all subsets of the inputs met so far. */
#include "core/kernels/mining/common/shap.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MOST = 1000 };

/* An input on the way: the share of rows that come through where it is not known, and whether (1) the row does where it is;
 * and the summed weight of the subsets with so many known inputs. */
typedef struct {
  int32_t input;
  double unknown, known, weight;
} stop;

typedef struct {
  const ms_shap_request *request;
  const double *row; /* values; levels as numbers; NaN where missing */
  double *shares;
} walk;

static void extend(stop *way, size_t length, const stop *more) {
  double size = (double)length + 1;
  way[length] = *more;
  way[length].weight = length == 0;
  for (size_t i = length; i-- > 0;) {
    way[i + 1].weight += more->known * way[i].weight * (double)(i + 1) / size;
    way[i].weight = more->unknown * way[i].weight * (double)(length - i) / size;
  }
}

/* Takes stop `at` out again; `last` is the index of the last one. */
static void unwind(stop *way, size_t last, size_t at) {
  double known = way[at].known, unknown = way[at].unknown, next = way[last].weight;
  double size = (double)last + 1;
  for (size_t i = last; i-- > 0;) {
    if (known != 0) {
      double before = way[i].weight;
      way[i].weight = next * size / ((double)(i + 1) * known);
      next = before - way[i].weight * unknown * (double)(last - i) / size;
    } else if (unknown != 0) {
      way[i].weight = way[i].weight * size / (unknown * (double)(last - i));
    }
  }
  for (size_t i = at; i < last; i++) {
    way[i].input = way[i + 1].input;
    way[i].known = way[i + 1].known;
    way[i].unknown = way[i + 1].unknown;
  }
}

/* The sum of the weights that would stay after taking a stop out. */
static double unwound_sum(const stop *way, size_t last, size_t at) {
  double known = way[at].known, unknown = way[at].unknown, next = way[last].weight, sum = 0;
  double size = (double)last + 1;
  for (size_t i = last; i-- > 0;) {
    if (known != 0) {
      double weight = next * size / ((double)(i + 1) * known);
      sum += weight;
      next = way[i].weight - weight * unknown * (double)(last - i) / size;
    } else if (unknown != 0) {
      sum += way[i].weight * size / (unknown * (double)(last - i));
    }
  }
  return sum;
}

static bool goes_left(const ms_ensemble *ensemble, const ms_tree_node *node, double value) {
  if (isnan(value)) return node->missing_left;
  if (node->category) return ms_set_has(ensemble->sets + node->set, (uint32_t)value);
  return value <= node->threshold;
}

/* `way` holds the stops so far, with room for one more behind, and behind that room for the children's. */
static void descend(const walk *w, uint32_t at, stop *way, size_t length, const stop *more) {
  const ms_ensemble *ensemble = w->request->ensemble;
  const ms_tree_node *node = &ensemble->node[at];
  extend(way, length, more);
  if (node->input < 0) {
    size_t k = ensemble->width == 1 ? 0 : w->request->output;
    double value = ensemble->values[at * ensemble->width + k] * w->request->scale;
    for (size_t i = 1; i <= length; i++) {
      w->shares[way[i].input] +=
          unwound_sum(way, length, i) * (way[i].known - way[i].unknown) * value;
    }
    return;
  }
  double unknown = 1, known = 1;
  size_t met = 1;
  while (met <= length && way[met].input != node->input) met++;
  if (met <= length) {
    unknown = way[met].unknown;
    known = way[met].known;
    unwind(way, length, met);
    length--;
  }
  double left = ensemble->node[node->left].cover, right = ensemble->node[node->right].cover;
  double share = left + right > 0 ? left / (left + right) : 0.5;
  bool hot_left = goes_left(ensemble, node, w->row[node->input]);
  stop *next = way + length + 1;
  for (int side = 0; side < 2; side++) {
    bool hot = (side == 0) == hot_left;
    stop step = {node->input, unknown * (side ? 1 - share : share), hot ? known : 0, 0};
    memcpy(next, way, (length + 1) * sizeof *way);
    descend(w, side ? node->right : node->left, next, length + 1, &step);
  }
}

/* What a tree says on average over the rows it was grown on. */
static double mean_of(const ms_shap_request *request, size_t tree, double *below) {
  const ms_ensemble *ensemble = request->ensemble;
  uint32_t first = ensemble->first[tree];
  size_t k = ensemble->width == 1 ? 0 : request->output;
  for (uint32_t i = ms_ensemble_end(ensemble, tree); i-- > first;) {
    const ms_tree_node *node = &ensemble->node[i];
    below[i - first] = ensemble->values[i * ensemble->width + k];
    if (node->input < 0) continue;
    double left = ensemble->node[node->left].cover, right = ensemble->node[node->right].cover;
    double share = left + right > 0 ? left / (left + right) : 0.5;
    below[i - first] = share * below[node->left - first] + (1 - share) * below[node->right - first];
  }
  return below[0] * request->scale;
}

typedef struct {
  const ms_shap_request *request;
  uint32_t depth;
  double base;
  double *out;
} explaining;

static bool counts(const ms_shap_request *request, size_t tree) {
  return request->ensemble->width > 1 || tree % request->outputs == request->output;
}

enum { PART = 256 };

static ms_status explain_part(ms_context *worker, void *state, size_t task) {
  const explaining *e = state;
  const ms_input_list *inputs = e->request->inputs;
  size_t width = inputs->count + 1, room = ((size_t)e->depth + 2) * ((size_t)e->depth + 3);
  ms_mark mark = ms_scratch_mark(worker);
  stop *way = ms_scratch(worker, room, sizeof *way);
  double *row = ms_scratch(worker, inputs->count, sizeof *row);
  if (!way || !row) return MS_EMEMORY;
  int64_t first = (int64_t)task * PART;
  int64_t end = first + PART < inputs->rows ? first + PART : inputs->rows;
  static const stop start = {-1, 1, 1, 0};
  for (int64_t i = first; i < end; i++) {
    if (ms_cancelled(worker)) return MS_ECANCEL;
    double *shares = e->out + (size_t)i * width;
    memset(shares, 0, width * sizeof *shares);
    for (size_t c = 0; c < inputs->count; c++) {
      const ms_input *input = &inputs->items[c];
      row[c] = !input->category                ? input->values[i]
               : input->codes[i] == MS_MISSING ? NAN
                                               : (double)input->codes[i];
    }
    walk w = {e->request, row, shares};
    for (size_t t = 0; t < e->request->ensemble->trees; t++) {
      if (counts(e->request, t)) descend(&w, e->request->ensemble->first[t], way, 0, &start);
    }
    shares[inputs->count] = e->base;
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

double *ms_shap_values(ms_context *context, const ms_shap_request *request) {
  const ms_ensemble *ensemble = request->ensemble;
  const ms_input_list *inputs = request->inputs;
  explaining e = {.request = request};
  const uint32_t *depths = ms_ensemble_depths(context, ensemble);
  double *below = ms_scratch(context, ensemble->nodes + 1, sizeof *below);
  e.out = ms_scratch(context, (size_t)inputs->rows * (inputs->count + 1) + 1, sizeof *e.out);
  if (!depths || !below || !e.out) return NULL;
  for (size_t t = 0; t < ensemble->trees; t++) {
    e.depth = depths[t] > e.depth ? depths[t] : e.depth;
    if (counts(request, t)) e.base += mean_of(request, t, below);
  }
  if (e.depth > DEPTH_MOST)
    return ms_fail_null(context, MS_EDATA, "reasons: a tree of %u questions on one way; at most %d",
                        e.depth, DEPTH_MOST);
  size_t parts = (size_t)((inputs->rows + PART - 1) / PART);
  return ms_parallel(context, parts, explain_part, &e) == MS_OK ? e.out : NULL;
}
