-- Lua values into the bag of options that a kernel reads.
local ffi = require "ffi"
local errors = require "moonsift.errors"
local frames = require "moonsift.ffi.frame"
local library = require "moonsift.ffi.library"
local moment = require "moonsift.ffi.moment"
local null = require "moonsift.null"

local C, types = library.C, library.types
local int64, uint64 = ffi.typeof "int64_t", ffi.typeof "uint64_t"
local EXACT = 2 ^ 53

local M = {}

-- Compiled, LuaJIT 2.1 beta 3 loses items of lists: once in some hundred thousand calls a list came out empty.
jit.off(true, true)

local function refuse(verb, name, got)
  errors.raise {
    code = "E-ARGUMENT", verb = verb,
    message = ("%s: '%s' is %s; wanted a number, a text, a boolean, a date, a time, ms.null or a list of these")
      :format(verb, name, got),
  }
end

local add = {}

function add.boolean(bag, name, value)
  C.ms_options_integer(bag, name, types.boolean, value and 1 or 0)
end

function add.number(bag, name, value)
  local whole = value == math.floor(value) and math.abs(value) <= EXACT
  if whole and (value ~= 0 or 1 / value > 0) then
    C.ms_options_integer(bag, name, types.integer, value)
  else
    C.ms_options_real(bag, name, value)
  end
end

function add.string(bag, name, value)
  C.ms_options_text(bag, name, value, #value)
end

function add.cdata(bag, name, value, verb)
  if moment.is_date(value) then
    C.ms_options_integer(bag, name, types.date, value.value)
  elseif moment.is_time(value) then
    C.ms_options_integer(bag, name, types.time, value.value)
  elseif ffi.istype(int64, value) or (ffi.istype(uint64, value) and value <= 0x7fffffffffffffffULL) then
    C.ms_options_integer(bag, name, types.integer, ffi.cast(int64, value))
  elseif frames.column_name(value) then
    add.string(bag, name, frames.column_name(value))
  else
    refuse(verb, name, ffi.istype(uint64, value) and "an integer above 2^63 - 1" or "a handle")
  end
end

local function add_scalar(bag, name, value, verb)
  if value == null then return C.ms_options_null(bag, name) end
  local put = add[type(value)]
  if not put then refuse(verb, name, "a " .. type(value)) end
  put(bag, name, value, verb)
end

local function add_list(bag, name, list, verb)
  C.ms_options_list(bag, name)
  local count = 0
  for key in pairs(list) do
    if type(key) ~= "number" then
      errors.raise {
        code = "E-ARGUMENT", verb = verb,
        message = ("%s: '%s' is a table with the name '%s' in it; wanted a list in order, { first, second }")
          :format(verb, name, tostring(key)),
      }
    end
    count = math.max(count, key)
  end
  for i = 1, count do
    if list[i] == nil then
      refuse(verb, name, ("a list without item %d (ms.null is the empty value)"):format(i))
    end
    add_scalar(bag, name, list[i], verb)
  end
end

local function sorted_names(given, verb)
  local names = {}
  for name in pairs(given) do
    if type(name) ~= "string" then
      errors.raise {
        code = "E-ARGUMENT", verb = verb,
        message = ("%s: options have names; item %s of the table has none"):format(verb, tostring(name)),
        hint = "write { name = value }",
      }
    end
    names[#names + 1] = name
  end
  table.sort(names) -- so that of two faults the same is found every time
  return names
end

local function fill(bag, given, prefix, verb)
  for _, name in ipairs(sorted_names(given, verb)) do
    local value, full = given[name], prefix .. name
    local put = type(value) == "table" and value ~= null and add_list or add_scalar
    put(bag, full, value, verb)
  end
end

--- A bag of the options and the parameters of expressions (names without "@"), either may be nil. It is
-- freed with its last reference.
function M.bag(verb, given, parameters)
  local bag = library.own(C.ms_options_free, C.ms_options_new, library.context)
  if bag == nil then library.raise(verb) end
  if given then fill(bag, given, "", verb) end
  if parameters then fill(bag, parameters, "@", verb) end
  return bag
end

return M
