-- Errors for the analyst: tables that print as text, with code, verb, column, row and hint.
--
-- What a script sees of one: `err.code` (stable, such as "E-COL-UNKNOWN"), `err.message`, `err.verb`, `err.column`,
-- `err.row` (from 1), `err.hint`; tostring(err) is the whole, with the place in the script and a caret.
local host = require "moonsift.host"

local M = {}

local Error = {}
Error.__index = Error

local SHOWN = 100 -- bytes of an expression around the fault

-- The innermost line on the stack that is not of the library.
local function place()
  for level = 3, 200 do
    local info = debug.getinfo(level, "Sl")
    if not info then return nil end
    if info.what ~= "C" and not info.source:find "^@?=?stdlib/" and info.currentline > 0 then
      return info.short_src .. ":" .. info.currentline
    end
  end
end

-- A byte offset moved forward to the beginning of a character.
local function to_character(text, at)
  while at < #text and text:byte(at + 1) >= 128 and text:byte(at + 1) < 192 do at = at + 1 end
  return at
end

-- The line of the source that has the fault, cut around it, and the carets below.
local function marked(source, first, last)
  local from, to = 0, #source
  for at in source:gmatch "()\n" do
    if at - 1 < first then from = at elseif at - 1 < to then to = at - 1 end
  end
  if last > to then last = to end
  local before, after = "", ""
  if first - from > SHOWN then
    from, before = to_character(source, first - SHOWN), "…"
  end
  if to - last > SHOWN then
    to, after = to_character(source, last + SHOWN), "…"
  end
  local line = before .. source:sub(from + 1, to):gsub("[%z\1-\31]", " ") .. after
  local indent = host.width(before .. source:sub(from + 1, first):gsub("[%z\1-\31]", " "))
  local length = math.max(1, host.width((source:sub(first + 1, last))))
  return "   " .. line .. "\n   " .. (" "):rep(indent) .. ("^"):rep(length)
end

function Error.__tostring(problem)
  local lines = { (problem.place and problem.place .. ": " or "") .. problem.message }
  if problem.source and problem.first then
    lines[#lines + 1] = marked(problem.source, problem.first, problem.last or problem.first)
  end
  if problem.hint then lines[#lines + 1] = "  " .. problem.hint:gsub("\n", "\n  ") end
  return table.concat(lines, "\n")
end

function Error.__concat(a, b)
  return tostring(a) .. tostring(b)
end

--- Raises the error of these fields: code, message; verb, column, row, hint, source with first and last (bytes).
function M.raise(fields)
  fields.place = fields.place or place()
  error(setmetatable(fields, Error), 0)
end

--- Whether a value is an error made by raise.
function M.is(problem)
  return getmetatable(problem) == Error
end

-- The calls of the script that led here, innermost first; the library's own are left out.
local function trace()
  local lines, seen = {}, nil
  for level = 3, 200 do
    local info = debug.getinfo(level, "Sln")
    if not info then break end
    local line = info.short_src .. ":" .. info.currentline
    if info.what ~= "C" and not info.source:find "^@?=?stdlib/" and info.currentline > 0 and line ~= seen then
      lines[#lines + 1] = "  " .. line .. (info.name and ": in " .. info.name or "")
      seen = line
    end
  end
  if #lines < 2 then return "" end
  return "\ncalled from\n" .. table.concat(lines, "\n", 2, math.min(#lines, 12))
end

local SHALLOW = 3 -- tables within a table that is raised as an error

-- A table without a text of its own, as one would write it.
local function spell(value, depth)
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) ~= "table" then return tostring(value) end
  if depth >= SHALLOW then return "{…}" end
  local parts = {}
  for name, member in pairs(value) do
    parts[#parts + 1] = ("%s = %s"):format(tostring(name), spell(member, depth + 1))
  end
  table.sort(parts)
  return "{ " .. table.concat(parts, ", ") .. " }"
end

-- Any value that was raised, as text.
local function text_of(problem)
  if type(problem) == "string" then return problem end
  if problem == nil then return "an error without a message (nil)" end
  local meta = debug.getmetatable(problem)
  if type(problem) == "table" and not (type(meta) == "table" and meta.__tostring) then return spell(problem, 0) end
  local fine, text = pcall(tostring, problem)
  return fine and type(text) == "string" and text or ("an error (a %s) that cannot be shown"):format(type(problem))
end

--- Of the text of an error that is not ours: what to do about it, or nil. stdlib/hints.lua puts its own here.
function M.advise() end

-- An error of Lua's own, or of the script's. Lua repeats the place where an error passes through a coroutine.
local function dress(problem, calls)
  local message = text_of(problem)
  local position = message:match "^[^\n]-:%d+: "
  while position and message:sub(#position + 1, 2 * #position) == position do message = message:sub(#position + 1) end
  return setmetatable({ code = "E-SCRIPT", message = message, hint = M.advise(message), trace = calls }, Error)
end

--- The message handler of a script's run: notes where the script was.
function M.explain(problem)
  if not M.is(problem) then return dress(problem, trace()) end
  problem.trace = trace()
  return problem
end

--- What is shown of an error that nobody caught.
function M.report(problem)
  if not M.is(problem) then problem = dress(problem) end
  return tostring(problem) .. (problem.trace or "")
end

return M
