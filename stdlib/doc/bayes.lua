-- What help says about bayes.
return {
  name = "bayes",
  text = [[
Naive Bayes: how likely each class is for a row, from the class's share of all rows, times the share or density of each input within the
class. Numbers are taken as normal; texts, booleans and the integer columns in `categories` by the shares of their levels:
(count + laplace) / (rows of the class + laplace * levels). Missing values do not count, neither in learning nor in prediction.

Quick, needs few rows, and easy to read; its order of rows is better than its probabilities, which are too sure of themselves where
inputs say the same. A share or deviation of 0 is replaced by `threshold` (0.001) in predict, as e1071 does.

model:predict(frame, { each = false, threshold = 0.001 }) adds the columns prediction and probability (of the event where there are
two classes, else of the predicted class); each = true adds probability_LEVEL for each class. A level that the model has never
seen is missing.

Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning (2009), 6.6.3.
]],
  columns = {
    { "terms", "input, level (of a category), class, share (of the level in it), mean and deviation (of a number)" },
    { "classes", "class, weight (rows), prior" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, laplace" },
  },
  examples = {
    {
      code = [[
local visitors = ms.frame {
  { "channel", { "mail", "mail", "shop", "mail", "shop", "shop" } },
  { "visits", { 9, 7, 4, 8, 2, 3 } },
  { "bought", { true, true, true, true, false, false } },
}
local model = ms.bayes(visitors, { target = "bought" })
print(model:predict(ms.frame { { "channel", { "mail", "shop" } }, { "visits", { 6, 3 } } }))
]],
      output = [[
┌─────────┬─────────┬────────────┬─────────────┐
│ channel │  visits │ prediction │ probability │
│ text    │ integer │ boolean    │        real │
├─────────┼─────────┼────────────┼─────────────┤
│ mail    │       6 │ true       │      1.0000 │
│ shop    │       3 │ false      │      0.0365 │
└─────────┴─────────┴────────────┴─────────────┘
 2 rows × 4 columns
]],
    },
  },
}
