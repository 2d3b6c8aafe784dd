/* Forward and backward passes in blocks of rows, column after column; sums by morsels in their order. */
#include "core/kernels/mining/neural/net.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256, LANES = 4 };

typedef struct {
  size_t count;
  double *x;      /* dense columns, BLOCK apart */
  uint32_t *hits; /* category, row: column of its level */
  bool *missing;
  double *hidden, *output, *delta, *back; /* units, BLOCK apart; back: one unit */
} block;

typedef struct {
  const ms_net *net;
  const ms_net_data *data;
  const double *weights;
  double *sums; /* morsel: gradient, two losses; without a gradient the losses only */
  size_t size;
  bool gradient;
  double *out;
} pass;

ms_status ms_net_make(ms_context *context, const ms_design *design, ms_net_shape shape,
                      ms_net *out) {
  size_t *term = ms_scratch(context, design->count + 1, sizeof *term);
  if (!term) return MS_EMEMORY;
  for (size_t t = 0; t < design->count; t++) term[design->terms[t].place] = t;
  *out = (ms_net){design, shape.kind, shape.size, shape.outputs, term};
  return MS_OK;
}

size_t ms_net_weights(const ms_net *net) {
  return net->size * (net->design->count + 1) + net->outputs * (net->size + 1);
}

static const double *hidden_weights(const ms_net *net, const double *weights, size_t unit) {
  return weights + unit * (net->design->count + 1);
}
static const double *output_weights(const ms_net *net, const double *weights, size_t unit) {
  return weights + net->size * (net->design->count + 1) + unit * (net->size + 1);
}

/* ---- one block ------------------------------------------------------------------------------------------------- */

static void gather(const ms_design *design, int64_t first, block *b) {
  memset(b->missing, 0, b->count * sizeof *b->missing);
  for (size_t j = 0; j < design->dense; j++) {
    const double *restrict in = design->values[j] + first;
    double *restrict out = b->x + j * BLOCK, centre = design->centre[j], scale = design->scale[j];
    for (size_t i = 0; i < b->count; i++) out[i] = (in[i] - centre) * scale;
  }
  for (size_t c = 0; c < design->categories; c++) {
    const uint32_t *codes = design->codes[c] + first, *places = design->places[c];
    for (size_t i = 0; i < b->count; i++) {
      bool missing = codes[i] == MS_MISSING;
      b->missing[i] |= missing;
      b->hits[c * BLOCK + i] = missing ? MS_MISSING : places[codes[i]];
    }
  }
}

static void add_scaled(double *restrict to, const double *restrict from, double factor,
                       size_t count) {
  for (size_t i = 0; i < count; i++) to[i] += factor * from[i];
}

static void forward_hidden(const ms_net *net, const double *weights, const block *b, size_t unit) {
  const ms_design *design = net->design;
  const double *own = hidden_weights(net, weights, unit);
  double *restrict z = b->hidden + unit * BLOCK;
  for (size_t i = 0; i < b->count; i++) z[i] = own[0];
  for (size_t j = 0; j < design->dense; j++) {
    add_scaled(z, b->x + j * BLOCK, own[1 + net->term[j]], b->count);
  }
  for (size_t c = 0; c < design->categories; c++) {
    const uint32_t *hits = b->hits + c * BLOCK;
    for (size_t i = 0; i < b->count; i++) {
      if (hits[i] != MS_MISSING) z[i] += own[1 + net->term[hits[i]]];
    }
  }
  for (size_t i = 0; i < b->count; i++) z[i] = 1 / (1 + exp(-z[i]));
}

/* What comes into each output unit. */
static void forward(const ms_net *net, const double *weights, const block *b) {
  for (size_t h = 0; h < net->size; h++) forward_hidden(net, weights, b, h);
  for (size_t o = 0; o < net->outputs; o++) {
    const double *own = output_weights(net, weights, o);
    double *restrict z = b->output + o * BLOCK;
    for (size_t i = 0; i < b->count; i++) z[i] = own[0];
    for (size_t h = 0; h < net->size; h++)
      add_scaled(z, b->hidden + h * BLOCK, own[1 + h], b->count);
  }
}

/* Logarithm of the sum of exp of a row's outputs. */
static double log_sum(const ms_net *net, const block *b, size_t i) {
  double most = b->output[i], sum = 0;
  for (size_t o = 1; o < net->outputs; o++) most = fmax(most, b->output[o * BLOCK + i]);
  for (size_t o = 0; o < net->outputs; o++) sum += exp(b->output[o * BLOCK + i] - most);
  return most + log(sum);
}

/* The loss of a row of weight 1, and its derivatives by the outputs. */
static double judge(const ms_net *net, const ms_net_data *data, int64_t row, const block *b,
                    size_t i) {
  double z = b->output[i];
  switch (net->kind) {
    case MS_NET_NUMBER:
      b->delta[i] = 2 * (z - data->y[row]);
      return (z - data->y[row]) * (z - data->y[row]);
    case MS_NET_EVENT: {
      double t = data->y[row] > 0 ? z : -z, e = exp(-fabs(t)), miss = (t < 0 ? 1 : e) / (1 + e);
      b->delta[i] = data->y[row] > 0 ? -miss : miss;
      return log1p(e) + (t < 0 ? -t : 0);
    }
    case MS_NET_CLASSES: {
      double all = log_sum(net, b, i);
      for (size_t o = 0; o < net->outputs; o++) {
        b->delta[o * BLOCK + i] =
            exp(b->output[o * BLOCK + i] - all) - (o == data->codes[row] ? 1 : 0);
      }
      return all - b->output[data->codes[row] * BLOCK + i];
    }
  }
  return NAN;
}

static void judge_all(const pass *p, int64_t first, const block *b, double loss[2]) {
  for (size_t i = 0; i < b->count; i++) {
    int64_t row = first + (int64_t)i;
    bool held = p->data->held && p->data->held[row];
    double weight = p->data->weights ? p->data->weights[row] : 1;
    loss[held] += weight * judge(p->net, p->data, row, b, i);
    for (size_t o = 0; o < p->net->outputs; o++) b->delta[o * BLOCK + i] *= held ? 0 : weight;
  }
}

static double dot(const double *restrict a, const double *restrict b, size_t count) {
  double sum[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t k = 0; k < LANES; k++) sum[k] += a[i + k] * b[i + k];
  }
  for (; i < count; i++) sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double total(const double *a, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += a[i];
  return sum;
}

static void backward_hidden(const pass *p, const block *b, size_t unit, double *gradient) {
  const ms_net *net = p->net;
  const double *restrict a = b->hidden + unit * BLOCK;
  double *restrict back = b->back, *own = gradient + unit * (net->design->count + 1);
  memset(back, 0, b->count * sizeof *back);
  for (size_t o = 0; o < net->outputs; o++) {
    add_scaled(back, b->delta + o * BLOCK, output_weights(net, p->weights, o)[1 + unit], b->count);
  }
  for (size_t i = 0; i < b->count; i++) back[i] *= a[i] * (1 - a[i]);
  own[0] += total(back, b->count);
  for (size_t j = 0; j < net->design->dense; j++) {
    own[1 + net->term[j]] += dot(back, b->x + j * BLOCK, b->count);
  }
  for (size_t c = 0; c < net->design->categories; c++) {
    const uint32_t *hits = b->hits + c * BLOCK;
    for (size_t i = 0; i < b->count; i++) {
      if (hits[i] != MS_MISSING) own[1 + net->term[hits[i]]] += back[i];
    }
  }
}

static void backward(const pass *p, const block *b, double *gradient) {
  const ms_net *net = p->net;
  double *outputs = gradient + net->size * (net->design->count + 1);
  for (size_t o = 0; o < net->outputs; o++) {
    double *own = outputs + o * (net->size + 1);
    const double *delta = b->delta + o * BLOCK;
    own[0] += total(delta, b->count);
    for (size_t h = 0; h < net->size; h++)
      own[1 + h] += dot(delta, b->hidden + h * BLOCK, b->count);
  }
  for (size_t h = 0; h < net->size; h++) backward_hidden(p, b, h, gradient);
}

/* ---- morsels --------------------------------------------------------------------------------------------------- */

static bool block_new(ms_context *worker, const ms_net *net, block *b) {
  b->x = ms_scratch(worker, net->design->dense * BLOCK + 1, sizeof(double));
  b->hits = ms_scratch(worker, net->design->categories * BLOCK + 1, sizeof *b->hits);
  b->missing = ms_scratch(worker, BLOCK, sizeof *b->missing);
  b->hidden = ms_scratch(worker, net->size * BLOCK, sizeof(double));
  b->output = ms_scratch(worker, net->outputs * BLOCK, sizeof(double));
  b->delta = ms_scratch(worker, net->outputs * BLOCK, sizeof(double));
  b->back = ms_scratch(worker, BLOCK, sizeof(double));
  return b->x && b->hits && b->missing && b->hidden && b->output && b->delta && b->back;
}

static void put_output(const pass *p, int64_t row, const block *b, size_t i) {
  const ms_net *net = p->net;
  double *out = p->out + (size_t)row * net->outputs;
  double all = net->kind == MS_NET_CLASSES ? log_sum(net, b, i) : 0;
  for (size_t o = 0; o < net->outputs; o++) {
    double z = b->output[o * BLOCK + i];
    out[o] = net->kind == MS_NET_NUMBER  ? z
             : net->kind == MS_NET_EVENT ? 1 / (1 + exp(-z))
                                         : exp(z - all);
    if (b->missing[i]) out[o] = NAN;
  }
}

static ms_status run_morsel(ms_context *worker, void *state, size_t task) {
  const pass *p = state;
  ms_mark mark = ms_scratch_mark(worker);
  ms_range range = ms_morsel(p->net->design->rows, task);
  double *sums = p->sums + task * p->size;
  memset(sums, 0, p->size * sizeof *sums);
  block b = {0};
  if (!block_new(worker, p->net, &b)) return MS_EMEMORY;
  for (int64_t i = 0; i < range.count; i += BLOCK) {
    b.count = (size_t)(range.count - i < BLOCK ? range.count - i : BLOCK);
    gather(p->net->design, range.first + i, &b);
    forward(p->net, p->weights, &b);
    for (size_t k = 0; p->out && k < b.count; k++) {
      put_output(p, range.first + i + (int64_t)k, &b, k);
    }
    if (p->data) judge_all(p, range.first + i, &b, sums + p->size - 2);
    if (p->gradient) backward(p, &b, sums);
    if (ms_cancelled(worker)) return MS_ECANCEL;
  }
  ms_scratch_release(worker, mark);
  return MS_OK;
}

ms_status ms_net_judge(ms_context *context, const ms_net *net, const ms_net_data *data,
                       const double *weights, ms_net_loss *loss) {
  double *gradient = loss->gradient;
  size_t n = ms_net_weights(net), tasks = ms_morsels(net->design->rows);
  pass p = {.net = net, .data = data, .weights = weights, .gradient = gradient != NULL};
  p.size = (gradient ? n : 0) + 2;
  ms_mark mark = ms_scratch_mark(context);
  p.sums = ms_scratch(context, p.size * tasks + 1, sizeof(double));
  if (!p.sums) return MS_EMEMORY;
  ms_status status = ms_parallel(context, tasks, run_morsel, &p);
  if (status != MS_OK) return status;
  double squares = 0;
  for (size_t k = 0; k < n; k++) {
    squares += weights[k] * weights[k];
    if (gradient) gradient[k] = 2 * data->decay * weights[k];
  }
  loss->learned = data->decay * squares;
  loss->held = 0;
  for (size_t t = 0; t < tasks; t++) {
    const double *sums = p.sums + t * p.size;
    for (size_t k = 0; gradient && k < n; k++) gradient[k] += sums[k];
    loss->learned += sums[p.size - 2];
    loss->held += sums[p.size - 1];
  }
  ms_scratch_release(context, mark);
  return MS_OK;
}

ms_status ms_net_predict(ms_context *context, const ms_net *net, const double *weights,
                         double *out) {
  size_t tasks = ms_morsels(net->design->rows);
  pass p = {.net = net, .weights = weights, .out = out, .size = 2};
  p.sums = ms_scratch(context, p.size * tasks + 1, sizeof(double));
  if (!p.sums) return MS_EMEMORY;
  return ms_parallel(context, tasks, run_morsel, &p);
}
