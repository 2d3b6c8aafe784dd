-- Whether what a strategy computes depends on what it should not: on what is known only after the day, on the clock, on
-- chance. It is computed again with something changed, and compared customer by customer: what is found is shown by a
-- customer, what is not found may still be there for other data.
--
-- Inputs are cut at the day by their time. What may reach beyond it are other times in the rows that are left (when an
-- order was delivered), and inputs without a time.
local condition = require "moonsift.strategy.condition"
local sandbox = require "moonsift.sandbox"

local M = {}

local quoted = condition.quoted
local SHIFT = 40 * 86400 + 4321 -- seconds by which the clocks are put forward
local SHOWN = 3 -- features of one finding

-- Calls the function while scripts see other clocks and another chance.
local function elsewhere(fn)
  local os_, math_ = sandbox.environment.os, sandbox.environment.math
  local time, date, clock, random = os_.time, os_.date, os_.clock, math_.random
  function os_.time(when) return when and time(when) or time() + SHIFT end
  function os_.date(format, when) return date(format, when or time() + SHIFT) end
  function os_.clock() return clock() + SHIFT end
  function math_.random(low, high) -- the other end of what it gives
    if not low then return 1 - random() end
    if not high then low, high = 1, low end
    return low + high - random(low, high)
  end
  local fine, result = pcall(fn)
  os_.time, os_.date, os_.clock, math_.random = time, date, clock, random
  if not fine then error(result, 0) end
  return result
end

local numeric = { integer = true, real = true }

local function types_of(frame)
  local types = {}
  for _, column in ipairs(frame:schema()) do types[column.name] = column.type end
  return types
end

local function spoken(value) return value == nil and "null" or tostring(value) end

-- The columns in which the two differ: { name =, customers = (how many), customer =, was =, is = }, in their order.
local function differences(before, after)
  local list, types, others = {}, types_of(before), types_of(after)
  local renamed = { "customer", "`#there` = true" }
  for _, name in ipairs(after:names()) do
    if name ~= "customer" then renamed[#renamed + 1] = quoted("#" .. name) .. " = " .. quoted(name) end
  end
  local both = before:with_columns "`#here` = true"
    :join(after:select(unpack(renamed)), { on = "customer", how = "full" })
  local function add(name, differing, was, is)
    local found = both:filter(differing):sort "customer"
    if found:nrow() == 0 then return end
    local row = found:row(1)
    list[#list + 1] = { name = name, customers = found:nrow(), customer = row.customer, was = was(row), is = is(row) }
  end
  add("whether he is there", "`#here` is null or `#there` is null",
    function(row) return row["#here"] and "yes" or "no" end, function(row) return row["#there"] and "yes" or "no" end)
  for _, name in ipairs(before:names()) do
    local a, b = quoted(name), quoted("#" .. name)
    local unlike = ("(%s is null) != (%s is null)"):format(a, b)
    if name ~= "customer" and types[name] == others[name] then
      local apart = ("%s != %s"):format(a, b)
      if numeric[types[name]] then apart = ("abs(%s - %s) > 0.000000001 * (1 + abs(%s))"):format(a, b, a) end
      add(name, ("`#here` and `#there` and coalesce(%s, %s)"):format(apart, unlike),
        function(row) return spoken(row[name]) end, function(row) return spoken(row["#" .. name]) end)
    elseif name ~= "customer" and others[name] then
      add(name, "`#here` and `#there`", function(row) return spoken(row[name]) end,
        function(row) return spoken(row["#" .. name]) end)
    end
  end
  return list
end

-- "'late' (2 customers, as customer 7: 3, then 1)"
local function told(list)
  local parts = {}
  for i = 1, math.min(#list, SHOWN) do
    local one = list[i]
    parts[i] = ("%s (%d customers, as %s: %s, then %s)"):format(one.name, one.customers, tostring(one.customer),
      one.was, one.is)
  end
  if #list > SHOWN then parts[#parts + 1] = ("and %d more columns"):format(#list - SHOWN) end
  return table.concat(parts, ", ")
end

-- What to change in an input: { frame =, text = } for each column of times that reaches the day.
local function changes_of(input, said, frame, as_of)
  local list = {}
  for _, column in ipairs(frame:schema()) do
    local name = column.name
    if (column.type == "date" or column.type == "time") and name ~= said.time then
      local later = quoted(name) .. " >= @as_of"
      local count = frame:filter(later, { as_of = as_of }):nrow()
      if count > 0 and said.time then
        list[#list + 1] = {
          frame = frame:with_columns(("%s = if(coalesce(%s, false), cast(null as %s), %s)"):format(quoted(name), later,
            column.type, quoted(name)), { as_of = as_of }),
          text = ("'%s' of '%s' lies on the day or behind it in %d rows; where it is not yet known, other values come "
            .. "out: "):format(name, input, count),
        }
      elseif count > 0 then
        list[#list + 1] = {
          frame = frame:filter(("coalesce(not (%s), true)"):format(later), { as_of = as_of }),
          text = ("'%s' has no time, and %d rows whose '%s' lies on the day or behind it; without them, other values "
            .. "come out: "):format(input, count, name),
        }
      end
    end
  end
  return list
end

--- What was found: a list of { level =, text = }. inputs: the strategy's inputs of the day, by name. compute: a
-- function of inputs that gives the customers.
function M.check(strategy, inputs, as_of, compute)
  local found, whole, names = {}, {}, {}
  for input, frame in pairs(inputs) do
    whole[input], names[#names + 1] = frame:collect(), input
  end
  table.sort(names)
  local before = compute(whole)
  local other = differences(before, elsewhere(function() return compute(whole) end))
  if #other > 0 then
    found[1] = { level = "error", text = "computed again, with the clock put forward and another chance, other values "
      .. "come out: " .. told(other) }
    return found -- whatever else differs may differ by chance
  end
  for _, input in ipairs(names) do
    for _, change in ipairs(changes_of(input, strategy.inputs[input], whole[input], as_of)) do
      local changed = setmetatable({ [input] = change.frame }, { __index = whole })
      local made = {}
      for _, name in ipairs(names) do made[name] = changed[name] end
      local list = differences(before, compute(made))
      if #list > 0 then found[#found + 1] = { level = "note", text = change.text .. told(list) } end
    end
  end
  return found
end

return M
