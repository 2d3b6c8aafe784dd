-- A score that is learned on each day from what happened up to it: the customers as they were before the days of a kpi,
-- and whether they reached it within those days, say what those of today will do. Nothing of the future is in it, also
-- in a backtest.
local binder = require "moonsift.ffi.binder"
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local inputs_of = require "moonsift.strategy.inputs"
local moment = require "moonsift.ffi.moment"

local M = {}

local fail = definition.fail
local quoted = condition.quoted

-- Learners, and what they learn of: classes (an event's probability), numbers.
local learners = {
  logistic = { classes = true }, bayes = { classes = true }, scorecard = { classes = true },
  linear = { numbers = true }, tree = { classes = true, numbers = true }, forest = { classes = true, numbers = true },
  boost = { classes = true, numbers = true }, elastic_net = { classes = true, numbers = true },
  neural = { classes = true, numbers = true },
}

-- Options that the score itself sets.
local own = { target = true, event = true, columns = true }

--- Checks { name, learn = "logistic", kpi = "back_60", columns = { … }, options = { … } } and lays it into `made`.
function M.check(strategy, score, made)
  local name = score[1]
  if not learners[score.learn] then
    fail(strategy.name, ("score '%s': learn is '%s'"):format(name, score.learn),
      definition.nearest(score.learn, learners))
  end
  local kpis = {}
  for _, kpi in ipairs(strategy.kpis) do kpis[kpi[1]] = kpi end
  made.kpi = kpis[score.kpi]
  if not made.kpi then
    fail(strategy.name, ("score '%s' learns the kpi '%s', which there is not"):format(name, tostring(score.kpi)),
      next(kpis) and definition.nearest(tostring(score.kpi), kpis)
        or "kpis = { { \"back_60\", \"if(count() > 0, 1, 0)\", of = \"orders\", within = 60 } }")
  end
  if not score.columns or #score.columns == 0 then
    fail(strategy.name, ("score '%s' does not say from which columns it is learned"):format(name),
      "columns = { \"recency\", \"orders\" }")
  end
  for option in pairs(score.options or {}) do
    if own[option] then
      fail(strategy.name, ("score '%s': the option '%s' is what the score says itself"):format(name, option))
    end
  end
  made.columns, made.options = score.columns, score.options or {}
end

-- What each customer reached from a day on: customer, "#kpi".
local function reached(strategy, kpi, rows, from, given)
  local said = strategy.inputs[kpi.of]
  if kpi.where then rows = rows:filter(kpi.where, given) end
  return rows:filter(quoted(said.time) .. " >= @from", { from = from }):group_by("customer = " .. quoted(said.customer))
    :agg("`#kpi` = " .. kpi[2], given)
end

-- The number of scores before this one.
local function before(strategy, score)
  for i, other in ipairs(strategy.scores) do
    if other == score then return i - 1 end
  end
end

--- The model of a score for the day of context.settings; nil where nobody was there yet, or all did the same. context:
-- as of scores.add.
function M.model(strategy, score, context)
  local settings, kpi = context.settings, score.kpi
  local from = settings.as_of - moment.duration(("%dd"):format(kpi.within))
  local past = context.features(inputs_of.of_frames(strategy, context.inputs, from),
    { as_of = from, parameters = settings.parameters }, before(strategy, score))
  past = past:join(reached(strategy, kpi, context.inputs[kpi.of], from, context.given):collect(),
    { on = "customer", how = "left" })
    :with_columns "`#kpi` = coalesce(cast(`#kpi` as real), 0.0)"
  local values = past:group_by():agg("least = min(`#kpi`)", "greatest = max(`#kpi`)",
    "others = count(where `#kpi` not in (0, 1))"):row(1)
  if values.least == nil or values.least == values.greatest then return nil end
  local of, options = learners[score.learn], { columns = score.columns, target = "#kpi" }
  for option, value in pairs(score.options) do options[option] = value end
  if of.classes and values.others == 0 then
    past, options.event = past:with_columns "`#kpi` = if(`#kpi` == 1, 'yes', 'no')", "yes"
  elseif not of.numbers then
    fail(strategy.name, ("score '%s': %s learns what is 0 or 1; '%s' is up to %g"):format(score[1], score.learn, kpi[1],
      values.greatest), "learn = \"boost\", \"forest\", \"linear\" learn numbers")
  end
  return (binder.of(score.learn)(past, options))
end

return M
