-- Lua values as JSON, for programs that read what the command line prints.
local M = {}

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function text(value)
  return '"' .. value:gsub('[%c"\\\127]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then return "null" end
  for digits = 15, 16 do -- the shortest that reads back as the same number
    local short = ("%." .. digits .. "g"):format(value)
    if tonumber(short) == value then return short end
  end
  return ("%.17g"):format(value)
end

--- A text, number, boolean, list, or table with names (in the order of the alphabet). What JSON does not know is null.
function M.encode(value)
  local kind = type(value)
  if kind == "string" then return text(value) end
  if kind == "number" then return number(value) end
  if kind == "boolean" then return tostring(value) end
  if kind ~= "table" then return "null" end
  local parts = {}
  if #value > 0 or next(value) == nil then
    for i, member in ipairs(value) do parts[i] = M.encode(member) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for name, member in pairs(value) do parts[#parts + 1] = text(tostring(name)) .. ":" .. M.encode(member) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

return M
