-- What help says about glm.
return {
  name = "glm",
  text = [[
Generalised linear models: a function of the mean, the link, is a constant plus a coefficient times each input.

family     for                                        links, the first unless given
gaussian   amounts around the mean                    identity log inverse
binomial   two classes, or shares of `weights` trials logit log probit
poisson    counts: orders, visits, complaints         log identity
gamma      amounts above 0, wider where larger        inverse log identity

With the link log, exp(coefficient) is the factor that the mean is multiplied by. An offset of ln(exposure) makes rates of counts: a
customer of two years is expected to do twice what one of one year does. Dispersion is 1 for binomial and poisson, and Pearson's
chi-squared over the degrees of freedom for gaussian and gamma, whose tests are by Student's t.

Terms, predictions, to_sql and to_lua are as in linear and logistic. Steps that lead out of the family (a mean below 0) are halved.

Source: McCullagh and Nelder, Generalized Linear Models (1989). Checked against R's glm: coefficients, errors, deviance, AIC.
]],
  columns = {
    { "terms", "term, input, level (of a category), estimate, error, statistic, p_value, low, high" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "family, link, rows, rank, degrees_of_freedom, deviance, null_deviance, dispersion, aic, …" },
  },
  examples = {
    {
      code = [[
local customers = ms.frame {
  { "orders", { 2, 0, 4, 9, 3, 1, 7, 12 } },
  { "years", { 1, 1, 2, 3, 2, 1, 3, 4 } },
  { "tier", { "basic", "basic", "basic", "gold", "basic", "basic", "gold", "gold" } },
}:with_columns("exposure = ln(years)")
local model = ms.glm(customers, { target = "orders", family = "poisson", columns = { "tier" }, offset = "exposure" })
print(model)
]],
      output = [[
poisson model of orders (link log), learned from 8 rows

term           estimate      error       z        p    ratio
(intercept)        0.36       0.32    1.13   0.2594    1.429
tier = gold        0.67       0.37    1.83   0.0677    1.960

deviance 3.96226 on 6 degrees of freedom; 7.62211 without inputs: 48.0 % explained
AIC 31.0314, BIC 31.1903, 4 steps
]],
    },
  },
}
