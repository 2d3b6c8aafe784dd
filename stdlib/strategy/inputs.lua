-- What a strategy reads: tables of the customer database under the strategy's own names, cut at the day from which it
-- looks, so that nothing in it can see the future.
local condition = require "moonsift.strategy.condition"
local definition = require "moonsift.strategy.definition"
local host = require "moonsift.host"

local M = {}

local fail = definition.fail

local quoted = condition.quoted

-- Raises where a name of the mapping is none of the wanted ones but like one that it does not map. Other names are for
-- other strategies: one mapping serves all of a database.
local function check_name(strategy, name, wanted, mapped, message)
  if wanted[name] then return end
  local free = {}
  for other in pairs(wanted) do
    if mapped[other] == nil then free[#free + 1] = other end
  end
  table.sort(free) -- pairs has no order of its own
  local at = host.nearest and host.nearest(tostring(name), free)
  if at then fail(strategy.name, message:format(tostring(name)), ("did you mean '%s'?"):format(free[at])) end
end

local mapping_parts = { table = "string", columns = "table", where = "string", types = "table", grows = "boolean" }

local function check_part(strategy, input, part, value)
  local wanted = mapping_parts[part]
  if not wanted then
    fail(strategy.name, ("the mapping of '%s' has an unknown part '%s'"):format(input, tostring(part)),
      definition.nearest(part, mapping_parts))
  end
  if type(value) ~= wanted then
    fail(strategy.name, ("the mapping of '%s': %s is %s; a %s wanted"):format(input, part, definition.described(value),
      wanted == "string" and "text" or wanted), ([[%s = { table = "…", columns = { … = "…" } }]]):format(input))
  end
end

-- What the mapping says of one input.
local function check_mapped(strategy, input, said)
  if type(said) ~= "table" then
    fail(strategy.name, ("the mapping of '%s' is %s; a table wanted"):format(input, definition.described(said)),
      ([[%s = { table = "…", columns = { … = "…" } }]]):format(input))
  end
  for part, value in pairs(said) do check_part(strategy, input, part, value) end
  local known = {}
  for _, column in ipairs(strategy.inputs[input] and strategy.inputs[input].columns or {}) do known[column] = true end
  for column, value in pairs(said.columns or {}) do
    check_name(strategy, column, known, said.columns,
      ("the mapping of '%s' names '%%s', which is none of its columns"):format(input))
    if type(value) ~= "string" then
      fail(strategy.name, ("the mapping of '%s': column '%s' is %s; a column or an expression, as a text, wanted")
        :format(input, tostring(column), definition.described(value)),
        ([[columns = { %s = "…" }]]):format(tostring(column)))
    end
  end
end

-- A mapping: { orders = { table = "purchases", columns = { customer_id = "cust", ordered_at = "date" } } }.
local function check_mapping(strategy, mapping)
  if mapping == nil then return {} end
  if type(mapping) ~= "table" then
    fail(strategy.name, ("the mapping is %s; a table wanted"):format(definition.described(mapping)),
      [[the file ends with return { orders = { table = "…", columns = { … } } }]])
  end
  for input, said in pairs(mapping) do
    check_name(strategy, input, strategy.inputs, mapping, "the mapping names '%s', which is no input")
    check_mapped(strategy, input, said)
  end
  return mapping
end

-- The definitions that give the input's columns of what is stored.
local function selection(said, mapped)
  local list = {}
  for i, column in ipairs(said.columns) do
    list[i] = quoted(column) .. " = " .. (mapped[column] or quoted(column))
  end
  return list
end

local function missing(strategy, input, tables, wanted)
  local known = {}
  for _, name in ipairs(tables:column "name") do
    if not name:find "^ms_" then known[name] = true end -- those are the strategies' own
  end
  local near = definition.nearest(wanted, known)
  fail(strategy.name, ("there is no table '%s' for the input '%s'"):format(wanted, input),
    (near and near .. "\n" or "") .. "a mapping file (--map) says where it is: return { " .. input ..
      " = { table = \"…\", columns = { … } } }", "E-DATABASE")
end

local function check_columns(strategy, input, names, mapped, stored)
  local known, absent = {}, {}
  for _, name in ipairs(names) do known[name] = true end
  for _, column in ipairs(strategy.inputs[input].columns) do
    if not mapped[column] and not known[column] then absent[#absent + 1] = column end
  end
  if #absent == 0 then return end
  local way = ("a mapping file (--map) says which it is: return { %s = { columns = { %s = \"…\" } } }")
    :format(input, absent[1])
  local near = definition.nearest(absent[1], known)
  fail(strategy.name, ("the table '%s' has no column '%s', which the input '%s' needs"):format(stored, absent[1],
    input), near and near .. "\n" .. way or way, "E-COL-UNKNOWN")
end

--- The rows before the day.
function M.cut(frame, said, as_of)
  if not said.time then return frame end
  return frame:filter(quoted(said.time) .. " < @as_of", { as_of = as_of })
end

local function cut(strategy, input, frame, as_of)
  return definition.within(strategy, ("the time of the input '%s'"):format(input), function()
    return M.cut(frame, strategy.inputs[input], as_of)
  end)
end

-- The inputs by name as lazy frames over the database, renamed as the mapping says. All tables and columns are
-- checked.
local function found_in(strategy, database, mapping)
  mapping = check_mapping(strategy, mapping)
  local tables, found = database:tables(), {}
  local there = {}
  for _, name in ipairs(tables:column "name") do there[name] = true end
  for input, said in pairs(strategy.inputs) do
    local map = mapping[input] or {}
    local stored, mapped = map.table or input, map.columns or {}
    if not there[stored] then missing(strategy, input, tables, stored) end
    local whole = database:table(stored, { types = map.types })
    check_columns(strategy, input, whole:names(), mapped, stored)
    found[input] = definition.within(strategy, ("the mapping of '%s'"):format(input), function()
      if map.where then whole = whole:filter(map.where) end
      return whole:select(unpack(selection(said, mapped)))
    end)
  end
  return found
end

--- The inputs by name as lazy frames: what happened before as_of.
function M.of_database(strategy, database, as_of, mapping)
  local found = found_in(strategy, database, mapping)
  for input, frame in pairs(found) do found[input] = cut(strategy, input, frame, as_of) end
  return found
end

--- What an input depends on in this database, as one text.
function M.spelled(strategy, input, mapping)
  local map, list = check_mapping(strategy, mapping)[input] or {}, {}
  for _, part in ipairs { "columns", "types" } do
    for column, value in pairs(map[part] or {}) do list[#list + 1] = ("%s %s is %s"):format(part, column, value) end
  end
  table.sort(list) -- pairs has no order of its own
  return ("%s: %s, where %s, %s"):format(input, map.table or input, map.where or "true", table.concat(list, ", "))
end

-- Whether an index begins with the column.
local function indexed(database, stored, column)
  return database:query([[select count(*) n from pragma_index_list(@stored) l, pragma_index_info(l.name) i
    where l.partial = 0 and i.seqno = 0 and i.name = @column]], { stored = stored, column = column }):row(1).n > 0
end

--- Where an input stands, if rows are only ever added to it (grows), and those of single customers can be read by an
-- index: { table =, key =, last = (the last row's number), whole = (a lazy frame) }, or nil.
function M.place(strategy, database, input, mapping)
  local map, said = check_mapping(strategy, mapping)[input] or {}, strategy.inputs[input]
  local stored, columns = map.table or input, map.columns or {}
  local key = columns[said.customer] or said.customer
  if not (said.grows or map.grows) or not key:find "^[%a_][%w_]*$" then return nil end
  if not indexed(database, stored, key) then return nil end
  local quoted_name = '"' .. stored:gsub('"', '""') .. '"'
  local fine, found = pcall(function() return database:query("select max(rowid) as last from " .. quoted_name) end)
  if not fine then return nil end -- a view, or a table without rowid
  local types = {}
  for _, column in ipairs(database:table(stored, { types = map.types }):schema()) do
    types[column.name] = map.types and map.types[column.name] or column.type
  end
  return {
    input = input, table = quoted_name, key = key, types = types, map = map, last = tonumber(found:row(1).last) or 0,
    whole = found_in(strategy, database, mapping)[input],
  }
end

--- Rows of an input by a condition of SQL, a frame with the column "#row", their number, beside its own.
function M.rows(strategy, database, place, where, given)
  local rows = database:query(('select rowid as "#row", * from %s where %s order by rowid'):format(place.table,
    where), given, { types = place.types })
  if place.map.where then rows = rows:filter(place.map.where) end
  return rows:select("`#row`", unpack(selection(strategy.inputs[place.input], place.map.columns or {})))
end

--- The number of the first row that is not from before the day, or nil where there is none.
function M.first_behind(strategy, database, place, as_of)
  local time = strategy.inputs[place.input].time
  if not time then return nil end
  local rows = place.map.where and M.rows(strategy, database, place, "true")
    or place.whole:select(quoted(time)):collect():with_columns "`#at` = row_number()" -- far less to read
  local first = rows:filter(quoted(time) .. " >= @as_of", { as_of = as_of }):head(1)
  if first:nrow() == 0 then return nil end
  if place.map.where then return tonumber(first:row(1)["#row"]) end
  return tonumber(database:query(("select rowid as r from %s order by rowid limit 1 offset %d"):format(place.table,
    tonumber(first:row(1)["#at"]) - 1)):row(1).r)
end

--- The inputs whole, in memory.
function M.whole(strategy, database, mapping)
  if not database then
    fail(strategy.name, "the customer database is missing", "--db shop.db, or db = ms.open \"shop.db\"")
  end
  local found = found_in(strategy, database, mapping)
  for input, frame in pairs(found) do found[input] = frame:collect() end
  return found
end

--- The inputs by name from frames in memory.
function M.of_frames(strategy, given, as_of)
  local found = {}
  for input, said in pairs(strategy.inputs) do
    if not given[input] then fail(strategy.name, ("the input '%s' is not given"):format(input)) end
    found[input] = cut(strategy, input, given[input]:select(unpack(selection(said, {}))), as_of)
  end
  return found
end

return M
