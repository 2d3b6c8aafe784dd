-- What help says about unique.
return {
  name = "unique",
  text = [[
One of the rows that are equal in some columns (in all, if none is named). The rows stay in their order. `keep` says which one: the
"first", the "last", "none" (only rows that have no equal stay), or "any" (the quickest). Nulls equal each other, and so do NaNs.
]],
  columns = { { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [[
local visits = ms.frame{ { "customer", { 1, 2, 1, 3 } }, { "page", { "a", "b", "c", "a" } } }
print(visits:unique("customer", { keep = "last" }))
]],
      output = [[
┌──────────┬──────┐
│ customer │ page │
│  integer │ text │
├──────────┼──────┤
│        2 │ b    │
│        1 │ c    │
│        3 │ a    │
└──────────┴──────┘
 3 rows × 2 columns
]],
    },
  },
}
