-- Cells of a column as Lua values: null is nil; an integer a number, or an int64 where a number is not exact; text a
-- string; a date or time a value of stdlib/ffi/moment.lua.
--
-- The same in two forms: a reader (a closure) for rows and columns, and the text of one for the row functions, in which
-- addresses are constants to the compiler (stdlib/ffi/rows.lua).
local ffi = require "ffi"
local bit = require "bit"
local library = require "moonsift.ffi.library"
local moment = require "moonsift.ffi.moment"

local C = library.C
local band, rshift = bit.band, bit.rshift
local tonumber = tonumber

local M = {}

-- C type of a value by storage.
M.ctypes = {
  [tonumber(C.MS_INT8)] = "const int8_t *", [tonumber(C.MS_INT16)] = "const int16_t *",
  [tonumber(C.MS_INT32)] = "const int32_t *", [tonumber(C.MS_INT64)] = "const int64_t *",
  [tonumber(C.MS_FLOAT64)] = "const double *", [tonumber(C.MS_CODE8)] = "const uint8_t *",
  [tonumber(C.MS_CODE16)] = "const uint16_t *", [tonumber(C.MS_CODE32)] = "const uint32_t *",
}
local bytes = ffi.typeof "const uint8_t *"
local size = ffi.new "size_t[1]"

-- An integer as a number where that is exact, else as it is.
local function exact(x)
  if x >= -0x20000000000000LL and x <= 0x20000000000000LL then return tonumber(x) end
  return x + 0LL -- without the const of its place
end
M.exact = exact

--- The text of an entry of the column's dictionary.
function M.entry(column, code)
  local text = C.ms_column_entry(column, code, size)
  return ffi.string(text, size[0])
end
local entry = M.entry

-- Texts are made once per entry of the dictionary.
local function text_reader(column, storage)
  local ctype = M.ctypes[storage]
  if not ctype then return function(row) return entry(column, row) end end
  local codes, made = ffi.cast(ctype, C.ms_column_values(column)), {}
  return function(row)
    local code = codes[row]
    local text = made[code]
    if not text then
      text = entry(column, code)
      made[code] = text
    end
    return text
  end
end

local wide = {
  date = function(x) return moment.date_of(x) end,
  time = function(x) return moment.time_of(x) end,
  boolean = function(x) return x ~= 0 end,
  integer = exact,
}

local function value_reader(column, kind)
  local storage = tonumber(C.ms_column_storage(column))
  if kind == "text" then return text_reader(column, storage) end
  local values, make = ffi.cast(M.ctypes[storage], C.ms_column_values(column)), wide[kind]
  if kind == "real" or (kind == "integer" and storage ~= tonumber(C.MS_INT64)) then
    return function(row) return values[row] end
  end
  return function(row) return make(values[row]) end
end

--- Function of a row, from 0, that gives the value there. The column must outlive it.
function M.reader(column, kind)
  local read, validity = value_reader(column, kind), C.ms_column_validity(column)
  if validity == nil then return read end
  local valid = ffi.cast(bytes, validity)
  return function(row)
    if band(rshift(valid[rshift(row, 3)], band(row, 7)), 1) == 0 then return nil end
    return read(row)
  end
end

return M
