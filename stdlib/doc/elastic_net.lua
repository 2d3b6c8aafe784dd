-- What help says about elastic_net.
return {
  name = "elastic_net",
  text = [[
Linear or logistic regression with a penalty on its coefficients: fewer inputs are used, and those that say the same share what they
say. For many inputs, or few rows. A text or boolean target, or one with an `event`, makes it logistic.

What is made small is the mean loss plus lambda × ((1 - alpha) / 2 × the sum of squared + alpha × the sum of absolute coefficients), for
standardised inputs; the coefficients that are given are those of the inputs as they are. alpha = 1 is the lasso, alpha = 0 ridge
regression. As in glmnet a number that is predicted is standardised too, so that its squares weigh lambda / deviation of the target.

Without a lambda, `lambdas` of them are tried, from the one where all coefficients are 0 downwards, until no more is explained; each is
judged by cross-validation: the rows are dealt to `folds` folds (by `seed`, or as the column `fold` says), and each fold is predicted by
the others. choose = "minimum" takes the least error (mean square, or deviance for classes), choose = "one_error" the largest lambda
whose error is within one standard error of it, which leaves out more.

model:predict(frame), model:to_sql() and model:to_lua() are as in linear and logistic. There are no standard errors: after a choice of
inputs they would be too small.

Source: Friedman, Hastie, Tibshirani (2010), Journal of Statistical Software 33(1). Checked against glmnet.
]],
  columns = {
    { "terms", "term, input, level (of a category), estimate (0: left out)" },
    { "path", "lambda, terms (not 0), explained (share of the deviance), error and deviation (of the left-out folds)" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, alpha, lambda, lambda_minimum, lambda_one_error, error, folds, explained_deviance" },
  },
  examples = {
    {
      code = [[
local shops = ms.frame {
  { "staff", { 2, 3, 5, 4, 8, 6, 7, 9, 3, 5 } },
  { "area", { 40, 50, 95, 80, 150, 120, 130, 170, 60, 90 } },
  { "age", { 7, 3, 9, 4, 6, 2, 8, 5, 1, 6 } },
  { "sales", { 21, 30, 49, 41, 80, 62, 69, 92, 29, 52 } },
}
print(ms.elastic_net(shops, { target = "sales", folds = 5, choose = "one_error" }))
]],
      output = [[
elastic net (linear) of sales, learned from 10 rows

term           estimate
(intercept)      2.1318
staff            8.7985
area           0.046863
1 of 3 terms are left out

alpha 1, lambda 0.9324: 99.5 % of the deviance explained
5 folds: least error at lambda 0.3351, within one standard error up to 0.9324
]],
    },
  },
}
