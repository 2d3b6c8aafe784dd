-- Scores: numbers that a strategy gives each customer. A score is { name, expression or function of a row }, or comes
-- of a model: { name, model } (a value: of ms.load, or learned in the file), { name, model = "churn" } (saved in the
-- customer database), or { name, learn = "logistic", kpi = "back_60", columns = { … } }, which is learned anew on each
-- day (scores/learned.lua).
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local learned = require "moonsift.strategy.scores.learned"
local models = require "moonsift.model"
local store = require "moonsift.model.store"

local M = {}

local fail = definition.fail
local quoted = condition.quoted

local SAMPLE = [[scores = { { "worth", "spent * 0.3" } }]]
local parts = { model = "string", learn = "string", kpi = "string", columns = "table", options = "table" }

-- A score of a model as an entry that says which: model (its name, or the model), or learn and what belongs to it.
local function check_model(strategy, score)
  local made = { score[1], model = score.model or score[2], learn = score.learn }
  definition.check_parts(strategy.name, "score", score, parts)
  if score.learn and (score.model or score[2]) or score.model and score[2] then
    fail(strategy.name, ("score '%s' says two ways to come by it"):format(score[1]), SAMPLE)
  end
  if score.learn then learned.check(strategy, score, made) end
  return made
end

local function is_of_model(score)
  return type(score) == "table" and type(score[1]) == "string" and (score.model or score.learn or models.is(score[2]))
end

--- The scores of a strategy checked: a list of entries. strategy: as far as it is checked, with its kpis.
function M.check(strategy, scores)
  local plain, made = {}, {}
  for i, score in ipairs(scores) do plain[i] = is_of_model(score) and { score[1], "null" } or score end
  for key, score in pairs(scores) do plain[key] = plain[key] or score end
  definition.check_list(strategy.name, plain, "score", false)
  definition.check_columns(strategy.name, plain, "score")
  for i, score in ipairs(scores) do made[i] = is_of_model(score) and check_model(strategy, score) or score end
  return made
end

local numeric = { integer = true, real = true }

-- Raises unless the column of a score has numbers; who has none has null.
local function check_values(strategy, frame, name, kind)
  local known = frame:filter(quoted(name) .. " is not null")
  if not numeric[kind] and known:nrow() > 0 then
    fail(strategy.name, ("score '%s' gives %s, as for customer %s; a number is wanted"):format(name, kind,
      tostring(known:row(1).customer)), "a segment, { \"name\", \"rule\" }, puts a name to numbers", "E-TYPE")
  end
  local bad = kind == "real" and known:filter(("is_nan(%s)"):format(quoted(name)))
  if bad and bad:nrow() > 0 then
    fail(strategy.name, ("score '%s' is NaN, which is no number, for customer %s"):format(name,
      tostring(bad:row(1).customer)), "0 / 0 is NaN in Lua: look at the divisor first", "E-DATA")
  end
end

-- The model of a score: itself, or the one that is saved in the database.
local function model_of(strategy, score, settings)
  if models.is(score.model) then return score.model end
  settings.models = settings.models or {}
  if not settings.models[score.model] then
    if not settings.model_database then
      fail(strategy.name, ("score '%s' is of the model '%s', and there is no database to read it from"):format(
        score[1], score.model), "--db shop.db, where model:save(database, name) wrote it")
    end
    settings.models[score.model] = store.load(settings.model_database, score.model)
  end
  return settings.models[score.model]
end

-- The frame with what a model says of each customer: the probability of the event, else the prediction.
local function predicted(frame, name, model)
  local scored, columns, source = model:predict(frame), {}, "prediction"
  for i, column in ipairs(scored:names()) do
    if i <= frame:ncol() then columns[i] = quoted(column) end
    if i > frame:ncol() and column == "probability" then source = column end
  end
  columns[#columns + 1] = ("%s = %s"):format(quoted(name), source)
  return scored:select(unpack(columns))
end

local function computed(strategy, frame, score, context)
  local name, how = quoted(score[1]), score[2]
  if type(how) == "function" then return frame:map(score[1], how) end
  if how then return frame:with_columns(name .. " = " .. how, context.given) end
  local model = score.model and model_of(strategy, score, context.settings) or learned.model(strategy, score, context)
  if not model then return frame:with_columns(name .. " = cast(null as real)") end
  return predicted(frame, score[1], model)
end

--- The frame with one score more. context: settings, given (of expressions), inputs, and features, a function of
-- inputs, settings and a number: the customers as they were on another day, with so many scores.
function M.add(strategy, frame, score, context)
  local name = score[1]
  for _, column in ipairs(frame:names()) do
    if column == name then
      fail(strategy.name, ("score '%s' has the name of a column that is there before it"):format(name),
        "give it another name")
    end
  end
  frame = definition.within(strategy, ("score '%s'"):format(name), function()
    return computed(strategy, frame, score, context)
  end, frame)
  for _, column in ipairs(frame:schema()) do
    if column.name == name then
      check_values(strategy, frame, name, column.type)
      -- A function that gives nothing for anybody gives no type either.
      if not numeric[column.type] then frame = frame:with_columns(("%s = cast(null as real)"):format(quoted(name))) end
    end
  end
  return frame
end

return M
