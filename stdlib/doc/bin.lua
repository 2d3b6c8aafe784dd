-- What help says about bin.
return {
  name = "bin",
  text = [[
The number of the bin that each value falls in, from 1, or a label. Null and NaN have no bin.

ntile      bins whose sizes differ by at most one, the larger ones first, as ntile of SQL. Equal values may be split between bins: they are
           ordered by the tie breaker, and where that is equal or absent by the order of the rows.
quantile   cuts at the quantiles 1/k, 2/k, … (type 7). Equal values always share a bin, so that bins may differ in size, and may be empty.
width      k bins of equal width between the least and the greatest value.
cuts       the given cuts; n cuts make n + 1 bins.

A value equal to a cut belongs to the bin below the cut; with closed = "left", to the bin above it. With descending = true the greatest
values are in bin 1; labels follow the numbers.
]],
  columns = {
    { "all columns", "of the frame" },
    { "<column>_bin", "the bin; the option `name` names it otherwise" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame{ { "spent", { 50, 10, 10, 400, ms.null, 90 } } }
print(customers:bin{ column = "spent", method = "quantile", k = 3, labels = { "low", "middle", "high" }, name = "tier" })
]],
      output = [[
┌─────────┬────────┐
│   spent │ tier   │
│ integer │ text   │
├─────────┼────────┤
│      50 │ middle │
│      10 │ low    │
│      10 │ low    │
│     400 │ high   │
│       ∅ │ ∅      │
│      90 │ high   │
└─────────┴────────┘
 6 rows × 2 columns
]],
    },
  },
}
