-- How well a model does on rows whose truth is known.
--
-- Sources: AUC by ranks, ties shared, with the interval of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988) as
-- Sun and Xu compute it (IEEE Signal Processing Letters 21, 2014); Brier (Monthly Weather Review 78, 1950).
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"

local M = {}

local NORMAL_95 = 1.959963984540054

local Measures = {}
Measures.__index = Measures

local function fail(message, hint)
  errors.raise { code = "E-ARGUMENT", verb = "evaluate", message = "evaluate: " .. message, hint = hint }
end

local function quoted(name) return "`" .. name:gsub("`", "``") .. "`" end

-- The order in which they are printed, and what they are.
local shown = {
  { "rows", "rows with a known truth and a prediction" },
  { "event", "the class that the probability is of" },
  { "auc", "share of pairs with the event's row ranked first" },
  { "auc_low", "its interval of 95 %, from" }, { "auc_high", "to" },
  { "gini", "2 auc - 1" }, { "ks", "greatest distance of the two score distributions" },
  { "log_loss", "mean of -log of the probability of what happened" },
  { "brier", "mean squared error of the probability" },
  { "threshold", "probability from which on the event is predicted" },
  { "accuracy", "share of right predictions" },
  { "precision", "share of the predicted events that happened" },
  { "recall", "share of the events that were predicted" },
  { "rmse", "root of the mean squared error" }, { "mae", "mean absolute error" },
  { "r_squared", "1 - squared error against that of the mean" },
}

function Measures.__tostring(measures)
  local lines = {}
  for _, item in ipairs(shown) do
    local value = measures[item[1]]
    if value ~= nil then
      if type(value) == "number" and value % 1 ~= 0 then value = ("%.4f"):format(value) end
      lines[#lines + 1] = ("%-10s %12s   %s"):format(item[1], tostring(value), item[2])
    end
  end
  return table.concat(lines, "\n")
end

local AVERAGE_RANK = "rank() over (%sorder by p) + (count() over (partition by %sp) - 1) / 2.0"

-- y is 1 for the event; p its probability.
local function add_ranked(measures, f)
  f = f:with_columns("all = " .. AVERAGE_RANK:format("", ""), "own = " .. AVERAGE_RANK:format("partition by y ", "y, "))
  local counts = f:group_by():agg("n1 = total(y)", "n = count()"):row(1)
  local n1, n0 = counts.n1, counts.n - counts.n1
  if n1 == 0 or n0 == 0 then return end
  -- A row's share of the other class on its right side; their mean is the AUC, their variances give its error.
  local parts = f:with_columns("won = if(y == 1, (all - own) / @n0, 1 - (all - own) / @n1)", { n0 = n0, n1 = n1 })
    :group_by "y":agg("won = mean(won)", "spread = coalesce(variance(won), 0)"):sort "y"
  local auc, spread = parts:column("won")[2], parts:column "spread"
  local deviation = math.sqrt(spread[2] / n1 + spread[1] / n0)
  measures.auc, measures.gini = auc, 2 * auc - 1
  measures.auc_low = math.max(0, auc - NORMAL_95 * deviation)
  measures.auc_high = math.min(1, auc + NORMAL_95 * deviation)
  measures.ks = f:group_by "p":agg("events = total(y)", "others = count() - total(y)"):sort "p"
    :with_columns("apart = abs(cumsum(events) over (order by p) / @n1 - cumsum(others) over (order by p) / @n0)",
      { n1 = n1, n0 = n0 })
    :group_by():agg "ks = max(apart)":row(1).ks
end

local function of_event(f, target, event, threshold)
  local measures = { event = event, threshold = threshold }
  f = f:with_columns(("y = if(cast(%s as text) == @event, 1, 0)"):format(quoted(target)), "p = probability",
      { event = event })
    :with_columns("hit = if(p >= @threshold, 1, 0)", { threshold = threshold })
  local s = f:group_by():agg("n = count()", "brier = mean((p - y) ^ 2)", "right = mean(if(hit == y, 1, 0))",
    "loss = mean(-ln(clamp(if(y == 1, p, 1 - p), 1e-15, 1)))", "hits = total(hit)", "events = total(y)",
    "both = total(hit * y)"):row(1)
  measures.rows, measures.brier, measures.log_loss, measures.accuracy = s.n, s.brier, s.loss, s.right
  if s.hits > 0 then measures.precision = s.both / s.hits end
  if s.events > 0 then measures.recall = s.both / s.events end
  add_ranked(measures, f)
  return measures
end

local function of_classes(f, target, levels)
  local measures, loss = {}, {}
  for i, level in ipairs(levels) do
    loss[i] = ("when cast(%s as text) == @level%d then %s"):format(quoted(target), i, quoted("probability_" .. level))
  end
  local given = {}
  for i, level in ipairs(levels) do given["level" .. i] = level end
  local s = f:with_columns("p = case " .. table.concat(loss, " ") .. " end", given)
    :with_columns(("right = if(prediction == %s, 1, 0)"):format(quoted(target)))
    :group_by():agg("n = count()", "right = mean(right)", "loss = mean(-ln(clamp(p, 1e-15, 1)))"):row(1)
  measures.rows, measures.accuracy, measures.log_loss = s.n, s.right, s.loss
  return measures
end

local function of_numbers(f, target)
  local y = "cast(" .. quoted(target) .. " as real)"
  local s = f:with_columns("y = " .. y, "e = prediction - y"):group_by()
    :agg("n = count()", "mse = mean(e ^ 2)", "mae = mean(abs(e))", "v = variance(y)"):row(1)
  local measures = { rows = s.n, rmse = math.sqrt(s.mse), mae = s.mae }
  if s.n > 1 and s.v > 0 then measures.r_squared = 1 - s.mse * s.n / (s.v * (s.n - 1)) end
  return measures
end

--- The measures that fit the model, a table that prints itself. options: target (the model's own), threshold (0.5).
function M.evaluate(model, frame, options)
  options = options or {}
  for name in pairs(options) do
    if name ~= "target" and name ~= "threshold" then
      fail(("unknown option '%s'"):format(tostring(name)), "there are target and threshold")
    end
  end
  local said = model:inputs_of("target")[1]
  if not said then fail(("a model of %s predicts nothing that has a truth"):format(model.kind)) end
  frame = frames.of(frame) or fail(("got a %s; wanted a frame"):format(type(frame)))
  local target, levels = options.target or said.name, said.levels
  local f = model:predict(frame, #levels > 2 and { each = true } or nil)
    :filter("prediction is not null and " .. quoted(target) .. " is not null")
  if f:nrow() == 0 then fail "no row has both a truth and a prediction" end
  local measures
  if #levels == 0 then
    measures = of_numbers(f, target)
  elseif #levels == 2 then
    measures = of_event(f, target, levels[2], options.threshold or 0.5)
  else
    measures = of_classes(f, target, levels)
  end
  return setmetatable(measures, Measures)
end

return M
