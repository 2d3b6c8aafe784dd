-- Verbs over columns and positions: select, with_columns, rename, drop, row_index, filter, head, tail, slice.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function frame()
  return ms.frame{ { "id", { 1, 2, 3, 4 } }, { "a", { 10, null, 30, 40 } }, { "t", { "x", "y", "x", null } } }
end

test("select takes columns and computes others, in the order asked for", function()
  local f = frame():select("t", "double = a * 2", "id + 1", "id")
  test.equal(f:names(), { "t", "double", "id + 1", "id" })
  test.equal(f:column("double", "null"), { 20, "null", 60, 80 })
  test.equal(frame():select("*", "b = a"):names(), { "id", "a", "t", "b" })
  test.equal(frame():filter("id > 9"):select("double = a * 2"):nrow(), 0)
end)

test("select refuses unknown names and two columns of one name", function()
  test.raises(function() frame():select("idd") end, "did you mean 'id'?")
  test.raises(function() frame():select("id", "id = a") end, "two columns named 'id'")
end)

test("with_columns adds and replaces; later definitions see earlier ones", function()
  local f = frame():with_columns("b = a + @more", "c = b / 10", "a = 0", { more = 5 })
  test.equal(f:names(), { "id", "a", "t", "b", "c" })
  test.equal(f:column("c", "null"), { 1.5, "null", 3.5, 4.5 })
  test.equal(f:column "a", { 0, 0, 0, 0 })
end)

test("rename and drop", function()
  test.equal(frame():rename({ id = "nr", a = "id" }):names(), { "nr", "id", "t" })
  test.equal(frame():drop("a", "t"):names(), { "id" })
  test.raises(function() frame():rename({ id = "a" }) end, "two columns named 'a'")
  test.raises(function() frame():drop("b") end, "drop: unknown column 'b'")
end)

test("filter keeps only what is true", function()
  test.equal(frame():filter("a > 10"):column "id", { 3, 4 })
  test.equal(frame():filter("a > @low and t is not null", { low = 5 }):column "id", { 1, 3 })
  test.equal(frame():filter("true"):nrow(), 4)
  test.equal(frame():filter("a > null"):nrow(), 0)
  test.raises(function() frame():filter("a + 1") end, "boolean")
  test.raises(function() frame():filter(1 == 2) end, "did you write ==")
end)

test("head, tail and slice are within the frame", function()
  test.equal(frame():head(2):column "id", { 1, 2 })
  test.equal(frame():head(9):nrow(), 4)
  test.equal(frame():tail(3):column "id", { 2, 3, 4 })
  test.equal(frame():tail(0):nrow(), 0)
  test.equal(frame():head(0):tail(5):nrow(), 0)
  test.equal(frame():slice(2, 2):column "id", { 2, 3 })
  test.equal(frame():slice(-3, 2):column "id", { 2, 3 })
  test.equal(frame():slice(-9, 6):column "id", { 1 })
  test.equal(frame():slice(3):column "id", { 3, 4 })
  test.equal(frame():slice(5):nrow(), 0)
  test.raises(function() frame():slice(0) end, "rows count from 1")
end)

test("row_index numbers the rows", function()
  local f = frame():row_index("nr", { from = 10 })
  test.equal(f:names(), { "nr", "id", "a", "t" })
  test.equal(f:column "nr", { 10, 11, 12, 13 })
  test.raises(function() frame():row_index(nil, { from = 9223372036854775807LL }) end, "do not fit")
end)
