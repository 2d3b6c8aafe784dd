-- What help says about unpivot.
return {
  name = "unpivot",
  text = [[
Columns become rows: each value stands in a row of its own, beside the name of its column and the index columns. All rows of the first
column come first, then those of the second. The columns are of one type; integers beside reals become reals.
]],
  columns = {
    { "the index", "repeated for each column" },
    { "variable", "the column's name; the option `variable` names it otherwise" },
    { "value", "the value; the option `value` names it otherwise" },
  },
  examples = {
    {
      code = [[
local wide = ms.frame{ { "city", { "上海", "Oslo" } }, { "y2023", { 10, 20 } }, { "y2024", { 70, ms.null } } }
print(wide:unpivot{ index = "city", variable = "year", value = "amount" })
]],
      output = [[
┌──────┬───────┬─────────┐
│ city │ year  │  amount │
│ text │ text  │ integer │
├──────┼───────┼─────────┤
│ 上海 │ y2023 │      10 │
│ Oslo │ y2023 │      20 │
│ 上海 │ y2024 │      70 │
│ Oslo │ y2024 │       ∅ │
└──────┴───────┴─────────┘
 4 rows × 3 columns
]],
    },
  },
}
