/* From a frame to the parts of a linear model: training data, terms, fit, warnings. */
#include <inttypes.h>
#include <math.h>

#include "core/kernels/mining/linear/linear.h"

/* What is predicted as numbers: a class is 1 where it is the event. */
static ms_status read_target(ms_context *context, const char *kernel, const ms_training *training,
                             ms_family *family) {
  const ms_target *target = &training->target;
  int64_t rows = training->inputs.rows;
  if (target->classes) {
    double *y = ms_scratch(context, (size_t)rows + 1, sizeof *y);
    if (!y) return MS_EMEMORY;
    if (family->family != MS_BINOMIAL) {
      return ms_fail(context, MS_ETYPE, "%s: column '%s' has classes; family %s wants numbers",
                     kernel, target->name, ms_family_name(family->family));
    }
    if (target->levels.count != 2) {
      (void)ms_fail(context, MS_EDATA, "%s: column '%s' has %zu classes; two are wanted", kernel,
                    target->name, target->levels.count);
      ms_fail_hint(context, "say which one is the event: with_columns(\"event = %s == '…'\")",
                   target->name);
      return MS_EDATA;
    }
    for (int64_t i = 0; i < rows; i++) y[i] = target->codes[i];
    family->y = y;
    return MS_OK;
  }
  family->y = target->values;
  for (int64_t i = 0; i < rows; i++) {
    if (ms_family_takes(family->family, target->values[i])) continue;
    int64_t row = training->kept ? training->kept[i] : i;
    static const char *const wanted[] = {"a number", "0 to 1", "0 or more", "a number above 0"};
    (void)ms_fail(context, MS_EDATA,
                  "%s: column '%s' has %.15g in row %" PRId64 "; family %s wants %s", kernel,
                  target->name, target->values[i], row + 1, ms_family_name(family->family),
                  wanted[family->family]);
    ms_fail_cell(context, target->name, row);
    return MS_EDATA;
  }
  return MS_OK;
}

static void warn(ms_context *context, const ms_linear_result *r) {
  const char *kernel = r->request->kernel;
  const ms_design *design = r->request->design;
  if (r->fit->factor.rank < design->count) {
    size_t first = 0;
    while (first < design->count && r->fit->factor.kept[first]) first++;
    ms_warn(context,
            "%s: %zu of %zu terms follow from those before them and have no estimate: the first is "
            "'%s'",
            kernel, design->count - r->fit->factor.rank, design->count, design->terms[first].name);
  }
  if (r->fit->certain > 0) {
    ms_warn(context,
            "%s: %" PRId64
            " rows have a probability of 0 or 1: the inputs tell the classes apart, and estimates "
            "have no limit; l2 = 1 gives them one",
            kernel, r->fit->certain);
  } else if (!r->fit->converged) {
    ms_warn(context,
            "%s: no end after %" PRId64 " steps; estimates are not exact (option iterations)",
            kernel, r->fit->iterations);
  }
}

static ms_frame *parts(ms_context *context, const ms_linear_result *result) {
  ms_frame *terms = ms_linear_terms(context, result);
  bool fine = ms_part_attach(context, ms_training_part(context, result->training));
  fine = ms_part_attach(context, ms_linear_facts(context, result)) && fine;
  if (fine && terms) return terms;
  ms_frame_free(terms);
  return NULL;
}

ms_frame *ms_linear_run(ms_context *context, const ms_frame *frame, const char *kernel,
                        ms_target_kind kind, const ms_linear_options *options) {
  ms_training_request wanted = {.kernel = kernel,
                                .kind = kind,
                                .target = options->target,
                                .event = options->event,
                                .columns = options->columns,
                                .categories = options->categories,
                                .weights = options->weights,
                                .offset = options->offset,
                                .complete = true};
  ms_training training;
  if (ms_training_read(context, frame, &wanted, &training) != MS_OK) return NULL;
  ms_design_request laid = {kernel, options->intercept, options->base};
  ms_design design;
  if (ms_design_make(context, &training.inputs, &laid, &design) != MS_OK) return NULL;
  ms_fit_request request = {.kernel = kernel,
                            .design = &design,
                            .family = {.family = (ms_family_id)options->family,
                                       .link = (ms_link_id)options->link,
                                       .weights = training.weights,
                                       .offset = training.offset},
                            .l2 = options->l2,
                            .steps = options->iterations};
  if (read_target(context, kernel, &training, &request.family) != MS_OK) return NULL;
  ms_fit fit;
  if (ms_fit_make(context, &request, &fit) != MS_OK) return NULL;
  ms_linear_result result = {options, &training, &request, &fit};
  warn(context, &result);
  return parts(context, &result);
}
