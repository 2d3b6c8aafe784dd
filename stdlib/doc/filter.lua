-- What help says about filter.
return {
  name = "filter",
  text = [[
Keeps the rows for which a condition is true, in their order. A row for which it is null is not kept. Values from outside are
bound with `@name` and never put into the text. The condition may use windows; a function of the row may stand in its place,
`frame:filter(function(r) return r.amount > 10 end)`.
]],
  columns = { { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:filter("amount >= @least", { least = 10 }))
]=],
      output = [[
┌─────────┬──────────┬────────┐
│      id │ customer │ amount │
│ integer │  integer │   real │
├─────────┼──────────┼────────┤
│       1 │       20 │   12.5 │
│       2 │       10 │   80.0 │
│       4 │       30 │   40.0 │
└─────────┴──────────┴────────┘
 3 rows × 3 columns
]],
    },
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
-- the largest order of each customer
print(orders:filter("row_number() over (partition by customer order by amount desc) == 1"))
]=],
      output = [[
┌─────────┬──────────┬────────┐
│      id │ customer │ amount │
│ integer │  integer │   real │
├─────────┼──────────┼────────┤
│       1 │       20 │   12.5 │
│       2 │       10 │   80.0 │
│       4 │       30 │   40.0 │
└─────────┴──────────┴────────┘
 3 rows × 3 columns
]],
    },
  },
}
