-- Values packed into text and unpacked in another state: numbers, texts, booleans, tables of such, dates, and Lua
-- functions with their upvalues and the globals they use. The reader trusts the text: only the host writes it.
local ffi = require "ffi"
local moment = require "moonsift.ffi.moment"

local debug, loadstring, setfenv = debug, loadstring, setfenv

local M = {}

-- ---- writing ----

local write

local function write_text(out, tag, text)
  out[#out + 1] = tag .. #text .. ":"
  out[#out + 1] = text
end

-- Keys in a fixed order, so that the same value always gives the same text.
local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    return type(a) < type(b)
  end)
  return keys
end

local writers = {
  ["nil"] = function(out) out[#out + 1] = "-" end,
  boolean = function(out, x) out[#out + 1] = x and "+" or "!" end,
  number = function(out, x)
    if x ~= x then x = "nan" elseif x == math.huge then x = "inf" elseif x == -math.huge then x = "-inf"
    else x = ("%.17g"):format(x) end
    write_text(out, "n", x)
  end,
  string = function(out, x) write_text(out, "s", x) end,
  cdata = function(out, x)
    local tag = moment.is_date(x) and "d" or moment.is_time(x) and "m" or moment.is_duration(x) and "u" or "i"
    local plain = tag == "u" and tostring(x) or tostring(tag == "i" and x or x.value):gsub("LL$", "")
    write_text(out, tag, plain)
  end,
  table = function(out, x, plan)
    local keys = sorted_keys(x)
    out[#out + 1] = "{" .. #keys .. ":"
    for _, key in ipairs(keys) do
      write(out, key, plan)
      write(out, x[key], plan)
    end
  end,
  ["function"] = function(out, x, plan)
    local parts = plan.functions[x]
    write_text(out, "f", parts.dump)
    write(out, parts.upvalues, plan)
    write(out, parts.globals, plan)
  end,
}

function write(out, x, plan)
  local name = plan.name(x)
  if name then return write_text(out, "g", name) end
  local kind = type(x)
  if kind == "table" or kind == "function" then
    local number = plan.seen[x]
    if number then return write_text(out, "r", tostring(number)) end
    plan.count = plan.count + 1
    plan.seen[x] = plan.count
  end
  writers[kind](out, x, plan)
end

--- The text of a value. functions: parts of each Lua function in it, { dump, upvalues, globals }, where upvalues and
-- globals are tables of boxes { value } by number and name; name: function that gives a standard value's name.
function M.pack(value, functions, name)
  local out = {}
  write(out, value, { functions = functions, name = name, seen = {}, count = 0 })
  return table.concat(out)
end

-- ---- reading ----

local function read_number(text)
  if text == "nan" then return 0 / 0 end
  return text == "inf" and math.huge or text == "-inf" and -math.huge or tonumber(text)
end

local function integer(text)
  return loadstring("return " .. (text == "-9223372036854775808" and "-9223372036854775807LL - 1LL" or text .. "LL"))()
end

local made = {
  n = read_number,
  s = function(text) return text end,
  i = integer,
  d = function(text) return moment.date_of(tonumber(text)) end,
  m = function(text) return moment.time_of(integer(text)) end,
  u = function(text) return moment.duration(text) end,
}

local read

local function read_table(state, count)
  local value = {}
  state.seen[#state.seen + 1] = value
  for _ = 1, count do
    local key = read(state)
    value[key] = read(state)
  end
  return value
end

local function read_function(state, dump)
  local fn = assert(loadstring(dump))
  state.seen[#state.seen + 1] = fn
  for number, box in pairs(read(state)) do debug.setupvalue(fn, number, box[1]) end
  local globals = {}
  for name, box in pairs(read(state)) do globals[name] = box[1] end
  return setfenv(fn, globals)
end

local constants = { ["-"] = { nil }, ["+"] = { true }, ["!"] = { false } }

function read(state)
  local text, at = state.text, state.at
  local tag = text:sub(at, at)
  if constants[tag] then
    state.at = at + 1
    return constants[tag][1]
  end
  local _, last, count = text:find("^(%d+):", at + 1)
  count, state.at = tonumber(count), last + 1
  if tag == "{" then return read_table(state, count) end
  local payload = text:sub(last + 1, last + count)
  state.at = last + count + 1
  if tag == "f" then return read_function(state, payload) end
  if tag == "r" then return state.seen[tonumber(payload)] end
  if tag == "g" then return state.standard[payload] end
  return made[tag](payload)
end

--- The value again. standard: values by name.
function M.unpack(text, standard)
  return read { text = text, at = 1, seen = {}, standard = standard }
end

M.int64 = ffi.typeof "int64_t"
return M
