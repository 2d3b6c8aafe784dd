/* Reasons of a prediction: Shapley values of the inputs in trees, dependent on the path.
 *
 * The share of an input in what the trees say of a row, averaged over all orders in which the inputs could become known; what
 * is not known yet goes both ways, as the training rows did (their covers). Lundberg, Erion, Lee 2018, "Consistent
 * Individualized Feature Attribution for Tree Ensembles", algorithm 2. */
#ifndef MS_MINING_SHAP_H
#define MS_MINING_SHAP_H

#include "core/kernels/mining/common/ensemble.h"

typedef struct {
  const ms_ensemble *ensemble;
  const ms_input_list *inputs;
  size_t outputs, output; /* the output that is explained, as ms_ensemble_add_up counts them */
  double scale;           /* by which all is multiplied: 1, or 1 / trees */
} ms_shap_request;

/* row × (inputs + 1), in scratch: each input's share, and last what the trees say of no row in particular; they add up to
 * the output. NULL with an error; MS_EDATA for trees deeper than 1,000 questions. Threads. O(rows * leaves * depth^2). */
double *ms_shap_values(ms_context *context, const ms_shap_request *request);

/* A column an input with its share, and `base`. `add` [rows] (or NULL) and `base` are added to the last. The caller's. */
ms_frame *ms_shap_frame(ms_context *context, const ms_input_list *inputs, double *shares,
                        double base, const double *add);
/* `frame` (owned, may be NULL) with columns reason_1 … reason_top: texts such as "tenure = 2 (+0.53)", the largest shares of
 * the row first, null where there are no more. The caller's. */
ms_frame *ms_shap_reasons(ms_context *context, ms_frame *frame, const ms_input_list *inputs,
                          const double *shares, int64_t top);

#endif
