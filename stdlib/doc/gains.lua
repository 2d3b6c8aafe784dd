-- What help says about gains.
return {
  name = "gains",
  text = [[
The rows in bins of equal size from the greatest score down, and what is won by taking the best first. Bins have exactly equal sizes (or
weights): where a cut falls into a group of equal scores, the group's events are shared between the bins in proportion, so that the table
does not depend on the order of the rows, and events need not be whole numbers.
]],
  columns = {
    { "bin", "from 1, the greatest scores" },
    { "rows, high, low", "rows (or weight) in the bin, its greatest and least score" },
    { "events, rate", "events in the bin and their share" },
    { "lift", "the rate against that of all rows" },
    { "cumulative_rate, cumulative_lift", "of this bin and those before it" },
    { "captured", "the share of all events found so far" },
    { "ks", "that share less the share of the others found so far" },
  },
  examples = {
    {
      code = [[
local scored = ms.frame{ { "bought", { 1, 1, 0, 1, 0, 0, 0, 0 } }, { "probability", { 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1 } } }
print(scored:gains{ target = "bought", bins = 4 }:select("bin", "rows", "events", "rate", "lift", "captured"))
]],
      output = [[
┌─────────┬──────┬────────┬──────┬───────┬──────────┐
│     bin │ rows │ events │ rate │  lift │ captured │
│ integer │ real │   real │ real │  real │     real │
├─────────┼──────┼────────┼──────┼───────┼──────────┤
│       1 │    2 │      2 │  1.0 │ 2.667 │    0.667 │
│       2 │    2 │      1 │  0.5 │ 1.333 │    1.000 │
│       3 │    2 │      0 │  0.0 │ 0.000 │    1.000 │
│       4 │    2 │      0 │  0.0 │ 0.000 │    1.000 │
└─────────┴──────┴────────┴──────┴───────┴──────────┘
 4 rows × 6 columns
]],
    },
  },
}
