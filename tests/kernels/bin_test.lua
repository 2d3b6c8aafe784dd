-- bin: values to numbered bins.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function bins(values, given)
  given.column = "x"
  return ms.frame{ { "x", values } }:bin(given):column("x_bin", "-")
end

test("ntile: sizes differ by one, the larger bins first, ties by the order of the rows", function()
  test.equal(bins({ 50, 10, 10, 40, 10, 30, 20 }, { k = 3 }), { 3, 1, 1, 3, 1, 2, 2 })
  test.equal(bins({ 5, 5, 5, 5 }, { k = 2 }), { 1, 1, 2, 2 })
  test.equal(bins({ 3, 1 }, { k = 5 }), { 2, 1 })
end)

test("ntile: descending turns the order of the values, not of ties", function()
  test.equal(bins({ 1, 2, 3, 4 }, { k = 2, descending = true }), { 2, 2, 1, 1 })
  test.equal(bins({ 5, 5, 5, 5 }, { k = 2, descending = true }), { 1, 1, 2, 2 })
end)

test("ntile: a tie breaker orders equal values, so that the order of the rows does not matter", function()
  local f = ms.frame{ { "x", { 5, 5, 5, 5 } }, { "id", { 4, 3, 2, 1 } } }
  test.equal(f:bin{ column = "x", k = 2, tie_breaker = "id" }:column("x_bin"), { 2, 2, 1, 1 })
end)

test("ntile agrees with SQL's window function", function()
  -- select ntile(4) over (order by x, rowid), SQLite 3.40
  test.equal(bins({ 9, 3, 7, 3, 1, 8, 2, 2, 6, 5 }, { k = 4 }), { 4, 2, 3, 2, 1, 4, 1, 1, 3, 2 })
end)

test("quantile: equal values share a bin", function()
  test.equal(bins({ 1, 1, 1, 1, 2, 3 }, { k = 2, method = "quantile" }), { 1, 1, 1, 1, 2, 2 })
  test.equal(bins({ 10, 20, 30, 40, 50 }, { k = 4, method = "quantile" }), { 1, 1, 2, 3, 4 })
  test.equal(bins({ 10, 20, 30, 40, 50 }, { k = 4, method = "quantile", closed = "left" }), { 1, 2, 3, 4, 4 })
  test.equal(bins({ 10, 20, 30, 40, 50 }, { k = 4, method = "quantile", descending = true }), { 4, 4, 3, 2, 1 })
end)

test("width: bins of equal width", function()
  test.equal(bins({ 0, 2.5, 2.6, 5, 9, 10 }, { k = 4, method = "width" }), { 1, 1, 2, 2, 4, 4 })
  test.equal(bins({ 7, 7 }, { k = 3, method = "width" }), { 1, 1 })
end)

test("cuts: a value on a cut is below it, or above with closed left", function()
  test.equal(bins({ 9, 10, 11, 100, 101 }, { method = "cuts", cuts = { 10, 100 } }), { 1, 1, 2, 2, 3 })
  test.equal(bins({ 9, 10, 11, 100, 101 }, { method = "cuts", cuts = { 10, 100 }, closed = "left" }), { 1, 2, 2, 3, 3 })
end)

test("labels stand for the numbers, and name gives the column a name", function()
  local f = ms.frame{ { "x", { 1, 2, null, 3 } } }
  local b = f:bin{ column = "x", k = 3, labels = { "low", "middle", "high" }, name = "tier" }
  test.equal(b:names(), { "x", "tier" })
  test.equal(b:column("tier", "-"), { "low", "middle", "-", "high" })
  test.equal(f:bin{ column = "x", k = 2, name = "x" }:column("x", "-"), { 1, 1, "-", 2 })
end)

test("null and NaN have no bin, and do not count", function()
  for _, method in ipairs{ "ntile", "quantile", "width" } do
    test.equal(bins({ null, 1.5, 0 / 0, 2.5 }, { k = 2, method = method }), { "-", 1, "-", 2 })
    test.equal(bins({ null, 0 / 0 }, { k = 2, method = method }), { "-", "-" })
    test.equal(bins({ 3 }, { k = 5, method = method }), { 1 })
  end
end)

test("dates are cut in days", function()
  local f = ms.frame{ { "day", { ms.date "2024-01-01", ms.date "2024-06-01" } } }
  test.equal(f:bin{ column = "day", k = 2 }:column("day_bin"), { 1, 2 })
end)

test("the limits of the options", function()
  test.equal(bins({ 1, 2 }, { k = 1 }), { 1, 1 })
  test.equal(bins({ 1, 2 }, { k = 1, method = "quantile" }), { 1, 1 })
  test.raises(function() bins({ 1 }, { k = 0 }) end, "option 'k' is 0")
  test.raises(function() bins({ 1 }, { method = "cuts" }) end, "method 'cuts' wants the option 'cuts'")
  test.raises(function() bins({ 1 }, { cuts = { 1 } }) end, "for method 'cuts' only")
  test.raises(function() bins({ 1 }, { method = "cuts", cuts = { 2, 2 } }) end, "cut 2 is 2, ascending numbers wanted")
  test.raises(function() bins({ 1 }, { k = 3, labels = { "a" } }) end, "1 labels for 3 bins")
  test.raises(function() bins({ "a" }, {}) end, "column 'x' is text")
  test.raises(function() bins({ 1 }, { method = "ntiles" }) end, "'ntiles', one of")
end)
