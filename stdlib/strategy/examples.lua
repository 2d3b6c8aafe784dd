-- The tests that a strategy brings along: rows for its inputs, and what it must make of them.
local build = require "moonsift.ffi.build"
local definition = require "moonsift.strategy.definition"
local moment = require "moonsift.ffi.moment"

local M = {}

-- Rows as they are written in a strategy: { "column", … } first, then a list of values each. Dates may be texts; the
-- input's column of time is read as one.
local function frame_of(strategy, input, rows)
  local said, names, columns = strategy.inputs[input], rows[1], {}
  if type(names) ~= "table" then
    definition.fail(strategy.name, ("the rows of '%s' begin with a list of its columns"):format(input))
  end
  for at, name in ipairs(names) do
    local values = {}
    for i = 2, #rows do
      local value = rows[i][at]
      if name == said.time and type(value) == "string" then
        value = #value <= 10 and moment.date(value) or moment.time(value)
      end
      values[i - 1] = value
    end
    columns[at] = { name, values }
  end
  return build.frame(columns)
end

local function check_row(found, wanted)
  local row
  for candidate in found:rows() do
    if candidate.customer == wanted.customer then row = candidate end
  end
  if not row then error(("customer %s is not there"):format(tostring(wanted.customer)), 0) end
  for name, value in pairs(wanted) do
    local got = row[name]
    local same = got == value or (type(value) == "number" and type(got) == "number" and math.abs(got - value) < 1e-9)
    if not same then
      error(("customer %s: %s is %s, %s wanted"):format(tostring(wanted.customer), name, tostring(got),
        tostring(value)), 0)
    end
  end
end

--- The tests as a list of { name, function that raises where the strategy does something else }.
function M.of(strategy)
  local list = {}
  for i, given in ipairs(strategy.tests) do
    list[i] = { given[1], function()
      local inputs = {}
      for input, rows in pairs(given.inputs) do
        if not strategy.inputs[input] then
          definition.fail(strategy.name, ("test '%s': there is no input '%s'"):format(given[1], input),
            definition.nearest(input, strategy.inputs))
        end
        inputs[input] = frame_of(strategy, input, rows)
      end
      local found = strategy:customers { inputs = inputs, as_of = given.as_of, set = given.set }
      for _, wanted in ipairs(given.expect) do check_row(found, wanted) end
    end }
  end
  return list
end

return M
