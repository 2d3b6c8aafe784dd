-- What help says about group_top.
return {
  name = "group_top",
  text = [[
The first n rows of each group in an order, or the last ones. Groups stand in the order in which they first appear, the rows of a group in
the order asked for; ties, and groups without an order, keep the order of the rows. Nulls are last in either direction, NaN before them.
Reached as frame:group_by(…):top(n, …) and :head(n).
]],
  columns = { { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [[
local orders = ms.frame{
  { "customer", { 1, 2, 1, 1, 2 } },
  { "amount", { 5, 9, 7, 6, 3 } },
}
print(orders:group_by("customer"):top(2, "-amount"))
]],
      output = [[
┌──────────┬─────────┐
│ customer │  amount │
│  integer │ integer │
├──────────┼─────────┤
│        1 │       7 │
│        1 │       6 │
│        2 │       9 │
│        2 │       3 │
└──────────┴─────────┘
 4 rows × 2 columns
]],
    },
  },
}
