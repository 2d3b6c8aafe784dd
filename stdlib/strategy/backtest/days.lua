-- The days of a backtest.
local definition = require "moonsift.strategy.definition"
local moment = require "moonsift.ffi.moment"

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

local function date_of(x) return type(x) == "string" and moment.date(x) or x end

--- The days from given.from to given.to, a step (given.every, "1mo" unless said) between them: a list of dates; and the
-- day up to which success is measured: given.as_of, or the last one.
return function(strategy, given)
  local from, to = date_of(given.from), date_of(given.to)
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
  local measured = date_of(given.as_of) or days[#days]
  if measured < days[#days] then
    definition.fail(strategy.name, ("success cannot be measured on %s: the last run is on %s"):format(
      tostring(measured), tostring(days[#days])), "as_of is the day up to which it is, the last run's or later")
  end
  return days, measured
end
