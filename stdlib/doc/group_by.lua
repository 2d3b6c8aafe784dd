-- What help says about group_by.
return {
  name = "group_by",
  text = [[
One row for each distinct combination of the keys, in the order in which the combinations first appear, with what is computed
over the rows of each. Keys are columns, or definitions such as "month = date_trunc('month', at)". Without a key all rows are one
group, and there is one row even if there are no rows; without a definition the distinct keys are the result.

Null is a group of its own. NaN equals NaN, and -0.0 equals 0.0.

A definition is "name = expression"; the expression may hold aggregates, keys, and earlier definitions. Aggregates leave out nulls, and
all but count and total are null for a group without values; a NaN makes sums, means, extremes and quantiles NaN. `where` in an
aggregate leaves out the rows where its condition is not true.

count()             rows
count(x)            values
count_distinct(x)   different values
sum(x)              integers give an integer, and an error where it does not fit 64 bits
total(x)            the sum as a real, 0 for no value
mean(x)  min(x)  max(x)
first(x)  last(x)   in the order of the rows
median(x)  quantile(x, p)   type 7: linear between the neighbours of (n - 1) p
variance(x)  deviation(x)   with n - 1
correlation(x, y)   Pearson's, over rows where both have a value
any(x)  all(x)      of booleans
]],
  columns = {
    { "the keys", "named as given" },
    { "the definitions", "in the order given" },
  },
  examples = {
    {
      code = [[
local orders = ms.frame{
  { "city", { "上海", "Oslo", "上海", "Oslo", "上海" } },
  { "amount", { 10.5, 20, 30, 40, 49.5 } },
}
print(orders:group_by("city"):agg("orders = count()", "revenue = sum(amount)", "average = revenue / orders"))
]],
      output = [[
┌──────┬─────────┬─────────┬─────────┐
│ city │  orders │ revenue │ average │
│ text │ integer │    real │    real │
├──────┼─────────┼─────────┼─────────┤
│ 上海 │       3 │      90 │      30 │
│ Oslo │       2 │      60 │      30 │
└──────┴─────────┴─────────┴─────────┘
 2 rows × 4 columns
]],
    },
  },
}
