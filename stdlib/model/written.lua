-- How numbers, texts and names are written in the programs that models are written down as: Lua and SQL.
local M = {}

--- The shortest text that gives the same finite number again.
function M.exact(x)
  for digits = 15, 16 do
    local text = ("%." .. digits .. "g"):format(x)
    if tonumber(text) == x then return text end
  end
  return ("%.17g"):format(x)
end

function M.lua_value(value)
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n"):gsub("\r", "\\r") .. "" end
  if value == math.huge then return "math.huge" end
  if value == -math.huge then return "-math.huge" end
  return type(value) == "number" and M.exact(value) or tostring(value)
end

function M.sql_text(text) return "'" .. text:gsub("'", "''") .. "'" end

function M.sql_name(name) return '"' .. name:gsub('"', '""') .. '"' end

function M.sql_value(value)
  if type(value) == "string" then return M.sql_text(value) end
  if type(value) == "boolean" then return value and "1" or "0" end
  if value == math.huge then return "9e999" end
  return value == -math.huge and "-9e999" or M.exact(value)
end

--- A level of a category as the database keeps it: booleans are 1 and 0.
function M.sql_level(input, level)
  if input.type == "text" then return M.sql_text(level) end
  if input.type == "boolean" then return level == "true" and "1" or "0" end
  return level
end

--- A class as a value of the target's type.
function M.class(target, level)
  if target.type == "boolean" then return level == "true" end
  return target.type == "text" and level or tonumber(level)
end

return M
