/* A multi-layer perceptron of one hidden layer: outputs, loss and gradient over the rows. */
#ifndef MS_MINING_NEURAL_NET_H
#define MS_MINING_NEURAL_NET_H

#include "core/kernels/mining/common/design.h"

/* What comes out: a number, the probability of the event, or the probabilities of three classes and more. */
typedef enum { MS_NET_NUMBER, MS_NET_EVENT, MS_NET_CLASSES } ms_net_kind;

/* Weights stand as in nnet: of each hidden unit its bias and the inputs' (terms of the design), then of each output its bias and
 * the hidden units'. Units are logistic; inputs are (x - centre) × scale of the design. */
typedef struct {
  ms_net_kind kind;
  size_t size, outputs; /* units */
} ms_net_shape;
typedef struct {
  const ms_design *design; /* without an intercept */
  ms_net_kind kind;
  size_t size, outputs;
  const size_t *term; /* of each column of the design */
} ms_net;

/* Lays out `term` in scratch. */
ms_status ms_net_make(ms_context *context, const ms_design *design, ms_net_shape shape,
                      ms_net *out);
size_t ms_net_weights(const ms_net *net);

typedef struct {
  const double *y;       /* numbers, or 0 and 1 */
  const uint32_t *codes; /* MS_NET_CLASSES: the class */
  const double *weights; /* NULL: 1 */
  const uint8_t *held;   /* rows that are not learned from, but judged; NULL: none */
  double decay;
} ms_net_data;

/* Loss of the rows that are learned from: squared error or negative log likelihood, plus decay × the sum of squared weights; and
 * of those that are held out, without that. gradient: of `learned`; NULL if not wanted. */
typedef struct {
  double learned, held;
  double *gradient;
} ms_net_loss;
/* In parallel over morsels. */
ms_status ms_net_judge(ms_context *context, const ms_net *net, const ms_net_data *data,
                       const double *weights, ms_net_loss *loss);
/* Outputs of each row: rows × outputs, a row after the other; NaN where an input is missing. */
ms_status ms_net_predict(ms_context *context, const ms_net *net, const double *weights,
                         double *out);

#endif
