-- Sorting, windows and joins give the same bits for any number of threads, and the same rows for permuted input.
local ms = require "moonsift"
local test = require "moonsift.test"

local ROWS = 150000

local function drawn(count, below, seed)
  local values, x = {}, seed
  for i = 1, count do
    x = (x * 1103515245 + 12345) % 2147483648
    values[i] = math.floor(x / 65536) % below
  end
  return values
end

local function frame()
  local id, text, real = {}, {}, drawn(ROWS, 32768, 5)
  for i = 1, ROWS do
    id[i] = i
    text[i] = "t" .. real[i] % 313
    if i % 17 == 0 then real[i] = ms.null else real[i] = real[i] / 7 end
  end
  return ms.frame{
    { "id", id }, { "g", drawn(ROWS, 200, 3) }, { "wide", drawn(ROWS, 32768, 11) }, { "x", real }, { "t", text },
  }:with_columns("wide = wide * 100000007", "g = case when g > 0 then g end")
end

local f = frame()
local other = f:unique("t"):with_columns("n = id * 3"):select("t", "g", "wide", "n")

local tasks = {
  sort = function() return f:sort("-x", "t") end,
  ["sort by text"] = function() return f:sort("t desc", "g nulls first") end,
  top = function() return f:top(5000, "x", "-id") end,
  window = function()
    return f:with_columns("a = sum(x) over (partition by g order by wide rows between 5 preceding and 3 following)",
      "b = cumsum(x) over (partition by t order by id)", "c = mean(x) over (order by x, id)",
      "d = lag(t, 2) over (partition by g order by x)",
      "e = max(x) over (order by id rows between 9 preceding and 9 following)")
  end,
  ["one partition"] = function()
    return f:with_columns("a = cumsum(x) over (order by wide, id)", "b = ntile(7) over (order by x)")
  end,
  ["join by text"] = function() return f:join(other, { on = "t", how = "left" }) end,
  ["join by a sparse key"] = function() return f:join(other, { on = "wide", how = "full", expect = "m:m" }) end,
  ["join by two keys"] = function() return f:join(other, { on = { "g", "t" }, nulls = "match", expect = "m:m" }) end,
  ["anti join"] = function() return f:join(other, { on = { "wide" }, how = "anti" }) end,
}

-- Every number and text of the frame, in order.
local function cells(result)
  local all = {}
  for _, name in ipairs(result:names()) do
    local values = result:column(name, "∅")
    for i, value in ipairs(values) do
      if type(value) == "number" then values[i] = ("%.17g"):format(value) end
    end
    all[name] = table.concat(values, " ")
  end
  return all
end

for name, task in pairs(tasks) do
  test(name .. " gives the same bits on 1, 2 and 4 threads", function()
    local before = ms.threads()
    ms.threads(1)
    local want = cells(task())
    for _, threads in ipairs { 2, 4 } do
      ms.threads(threads)
      local got = cells(task())
      ms.threads(before)
      for column, values in pairs(want) do test.check(got[column] == values, "column " .. column .. " differs") end
    end
  end)
end

test("permuted rows give the same values", function()
  local shuffled = f:sort("wide", "-id")
  local window = "w = sum(x) over (partition by g order by id rows between 3 preceding and current row)"
  test.check(cells(f:with_columns(window)).w == cells(shuffled:with_columns(window):sort("id")).w, "window")
  local a = f:join(other, { on = "t" }):sort("id"):select("id", "n")
  local b = shuffled:join(other:sort("-n"), { on = "t" }):sort("id"):select("id", "n")
  test.check(cells(a).n == cells(b).n, "join")
end)
