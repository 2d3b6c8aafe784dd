-- Who moves between two outcomes, and the table of segments that a run prints.
local M = {}

local function compared(before, after)
  return before:select("customer", "from_segment = segment")
    :join(after:select("customer", "to_segment = segment"), { on = "customer", how = "full" })
end

--- A row for each pair of segments with customers who moved: from, to (null: was not there, is gone), customers.
function M.moves(before, after)
  return compared(before, after):filter "coalesce(from_segment != to_segment, true)"
    :group_by("from = from_segment", "to = to_segment"):agg "customers = count()":sort("-customers", "from", "to")
end

local function counted(frame, column, name)
  return frame:group_by("segment = " .. column):agg(name .. " = count()"):filter "segment is not null"
end

-- What the strategy wants to see of each segment: the sum of its value, and its own aggregates.
local function wanted(strategy)
  local definitions, names = {}, {}
  if strategy.value then
    definitions[1], names[1] = ("`%s` = sum(`%s`)"):format(strategy.value, strategy.value), strategy.value
  end
  for _, definition in ipairs(strategy.summary) do
    definitions[#definitions + 1] = definition
    names[#names + 1] = definition:match "^%s*`?([^=`]-)`?%s*="
  end
  return definitions, names
end

--- A row for each segment, in the order of the strategy: customers, share, entered, left (since the run before,
-- where there was one), the sum of the strategy's value, and what its summary says. before: a frame of members, or
-- nil.
function M.segments(strategy, before, after)
  local definitions, names = wanted(strategy)
  local summary = after:group_by "segment":agg("customers = count()", "`#rule` = min(rule)", unpack(definitions))
    :with_columns "share = customers / sum(customers)"
  local columns = { "segment", "customers", "share" }
  if before then
    local moved = compared(before, after):filter "coalesce(from_segment != to_segment, true)"
    summary = summary:join(counted(moved, "to_segment", "entered"), { on = "segment", how = "left" })
      :join(counted(moved, "from_segment", "left"), { on = "segment", how = "left" })
      :with_columns("entered = coalesce(entered, 0)", "left = coalesce(left, 0)")
    columns[4], columns[5] = "entered", "left"
  end
  for _, name in ipairs(names) do columns[#columns + 1] = "`" .. name .. "`" end
  return summary:sort "`#rule`":select(unpack(columns))
end

return M
