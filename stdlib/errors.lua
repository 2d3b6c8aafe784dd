-- Errors for the analyst: tables that print as text, with code, verb, column, row and hint.
local M = {}

local Error = {}
Error.__index = Error

-- The innermost line on the stack that is not of the library.
local function place()
  for level = 3, 200 do
    local info = debug.getinfo(level, "Sl")
    if not info then return nil end
    if info.what ~= "C" and not info.source:find("^@?=?stdlib/") and info.currentline > 0 then
      return info.short_src .. ":" .. info.currentline
    end
  end
end

function Error.__tostring(problem)
  local lines = { (problem.place and problem.place .. ": " or "") .. problem.message }
  if problem.source and problem.first then
    lines[#lines + 1] = "   " .. problem.source
    lines[#lines + 1] = "   " .. (" "):rep(problem.first) .. ("^"):rep(math.max(1, problem.last - problem.first))
  end
  if problem.hint then lines[#lines + 1] = "  " .. problem.hint end
  return table.concat(lines, "\n")
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

return M
