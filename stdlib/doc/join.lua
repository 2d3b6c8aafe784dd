-- What help says about join.
return {
  name = "join",
  text = [[
Puts rows of two frames with equal keys side by side. `on` names the keys: "id" where both frames have it, "customer_id == id"
where the names differ, a list for several. `how`: "inner" keeps pairs, "left" all left rows, "right" all right rows, "full" both,
"semi" left rows with a partner, "anti" left rows without, "cross" pairs every row with every row.

The rows are in the order of the left frame; right rows without a partner come last. The right keys are left out, since the left ones
say the same; other right columns that the left frame has too get the `suffix`. Null keys meet nothing unless nulls = "match"; NaN meets
NaN. Integers and reals compare by value; other types must be the same.

`expect` says how often a key may be there: "m:1" means once at most on the right. If it is there more often, the error names the first
such key. Without `expect` a join whose keys repeat on both sides gives a warning. A result larger than `limit_rows` is refused before
it is made.
]],
  columns = { { "left columns", "all of them" },
    { "right columns", "all but the keys; null where there is no partner" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
local customers = ms.frame{ { "id", { 10, 20, 40 } }, { "city", { "上海", "Oslo", "Rome" } } }
print(orders:join(customers, { on = "customer == id", how = "left", expect = "m:1" }))
]=],
      output = [[
┌─────────┬──────────┬────────┬──────┐
│      id │ customer │ amount │ city │
│ integer │  integer │   real │ text │
├─────────┼──────────┼────────┼──────┤
│       1 │       20 │   12.5 │ Oslo │
│       2 │       10 │   80.0 │ 上海 │
│       3 │       20 │      ∅ │ Oslo │
│       4 │       30 │   40.0 │ ∅    │
│       5 │       10 │    8.0 │ 上海 │
└─────────┴──────────┴────────┴──────┘
 5 rows × 4 columns
]],
    },
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
local blocked = ms.frame{ { "customer", { 20 } } }
print(orders:join(blocked, { on = "customer", how = "anti" }):nrow())
]=],
      output = [[
3
]],
    },
  },
}
