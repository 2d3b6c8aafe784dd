-- growth.lua DATA_DIR…: seconds and nanoseconds a row of the main tasks over inputs of several sizes, a folder a size,
-- with the bytes of the CSV file a row. A folder without the file is named and passed over. Flat is good.
local ms = require "moonsift"

ms.threads(2)

local function line(rows, task, work, bytes)
  local best, result = math.huge
  for _ = 1, 3 do
    collectgarbage()
    local begin = ms.clock()
    result = work()
    best = math.min(best, ms.clock() - begin)
  end
  print(("%9d rows  %-10s %8.4f s  %7.1f ns a row%s"):format(rows, task, best, best / rows * 1e9,
    bytes and (", %.1f bytes a row"):format(bytes / rows) or ""))
  return result
end

local function size_of(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local size = file:seek("end")
  file:close()
  return size
end

for _, directory in ipairs(arg) do
  local path = directory .. "/groupby.csv"
  local bytes = size_of(path)
  if bytes then
    local x = ms.read_csv(path)
    local rows = x:nrow()
    x = nil -- not beside the next one
    x = line(rows, "load", function() return ms.read_csv(path) end, bytes)
    line(rows, "group q1", function() return x:group_by("id1"):agg("a = sum(v1)") end)
    line(rows, "group q4", function()
      return x:group_by("id4"):agg("a = mean(v1)", "b = mean(v2)", "c = mean(v3)")
    end)
    line(rows, "group q5", function()
      return x:group_by("id6"):agg("a = sum(v1)", "b = sum(v2)", "c = sum(v3)")
    end)
    line(rows, "group q10", function()
      return x:group_by("id1", "id2", "id3", "id4", "id5", "id6"):agg("a = sum(v3)", "b = count()")
    end)
  else
    print("no " .. path)
  end
end
