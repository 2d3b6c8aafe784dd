-- unique: which of equal rows stays.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function frame()
  return ms.frame{
    { "city", { "b", "a", "b", null, "a", null, "c" } },
    { "n", { 1, 2, 3, 4, 2, 6, 7 } },
  }
end

test("the first of equal rows stays, in the order of the rows", function()
  test.equal(frame():unique("city"):column("n"), { 1, 2, 4, 7 })
  test.equal(frame():unique("city", { keep = "first" }):column("n"), { 1, 2, 4, 7 })
  test.equal(frame():unique("city", { keep = "any" }):nrow(), 4)
end)

test("keep says which row stays: the last, or only those that are alone", function()
  test.equal(frame():unique("city", { keep = "last" }):column("n"), { 3, 2, 6, 7 })
  test.equal(frame():unique("city", { keep = "none" }):column("n"), { 7 })
end)

test("without columns whole rows are compared", function()
  test.equal(frame():unique():column("n"), { 1, 2, 3, 4, 6, 7 })
  test.equal(frame():unique("city", "n"):column("n"), { 1, 2, 3, 4, 6, 7 })
end)

test("NaN equals NaN and zero has no sign", function()
  local f = ms.frame{ { "x", { 0 / 0, 0.0, -0.0, -(0 / 0), 1.5 } } }
  test.equal(f:unique("x"):nrow(), 3)
end)

test("nothing in, nothing out; one row stays; nulls are one", function()
  test.equal(frame():unique("city"):unique("city"):nrow(), 4)
  test.equal(ms.frame{ { "x", { 5 } } }:unique():column("x"), { 5 })
  test.equal(ms.frame{ { "x", { null, null } } }:unique():nrow(), 1)
end)

test("what unique cannot do is said", function()
  test.raises(function() frame():unique("ciyt") end, "ciyt")
  test.raises(function() frame():unique("city", { keep = "frist" }) end, "one of first last none any wanted")
end)
