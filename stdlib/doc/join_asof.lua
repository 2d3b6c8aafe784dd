-- What help says about join_asof.
return {
  name = "join_asof",
  text = [[
Puts beside each left row the nearest right row in time, or by a number. `strategy`: "backward" takes the last row at or before,
"forward" the first at or after, "nearest" the nearer of both (the one before if they are equally near). `by` names keys that must be
equal. Rows farther away than `tolerance` do not count: a number, or a duration such as "7d" or "90min". With exact = false a row at the
very same time does not count either.

Within its keys the right frame must be in the order of its time; that is checked, and sort = true sorts it.
]],
  columns = { { "left columns", "all of them" },
    { "right columns", "all but the keys; null where there is no such row" } },
  examples = {
    {
      code = [=[
local prices = ms.frame{ { "item", { "a", "b", "a" } }, { "day", { 1, 2, 5 } }, { "price", { 10, 30, 12 } } }
local sales = ms.frame{ { "item", { "a", "a", "b" } }, { "day", { 4, 6, 1 } } }
print(sales:join_asof(prices, { on = "day", by = "item" }))
]=],
      output = [[
┌──────┬─────────┬───────────┬─────────┐
│ item │     day │ day_right │   price │
│ text │ integer │   integer │ integer │
├──────┼─────────┼───────────┼─────────┤
│ a    │       4 │         1 │      10 │
│ a    │       6 │         5 │      12 │
│ b    │       1 │         ∅ │       ∅ │
└──────┴─────────┴───────────┴─────────┘
 3 rows × 4 columns
]],
    },
  },
}
