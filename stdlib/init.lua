-- The module "moonsift": what scripts see.
local binder = require "moonsift.ffi.binder"
local build = require "moonsift.ffi.build"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local host = require "moonsift.host"
local moment = require "moonsift.ffi.moment"
local session = require "moonsift.ffi.session"
local null = require "moonsift.null"
local sandbox = require "moonsift.sandbox"
local verbs = require "moonsift.frame"
local rows = require "moonsift.ffi.rows"

local M = {
  null = null,
  frame = build.frame,
  date = moment.date, time = moment.time, duration = moment.duration,
  threads = session.threads, block = session.block, clock = session.clock,
  zone = session.zone, version = session.version,
  concat = function(first, ...) return verbs.concat(first, ...) end,
}

--- "frame", "date", "time", "duration", "null", or Lua's own word.
function M.type(x)
  if frames.is(x) then return "frame" end
  if x == null then return "null" end
  if type(x) ~= "cdata" then return type(x) end
  return moment.is_date(x) and "date" or moment.is_time(x) and "time"
    or moment.is_duration(x) and "duration" or "integer"
end

for _, reader in ipairs { "read_csv", "read_json" } do
  M[reader] = function(path, given)
    local all = { path = path }
    if type(path) == "table" and given == nil then path, given, all = path.path, path, {} end
    if type(path) ~= "string" then
      errors.raise {
        code = "E-ARGUMENT", verb = reader,
        message = ("%s: got %s; wanted the path of a file"):format(reader, path == nil and "nil" or "a " .. type(path)),
      }
    end
    for name, value in pairs(given or {}) do all[name] = value end
    return binder.call(reader, {}, all)
  end
end

binder.model = function(...) return require("moonsift.model").new(...) end
binder.prepare = function(...) return require("moonsift.model").prepare(...) end

-- Modules that are read when they are first named.
local modules = {
  sim = "moonsift.sim", calendar = "moonsift.calendar", crm = "moonsift.crm", help = "moonsift.help",
  strategy = "moonsift.strategy",
}
local from_database = { open = true, sql = true, import = true }
local functions = {
  load = function(...) return require("moonsift.model.store").load(...) end,
  cluster_stability = function(...) return require("moonsift.model.stability").cluster_stability(...) end,
  cross_validate = function(...) return require("moonsift.model.validate").cross_validate(...) end,
  permutation_importance = function(...) return require("moonsift.model.importance").permutation_importance(...) end,
}

-- A function that raises when it is called: asking whether there is one must not.
local function no_such(name)
  local names = {}
  for _, from in ipairs { M, modules, from_database, functions, binder.by_name } do
    for known in pairs(from) do names[#names + 1] = known end
  end
  table.sort(names) -- pairs has no order of its own
  local at = host.nearest and host.nearest(name, names)
  return function()
    errors.raise {
      code = "E-KERNEL-UNKNOWN", message = ("there is no ms.%s"):format(name),
      hint = at and ("did you mean 'ms.%s'?"):format(names[at]) or "ms.help() lists what there is",
    }
  end
end

local function find(name)
  if name == "arguments" then return require("moonsift.command").arguments end
  if modules[name] then return require(modules[name]) end
  if functions[name] then return functions[name] end
  if from_database[name] then return require("moonsift.database")[name] end
  return binder.by_name[name] and binder.of(name) or no_such(name)
end

setmetatable(M, { __index = function(_, name)
  if type(name) ~= "string" then return nil end
  local found = find(name)
  rawset(M, name, found)
  return found
end })

-- Scripts have copies of Lua's libraries; to row functions they are the libraries themselves.
rows.standard("ms", M)
for _, library in ipairs { "bit", "math", "string", "table" } do
  rows.standard(library, sandbox.environment[library])
end
return M
