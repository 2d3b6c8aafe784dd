-- sort and top: orders of every type, ties, nulls, NaN, and the same rows for any number of threads.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null
local nan = 0 / 0

local function frame()
  return ms.frame{
    { "city", { "b", "a", null, "b", "a", "上海" } },
    { "n", { 3, 2, 5, null, 2, 1 } },
    { "x", { 1.5, nan, -0.0, 0.0, null, -2.5 } },
    { "id", { 1, 2, 3, 4, 5, 6 } },
  }
end
local function ids(f) return f:column "id" end

test("rows come in ascending order, equal ones as they stood, nulls last", function()
  test.equal(ids(frame():sort "n"), { 6, 2, 5, 1, 3, 4 })
  test.equal(ids(frame():sort "city"), { 2, 5, 1, 4, 6, 3 })
end)

test("a minus or desc turns the order round and leaves nulls last and ties in place", function()
  test.equal(ids(frame():sort "-n"), { 3, 1, 2, 5, 6, 4 })
  test.equal(ids(frame():sort "n desc"), { 3, 1, 2, 5, 6, 4 })
  test.equal(ids(frame():sort "- city"), { 6, 1, 4, 2, 5, 3 })
end)

test("NaN stands behind the numbers in both directions, and zero has no sign", function()
  test.equal(ids(frame():sort "x"), { 6, 3, 4, 1, 2, 5 })
  test.equal(ids(frame():sort "-x"), { 1, 3, 4, 6, 2, 5 })
end)

test("nulls come first where that is said, by a key or for all", function()
  test.equal(ids(frame():sort "n nulls first"), { 4, 6, 2, 5, 1, 3 })
  test.equal(ids(frame():sort("-n", { nulls = "first" })), { 4, 3, 1, 2, 5, 6 })
  test.equal(ids(frame():sort("n DESC NULLS LAST", { nulls = "first" })), { 3, 1, 2, 5, 6, 4 })
  test.equal(ids(frame():sort "x nulls first"), { 5, 6, 3, 4, 1, 2 })
end)

test("the first key decides, later ones among its equals", function()
  test.equal(ids(frame():sort("city", "-n")), { 2, 5, 1, 4, 6, 3 })
  test.equal(ids(frame():sort("n", "city desc", "-id")), { 6, 5, 2, 1, 3, 4 })
end)

test("a key may be an expression", function()
  test.equal(ids(frame():sort "abs(x)"), { 3, 4, 1, 6, 2, 5 })
  test.equal(ids(frame():sort "-abs(x)"), { 6, 1, 3, 4, 2, 5 })
  test.equal(ids(frame():sort "-id % 3"), { 3, 6, 2, 5, 1, 4 })
  test.equal(ids(frame():sort("-coalesce(city, 'a')", "id desc")), { 6, 4, 1, 5, 3, 2 })
end)

test("a column's own name comes before the words of an order", function()
  local f = ms.frame{ { "a desc", { 2, 1 } }, { "-b", { 1, 2 } }, { "id", { 1, 2 } } }
  test.equal(ids(f:sort "a desc"), { 2, 1 })
  test.equal(ids(f:sort "-b"), { 1, 2 })
end)

test("integers at the ends of 64 bits", function()
  local least, most = -9223372036854775807LL - 1, 9223372036854775807LL
  local f = ms.frame{ { "n", { most, least, null, 0 } }, { "id", { 1, 2, 3, 4 } } }
  test.equal(ids(f:sort "n"), { 2, 4, 1, 3 })
  test.equal(ids(f:sort "-n"), { 1, 4, 2, 3 })
  test.equal(ids(f:sort "n nulls first"), { 3, 2, 4, 1 })
end)

test("no row, one row, nothing but nulls", function()
  test.equal(frame():filter("id > 9"):sort("n", "city"):nrow(), 0)
  test.equal(ids(frame():head(1):sort("-n", "x")), { 1 })
  test.equal(ids(ms.frame{ { "n", { null, null } }, { "id", { 1, 2 } } }:sort "-n"), { 1, 2 })
  test.equal(frame():filter("id > 9"):top(3, "n"):nrow(), 0)
end)

test("top is sort and head", function()
  test.equal(ids(frame():top(2, "-n")), { 3, 1 })
  test.equal(ids(frame():top(0, "-n")), {})
  test.equal(ids(frame():top(99, "city", "-n")), ids(frame():sort("city", "-n")))
end)

-- Numbers that look drawn at random, the same in every run.
local function drawn(count, below, seed)
  local list, x = {}, seed
  for i = 1, count do
    x = (x * 1103515245 + 12345) % 2147483648
    list[i] = math.floor(x / 65536) % below
  end
  return list
end

local function large()
  local id, a, b, text = {}, drawn(150000, 30000, 7), drawn(150000, 50, 11), {}
  for i = 1, #a do
    id[i] = i
    text[i] = "t" .. a[i] % 977
    if i % 31 == 0 then b[i] = null end
    a[i] = (a[i] - 15000) / 7
  end
  return ms.frame{ { "id", id }, { "a", a }, { "b", b }, { "t", text } }
end

test("many rows: every key, ties in place, and top agrees with sort", function()
  local f = large()
  for _, by in ipairs { { "a" }, { "-a", "t" }, { "b", "-t" }, { "t", "b desc", "a" } } do
    local sorted = f:sort(by)
    local id, a, b, t = sorted:column "id", sorted:column "a", sorted:column("b", 1e9), sorted:column "t"
    local bad
    for i = 2, #id do
      local ranks = { a = { a[i - 1], a[i] }, b = { b[i - 1], b[i] }, t = { t[i - 1], t[i] } }
      for _, key in ipairs(by) do
        local name = key:match "%a"
        local x, y = ranks[name][1], ranks[name][2]
        if key ~= name then x, y = y, x end
        if name == "b" and key ~= name and (x == 1e9) ~= (y == 1e9) then x, y = y, x end
        if x ~= y then
          if x > y then bad = bad or i end
          ranks = nil
          break
        end
      end
      if ranks and id[i - 1] > id[i] then bad = bad or i end
    end
    test.equal(bad, nil)
    test.equal(f:top(1000, by):column "id", sorted:head(1000):column "id")
  end
end)

test("what sort cannot do is said", function()
  test.raises(function() frame():sort "ctiy" end, "did you mean 'city'?")
  test.raises(function() frame():sort() end, "sort: option 'by'")
  test.raises(function() frame():sort("n", { nulls = "middle" }) end, "one of last first wanted")
  test.raises(function() frame():sort("n", { ordre = 1 }) end, "unknown option 'ordre'")
  test.raises(function() frame():top(-1, "n") end, "top: got -1")
end)
