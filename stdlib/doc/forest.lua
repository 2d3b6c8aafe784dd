-- What help says about forest.
return {
  name = "forest",
  text = [[
Random forest: many deep trees, each on rows drawn with replacement, each split on the best of `mtry` columns drawn; the prediction is
their mean. Hard to spoil: the options hardly matter, and rows that a tree did not draw (out of bag) judge it honestly without a test
set. Text, boolean and integer targets named with `event` are classes; numbers are numbers.

Classes are split by the Gini impurity, numbers by the squared error. Texts are split by sets of levels, ordered by their mean (or the
share of the node's most frequent class). What is missing goes to the side where it does better. Numbers are cut at up to 255
quantiles; exact = true cuts between any two values. mtry counts columns on which the rows of the node differ.

Importance: `impurity` is what splits on the input take off, a tree on average (it favours inputs of many values); permutation = true also
measures how much larger the error of rows not drawn is where the input is shuffled.

model:predict(frame, { each = false }) adds prediction and, for classes, probability. model:to_lua() writes the forest down as a Lua
function of a row, model:to_sql { value = "probability", class = … } as an expression of SQL: for that learn it with few trees and
max_depth up to 12 (a text up to 1,000,000 bytes, which SQLite reads).

Source: Breiman, Machine Learning 45 (2001).
]],
  columns = {
    { "trees", "a row a node: tree, node, input, threshold (value <= threshold goes left), levels (numbers of those " ..
      "that go left), missing_left, left, right, gain, cover (weight), rows, value (or value_1 … for more than two " ..
      "classes)" },
    { "importance", "input, impurity, splits, permutation" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, trees, mtry, min_leaf, out_of_bag_rows, out_of_bag_error (share wrong, or mean squared " ..
      "error), out_of_bag_r_squared" },
  },
  examples = {
    {
      code = [[
local visitors = ms.frame {
  { "visits", { 9, 7, 8, 9, 1, 2, 3, 1 } },
  { "bought", { true, true, true, true, false, false, false, false } },
}
local model = ms.forest(visitors, { target = "bought", trees = 50 })
print(model:predict(ms.frame { { "visits", { 10, 0 } } }):select("visits", "prediction"))
]],
      output = [[
┌─────────┬────────────┐
│  visits │ prediction │
│ integer │ boolean    │
├─────────┼────────────┤
│      10 │ true       │
│       0 │ false      │
└─────────┴────────────┘
 2 rows × 2 columns
]],
    },
  },
}
