-- What help says about slice.
return {
  name = "slice",
  text = [[
Rows by their position: n of them from row `first` on, which counts from 1, or from -1 at the end.
]],
  columns = { { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:slice(2, 3):nrow())
]=],
      output = [[
3
]],
    },
  },
}
