-- unpivot: columns to rows.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null

local function wide()
  return ms.frame{
    { "id", { 7, 8 } }, { "a", { 1, null } }, { "b", { 3, 4 } }, { "c", { 0.5, 1.5 } }, { "t", { "x", "y" } },
  }
end

test("all rows of a column come before those of the next", function()
  local long = wide():unpivot{ index = "id", columns = { "b", "a" } }
  test.equal(long:names(), { "id", "variable", "value" })
  test.equal(long:column("id"), { 7, 8, 7, 8 })
  test.equal(long:column("variable"), { "b", "b", "a", "a" })
  test.equal(long:column("value", "-"), { 3, 4, 1, "-" })
end)

test("without columns all but the index are taken", function()
  local long = wide():unpivot{ index = { "id", "c", "t" }, variable = "what", value = "amount" }
  test.equal(long:names(), { "id", "c", "t", "what", "amount" })
  test.equal(long:nrow(), 4)
end)

test("integers beside reals become reals", function()
  local long = wide():unpivot{ columns = { "b", "c" } }
  test.equal(long:schema()[2].type, "real")
  test.equal(long:column("value"), { 3, 4, 0.5, 1.5 })
end)

test("no columns left give no rows", function()
  test.equal(wide():unpivot{ index = { "id", "a", "b", "c", "t" } }:nrow(), 0)
end)

test("what unpivot cannot do is said", function()
  test.raises(function() wide():unpivot{ index = "id" } end, "column 't' is text, but column 'a' is integer")
  test.raises(function() wide():unpivot{ index = "id", columns = { "a" }, value = "id" } end, "id")
  test.raises(function() wide():unpivot{ columns = { "aa" } } end, "aa")
end)
