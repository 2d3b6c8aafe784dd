-- What help says about metrics.
return {
  name = "metrics",
  text = [[
How well a score tells events from the rest, in one row. The event is the last of the target's two values (true, the greater number, the
later text), or the one named by `event`. Rows without outcome, score or weight are left out with a warning. No figure depends on the order
of the rows: equal scores are one group. Figures that need both events and others are null where one of them is absent; those of
probabilities are null where a score lies outside 0 … 1.

The interval of the area under the curve is that of DeLong, DeLong and Clarke-Pearson (1988); it is cut at 0 and 1.
]],
  columns = {
    { "rows, events, rate", "rows used; (weighted) events, and their share" },
    { "auc, auc_error, auc_low, auc_high", "area under the ROC curve: the chance that an event has a greater score "
      .. "than an other, a tie counting half; its standard error and interval" },
    { "gini", "2 auc - 1" },
    { "ks, ks_score", "Kolmogorov-Smirnov: the greatest distance between the shares of events and of others from "
      .. "the top down, and the score at which it is reached" },
    { "average_precision", "sum over the scores of precision times the step in recall: the area under "
      .. "precision and recall" },
    { "log_loss", "- mean of log p of what happened, p at least 2.2e-16" },
    { "brier", "mean of (p - outcome)²" },
    { "calibration_error", "over ten bins of equal width: the mean of |mean p - rate|, weighted by rows" },
  },
  examples = {
    {
      code = [[
local scored = ms.frame{ { "bought", { true, false, true, false, false } }, { "probability", { 0.9, 0.6, 0.6, 0.2, 0.1 } } }
print(scored:metrics{ target = "bought" }:select("rows", "auc", "gini", "ks", "brier"))
]],
      output = [[
┌─────────┬────────┬────────┬────────┬───────┐
│    rows │    auc │   gini │     ks │ brier │
│ integer │   real │   real │   real │  real │
├─────────┼────────┼────────┼────────┼───────┤
│       5 │ 0.9167 │ 0.8333 │ 0.6667 │ 0.116 │
└─────────┴────────┴────────┴────────┴───────┘
 1 row × 5 columns
]],
    },
  },
}
