-- Windows: numbers, ranks, tiles, neighbours, and aggregates over partitions and moving frames.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null
local nan = 0 / 0

local function frame()
  return ms.frame{
    { "g", { "a", "b", "a", "a", "b", null, "a" } },
    { "d", { 3, 1, 1, 2, 1, 5, 2 } },
    { "v", { 10, 20, 30, null, 50, 60, 70 } },
    { "x", { 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, nan } },
  }
end
local function value(definition)
  return frame():with_columns("w = " .. definition):column("w", "null")
end

test("row numbers run within the partition, in the order, ties as they stand", function()
  test.equal(value "row_number() over (partition by g order by d)", { 4, 1, 1, 2, 2, 1, 3 })
  test.equal(value "row_number() over (partition by g)", { 1, 1, 2, 3, 2, 1, 4 })
  test.equal(value "row_number() over (order by d desc, v)", { 2, 5, 6, 4, 7, 1, 3 })
end)

test("rank, dense_rank, percent_rank and cume_dist give equals the same", function()
  test.equal(value "rank() over (order by d)", { 6, 1, 1, 4, 1, 7, 4 })
  test.equal(value "dense_rank() over (order by d)", { 3, 1, 1, 2, 1, 4, 2 })
  test.close(value "percent_rank() over (order by d)", { 5 / 6, 0, 0, 0.5, 0, 1, 0.5 })
  test.close(value "cume_dist() over (order by d)", { 6 / 7, 3 / 7, 3 / 7, 5 / 7, 3 / 7, 1, 5 / 7 })
  test.equal(value "percent_rank() over (partition by g order by d)", { 1, 0, 0, 1 / 3, 0, 0, 1 / 3 })
end)

test("the first tiles are the larger ones, and tiles may be more than rows", function()
  test.equal(value "ntile(3) over (order by v)", { 1, 1, 1, 3, 2, 2, 3 })
  test.equal(value "ntile(9) over (order by v desc)", { 6, 5, 4, 7, 3, 2, 1 })
  test.equal(value "ntile(2) over (partition by g order by d)", { 2, 1, 1, 1, 2, 1, 2 })
end)

test("a null order key comes last in both directions", function()
  test.equal(value "row_number() over (order by v)", { 1, 2, 3, 7, 4, 5, 6 })
  test.equal(value "row_number() over (order by v desc)", { 6, 5, 4, 7, 3, 2, 1 })
  test.equal(value "row_number() over (order by v nulls first)", { 2, 3, 4, 1, 5, 6, 7 })
end)

test("lag and lead look at the neighbours in the partition", function()
  test.equal(value "lag(v) over (partition by g order by d)", { 70, "null", "null", 30, 20, "null", "null" })
  test.equal(value "lead(v, 2) over (partition by g order by d)", { "null", "null", 70, 10, "null", "null", "null" })
  test.equal(value "lag(g, 1, 'none') over (order by v)", { "none", "a", "b", "a", "a", "b", "null" })
  test.equal(value "lead(v, 0) over (order by d)", { 10, 20, 30, "null", 50, 60, 70 })
  test.equal(value "lag(v, 1, -1) over (partition by g order by d)", { 70, -1, -1, 30, 20, -1, "null" })
end)

test("an aggregate without order is that of the partition", function()
  test.equal(value "sum(v) over (partition by g)", { 110, 70, 110, 110, 70, 60, 110 })
  test.equal(value "v * 100 / sum(v)", { 1000 / 240, 2000 / 240, 12.5, "null", 5000 / 240, 25, 7000 / 240 })
  test.equal(value "count(v where d > 1) over (partition by g)", { 2, 0, 2, 2, 0, 1, 2 })
  test.equal(value "median(v) over (partition by g)", { 30, 35, 30, 30, 35, 60, 30 })
end)

test("with an order the frame runs to the row and its equals, as in SQL", function()
  test.equal(value "sum(v) over (order by d)", { 180, 100, 100, 170, 100, 240, 170 })
  test.equal(value "count() over (partition by g order by d)", { 4, 2, 1, 3, 2, 1, 3 })
  test.equal(value "min(v) over (partition by g order by d)", { 10, 20, 30, 30, 20, 60, 30 })
  test.equal(value "last(v) over (partition by g order by d)", { 10, 50, 30, 70, 50, 60, 70 })
end)

test("cumsum goes row by row and skips nulls", function()
  test.equal(value "cumsum(v) over (partition by g order by d)", { 110, 20, 30, 30, 70, 60, 100 })
  test.equal(value "cumsum(v) over (order by v desc)", { 240, 230, 210, 240, 180, 130, 70 })
  test.equal(ms.frame{ { "v", { null, 1, null } } }:with_columns("s = cumsum(v)"):column("s", "null"), { "null", 1, 1 })
end)

test("moving sums, means, counts and extremes of rows", function()
  local by = " over (order by v nulls first rows between 1 preceding and 1 following)"
  test.equal(value("sum(v)" .. by), { 30, 60, 100, 10, 140, 180, 130 })
  test.equal(value("mean(v)" .. by), { 15, 20, 100 / 3, 10, 140 / 3, 60, 65 })
  test.equal(value("count(v)" .. by), { 2, 3, 3, 1, 3, 3, 2 })
  test.equal(value("max(v)" .. by), { 20, 30, 50, 10, 60, 70, 70 })
  test.equal(value("min(v)" .. by), { 10, 10, 20, 10, 30, 50, 60 })
  test.equal(value("first(v)" .. by), { "null", 10, 20, "null", 30, 50, 60 })
end)

test("frames that are open, behind the row, before it, or empty", function()
  local order = " over (order by v rows between "
  test.equal(value("sum(v)" .. order .. "unbounded preceding and 1 preceding)"), { "null", 10, 30, 240, 60, 110, 170 })
  test.equal(value("sum(v)" .. order .. "1 following and unbounded following)"),
    { 230, 210, 180, "null", 130, 70, "null" })
  test.equal(value("sum(v)" .. order .. "2 preceding and 1 preceding)"), { "null", 10, 30, 130, 50, 80, 110 })
  test.equal(value("total(v)" .. order .. "5 following and 9 following)"), { 70, 0, 0, 0, 0, 0, 0 })
  test.equal(value("max(v)" .. order .. "100 preceding and 100 following)"), { 70, 70, 70, 70, 70, 70, 70 })
end)

test("a NaN is in the sums of the frames that hold it and no others", function()
  local got = value "sum(x) over (order by v rows between 1 preceding and current row)"
  test.equal({ got[1], got[2], got[6] }, { 0.5, 2, 10 })
  test.check(got[7] ~= got[7] and got[4] ~= got[4], "the NaN's own frames")
  got = value "min(x) over (order by v rows between 1 preceding and current row)"
  test.check(got[7] ~= got[7], "NaN is passed on")
  test.equal(got[6], 4.5)
end)

test("a filter may use a window, and definitions may mix them", function()
  test.equal(frame():filter("row_number() over (partition by g order by v desc) == 1"):column "v", { 50, 60, 70 })
  test.equal(value "rank() over (order by d) + ntile(2) over (order by v)", { 7, 2, 2, 6, 2, 9, 6 })
end)

test("no row, one row, nothing but nulls", function()
  local none = frame():filter "d > 9"
  local all = "a = ntile(3) over (partition by g order by d)"
  local moving = "b = sum(v) over (order by d rows between 1 preceding and current row)"
  test.equal(none:with_columns(all, moving, "c = lag(v) over (order by d)", "e = max(v) over (order by d)"):nrow(), 0)
  local one = frame():head(1):with_columns(all, moving, "c = lag(v, 1, 0) over (order by d)")
  test.equal({ one:row(1).a, one:row(1).b, one:row(1).c }, { 1, 10, 0 })
  local nulls = ms.frame{ { "v", { 1, 1 } } }:select("v = case when v > 1 then v end")
    :with_columns("s = sum(v) over (order by v)", "n = rank() over (order by v)")
  test.equal(nulls:column("s", "null"), { "null", "null" })
  test.equal(nulls:column "n", { 1, 1 })
end)

test("what a window cannot do is said", function()
  test.raises(function() value "median(v) over (order by d)" end, "median does not move with the row")
  local f = ms.frame{ { "v", { 9223372036854775807LL, 1 } } }
  test.raises(function() f:with_columns("s = cumsum(v)") end, "does not fit 64 bits")
end)
