-- The verbs' signatures in Lua: texts in order, parameters and options behind them, groups.
local ms = require "moonsift"
local test = require "moonsift.test"

local function orders()
  return ms.frame {
    { "id", { 1, 2, 3, 4 } },
    { "city", { "b", "a", "b", ms.null } },
    { "amount", { 10, 20.5, 30, ms.null } },
  }
end

test("texts, a list of texts, and columns may name what select takes", function()
  test.equal(orders():select("id", "double = amount * 2"):column "double", { 20, 41, 60 })
  test.equal(orders():select({ "city", "id" }):names(), { "city", "id" })
  test.equal(orders():select(orders().amount, "id"):names(), { "amount", "id" })
  test.raises(function() orders():select("id", 5) end, "select: argument 2 is a number; wanted a text")
  test.raises(function() orders():select(orders()) end, "argument 1 is a frame")
end)

test("parameters behind the texts are bound, of any type", function()
  test.equal(orders():filter("city == @city", { city = "b' or '1" }):nrow(), 0)
  test.equal(orders():filter("city == @city and amount > @least", { city = "b", least = 10.5 }):column "id", { 3 })
  test.equal(orders():filter("id in @ids", { ids = { 1, 4 } }):column "id", { 1, 4 })
  test.equal(orders():filter("id == @id", { id = 9007199254740993LL }):nrow(), 0)
  local days = ms.frame { { "day", { ms.date "2024-01-01", ms.date "2024-02-01" } } }
  test.equal(days:filter("day >= @day", { day = ms.date "2024-01-15" }):nrow(), 1)
  test.raises(function() orders():filter("city == @town", { city = "b" }) end, "town")
end)

test("later definitions of with_columns see earlier ones", function()
  test.equal(orders():with_columns("a = id + @n", "b = a * 2", { n = 1 }):column "b", { 4, 6, 8, 10 })
end)

test("sort, top, head and tail take numbers of rows and options", function()
  test.equal(orders():sort("-amount"):column "id", { 3, 2, 1, 4 })
  test.equal(orders():sort("amount", { nulls = "first" }):column "id", { 4, 1, 2, 3 })
  test.equal(orders():sort("city", "-id"):column "id", { 2, 3, 1, 4 })
  test.equal(orders():top(2, "-amount"):column "id", { 3, 2 })
  test.equal(orders():head(1):column "id", { 1 })
  test.equal(orders():tail(1):column "id", { 4 })
  test.raises(function() orders():head(-1) end, "head: got -1; wanted a number of rows")
  test.raises(function() orders():head "x" end, "head: got a string; wanted a number of rows")
  local problem = test.raises(function() orders():sort("id", { null = "first" }) end, "did you mean 'nulls'?")
  test.equal(problem.code, "E-OPTION-UNKNOWN")
end)

test("rename takes old and new names, whatever the order of the table", function()
  test.equal(orders():rename({ id = "a", amount = "b", city = "c" }):names(), { "a", "c", "b" })
  test.equal(orders():rename({ id = "amount", amount = "id" }):names(), { "amount", "city", "id" })
  test.raises(function() orders():rename { ids = "a" } end, "did you mean 'id'?")
  test.raises(function() orders():rename "id" end, "wanted { old = \"new\" }")
end)

test("groups print what to do with them, and aggregate in the order of their first rows", function()
  local groups = orders():group_by "city"
  test.contains(tostring(groups), "groups by city; :agg(")
  local made = groups:agg("n = count()", "total = sum(amount) + @more", { more = 1 })
  test.equal(made:column("city", "none"), { "b", "a", "none" })
  test.equal(made:column "n", { 2, 1, 1 })
  test.equal(made:column "total", { 41, 21.5 })
end)

test("verbs of an empty frame give an empty frame of the same columns", function()
  local none = orders():filter "id > 100"
  test.equal({ none:nrow(), none:ncol() }, { 0, 3 })
  test.equal(none:sort("id"):names(), { "id", "city", "amount" })
  test.equal(none:group_by("city"):agg("n = count()"):nrow(), 0)
  test.contains(tostring(none), "0 rows")
end)

test("a column of a frame that is gone lives on in the frames that share it", function()
  local kept = orders():select "amount"
  for _ = 1, 3 do collectgarbage() end
  test.equal(kept:column "amount", { 10, 20.5, 30 })
end)
