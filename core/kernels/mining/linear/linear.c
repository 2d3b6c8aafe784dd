/* ms.linear: least squares. */
#include "core/kernels/mining/linear/linear.h"

static const ms_option options[] = {{.name = "target",
                                     .type = MS_OPTION_COLUMN,
                                     .required = true,
                                     .brief = "the number to predict",
                                     .offset = offsetof(ms_linear_options, target)},
                                    MS_LINEAR_INPUT_OPTIONS,
                                    {0}};

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  ms_linear_options given = *(const ms_linear_options *)checked;
  given.family = MS_GAUSSIAN;
  given.link = MS_LINK_IDENTITY;
  return ms_linear_run(context, inputs->frames[0], "linear", MS_TARGET_NUMBER, &given);
}

const ms_kernel ms_kernel_linear = {
    .name = "linear",
    .group = "mining",
    .brief = "linear regression: a number from numbers and categories by least squares",
    .cost = "O(rows * terms^2) time, O(terms^2) memory beside the columns read",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(ms_linear_options),
    .parts = "terms inputs facts",
    .run = run,
};
