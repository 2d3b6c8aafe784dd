-- What help says about tree.
return {
  name = "tree",
  text = [[
A classification or regression tree (CART), as R's rpart grows it: the rows are split in two by the one column that separates the
target best, and so on in each half. Text and boolean targets are classes, numbers are regression; `event` makes classes of integers.
Texts are split without coding: levels go to either side. All splits are exact, and the first of equal ones wins.

**Gain.** For classes what `gini` (sum of w p (1 - p)) or `information` (sum of -w p log p) falls; for numbers the fall of the squares
around the mean, as a share of the node's. With three or more classes all divisions of a category are tried up to 10 levels in the
node; beyond, levels are put in the order of the share of the most common class, which need not find the best.

**Size.** A node whose complexity (the risk that its splits save, a split, as a share of the root's) is not above `cp` is a leaf again.
The part `cp` lists each pruning: cp, splits, error; with `folds` (drawn by `seed`) or `fold` (a column of whole numbers) also
xerror and its standard error xstd by cross-validation. model:prune(cp), model:prune "min" (the least xerror) and model:prune "1se"
(the smallest tree within one standard error of it) give smaller trees.

**Missing values.** A node keeps up to `maxsurrogate` other splits that send most rows the same way: `improvement` is the share of rows,
`adjusted` what is better than sending all with most. missing = "majority": a row without the split's value, or with a level that the
node has not seen, goes the way of the first surrogate that has one, at last with most (of equal sides: left); "surrogate": it stays in
the node if no surrogate has a value; "stay": it stays at once. A row that stays is predicted by that node.

**Costs.** `prior` are the shares of the classes in the population, `loss` the cost of errors: for each true class a number for each class
that is said, 0 where both are the same. Classes are in the order of their names, the `event` last. Weights may be any positive
numbers; `minsplit` and `minbucket` count rows.

| call | gives |
|---|---|
| model:predict(frame, { each = false }) | prediction, and for classes probability: the share of the event, or of the class that is said |
| model:rules() | the leaves as rules: rule, prediction, customers, support, confidence, lift, the most used first |
| model:explain(row or frame) | the way of one customer down the tree, in words, with the values |
| model:importance() | what each input improves, as primary split and as surrogate |
| model:prune(cp) | a smaller tree |
| model:to_lua(), model:to_sql { value = "prediction" } | a Lua function of a row; an expression of SQL, up to 15 splits deep |

Differences from rpart: rows whose inputs are all missing are kept; a row without a value is sent left, not kept in the node, where equal
weights go to either side; xerror counts an error's cost by `loss` as it was given; `folds` is 0 unless given.

Source: Breiman, Friedman, Olshen, Stone, Classification and Regression Trees (1984); Therneau and Atkinson, An Introduction to
Recursive Partitioning Using the RPART Routines.
]],
  columns = {
    { "nodes", "node (children of n are 2n and 2n + 1); parent, left, right: rows of this part, " ..
      "0 for none; rows, weight, risk; complexity; prediction (a class: its place from 0); " ..
      "input (its place from 1), cut, swapped (left is from the cut on), most_left (missing goes left), " ..
      "improvement, sides (L or R for each level)" },
    { "shares", "node, class, share of the weight" },
    { "splits", "node, kind (primary, surrogate, competitor), input, rows (with a value; that a surrogate sent), " ..
      "improvement (of a surrogate: the share of rows that it sends the same way), adjusted, cut, swapped, sides" },
    { "cp", "cp, splits, error (as a share of the root's), xerror, xstd: by cross-validation" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, cp, missing, criterion" },
  },
  examples = {
    {
      code = [[
local visitors = ms.frame {
  { "channel", { "mail", "mail", "shop", "mail", "shop", "shop" } },
  { "visits", { 9, 7, 4, 8, 2, 3 } },
  { "bought", { true, true, true, true, false, false } },
}
print(ms.tree(visitors, { target = "bought", minsplit = 2, minbucket = 1 }))
]],
      output = [[
tree of bought, learned from 6 rows
root: 6 rows, true 66.7%
  visits < 3.5: 2 rows, false 100.0% *
  visits >= 3.5: 4 rows, true 100.0% *

      cp  splits   error
 1.00000       0  1.0000
 0.01000       1  0.0000
]],
    },
    {
      code = [=[
local rows = {}
for i = 1, 300 do
  local months, plan = i * 37 % 48, i % 3 == 0 and "yearly" or "monthly"
  rows[i] = { months = months, plan = plan, calls = i % 5, left = plan == "monthly" and months < 18 or i % 11 == 0 }
end
local model = ms.tree(ms.frame(rows), { target = "left", folds = 5 })
print(model:prune "1se")
print(model:rules():select("prediction", "customers", "confidence", "lift", "rule"))
print(model:explain { plan = "monthly", months = 7 })
]=],
      output = [[
tree of left, learned from 300 rows
root: 300 rows, false 68.3%
  months >= 17.5: 188 rows, false 90.4% *
  months < 17.5: 112 rows, true 68.8%
    plan is yearly: 38 rows, false 92.1% *
    plan is monthly: 74 rows, true 100.0% *

      cp  splits   error  by folds  deviation
 0.44211       0  1.0000    1.0000     0.0848
 0.33684       1  0.5579    0.5579     0.0695
 0.01000       2  0.2211    0.2211     0.0465
┌────────────┬───────────┬────────────┬───────┬───────────────────────────────────┐
│ prediction │ customers │ confidence │  lift │ rule                              │
│ boolean    │   integer │       real │  real │ text                              │
├────────────┼───────────┼────────────┼───────┼───────────────────────────────────┤
│ false      │       188 │      0.904 │ 1.323 │ months >= 17.5                    │
│ true       │        74 │      1.000 │ 3.158 │ months < 17.5 and plan is monthly │
│ false      │        38 │      0.921 │ 1.348 │ months < 17.5 and plan is yearly  │
└────────────┴───────────┴────────────┴───────┴───────────────────────────────────┘
 3 rows × 5 columns
left is true: 100.0 % of 74 like this one
  months < 17.5 (7)
  plan is monthly (monthly)
]],
    },
  },
}
