-- Rows put together, drawn and filled: concat, sample, split, fill_null.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null
local function list(f, name) return f:column(name, "null") end
local function a() return ms.frame{ { "k", { 1, 2 } }, { "t", { "x", null } } } end
local function b() return ms.frame{ { "t", { "y" } }, { "k", { 2.5 } } } end

test("concat puts columns of one name under each other, integers and reals as reals", function()
  local f = a():concat(b(), a())
  test.equal(f:names(), { "k", "t" })
  test.equal(list(f, "k"), { 1, 2, 2.5, 1, 2 })
  test.equal(list(f, "t"), { "x", "null", "y", "x", "null" })
  test.equal(list(a():concat(b(), { source = "from" }), "from"), { 1, 1, 2 })
  test.equal(a():filter("k > 9"):concat(a()):nrow(), 2)
end)

test("concat is strict unless diagonal is asked for", function()
  local c = ms.frame{ { "k", { 7 } }, { "z", { true } } }
  test.raises(function() a():concat(c) end, "frame 2 has no column 't'")
  test.raises(function() a():select("k"):concat(a()) end, "frame 2 has a column 't', the first has none")
  local f = a():concat(c, { how = "diagonal" })
  test.equal(f:names(), { "k", "t", "z" })
  test.equal(list(f, "z"), { "null", "null", true })
  test.raises(function() a():concat(ms.frame{ { "k", { "1" } }, { "t", { "x" } } }) end,
    "column 'k' is integer in frame 1 and text in frame 2")
end)

local function numbers(n)
  local id, g = {}, {}
  for i = 1, n do id[i], g[i] = i, i % 3 end
  return ms.frame{ { "id", id }, { "g", g } }
end

test("sample draws the same rows for the same seed, in their order, each at most once", function()
  local f = numbers(1000):sample(100, { seed = 4 })
  test.equal(f:nrow(), 100)
  test.equal(f:unique("id"):sort("id"):column "id", f:column "id")
  test.equal(numbers(1000):sample(100, { seed = 4 }):column "id", f:column "id")
  test.differ(numbers(1000):sample(100, { seed = 5 }):column "id", f:column "id")
  test.equal(numbers(10):sample(99):nrow(), 10)
  test.equal(numbers(10):sample(0):nrow(), 0)
end)

test("sample by strata takes as many of each; a fraction is rounded", function()
  local f = numbers(90):sample(5, { by = "g" })
  test.equal(f:group_by("g"):agg("n = count()"):column "n", { 5, 5, 5 })
  test.equal(numbers(10):sample{ fraction = 0.25 }:nrow(), 3)
end)

test("every row is drawn about equally often", function()
  local hits = {}
  for seed = 1, 400 do
    for _, id in ipairs(numbers(10):sample(3, { seed = seed }):column "id") do hits[id] = (hits[id] or 0) + 1 end
  end
  for id = 1, 10 do test.check(hits[id] > 80 and hits[id] < 160, "row " .. id .. ": " .. hits[id]) end
end)

test("what sample cannot do is said", function()
  test.raises(function() numbers(3):sample(1, { fraction = 0.5 }) end, "exclude each other")
  test.raises(function() numbers(3):sample{} end, "is missing")
  test.raises(function() numbers(3):sample(-1) end, "0 or more")
  test.raises(function() numbers(3):sample{ fraction = 1.5 } end, "option 'fraction' is 1.5")
end)

test("split gives every row to one of two frames", function()
  local train, rest = numbers(100):split(0.7, { seed = 2 })
  test.equal({ train:nrow(), rest:nrow() }, { 70, 30 })
  test.equal(train:concat(rest):sort("id"):column "id", numbers(100):column "id")
  train, rest = numbers(99):split(2 / 3, { by = "g" })
  test.equal(train:group_by("g"):agg("n = count()"):column "n", { 22, 22, 22 })
  test.equal(rest:nrow(), 33)
  train, rest = numbers(3):filter("id > 9"):split(0.5)
  test.equal({ train:nrow(), rest:nrow() }, { 0, 0 })
end)

test("split into several numbered parts", function()
  local f = numbers(10):split(nil, { fractions = { 0.5, 0.3, 0.2 } })
  test.equal(f:group_by("part"):agg("n = count()"):sort("part"):column "n", { 5, 3, 2 })
  test.raises(function() numbers(10):split(nil, { fractions = { 0.5, 0.3 } }) end, "sum up to 0.8")
end)

local function holes()
  return ms.frame{ { "n", { null, 1, null, 4 } }, { "x", { 0.5, null, 1.5, null } }, { "t", { "a", null, null, "b" } } }
end

test("fill_null puts a value into the columns of its type", function()
  local f = holes():fill_null(0)
  test.equal(list(f, "n"), { 0, 1, 0, 4 })
  test.equal(list(f, "x"), { 0.5, 0, 1.5, 0 })
  test.equal(list(f, "t"), { "a", "null", "null", "b" })
  test.equal(list(holes():fill_null("?"), "t"), { "a", "?", "?", "b" })
  test.equal(list(holes():fill_null(9, { columns = { "n" } }), "x"), { 0.5, "null", 1.5, "null" })
end)

test("fill_null carries values on, back, or takes the mean", function()
  test.equal(list(holes():fill_null{ strategy = "forward" }, "t"), { "a", "a", "a", "b" })
  test.equal(list(holes():fill_null{ strategy = "forward" }, "n"), { "null", 1, 1, 4 })
  test.equal(list(holes():fill_null{ strategy = "backward" }, "n"), { 1, 1, 4, 4 })
  test.equal(list(holes():fill_null{ strategy = "mean" }, "n"), { 2.5, 1, 2.5, 4 })
  test.equal(list(holes():fill_null{ strategy = "zero", columns = { "x" } }, "x"), { 0.5, 0, 1.5, 0 })
end)

test("what fill_null cannot do is said", function()
  test.raises(function() holes():fill_null(0, { columns = { "t" } }) end,
    "column 't' is text and cannot be filled with integer")
  test.raises(function() holes():fill_null{ strategy = "mean", columns = { "t" } } end,
    "cannot be filled with a number")
  test.raises(function() holes():fill_null() end, "option 'value' must be one value")
  test.raises(function() holes():fill_null(0, { columns = { "m" } }) end, "unknown column 'm'")
end)
