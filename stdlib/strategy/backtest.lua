-- A strategy replayed over the past: a run for each of many days, each seeing only what was before it and the
-- history that the runs before it made. Nothing is written to the customer database.
local changes = require "moonsift.strategy.changes"
local definition = require "moonsift.strategy.definition"
local inputs = require "moonsift.strategy.inputs"
local moment = require "moonsift.ffi.moment"
local scratch = require "moonsift.strategy.scratch"
local verbs = require "moonsift.frame"

local M = {}

local units = { d = true, w = true, mo = true, y = true }

-- "1mo", "7d", "2w": the step as a function of the first day and a number of steps.
local function step_of(strategy, text)
  local count, unit = tostring(text):match "^(%d+)(%a+)$"
  if not units[unit] or tonumber(count) < 1 then
    definition.fail(strategy.name, ("every is '%s'; a step such as 1d, 2w, 1mo wanted"):format(tostring(text)))
  end
  count = tonumber(count)
  return function(first, n)
    if unit == "d" or unit == "w" then return first + moment.duration(("%d%s"):format(n * count, unit)) end
    return first:add_months(n * count * (unit == "y" and 12 or 1))
  end
end

local function days_of(strategy, given)
  local from, to = given.from, given.to
  if type(from) == "string" then from = moment.date(from) end
  if type(to) == "string" then to = moment.date(to) end
  if not from or not to then
    definition.fail(strategy.name, "the days are missing", "--from 2024-01-01 --to 2024-12-01 --every 1mo")
  end
  local step, days = step_of(strategy, given.every or "1mo"), {}
  local day = from
  while day <= to do
    days[#days + 1] = day
    day = step(from, #days)
  end
  if #days == 0 then
    definition.fail(strategy.name, ("%s is behind %s"):format(tostring(from), tostring(to)))
  end
  return days
end

-- One frame of many with the day in front of each row; nil for none.
local function gathered(list)
  if #list == 0 then return nil end
  list[#list + 1] = { how = "diagonal" } -- the first day has no run before it, and so nobody who entered or left
  return verbs.concat(unpack(list))
end

local function dated(frame, day)
  local columns = { "day = @day" }
  for _, name in ipairs(frame:names()) do columns[#columns + 1] = "`" .. name .. "`" end
  columns[#columns + 1] = { day = day }
  return frame:select(unpack(columns))
end

-- What a day adds to the report.
local function note(parts, outcome, before, day)
  for _, part in ipairs { "segments", "states", "actions" } do
    if outcome[part] then table.insert(parts[part], dated(outcome[part], day)) end
  end
  if before and outcome.segments then
    local moves = changes.moves(before, outcome.customers)
    if moves:nrow() > 0 then table.insert(parts.moves, dated(moves, day)) end
  end
end

--- Runs the strategy for every day from … to: given: db or inputs, set, mapping, from, to (dates), every ("1mo",
-- "7d", …), progress (a function of day, number, count). Gives frames: segments, states, actions (a row a day and
-- name: what a run of that day shows), moves (day, from, to, customers) and, over all days, migration (from, to,
-- customers).
function M.run(strategy, given)
  local days = days_of(strategy, given)
  local whole = given.inputs or inputs.whole(strategy, given.db, given.mapping)
  local parts = { segments = {}, states = {}, actions = {}, moves = {} }
  scratch(function(history)
    local before
    for i, day in ipairs(days) do
      if given.progress then given.progress(day, i, #days) end
      local outcome = strategy:run { inputs = whole, as_of = day, set = given.set, store = history }
      note(parts, outcome, before, day)
      before = outcome.segments and outcome.customers
    end
  end)
  local result = { days = days }
  for part, list in pairs(parts) do result[part] = gathered(list) end
  if result.moves then
    result.migration = result.moves:group_by("from", "to"):agg "customers = sum(customers)"
      :sort("-customers", "from", "to")
  end
  return result
end

return M
