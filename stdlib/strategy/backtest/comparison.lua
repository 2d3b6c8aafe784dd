-- Two policies over the same days, side by side: how many each segment and state has, how often people move, what is
-- done with how many at which cost, what it brings, and who is elsewhere in the end.
local changes = require "moonsift.strategy.changes"
local definition = require "moonsift.strategy.definition"
local difference = require "moonsift.strategy.difference"
local verbs = require "moonsift.frame"

local M = {}

local POLICIES = { "old", "new" }

-- Frames that get the policy in front; the others are of a single one.
local PARTS = { "segments", "states", "sets", "pools", "actions", "moves", "migration", "turnover", "totals", "effects",
  "series" }

local parts_of_against = { strategy = true, set = true }

local function is_strategy(x) return type(x) == "table" and type(x.backtest) == "function" end

--- The policies of a backtest: a list of { strategy =, set = }; the second is there if given.against is.
function M.policies(strategy, given)
  local against = given.against
  if against == nil then return { { strategy = strategy, set = given.set } } end
  if type(against) ~= "table" then
    definition.fail(strategy.name, ("against is %s; a strategy or { set = { … } } wanted"):format(
      definition.described(against)))
  end
  if is_strategy(against) then against = { strategy = against } end
  for part in pairs(against) do
    if not parts_of_against[part] then
      definition.fail(strategy.name, ("against has an unknown part '%s'"):format(tostring(part)),
        "against = { set = { days = 60 } }, or another strategy")
    end
  end
  if against.strategy ~= nil and not is_strategy(against.strategy) then
    definition.fail(strategy.name, ("against: strategy is %s; one made by ms.strategy wanted"):format(
      definition.described(against.strategy)))
  end
  local set = {}
  for name, value in pairs(given.set or {}) do set[name] = value end
  for name, value in pairs(against.set or {}) do set[name] = value end
  return { { strategy = strategy, set = given.set }, { strategy = against.strategy or strategy, set = set } }
end

-- Frames of both policies as one, the policy in front; nil where neither has one.
local function stacked(found, part)
  local list = {}
  for i, name in ipairs(POLICIES) do
    local frame = found[i][part]
    if frame then
      local columns = { "policy = @policy" }
      for j, column in ipairs(frame:names()) do columns[j + 1] = "`" .. column .. "`" end
      columns[#columns + 1] = { policy = name }
      list[#list + 1] = frame:select(unpack(columns))
    end
  end
  if #list == 0 then return nil end
  list[#list + 1] = { how = "diagonal" }
  return verbs.concat(unpack(list))
end

local KEY = { "kind", "name", "measure", "over" }

-- Columns of a frame as rows of a comparison.
local function long(frame, kind, name, measures)
  local columns = { "kind = @kind", "name = " .. name, "over = 'all days'" }
  for _, measure in ipairs(measures) do columns[#columns + 1] = ("%s = cast(%s as real)"):format(measure, measure) end
  columns[#columns + 1] = { kind = kind }
  return frame:select(unpack(columns))
    :unpivot { index = { "kind", "name", "over" }, columns = measures, variable = "measure", value = "value" }
end

-- What one policy comes to: kind, name, measure, over, value.
local function figures(found)
  local list = {}
  if found.series then
    local daily = found.series:filter "kind != 'action' and measure not in ('share', 'entered', 'left')"
      :filter "name != '(all)' or measure == 'share_moved'":group_by("kind", "name", "measure")
    list[1] = daily:agg "value = mean(value)":with_columns "over = 'mean of days'"
    list[2] = daily:agg "value = last(value)":filter "measure in ('customers', 'held')"
      :with_columns "over = 'last day'"
  end
  if found.totals then
    list[#list + 1] = long(found.totals, "action", "action", { "customers", "held_out", "times", "cost" })
  end
  if found.effects then
    list[#list + 1] = long(found.effects, "kpi", "action .. ': ' .. kpi", { "mean_treated", "effect", "total", "gain" })
  end
  for i, frame in ipairs(list) do list[i] = frame:select("kind", "name", "measure", "over", "value") end
  return #list > 1 and verbs.concat(unpack(list)) or list[1]
end

-- Both side by side: old, new, difference, and change, the difference's share of the old.
local function compared(found)
  local old, new = figures(found[1]), figures(found[2])
  if not old or not new then return nil end
  return old:rename { value = "old" }:join(new:rename { value = "new" }, { on = KEY, how = "full" })
    :with_columns("difference = new - old", "change = (new - old) / nullif(abs(old), 0)",
      "`#order` = position('segment state set pool action kpi', kind)")
    :sort("`#order`", "name", "measure", "over"):drop "#order"
end

-- How a policy is called: its name, and what was set, where that tells the two apart.
local function labels(policies)
  local made = {}
  for i, policy in ipairs(policies) do
    local list = {}
    for name, value in pairs(policy.set or {}) do list[#list + 1] = ("%s=%s"):format(name, tostring(value)) end
    table.sort(list) -- pairs has no order of its own
    made[POLICIES[i]] = table.concat({ policy.strategy.name, unpack(list) }, " ")
  end
  return made
end

--- Two replays as one result: the frames of both with the policy ("old", "new") in front; policies, what those are;
-- comparison (kind, name, measure, over, old, new, difference, change); elsewhere, who is in another segment under the
-- new policy on the last day (from, to, because, customers, value); elsewhere_states (from, to, customers).
function M.of(policies, found)
  local made = { days = found[1].days, measured = found[1].measured, policies = labels(policies) }
  for _, part in ipairs(PARTS) do made[part] = stacked(found, part) end
  made.comparison = compared(found)
  local old, new = policies[1].strategy, policies[2].strategy
  local before, after = found[1].last, found[2].last
  if before.segments and after.segments then made.elsewhere = difference.moves(old, new, before, after) end
  if before.states and after.states then
    made.elsewhere_states = changes.moves(before.customers, after.customers, "state")
  end
  return made
end

return M
