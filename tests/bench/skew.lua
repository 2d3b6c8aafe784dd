-- skew.lua DATA_DIR: how much longer other distributions of keys take than the uniform one, for
-- group, sort, unique and join. Keys are made from groupby.csv: id6 (uniform), half of the rows one key, all equal,
-- all distinct, and id6 in order.
local ms = require "moonsift"

local directory = (arg and arg[1]) or "/tmp/peers-data"
ms.threads(2)
local x = ms.read_csv(directory .. "/groupby.csv", { max_rows = 2000000, columns = { "id6", "v1", "v3" } })
x = x:with_columns("half = case when v3 < 50 then 1 else id6 end", "equal = id6 * 0 + 7",
  "distinct = row_number() over (order by v3)")
local cases = {
  { "half one key", x, "half" }, { "all equal", x, "equal" }, { "all distinct", x, "distinct" },
  { "in order", x:sort("id6"), "id6" },
}
local tasks = {
  group = function(f, key) return f:group_by(key):agg("a = sum(v1)", "b = sum(v3)") end,
  sort = function(f, key) return f:sort(key) end,
  unique = function(f, key) return f:select(key):unique() end,
  join = function(f, key, right) return f:join(right, { on = { key } }) end,
}
local function best(task, frame, key)
  local least, right = math.huge, frame:select(key):unique()
  for _ = 1, 3 do
    collectgarbage()
    local begin = ms.clock()
    tasks[task](frame, key, right)
    least = math.min(least, ms.clock() - begin)
  end
  return least
end
for _, task in ipairs { "group", "sort", "unique", "join" } do
  local uniform = best(task, x, "id6")
  print(("%-7s uniform       %.4f s"):format(task, uniform))
  for _, case in ipairs(cases) do
    local seconds = best(task, case[2], case[3])
    print(("%-7s %-13s %.4f s  %.2f times"):format(task, case[1], seconds, seconds / uniform))
  end
end
