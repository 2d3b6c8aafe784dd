-- A row function made into a loop over the columns of a frame, for the compiler to trace.
--
-- The text of an accessor is written for each column: its type, its storage and whether it has nulls are known
-- then, and the place where its address stands is a constant of the trace. So `r.amount` is a load of the address
-- and a load of the value, with nothing to check. The addresses themselves are put into the slots for each morsel,
-- so that traces serve for frame after frame.
local ffi = require "ffi"
local bit = require "bit"
local table_new = require "table.new"
local moment = require "moonsift.ffi.moment"

local debug, loadstring = debug, loadstring

local M = {}

-- Slots: what the core puts in for each morsel (core/lua/rows.c knows the same numbers). Behind them three a column:
-- its values and validity from the morsel's first row on, and the column.
M.slots = { values = 0, tags = 1, texts = 2, at = 3, first = 4, session = 5, columns = 6 }

-- What a row function gave, a byte a row (core/lua/rows.h).
M.tags = { null = 0, number = 1, text = 2, boolean = 3, integer = 4, date = 5, time = 6 }

-- Texts of a dictionary that are made before the loop, and texts of results that are looked up by their hash.
local PREPARED, KNOWN = 1024, 65536

ffi.cdef "struct ms_lua_row {};"
local Row = ffi.typeof "struct ms_lua_row"

-- The accessors of the loop under way. One row serves all, so that its type is made once.
local function outside() error("a row is only there while its function runs", 0) end
local current = outside
ffi.metatype(Row, {
  __index = function(_, key) return current(key) end,
  __newindex = function() error("a row cannot be changed: a row function returns its result", 2) end,
  __tostring = function() return "a row" end,
})
local row = Row()

--- Makes the accessors of a program the ones that the row asks; gives those before.
function M.enter(fields)
  local before = current
  current = fields or outside
  return before
end

local size = ffi.new "size_t[1]"
local function entry(column, code)
  local text = ffi.C.ms_column_entry(column, code, size)
  return ffi.string(text, size[0])
end

local function exact(x)
  if x >= -0x20000000000000LL and x <= 0x20000000000000LL then return tonumber(x) end
  return x + 0LL -- without the const of its place
end

-- The text caches of a run: one a text column, filled at once where the dictionary is small.
local function fresh_cache(column)
  local entries = tonumber(ffi.C.ms_column_entries(column))
  local cache = table_new(math.min(entries, 2 ^ 20), 0)
  if entries <= PREPARED then
    for code = 0, entries - 1 do cache[code] = entry(column, code) end
  end
  return cache
end

local VALUE = {
  boolean = "return v[0][i] ~= 0",
  real = "return v[0][i]",
  date = "return date_of(v[0][i])",
  time = "return time_of(v[0][i])",
}

local function value_text(column)
  if column.type == "text" then
    if column.ctype == "" then return "return entry(cast(column_type, c[0]), first[0] + i)" end
    return "local code = v[0][i]\nlocal text = cache[code]\nif text then return text end\n" ..
      "text = entry(cast(column_type, c[0]), code)\ncache[code] = text\nreturn text"
  end
  if column.type == "integer" then
    return column.ctype == "const int64_t *" and "return exact(v[0][i])" or "return v[0][i]"
  end
  return VALUE[column.type]
end

local HEAD = [[
local cast, slots, at, first, helpers = ...
local date_of, time_of, exact, entry, fresh_cache = helpers.date_of, helpers.time_of, helpers.exact,
  helpers.entry, helpers.fresh_cache
local band, rshift, column_type = helpers.band, helpers.rshift, helpers.column_type
local slot, cache = %d, nil
local v, n, c = cast("%s*", slots + slot), cast("const uint8_t **", slots + slot + 1), slots + slot + 2
local function begin() %s end
]]

-- The accessor of one column, as a function without arguments, and what readies it for a run.
local function accessor(column, environment)
  local slot = M.slots.columns + 3 * (column.number - 1)
  local cached = column.type == "text" and column.ctype ~= ""
  local text = HEAD:format(slot, column.ctype == "" and "void *" or column.ctype,
    cached and "cache = fresh_cache(cast(column_type, c[0]))" or "") .. "return function()\nlocal i = at[0]\n" ..
    (column.nulls and "if band(rshift(n[0][rshift(i, 3)], band(i, 7)), 1) == 0 then return nil end\n" or "") ..
    value_text(column) .. "\nend, begin"
  local make = assert(loadstring(text, "=(row)"))
  return make(ffi.cast, environment.slots, environment.at, environment.first, environment.helpers)
end

-- r.amount: a chain of comparisons, which the compiler folds, since the key is a constant there.
local function chain_text(names)
  local text = { "local missing" }
  for i = 1, #names do text[#text + 1] = (", f%d"):format(i) end
  text[#text + 1] = " = ...\nreturn function(key)\n"
  for i, name in ipairs(names) do
    text[#text + 1] = ("if key == %q then return f%d() end\n"):format(name, i)
  end
  text[#text + 1] = "return missing(key)\nend"
  return table.concat(text)
end

local MOST = 50 -- upvalues of a function are limited

local function chain(columns, functions, missing)
  local fields = missing
  for last = #columns, 1, -MOST do
    local names, own = {}, {}
    for i = math.max(1, last - MOST + 1), last do names[#names + 1], own[#own + 1] = columns[i].name, functions[i] end
    fields = assert(loadstring(chain_text(names), "=(row)"))(fields, unpack(own))
  end
  return fields
end

local LOOP = [[
local fn, row, at, values, integers, tags, learn, other = ...
local type = type
return function(first, last, known)
  for k = first, last do
    at[0] = k
    local v = fn(row)
    local kind = type(v)
    if kind == "number" then
      values[0][k] = v
      tags[0][k] = 1
    elseif kind == "nil" then
      tags[0][k] = 0
    elseif kind == "string" then
      values[0][k] = known[v] or learn(v, known)
      tags[0][k] = 2
    elseif kind == "boolean" then
      values[0][k] = v and 1 or 0
      tags[0][k] = 3
    else
      local number, integer, tag = other(v)
      if integer then integers[0][k] = integer else values[0][k] = number end
      tags[0][k] = tag
    end
  end
end
]]

-- Values that are neither numbers, texts nor booleans: number, int64, tag.
local function other(v)
  if moment.is_date(v) then return v.value, nil, M.tags.date end
  if moment.is_time(v) then return nil, v.value, M.tags.time end
  if ffi.istype("int64_t", v) then return nil, v, M.tags.integer end
  error({ result = type(v) == "cdata" and "a handle" or "a " .. type(v) }, 0)
end

local function learner(slots)
  local count = 0
  local function learn(text, known)
    local code = ffi.C.ms_row_texts_add(slots[M.slots.texts], text, #text)
    if code < 0 then error("not enough memory", 0) end
    if count < KNOWN then
      known[text], count = code, count + 1
    end
    return code
  end
  return learn, function() count = 0 end
end

local function place()
  for level = 3, 100 do
    local info = debug.getinfo(level, "Sl")
    if not info then return "" end
    if info.what ~= "C" and info.source ~= "=(row)" and not info.source:find "^@stdlib/" then
      return info.short_src .. ":" .. info.currentline .. ": "
    end
  end
end
M.place = place

-- Columns that the function does not name, asked for by a computed name.
local function rest(names, ready, environment)
  local made = {}
  return function(key)
    local fn = made[key]
    if not fn then
      local column = names[key]
      if not column then error({ missing = tostring(key), place = place() }, 0) end
      local begin
      fn, begin = accessor(column, environment)
      begin()
      made[key], ready[#ready + 1] = fn, begin
    end
    return fn()
  end
end

--- An error of a loop as a table: `missing`, a column that there is not; `text`, what went wrong and where;
-- `raised`, an error that is more than text and is to be passed on where that can be done.
function M.describe(problem)
  if type(problem) ~= "table" then return { text = tostring(problem) } end
  if problem.missing then return { missing = problem.missing, text = problem.place } end
  if problem.result then
    return { text = ("the function gave %s; wanted a number, text, boolean, date, time or nil"):format(problem.result) }
  end
  local message = rawget(problem, "message") or "the function raised a table"
  return { text = tostring(message), raised = problem }
end

--- The loop of a row function over frames of these columns: a list of { name, type, ctype, nulls, number }, `used` of
-- which stand first. Gives a table: `slots` to be filled for each morsel, `begin` to be called for each run, `loop`
-- (first, last row of the morsel), `fields` for M.enter.
function M.new(fn, columns, used)
  local slots = ffi.new("void *[?]", M.slots.columns + 3 * #columns)
  local at_cell = ffi.new "int32_t[1]"
  local at = ffi.cast("int32_t *", at_cell)
  slots[M.slots.at] = at
  local environment = {
    slots = ffi.cast("void **", slots), at = at, first = ffi.cast("int64_t *", slots + M.slots.first),
    helpers = {
      date_of = moment.date_of, time_of = moment.time_of, exact = exact, entry = entry, fresh_cache = fresh_cache,
      band = bit.band, rshift = bit.rshift, column_type = ffi.typeof "const ms_column *",
    },
  }
  local names, functions, ready, named = {}, {}, {}, {}
  for i, column in ipairs(columns) do
    names[column.name] = column
    if i <= used then functions[i], ready[i] = accessor(column, environment) end
    named[i] = i <= used and column or nil
  end
  local learn, forget = learner(slots)
  local known = {}
  local loop = assert(loadstring(LOOP, "=(row)"))(fn, row, at, ffi.cast("double **", slots + M.slots.values),
    ffi.cast("int64_t **", slots + M.slots.values), ffi.cast("uint8_t **", slots + M.slots.tags), learn, other)
  return {
    slots = slots, cell = at_cell, fields = chain(named, functions, rest(names, ready, environment)),
    loop = function(first, last) return loop(first, last, known) end,
    begin = function()
      known = {}
      forget()
      for _, prepare in ipairs(ready) do prepare() end
    end,
  }
end

return M
