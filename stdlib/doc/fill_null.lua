-- What help says about fill_null.
return {
  name = "fill_null",
  text = [[
Something in the place of nulls: a value, in all columns of its type or in those named by `columns`; or by `strategy` the value of
the row before ("forward") or behind ("backward"), the column's mean, or zero. An integer column filled with a mean or another real
becomes real.
]],
  columns = { { "all columns", "of the frame, without the nulls that the filling fits" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:fill_null(0):row(3).amount)
]=],
      output = [[
0
]],
    },
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:fill_null{ strategy = "forward" }:row(3).amount)
]=],
      output = [[
80
]],
    },
  },
}
