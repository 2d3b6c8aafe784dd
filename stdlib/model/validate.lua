-- Cross-validation: a model is made on some folds and judged on the one that it has not seen.
local build = require "moonsift.ffi.build"
local errors = require "moonsift.errors"
local evaluate = require "moonsift.model.evaluate"
local fits = require "moonsift.model.fit"
local frames = require "moonsift.ffi.frame"
local models = require "moonsift.model"
local null = require "moonsift.null"
local verbs = require "moonsift.frame"

local M = {}

local FOLD, ROW = "cross_validation_fold", "cross_validation_row"

local function fail(message, hint)
  errors.raise {
    code = "E-ARGUMENT", verb = "cross_validate", message = "cross_validate: " .. message, hint = hint,
  }
end

local known = {
  target = 1, folds = 1, stratify = 1, group = 1, time = 1, seed = 1, fit = 1, options = 1, threshold = 1, weights = 1,
}

-- The function that makes a model of training rows.
local function fitter(given)
  local all = { target = given.target }
  for name, value in pairs(given.options or {}) do all[name] = value end
  return fits.of(given.fit, all, fail, "function(train) return ms.logistic(train, { target = \"…\" }) end")
end

-- The column to stratify by, or nil.
local function stratum(frame, given)
  if given.group or given.time or given.stratify == false then return nil end
  if type(given.stratify) == "string" then return given.stratify end
  if not given.target then return nil end
  if given.stratify then return given.target end
  for i, name in ipairs(frame:names()) do
    if name == given.target then
      local kind = frames.type(frame, i - 1)
      return (kind == "text" or kind == "boolean") and name or nil
    end
  end
end

local Result = {}
Result.__index = Result
Result.__metatable = false

function Result.__tostring(self)
  local lines = { ("%d folds, %s"):format(self.folds:nrow(), self.how),
    ("%-20s%12s%12s"):format("measure", "mean", "error") }
  for row in self.summary:rows() do
    local function shown(x) return x and ("%.4f"):format(x) or "-" end
    lines[#lines + 1] = ("%-20s%12s%12s"):format(row.measure, shown(row.mean), shown(row.error))
  end
  return table.concat(lines, "\n")
end

-- Measures of the folds as two frames: a row a fold, and a row a measure.
local function tables(lists, numbers)
  local columns, names, means, deviations = { { "fold", numbers } }, {}, {}, {}
  for m, item in ipairs(lists[1]) do
    local values, sum, count = {}, 0, 0
    for f, list in ipairs(lists) do
      local value = list[m][2]
      values[f] = value == nil and null or value
      if value ~= nil then sum, count = sum + value, count + 1 end
    end
    local mean, squares = sum / count, 0
    for _, value in ipairs(values) do
      if value ~= null then squares = squares + (value - mean) ^ 2 end
    end
    columns[m + 1] = { item[1], values }
    names[m], means[m] = item[1], count > 0 and mean or null
    deviations[m] = count > 1 and math.sqrt(squares / (count - 1) / count) or null
  end
  return build.frame(columns), build.frame { { "measure", names }, { "mean", means }, { "error", deviations } }
end

--- How good a way to make models is: each fold is judged by a model made on the others. `fit` is a function that makes
-- a model of the training rows, or the name of a learner, whose further options are `options`. `folds`: 10. Folds are
-- stratified by the target where it is text or boolean (`stratify`: true, false or a column); `group`: a column whose
-- equal values stay in one fold; `time`: a column in whose order the folds follow each other, each judged by a model
-- of all rows before it (the first stretch of folds + 1 is only learned from). The result has `folds` (a row a fold),
-- `summary` (mean of each measure and its standard error over the folds; also `mean.auc`, `error.auc`) and
-- `predictions` (the rows with their fold and what a model that had not seen them says); it prints as the summary.
-- print(ms.cross_validate(customers, { target = "churn", fit = "logistic", folds = 5 }))
function M.cross_validate(frame, given)
  frames.check(frame, "cross_validate")
  if type(given) ~= "table" then fail "a table of options is missing" end
  for name in pairs(given) do
    if not known[name] then fail(("unknown option '%s'"):format(tostring(name))) end
  end
  local fit, by, folds = fitter(given), stratum(frame, given), given.folds or 10
  local marked = frame:row_index(ROW):folds {
    folds = given.time and folds + 1 or folds, stratify = by,
    group = given.group, time = given.time, seed = given.seed, name = FOLD,
  }
  if given.time then marked = marked:with_columns(FOLD .. " = " .. FOLD .. " - 1") end
  local lists, numbers, parts = {}, {}, {}
  for k = 1, folds do
    local train = marked:filter(FOLD .. (given.time and " < @k" or " != @k"), { k = k }):drop(FOLD, ROW)
    local test = marked:filter(FOLD .. " == @k", { k = k })
    if test:nrow() > 0 then
      local model = fit(train)
      if not models.is(model) then fail(("fit gives no model but %s"):format(type(model))) end
      local list, predicted = evaluate.judge(model, test, given)
      lists[#lists + 1] = list
      numbers[#numbers + 1], parts[#parts + 1] = k, predicted
    end
  end
  if #lists == 0 then fail "the frame has too few rows: no fold can be judged" end
  local self = { how = by and "stratified by " .. by or given.group and "grouped by " .. given.group
    or given.time and "in the order of " .. given.time or "drawn" }
  self.folds, self.summary = tables(lists, numbers)
  self.mean, self.error = {}, {}
  for row in self.summary:rows() do self.mean[row.measure], self.error[row.measure] = row.mean, row.error end
  local all = #parts > 1 and verbs.concat(parts[1], unpack(parts, 2)) or parts[1]
  self.predictions = all:sort(ROW):drop(ROW):rename { [FOLD] = "fold" }
  return setmetatable(self, Result)
end

return M
