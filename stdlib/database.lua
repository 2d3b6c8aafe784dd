-- Databases: ms.open, and what can be done with one. docs/databases.md tells it whole.
local databases = require "moonsift.ffi.database"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local lazy = require "moonsift.lazy"
local binder = require "moonsift.ffi.binder"

local check = databases.check
local M = {}

local function wrong(verb, message, hint)
  errors.raise { code = "E-ARGUMENT", verb = verb, message = verb .. ": " .. message, hint = hint }
end

local function text(verb, x, wanted)
  if type(x) == "string" then return x end
  wrong(verb, ("got %s; wanted %s"):format(x == nil and "nil" or "a " .. type(x), wanted))
end

local function options(verb, given)
  if given == nil or type(given) == "table" then return given or {} end
  wrong(verb, ("got a %s; wanted a table of options"):format(type(given)))
end

-- { column = "type" } as the list of pairs that the core reads, in one order.
local function types_list(verb, types)
  if types == nil then return nil end
  if type(types) ~= "table" then wrong(verb, "option 'types' wants { column = \"type\" }") end
  local names, list = {}, {}
  for name in pairs(types) do
    if type(name) ~= "string" then wrong(verb, "option 'types' wants { column = \"type\" }") end
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    list[#list + 1] = name
    list[#list + 1] = text(verb, types[name], "the type of a column as a text")
  end
  return list
end

local function read_options(verb, given)
  local copy = {}
  for name, value in pairs(options(verb, given)) do copy[name] = value end
  copy.types = types_list(verb, copy.types)
  return copy
end

-- Parameters: by name, or a list for the question marks.
local function parameters(verb, given)
  local named = {}
  for name, value in pairs(options(verb, given)) do named[tostring(name)] = value end
  return named
end

--- Opens a database, for reading only unless told:
-- ms.open "shop.db", ms.open("shop.db", { write = true, create = true, timeout = 5 })
function M.open(path, given)
  if type(path) == "table" and given == nil then path, given = path.path or path[1], path end
  local copy = {}
  for name, value in pairs(options("open", given)) do
    if name ~= "path" and name ~= 1 then copy[name] = value end
  end
  return databases.open(text("open", path, "the path of a database"), copy)
end

--- The rows of one SELECT: ms.sql("shop.db", "select count(*) n from orders"), or with an open database.
function M.sql(where, sql, given, more)
  if databases.is(where) then return where:query(sql, given, more) end
  local database = M.open(where)
  local ok, result = pcall(database.query, database, sql, given, more)
  database:close()
  if not ok then error(result, 0) end
  return result
end

local methods = {}

--- Tables and views, a frame.
function methods.tables(database) return databases.tables(check(database, "tables")) end

--- The columns of a table: declared type, type as it is read, whether required, place in the primary key.
function methods.schema(database, name)
  return databases.schema(check(database, "schema"), text("schema", name, "the name of a table"))
end

--- A table as a lazy frame: verbs are checked now and run when the rows are wanted.
-- shop:table "orders", shop:table("orders", { types = { ordered_at = "time" }, on_mismatch = "null" })
function methods.table(database, name, given)
  return lazy.table(check(database, "table"), text("table", name, "the name of a table"), read_options("table", given))
end

--- The rows that a SELECT gives, a frame: shop:query("select * from orders where id = @id", { id = 42 })
function methods.query(database, sql, given, more)
  check(database, "query")
  return databases.query(database, text("query", sql, "a SELECT as a text"), read_options("query", more),
    parameters("query", given))
end

--- Runs one statement that changes something; gives the number of rows changed.
function methods.execute(database, sql, given)
  check(database, "execute")
  return databases.execute(database, text("execute", sql, "a statement as a text"), parameters("execute", given))
end

--- Writes a frame to a table, whole or not at all. mode: "create", "append", "replace", or "upsert" with
-- key = { … }: rows with the same key are put in place of the old.
-- shop:write("offers", offers, { mode = "upsert", key = { "customer_id" } })
function methods.write(database, name, frame, given)
  check(database, "write")
  text("write", name, "the name of a table")
  if lazy.is(frame) then frame = frame:collect() end
  if not frames.is(frame) then
    wrong("write", ("got %s; wanted a frame"):format(frame == nil and "nil" or "a " .. type(frame)),
      "ms.frame { … } makes one")
  end
  databases.write(database, name, frame, options("write", given))
end

--- Several writes as one: all of what the function writes, or (where it raises) nothing.
-- shop:transaction(function() shop:write(…); shop:write(…) end)
function methods.transaction(database, fn)
  check(database, "transaction")
  if type(fn) ~= "function" then wrong("transaction", ("got a %s; wanted a function"):format(type(fn))) end
  databases.begin(database)
  local ok, result = pcall(fn, database)
  if not ok then
    databases.rollback(database)
    error(result, 0)
  end
  databases.commit(database)
  return result
end

--- Closes the database; it is closed by itself where nobody holds it any more.
function methods.close(database)
  if databases.is(database) then databases.close(database) else check(database, "close") end
end

--- The path it was opened with.
function methods.path(database) return databases.path(check(database, "path")) end

databases.define(methods)

-- Options of import that are the write's; all others are the reader's.
local writing = { mode = true, key = true }

local Report = {}
Report.__index = Report
function Report.__tostring(report)
  local line = ("%s: %d rows, %d columns"):format(report.table, report.rows, report.columns)
  local rejected = report.rejected and #report.rejected or 0
  return rejected > 0 and ("%s; %d rejected"):format(line, rejected) or line
end

--- Reads a CSV file (or JSON lines) into a table of a database, whole or not at all:
-- ms.import("orders.csv", { db = "shop.db", table = "orders", mode = "append" })
-- Gives { table =, rows =, columns =, rejected = }; rejected: the frame of lines that could not be read, or nil.
function M.import(path, given)
  local reading, to = { path = text("import", path, "the path of a file") }, {}
  for name, value in pairs(options("import", given)) do
    if name ~= "db" and name ~= "table" then (writing[name] and to or reading)[name] = value end
  end
  local name = text("import", given and given.table, "the option 'table', the name of a table")
  local database, own = given.db, false
  if type(database) == "string" then
    database, own = M.open(database, { write = true, create = true }), true
  end
  check(database, "import")
  local reader = path:find "%.jsonl?$" and "read_json" or "read_csv"
  local ok, frame, rejected = pcall(binder.call, reader, {}, reading)
  local problem = frame
  if ok then ok, problem = pcall(methods.write, database, name, frame, to) end
  if own then database:close() end
  if not ok then error(problem, 0) end
  return setmetatable(
    { table = name, rows = frames.rows(frame), columns = frames.columns(frame), rejected = rejected }, Report)
end

return M
