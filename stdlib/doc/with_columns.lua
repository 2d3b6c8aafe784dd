-- What help says about with_columns.
return {
  name = "with_columns",
  text = [[
Adds computed columns, or puts them in the place of columns of the same name. Later definitions see earlier ones. A definition may
use aggregates, which stand for all rows, and windows, `… over (partition by … order by … rows between … and …)`.
]],
  columns = { { "all columns", "of the frame, with the new ones behind" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:with_columns("share = amount / sum(amount)", "percent = round(share * 100, 1)"))
]=],
      output = [[
┌─────────┬──────────┬────────┬────────┬─────────┐
│      id │ customer │ amount │  share │ percent │
│ integer │  integer │   real │   real │    real │
├─────────┼──────────┼────────┼────────┼─────────┤
│       1 │       20 │   12.5 │ 0.0890 │     8.9 │
│       2 │       10 │   80.0 │ 0.5694 │    56.9 │
│       3 │       20 │      ∅ │      ∅ │       ∅ │
│       4 │       30 │   40.0 │ 0.2847 │    28.5 │
│       5 │       10 │    8.0 │ 0.0569 │     5.7 │
└─────────┴──────────┴────────┴────────┴─────────┘
 5 rows × 5 columns
]],
    },
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:with_columns(
  "nth = row_number() over (partition by customer order by id)",
  "so_far = cumsum(amount) over (partition by customer order by id)"))
]=],
      output = [[
┌─────────┬──────────┬────────┬─────────┬────────┐
│      id │ customer │ amount │     nth │ so_far │
│ integer │  integer │   real │ integer │   real │
├─────────┼──────────┼────────┼─────────┼────────┤
│       1 │       20 │   12.5 │       1 │   12.5 │
│       2 │       10 │   80.0 │       1 │   80.0 │
│       3 │       20 │      ∅ │       2 │   12.5 │
│       4 │       30 │   40.0 │       1 │   40.0 │
│       5 │       10 │    8.0 │       2 │   88.0 │
└─────────┴──────────┴────────┴─────────┴────────┘
 5 rows × 5 columns
]],
    },
  },
}
