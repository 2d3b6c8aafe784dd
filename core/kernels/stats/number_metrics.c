/* The kernel number_metrics: how far predicted numbers are from the true ones, in one row of figures. */
#include <inttypes.h>
#include <math.h>

#include "core/kernels/stats/scored.h"

typedef struct {
  const char *target, *prediction, *weights;
} number_options;

static const ms_option options[] = {{.name = "target",
                                     .type = MS_OPTION_COLUMN,
                                     .required = true,
                                     .brief = "column of the true numbers",
                                     .offset = offsetof(number_options, target)},
                                    {.name = "prediction",
                                     .type = MS_OPTION_COLUMN,
                                     .fallback = "prediction",
                                     .brief = "column of the predicted numbers",
                                     .offset = offsetof(number_options, prediction)},
                                    {.name = "weights",
                                     .type = MS_OPTION_COLUMN,
                                     .brief = "column of weights of the rows",
                                     .offset = offsetof(number_options, weights)},
                                    {0}};

static const ms_figure figures[] = {{"rows", MS_INTEGER},   {"rmse", MS_REAL}, {"mae", MS_REAL},
                                    {"r_squared", MS_REAL}, {"bias", MS_REAL}, {0}};

static const double *numbers(ms_context *context, const ms_frame *frame, const char *name) {
  const ms_column *column = ms_frame_get(context, frame, "number_metrics", name);
  if (!column) return NULL;
  if (column->type == MS_INTEGER || column->type == MS_REAL || column->type == MS_BOOLEAN)
    return ms_view_real(context, column);
  return ms_fail_null(context, MS_ETYPE, "number_metrics: column '%s' is no column of numbers",
                      name);
}

typedef struct {
  int64_t rows;
  double weight, actual, square, absolute, difference, spread;
} sums;

static ms_frame *run(ms_context *context, const ms_inputs *inputs, const void *checked) {
  const number_options *given = checked;
  const ms_frame *frame = inputs->frames[0];
  const double *actual = numbers(context, frame, given->target), *weights = NULL;
  const double *predicted = actual ? numbers(context, frame, given->prediction) : NULL;
  if (predicted && given->weights) weights = numbers(context, frame, given->weights);
  if (!predicted || (given->weights && !weights)) return NULL;
  sums s = {0};
  for (int pass = 0; pass < 2; pass++) {
    double mean = s.actual / s.weight;
    for (int64_t i = 0; i < frame->rows; i++) {
      if (i % MS_MORSEL == 0 && ms_cancelled(context)) return NULL;
      double w = weights ? weights[i] : 1, d = predicted[i] - actual[i];
      if (w < 0 || isinf(w))
        return ms_fail_null(context, MS_EDATA,
                            "number_metrics: column '%s' has the weight %g, wanted 0 or more",
                            given->weights, w);
      if (predicted[i] != predicted[i] || actual[i] != actual[i] || !(w > 0)) continue;
      if (pass) {
        s.spread += w * (actual[i] - mean) * (actual[i] - mean);
        continue;
      }
      s.rows++, s.weight += w, s.actual += w * actual[i];
      s.square += w * d * d, s.absolute += w * fabs(d), s.difference += w * d;
    }
  }
  if (s.rows < frame->rows)
    ms_warn(context,
            "number_metrics: %" PRId64 " rows without target, prediction or weight were left out",
            frame->rows - s.rows);
  double row[] = {(double)s.rows, sqrt(s.square / s.weight), s.absolute / s.weight,
                  s.spread > 0 ? 1 - s.square / s.spread : NAN, s.difference / s.weight};
  ms_builder *builder = ms_figures_new(context, figures);
  if (!builder) return NULL;
  ms_figures_row(builder, figures, row);
  return ms_builder_finish(builder);
}

const ms_kernel ms_kernel_number_metrics = {
    .name = "number_metrics",
    .group = "stats",
    .brief = "how far predicted numbers are from the true ones: RMSE, MAE, R²",
    .cost = "O(rows) time, O(1) memory",
    .least = 1,
    .most = 1,
    .options = options,
    .size = sizeof(number_options),
    .run = run,
};
