-- What help says about sample.
return {
  name = "sample",
  text = [[
n rows drawn at random without replacement, or a `fraction` of the rows; they stay in their order. With `by`, so many rows of each
stratum. The same seed draws the same rows on every machine and for any number of threads.

Method: selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2).
]],
  columns = { { "all columns", "of the frame, unchanged" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
print(orders:sample(2, { by = "customer", seed = 3 }):nrow())
]=],
      output = [[
5
]],
    },
  },
}
