-- Database handles: opaque, closed by Lua's collector where a script does not, and the calls over them.
local ffi = require "ffi"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local library = require "moonsift.ffi.library"
local options = require "moonsift.ffi.options"

local C, context = library.C, library.context
local handle = ffi.typeof "ms_database *"

local M = {}

-- Methods by name (stdlib/database.lua), and the handles that were closed.
local methods = {}
local closed = setmetatable({}, { __mode = "k" })

--- Adds methods: functions that take the database first.
function M.define(functions)
  for name, fn in pairs(functions) do methods[name] = fn end
end

--- Whether a value is a database.
function M.is(x)
  return ffi.istype(handle, x) and x ~= nil
end

--- The database itself; raises where it is closed, or a method was called on something else.
function M.check(x, verb)
  if M.is(x) then
    if not closed[x] then return x end
    errors.raise { code = "E-ARGUMENT", verb = verb, message = verb .. ": the database is closed" }
  end
  errors.raise {
    code = "E-ARGUMENT", verb = verb,
    message = ("%s: got %s where a database is wanted"):format(verb, x == nil and "nil" or "a " .. type(x)),
    hint = ("write db:%s(…) with a colon"):format(verb),
  }
end

-- Who only reads at the moment, a text; nil while anybody may write.
local reader

--- Calls the function with the arguments; what writes to a database within it raises an error that names `who`.
function M.reading(who, fn, ...)
  local before = reader
  reader = who
  local fine, first, second = pcall(fn, ...)
  reader = before
  if not fine then error(first, 0) end
  return first, second
end

local function check_writing(verb)
  if not reader then return end
  errors.raise {
    code = "E-DATABASE", verb = verb,
    message = ("%s: %s only reads; it cannot write to a database"):format(verb, reader),
    hint = "what is to be written comes of what it returns",
  }
end

-- Calls once more where memory was short and the collector gave some back.
local function twice(call)
  library.pressure()
  local result = frames.own(call)
  if result == nil and C.ms_error_status(context) == C.MS_EMEMORY and library.reclaim() then
    result = frames.own(call)
  end
  return result
end

local function frame_of(verb, call)
  local frame = twice(call)
  if frame == nil then library.raise(verb) end
  library.finish()
  return frame
end

function M.open(path, given)
  if given and given.write then check_writing "open" end
  local bag = options.bag("open", given)
  local database = library.own(C.ms_database_close, C.ms_database_open, context, path, bag)
  if database == nil then library.raise "open" end
  library.finish()
  return database
end

function M.close(database)
  if closed[database] then return end
  closed[database] = true
  library.disown(database, C.ms_database_close)
end

function M.path(database) return ffi.string(C.ms_database_path(database)) end
function M.writable(database) return C.ms_database_writable(database) end

function M.tables(database)
  return frame_of("tables", function() return C.ms_database_tables(context, database) end)
end

function M.schema(database, name)
  return frame_of("schema", function() return C.ms_database_schema(context, database, name) end)
end

--- given: the options of ms_database_read; parameters of `where` by name without "@".
function M.read(database, name, given, parameters)
  local bag = options.bag("table", given, parameters)
  return frame_of("table", function() return C.ms_database_read(context, database, name, bag) end)
end

function M.query(database, sql, given, parameters)
  local bag = options.bag("query", given, parameters)
  return frame_of("query", function() return C.ms_database_query(context, database, sql, bag) end)
end

-- ---- for lazy frames: bags that are filled in turns ----

--- A bag of options for read_bag or query_bag.
function M.bag(verb, given) return options.bag(verb, given) end
function M.add_text(bag, name, text) C.ms_options_text(bag, name, text, #text) end

function M.read_bag(database, name, bag)
  return frame_of("table", function() return C.ms_database_read(context, database, name, bag) end)
end

function M.query_bag(database, sql, bag)
  return frame_of("query", function() return C.ms_database_query(context, database, sql, bag) end)
end

local function text_or_nil(pointer)
  if pointer ~= nil then return ffi.string(pointer) end
end

--- What of a filter SQLite can do: { condition =, check =, exact = }. source: database, name, types. filter: schema
-- (a frame), where, parameters, columns, check. bag: takes constants as parameters; without one they are literals.
function M.condition(source, filter, bag)
  local given = options.bag("filter", {
    table = source.name, types = source.types, where = filter.where, columns = filter.columns, check = filter.check,
  }, filter.parameters)
  local pushed = C.ms_database_condition(context, source.database, filter.schema, given, bag)
  if pushed == nil then library.raise "filter" end
  local result = {
    condition = text_or_nil(pushed.condition), check = text_or_nil(pushed.check), exact = pushed.exact,
  }
  library.finish()
  return result
end

--- Rows changed.
function M.execute(database, sql, parameters)
  check_writing "execute"
  local bag = options.bag("execute", nil, parameters)
  local changed = tonumber(C.ms_database_execute(context, database, sql, bag))
  if changed < 0 then library.raise "execute" end
  library.finish()
  return changed
end

local function done(verb, status)
  if status ~= C.MS_OK then library.raise(verb) end
  library.finish()
end

function M.write(database, name, frame, given)
  check_writing "write"
  local bag = options.bag("write", given)
  done("write", C.ms_database_write(context, database, name, frame, bag))
end

function M.begin(database)
  check_writing "transaction"
  done("transaction", C.ms_database_begin(context, database))
end
function M.commit(database) done("transaction", C.ms_database_commit(context, database)) end
function M.rollback(database) done("transaction", C.ms_database_rollback(context, database)) end

local held = setmetatable({}, { __mode = "k" })

--- Calls fn(…); all that it reads of the database is of one state, whatever others commit meanwhile. Gives what fn
-- gives (two values). database: nil calls fn alone.
function M.holding(database, fn, ...)
  if not database or held[database] then return fn(...) end
  done("transaction", C.ms_database_hold(context, database))
  held[database] = true
  local fine, first, second = pcall(fn, ...)
  held[database] = nil
  C.ms_database_release(database)
  if not fine then error(first, 0) end
  return first, second
end

ffi.metatype("ms_database", {
  __index = function(_, key)
    local method = methods[key]
    if method then return method end
    errors.raise {
      code = "E-ARGUMENT", message = ("database: there is no '%s'"):format(tostring(key)),
      hint = "a table is db:table(\"name\"); methods: table, query, tables, schema, write, transaction, execute, close",
    }
  end,
  __newindex = function()
    errors.raise { code = "E-ARGUMENT", message = "database: a handle has no fields of one's own" }
  end,
  __tostring = function(database)
    if closed[database] then return "a closed database" end
    return ("database %s (%s)"):format(M.path(database), M.writable(database) and "writable" or "read only")
  end,
})

return M
