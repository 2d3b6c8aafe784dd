-- Who moves between two outcomes, and the table of segments that a run prints.
local definition = require "moonsift.strategy.definition"

local M = {}

-- The customers whose segment (or state: kind) is another one: from, to.
local function moved(before, after, kind)
  return before:select("customer", "from = `" .. kind .. "`")
    :join(after:select("customer", "to = `" .. kind .. "`"), { on = "customer", how = "full" })
    :filter "coalesce(from != to, true)"
end

--- A row for each pair of segments (or states: kind) with customers who moved: from, to (null: was not there, is gone),
-- customers.
function M.moves(before, after, kind)
  return moved(before, after, kind or "segment"):group_by("from", "to"):agg "customers = count()"
    :sort("-customers", "from", "to")
end

local function counted(frame, column, kind, name)
  return frame:group_by(kind .. " = " .. column):agg(name .. " = count()"):filter(kind .. " is not null")
end

-- What the strategy wants to see of each segment: the sum of its value, and its own aggregates.
local function wanted(strategy)
  local definitions, names = {}, {}
  if strategy.value then
    definitions[1], names[1] = ("`%s` = sum(`%s`)"):format(strategy.value, strategy.value), strategy.value
  end
  for _, said in ipairs(strategy.summary) do
    definitions[#definitions + 1] = said
    names[#names + 1] = said:match "^%s*`?([^=`]-)`?%s*="
  end
  return definitions, names
end

--- A row for each segment, or state (kind): customers, share, entered, left (since the run before, where there was
-- one), the sum of the strategy's value, and what its summary says. Segments are in the order of the strategy.
-- before: a frame of members, or nil.
function M.table(strategy, kind, before, after)
  local definitions, names = wanted(strategy)
  local order = kind == "segment" and "min(rule)" or "min(" .. kind .. ")"
  local summary = definition.within(strategy, "value or summary", function()
    return after:group_by(kind):agg("customers = count()", "`#order` = " .. order, unpack(definitions))
  end):with_columns "share = customers / sum(customers)"
  local columns = { kind, "customers", "share" }
  if before then
    local changed = moved(before, after, kind)
    summary = summary:join(counted(changed, "to", kind, "entered"), { on = kind, how = "left" })
      :join(counted(changed, "from", kind, "left"), { on = kind, how = "left" })
      :with_columns("entered = coalesce(entered, 0)", "left = coalesce(left, 0)")
    columns[4], columns[5] = "entered", "left"
  end
  for _, name in ipairs(names) do columns[#columns + 1] = "`" .. name .. "`" end
  return summary:sort "`#order`":select(unpack(columns))
end

return M
