-- The standard functions that row functions may use on worker states: those without effects, without a clock and
-- without chance, which give the same for the same arguments wherever they run.
local bit = require "bit"
local moment = require "moonsift.ffi.moment"
local null = require "moonsift.null"

local M = {}

local plain = {
  "assert", "error", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "select", "tonumber", "tostring",
  "type", "unpack",
}
local libraries = {
  math = {
    "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp", "huge",
    "ldexp", "log", "log10", "max", "min", "modf", "pi", "pow", "rad", "sin", "sinh", "sqrt", "tan", "tanh",
  },
  string = {
    "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper",
  },
  table = { "concat", "insert", "remove", "sort" },
  bit = { "arshift", "band", "bnot", "bor", "bswap", "bxor", "lshift", "rol", "ror", "rshift", "tobit", "tohex" },
}
local of_moonsift = { date = moment.date, time = moment.time, duration = moment.duration, null = null }

local function members(library, names)
  local part = {}
  for _, name in ipairs(names) do part[name] = library[name] end
  return part
end

-- From this state's own libraries, as they are when this file is read.
local globals = { bit = bit, math = math, string = string, table = table }
local all = {}
for _, name in ipairs(plain) do all[name] = _G[name] end
for library, names in pairs(libraries) do
  for _, name in ipairs(names) do all[library .. "." .. name] = globals[library][name] end
  all[library] = members(globals[library], names)
end
for name, value in pairs(of_moonsift) do all["ms." .. name] = value end
all.ms = of_moonsift

--- Values by their names: "tonumber", "math.log", "math" (the safe part of it), "ms", "ms.date".
function M.values() return all end

-- Names by value: the functions, and whole libraries as scripts see them.
local names = {}
for name, value in pairs(all) do
  if type(value) == "function" or name == "ms.null" then names[value] = name end
end
for library, value in pairs(globals) do names[value] = library end

--- Says that a value, such as the module moonsift, or a sandbox's own math, stands for the standard one of that name.
function M.register(name, value)
  names[value] = name
end

--- The standard name of a value, or nil.
function M.name(value)
  return value ~= nil and names[value] or nil
end

return M
