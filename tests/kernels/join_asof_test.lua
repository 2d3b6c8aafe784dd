-- join_asof: the nearest row in time, by key, in every direction.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function sales()
  return ms.frame{ { "item", { "a", "b", "a", "a", "c", null } }, { "at", { 5, 5, 1, 10, 5, 5 } } }
end
local function prices()
  return ms.frame{ { "item", { "a", "b", "a", "a", "b" } }, { "at", { 2, 1, 5, 9, 8 } },
    { "price", { 10, 20, 11, 12, 21 } } }
end
local function list(f, name) return f:column(name, "null") end

test("backward takes the last row at or before", function()
  local f = sales():join_asof(prices(), { on = "at", by = "item" })
  test.equal(f:names(), { "item", "at", "at_right", "price" })
  test.equal(list(f, "price"), { 11, 20, "null", 12, "null", "null" })
  test.equal(list(f, "at_right"), { 5, 1, "null", 9, "null", "null" })
end)

test("forward takes the first row at or after, nearest the nearer one, before rather than behind", function()
  test.equal(list(sales():join_asof(prices(), { on = "at", by = "item", strategy = "forward" }), "price"),
    { 11, 21, 10, "null", "null", "null" })
  test.equal(list(sales():join_asof(prices(), { on = "at", by = "item", strategy = "nearest" }), "price"),
    { 11, 21, 10, 12, "null", "null" })
  local f = ms.frame{ { "t", { 5 } } }:join_asof(ms.frame{ { "t", { 3, 7 } } }, { on = "t", strategy = "nearest" })
  test.equal(list(f, "t_right"), { 3 })
end)

test("exact = false leaves out rows at the same time", function()
  test.equal(list(sales():join_asof(prices(), { on = "at", by = "item", exact = false }), "price"),
    { 10, 20, "null", 12, "null", "null" })
end)

test("a tolerance bounds the distance", function()
  test.equal(list(sales():join_asof(prices(), { on = "at", by = "item", tolerance = 1 }), "price"),
    { 11, "null", "null", 12, "null", "null" })
end)

test("dates and times take durations", function()
  local days = ms.frame{ { "d", { ms.date "2024-03-01", ms.date "2024-03-20" } } }
  local seen = ms.frame{ { "since", { ms.date "2024-02-27" } }, { "n", { 1 } } }
  test.equal(list(days:join_asof(seen, { on = "d == since" }), "n"), { 1, 1 })
  test.equal(list(days:join_asof(seen, { on = "d == since", tolerance = "1w" }), "n"), { 1, "null" })
  test.equal(list(days:join_asof(seen, { on = "d == since", tolerance = 3 }), "n"), { 1, "null" })
  test.raises(function() days:join_asof(seen, { on = "d == since", tolerance = "1mo" }) end,
    "option 'tolerance' must be")
end)

test("integers and reals compare as numbers; NaN and null are at no time", function()
  local left = ms.frame{ { "x", { 1.5, 0 / 0, null, 3.0 } } }
  local right = ms.frame{ { "x", { 1, 2, 3 } }, { "n", { 1, 2, 3 } } }
  test.equal(list(left:join_asof(right, { on = "x" }), "n"), { 1, "null", "null", 3 })
end)

test("a right frame that is not in order is an error, or sorted where that is asked for", function()
  local right = ms.frame{ { "k", { 1, 2, 1 } }, { "t", { 5, 1, 4 } }, { "n", { 1, 2, 3 } } }
  local left = ms.frame{ { "k", { 1, 2, 1 } }, { "t", { 4, 4, 9 } } }
  test.raises(function() left:join_asof(right, { on = "t", by = "k" }) end,
    "column 't' of the right frame is not in order: row 1 comes before row 3 of the same keys")
  test.equal(list(left:join_asof(right, { on = "t", by = "k", sort = true }), "n"), { 3, 2, 1 })
  local apart = ms.frame{ { "k", { 1, 2, 1 } }, { "t", { 5, 1, 6 } }, { "n", { 1, 2, 3 } } }
  test.equal(list(left:join_asof(apart, { on = "t", by = "k" }), "n"), { "null", 2, 3 })
end)

test("no row on either side, and types that do not fit", function()
  test.equal(sales():join_asof(prices():filter "at > 99", { on = "at", by = "item" }):nrow(), 6)
  test.equal(sales():filter("at > 99"):join_asof(prices(), { on = "at", by = "item" }):nrow(), 0)
  test.raises(function() sales():join_asof(prices(), { on = "item" }) end, "both must be numbers, dates or times")
  test.raises(function() sales():join_asof(prices(), { on = "att" }) end, "unknown column 'att' in the left frame")
  test.raises(function() sales():join_asof(prices(), { on = "at", strategy = "back" }) end, "backward forward nearest")
end)
