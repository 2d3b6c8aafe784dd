-- Groups that the database can make: keys that are columns, and count, sum of integers, min and max of columns.
-- Sums of reals and means are not among them: another order of adding gives other last digits.
local databases = require "moonsift.ffi.database"
local frames = require "moonsift.ffi.frame"

local M = {}

--- A name as SQL writes it.
function M.quoted(name) return "\"" .. name:gsub("\"", "\"\"") .. "\"" end
local quoted = M.quoted

-- "name = function(column)": name, function, column ("" for none); nil where it is anything else.
local function definition(text)
  local name, fn, column = text:match "^%s*([%w_\128-\255]+)%s*=%s*(%l+)%s*%(%s*`?([^`()]-)`?%s*%)%s*$"
  if name and not tonumber(name) then return name, fn, column end
end

local function aggregate(fn, column, type)
  if fn == "count" then return column == "" and "count(*)" or ("count(%s)"):format(quoted(column)) end
  if column == "" then return nil end
  if fn == "sum" and type == "integer" then return ("sum(%s)"):format(quoted(column)) end
  if fn == "min" or fn == "max" then
    return ("%s(%s%s)"):format(fn, quoted(column), type == "text" and " collate binary" or "")
  end
end

--- The groups of step i, or nil: at = i, keys, aggregates, and the columns that are compared.
function M.parse(plan, i, map)
  local step, source = plan.steps[i], plan.source
  local group = { at = i, keys = {}, aggregates = {}, columns = {} }
  for k = 1, step.keys.n do
    local name = frames.column_name(step.keys[k]) or step.keys[k]
    if type(name) ~= "string" or not map[name] then return nil end
    group.keys[k] = { name = name, column = map[name], text = source.type_of[map[name]] == "text" }
    group.columns[#group.columns + 1] = map[name]
  end
  for k = 1, step.args.n do
    local text = step.args[k]
    local name, fn, argument = nil, nil, nil
    if type(text) == "string" then name, fn, argument = definition(text) end
    if not name then return nil end
    local column = argument == "" and "" or map[argument]
    local sql = column and aggregate(fn, column, source.type_of[column])
    if not sql then return nil end
    group.aggregates[k] = { name = name, sql = sql, column = fn ~= "count" and column or nil }
    if column ~= "" then group.columns[#group.columns + 1] = column end
  end
  local after = plan.steps[i + 1] and plan.steps[i + 1].before or plan.schema
  if frames.columns(after) ~= #group.keys + #group.aggregates then return nil end
  group.schema = after:schema()
  return group
end

--- Pairs of column and type for the columns of the answer.
function M.types(source, work)
  local types = {}
  local function add(name, word)
    types[#types + 1] = name
    types[#types + 1] = word
  end
  for _, key in ipairs(work.group.keys) do
    if source.overridden[key.column] then add(key.name, source.overridden[key.column]) end
  end
  for i, item in ipairs(work.group.aggregates) do
    local own = item.column and source.overridden[item.column]
    add(item.name, own or work.group.schema[#work.group.keys + i].type)
  end
  return types
end

--- The SELECT, groups in the order of their first rows.
function M.sql(source, work, sieve)
  local columns, by = {}, {}
  for i, key in ipairs(work.group.keys) do
    columns[i] = ("%s as %s"):format(quoted(key.column), quoted(key.name))
    by[i] = quoted(key.column) .. (key.text and " collate binary" or "")
  end
  for _, item in ipairs(work.group.aggregates) do columns[#columns + 1] = item.sql .. " as " .. quoted(item.name) end
  if sieve.check then columns[#columns + 1] = ("total(%s) > 0 as \"#bad\""):format(sieve.check) end
  local parts = { "select ", table.concat(columns, ", "), " from main.", quoted(source.name) }
  if sieve.condition then
    parts[#parts + 1] = sieve.check and (" where (%s) or (%s)"):format(sieve.condition, sieve.check)
      or " where " .. sieve.condition
  end
  if #by > 0 then
    parts[#parts + 1] = (" group by %s order by min(%s)"):format(table.concat(by, ", "), source.rowid)
  end
  return table.concat(parts)
end

--- Whether the database groups faster than frames do: no keys, or an index on them.
function M.worthwhile(source, work, how)
  if how == "all" or #work.group.keys == 0 then return true end
  local plan = databases.query(source.database, "explain query plan " .. M.sql(source, work, {}), {})
  for row in plan:rows() do
    if row.detail:find("FOR GROUP BY", 1, true) then return false end
  end
  return true
end

return M
