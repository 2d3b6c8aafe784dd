-- The prompt's side in Lua: whether an input is whole, running it, printing results, session variables.
local sandbox = require "moonsift.sandbox"

local M = {}

local env = setmetatable({}, { __index = sandbox.environment })
local print_value

local function list_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    return type(a) < type(b)
  end)
  return keys
end

local function show(value, depth)
  if type(value) == "string" then return depth > 0 and ("%q"):format(value) or value end
  if type(value) ~= "table" then return tostring(value) end
  local meta = getmetatable(value)
  if type(meta) == "table" and meta.__tostring then return tostring(value) end
  if depth >= 3 then return "{…}" end
  local parts = {}
  for i, key in ipairs(list_keys(value)) do
    if i > 40 then
      parts[#parts + 1] = "…"
      break
    end
    local name = type(key) == "number" and key <= #value and "" or tostring(key) .. " = "
    parts[#parts + 1] = name .. show(value[key], depth + 1)
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function print_value(...)
  for i = 1, select("#", ...) do
    local text = show((select(i, ...)), 0)
    io.write(text, text:sub(-1) == "\n" and "" or "\n")
  end
  if select("#", ...) > 0 then env._ = ... end
end

-- `local x = …` at the prompt would be gone with its line: it becomes a variable of the session.
local told = false
local function without_local(text)
  local changed, count = text:gsub("^%s*local%s+([%a_][%w_]*%s*[,=])", "%1")
  if count == 0 then changed, count = text:gsub("^%s*local%s+function%s+", "function ") end
  if count > 0 and not told then
    told = true
    io.stderr:write "(at the prompt 'local' is left out, so that the name stays)\n"
  end
  return changed
end

local commands = {}

local function dot(text)
  local name, rest = text:match "^%s*%.([%a]+)%s*(.-)%s*$"
  if not name then return nil end
  local command = commands[name]
  if not command then
    io.stderr:write(("there is no command .%s; .help lists them\n"):format(name))
    return "done"
  end
  return command(rest) or "done"
end

function commands.quit() return "quit" end
function commands.exit() return "quit" end

function commands.tables()
  if env.shop == nil then
    io.stderr:write "no database is open: .open PATH\n"
    return
  end
  print_value(env.shop:tables())
end

function commands.open(path)
  if path == "" then
    io.stderr:write ".open PATH\n"
    return
  end
  env.shop = env.ms.open(path)
  print(("%s is open as 'shop'"):format(path))
end

function commands.help(name)
  if name ~= "" then
    print(require("moonsift.help")(name))
    return
  end
  print [[
Type Lua; what an expression gives is printed and stands in _. Names of the session: ms (moonsift), shop (the open database).
  ms.help()          what there is          ms.help "join"     one thing in full
  .open PATH         open a database        .tables            its tables
  .quit or Ctrl-D    leave                  Ctrl-C             stop what runs, or drop the line]]
end

--- Begins a session; opens the database if there is a path.
function M.start(path)
  env.ms = require "moonsift"
  env.help = function(name) print(require("moonsift.help")(name)) end
  print(("moonsift %s — .help for help, Ctrl-D to leave"):format(env.ms.version))
  if path ~= "" then commands.open(path) end
end

--- One input, of one or more lines: runs it and gives "done" or "quit", or "more" if it is not whole yet.
function M.step(text)
  if not text:find "%S" then return "done" end
  local command = dot(text)
  if command then return command end
  local chunk = sandbox.load("return " .. text, "=input", env)
  if not chunk then
    local problem
    chunk, problem = sandbox.load(without_local(text), "=input", env)
    if not chunk then
      if problem:find "<eof>'?$" then return "more" end
      error(problem, 0)
    end
  end
  print_value(chunk())
  return "done"
end

return M
