-- Frame handles: opaque, counted by the core, given back by Lua's collector; and their cells as Lua values.
local ffi = require "ffi"
local cells = require "moonsift.ffi.cells"
local errors = require "moonsift.errors"
local host = require "moonsift.host"
local library = require "moonsift.ffi.library"

local C, context = library.C, library.context
local handle = ffi.typeof "ms_frame *"

local M = {}

-- Verbs by name (stdlib/frame.lua), and a function that gives a kernel's Lua function by its name.
local verbs = {}
local kernel_function, kernel_names = function() end, {}

--- Adds verbs: functions that take the frame first.
function M.define(functions)
  for name, fn in pairs(functions) do verbs[name] = fn end
end
function M.kernel(lookup, names) kernel_function, kernel_names = lookup, names end
M.verbs = verbs

--- Whether a value is a frame.
function M.is(x)
  return ffi.istype(handle, x) and x ~= nil
end
local is = M.is

-- Lazy frames (stdlib/lazy.lua) are collected where a kernel wants a frame.
local collect_lazy = function() end
function M.lazy(collect) collect_lazy = collect end

--- The frame, or that of a lazy frame; nil where it is neither.
function M.of(x)
  if is(x) then return x end
  if type(x) == "table" then return collect_lazy(x) end
end

--- The frame that a function of the core gives us to own, or NULL.
function M.own(make, ...)
  return library.own(C.ms_frame_free, make, ...)
end

--- The frame itself; raises where a verb was called on something else (df.head(5) for df:head(5)).
function M.check(x, verb)
  if is(x) then return x end
  errors.raise {
    code = "E-ARGUMENT", verb = verb,
    message = ("%s: got %s where a frame is wanted"):format(verb, x == nil and "nil" or "a " .. type(x)),
    hint = ("write frame:%s(…) with a colon"):format(verb),
  }
end

local function unknown(frame, verb, name)
  C.ms_frame_need(context, frame, verb, name)
  library.raise(verb)
end

-- A key that is neither verb nor column: the nearest of both.
local function no_such(frame, key, kernels)
  local names = {}
  for name in pairs(verbs) do names[#names + 1] = name end
  for name in pairs(kernels) do names[#names + 1] = name end
  table.sort(names) -- pairs has no order of its own
  for i = 1, M.columns(frame) do names[#names + 1] = M.name(frame, i - 1) end
  local at = host.nearest and host.nearest(key, names)
  errors.raise {
    code = "E-COL-UNKNOWN", verb = "frame", column = key,
    message = ("frame: there is no verb and no column '%s'"):format(key),
    hint = at and ("did you mean '%s'?"):format(names[at]) or "help() lists the verbs, frame:schema() the columns",
  }
end

--- Number of the column, from 0; raises with the nearest name where there is none.
function M.find(frame, verb, name)
  if type(name) ~= "string" then
    errors.raise {
      code = "E-ARGUMENT", verb = verb,
      message = ("%s: got %s; wanted the name of a column"):format(verb, name == nil and "nil" or "a " .. type(name)),
    }
  end
  local i = tonumber(C.ms_frame_find(frame, name))
  if i < 0 or name:find("\0", 1, true) then unknown(frame, verb, name) end
  return i
end

function M.rows(frame) return tonumber(C.ms_frame_rows(frame)) end
function M.columns(frame) return tonumber(C.ms_frame_columns(frame)) end
function M.name(frame, i) return ffi.string(C.ms_frame_name(frame, i)) end
function M.type(frame, i) return library.types[tonumber(C.ms_frame_type(frame, i))] end
function M.bytes(frame) return tonumber(C.ms_frame_bytes(frame)) end

--- Names in order, and types in order.
function M.schema(frame)
  local names, types = {}, {}
  for i = 1, M.columns(frame) do names[i], types[i] = M.name(frame, i - 1), M.type(frame, i - 1) end
  return names, types
end

--- Function of a row (from 0) that gives the column's value there. It holds the frame.
function M.reader(frame, i)
  local read = cells.reader(C.ms_frame_column(frame, i), M.type(frame, i))
  return function(row)
    return frame and read(row)
  end
end

--- The text of the frame as a table, at most `width` cells wide and `rows` rows long (0: any).
function M.print(frame, rows, width)
  local size = ffi.new "size_t[1]"
  local given = ffi.new("ms_print_options", { width = width, rows = rows })
  local text = C.ms_frame_print(context, frame, given, size)
  if text == nil then library.raise "print" end
  local result = ffi.string(text, size[0]):gsub("\n$", "") -- print adds its own
  library.finish()
  return result
end

--- Cells of a line of the terminal; 0 where there is none.
function M.terminal() return C.ms_terminal_width() end

-- ---- df.age: a column's name, which cannot be computed with ----

-- A cdata, since Lua asks it in comparisons with numbers and texts too, where a table is not asked.
ffi.cdef "typedef struct { const int32_t number; } ms_lua_column;"
local Column = ffi.typeof "ms_lua_column"
local column_names, column_numbers = {}, {}

local function column_of(name)
  local number = column_numbers[name]
  if not number then
    number = #column_names + 1
    column_names[number], column_numbers[name] = name, number
  end
  return Column(number)
end

--- The name, where a value is a column (frame.age); nil where it is not.
function M.column_name(x)
  if ffi.istype(Column, x) then return column_names[x.number] end
end
local column_name = M.column_name

local function cannot(done)
  return function(a, b)
    local name = column_name(a) or column_name(b)
    errors.raise {
      code = "E-TYPE", column = name,
      message = ("column '%s' cannot be %s in Lua, which would see one value, not one a row"):format(name, done),
      hint = ("write it as a text, frame:filter(\"%s > 30\"), or as a function of a row, " ..
        "frame:filter(function(r) return r.%s > 30 end)"):format(name, name),
    }
  end
end

local function no_member(column, key)
  errors.raise {
    code = "E-ARGUMENT", column = column_name(column),
    message = ("column '%s' has no '%s'"):format(column_name(column), tostring(key)),
    hint = ("its values are frame:column(\"%s\")"):format(column_name(column)),
  }
end

local compared, computed = cannot "compared", cannot "computed with"
ffi.metatype(Column, {
  __index = no_member, __newindex = no_member, __call = cannot "called", __concat = cannot "joined",
  __tostring = function(column) return ("column '%s'"):format(column_name(column)) end,
  __eq = compared, __lt = compared, __le = compared,
  __add = computed, __sub = computed, __mul = computed, __div = computed, __mod = computed, __pow = computed,
  __unm = computed,
})

-- ---- the handle's own behaviour ----

local function index(frame, key)
  local verb = verbs[key]
  if verb then return verb end
  if type(key) == "string" then
    if C.ms_frame_find(frame, key) >= 0 then return column_of(key) end
    local kernel = kernel_function(key)
    if kernel then return kernel end
    no_such(frame, key, kernel_names)
  end
  errors.raise {
    code = "E-ARGUMENT", message = ("frame: got %s as the name of a verb or column"):format(tostring(key)),
    hint = "a row is frame:row(1), a column frame:column(\"name\")",
  }
end

local function immutable(_, key)
  errors.raise {
    code = "E-ARGUMENT", message = "frame: a frame cannot be changed",
    hint = ("frame:with_columns(\"%s = …\") gives a new one"):format(tostring(key)),
  }
end

local function whole(_, other)
  errors.raise {
    code = "E-TYPE",
    message = ("frame: a frame cannot be computed with or compared (other side: %s)"):format(type(other)),
    hint = "write the expression as text, frame:filter(\"age > 30\"), frame:with_columns(\"b = a + 1\")",
  }
end

ffi.metatype("ms_frame", {
  __index = index, __newindex = immutable, __len = function(frame) return M.rows(frame) end,
  __tostring = function(frame) return verbs.show(frame) end,
  __lt = whole, __le = whole, __add = whole, __sub = whole, __mul = whole, __div = whole, __mod = whole,
  __pow = whole, __unm = whole, __concat = whole, __call = whole,
})

return M
