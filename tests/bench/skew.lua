-- skew.lua DATA_DIR: how much longer other distributions of keys take than uniform ones, for group, sort, unique and
-- join, with keys of integers, reals and texts. Each case is laid beside a uniform one with as many groups: half of the
-- rows one key, all equal, and in order beside 100,000 values drawn at random; all distinct, in random order, beside as
-- many values as rows drawn at random (63 % of them come up), so that the results and the tables are of one size. The
-- right side of a join has each key once, in random order.
local ms = require "moonsift"

local directory = (arg and arg[1]) or "/tmp/peers-data"
local ROWS = 2000000
ms.threads(2)
local x = ms.read_csv(directory .. "/groupby.csv", { max_rows = ROWS, columns = { "id6", "v1", "v3" } })
  :with_columns("half = case when v3 < 50 then 1 else id6 end", "equal = id6 * 0 + 7",
    "distinct = row_number() over (order by v3)", ("many = hash(v3, 3) %% %d"):format(ROWS))

-- The key as integers side by side and far apart, reals, and texts with a dictionary.
local kinds = {
  { "integer", "key" }, { "sparse", "key * 7919000017" }, { "real", "key + 0.25" },
  { "text", "'k' .. cast(key as text)" },
}
local cases = {
  { "half one key", "half", "id6" }, { "all equal", "equal", "id6" }, { "in order", "id6", "id6", true },
  { "all distinct", "distinct", "many" },
}
local tasks = {
  { "group", function(f) return f:group_by("key"):agg("a = sum(v1)", "b = sum(v3)") end },
  { "sort", function(f) return f:sort("key") end },
  { "unique", function(f) return f:select("key"):unique() end },
  { "join", function(f, right) return f:join(right, { on = { "key" } }) end },
}

local function frame_of(kind, column, ordered)
  local f = (ordered and x:sort(column) or x):select("key = " .. column, "v1", "v3")
  local keys = f:select("key"):unique():with_columns("as_kind = " .. kind[2])
  return f:join(keys, { on = "key" }):select("key = as_kind", "v1", "v3")
end

-- The least of several runs, in turns, so that both see the same machine.
local function least(work, a, b)
  local best = { math.huge, math.huge }
  for _ = 1, 7 do
    for i, frame in ipairs { a, b } do
      collectgarbage()
      local begin = ms.clock()
      work(frame[1], frame[2])
      best[i] = math.min(best[i], ms.clock() - begin)
    end
  end
  return best[1], best[2]
end

for _, kind in ipairs(kinds) do
  for _, case in ipairs(cases) do
    local frames = {}
    for i, column in ipairs { case[2], case[3] } do
      local f = frame_of(kind, column, i == 1 and case[4])
      local right = f:select("key"):unique():with_columns("w = hash(key)"):sort("w")
      frames[i] = { f, right }
    end
    for _, task in ipairs(tasks) do
      local seconds, uniform = least(task[2], frames[1], frames[2])
      print(("%-7s %-12s %-7s %.4f s, uniform %.4f s, %.2f times"):format(kind[1], case[1], task[1], seconds, uniform,
        seconds / uniform))
    end
  end
end
