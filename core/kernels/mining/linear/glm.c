/* ms.glm: generalised linear models. */
#include "core/kernels/mining/linear/linear.h"

static const ms_option options[] = {
    {.name = "target",
     .type = MS_OPTION_COLUMN,
     .required = true,
     .brief = "the number, or one of two classes, to predict",
     .offset = offsetof(ms_linear_options, target)},
    {.name = "family",
     .type = MS_OPTION_CHOICE,
     .fallback = "gaussian",
     .unit = MS_FAMILY_WORDS,
     .brief = "distribution of the target around its mean",
     .offset = offsetof(ms_linear_options, family)},
    {.name = "link",
     .type = MS_OPTION_CHOICE,
     .fallback = "canonical",
     .unit = MS_LINK_WORDS " canonical",
     .brief = "of the mean, what is linear in the inputs; canonical: the family's own",
     .offset = offsetof(ms_linear_options, link)},
    MS_LINEAR_EVENT_OPTION,
    MS_LINEAR_INPUT_OPTIONS,
    MS_LINEAR_ITERATION_OPTION,
    {0}};

enum { CANONICAL = MS_LINK_PROBIT + 1 };

/* The links that R's families take. */
static bool allows(ms_family_id family, ms_link_id link) {
  static const bool allowed[4][5] = {
      /* identity, logit, log, inverse, probit */
      [MS_GAUSSIAN] = {true, false, true, true, false},
      [MS_BINOMIAL] = {false, true, true, false, true},
      [MS_POISSON] = {true, false, true, false, false},
      [MS_GAMMA] = {true, false, true, true, false},
  };
  return allowed[family][link];
}

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  static const ms_link_id own[] = {MS_LINK_IDENTITY, MS_LINK_LOGIT, MS_LINK_LOG, MS_LINK_INVERSE};
  ms_linear_options given = *(const ms_linear_options *)checked;
  if (given.link == CANONICAL) given.link = (int)own[given.family];
  if (!allows((ms_family_id)given.family, (ms_link_id)given.link)) {
    return ms_fail_null(context, MS_EARGUMENT, "glm: family %s has no link %s",
                        ms_family_name((ms_family_id)given.family),
                        ms_link_name((ms_link_id)given.link));
  }
  ms_target_kind kind = given.family == MS_BINOMIAL ? MS_TARGET_ANY : MS_TARGET_NUMBER;
  return ms_linear_run(context, inputs->frames[0], "glm", kind, &given);
}

const ms_kernel ms_kernel_glm = {
    .name = "glm",
    .group = "mining",
    .brief = "generalised linear models: counts, amounts, shares and classes",
    .cost = "O(steps * rows * terms^2) time, O(terms^2) memory beside the columns read",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(ms_linear_options),
    .parts = "terms inputs facts",
    .run = run,
};
