-- The verbs of frames, in Lua's words. Each gives a new frame; none changes the one it is called on.
--
-- Definitions are texts in order ("revenue = price * count"); the parameters of their "@names" are a table behind
-- them, as are a verb's options.
local binder = require "moonsift.ffi.binder"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local rows = require "moonsift.ffi.rows"

local check, named = frames.check, frames.column_name
local call = binder.call
local M = {}

local function wrong(verb, message, hint)
  errors.raise { code = "E-ARGUMENT", verb = verb, message = verb .. ": " .. message, hint = hint }
end

local function described(x)
  if x == nil then return "nil" end
  if frames.is(x) then return "a frame" end
  if named(x) then return "a column" end
  return "a " .. type(x)
end

-- Splits "text", "text", { options }: the texts (columns count by their name), and the table or nil. A list of texts
-- may stand in their place.
local function texts(verb, ...)
  local list, count = {}, select("#", ...)
  local given
  for i = 1, count do
    local x = select(i, ...)
    local name = named(x)
    if type(x) == "string" or name then
      list[#list + 1] = name or x
    elseif type(x) == "table" and i == 1 and (x[1] ~= nil or next(x) == nil) then
      for _, item in ipairs(x) do list[#list + 1] = named(item) or item end
    elseif type(x) == "table" and i == count then
      given = x
    elseif type(x) == "boolean" then
      wrong(verb, "got a boolean: did you write == outside of a text?",
        ("expressions are texts: frame:%s(\"a == 1\")"):format(verb))
    else
      wrong(verb, ("argument %d is %s; wanted a text"):format(i, described(x)))
    end
  end
  return list, given
end
jit.off(texts) -- as ffi/options.lua

local function count_of(verb, n, fallback)
  if n == nil and fallback then return fallback end
  if type(n) ~= "number" or n < 0 or n ~= math.floor(n) then
    wrong(verb, ("got %s; wanted a number of rows, 0 or more"):format(type(n) == "number" and n or described(n)))
  end
  return n
end

-- A copy of the caller's options with some more.
local function with(given, more)
  local all = {}
  for name, value in pairs(given or {}) do all[name] = value end
  for name, value in pairs(more) do all[name] = value end
  return all
end

--- The rows where an expression is true, or where a function of the row gives true.
-- frame:filter("amount > 100 and city == @city", { city = "上海" })
-- frame:filter(function(r) return r.amount > 100 end)
function M.filter(frame, condition, parameters)
  check(frame, "filter")
  if type(condition) == "function" then return rows.filter(frame, condition) end
  if type(condition) == "boolean" then
    wrong("filter", "got a boolean: did you write == outside of a text?",
      "write frame:filter(\"a == 1\"), or frame:filter(function(r) return r.a == 1 end)")
  end
  local name = named(condition)
  if type(condition) ~= "string" and not name then
    wrong("filter", ("got %s; wanted an expression as a text, or a function of a row"):format(described(condition)))
  end
  return call("filter", { frame }, { where = name or condition }, parameters)
end

--- These columns, in this order; a definition makes one.
-- frame:select("id", "total = price * count")
function M.select(frame, ...)
  local columns, parameters = texts("select", ...)
  return call("select", { check(frame, "select") }, { columns = columns }, parameters)
end

--- The frame with columns added, or put in place of those of the same name. Later definitions see earlier ones.
-- frame:with_columns("total = price * count", "tax = total * @rate", { rate = 0.08 })
function M.with_columns(frame, ...)
  local columns, parameters = texts("with_columns", ...)
  return call("with_columns", { check(frame, "with_columns") }, { columns = columns }, parameters)
end

--- The frame with a column that a plain Lua function computes a row at a time, on all cores.
-- frame:map("tier", function(r) return r.amount > 1000 and "gold" or "plain" end)
function M.map(frame, name, fn, given)
  check(frame, "map")
  if type(name) ~= "string" or type(fn) ~= "function" then
    wrong("map", ("got %s and %s; wanted the name of the column and a function of a row"):format(
      described(name), described(fn)), "frame:map(\"tier\", function(r) return … end)")
  end
  return rows.map(frame, name, fn, given)
end

--- The frame with columns renamed: { old = "new" }.
function M.rename(frame, names)
  check(frame, "rename")
  if type(names) ~= "table" then wrong("rename", ("got %s; wanted { old = \"new\" }"):format(described(names))) end
  local from, to = {}, {}
  for old in pairs(names) do from[#from + 1] = old end
  table.sort(from, function(a, b) return tostring(a) < tostring(b) end)
  for i, old in ipairs(from) do to[i] = names[old] end
  return call("rename", { frame }, { from = from, to = to })
end

--- The frame without these columns.
function M.drop(frame, ...)
  return call("drop", { check(frame, "drop") }, { columns = (texts("drop", ...)) })
end

--- Sorted by columns or expressions, "-" in front for descending; stable, nulls last.
-- frame:sort("-amount", "city")
function M.sort(frame, ...)
  local by, given = texts("sort", ...)
  return call("sort", { check(frame, "sort") }, with(given, { by = by }))
end

--- The first n rows in the order of the keys, as frame:sort(…):head(n), but faster.
-- frame:top(10, "-amount")
function M.top(frame, n, ...)
  local by, given = texts("top", ...)
  check(frame, "top")
  return call("top", { frame }, with(given, { n = count_of("top", n), by = by }))
end

--- One row for each combination of values in these columns (all columns if none is named).
function M.unique(frame, ...)
  local by, given = texts("unique", ...)
  return call("unique", { check(frame, "unique") }, with(given, { by = by }))
end

--- The first n rows (10).
function M.head(frame, n)
  return call("head", { check(frame, "head") }, { n = count_of("head", n, 10) })
end

--- The last n rows (10).
function M.tail(frame, n)
  return call("tail", { check(frame, "tail") }, { n = count_of("tail", n, 10) })
end

--- n rows from the row `first` on; negative counts from the end: frame:slice(-3, 2).
function M.slice(frame, first, n)
  return call("slice", { check(frame, "slice") }, { first = first, n = n })
end

--- The frame with the number of each row in front: frame:row_index("nr", { from = 0 }).
function M.row_index(frame, name, given)
  return call("row_index", { check(frame, "row_index") }, with(given, { name = name }))
end

--- n rows drawn at random, in their order: frame:sample(100, { seed = 1 }).
function M.sample(frame, n, given)
  check(frame, "sample")
  if type(n) == "table" then given, n = n, nil end
  return call("sample", { frame }, with(given, { n = n }))
end

--- Two frames: a share of the rows drawn at random, and the rest: frame:split(0.8, { seed = 1 }).
function M.split(frame, share, given)
  check(frame, "split")
  return call("split", { frame }, with(given, { share = share }))
end

--- Rows of both frames with equal keys: frame:join(other, { on = "id", how = "left", expect = "m:1" }).
function M.join(frame, other, given)
  check(frame, "join")
  if type(given) == "string" then given = { on = given } end
  return call("join", { frame, other }, given)
end

--- For each row the last row of the other frame at or before it: frame:join_asof(other, { on = "at", by = "id" }).
function M.join_asof(frame, other, given)
  return call("join_asof", { check(frame, "join_asof"), other }, given)
end

--- The rows of the frames under each other.
function M.concat(frame, ...)
  local inputs, given = { check(frame, "concat") }, nil
  for i = 1, select("#", ...) do
    local x = select(i, ...)
    if i == select("#", ...) and type(x) == "table" then given = x else inputs[i + 1] = x end
  end
  return call("concat", inputs, given)
end

for _, verb in ipairs { "pivot", "unpivot", "describe" } do
  M[verb] = function(frame, given) return call(verb, { check(frame, verb) }, given) end
end

--- Nulls replaced: frame:fill_null(0), frame:fill_null(0, { columns = { "amount" } }).
function M.fill_null(frame, value, given)
  check(frame, "fill_null")
  if type(value) == "table" and not given then return call("fill_null", { frame }, value) end
  return call("fill_null", { frame }, with(given, { value = value }))
end

-- ---- groups ----

local Groups = {}
Groups.__index = Groups
Groups.__tostring = function(groups)
  return ("groups by %s; :agg(…), :top(n, order) or :head(n) make a frame"):format(table.concat(groups.by, ", "))
end

--- Groups of rows with equal keys; keys are columns or definitions. In the order of their first rows.
-- frame:group_by("city"):agg("n = count()", "revenue = sum(amount)")
function M.group_by(frame, ...)
  local by, parameters = texts("group_by", ...)
  return setmetatable({ frame = check(frame, "group_by"), by = by, parameters = parameters or {} }, Groups)
end

--- A row a group: the keys and these aggregates; later definitions see earlier ones.
function Groups:agg(...)
  local aggregates, parameters = texts("agg", ...)
  return call("group_by", { self.frame }, { by = self.by, aggregates = aggregates },
    with(self.parameters, parameters or {}))
end

--- The first n rows of each group in an order.
function Groups:top(n, ...)
  local order, given = texts("top", ...)
  return call("group_top", { self.frame }, with(given, { by = self.by, n = count_of("top", n), order = order }),
    self.parameters)
end

--- The first n rows of each group (10).
function Groups:head(n)
  return call("group_top", { self.frame }, { by = self.by, n = count_of("head", n, 10) }, self.parameters)
end

-- ---- files ----

for _, verb in ipairs { "write_csv", "write_json" } do
  M[verb] = function(frame, path, given)
    check(frame, verb)
    if type(path) ~= "string" then wrong(verb, ("got %s; wanted the path of a file"):format(described(path))) end
    return call(verb, { frame }, with(given, { path = path }))
  end
end

-- ---- what is in it ----

function M.nrow(frame) return frames.rows(check(frame, "nrow")) end
function M.ncol(frame) return frames.columns(check(frame, "ncol")) end

--- The names of the columns, a list.
function M.names(frame) return (frames.schema(check(frame, "names"))) end

--- A list of { name =, type = }, in order; also by name.
function M.schema(frame)
  local names, types = frames.schema(check(frame, "schema"))
  local schema = {}
  for i, name in ipairs(names) do schema[i] = { name = name, type = types[i] } end
  return schema
end

--- The values of a column as a list; null is nil, or what `null` says.
function M.column(frame, name, null)
  local read = frames.reader(frame, frames.find(check(frame, "column"), "column", named(name) or name))
  local list = {}
  for row = 1, frames.rows(frame) do
    local value = read(row - 1)
    if value == nil then value = null end
    list[row] = value
  end
  return list
end

-- A maker of rows as tables; a name that is no column raises.
local function row_maker(frame, verb)
  local names = frames.schema(frame)
  local readers, known = {}, {}
  for i, name in ipairs(names) do readers[i], known[name] = frames.reader(frame, i - 1), true end
  local meta = { __index = function(_, key) return not known[key] and frames.find(frame, verb, key) or nil end }
  return function(row)
    local made = {}
    for i = 1, #names do made[names[i]] = readers[i](row) end
    return setmetatable(made, meta)
  end
end

--- One row as a table, counted from 1; from the end with -1, -2, …
function M.row(frame, i)
  local count = M.nrow(frame)
  if type(i) ~= "number" or i ~= math.floor(i) or i == 0 or math.abs(i) > count then
    wrong("row", ("got %s; wanted the number of a row, 1 … %d (or -1 for the last)"):format(
      type(i) == "number" and i or described(i), count))
  end
  return row_maker(frame, "row")(i > 0 and i - 1 or count + i)
end

--- for r in frame:rows() do print(r.amount) end
function M.rows(frame)
  local make, count, row = row_maker(check(frame, "rows"), "rows"), frames.rows(frame), -1
  return function()
    row = row + 1
    if row < count then return make(row) end
  end
end

--- A frame collects to itself; so a script need not know whether it has a frame or a plan.
function M.collect(frame) return check(frame, "collect") end

--- How the frame came to be, as far as row functions go: on how many cores they ran, and why if on one.
function M.explain(frame)
  local notes = rows.notes(check(frame, "explain"))
  local lines = { ("a frame in memory: %d rows, %d columns, %.1f MB"):format(
    frames.rows(frame), frames.columns(frame), frames.bytes(frame) / 1e6) }
  for _, note in ipairs(notes) do lines[#lines + 1] = "  " .. note end
  return table.concat(lines, "\n")
end

-- ---- printing ----

local function width()
  local given = tonumber(os.getenv "COLUMNS")
  if given and given > 0 then return given end
  local cells = frames.terminal()
  return cells > 0 and cells or 100
end

--- The frame as a table for people: at most `rows` rows (20; 0: all), `width` cells wide (the terminal's; 0: any).
function M.show(frame, given)
  given = given or {}
  return frames.print(check(frame, "show"), given.rows or 20, given.width or width())
end

frames.define(M)
return M
