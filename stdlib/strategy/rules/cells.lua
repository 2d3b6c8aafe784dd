-- The grid on which conditions are evaluated whole: each column that they compare with constants is cut at these, so
-- that in every cell each condition is either true or not, wherever in it a customer is.
local build = require "moonsift.ffi.build"
local condition = require "moonsift.strategy.condition"
local null = require "moonsift.null"
local sets = require "moonsift.strategy.rules.sets"

local CELLS_MOST = 200000

local function within(values, range)
  if not range then return values end
  local kept = {}
  for _, value in ipairs(values) do
    if type(value) ~= "number" or (value >= range[1] and value <= range[2]) then kept[#kept + 1] = value end
  end
  return kept
end

local function with_own(values, own)
  local list = {}
  for i, value in ipairs(values) do
    list[i] = value
    if value == own then own = nil end
  end
  list[#list + 1] = own
  return list
end

-- A frame with a row for each cell; nulls are a value of each column, and so is what `own` has of it. nil where there
-- would be too many.
local function grid(cuts, types, ranges, own)
  local names, values, count = {}, {}, 1
  for name in pairs(cuts) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local range, own_cuts = ranges[name], { unpack(cuts[name]) }
    if range then -- its ends are cuts too, or the stretches next to them would have no value within it
      own_cuts[#own_cuts + 1], own_cuts[#own_cuts + 2] = range[1], range[2]
    end
    values[i] = within(condition.representatives(own_cuts, types[name]), range)
    values[i] = with_own(values[i], own and own[name])
    values[i][#values[i] + 1] = null
    count = count * #values[i]
    if count > CELLS_MOST then return nil end
  end
  local columns, step = {}, 1
  for i, name in ipairs(names) do
    local list, of = {}, values[i]
    for row = 0, count - 1 do list[row + 1] = of[math.floor(row / step) % #of + 1] end
    columns[i] = { name, list }
    step = step * #of
  end
  if #columns == 0 then columns[1] = { "#none", { 0 } } end
  return build.frame(columns), names
end

--- The cells that a list of entries, { name, rule }, tells apart: a frame with a row for each, with the sets that the
-- rules name, and the names of the grid's columns; or nil, and the entry that cannot be reasoned about, if it is one.
-- types: of the customers' columns; given: parameters; own: values by column that are to be among the grid's, or nil.
return function(strategy, entries, types, given, own)
  local cuts, rules = {}, {}
  for _, entry in ipairs(entries) do rules[#rules + 1] = entry[2] end
  local used = sets.used(strategy, rules)
  for _, list in ipairs { entries, used } do
    for _, entry in ipairs(list) do
      local rule = entry[2]
      if type(rule) == "function" or (rule and not condition.cuts(rule, types, given, cuts)) then return nil, entry end
    end
  end
  for _, set in ipairs(used) do cuts[set[1]] = nil end -- they follow from the columns
  local cells, names = grid(cuts, types, strategy.ranges, own)
  if not cells then return nil end
  return sets.add({ name = strategy.name, sets = used }, cells, given), names
end
