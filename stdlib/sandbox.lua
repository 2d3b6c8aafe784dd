-- What scripts may see: Lua without the ways out of it.
--
-- A script gets copies of Lua's libraries without bytecode, the FFI, the debug library, native modules, environments of
-- other functions, and (unless the program was told otherwise) the shell. It is a second wall: a script is trusted with
-- the files and the database that it is given, not with the process.
local host = require "moonsift.host"

local M = {}

local function copy(from, without)
  local out = {}
  for name, value in pairs(from) do out[name] = value end
  for _, name in ipairs(without or {}) do out[name] = nil end
  return out
end

-- Taken before a script can change anything.
local real = {
  require = require, setfenv = setfenv, loadstring = loadstring, getmetatable = getmetatable,
  setmetatable = setmetatable, open = io.open, type = type, error = error, byte = string.byte, find = string.find,
  concat = table.concat, tostring = tostring, select = select, xpcall = xpcall, rawset = rawset,
}

local environment = {}
M.environment = environment

--- Compiles text as a chunk of the sandbox: a function, or nil and a message. Bytecode is refused.
function M.load(text, name, env)
  if real.type(text) ~= "string" then return nil, "load: a text is wanted" end
  if real.byte(text, 1) == 27 then return nil, "load: compiled code is not accepted" end
  if real.find(text, "^#!") then text = "--" .. text end
  local chunk, message = real.loadstring(text, name or "=chunk")
  if not chunk then return nil, message end
  return real.setfenv(chunk, env or environment)
end

--- The same for a file; the message shows the line that cannot be read.
function M.load_file(text, name)
  if text:sub(1, 3) == "\239\187\191" then text = text:sub(4) end -- a byte order mark
  local chunk, message = M.load(text, name)
  if chunk then return chunk end
  local number, at = tonumber(message:match "^[^\n]-:(%d+): "), 0
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    at = at + 1
    if at == number and #line <= 200 then return nil, message .. "\n   " .. line:gsub("[%z\1-\31]", " ") end
  end
  return nil, message
end

-- load takes a function that gives pieces, too.
local function load_pieces(source, name, mode, env)
  if mode ~= nil and mode ~= "t" and mode ~= "bt" then return nil, "load: only text is accepted" end
  if real.type(source) == "function" then
    local pieces = {}
    for piece in source do
      if piece == "" then break end
      pieces[#pieces + 1] = piece
    end
    source = real.concat(pieces)
  end
  return M.load(source, name, env)
end

local function read_file(path)
  local file, message = real.open(path, "rb")
  if not file then return nil, message end
  local text, problem = file:read "*a"
  file:close()
  return text, problem
end

-- ---- require ----

-- The folder of the script: require finds modules beside it.
M.folder = "."

-- The modules that are a script's; the others are the library's own.
local public = { moonsift = true, help = true, sim = true, test = true, crm = true, strategy = true, report = true,
  plot = true, calendar = true }

local function is_public(name)
  return name == "moonsift" or public[name:match "^moonsift%.([%w_]+)" or ""]
end

local loaded = {}

local function require_script(name)
  if real.type(name) ~= "string" then real.error("require: the name of a module is wanted", 2) end
  if is_public(name) then return real.require(name) end
  if loaded[name] ~= nil then return loaded[name] end
  if not name:find "^[%w_%.%-]+$" or name:find "%.%." or name:find "^%." then
    real.error(("require: '%s' is not the name of a module"):format(name), 2)
  end
  if name:find "^moonsift%." then real.error(("require: '%s' is not for scripts"):format(name), 2) end
  local path = M.folder .. "/" .. name:gsub("%.", "/") .. ".lua"
  local text, message = read_file(path)
  if not text then real.error(("require: module '%s' not found (%s)"):format(name, message), 2) end
  local chunk, problem = M.load_file(text, "@" .. path)
  if not chunk then real.error(problem, 0) end
  local value = chunk(name)
  if value == nil then value = true end
  loaded[name] = value
  return value
end

-- ---- metatables: a script sees and changes its own only ----

local own = real.setmetatable({}, { __mode = "k" })

local function set_metatable(object, meta)
  local before = real.type(object) == "table" and real.getmetatable(object)
  if before and not own[before] then real.error("setmetatable: the metatable is not the script's own", 2) end
  real.setmetatable(object, meta)
  if meta then own[meta] = true end
  return object
end

local function get_metatable(object)
  if real.type(object) ~= "table" then return nil end
  local meta = real.getmetatable(object)
  if meta == nil or own[meta] or real.type(meta) ~= "table" then return meta end
  -- __metatable of a script's own metatable comes out as a table too: the library's never do.
  return false
end

-- ---- calls ----

-- A handler that does not end would not be stopped: hooks do not work while an error is handled.
local function call_with_handler(fn, handler, ...)
  local function guarded(problem)
    if host.stopped() then return problem end
    return handler(problem)
  end
  return real.xpcall(fn, guarded, ...)
end

local function exit(code)
  if code == nil or code == true then code = 0 end
  if code == false then code = 1 end
  if real.type(code) ~= "number" then real.error("os.exit: a number or a boolean is wanted", 2) end
  host.exit(code)
end

local bare = { "getfenv", "setfenv", "load", "loadstring", "loadfile", "dofile", "require", "module", "package",
  "debug", "ffi", "jit", "io", "os", "string", "table", "math", "coroutine", "bit", "_G", "newproxy", "getmetatable",
  "setmetatable", "xpcall", "gcinfo" }

local function build()
  for name, value in pairs(copy(_G, bare)) do environment[name] = value end
  environment._G = environment
  environment.load, environment.loadstring = load_pieces, M.load
  environment.loadfile = function(path)
    local text, message = read_file(path)
    if not text then return nil, message end
    return M.load_file(text, "@" .. path)
  end
  environment.dofile = function(path)
    local chunk, message = environment.loadfile(path)
    if not chunk then real.error(message, 0) end
    return chunk()
  end
  environment.require = require_script
  environment.getmetatable, environment.setmetatable = get_metatable, set_metatable
  environment.xpcall = call_with_handler
  environment.string = copy(string, { "dump" })
  environment.table, environment.math = copy(table), copy(math)
  environment.coroutine, environment.bit = copy(coroutine), copy(bit)
  environment.debug = { traceback = debug.traceback }
  environment.io = copy(io, host.allow_shell and {} or { "popen" })
  environment.os = copy(os, host.allow_shell and { "setlocale" } or { "execute", "setlocale" })
  environment.os.exit = exit
  for _, name in ipairs { "string", "table", "math", "bit", "coroutine", "io", "os" } do
    loaded[name] = environment[name]
  end
end

build()
-- ("x"):rep must not lead to the library's own string functions, nor to string.dump.
local strings = real.getmetatable ""
strings.__index, strings.__metatable = copy(string, { "dump" }), false

return M
