-- What help says about select.
return {
  name = "select",
  text = [[
A frame of the named columns and of computed ones, "name = expression", in the order given. "*" stands for all columns of the
frame. Without a name an expression is named by its own text. Definitions see the columns of the frame, not each other.
]],
  columns = { { "the columns asked for", "in that order" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:select("id", "cents = amount * 100"):head(2))
]=],
      output = [[
┌─────────┬───────┐
│      id │ cents │
│ integer │  real │
├─────────┼───────┤
│       1 │ 1,250 │
│       2 │ 8,000 │
└─────────┴───────┘
 2 rows × 2 columns
]],
    },
  },
}
