-- What help says about number_metrics.
return {
  name = "number_metrics",
  text = [[
How far predicted numbers are from the true ones. Rows without target, prediction or weight are left out with a warning.
]],
  columns = {
    { "rows", "rows used" },
    { "rmse, mae", "root of the mean squared, and mean absolute, difference" },
    { "r_squared",
      "1 - sum of squares around the prediction / around the mean; null if the target has one value only" },
    { "bias", "mean of prediction - target" },
  },
  examples = {
    {
      code = [[
local orders = ms.frame{ { "amount", { 3, -0.5, 2, 7 } }, { "prediction", { 2.5, 0, 2, 8 } } }
print(orders:number_metrics{ target = "amount" })
]],
      output = [[
┌─────────┬────────┬──────┬───────────┬──────┐
│    rows │   rmse │  mae │ r_squared │ bias │
│ integer │   real │ real │      real │ real │
├─────────┼────────┼──────┼───────────┼──────┤
│       4 │ 0.6124 │  0.5 │    0.9486 │ 0.25 │
└─────────┴────────┴──────┴───────────┴──────┘
 1 row × 5 columns
]],
    },
  },
}
