-- What would put a customer into another segment: the cell nearest to him in which the rules give it. Nearest is where
-- the fewest columns are others, then where numbers are least apart.
local cells_of = require "moonsift.strategy.rules.cells"
local compute = require "moonsift.strategy.compute"
local condition = require "moonsift.strategy.condition"

local quoted = condition.quoted

-- How many columns of a cell are not the customer's, and how far the numbers are apart, as expressions.
local function apart(names, row, types, given)
  local changed, distance = { "0" }, { "0.0" }
  for i, name in ipairs(names) do
    local column, own = quoted(name), "own" .. i
    given[own] = row[name]
    if row[name] == nil then
      changed[#changed + 1] = ("if(%s is null, 0, 1)"):format(column)
    else
      changed[#changed + 1] = ("if(coalesce(%s == @%s, false), 0, 1)"):format(column, own)
      local numeric = types[name] == "integer" or types[name] == "real"
      -- A null is farther than any number.
      distance[#distance + 1] = numeric and ("coalesce(abs(%s - @%s) / (1 + abs(@%s)), 1000000.0)"):format(column, own,
        own) or ("if(%s is null, 1000000.0, 0.0)"):format(column)
    end
  end
  return table.concat(changed, " + "), table.concat(distance, " + ")
end

local function spoken(value) return value == nil and "null" or tostring(value) end

-- "recency 90 instead of 94"
local function told(cell, row, names)
  local parts = {}
  for _, name in ipairs(names) do
    if cell[name] ~= row[name] then
      parts[#parts + 1] = ("%s %s instead of %s"):format(name, spoken(cell[name]), spoken(row[name]))
    end
  end
  return table.concat(parts, ", ")
end

--- For each segment by its number: "recency 90 instead of 94", or false where nothing would; nil where the rules are
-- more than comparisons with constants. one: the customer's row, a frame.
return function(strategy, one, given)
  local row, types = one:row(1), {}
  for _, column in ipairs(one:schema()) do types[column.name] = column.type end
  local own = {}
  for name in pairs(types) do
    if type(row[name]) ~= "cdata" then own[name] = row[name] end -- a date is no constant of a grid
  end
  local cells, names = cells_of(strategy, strategy.segments, types, given, own)
  if not cells then return nil end
  local cases, list = {}, {}
  for i in ipairs(strategy.segments) do cases[i] = ("when %s then %d"):format(quoted(compute.flag(i)), i) end
  local mine = {}
  for name, value in pairs(given) do mine[name] = value end
  local changed, distance = apart(names, row, types, mine)
  cells = compute.flags(strategy, cells, given)
    :with_columns("`#segment` = case " .. table.concat(cases, " ") .. " end", "`#changed` = " .. changed,
      "`#distance` = " .. distance, mine)
    :sort("#segment", "#changed", "#distance")
  for i in ipairs(strategy.segments) do
    local found = cells:filter("`#segment` == @i", { i = i })
    list[i] = found:nrow() > 0 and told(found:row(1), row, names)
  end
  return list
end
