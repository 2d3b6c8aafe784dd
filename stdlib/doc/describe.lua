-- What help says about describe.
return {
  name = "describe",
  text = [[
Each column of a frame in one row of figures, to see at a glance what is in it. Nulls are counted and left out of everything else; a NaN
makes the mean, the deviation, the quartiles and the extremes NaN.
]],
  columns = {
    { "column, type", "name and type" },
    { "values, nulls", "how many rows have a value, and how many have none" },
    { "distinct", "different values" },
    { "mean, deviation", "of numbers; booleans count as 0 and 1; the deviation with n - 1" },
    { "min, max", "as text; of text by its bytes" },
    { "q1, median, q3", "quartiles of numbers, type 7" },
    { "top, top_count", "the most frequent value, the first of equals, and how often it stands" },
  },
  examples = {
    {
      code = [[
local orders = ms.frame{ { "city", { "上海", "Oslo", "上海" } }, { "amount", { 10, 20, ms.null } } }
for r in orders:describe():rows() do
  print(r.column, r.type, r.values, r.nulls, r.distinct, r.mean, r.min, r.max, r.top)
end
]],
      output = "city\ttext\t3\t0\t2\tnil\tOslo\t上海\t上海\namount\tinteger\t2\t1\t2\t15\t10\t20\t10\n",
    },
  },
}
