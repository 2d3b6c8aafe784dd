-- What help says about linear.
return {
  name = "linear",
  text = [[
Linear regression: a number as a constant plus a coefficient times each input, with the least sum of squared errors. A category has a
coefficient for each level but the first (or the one in `base`), which says how far the level is from it, all else being equal. Booleans
count as 0 and 1. Rows with a missing value are left out.

Terms that follow from those before them (a second column of the same figure, the last of several shares) have no estimate, and
predictions do without them. error is the standard error, statistic is estimate / error, p_value its two-sided test by Student's t; low
to high is the interval of the given confidence. With l2 (ridge regression) there are no errors and tests.

Cross products are summed of centred columns in fixed blocks, and the solution is refined once from its residuals: the result is
the same bits for any number of threads, and Longley's nearly collinear data keep ten digits.

model:predict(frame, { linear = false }) adds the column prediction: null where an input is missing or a level was never seen.
model:to_sql() gives the prediction as an SQL expression, model:to_lua() as a Lua chunk that returns a function of a row.

Source: Chambers and Hastie, Statistical Models in S (1992), chapter 4. Checked against R's lm.
]],
  columns = {
    { "terms", "term, input, level (of a category), estimate, error, statistic, p_value, low, high" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, rank, degrees_of_freedom, r_squared, adjusted_r_squared, residual_error, f_statistic, aic, …" },
  },
  examples = {
    {
      code = [[
local orders = ms.frame {
  { "items", { 1, 2, 3, 4, 5, 1, 2, 3, 4, 5 } },
  { "channel", { "shop", "shop", "shop", "shop", "shop", "web", "web", "web", "web", "web" } },
  { "amount", { 21, 29, 42, 49, 61, 26, 36, 45, 57, 64 } },
}
local model = ms.linear(orders, { target = "amount" })
print(model)
print(model:predict(ms.frame { { "items", { 6 } }, { "channel", { "web" } } }))
]],
      output = [[
linear regression of amount, learned from 10 rows

term             estimate      error       t        p
(intercept)          10.9        1.1   10.30  <0.0001
items                9.85       0.29   33.71  <0.0001
channel = web        5.20       0.83    6.29   0.0004

R² 0.9941 (adjusted 0.9924), residual error 1.3066 on 7 degrees of freedom
F 588.13, p <0.0001; AIC 38.1602
┌─────────┬─────────┬────────────┐
│   items │ channel │ prediction │
│ integer │ text    │       real │
├─────────┼─────────┼────────────┤
│       6 │ web     │      75.15 │
└─────────┴─────────┴────────────┘
 1 row × 3 columns
]],
    },
  },
}
