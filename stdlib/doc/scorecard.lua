-- What help says about scorecard.
return {
  name = "scorecard",
  text = [[
A scorecard: each input is cut into a few bins, each bin is worth some points, and a customer's score is their sum. It can be read by
anybody, worked out by hand, and defended: why somebody scored low is a list of bins.

Bins. A number is cut into `pieces` of about as many rows (of the values themselves where there are few); a category's levels stand in the
order of their share of events. Neighbours are joined to at most `bins` bins, each with at least the share `least` of all rows, an event and
another row, so that the share of events only rises or only falls (trend = "auto"; "up" and "down" say which, "none" lets it do as it likes;
`increasing` and `decreasing` name numbers whose way is known). Bounds are the shortest numbers between two bins' values, and belong to the bin below.
Of all such ways the one with the largest information value is taken: exactly, by dynamic programming. Missing values have a bin of their own;
so have levels that were not seen before, which count as missing.

Weight of evidence of a bin is log(share of the other rows that lie in it / share of the events that do); a bin in which one of the two is
missing has half a row added to both. The information value of an input is the sum over its bins of (share of others - share of events) × weight
of evidence. Inputs below `min_iv` are left out: predict does not need them.

Points. A logistic regression over the weights of evidence gives the log odds, and these are scaled: `points` where the odds for what a high
score stands for are `odds` to one, and `double` points more where they are twice as high. high = "other": a high score stands for the class that
is not the event (as for credit, where the event is a default); high = "event" turns it round, as a response score wants it. Every
input carries an equal part of the constant. round = false keeps the fractions; probability always comes from the log odds as they are.

An input may count against its own bins where another input says the same thing: a warning names it.

model:card() is the card as a frame; model:information() the value of each input, with Siddiqi's words for it. model:predict(frame, { reasons =
3, against = "best", each = false }) adds prediction, probability (of the event), score, and reason_1, …: the bins that cost the row most points
against the best bin of the input (against = "mean": the mean of its rows). model:to_lua() and model:to_sql { value = "score" } write the card as
a program; value = "probability" gives that.

Sources: Siddiqi, Credit Risk Scorecards (2006), chapters 6 and 10. Checked against all ways to join bins on small data, R's glm over the
weights of evidence, and figures worked out by hand.
]],
  columns = {
    { "bins", "input, label, bin (0: missing), low < x <= high, rows, events, event_share, woe, iv, " ..
      "points (null: the input is left out)" },
    { "levels", "input, level, bin: of categories" },
    { "terms", "input, iv, coefficient (null: left out), error, statistic, p_value; the first row is the constant" },
    { "inputs", "role, name, type, level: the columns that the card uses" },
    { "facts", "rows, points, odds, double, high, rounded, min_iv, deviance, null_deviance, converged" },
  },
  examples = {
    {
      code = [[
local visits, channel, left = {}, {}, {}
for i = 1, 400 do
  visits[i], channel[i] = i % 20, i % 3 == 0 and "shop" or "mail"
  left[i] = (i * 7) % 40 > 2 * visits[i] - (channel[i] == "mail" and 6 or 0)
end
local customers = ms.frame { { "visits", visits }, { "channel", channel }, { "left", left } }
local model = ms.scorecard(customers, { target = "left", bins = 3 })
print(model)
print(model:predict(customers:head(3), { reasons = 1 }):select("visits", "channel", "score", "reason_1"))
]],
      output = [[
scorecard of left = true, learned from 400 rows
600 points at odds of 50 to 1 for false; 20 points double the odds

                                       rows    share   events     woe   points
visits: information value 1.245, suspiciously strong
  up to 5                               120   30.0 %   91.7 %   -1.92      176
  5 to 11                               120   30.0 %   67.5 %   -0.25      229
  above 11                              160   40.0 %   35.0 %    1.10      271
channel: information value 0.268, medium
  shop                                  133   33.3 %   44.4 %    0.71      264
  mail                                  267   66.8 %   70.4 %   -0.39      221
┌─────────┬─────────┬─────────┬─────────────────┐
│  visits │ channel │   score │ reason_1        │
│ integer │ text    │ integer │ text            │
├─────────┼─────────┼─────────┼─────────────────┤
│       1 │ mail    │     397 │ visits: up to 5 │
│       2 │ mail    │     397 │ visits: up to 5 │
│       3 │ shop    │     440 │ visits: up to 5 │
└─────────┴─────────┴─────────┴─────────────────┘
 3 rows × 4 columns
]],
    },
  },
}
