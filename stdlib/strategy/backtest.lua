-- A strategy replayed over the past: a run for each of many days, each seeing only what was before it and the
-- history that the runs before it made. Nothing is written to the customer database. Two policies are replayed over
-- the same days and laid side by side.
local build = require "moonsift.ffi.build"
local changes = require "moonsift.strategy.changes"
local comparison = require "moonsift.strategy.backtest.comparison"
local compute = require "moonsift.strategy.compute"
local databases = require "moonsift.ffi.database"
local days_of = require "moonsift.strategy.backtest.days"
local definition = require "moonsift.strategy.definition"
local effect = require "moonsift.strategy.effect"
local inputs = require "moonsift.strategy.inputs"
local progress = require "moonsift.progress"
local scratch = require "moonsift.strategy.scratch"
local series = require "moonsift.strategy.backtest.series"
local store = require "moonsift.strategy.store"
local verbs = require "moonsift.frame"

local M = {}

local daily = { "segments", "states", "sets", "pools", "actions" }

-- One frame of many, or nil for none.
local function gathered(list)
  if not list or #list == 0 then return nil end
  list[#list + 1] = { how = "diagonal" } -- the first day has no run before it, and so nobody who entered or left
  return verbs.concat(unpack(list))
end

-- The frame with a day, and what else the parameters name, in front.
local function dated(frame, given, ...)
  local columns = { "day = @day", ... }
  for _, name in ipairs(frame:names()) do columns[#columns + 1] = "`" .. name .. "`" end
  columns[#columns + 1] = given
  return frame:select(unpack(columns))
end

-- What a day adds to the report.
local function note(parts, outcome, before, day)
  for _, part in ipairs(daily) do
    if outcome[part] then table.insert(parts[part], dated(outcome[part], { day = day })) end
  end
  for _, kind in ipairs { "segment", "state" } do
    local moves = before and outcome[kind .. "s"] and changes.moves(before, outcome.customers, kind)
    if moves then
      table.insert(parts.moves, dated(moves, { day = day, kind = kind }, "kind = @kind"))
    end
  end
end

-- A row a day (from the second on) and kind: customers, came, gone, moved, and moved's share of who was there before.
local function turnover(found)
  local parts, days = {}, build.frame { { "day", found.days } }:slice(2)
  for _, kind in ipairs { "segment", "state" } do
    if found[kind .. "s"] and days:nrow() > 0 then
      local moved = found.moves:filter("kind == @kind", { kind = kind }):group_by "day"
        :agg("came = sum(customers where from is null)", "gone = sum(customers where to is null)",
          "moved = sum(customers where from is not null and to is not null)")
      parts[#parts + 1] = days
        :join(found[kind .. "s"]:group_by("day"):agg "customers = sum(customers)", { on = "day", how = "left" })
        :join(moved, { on = "day", how = "left" })
        :select("day", "kind = @kind", "customers = coalesce(customers, 0)", "came = coalesce(came, 0)",
          "gone = coalesce(gone, 0)", "moved = coalesce(moved, 0)", { kind = kind })
        :with_columns "share_moved = moved / nullif(customers - came + gone, 0)"
    end
  end
  return gathered(parts)
end

-- What the actions brought, by the ledger that the runs have made.
local function effects(strategy, given, whole, history)
  if #strategy.kpis == 0 or #strategy.actions == 0 then return nil end
  local settings = { as_of = given.measured, parameters = definition.parameters(strategy, given.set) }
  return databases.reading("strategy " .. strategy.name, effect.of, strategy,
    inputs.of_frames(strategy, whole, given.measured), store.actions(history, strategy), compute.given(settings))
end

-- All actions of the runs: customers and held_out, each once; times, cost.
local function totals(strategy, history)
  if #strategy.actions == 0 then return nil end
  local ledger = store.actions(history, strategy)
  local function counted(by)
    return by:agg("customers = count_distinct(customer where status != 'held out')",
      "held_out = count_distinct(customer where status == 'held out')", "times = count(where status != 'held out')",
      "cost = total(cost where status != 'held out')")
  end
  return verbs.concat(counted(ledger:group_by "action"):sort "action",
    counted(ledger:group_by("action = '(any)'")))
end

-- One policy over the days.
local function replay(strategy, given, tell)
  local whole = given.inputs or inputs.whole(strategy, given.db, given.mapping)
  local parts = { segments = {}, states = {}, sets = {}, pools = {}, actions = {}, moves = {} }
  local found = { days = given.days, measured = given.measured }
  scratch(function(history)
    local before
    for _, day in ipairs(given.days) do
      found.last = strategy:run { inputs = whole, as_of = day, set = given.set, store = history,
        model_database = given.db }
      note(parts, found.last, before, day)
      before = found.last.customers
      tell()
    end
    found.effects, found.totals = effects(strategy, given, whole, history), totals(strategy, history)
  end)
  for part, list in pairs(parts) do found[part] = gathered(list) end
  if found.moves then
    found.migration = found.moves:group_by("kind", "from", "to"):agg "customers = sum(customers)"
      :sort("kind", "-customers", "from", "to")
  end
  found.turnover = found.moves and turnover(found)
  found.series = series.of(found)
  return found
end

--- Runs the strategy for every day from … to: given: db or inputs, set, mapping, from, to (dates), every ("1mo",
-- "7d", …), as_of (the day up to which success is measured: the last run's, unless given). Gives frames; those that
-- have nothing to show are nil:
--   segments, states, sets, pools, actions   a row a day and name: what a run of that day shows
--   moves (day, kind, from, to, customers), and over all days migration (kind, from, to, customers)
--   turnover (day, kind, customers, came, gone, moved, share_moved), totals (of the ledger), effects (as of effect)
--   series (day, kind, name, measure, value), for charts, and summary
-- against: another strategy, or { strategy = (this one unless given), set = (its parameters) }: both are replayed, each
-- frame has the policy in front ("old", "new"), and there are comparison and elsewhere (see comparison.lua).
function M.run(strategy, given)
  local days, measured = days_of(strategy, given)
  given = setmetatable({ days = days, measured = measured }, { __index = given })
  local policies = comparison.policies(strategy, given)
  return progress("backtest of " .. strategy.name, #days * #policies, function(tell)
    local found = {}
    for i, policy in ipairs(policies) do
      found[i] = replay(policy.strategy, setmetatable({ set = policy.set or {} }, { __index = given }), tell)
    end
    if #found == 1 then
      found[1].summary, found[1].last = series.summary(found[1].series), nil
      return found[1]
    end
    return comparison.of(policies, found)
  end)
end

return M
