-- What help says about profit.
return {
  name = "profit",
  text = [[
Whom to contact: everybody from a score on is contacted, each contact costs `cost`, each event among them is worth `value`, and the campaign
costs `fixed` unless nobody is contacted. The rows are nobody, about every tenth of the customers (`bins`), and the threshold that earns
most of all scores there are, with `best` true; if no threshold earns anything, nobody is best. Equal scores are contacted together.
]],
  columns = {
    { "share, rows", "share and number (or weight) of those contacted" },
    { "threshold", "the score from which on" },
    { "events, rate", "events among them, and their share" },
    { "revenue, cost, profit", "events * value; rows * cost + fixed; the difference" },
    { "best", "whether no other threshold earns more" },
  },
  examples = {
    {
      code = [[
local scored = ms.frame{ { "bought", { 1, 1, 0, 1, 0, 0, 0, 0 } },
  { "probability", { 0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1 } } }
print(scored:profit{ target = "bought", value = 10, cost = 4, bins = 4 }:select("rows", "threshold", "revenue", "cost", "profit", "best"))
]],
      output = [[
┌──────┬───────────┬─────────┬──────┬────────┬─────────┐
│ rows │ threshold │ revenue │ cost │ profit │ best    │
│ real │      real │    real │ real │   real │ boolean │
├──────┼───────────┼─────────┼──────┼────────┼─────────┤
│    0 │         ∅ │       0 │    0 │      0 │ false   │
│    2 │       0.8 │      20 │    8 │     12 │ false   │
│    4 │       0.6 │      30 │   16 │     14 │ true    │
│    6 │       0.3 │      30 │   24 │      6 │ false   │
│    8 │       0.1 │      30 │   32 │     -2 │ false   │
└──────┴───────────┴─────────┴──────┴────────┴─────────┘
 5 rows × 6 columns
]],
    },
  },
}
