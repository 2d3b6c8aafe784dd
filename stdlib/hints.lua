-- What to do about an error that Lua itself raised: its messages, told in an analyst's words.
local errors = require "moonsift.errors"
local host = require "moonsift.host"

local M = {}

-- Pattern of the message, and the hint; a function gets the captures.
local slips = {
  { "near '!", "in Lua 'not equal' is written ~=, and 'not' is a word" },
  { "near '&", "in Lua 'and' is a word" },
  { "near '|", "in Lua 'or' is a word" },
  { "near '%+'", "Lua has neither ++ nor +=: write n = n + 1" },
  { "expected near '{'", "a block begins with 'then', 'do' or 'function' and ends with 'end', not with braces" },
  { "near '}'", "a block ends with 'end', not with a brace; or a brace is one too many" },
  { "'then' expected near '='", "a comparison is written ==" },
  { "'=' expected near '([%a_][%w_]*)'", function(word)
    return ("a statement is an assignment or a call; is the word before '%s' one of another language?"):format(word)
  end },
  { "'end' expected", "an 'if', 'for', 'while' or 'function' has no 'end' of its own" },
  { "unfinished string", "a text ends on the line on which it begins, with the quote with which it began" },
  { "calling '[%w_]+' on bad self", "call the method with a colon: value:method(…)" },
  { "attempt to call global '([%w_]+)' %(a nil value%)", function(name)
    return M.near(name, M.globals()) or "there is no function of that name"
  end },
  { "attempt to call method '([%w_]+)' %(a nil value%)", function(name)
    return M.near(name, M.members()) or "there is no method of that name; help() lists them"
  end },
  { "attempt to call field '([%w_]+)' %(a nil value%)", function(name)
    return M.near(name, M.members()) or "there is no function of that name in that module"
  end },
  { "attempt to index global 'ms' %(a nil value%)", 'a file begins with local ms = require "moonsift"' },
  { "attempt to index global '([%w_]+)' %(a nil value%)", function(name)
    return M.near(name, M.globals()) or
      ("'%s' was never set: is its name spelled right, is it local to another block or file?"):format(name)
  end },
  { "attempt to index .- %(a nil value%)",
    "the value before the dot or colon is nil: was it set, is its name spelled right?" },
  { "attempt to index .- %(a function value%)", "call the function first: name(…)" },
  { "attempt to concatenate .- %(a nil value%)", "one side of .. is nil; tostring(value) makes a text of anything" },
  { "attempt to concatenate .- %(a table value%)", "one side of .. is a table; table.concat joins its texts" },
  { "attempt to perform arithmetic on .- %(a nil value%)", "one side is nil; (value or 0) gives a number for it" },
  { "attempt to compare .- with .-", "both sides of a comparison must be of one type; nil is not a number" },
  { "bad argument #%d+ to 'pairs' %(table expected, got nil%)", "there is no table: was it set?" },
  { "bad argument #%d+ to 'ipairs' %(table expected, got nil%)", "there is no table: was it set?" },
  { "stack overflow", "a function calls itself without end" },
  { "string length overflow", "a text of that length cannot be held" },
  { "not enough memory", "the script needs more than its memory limit; MOONSIFT_MEMORY raises it" },
}

--- "did you mean 'x'?" for the name nearest to a wrong one, or nil.
function M.near(wrong, names)
  local at = host.nearest and host.nearest(wrong, names)
  if at and names[at] ~= wrong then return ("did you mean '%s'?"):format(names[at]) end
end

local function add(names, from)
  for name in pairs(from) do
    if type(name) == "string" then names[#names + 1] = name end
  end
end

--- The names that a script can see without a dot.
function M.globals()
  local names = { "ms" }
  add(names, require("moonsift.sandbox").environment)
  table.sort(names)
  return names
end

--- The names that stand behind a dot or a colon: of Lua's libraries, and of moonsift's verbs and kernels.
function M.members()
  local names = {}
  for _, library in ipairs { "string", "table", "math", "io", "os" } do
    add(names, require("moonsift.sandbox").environment[library])
  end
  add(names, require "moonsift")
  add(names, require "moonsift.frame")
  add(names, require("moonsift.ffi.binder").by_name)
  table.sort(names)
  return names
end

--- The hint for a message of Lua's, or nil.
function M.of(message)
  for _, slip in ipairs(slips) do
    local found, _, capture = message:find(slip[1])
    if found then return type(slip[2]) == "function" and slip[2](capture) or slip[2] end
  end
end

errors.advise = M.of

return M
