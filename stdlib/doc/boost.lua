-- What help says about boost.
return {
  name = "boost",
  text = [[
Gradient boosting: many small trees, each of which corrects what those before it say. Usually the most exact of all models on tables; its
reasons can be read customer by customer.

objective (auto): logistic for two classes, softmax for more, squared for numbers; poisson for counts and cox for times until an
event are asked for by name. With cox the target is the time, and `event` names the column that says whether the event was seen; the
prediction is a relative hazard.

Numbers are cut at up to 255 quantiles (exact = true: between any two values, as XGBoost's method `exact`). Texts, booleans with
`categories` and the integer columns named there are split by sets of levels, ordered by gradient. What is missing goes to the side
where it does better. increasing and decreasing name numbers with which the prediction may only rise or fall.

Begin with learning_rate 0.1, max_depth 3 to 6 and early_stopping = 20: rounds then end when the rows held out (holdout, or those where
the column fold is true) have not done better for 20 rounds.

model:predict(frame, { each = false, margin = false }) adds prediction, and for classes probability. margin = true gives what the trees
add up to instead. model:importance() says how much each input was used; model:contributions(frame) what each input adds to each
prediction (exact Shapley values, dependent on the path), and model:reasons(frame, { top = 3 }) the largest of them in words.

model:to_lua() writes the model down as a Lua function of a row; model:to_sql { value = "probability", class = …} as an expression of SQL, for
trees up to 12 deep and a text up to 1,000,000 bytes. It needs exp(), which SQLite has where it was built with its mathematical
functions (Debian's is); value = "margin" does without.

Gain of a split: GL²/(HL + lambda) + GR²/(HR + lambda) - G²/(H + lambda), G and H the sums of first and second derivatives; a leaf's value is
-G/(H + lambda) * learning_rate. The gradients of more than 65,536 rows are rounded to 15 bits, up or down at random, with the right mean.

Sources: Friedman, Annals of Statistics 29 (2001); Chen, Guestrin, KDD (2016); Ke et al., NIPS (2017); Lundberg, Erion,
Lee, arXiv 1802.03888 (2018).
]],
  columns = {
    { "trees", "a row a node: tree, node, input, threshold (value <= threshold goes left), levels (numbers of " ..
      "those that go left), missing_left, left, right (nodes), gain, cover (sum of second derivatives), rows, value" },
    { "rounds", "round, learned and held_out: the measure on the rows that are learned from and on those held out" },
    { "inputs", "role, name, type, level: the columns that it was made of" },
    { "facts", "objective, measure, rows, held_out, rounds, trees, learning_rate, outputs, base" },
  },
  examples = {
    {
      code = [[
local visits = ms.frame {
  { "channel", { "mail", "mail", "shop", "mail", "shop", "shop", "mail", "shop" } },
  { "visits", { 9, 7, 4, 8, 2, 3, 1, 9 } },
  { "spent", { 90, 72, 20, 81, 11, 14, 12, 41 } },
}
local model = ms.boost(visits, { target = "spent", trees = 50, max_depth = 2, lambda = 0 })
print(model:predict(ms.frame { { "channel", { "mail", "shop" } }, { "visits", { 8, 3 } } }))
]],
      output = [[
┌─────────┬─────────┬────────────┐
│ channel │  visits │ prediction │
│ text    │ integer │       real │
├─────────┼─────────┼────────────┤
│ mail    │       8 │     80.952 │
│ shop    │       3 │     14.160 │
└─────────┴─────────┴────────────┘
 2 rows × 3 columns
]],
    },
  },
}
