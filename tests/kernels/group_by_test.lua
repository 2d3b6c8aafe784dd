-- group_by: groups and their aggregates.
local ms = require "moonsift"
local test = require "moonsift.test"

local null, nan = ms.null, 0 / 0

local function orders()
  return ms.frame{
    { "city", { "b", "a", "b", null, "a", "b", null } },
    { "n", { 3, 1, null, 4, 1, 5, null } },
    { "x", { 0.5, 2, 4, null, 8, 1.5, null } },
    { "paid", { true, false, null, true, true, false, null } },
    { "day", { ms.date "2024-03-01", ms.date "2024-01-01", ms.date "2024-02-01", null, null, ms.date "2024-01-15",
      null } },
    { "tag", { "q", "p", "é", null, "p", "z", null } },
  }
end

-- The values of one definition for the groups b, a, null.
local function of(definition, parameters)
  return orders():group_by("city"):agg("value = " .. definition, parameters or {}):column("value", "-")
end

test("groups stand in the order of first appearance, keys before definitions", function()
  local g = orders():group_by("city"):agg("rows = count()", "s = sum(n)")
  test.equal(g:names(), { "city", "rows", "s" })
  test.equal(g:column("city", "-"), { "b", "a", "-" })
  test.equal(g:column("rows"), { 3, 2, 2 })
  test.equal(g:column("s"), { 8, 2, 4 })
end)

test("counts: rows, values, different values", function()
  test.equal(of "count()", { 3, 2, 2 })
  test.equal(of "count(n)", { 2, 2, 1 })
  test.equal(of "count_distinct(n)", { 2, 1, 1 })
  test.equal(of "count_distinct(tag)", { 3, 1, 0 })
end)

test("sums and means leave out nulls", function()
  test.equal(of "sum(x)", { 6, 10, "-" })
  test.equal(of "total(x)", { 6, 10, 0 })
  test.equal(of "total(n)", { 8, 2, 4 })
  test.equal(of "mean(x)", { 2, 5, "-" })
  test.equal(of "mean(n)", { 4, 1, 4 })
end)

test("extremes of numbers, text, dates and booleans", function()
  test.equal(of "min(n)", { 3, 1, 4 })
  test.equal(of "max(x)", { 4, 8, "-" })
  test.equal(of "min(tag)", { "q", "p", "-" })
  test.equal(of "max(tag)", { "é", "p", "-" })
  test.equal(tostring(of("max(day)")[1]), "2024-03-01")
  test.equal(of "min(paid)", { false, false, true })
  test.equal(of "any(paid)", { true, true, true })
  test.equal(of "all(paid)", { false, false, true })
end)

test("first and last are values, in the order of the rows", function()
  test.equal(of "first(n)", { 3, 1, 4 })
  test.equal(of "last(tag)", { "z", "p", "-" })
  test.equal(tostring(of("last(day)")[2]), "2024-01-01")
  test.equal(of "first(n + 1)", { 4, 2, 5 })
end)

test("quantiles are of type 7", function()
  test.equal(of "median(x)", { 1.5, 5, "-" })
  test.equal(of "quantile(x, 0)", { 0.5, 2, "-" })
  test.equal(of "quantile(x, 1)", { 4, 8, "-" })
  test.equal(of "quantile(x, 0.25)", { 1, 3.5, "-" })
end)

test("variance and deviation have n - 1, and want two values", function()
  test.equal(of "variance(x)", { 3.25, 18, "-" })
  test.equal(of "deviation(x)", { math.sqrt(3.25), math.sqrt(18), "-" })
  test.equal(of "variance(n)", { 2, 0, "-" })
end)

test("correlation wants both values, two rows, and some spread", function()
  local f = ms.frame{
    { "g", { 1, 1, 1, 1, 2, 2, 3 } },
    { "x", { 1, 2, 3, null, 1, 2, 5 } },
    { "y", { 2, 4, 5, 9, 3, 3, 1 } },
  }
  local r = f:group_by("g"):agg("r = correlation(x, y)"):column("r", "-")
  test.close(r[1], 0.98198050606196571569743868, 1e-15)
  test.equal({ r[2], r[3] }, { "-", "-" })
end)

test("a condition leaves out rows where it is not true", function()
  test.equal(of "count(where paid)", { 1, 1, 1 })
  test.equal(of "sum(n where n > 1)", { 8, "-", 4 })
  test.equal(of("total(n where n < @most)", { most = 5 }), { 3, 2, 4 })
end)

test("definitions see keys and earlier definitions", function()
  local g = orders():group_by("city")
    :agg("frequency = count()", "monetary = sum(x)", "average = monetary / frequency",
      "twice = average * 2", "label = city .. '!'")
  test.equal(g:column("average", "-"), { 2, 5, "-" })
  test.equal(g:column("twice", "-"), { 4, 10, "-" })
  test.equal(g:column("label", "-"), { "b!", "a!", "-" })
end)

test("expressions of several aggregates, and one written twice", function()
  test.equal(of "max(x) - min(x) + 0 * sum(x)", { 3.5, 6, "-" })
  test.equal(of "sum(n) + sum(n)", { 16, 4, 8 })
end)

test("a key may be an expression with a name", function()
  local g = orders():group_by("big = n > 2", "paid"):agg("rows = count()")
  test.equal(g:names(), { "big", "paid", "rows" })
  test.equal(g:column("big", "-"), { true, false, "-", false, true })
  test.equal(g:column("rows"), { 2, 1, 2, 1, 1 })
end)

test("a key may be a part of a date", function()
  local g = orders():group_by("month = date_trunc('month', day)"):agg("rows = count()")
  test.equal(g:column("rows"), { 1, 2, 1, 3 })
  test.equal(tostring(g:column("month")[2]), "2024-01-01")
end)

test("without definitions the distinct keys remain; without keys there is one row", function()
  test.equal(orders():group_by("city", "paid"):agg():nrow(), 7)
  test.equal(orders():group_by():agg("rows = count()", "s = sum(n)"):column("s"), { 14 })
end)

test("no rows: no groups, but one without keys", function()
  local empty = orders():filter("n > 100")
  test.equal(empty:group_by("city"):agg("rows = count()", "m = median(x)", "t = max(tag)"):nrow(), 0)
  local g = empty:group_by():agg("rows = count()", "s = sum(n)", "t = total(n)", "m = median(x)", "l = last(tag)",
    "d = count_distinct(n)", "low = min(tag)")
  test.equal(g:nrow(), 1)
  local r = g:row(1)
  test.equal({ r.rows, r.s or "-", r.t, r.m or "-", r.l or "-", r.d, r.low or "-" }, { 0, "-", 0, "-", "-", 0, "-" })
end)

test("one row is one group", function()
  local r = ms.frame{ { "x", { 5 } } }:group_by("x"):agg("n = count()", "m = median(x)", "v = variance(x)"):row(1)
  test.equal({ r.x, r.n, r.m, r.v or "-" }, { 5, 1, 5, "-" })
end)

test("columns of nothing but nulls", function()
  local f = ms.frame{ { "g", { null, null } }, { "x", { null, null } } }
  local r = f:group_by("g"):agg("n = count()", "c = count(x)", "d = count_distinct(x)"):row(1)
  test.equal({ r.n, r.c, r.d }, { 2, 0, 0 })
end)

test("NaN goes through sums, extremes and quantiles, and is one key", function()
  local f = ms.frame{ { "k", { nan, 1, nan, -0.0, 0.0 } }, { "x", { 1, nan, 2, 3, 4 } } }
  test.equal(f:group_by("k"):agg("n = count()"):column("n"), { 2, 1, 2 })
  for _, call in ipairs{ "sum", "mean", "min", "max", "median", "total" } do
    local value = f:group_by():agg(("v = %s(x)"):format(call)):column("v")[1]
    test.check(value ~= value, call)
  end
end)

test("sums of integers are exact, and an overflow is an error", function()
  local f = ms.frame{ { "x", { 9007199254740993LL, 9007199254740993LL, -1 } } }
  test.equal(tostring(f:group_by():agg("s = sum(x)"):column("s")[1]), "18014398509481985LL")
  local g = ms.frame{ { "x", { 9223372036854775807LL, 1, 9223372036854775807LL } } }
  test.raises(function() g:group_by():agg("s = sum(x)") end, "does not fit 64 bits")
  test.close(g:group_by():agg("s = total(x)"):column("s")[1], 2 ^ 64, 1)
  local h = ms.frame{ { "x", { 9223372036854775807LL, -9223372036854775807LL, 5 } } }
  test.equal(h:group_by():agg("s = sum(x)"):column("s"), { 5 })
end)

test("sums of reals hardly depend on the order of the rows", function()
  test.equal(ms.frame{ { "x", { 1e100, 1, -1e100 } } }:group_by():agg("s = sum(x)"):column("s"), { 1 })
  local values, turned = {}, {}
  for i = 1, 100000 do values[i] = (i * 7919 % 100003) / 100 end
  for i = 1, 100000 do turned[i] = values[100001 - i] end
  local a = ms.frame{ { "x", values } }:group_by():agg("s = sum(x)"):column("s")
  test.equal(ms.frame{ { "x", turned } }:group_by():agg("s = sum(x)"):column("s"), a)
end)

-- Rows of many kinds of groups, for the properties below.
local function many(rows, groups)
  local g, wide, x, n = {}, {}, {}, {}
  for i = 1, rows do
    local k = i * 7919 % 1000003 % groups
    g[i], wide[i] = k, k * 1000003 + 0.5
    x[i] = i % 11 == 0 and null or (i * 104729 % 100019) / 7
    n[i] = i * 31 % 17
  end
  return ms.frame{ { "g", g }, { "wide", wide }, { "x", x }, { "n", n } }
end

local definitions = {
  "rows = count()", "c = count(x)", "s = sum(x)", "t = sum(n)", "m = mean(x)", "low = min(x)", "high = max(n)",
  "f = first(x)", "l = last(n)", "q = quantile(x, 0.3)", "v = variance(x)", "r = correlation(x, n)",
  "d = count_distinct(n)", "w = sum(x where n > 8)",
}

local function same(a, b)
  test.equal(a:names(), b:names())
  for _, name in ipairs(a:names()) do test.equal(a:column(name, "-"), b:column(name, "-")) end
end

test("any number of threads gives the same bits, with few and with many groups", function()
  local before = ms.threads()
  for _, groups in ipairs{ 3, 5000, 150000 } do
    local f, first = many(200000, groups), nil
    for _, threads in ipairs{ 1, 2, 4 } do
      ms.threads(threads)
      local g = f:group_by("g"):agg(unpack(definitions))
      first = first or g
      same(g, first)
    end
  end
  ms.threads(before)
end)

test("keys of another kind give the same groups", function()
  for _, groups in ipairs{ 3, 5000, 150000 } do
    local f = many(200000, groups)
    local a, b = f:group_by("g"):agg("rows = count()", "t = sum(n)", "high = max(x)"),
      f:group_by("wide"):agg("rows = count()", "t = sum(n)", "high = max(x)")
    for _, name in ipairs{ "rows", "t", "high" } do test.equal(a:column(name, "-"), b:column(name, "-")) end
  end
end)

test("aggregates agree with a plain loop", function()
  local f = many(30000, 200)
  local rows, sum = {}, {}
  local g, x = f:column("g"), f:column("x", false)
  for i = 1, #g do
    rows[g[i]] = (rows[g[i]] or 0) + 1
    if x[i] then sum[g[i]] = (sum[g[i]] or 0) + x[i] end
  end
  local got = f:group_by("g"):agg("rows = count()", "s = sum(x)")
  for r in got:rows() do
    test.equal(r.rows, rows[r.g])
    test.close(r.s, sum[r.g], 1e-9 * sum[r.g])
  end
end)

test("what group_by cannot do is said", function()
  test.raises(function() orders():group_by("ciyt"):agg("count()") end, "ciyt")
  test.raises(function() orders():group_by("city"):agg("s = sum(xx)") end, "xx")
  test.raises(function() orders():group_by("city"):agg("s = sum(tag)") end, "tag")
  test.raises(function() orders():group_by("city"):agg("a = x") end, "x")
  test.raises(function() orders():group_by("city"):agg("a = count()", "a = sum(x)") end, "already a column 'a'")
  test.raises(function() orders():group_by("city", "city"):agg("a = count()") end, "'city' is given twice")
  test.raises(function() orders():group_by("city"):agg("q = quantile(x, 2)") end, "quantile")
  test.raises(function() orders():group_by("city"):agg("r = rank() over (order by x)") end, "rank")
end)
