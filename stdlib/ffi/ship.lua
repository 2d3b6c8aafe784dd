-- Decides whether a plain Lua function can run on worker states, and packs it with what it needs; or says why not.
--
-- It can where it gives the same whatever the order of the rows and the number of states: it assigns nothing outside
-- of itself, what it reads from outside are plain values, its functions are the standard ones, and its loops end.
local bytecode = require "moonsift.ffi.bytecode"
local moment = require "moonsift.ffi.moment"
local parcel = require "moonsift.ffi.parcel"
local standard = require "moonsift.ffi.standard"
local ffi = require "ffi"

local debug, dump, getfenv = debug, string.dump, getfenv
local int64 = ffi.typeof "int64_t"

local M = {}

local Reason = {}

-- Ends the inspection: it cannot be shipped, and why.
local function refuse(reason, line)
  error(setmetatable({ text = line and ("%s (line %d)"):format(reason, line) or reason }, Reason), 0)
end

local check_value

-- Members of a library that are not on the list, where the function names one of them.
local function check_library(name, value, found)
  if type(value) ~= "table" then return end
  for text in pairs(found.texts) do
    local member = rawget(value, text)
    if member ~= nil and standard.values()[name .. "." .. text] == nil then
      refuse(("it uses %s.%s"):format(name, text))
    end
  end
end

-- Most times that loops within one another may run for a row: some milliseconds. Nobody can stop them before.
local MOST_TIMES = 1e6

local function check_table(plan, value, what)
  if plan.holder[value] then refuse(("a function in %s uses the table itself"):format(what)) end
  if plan.checked[value] then return end
  plan.checked[value], plan.tables = true, plan.tables or what
  if debug.getmetatable(value) then refuse(("%s is a table with a metatable"):format(what)) end
  for key, item in pairs(value) do
    local kind = type(key)
    if kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
      refuse(("%s has a %s as a key"):format(what, kind))
    end
    local holds = type(item) == "function" and not standard.name(item)
    if holds then plan.holders[value] = true end
    plan.holder[value] = holds or nil
    check_value(plan, item, what)
    plan.holder[value] = nil
    if type(item) == "table" and plan.holders[item] then plan.holders[value] = true end
  end
end

local function check_cdata(value, what)
  local fine = moment.is_date(value) or moment.is_time(value) or moment.is_duration(value) or ffi.istype(int64, value)
  if not fine then refuse(("%s is a handle (a frame, a column or a database)"):format(what)) end
end

local function check_findings(plan, found)
  if found.global_store then
    refuse(("it assigns to the global '%s'"):format(found.global_store.name), found.global_store.line)
  end
  if found.assigned then
    refuse(("it assigns to '%s', which is outside of it"):format(found.assigned.name), found.assigned.line)
  end
  if found.loop then refuse("it has a while or repeat loop", found.loop.line) end
  if found.count then refuse("it counts to a bound that is not a constant", found.count.line) end
  -- It may be itself that it calls, by whatever way it came there; compiled code on a worker looks at no hook.
  if found.inner_call then refuse("it has a function within it that calls functions", found.inner_call.line) end
  if found.tail then refuse("it has a tail call of a function within it", found.tail.line) end
  plan.times = plan.times * found.times
  if plan.times > MOST_TIMES then refuse(("its loops may run %.0f times for a row"):format(plan.times)) end
  plan.store = plan.store or found.store
  plan.iterator = plan.iterator or found.iterator
  plan.closures = plan.closures or found.closures
  for _, name in ipairs { "insert", "remove", "sort" } do
    if found.texts[name] then plan.store = plan.store or { line = nil } end
  end
end

-- What a name stands for in a function: boxes { value } by number or name, so that nil has a place.
local function check_outside(plan, value, what, found)
  local name = standard.name(value)
  if name then check_library(name, value, found) else check_value(plan, value, what) end
  return { value }
end

-- A function that comes as an argument, or out of a table, may be the one that calls it. So those from outside (named)
-- are called where they are named, and go nowhere else.
local function check_passed(fn, named)
  local line = next(named) and bytecode.passed(fn, function(name) return named[name] end)
  if line then refuse("it passes a function on", line) end
end

local function check_function(plan, fn, what)
  if plan.open[fn] then refuse(("%s calls itself"):format(what)) end
  if plan.functions[fn] then return end
  if not bytecode.is_native(fn) and debug.getinfo(fn, "S").source:find "^@stdlib/" then
    refuse(("%s is a function of the library"):format(what))
  end
  if bytecode.is_native(fn) then refuse(("%s is not one of the standard functions without effects"):format(what)) end
  plan.open[fn] = true
  plan.count = plan.count + 1
  local found = bytecode.findings(fn)
  check_findings(plan, found)
  local parts = { dump = dump(fn), upvalues = {}, globals = {} }
  local named = {}
  local i = 1
  while true do
    local name, value = debug.getupvalue(fn, i)
    if not name then break end
    parts.upvalues[i] = check_outside(plan, value, ("'%s'"):format(name), found)
    if plan.outside(value) then named[name] = true end
    i = i + 1
  end
  local environment = getfenv(fn)
  for name in pairs(found.globals) do
    local value = rawget(environment, name)
    if value ~= nil then parts.globals[name] = check_outside(plan, value, ("'%s'"):format(name), found) end
    if plan.outside(value) then named[name] = true end
  end
  check_passed(fn, named)
  plan.open[fn], plan.functions[fn] = nil, parts
end

function check_value(plan, value, what)
  if standard.name(value) then return end
  local kind = type(value)
  if kind == "table" then
    check_table(plan, value, what)
  elseif kind == "function" then
    check_function(plan, value, what)
  elseif kind == "cdata" then
    check_cdata(value, what)
  elseif kind == "thread" or kind == "userdata" then
    refuse(("%s is a %s"):format(what, kind == "thread" and "coroutine" or kind))
  end
end

-- The function and all that it reaches; nil and the reason where it must stay here.
local function inspect(fn)
  local plan = { functions = {}, open = {}, checked = {}, holder = {}, holders = {}, count = 0, times = 1 }
  function plan.outside(value) return value ~= nil and (plan.functions[value] or plan.holders[value]) ~= nil end
  local fine, problem = pcall(function()
    check_function(plan, fn, "the function")
    if plan.store and plan.tables then
      refuse(("it stores into a table, and %s is a table from outside"):format(plan.tables), plan.store.line)
    end
    if plan.iterator and (plan.closures or plan.count > 1) then
      refuse("it has a for loop over a function", plan.iterator.line)
    end
  end)
  if fine then return plan end
  if getmetatable(problem) ~= Reason then error(problem, 0) end
  return nil, problem.text
end

--- The text constants of a function and those within it: the fields that it may name.
function M.texts(fn)
  return bytecode.is_native(fn) and {} or bytecode.findings(fn).texts
end

--- The program's text for worker states; nil and a reason where the function must run in the script's own state.
function M.pack(fn, columns, used)
  local plan, reason = inspect(fn)
  if not plan then return nil, reason end
  return parcel.pack({ fn = fn, columns = columns, used = used }, plan.functions, standard.name)
end

return M
