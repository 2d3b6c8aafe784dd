-- Frames from Lua values: ms.frame.
local ffi = require "ffi"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local library = require "moonsift.ffi.library"
local moment = require "moonsift.ffi.moment"
local null = require "moonsift.null"

local C, types = library.C, library.types
local EXACT = 2 ^ 53
local int64 = ffi.typeof "int64_t"

local M = {}

local function fail(message, hint, more)
  local fields = { code = "E-ARGUMENT", verb = "frame", message = "frame: " .. message, hint = hint }
  for name, value in pairs(more or {}) do fields[name] = value end
  errors.raise(fields)
end

-- The type of one value as a column has it; nil for a null.
local function type_of(x)
  local kind = type(x)
  if x == nil or x == null then return nil end
  if kind == "string" then return "text" end
  if kind == "boolean" then return "boolean" end
  if kind == "number" then
    return x == math.floor(x) and math.abs(x) <= EXACT and (x ~= 0 or 1 / x > 0) and "integer" or "real"
  end
  if moment.is_date(x) then return "date" end
  if moment.is_time(x) then return "time" end
  if ffi.istype(int64, x) then return "integer" end
  return false
end
M.type_of = type_of

local function mixed(name, row, first, other)
  fail(("column '%s' has values of two types: %s, and in row %d %s"):format(name, first, row, other),
    "a column has one type; ms.null is the empty value", { code = "E-TYPE", column = name, row = row })
end

-- The one type that fits all values; text where there is none.
local function infer(name, values, count)
  local found
  for row = 1, count do
    local kind = type_of(values[row])
    if kind == false then
      fail(("column '%s' has a %s in row %d; wanted numbers, texts, booleans, dates, times or ms.null")
        :format(name, type(values[row]), row), nil, { code = "E-TYPE", column = name, row = row })
    end
    if kind and found ~= kind then
      local number = (found == "real" or found == "integer") and (kind == "real" or kind == "integer")
      if found and not number then mixed(name, row, found, kind) end
      found = (not found) and kind or "real"
    end
  end
  return found or "text"
end

local put = {
  integer = function(b, i, x) C.ms_builder_integer(b, i, x) end,
  boolean = function(b, i, x) C.ms_builder_integer(b, i, x and 1 or 0) end,
  date = function(b, i, x) C.ms_builder_integer(b, i, x.value) end,
  time = function(b, i, x) C.ms_builder_integer(b, i, x.value) end,
  real = function(b, i, x) C.ms_builder_real(b, i, tonumber(x)) end,
  text = function(b, i, x) C.ms_builder_text(b, i, x, #x) end,
}

local function length(values)
  local count = 0
  for key in pairs(values) do
    if type(key) == "number" and key > count then count = key end
  end
  return count
end

-- columns: a list of { name =, values = }, all `count` long.
local function build(columns, count)
  local builder = library.own(C.ms_builder_free, C.ms_builder_new, library.context)
  if builder == nil then library.raise "frame" end
  local kinds = {}
  for i, column in ipairs(columns) do
    kinds[i] = infer(column.name, column.values, count)
    if C.ms_builder_column(builder, column.name, types[kinds[i]]) ~= C.MS_OK then library.raise "frame" end
  end
  for i, column in ipairs(columns) do
    local values, add = column.values, put[kinds[i]]
    for row = 1, count do
      local x = values[row]
      if x == nil or x == null then C.ms_builder_null(builder, i - 1) else add(builder, i - 1, x) end
    end
  end
  local frame = library.disown(builder, C.ms_builder_finish, C.ms_frame_free)
  if frame == nil then library.raise "frame" end
  library.finish()
  return frame
end

local function checked_name(name)
  if type(name) == "string" then return name end
  fail(("got a %s as the name of a column"):format(type(name)))
end

-- A column's length is never written to its table and read back: LuaJIT 2.1 beta 3 sometimes reads what stood there
-- before, in code that it compiled.
local function longest(columns)
  local count, name
  for _, column in ipairs(columns) do
    if type(column.values) ~= "table" then
      fail(("column '%s' is a %s; wanted a list of values"):format(column.name, type(column.values)))
    end
    local own = column.values.n or length(column.values)
    if count and own ~= count then
      local short = own < count and column.name or name
      fail(("column '%s' has %d values, another has %d"):format(short, math.min(own, count), math.max(own, count)),
        "a list that ends with empty values says so with ms.null", { column = short })
    end
    count, name = own, column.name
  end
  return count or 0
end
jit.off(longest) -- compiled, beta 3 has found 4 different from 4, once in some thousand frames

-- { { "id", { 1, 2 } }, { "city", { "a", "b" } } }
local function from_pairs(data)
  local columns = {}
  for i, pair in ipairs(data) do columns[i] = { name = checked_name(pair[1]), values = pair[2] } end
  return build(columns, longest(columns))
end

-- { id = { 1, 2 }, city = { "a", "b" } }: columns by name, since a table has no order.
local function from_names(data)
  local columns = {}
  for name, values in pairs(data) do columns[#columns + 1] = { name = checked_name(name), values = values } end
  table.sort(columns, function(a, b) return a.name < b.name end)
  return build(columns, longest(columns))
end

-- { { id = 1, city = "a" }, { id = 2 } }: columns by name.
local function from_rows(data)
  local by_name, columns = {}, {}
  for row, record in ipairs(data) do
    if type(record) ~= "table" then fail(("row %d is a %s; wanted a table"):format(row, type(record))) end
    for name, value in pairs(record) do
      local column = by_name[checked_name(name)]
      if not column then
        column = { name = name, values = {} }
        by_name[name], columns[#columns + 1] = column, column
      end
      column.values[row] = value
    end
  end
  table.sort(columns, function(a, b) return a.name < b.name end)
  return build(columns, #data)
end

--- A frame of Lua values: { { "id", { 1, 2 } }, { "city", { "上海", ms.null } } } in this order;
-- { id = { 1, 2 } } or rows { { id = 1 }, { id = 2 } } with columns sorted by name. Types are inferred; whole
-- numbers are integers.
function M.frame(data)
  if frames.is(data) then return data end
  if type(data) ~= "table" then
    fail(("got a %s; wanted columns or rows"):format(type(data)),
      "ms.frame{ { \"id\", { 1, 2 } }, { \"city\", { \"a\", \"b\" } } }")
  end
  local first = data[1]
  if first == nil then return from_names(data) end
  local pair = type(first) == "table" and type(first[1]) == "string" and type(first[2]) == "table"
  if pair then return from_pairs(data) end
  return from_rows(data)
end

return M
