-- What help says about calibration.
return {
  name = "calibration",
  text = [[
Predicted probabilities against what happened: where the model says 20 %, are there 20 events in 100? Bins of equal size (quantile; equal
scores stay together) or of equal width; a score equal to a cut is in the bin below it; bins without rows are left out. The sum of
rows * |difference| over all rows is the expected calibration error, which `metrics` gives for ten bins of equal width.
]],
  columns = {
    { "bin, low, high, rows", "number of the bin, its least and greatest score, its rows" },
    { "predicted", "mean of the scores" },
    { "events, rate, rate_low, rate_high", "(weighted) events, their share, and its 95 % interval by Wilson (1927)" },
    { "difference", "rate less predicted" },
  },
  examples = {
    {
      code = [[
local scored = ms.frame{ { "bought", { 1, 1, 0, 1, 0, 0, 0, 0 } },
  { "probability", { 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1 } } }
print(scored:calibration{ target = "bought", bins = 2 }:select("bin", "low", "high", "predicted", "rate", "difference"))
]],
      output = [[
┌─────────┬──────┬──────┬───────────┬──────┬────────────┐
│     bin │  low │ high │ predicted │ rate │ difference │
│ integer │ real │ real │      real │ real │       real │
├─────────┼──────┼──────┼───────────┼──────┼────────────┤
│       1 │  0.1 │  0.4 │      0.25 │ 0.00 │      -0.25 │
│       2 │  0.6 │  0.9 │      0.75 │ 0.75 │       0.00 │
└─────────┴──────┴──────┴───────────┴──────┴────────────┘
 2 rows × 6 columns
]],
    },
  },
}
