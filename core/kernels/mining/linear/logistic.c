/* ms.logistic: logistic regression of two classes. */
#include "core/kernels/mining/linear/linear.h"

static const ms_option options[] = {{.name = "target",
                                     .type = MS_OPTION_COLUMN,
                                     .required = true,
                                     .brief = "the class to predict, one of two",
                                     .offset = offsetof(ms_linear_options, target)},
                                    MS_LINEAR_EVENT_OPTION,
                                    MS_LINEAR_INPUT_OPTIONS,
                                    MS_LINEAR_ITERATION_OPTION,
                                    {0}};

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  ms_linear_options given = *(const ms_linear_options *)checked;
  given.family = MS_BINOMIAL;
  given.link = MS_LINK_LOGIT;
  return ms_linear_run(context, inputs->frames[0], "logistic", MS_TARGET_BINARY, &given);
}

const ms_kernel ms_kernel_logistic = {
    .name = "logistic",
    .group = "mining",
    .brief = "logistic regression: the probability of one of two classes",
    .cost = "O(steps * rows * terms^2) time, O(terms^2) memory beside the columns read",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(ms_linear_options),
    .parts = "terms inputs facts",
    .run = run,
};
