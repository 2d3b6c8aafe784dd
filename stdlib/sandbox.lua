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

local real = {
  require = require, setfenv = setfenv, loadstring = loadstring, load = load, getmetatable = getmetatable,
  setmetatable = setmetatable, open = io.open, type = type, error = error, byte = string.byte, find = string.find,
  concat = table.concat,
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
  local text = file:read "*a"
  file:close()
  return text
end

-- The folder of the script: require finds modules beside it.
M.folder = "."

local loaded = {}
local hidden = { ["moonsift.host"] = true, ["moonsift.sandbox"] = true, ["moonsift.errors"] = true }

local function require_script(name)
  if real.type(name) ~= "string" then real.error("require: the name of a module is wanted", 2) end
  if name == "moonsift" or (name:find "^moonsift%." and not name:find "^moonsift%.ffi" and not hidden[name]) then
    return real.require(name)
  end
  if loaded[name] ~= nil then return loaded[name] end
  if not name:find "^[%w_%.%-]+$" or name:find "%.%." then
    real.error(("require: '%s' is not the name of a module"):format(name), 2)
  end
  local path = M.folder .. "/" .. name:gsub("%.", "/") .. ".lua"
  local text, message = read_file(path)
  if not text then real.error(("require: module '%s' not found (%s)"):format(name, message), 2) end
  local chunk, problem = M.load(text, "@" .. path)
  if not chunk then real.error(problem, 0) end
  local value = chunk(name)
  if value == nil then value = true end
  loaded[name] = value
  return value
end

local function hide_metatable(object)
  local kind = real.type(object)
  if kind == "string" or kind == "cdata" then return false end
  return real.getmetatable(object)
end

local bare = { "getfenv", "setfenv", "load", "loadstring", "loadfile", "dofile", "require", "module", "package",
  "debug", "ffi", "jit", "io", "os", "string", "table", "math", "coroutine", "bit", "_G", "newproxy", "getmetatable",
  "gcinfo" }

local function build()
  for name, value in pairs(copy(_G, bare)) do environment[name] = value end
  environment._G = environment
  environment.load, environment.loadstring = load_pieces, M.load
  environment.loadfile = function(path)
    local text, message = read_file(path)
    if not text then return nil, message end
    return M.load(text, "@" .. path)
  end
  environment.dofile = function(path)
    local chunk, message = environment.loadfile(path)
    if not chunk then real.error(message, 0) end
    return chunk()
  end
  environment.require = require_script
  environment.getmetatable = hide_metatable
  environment.string = copy(string, { "dump" })
  environment.table, environment.math = copy(table), copy(math)
  environment.coroutine, environment.bit = copy(coroutine), copy(bit)
  environment.debug = { traceback = debug.traceback }
  environment.io = copy(io, host.allow_shell and {} or { "popen" })
  environment.os = copy(os, host.allow_shell and { "setlocale" } or { "execute", "setlocale", "exit" })
  environment.os.exit = function(code) real.error({ exit = code == nil and 0 or code }, 0) end
end

build()
-- ("x"):rep is string.rep of the real table: its metatable must not be got at.
real.getmetatable("").__metatable = false

return M
