-- What help says about tree.
return {
  name = "tree",
  text = [[
A classification or regression tree (CART): the rows are split in two by the one column that separates the target best, and so on in
each half. Text and boolean targets are classes, numbers are regression. Texts are split without coding: levels go to either
side. All splits are exact, and the first of equal ones wins, as in R's rpart with its defaults cp, minsplit, minbucket, maxdepth.

A split gains: for classes `gini` or `information`; for numbers the squares around the mean. A node whose complexity (the risk that its
splits save, a split, as a share of the root's risk) is not above cp is a leaf again. With three or more classes all divisions of a
category are tried up to 10 levels in the node; beyond, levels are put in the order of the share of the most common class, which need
not find the best. A missing value, or a level that the node has not seen, goes to the side of more weight.

model:predict(frame, { each = false }) adds prediction, and for classes probability: the share of the class in the leaf.

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
]],
    },
  },
}
