-- How the benchmarks time: the best of several runs by the wall clock, one line a task.
local ms = require "moonsift"

local M = {}

--- Runs `work` `repeats` times (3), and prints "moonsift", task, best seconds, check, separated by tabs. The check is
-- made from what the last run gave, outside of the time.
function M.task(name, work, check, repeats)
  local best, result = math.huge
  for _ = 1, repeats or 3 do
    collectgarbage()
    local begin = ms.clock()
    result = work()
    best = math.min(best, ms.clock() - begin)
  end
  print(("moonsift\t%s\t%.4f\t%.9g"):format(name, best, check(result)))
end

--- A check: the sum of these columns, nulls left out.
function M.sum(...)
  local columns = { ... }
  return function(frame)
    local sum = 0
    for _, column in ipairs(columns) do
      sum = sum + frame:group_by():agg(("s = total(%s)"):format(column)):column("s")[1]
    end
    return sum
  end
end

return M
