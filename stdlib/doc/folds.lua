-- What help says about folds.
return {
  name = "folds",
  text = [[
A number from 1 to `folds` for each row. Rows are shuffled and dealt in turn, so that sizes differ by at most one.

stratify   each value of the column is dealt by itself, the next going on where the last stopped: every fold has its part of each.
group      rows with the same value stay in one fold, such as those of a customer; larger groups are dealt first, each to the fold with the
           fewest rows.
time       folds follow each other in the order of the column; equal times stay together, nothing is drawn.

Only one of the three may be given. The same seed gives the same folds.
]],
  columns = {
    { "all columns", "of the frame" },
    { "fold", "the number; the option `name` names it otherwise" },
  },
  examples = {
    {
      code = [[
local visits = ms.frame{ { "customer", { 1, 1, 2, 3, 3, 3 } } }
print(visits:folds{ folds = 2, group = "customer" })
]],
      output = [[
┌──────────┬─────────┐
│ customer │    fold │
│  integer │ integer │
├──────────┼─────────┤
│        1 │       2 │
│        1 │       2 │
│        2 │       2 │
│        3 │       1 │
│        3 │       1 │
│        3 │       1 │
└──────────┴─────────┘
 6 rows × 2 columns
]],
    },
  },
}
