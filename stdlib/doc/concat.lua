-- What help says about concat.
return {
  name = "concat",
  text = [[
Puts the rows of frames under each other. Columns go by their names, whatever their order; integers under reals become reals. All
frames must have the same columns, unless how = "diagonal", which takes null for what a frame lacks. `source` adds a column with the
number of the frame that a row comes from.
]],
  columns = { { "all columns", "of the first frame, then what later frames add" } },
  examples = {
    {
      code = [=[
local a, b = ms.frame{ { "k", { 1, 2 } } }, ms.frame{ { "k", { 3 } }, { "note", { "new" } } }
print(a:concat(b, { how = "diagonal", source = "from" }))
]=],
      output = [[
┌─────────┬──────┬─────────┐
│       k │ note │    from │
│ integer │ text │ integer │
├─────────┼──────┼─────────┤
│       1 │ ∅    │       1 │
│       2 │ ∅    │       1 │
│       3 │ new  │       2 │
└─────────┴──────┴─────────┘
 3 rows × 3 columns
]],
    },
  },
}
