-- growth.lua GROUP DATA_DIR…: seconds, nanoseconds a row and bytes a row of the tasks of GROUP (`group`, `join`, `rfm`,
-- each with the load of its file) over inputs of several sizes, a folder a size, with groupby.csv, join_x.csv and
-- join_medium.csv, or orders.csv. A file that is not there is named and passed over. Bytes are the greatest resident
-- size during the task (as Linux tells it), with the frame that it works on and, while a CSV file is read, the pages of
-- the file; for figures without what was before, run a process a folder. Flat is good.
local ms = require "moonsift"

ms.threads(2)
local rfm = dofile("tests/bench/rfm_segments.lua")

-- The greatest resident size since the last call, in bytes; 0 where the system does not tell.
local function peak()
  local status = io.open("/proc/self/status")
  local size = status and status:read("*a"):match("VmHWM:%s*(%d+)") or 0
  if status then status:close() end
  local reset = io.open("/proc/self/clear_refs", "w")
  if reset then
    reset:write("5")
    reset:close()
  end
  return size * 1024
end

local function line(rows, task, work)
  local best, bytes, kept = math.huge, 0, {}
  for _ = 1, 3 do
    kept[1] = nil -- not beside the next one
    collectgarbage()
    peak()
    local begin = ms.clock()
    kept[1] = work()
    best = math.min(best, ms.clock() - begin)
    bytes = math.max(bytes, peak())
  end
  print(("%9d rows  %-10s %8.4f s %7.1f ns a row %7.0f bytes a row"):format(rows, task, best, best / rows * 1e9,
    bytes / rows))
  return kept[1]
end

-- Reads the file and says how long it took, or names it.
local function load(path)
  local file = io.open(path, "rb")
  if not file then
    print("no " .. path)
    return nil
  end
  local size = file:seek("end")
  file:close()
  local rows = ms.read_csv(path):nrow()
  collectgarbage()
  local name = path:match("([^/]+)%.csv$")
  local x = line(rows, "load", function() return ms.read_csv(path) end)
  print(("%9d rows  %s.csv, %.1f bytes a row"):format(rows, name, size / rows))
  return x, rows
end

local function groups(directory)
  local x, rows = load(directory .. "/groupby.csv")
  if not x then return end
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
end

local function joins(directory)
  local x, rows = load(directory .. "/join_x.csv")
  if not x then return end
  local medium = ms.read_csv(directory .. "/join_medium.csv")
  line(rows, "join q2", function() return x:join(medium, { on = "id2" }) end)
end

local function segments(directory)
  local x, rows = load(directory .. "/orders.csv")
  if x then line(rows, "rfm", function() return rfm(x) end) end
end

local tasks = { group = groups, join = joins, rfm = segments }
local chosen = tasks[arg[1]] or error "growth.lua GROUP DATA_DIR…: GROUP is group, join or rfm"
for i = 2, #arg do
  chosen(arg[i])
  collectgarbage()
end
