-- Permutation importance: how much worse a model predicts when a column's values change places.
local build = require "moonsift.ffi.build"
local errors = require "moonsift.errors"
local evaluate = require "moonsift.model.evaluate"
local frames = require "moonsift.ffi.frame"
local models = require "moonsift.model"

local M = {}

local function fail(message, hint)
  errors.raise {
    code = "E-ARGUMENT", verb = "permutation_importance", message = "permutation_importance: " .. message, hint = hint,
  }
end

local known = { target = 1, weights = 1, threshold = 1, measure = 1, repeats = 1, seed = 1, columns = 1 }
-- Of these less is better.
local losses = { rmse = true, mae = true, log_loss = true, brier = true, calibration_error = true }

local function names_of(model)
  local names = {}
  for i, input in ipairs(model:inputs_of "input") do names[i] = input.name end
  return names
end

-- The value of a measure; without a name that of the usual one, which is told as well.
local function measured(model, frame, given, wanted)
  local list = evaluate.judge(model, frame, given)
  local usual = { auc = true, accuracy = true, rmse = true }
  local has = {}
  for _, item in ipairs(list) do
    has[#has + 1] = item[1]
    if wanted == item[1] or not wanted and usual[item[1]] then return item[2], item[1] end
  end
  fail(("there is no measure '%s'"):format(tostring(wanted)), "there are " .. table.concat(has, ", "))
end

--- How much a model relies on each column (Breiman 2001): the loss in a measure when the column's values are shuffled,
-- mean of `repeats` (5) and its standard error. `measure`: auc for two classes, accuracy for more, rmse for numbers,
-- or any other that model:evaluate gives. Rows that the model was not made of give the honest answer.
-- print(ms.permutation_importance(model, test, { repeats = 10 }))
function M.permutation_importance(model, frame, options)
  local given = options or {}
  if not models.is(model) then fail "the first argument is no model" end
  frames.check(frame, "permutation_importance")
  for name in pairs(given) do
    if not known[name] then fail(("there is no option '%s'"):format(tostring(name))) end
  end
  local repeats, seed = given.repeats or 5, given.seed or 1
  if type(repeats) ~= "number" or repeats < 1 or repeats % 1 ~= 0 then fail "repeats is no whole number from 1 on" end
  local base, measure = measured(model, frame, given, given.measure)
  if not base then fail(("the measure %s has no value on these rows"):format(measure)) end
  local sign, list = losses[measure] and -1 or 1, {}
  for c, name in ipairs(given.columns or names_of(model)) do
    local sum, squares = 0, 0
    for r = 1, repeats do
      local shuffled = frame:shuffle { columns = { name }, seed = seed * 1000003 + (r - 1) }
      local loss = sign * (base - measured(model, shuffled, given, measure))
      sum, squares = sum + loss, squares + loss * loss
    end
    local mean = sum / repeats
    local variance = repeats > 1 and math.max(0, (squares - repeats * mean * mean) / (repeats - 1)) or 0
    list[c] = { name = name, mean = mean, error = math.sqrt(variance / repeats), at = c }
  end
  table.sort(list, function(a, b)
    if a.mean ~= b.mean then return a.mean > b.mean end
    return a.at < b.at
  end)
  local names, means, deviations, kinds = {}, {}, {}, {}
  for i, item in ipairs(list) do
    names[i], means[i], deviations[i], kinds[i] = item.name, item.mean, item.error, measure
  end
  return build.frame { { "column", names }, { "measure", kinds }, { "importance", means }, { "error", deviations } }
end

return M
