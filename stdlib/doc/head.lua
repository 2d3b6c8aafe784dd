-- What help says about head.
return {
  name = "head",
  text = [[
The first n rows (10).
]],
  columns = { { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:head(2))
]=],
      output = [[
┌─────────┬──────────┬────────┐
│      id │ customer │ amount │
│ integer │  integer │   real │
├─────────┼──────────┼────────┤
│       1 │       20 │   12.5 │
│       2 │       10 │   80.0 │
└─────────┴──────────┴────────┘
 2 rows × 3 columns
]],
    },
  },
}
