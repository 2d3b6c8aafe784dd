-- What help says about drop.
return {
  name = "drop",
  text = [[
Leaves columns out.
]],
  columns = { { "the other columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:drop("amount"):head(1))
]=],
      output = [[
┌─────────┬──────────┐
│      id │ customer │
│ integer │  integer │
├─────────┼──────────┤
│       1 │       20 │
└─────────┴──────────┘
 1 row × 2 columns
]],
    },
  },
}
