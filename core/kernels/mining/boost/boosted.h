/* A boosted model read back from its parts. */
#ifndef MS_MINING_BOOST_BOOSTED_H
#define MS_MINING_BOOST_BOOSTED_H

#include "core/kernels/mining/boost/boost.h"

/* Inputs of a kernel that uses a model: the data, then the parts. */
enum {
  MS_BOOST_DATA,
  MS_BOOST_TREES,
  MS_BOOST_ROUNDS,
  MS_BOOST_INPUTS,
  MS_BOOST_FACTS,
  MS_BOOST_FRAMES
};

typedef struct {
  ms_objective objective;
  size_t outputs;
  double *base; /* [outputs] */
  ms_inputs_found found;
  ms_ensemble ensemble;
} ms_boost_model;

/* MS_EDATA for parts that were changed. */
ms_status ms_boost_model_read(ms_context *context, const char *kernel, const ms_inputs *inputs,
                              ms_boost_model *out);
/* What the trees add up to: row × outputs, in scratch; NaN where the offset is missing. */
double *ms_boost_margins(ms_context *context, const ms_boost_model *model);
/* `data` with the columns of a prediction; the margins are used up. The caller's. */
ms_frame *ms_boost_prediction(ms_context *context, const ms_boost_model *model,
                              const ms_frame *data, double *margins, bool each);

#endif
