-- What help says about sort.
return {
  name = "sort",
  text = [[
Puts the rows in the order of one or more keys. A key is a column or an expression; a minus before it, or "desc" behind it, turns
its order round. Equal rows stay in the order they have. Nulls come last in both directions unless "nulls first" stands behind the key
or in the options; NaN comes behind the numbers and before the nulls. Texts are in the order of their bytes, which for UTF-8 is that of
the code points.
]],
  columns = { { "all columns", "of the frame, in another order" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:sort("-amount", "id"))
]=],
      output = [[
┌─────────┬──────────┬────────┐
│      id │ customer │ amount │
│ integer │  integer │   real │
├─────────┼──────────┼────────┤
│       2 │       10 │   80.0 │
│       4 │       30 │   40.0 │
│       1 │       20 │   12.5 │
│       5 │       10 │    8.0 │
│       3 │       20 │      ∅ │
└─────────┴──────────┴────────┘
 5 rows × 3 columns
]],
    },
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:sort("customer desc", "amount nulls first"):row(1).id)
]=],
      output = [[
4
]],
    },
  },
}
