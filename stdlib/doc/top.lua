-- What help says about top.
return {
  name = "top",
  text = [[
The first n rows in the order of keys: what sort and head give, without sorting the rest. Keys are written as for sort.
]],
  columns = { { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:top(2, "-amount"))
]=],
      output = [[
┌─────────┬──────────┬────────┐
│      id │ customer │ amount │
│ integer │  integer │   real │
├─────────┼──────────┼────────┤
│       2 │       10 │     80 │
│       4 │       30 │     40 │
└─────────┴──────────┴────────┘
 2 rows × 3 columns
]],
    },
  },
}
