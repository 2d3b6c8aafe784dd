-- What help says about pivot.
return {
  name = "pivot",
  text = [[
The values of one column become columns, filled from another column. A row of the result is a distinct combination of the index columns.
Rows and new columns stand in the order in which they first appear. Several values for one place go through the aggregate. A place without
a row is null, and 0 for counts. More new columns than `most` are an error, since they nearly always are a mistake.
]],
  columns = {
    { "the index", "one row for each distinct combination" },
    { "a column for each value", "named after it; null is named null" },
  },
  examples = {
    {
      code = [[
local sales = ms.frame{
  { "city", { "上海", "Oslo", "上海", "上海" } },
  { "year", { 2023, 2023, 2024, 2024 } },
  { "amount", { 10, 20, 30, 40 } },
}
print(sales:pivot{ index = "city", columns = "year", values = "amount", aggregate = "sum" })
]],
      output = [[
┌──────┬─────────┬─────────┐
│ city │    2023 │    2024 │
│ text │ integer │ integer │
├──────┼─────────┼─────────┤
│ 上海 │      10 │      70 │
│ Oslo │      20 │       ∅ │
└──────┴─────────┴─────────┘
 2 rows × 3 columns
]],
    },
  },
}
