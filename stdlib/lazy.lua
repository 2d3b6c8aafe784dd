-- Lazy frames: a table of a database and the verbs that will run over it.
--
-- A verb is checked when it is called, by running it over the frame without rows that the plan has come to; that
-- gives the schema behind it too. collect() reads what stdlib/lazy/push.lua leaves to read, and runs the verbs.
local databases = require "moonsift.ffi.database"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local push = require "moonsift.lazy.push"
local verbs = require "moonsift.frame"

local M = {}

-- Rows that printing shows.
local SHOWN = 10

local Lazy = {}
local plans = setmetatable({}, { __mode = "k" })

--- Whether a value is a lazy frame.
function M.is(x) return plans[x] ~= nil end

--- The frame without rows that a lazy frame comes to, without reading; of a frame its own.
function M.empty(x) return plans[x] and plans[x].schema or x:head(0) end

local function plan_of(x, verb)
  local plan = plans[x]
  if plan then return plan end
  errors.raise {
    code = "E-ARGUMENT", verb = verb,
    message = ("%s: got %s where a frame is wanted"):format(verb, x == nil and "nil" or "a " .. type(x)),
    hint = ("write frame:%s(…) with a colon"):format(verb),
  }
end

local function new(plan)
  local lazy = setmetatable({}, Lazy)
  plans[lazy] = plan
  return lazy
end

-- Lazy frames among the arguments (join, concat) as frames: collected, or without rows.
local function resolved(args, collect)
  local out = { n = args.n }
  for i = 1, args.n do
    local plan = plans[args[i]]
    if plan then
      if collect then out[i] = args[i]:collect() else out[i] = plan.schema end
    else
      out[i] = args[i]
    end
  end
  return out
end

local function step_of(verb, run, ...)
  local args = { n = select("#", ...), ... }
  return {
    verb = verb, args = args,
    check = function(frame) return run(frame, unpack(resolved(args, false), 1, args.n)) end,
    run = function(frame) return run(frame, unpack(resolved(args, true), 1, args.n)) end,
  }
end

local function then_do(plan, step)
  local steps = {}
  step.before = plan.schema
  for i, old in ipairs(plan.steps) do steps[i] = old end
  steps[#steps + 1] = step
  return new { source = plan.source, steps = steps, schema = step.check(plan.schema) }
end

-- ---- verbs ----

local methods = {}

local lazy_verbs = {
  "select", "with_columns", "rename", "drop", "sort", "top", "unique", "head", "tail", "fill_null", "join",
  "join_asof", "concat", "unpivot",
}
for _, verb in ipairs(lazy_verbs) do
  methods[verb] = function(self, ...)
    return then_do(plan_of(self, verb), step_of(verb, verbs[verb], ...))
  end
end

--- The rows where an expression is true; with a Lua function the rows are collected first.
function methods.filter(self, condition, parameters)
  local plan = plan_of(self, "filter")
  if type(condition) == "function" then return verbs.filter(self:collect(), condition) end
  return then_do(plan, step_of("filter", verbs.filter, condition, parameters))
end

local Groups = {}
Groups.__index = Groups
Groups.__tostring = function() return "groups of a lazy frame; :agg(…), :top(n, order) or :head(n) make a frame" end

for _, verb in ipairs { "agg", "top", "head" } do
  Groups[verb] = function(groups, ...)
    local keys = groups.keys
    local function run(frame, ...)
      local grouped = frame:group_by(unpack(keys, 1, keys.n))
      return grouped[verb](grouped, ...)
    end
    local step = step_of(verb == "agg" and "agg" or "group_" .. verb, run, ...)
    step.keys = keys
    return then_do(groups.plan, step)
  end
end

--- Groups of rows with equal keys; :agg(…) gives a lazy frame again.
function methods.group_by(self, ...)
  local plan = plan_of(self, "group_by")
  plan.schema:group_by(...)
  return setmetatable({ plan = plan, keys = { n = select("#", ...), ... } }, Groups)
end

--- Runs the plan; a frame in memory. push = "none" reads the whole table and does everything on frames, "all"
-- also has the database group where that is slower; the result is the same.
function methods.collect(self, given)
  local plan = plan_of(self, "collect")
  databases.check(plan.source.database, "collect")
  local frame, done = push.read(plan, given and given.push)
  for i = done + 1, #plan.steps do frame = plan.steps[i].run(frame) end
  return frame
end

--- What the database does, with the SQL, and what is done on frames.
function methods.explain(self, given)
  return push.explain(plan_of(self, "explain"), given and given.push)
end

function methods.schema(self) return plan_of(self, "schema").schema:schema() end
function methods.names(self) return plan_of(self, "names").schema:names() end
function methods.ncol(self) return plan_of(self, "ncol").schema:ncol() end

--- The first rows as a table for people.
function methods.show(self, given)
  local plan = plan_of(self, "show")
  local text = verbs.show(self:head(SHOWN):collect(), given)
  local count = #plan.steps
  local more = count == 0 and plan.source.name
    or ("%s, %d verb%s"):format(plan.source.name, count, count == 1 and "" or "s")
  return text .. ("\n the first rows of a lazy frame (%s); :collect() gives them all"):format(more)
end

frames.lazy(function(x) return plans[x] and methods.collect(x) end)

-- ---- the object ----

function Lazy.__index(self, key)
  local plan = plans[self]
  local method = methods[key]
  if method then return method end
  if frames.verbs[key] then -- a verb that needs the rows
    return function(x, ...) return frames.verbs[key](plans[x] and x:collect() or x, ...) end
  end
  local found = plan.schema[key] -- a column, or a kernel; anything else raises
  if type(found) ~= "function" then return found end
  return function(x, ...) return found(plans[x] and x:collect() or x, ...) end
end

function Lazy.__newindex(_, key)
  errors.raise {
    code = "E-ARGUMENT", message = "frame: a frame cannot be changed",
    hint = ("frame:with_columns(\"%s = …\") gives a new one"):format(tostring(key)),
  }
end

Lazy.__tostring = function(self) return methods.show(self) end
Lazy.__metatable = false

local function whole()
  errors.raise {
    code = "E-TYPE", message = "frame: a frame cannot be computed with or compared",
    hint = "write the expression as text, frame:filter(\"age > 30\"), frame:with_columns(\"b = a + 1\")",
  }
end
for _, event in ipairs { "lt", "le", "add", "sub", "mul", "div", "mod", "pow", "unm", "concat", "call" } do
  Lazy["__" .. event] = whole
end

--- A table of a database as a lazy frame. given: columns, types (pairs), on_mismatch.
function M.table(database, name, given)
  local source = push.source(database, name, given)
  return new { source = source, steps = {}, schema = source.schema }
end

return M
