-- What help says about split.
return {
  name = "split",
  text = [[
Two frames: a `share` of the rows drawn at random, and the rest, both in their order; for training a model and testing it. With `by`,
each stratum is split in this share. With `fractions` the result is one frame with a column `part` (1, 2, …) instead.
]],
  columns = { { "all columns", "of the frame, unchanged" }, { "part", "number of the part, with fractions only" } },
  examples = {
    {
      code = [=[
local orders = ms.frame{
  { "id", { 1, 2, 3, 4, 5 } }, { "customer", { 20, 10, 20, 30, 10 } }, { "amount", { 12.5, 80, ms.null, 40, 8 } },
}
local train, rest = orders:split(0.6, { seed = 1 })
print(train:nrow(), rest:nrow())
]=],
      output = [[
3	2
]],
    },
  },
}
