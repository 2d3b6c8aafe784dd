/* The best way to join neighbouring pieces to a few bins: dynamic programming over the last bin. */
#include <math.h>

#include "core/kernels/mining/scorecard/scorecard.h"

/* Less than this share of all rows is nothing: what is left of sums of weights. */
static const double nothing = 1e-12;

static double evidence(ms_score_count bin, ms_score_count total, double *apart) {
  double events = bin.events, others = bin.rows - bin.events;
  double all_events = total.events, all_others = total.rows - total.events;
  if (bin.rows <= nothing * total.rows) return *apart = 0;
  if (events <= nothing * total.rows || others <= nothing * total.rows) {
    events = fmax(events, 0) + 0.5;
    others = fmax(others, 0) + 0.5;
  }
  *apart = others / all_others - events / all_events;
  return log((others / all_others) / (events / all_events));
}

double ms_weight_of_evidence(ms_score_count bin, ms_score_count total) {
  double apart;
  return evidence(bin, total, &apart);
}

double ms_information_value(ms_score_count bin, ms_score_count total) {
  double apart, woe = evidence(bin, total, &apart);
  return apart * woe;
}

/* A bin of the pieces first … last. */
typedef struct {
  double value; /* its information value; -infinity where it may not be */
  double share; /* of events */
} candidate;

typedef struct {
  const ms_optimal_request *request;
  size_t n;
  candidate *candidates; /* n × n: first, last */
  double *best;   /* bins - 1, first, last: the largest value of all ways that end with this bin */
  uint16_t *from; /* the same: where the bin before it begins */
  size_t found;   /* bins of the best way so far; 0: none */
  double value;
} search;

static size_t at(const search *s, size_t bins, size_t first, size_t last) {
  return ((bins - 1) * s->n + first) * s->n + last;
}

static void lay_out(search *s) {
  const ms_optimal_request *r = s->request;
  for (size_t first = 0; first < s->n; first++) {
    ms_score_count sum = {0, 0};
    for (size_t last = first; last < s->n; last++) {
      sum.rows += r->pieces[last].rows;
      sum.events += r->pieces[last].events;
      double some = nothing * r->total.rows;
      bool fine =
          sum.rows >= r->least * (1 - nothing) && sum.events > some && sum.rows - sum.events > some;
      s->candidates[first * s->n + last] = (candidate){
          .value = fine ? ms_information_value(sum, r->total) : -INFINITY,
          .share = fine ? sum.events / sum.rows : 0,
      };
    }
  }
}

static bool follows(ms_trend trend, double before, double share) {
  return trend == MS_TREND_NONE || (trend == MS_TREND_UP ? before < share : before > share);
}

/* The best bin to stand before first … last as the last but one. */
static void extend(search *s, ms_trend trend, size_t bins, size_t first, size_t last) {
  const candidate *this = &s->candidates[first * s->n + last];
  double best = -INFINITY;
  uint16_t from = 0;
  for (size_t before = 0; before < first; before++) {
    const candidate *other = &s->candidates[before * s->n + first - 1];
    double value = s->best[at(s, bins - 1, before, first - 1)];
    if (value > best && follows(trend, other->share, this->share)) {
      best = value;
      from = (uint16_t)before;
    }
  }
  s->best[at(s, bins, first, last)] = best + this->value;
  s->from[at(s, bins, first, last)] = from;
}

static void trace(const search *s, size_t bins, size_t first, size_t *ends) {
  size_t last = s->n - 1;
  for (size_t k = bins; k > 0; k--) {
    ends[k - 1] = last + 1;
    if (k == 1) break;
    size_t before = s->from[at(s, k, first, last)];
    last = first - 1;
    first = before;
  }
}

static ms_status try_trend(ms_context *context, search *s, ms_trend trend, size_t *ends) {
  size_t most = s->request->most < s->n ? s->request->most : s->n;
  for (size_t bins = 1; bins <= most; bins++) {
    if (ms_cancelled(context)) return MS_ECANCEL;
    for (size_t first = 0; first < s->n; first++) {
      for (size_t last = first; last < s->n; last++) {
        if (bins > 1)
          extend(s, trend, bins, first, last);
        else
          s->best[at(s, 1, first, last)] = first == 0 ? s->candidates[last].value : -INFINITY;
      }
    }
    for (size_t first = 0; first < s->n; first++) {
      double value = s->best[at(s, bins, first, s->n - 1)];
      if (!(value > s->value * (1 + 1e-12)) && s->found) continue;
      if (!isfinite(value)) continue;
      s->value = value;
      s->found = bins;
      trace(s, bins, first, ends);
    }
  }
  return MS_OK;
}

size_t ms_optimal_bins(ms_context *context, const ms_optimal_request *request,
                       size_t ends[MS_SCORE_BINS_MOST]) {
  search s = {.request = request, .n = request->count, .value = -INFINITY};
  size_t most = request->most < s.n ? request->most : s.n;
  ms_mark mark = ms_scratch_mark(context);
  s.candidates = ms_scratch(context, s.n * s.n + 1, sizeof *s.candidates);
  s.best = ms_scratch(context, most * s.n * s.n + 1, sizeof *s.best);
  s.from = ms_scratch_zero(context, most * s.n * s.n + 1, sizeof *s.from);
  if (!s.candidates || !s.best || !s.from) return 0;
  lay_out(&s);
  ms_status status = MS_OK;
  bool both = request->trend == MS_TREND_AUTO;
  if (both || request->trend != MS_TREND_DOWN) {
    status = try_trend(context, &s, both ? MS_TREND_UP : request->trend, ends);
  }
  if (status == MS_OK && (both || request->trend == MS_TREND_DOWN)) {
    status = try_trend(context, &s, MS_TREND_DOWN, ends);
  }
  ms_scratch_release(context, mark);
  if (status != MS_OK) return 0;
  if (s.found) return s.found;
  ends[0] = s.n;
  return 1;
}
