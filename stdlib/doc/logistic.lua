-- What help says about logistic.
return {
  name = "logistic",
  text = [[
Logistic regression: the probability of one of two classes. Its log odds are a constant plus a coefficient times each input; categories
have a coefficient for each level but the first (or the one in `base`). exp(coefficient) is the odds ratio: what the odds are multiplied
by where the input is larger by one, or where the level is this rather than the base. Rows with a missing value are left out.

The event is the class that `event` names, else the last level: true, 1, "yes". error is the standard error, statistic is estimate /
error, p_value its two-sided test by the normal distribution; low to high is the interval of the given confidence (Wald's).

Where the inputs tell the classes apart without an error, estimates grow without limit: a warning says so, and a penalty gives them a
limit. l2 = 1 is the penalty of scikit-learn's LogisticRegression(C = 1); inputs should then be of similar size, since the penalty is on the
coefficients as they are. With l2 there are no errors and tests.

model:predict(frame, { each = false, linear = false }) adds prediction (the event from 0.5 on) and probability (of the event);
linear = true gives the log odds. model:to_sql() and model:to_lua() write the probability down as a formula.

Method: Newton's (iteratively reweighted least squares), in passes over blocks of rows; of very many rows a sample is fitted first, for the
start only. Source: McCullagh and Nelder, Generalized Linear Models (1989). Checked against R's glm.
]],
  columns = {
    { "terms", "term, input, level (of a category), estimate, error, statistic, p_value, low, high" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, rank, degrees_of_freedom, deviance, null_deviance, explained_deviance, aic, bic, …" },
  },
  examples = {
    {
      code = [[
local visitors = ms.frame {
  { "visits", { 1, 2, 3, 4, 5, 6, 7, 8, 3, 6 } },
  { "channel", { "mail", "shop", "mail", "shop", "mail", "shop", "mail", "shop", "shop", "mail" } },
  { "bought", { false, true, false, true, false, true, true, true, false, true } },
}
local model = ms.logistic(visitors, { target = "bought" })
print(model)
print(model:predict(ms.frame { { "visits", { 3, 7 } }, { "channel", { "mail", "shop" } } }))
]],
      output = [[
logistic regression of bought = true, learned from 10 rows

term              estimate      error       z        p     odds
(intercept)           -8.0        6.3   -1.26   0.2094 0.0003477
visits                 1.5        1.1    1.32   0.1863    4.359
channel = shop         4.5        3.7    1.21   0.2270    88.56

deviance 6.52621 on 7 degrees of freedom; 13.4602 without inputs: 51.5 % explained
AIC 12.5262, BIC 13.4340, 7 steps
┌─────────┬─────────┬────────────┬─────────────┐
│  visits │ channel │ prediction │ probability │
│ integer │ text    │ boolean    │        real │
├─────────┼─────────┼────────────┼─────────────┤
│       3 │ mail    │ false      │      0.0280 │
│       7 │ shop    │ true       │      0.9989 │
└─────────┴─────────┴────────────┴─────────────┘
 2 rows × 4 columns
]],
    },
  },
}
