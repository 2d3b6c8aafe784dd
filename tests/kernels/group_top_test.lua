-- group_top: the first rows of each group.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function frame()
  return ms.frame{
    { "g", { "b", "a", "b", "b", "a", null, "b" } },
    { "x", { 3, null, 5, 5, 2, 1, null } },
    { "y", { 0.5, 0 / 0, 2.5, 1.5, null, 1, -1 } },
    { "n", { 1, 2, 3, 4, 5, 6, 7 } },
  }
end

test("groups stand in the order of first appearance, ties in the order of the rows", function()
  test.equal(frame():group_by("g"):top(2, "-x"):column("n"), { 3, 4, 5, 2, 6 })
  test.equal(frame():group_by("g"):top(2, "x"):column("n"), { 1, 3, 5, 2, 6 })
end)

test("nulls are last and NaN before them, in both directions", function()
  test.equal(frame():group_by("g"):top(9, "-y"):column("n"), { 3, 4, 1, 7, 2, 5, 6 })
  test.equal(frame():group_by("g"):top(9, "y"):column("n"), { 7, 1, 4, 3, 2, 5, 6 })
end)

test("several keys of order, and text, sort", function()
  test.equal(frame():group_by("g"):top(3, "-x", "-n"):column("n"), { 4, 3, 1, 5, 2, 6 })
  test.equal(frame():group_by():top(2, "-g", "n"):column("n"), { 1, 3 })
end)

test("the quick way and the sorting way agree", function()
  local g, x, y = {}, {}, {}
  for i = 1, 100000 do
    g[i], x[i] = i * 7919 % 777, i * 31 % 1000
    y[i] = i % 13 == 0 and null or x[i] / 7
  end
  local f = ms.frame{ { "g", g }, { "x", x }, { "y", y }, { "same", x } }
  for _, order in ipairs{ "x", "-x", "y", "-y" } do
    local quick = f:group_by("g"):top(3, order)
    local sorted = f:group_by("g"):top(3, order, order)
    test.equal(quick:column("x"), sorted:column("x"))
  end
end)

test("head takes the first rows of each group; from = end takes the last in order", function()
  test.equal(frame():group_by("g"):head(1):column("n"), { 1, 2, 6 })
  test.equal(frame():group_by("g"):top(1, "x", { from = "end" }):column("n"), { 7, 2, 6 })
end)

test("one row, no groups, none wanted", function()
  test.equal(ms.frame{ { "g", { 1 } } }:group_by("g"):top(2, "g"):column("g"), { 1 })
  test.equal(frame():group_by():top(1, "-n"):column("n"), { 7 })
  test.equal(frame():group_by("g"):top(0, "x"):nrow(), 0)
end)

test("what top cannot do is said", function()
  test.raises(function() frame():group_by("gg"):top(1, "x") end, "gg")
  test.raises(function() frame():group_by("g"):top(1, "-xx") end, "xx")
end)

test("any number of threads gives the same", function()
  local g, x = {}, {}
  for i = 1, 300000 do g[i], x[i] = i * 7919 % 5003, i * 104729 % 65537 % 100 end
  local f, before, first = ms.frame{ { "g", g }, { "x", x } }, ms.threads(), nil
  for _, threads in ipairs{ 1, 2, 4 } do
    ms.threads(threads)
    local top = f:group_by("g"):top(2, "-x"):column("x")
    first = first or top
    test.equal(top, first)
  end
  ms.threads(before)
end)
