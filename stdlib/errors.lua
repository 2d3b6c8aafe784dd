-- Errors for the analyst: tables that print as text, with code, verb, column, row and hint.
--
-- What a script sees of one: `err.code` (stable, such as "E-COL-UNKNOWN"), `err.message`, `err.verb`, `err.column`,
-- `err.row` (from 1), `err.hint`; tostring(err) is the whole, with the place in the script and a caret.
local cells = require "moonsift.cells"

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
  local indent = cells.width(before .. source:sub(from + 1, first):gsub("[%z\1-\31]", " "))
  local length = math.max(1, cells.width((source:sub(first + 1, last))))
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

-- Slips that Lua's own messages do not explain.
local slips = {
  { "near '!", "in Lua 'not equal' is written ~=, and 'not' is a word" },
  { "near '&", "in Lua 'and' is a word" },
  { "near '|", "in Lua 'or' is a word" },
  { "near '%+'", "Lua has neither ++ nor +=: write n = n + 1" },
  { "calling '[%w_]+' on bad self", "call the method with a colon: value:method(…)" },
  { "attempt to call method '([%w_]+)' %(a nil value%)", "there is no method of that name; help() lists them" },
  { "attempt to call field '([%w_]+)' %(a nil value%)", "there is no function of that name in that module" },
  { "attempt to index .- %(a nil value%)",
    "the value before the dot or colon is nil: was it set, is its name spelled right?" },
  { "attempt to call global '([%w_]+)' %(a nil value%)", "there is no function of that name" },
  { "attempt to compare .- with .-", "both sides of a comparison must be of one type; nil is not a number" },
  { "not enough memory", "the script holds more than its memory limit; MOONSIFT_MEMORY raises it" },
}

local function hint_for(message)
  for _, slip in ipairs(slips) do
    if message:find(slip[1]) then return slip[2] end
  end
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

--- The message handler of a script's run: any error as one that prints fit to be shown.
function M.explain(problem)
  if M.is(problem) then
    problem.trace = trace()
    return problem
  end
  if type(problem) == "table" and problem.exit then return problem end
  local message = type(problem) == "string" and problem or tostring(problem)
  return setmetatable({ code = "E-SCRIPT", message = message, hint = hint_for(message), trace = trace() }, Error)
end

--- What is shown of an error that nobody caught.
function M.report(problem)
  if type(problem) == "string" then
    problem = setmetatable({ code = "E-SCRIPT", message = problem, hint = hint_for(problem) }, Error)
  end
  local text = tostring(problem)
  if M.is(problem) and problem.trace then text = text .. problem.trace end
  return text
end

return M
