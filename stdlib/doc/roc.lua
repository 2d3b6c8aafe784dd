-- What help says about roc.
return {
  name = "roc",
  text = [[
The curve of a score: at each threshold, from the greatest score down, the share of the events and of the others that have that score or a
greater one. The first row is nobody. Where there are more scores than `points`, rows are taken at equal steps of the share.
]],
  columns = {
    { "threshold, share", "a score, and the share of rows with it or a greater one" },
    { "false_positive_rate, true_positive_rate", "the same share of the others, and of the events" },
    { "precision", "share of events among them" },
  },
  examples = {
    {
      code = [[
local scored = ms.frame{ { "bought", { 1, 1, 0, 1, 0, 0, 0, 0 } },
  { "probability", { 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1 } } }
print(scored:roc{ target = "bought", points = 4 })
]],
      output = [[
┌───────────┬───────┬─────────────────────┬────────────────────┬───────────┐
│ threshold │ share │ false_positive_rate │ true_positive_rate │ precision │
│      real │  real │                real │               real │      real │
├───────────┼───────┼─────────────────────┼────────────────────┼───────────┤
│         ∅ │ 0.000 │                 0.0 │              0.000 │         ∅ │
│       0.7 │ 0.375 │                 0.2 │              0.667 │    0.6667 │
│       0.3 │ 0.750 │                 0.6 │              1.000 │    0.5000 │
│       0.1 │ 1.000 │                 1.0 │              1.000 │    0.3750 │
└───────────┴───────┴─────────────────────┴────────────────────┴───────────┘
 4 rows × 5 columns
]],
    },
  },
}
