-- No distribution of keys takes far longer than a uniform one with as many groups: half of the rows one key, all equal,
-- in order, all distinct. tests/bench/skew.lua measures the same on large inputs.
local ms = require "moonsift"
local test = require "moonsift.test"

local ROWS, GROUPS, MOST = 200000, 10000, 3

local rows = ms.frame { { "zero", { 0 } } }
for _ = 1, 18 do rows = rows:concat(rows) end
rows = rows:head(ROWS):row_index "i":with_columns("v = hash(i, 5) % 100", "few = hash(i, 1) % @groups",
  "many = hash(i, 2) % @rows", "equal = i * 0 + 7", "half = if(i % 2 == 0, 1, hash(i, 1) % @groups)",
  { groups = GROUPS, rows = ROWS })
  :with_columns "distinct = row_number() over (order by many)"

local cases = {
  { "half one key", "half", "few" }, { "all equal", "equal", "few" }, { "in order", "few", "few", true },
  { "all distinct", "distinct", "many" },
}
local tasks = {
  { "group", function(f) return f:group_by("key"):agg("a = sum(v)", "n = count()") end },
  { "sort", function(f) return f:sort("key") end },
  { "unique", function(f) return f:select("key"):unique() end },
  { "join", function(f, right) return f:join(right, { on = { "key" } }) end },
}
local kinds = { integer = "%s", sparse = "%s * 7919000017", shifted = "%s * 1099511627776", real = "%s + 0.25" }

local function inputs(column, kind, ordered)
  local frame = (ordered and rows:sort(column) or rows):select("key = " .. kind:format(column), "v")
  return { frame, frame:select("key"):unique():with_columns("w = hash(key)"):sort("w") }
end

-- The least time of several runs, in turns, so that both see the same machine.
local function ratio(work, a, b)
  local best = { math.huge, math.huge }
  for _ = 1, 5 do
    for i, of in ipairs { a, b } do
      local begin = ms.clock()
      for _ = 1, 3 do work(of[1], of[2]) end
      best[i] = math.min(best[i], ms.clock() - begin)
    end
  end
  return best[1] / best[2]
end

for name, kind in pairs(kinds) do
  test(("skewed %s keys take at most %d times as long as uniform ones"):format(name, MOST), function()
    for _, case in ipairs(cases) do
      local skewed, uniform = inputs(case[2], kind, case[4]), inputs(case[3], kind)
      for _, task in ipairs(tasks) do
        local times = ratio(task[2], skewed, uniform)
        if times > MOST then times = ratio(task[2], skewed, uniform) end
        test.check(times <= MOST, ("%s, %s: %.2f times"):format(case[1], task[1], times))
      end
    end
  end)
end
