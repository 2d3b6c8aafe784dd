-- A backtest as one long frame for charts (day, kind, name, measure, value), and as a short one to read: a row a
-- name, with its course drawn.
local build = require "moonsift.ffi.build"
local verbs = require "moonsift.frame"

local M = {}

-- What is 0 on a day that has no row of a name; other measures of that day are unknown.
local COUNTS = { customers = 0, share = 0, held_out = 0, cost = 0, value = 0, held = 0, claimed = 0, refused = 0,
  recycled = 0, at_risk = 0 }

local sources = {
  { "segments", "segment", "segment" }, { "states", "state", "state" }, { "sets", "set", "`set`" },
  { "pools", "pool", "coalesce(cast(owner as text), '(public pool)')" }, { "actions", "action", "action" },
  { "turnover", nil, "'(all)'" },
}

local numeric = { integer = true, real = true }

-- Columns as rows.
local function long(frame, kind, name)
  local columns, measures = { "day", kind and "kind = @kind" or "kind", "name = " .. name }, {}
  for _, column in ipairs(frame:schema()) do
    if numeric[column.type] and column.name ~= name then
      local quoted = "`" .. column.name .. "`"
      columns[#columns + 1] = ("%s = cast(%s as real)"):format(quoted, quoted)
      measures[#measures + 1] = column.name
    end
  end
  columns[#columns + 1] = { kind = kind }
  return frame:select(unpack(columns))
    :unpivot { index = { "day", "kind", "name" }, columns = measures, variable = "measure" }
    :filter "value is not null"
end

-- Every name on every day, counts as 0 where a day does not have it.
local function filled(frame, days)
  local counts = frame:filter "name != '(all)'":select("kind", "name", "measure"):unique()
    :filter(function(row) return COUNTS[row.measure] ~= nil end):with_columns "`#all` = 1"
  local key = { "day", "kind", "name", "measure" }
  local grid = counts:join(build.frame { { "day", days } }:with_columns "`#all` = 1",
    { on = "#all", expect = "m:m" })
  local missing = grid:join(frame:select(unpack(key)), { on = key, how = "anti" }):with_columns "value = 0.0"
  return verbs.concat(frame, missing:select(unpack(frame:names())))
end

--- The frames of a backtest as one: day, kind (segment, state, set, pool, action), name ("(all)": all of a kind),
-- measure, value (real). nil where there is nothing.
function M.of(found)
  local list = {}
  for _, source in ipairs(sources) do
    local frame = found[source[1]]
    if frame then list[#list + 1] = long(frame, source[2], source[3]) end
  end
  if #list == 0 then return nil end
  local all = #list > 1 and verbs.concat(unpack(list)) or list[1]
  return filled(all, found.days):sort("kind", "name", "measure", "day")
end

local BLOCKS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local WIDTH = 18

-- The values as blocks, from the least to the greatest; of many, the means of neighbours.
local function drawn(values)
  local width, points = math.min(WIDTH, #values), {}
  local least, greatest = math.huge, -math.huge
  for i = 1, width do
    local first, last = math.floor((i - 1) * #values / width) + 1, math.floor(i * #values / width)
    local sum = 0
    for j = first, last do sum = sum + values[j] end
    points[i] = sum / (last - first + 1)
    least, greatest = math.min(least, points[i]), math.max(greatest, points[i])
  end
  for i, point in ipairs(points) do
    local level = greatest > least and math.floor((point - least) / (greatest - least) * #BLOCKS) or 0
    points[i] = BLOCKS[math.min(level + 1, #BLOCKS)]
  end
  return table.concat(points)
end

local SHOWN = { "kind", "name", "measure", "course", "first", "last", "least", "greatest", "mean" }

-- What a name and measure went through: values, in the order of days.
local function described(row, values)
  local made = { kind = row.kind, name = row.name, measure = row.measure, course = drawn(values), first = values[1],
    last = values[#values], least = math.huge, greatest = -math.huge, mean = 0 }
  for _, value in ipairs(values) do
    made.least, made.greatest = math.min(made.least, value), math.max(made.greatest, value)
    made.mean = made.mean + value / #values
  end
  return made
end

--- A row a name and measure that counts people or money: kind, name, measure, course (drawn from the least to the
-- greatest), first, last, least, greatest, mean. series: what M.of gives, or nil.
function M.summary(series)
  if not series then return nil end
  local wanted = series
    :filter "measure == 'share_moved' or measure in ('customers', 'held', 'cost') and name != '(all)'"
  local columns, last, values = {}, nil, {}
  for i, name in ipairs(SHOWN) do columns[i] = { name, {} } end
  local function close()
    local made = last and described(last, values)
    if not made or made.measure == "cost" and made.greatest == 0 then return end
    for i, name in ipairs(SHOWN) do table.insert(columns[i][2], made[name]) end
  end
  for row in wanted:rows() do
    if last and (row.kind ~= last.kind or row.name ~= last.name or row.measure ~= last.measure) then
      close()
      values = {}
    end
    values[#values + 1], last = row.value, row
  end
  close()
  return build.frame(columns)
end

return M
