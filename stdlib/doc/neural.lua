-- What help says about neural.
return {
  name = "neural",
  text = [[
A neural net with one hidden layer of `size` logistic units, for what bends and interacts: a number (linear output), one of two
classes (a probability), or one of several (softmax). A text or boolean target, or one with an `event`, makes classes. Categories are
inputs of 0 and 1 for each level but the first. Rows with a missing value are left out.

Made small is the squared error, or the negative log likelihood of classes, plus decay × the sum of squared weights. decay keeps the net
from learning each row by heart: from 0.001 to 1, more for fewer rows. Numbers are brought to mean 0 and deviation 1 (standardise), so
that one decay suits all inputs. The net is trained from several random `starts` by `seed`, and the best is kept; or from the weights in
`start`. With `validation` a share of the rows is held out: training stops when their loss has not got better for `patience` steps, and
the weights that were best for them are kept.

model:predict(frame, { each = false }) adds prediction, and probability for classes; null where an input is missing or a level was
never seen.

Method: BFGS with Armijo's rule (Nash 1990, algorithm 21). Source: Ripley, Pattern Recognition and Neural Networks (1996), chapter 5.
From the same start weights the value and the fitted outputs are those of R's nnet. At most 4000 weights.
]],
  columns = {
    { "weights", "layer (1: into hidden units, 2: into outputs), unit, from, weight" },
    { "scales", "column, centre, scale: what goes into the net is (x - centre) * scale; the target last" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "rows, size, weights, decay, value (what was made small), start (the best), iterations, converged" },
  },
  examples = {
    {
      code = [[
local visits, spent = {}, {}
for i = 1, 40 do
  visits[i] = i / 4
  spent[i] = 60 / (1 + math.exp(5 - visits[i]))
end
local model = ms.neural(ms.frame { { "visits", visits }, { "spent", spent } }, { target = "spent", size = 3, decay = 0.001 })
print(model)
print(model:predict(ms.frame { { "visits", { 2, 5, 8 } } }))
]],
      output = [[
neural net of spent, learned from 40 rows
1 inputs, 3 hidden units, a number: 10 weights
largest weights: visits
value 0.0159873 with decay 0.001, after 106 steps of start 3
┌─────────┬────────────┐
│  visits │ prediction │
│ integer │       real │
├─────────┼────────────┤
│       2 │      2.857 │
│       5 │     30.001 │
│       8 │     57.139 │
└─────────┴────────────┘
 3 rows × 2 columns
]],
    },
  },
}
