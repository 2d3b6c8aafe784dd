-- What help says about shuffle.
return {
  name = "shuffle",
  text = [[
The frame with some columns in a drawn order of the rows, all of them in the same one; the others stay as they are. What a model loses when
a column is shuffled is what it has from that column (ms.permutation_importance).
]],
  columns = {
    { "all columns", "of the frame" },
  },
  examples = {
    {
      code = [[
local f = ms.frame{ { "id", { 1, 2, 3, 4 } }, { "city", { "Oslo", "Bergen", "Molde", "Voss" } } }
print(f:shuffle{ columns = { "city" }, seed = 2 })
]],
      output = [[
┌─────────┬────────┐
│      id │ city   │
│ integer │ text   │
├─────────┼────────┤
│       1 │ Bergen │
│       2 │ Voss   │
│       3 │ Molde  │
│       4 │ Oslo   │
└─────────┴────────┘
 4 rows × 2 columns
]],
    },
  },
}
