-- What help says about confusion.
return {
  name = "confusion",
  text = [[
What a threshold on a score does, a row a threshold: predicted is the event where the score is the threshold or greater. The event and the
rows that are left out are those of `metrics`. With weights the counts are sums of weights. A ratio without a denominator is null; Matthews'
correlation (1975) is 0 where all rows are predicted alike.
]],
  columns = {
    { "threshold", "the score from which on the event is predicted" },
    { "true_positive, false_positive, true_negative, false_negative",
      "rows by what was predicted and whether it was right" },
    { "precision, recall, specificity", "true of the predicted; found of the events; left alone of the others" },
    { "f1, accuracy, balanced_accuracy, mcc",
      "2 tp / (2 tp + fp + fn); share told right; mean of recall and specificity; Matthews' correlation" },
  },
  examples = {
    {
      code = [[
local scored = ms.frame{ { "bought", { 1, 1, 0, 1, 0, 0, 0, 0 } },
  { "probability", { 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1 } } }
print(scored:confusion{ target = "bought", thresholds = { 0.5, 0.65 } }:select("threshold", "precision", "recall", "f1", "accuracy"))
]],
      output = [[
┌───────────┬───────────┬────────┬────────┬──────────┐
│ threshold │ precision │ recall │     f1 │ accuracy │
│      real │      real │   real │   real │     real │
├───────────┼───────────┼────────┼────────┼──────────┤
│      0.50 │    0.7500 │  1.000 │ 0.8571 │    0.875 │
│      0.65 │    0.6667 │  0.667 │ 0.6667 │    0.750 │
└───────────┴───────────┴────────┴────────┴──────────┘
 2 rows × 5 columns
]],
    },
  },
}
