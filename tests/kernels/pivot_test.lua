-- pivot: rows to columns.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function sales()
  return ms.frame{
    { "city", { "b", "a", "b", "b", null, "a" } },
    { "year", { 2023, 2023, 2024, 2024, 2024, null } },
    { "amount", { 1, 2, 3, 4, 5, 6 } },
  }
end

local function with(given)
  local all = { index = "city", columns = "year", values = "amount" }
  for name, value in pairs(given or {}) do all[name] = value end
  return sales():pivot(all)
end

test("rows and new columns stand in the order of first appearance", function()
  local p = with{ aggregate = "sum" }
  test.equal(p:names(), { "city", "2023", "2024", "null" })
  test.equal(p:column("city", "-"), { "b", "a", "-" })
  test.equal(p:column("2023", "-"), { 1, 2, "-" })
  test.equal(p:column("2024", "-"), { 7, "-", 5 })
  test.equal(p:column("null", "-"), { "-", 6, "-" })
end)

test("the aggregate decides what becomes of several values", function()
  local wanted = {
    first = 3, last = 4, sum = 7, total = 7, mean = 3.5, min = 3, max = 4, median = 3.5, count = 2,
    count_distinct = 2, deviation = math.sqrt(0.5),
  }
  for aggregate, value in pairs(wanted) do
    test.close(with{ aggregate = aggregate }:column("2024")[1], value, 1e-12)
  end
end)

test("an empty place is null, and 0 for counts", function()
  test.equal(with{ aggregate = "max" }:column("2024", "-")[2], "-")
  test.equal(with{ aggregate = "count" }:column("2024"), { 2, 0, 1 })
end)

test("several index columns, names from booleans", function()
  local f = ms.frame{
    { "a", { 1, 1, 2 } }, { "b", { "x", "y", "x" } },
    { "paid", { true, false, true } }, { "v", { "p", "q", "r" } },
  }
  local p = f:pivot{ index = { "a", "b" }, columns = "paid", values = "v" }
  test.equal(p:names(), { "a", "b", "true", "false" })
  test.equal(p:column("true", "-"), { "p", "-", "r" })
end)

test("unpivot takes a pivot back", function()
  local back = with{ aggregate = "sum" }:unpivot{ index = "city", variable = "year", value = "amount" }
  local sum = 0
  for _, v in ipairs(back:column("amount", 0)) do sum = sum + v end
  test.equal(sum, 21)
  test.equal(back:nrow(), 9)
end)

test("too many new columns are refused", function()
  local values, ids = {}, {}
  for i = 1, 30 do values[i], ids[i] = i, 1 end
  local f = ms.frame{ { "id", ids }, { "v", values } }
  test.equal(f:pivot{ index = "id", columns = "v", values = "v", most = 30 }:ncol(), 31)
  test.raises(function() f:pivot{ index = "id", columns = "v", values = "v", most = 29 } end,
    "column 'v' has 30 values, at most 29 wanted")
  test.raises(function() f:pivot{ index = "id", columns = "v", values = "v", most = 0 } end, "option 'most' is 0")
end)

test("what pivot cannot do is said", function()
  test.raises(function() with{ columns = "yaer" } end, "yaer")
  test.raises(function() with{ values = "city", aggregate = "sum" } end, "column 'city' is text")
  test.raises(function() with{ aggregate = "summ" } end, "'summ', one of")
  test.raises(function() sales():pivot{ index = "city", columns = "year" } end, "values")
end)

test("any number of threads gives the same", function()
  local city, year, amount = {}, {}, {}
  for i = 1, 200000 do city[i], year[i], amount[i] = i * 7919 % 1009, i * 31 % 11, i * 0.1 end
  local f = ms.frame{ { "city", city }, { "year", year }, { "amount", amount } }
  local before, first = ms.threads(), nil
  for _, threads in ipairs{ 1, 2, 4 } do
    ms.threads(threads)
    local p = f:pivot{ index = "city", columns = "year", values = "amount", aggregate = "mean" }:column("3")
    first = first or p
    test.equal(p, first)
  end
  ms.threads(before)
end)
