-- How good a model is on rows whose outcome is known: the measures that fit what it predicts.
local errors = require "moonsift.errors"
local build = require "moonsift.ffi.build"
local null = require "moonsift.null"

local M = {}

local function fail(verb, message, hint)
  errors.raise { code = "E-ARGUMENT", verb = verb, message = verb .. ": " .. message, hint = hint }
end

local known = { target = true, threshold = true, weights = true, level = true }

local function options_of(verb, options)
  for name in pairs(options or {}) do
    if not known[name] then
      fail(verb, ("unknown option '%s'"):format(tostring(name)),
        "the options are level, target, threshold, weights")
    end
  end
  return options or {}
end

-- Two classes: the figures of the score, and those of the threshold.
local function of_two(predicted, target, event, given)
  local list, asked = {}, { target = target, event = event, weights = given.weights }
  local threshold = { given.threshold or 0.5 }
  for _, from in ipairs {
    predicted:metrics { target = target, event = event, weights = given.weights, level = given.level },
    predicted:confusion { target = asked.target, event = event, weights = given.weights, thresholds = threshold },
  } do
    local row = from:row(1)
    for _, name in ipairs(from:names()) do list[#list + 1] = { name, row[name] } end
  end
  return list
end

local function quoted(name) return "`" .. name:gsub("`", "``") .. "`" end

-- Mean of -log of the probability of the class that it was; predict gave a column a class.
local function loss_of(predicted, target, levels, given)
  local cases, names = {}, {}
  for i, level in ipairs(levels) do
    names["level" .. i] = level
    cases[i] = ("when cast(%s as text) == @level%d then %s"):format(quoted(target), i, quoted("probability_" .. level))
  end
  local weight = given.weights and quoted(given.weights) or "1"
  local sums = predicted:filter(quoted(target) .. " is not null")
    :with_columns("loss = -ln(clamp(case " .. table.concat(cases, " ") .. " end, 2.220446049250313e-16, 1))", names)
    :filter "loss is not null":group_by()
    :agg("loss = total(loss * " .. weight .. ")", "n = total(1.0 * " .. weight .. ")"):row(1)
  return sums.n > 0 and sums.loss / sums.n or nil
end

-- More classes: the share that is right, and what each class gets.
local function of_classes(predicted, target, levels, given)
  local counts = predicted:filter(quoted(target) .. " is not null and prediction is not null")
    :group_by(target, "prediction"):agg(given.weights and "n = sum(" .. quoted(given.weights) .. ")" or "n = count()")
  local actual, claimed, n = counts:column(target), counts:column "prediction", counts:column("n", 0)
  local total, right, classes, of = 0, 0, {}, {}
  local function class(name)
    if not of[name] then
      of[name] = { actual = 0, claimed = 0, right = 0 }
      classes[#classes + 1] = of[name]
    end
    return of[name]
  end
  for i = 1, #n do
    total = total + n[i]
    class(actual[i]).actual = class(actual[i]).actual + n[i]
    class(claimed[i]).claimed = class(claimed[i]).claimed + n[i]
    if actual[i] == claimed[i] then
      right = right + n[i]
      class(actual[i]).right = n[i]
    end
  end
  local f1, recall, present = 0, 0, 0
  for _, c in ipairs(classes) do
    f1 = f1 + 2 * c.right / (c.actual + c.claimed)
    if c.actual > 0 then recall, present = recall + c.right / c.actual, present + 1 end
  end
  return {
    { "rows", total }, { "classes", #classes }, { "accuracy", total > 0 and right / total or nil },
    { "balanced_accuracy", present > 0 and recall / present or nil },
    { "log_loss", loss_of(predicted, target, levels, given) },
    { "macro_f1", #classes > 0 and f1 / #classes or nil },
  }
end

local function of_numbers(predicted, target, given)
  local from, list = predicted:number_metrics { target = target, weights = given.weights }, {}
  local row = from:row(1)
  for _, name in ipairs(from:names()) do list[#list + 1] = { name, row[name] } end
  return list
end

--- The measures of predictions as a list of { name, value }; the value is nil where it has no meaning.
function M.measures(model, predicted, given)
  local learned = model:inputs_of("target")[1]
  if not learned then
    fail("evaluate", ("a model of kind %s predicts nothing that could be compared"):format(model.kind))
  end
  local target, levels = given.target or learned.name, learned.levels
  if #levels == 2 then return of_two(predicted, target, levels[2], given) end
  if #levels > 0 then return of_classes(predicted, target, levels, given) end
  return of_numbers(predicted, target, given)
end

--- The measures of a model on a frame as a list of { name, value }; and the frame with predictions.
function M.judge(model, frame, given)
  local learned = model:inputs_of("target")[1]
  local predicted = model:predict(frame, learned and #learned.levels > 2 and { each = true } or nil)
  return M.measures(model, predicted, given), predicted
end

-- ---- what is given to the user: the values by their names, and a text --------------------------------------------

local meanings = {
  rows = "rows with a known truth and a prediction", events = "rows with the event, and", rate = "their share",
  auc = "share of pairs with the event's row ranked first", auc_error = "its standard error",
  auc_low = "its interval of 95 %, from", auc_high = "to", gini = "2 auc - 1",
  ks = "greatest distance of the two score distributions", ks_score = "where it is",
  average_precision = "area under precision and recall", log_loss = "mean of -log of the probability of what happened",
  brier = "mean squared error of the probability", calibration_error = "mean distance of probability and rate, 10 bins",
  threshold = "probability from which on the event is predicted", true_positive = "predicted, and happened",
  false_positive = "predicted, and did not happen", true_negative = "not predicted, did not happen",
  false_negative = "not predicted, but happened", precision = "share of the predicted events that happened",
  recall = "share of the events that were predicted", specificity = "share of the others that were not",
  f1 = "harmonic mean of precision and recall", accuracy = "share of right predictions",
  balanced_accuracy = "mean of the shares found of each class", mcc = "Matthews' correlation",
  classes = "classes seen or predicted", macro_f1 = "mean F1 of the classes", rmse = "root of the mean squared error",
  mae = "mean absolute error", r_squared = "1 - squared error against that of the mean",
  bias = "mean of prediction - truth",
}

local Evaluation = { __metatable = false }
local texts = setmetatable({}, { __mode = "k" })

local function shown(x)
  if x % 1 == 0 and math.abs(x) < 1e15 then return ("%d"):format(x) end
  return math.abs(x) < 1e5 and ("%.4f"):format(x) or ("%.6g"):format(x)
end

local function text_of(list)
  local lines = {}
  for _, item in ipairs(list) do
    if item[2] ~= nil then
      lines[#lines + 1] = ("%-17s %10s   %s"):format(item[1], shown(item[2]), meanings[item[1]] or "")
    end
  end
  return table.concat(lines, "\n")
end

function Evaluation.__tostring(self) return texts[self] end

--- The measures of a model on a frame that has the true values: each by its name (`result.auc`), all of them
-- as the frame `result.measures`; printed, a table.
function M.evaluate(model, frame, options)
  local given = options_of("evaluate", options)
  local list, names, values, self = M.judge(model, frame, given), {}, {}, {}
  if list[1][2] == 0 then fail("evaluate", "no row has both a truth and a prediction") end
  for i, item in ipairs(list) do
    names[i] = item[1]
    values[i] = item[2] == nil and null or item[2]
    self[item[1]] = item[2]
  end
  self.measures = build.frame { { "measure", names }, { "value", values } }
  texts[self] = text_of(list)
  return setmetatable(self, Evaluation)
end

return M
