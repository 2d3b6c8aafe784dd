/* What linear, logistic and glm share: options, and the parts of their models. */
#ifndef MS_MINING_LINEAR_LINEAR_H
#define MS_MINING_LINEAR_LINEAR_H

#include "core/kernels/mining/common/fit.h"

typedef struct {
  const char *target, *event, *weights, *offset;
  ms_names columns, categories, base;
  bool intercept;
  double confidence, l2;
  int64_t iterations;
  int family, link; /* of glm; link -1 … */
} ms_linear_options;

/* Rows of the tables of options that all three have. */
#define MS_LINEAR_INPUT_OPTIONS                                                                    \
  {.name = "columns",                                                                              \
   .type = MS_OPTION_COLUMNS,                                                                      \
   .brief = "columns to learn from; none: all others",                                             \
   .offset = offsetof(ms_linear_options, columns)},                                                \
      {.name = "categories",                                                                       \
       .type = MS_OPTION_COLUMNS,                                                                  \
       .brief = "integer columns whose values are names of things",                                \
       .offset = offsetof(ms_linear_options, categories)},                                         \
      {.name = "base",                                                                             \
       .type = MS_OPTION_TEXTS,                                                                    \
       .brief = "column, level, …: what the other levels are compared with; else the first level", \
       .offset = offsetof(ms_linear_options, base)},                                               \
      {.name = "weights",                                                                          \
       .type = MS_OPTION_COLUMN,                                                                   \
       .brief = "how much each row counts",                                                        \
       .offset = offsetof(ms_linear_options, weights)},                                            \
      {.name = "offset",                                                                           \
       .type = MS_OPTION_COLUMN,                                                                   \
       .brief = "added to the linear predictor of each row, with coefficient 1",                   \
       .offset = offsetof(ms_linear_options, offset)},                                             \
      {.name = "intercept",                                                                        \
       .type = MS_OPTION_BOOLEAN,                                                                  \
       .fallback = "true",                                                                         \
       .brief = "a constant term",                                                                 \
       .offset = offsetof(ms_linear_options, intercept)},                                          \
      {.name = "confidence",                                                                       \
       .type = MS_OPTION_REAL,                                                                     \
       .fallback = "0.95",                                                                         \
       .low = 0.5,                                                                                 \
       .high = 0.999999,                                                                           \
       .brief = "of the intervals low to high",                                                    \
       .offset = offsetof(ms_linear_options, confidence)},                                         \
  {                                                                                                \
    .name = "l2", .type = MS_OPTION_REAL, .fallback = "0", .low = 0, .high = 1e12,                 \
    .brief = "penalty: l2 / 2 × the sum of squared coefficients; scikit-learn's 1 / C",            \
    .offset = offsetof(ms_linear_options, l2)                                                      \
  }

#define MS_LINEAR_ITERATION_OPTION                                                                 \
  {                                                                                                \
    .name = "iterations", .type = MS_OPTION_INTEGER, .fallback = "50", .low = 1, .high = 10000,    \
    .brief = "most steps", .offset = offsetof(ms_linear_options, iterations)                       \
  }

#define MS_LINEAR_EVENT_OPTION                                                                     \
  {                                                                                                \
    .name = "event", .type = MS_OPTION_TEXT,                                                       \
    .brief = "the class that is predicted; the last one unless given",                             \
    .offset = offsetof(ms_linear_options, event)                                                   \
  }

/* Reads the training data, fits, and gives the parts "terms inputs facts"; NULL with an error. */
ms_frame *ms_linear_run(ms_context *context, const ms_frame *frame, const char *kernel,
                        ms_target_kind kind, const ms_linear_options *options);

/* What the parts are made of. */
typedef struct {
  const ms_linear_options *options;
  const ms_training *training;
  const ms_fit_request *request;
  const ms_fit *fit;
} ms_linear_result;
ms_frame *ms_linear_terms(ms_context *context, const ms_linear_result *result);
ms_frame *ms_linear_facts(ms_context *context, const ms_linear_result *result);

#endif
