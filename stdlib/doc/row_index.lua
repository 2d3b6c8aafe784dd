-- What help says about row_index.
return {
  name = "row_index",
  text = [[
Adds the number of each row as the first column, named `name`, from `from` on.
]],
  columns = { { "row", "number of the row" }, { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:row_index("nr"):head(2))
]=],
      output = [[
┌─────────┬─────────┬──────────┬────────┐
│      nr │      id │ customer │ amount │
│ integer │ integer │  integer │   real │
├─────────┼─────────┼──────────┼────────┤
│       1 │       1 │       20 │   12.5 │
│       2 │       2 │       10 │   80.0 │
└─────────┴─────────┴──────────┴────────┘
 2 rows × 4 columns
]],
    },
  },
}
