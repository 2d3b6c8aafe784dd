-- join: every kind of it and every kind of key, against hand-worked tables and against plain loops.
local ms = require "moonsift"
local test = require "moonsift.test"

local null = ms.null
local nan = 0 / 0

local function orders()
  local numbers = { 1, 2, 3, 4, 5 }
  return ms.frame{ { "id", numbers }, { "customer", { 20, 10, 99, null, 20 } }, { "v", numbers } }
end
local function customers()
  return ms.frame{ { "customer", { 10, 20, 30, null } }, { "name", { "Ann", "Bo", "Cy", "Di" } },
    { "v", { 7, 8, 9, 6 } } }
end
local function list(f, name) return f:column(name, "null") end

test("inner keeps the rows that meet, in the order of the left frame, with the key once", function()
  local f = orders():join(customers(), { on = "customer" })
  test.equal(f:names(), { "id", "customer", "v", "name", "v_right" })
  test.equal(list(f, "id"), { 1, 2, 5 })
  test.equal(list(f, "name"), { "Bo", "Ann", "Bo" })
  test.equal(list(f, "v_right"), { 8, 7, 8 })
end)

test("left keeps every left row", function()
  local f = orders():join(customers(), { on = "customer", how = "left" })
  test.equal(list(f, "id"), { 1, 2, 3, 4, 5 })
  test.equal(list(f, "name"), { "Bo", "Ann", "null", "null", "Bo" })
end)

test("right and full put right rows that met nobody behind, with their keys", function()
  local f = orders():join(customers(), { on = "customer", how = "right" })
  test.equal(list(f, "id"), { 1, 2, 5, "null", "null" })
  test.equal(list(f, "customer"), { 20, 10, 20, 30, "null" })
  test.equal(list(f, "name"), { "Bo", "Ann", "Bo", "Cy", "Di" })
  f = orders():join(customers(), { on = "customer", how = "full" })
  test.equal(list(f, "id"), { 1, 2, 3, 4, 5, "null", "null" })
  test.equal(list(f, "customer"), { 20, 10, 99, "null", 20, 30, "null" })
  test.equal(list(f, "v_right"), { 8, 7, "null", "null", 8, 9, 6 })
end)

test("semi and anti choose left rows", function()
  test.equal(list(orders():join(customers(), { on = "customer", how = "semi" }), "id"), { 1, 2, 5 })
  test.equal(list(orders():join(customers(), { on = "customer", how = "anti" }), "id"), { 3, 4 })
  test.equal(orders():join(customers(), { on = "customer", how = "anti" }):names(), { "id", "customer", "v" })
end)

test("cross pairs every row with every row", function()
  local f = orders():head(2):join(customers():head(3), { how = "cross" })
  test.equal(list(f, "id"), { 1, 1, 1, 2, 2, 2 })
  test.equal(list(f, "customer_right"), { 10, 20, 30, 10, 20, 30 })
end)

test("null keys meet only where that is asked for", function()
  local f = orders():join(customers(), { on = "customer", nulls = "match" })
  test.equal(list(f, "name"), { "Bo", "Ann", "Di", "Bo" })
  local a, b = ms.frame{ { "k", { "x", null } } }, ms.frame{ { "k", { null, "y" } }, { "n", { 1, 2 } } }
  test.equal(list(a:join(b, { on = "k", how = "left", nulls = "match" }), "n"), { "null", 1 })
  test.equal(list(a:join(b, { on = "k", how = "left" }), "n"), { "null", "null" })
  local c = ms.frame{ { "k", { 1.5, nan, null, -0.0 } } }
  local d = ms.frame{ { "k", { nan, null, 0.0 } }, { "n", { 1, 2, 3 } } }
  test.equal(list(c:join(d, { on = "k", how = "left" }), "n"), { "null", 1, "null", 3 })
  test.equal(list(c:join(d, { on = "k", how = "left", nulls = "match" }), "n"), { "null", 1, 2, 3 })
end)

test("keys of other names and several keys; a null on one side only meets nothing", function()
  local a = ms.frame{ { "y", { 1, 1, 2, null } }, { "t", { "p", "q", "p", "p" } }, { "i", { 1, 2, 3, 4 } } }
  local b = ms.frame{ { "year", { 1, 2, 2 } }, { "t", { "q", "p", "q" } }, { "n", { 10, 20, 30 } } }
  local f = a:join(b, { on = { "y == year", "t" }, how = "left" })
  test.equal(f:names(), { "y", "t", "i", "n" })
  test.equal(list(f, "n"), { "null", 10, 20, "null" })
  test.equal(list(a:join(b, { on = { "y == year", "t" }, how = "left", nulls = "match" }), "n"),
    { "null", 10, 20, "null" })
end)

test("integers and reals compare by value, exactly", function()
  local big = 9007199254740993LL
  local a = ms.frame{ { "k", { 1, 2, big } } }
  local b = ms.frame{ { "k", { 2.0, 1.5, 9007199254740992.0, 1e300, nan } }, { "n", { 1, 2, 3, 4, 5 } } }
  test.equal(list(a:join(b, { on = "k", how = "left" }), "n"), { "null", 1, "null" })
  test.equal(list(b:join(a, { on = "k" }), "n"), { 1 })
end)

test("types that cannot be compared are an error that names both columns", function()
  local a, b = ms.frame{ { "k", { 1 } } }, ms.frame{ { "name", { "1" } } }
  test.raises(function() a:join(b, { on = "k == name" }) end,
    "key 'k' is integer on the left, 'name' is text on the right")
end)

test("keys that repeat on both sides multiply, with a warning unless that is expected", function()
  local a = ms.frame{ { "k", { 1, 2, 1 } }, { "i", { 1, 2, 3 } } }
  local b = ms.frame{ { "k", { 1, 3, 1, 2 } }, { "n", { 10, 20, 30, 40 } } }
  local f = a:join(b, { on = "k", expect = "m:m" })
  test.equal(list(f, "i"), { 1, 1, 2, 3, 3 })
  test.equal(list(f, "n"), { 10, 30, 40, 10, 30 })
  test.equal(list(a:join(b, { on = "k", how = "full", expect = "m:m" }), "n"), { 10, 30, 40, 10, 30, 20 })
end)

test("expect names the first key that repeats", function()
  local a = ms.frame{ { "k", { 5, 7, 7, 5, 5, null, null } } }
  local b = ms.frame{ { "k", { 5, 7, null, null } } }
  test.equal(a:join(b, { on = "k", expect = "m:1" }):nrow(), 5)
  test.raises(function() a:join(b, { on = "k", expect = "1:1" }) end,
    "expect = '1:1', but 2 keys repeat on the left; the first: k = 5, 3 rows")
  test.raises(function() b:join(a, { on = "k", expect = "m:1" }) end, "2 keys repeat on the right")
  test.equal(b:join(a, { on = "k", expect = "1:m" }):nrow(), 5)
end)

test("a result that is absurdly large is refused with its size", function()
  local key = {}
  for i = 1, 10000 do key[i] = 1 end
  local f = ms.frame{ { "k", key } }
  test.raises(function() f:join(f, { on = "k" }) end,
    "100000000 rows would come of 10000 on the left and 10000 on the right")
  test.raises(function() f:join(f, { how = "cross" }) end, "100000000 rows")
  test.raises(function() orders():join(customers(), { on = "customer", how = "left", limit_rows = 4 }) end,
    "5 rows would come")
end)

test("no row on either side, and one row", function()
  local none = customers():filter "v > 100"
  for _, how in ipairs { "inner", "semi", "right" } do
    test.equal(orders():join(none, { on = "customer", how = how }):nrow(), 0)
  end
  for _, how in ipairs { "left", "full", "anti" } do
    test.equal(orders():join(none, { on = "customer", how = how }):nrow(), 5)
  end
  local nobody = orders():filter "v > 100"
  test.equal(nobody:join(customers(), { on = "customer", how = "left" }):nrow(), 0)
  test.equal(nobody:join(customers(), { on = "customer", how = "full" }):nrow(), 4)
  test.equal(orders():head(1):join(customers(), { on = "customer" }):nrow(), 1)
end)

test("what join cannot do is said", function()
  test.raises(function() orders():join(customers(), { on = "custmer" }) end,
    "unknown column 'custmer' in the left frame")
  test.raises(function() orders():join(customers(), { on = "id == nme" }) end,
    "unknown column 'nme' in the right frame")
  test.raises(function() orders():join(customers(), {}) end, "option 'on' names no key")
  test.raises(function() orders():join(customers(), { on = "customer", how = "outer" }) end,
    "one of inner left right full")
  test.raises(function() orders():join(customers(), { on = "customer", suffix = "" }) end, "two columns named 'v'")
end)

-- Numbers that look drawn at random, the same in every run.
local function drawn(count, below, seed)
  local values, x = {}, seed
  for i = 1, count do
    x = (x * 1103515245 + 12345) % 2147483648
    values[i] = math.floor(x / 65536) % below
  end
  return values
end

local function mapped(values, fn)
  local out = {}
  for i, value in ipairs(values) do
    out[i] = fn(value)
    if out[i] == nil then out[i] = null end
  end
  return out
end

-- Keys as dense and sparse integers, reals, texts, dates, with nulls; each the same pattern of equality.
local kinds = {
  dense = function(k) return k end,
  sparse = function(k) return k * 100000000003 end,
  real = function(k) return k / 7 end,
  text = function(k) return "key " .. k end,
  nullable = function(k) if k % 10 ~= 0 then return k end end,
}

test("joins of many rows agree with a plain loop for every kind of key", function()
  local left, right = drawn(3000, 500, 3), drawn(900, 700, 5)
  for kind, make in pairs(kinds) do
    local a = ms.frame{ { "k", mapped(left, make) }, { "i", mapped(left, function(k) return k end) } }
    local b = ms.frame{ { "k", mapped(right, make) }, { "j", drawn(900, 1000, 9) } }
    local js, where = b:column "j", {}
    for row, k in ipairs(right) do
      where[k] = where[k] or {}
      table.insert(where[k], js[row])
    end
    local want, outer = {}, {}
    for _, k in ipairs(left) do
      local met = make(k) ~= nil and where[k] or {}
      for _, j in ipairs(met) do
        want[#want + 1], outer[#outer + 1] = j, j
      end
      if #met == 0 then outer[#outer + 1] = "null" end
    end
    test.equal({ kind, list(a:join(b, { on = "k", expect = "m:m" }), "j") }, { kind, want })
    test.equal({ kind, list(a:join(b, { on = "k", how = "left", expect = "m:m" }), "j") }, { kind, outer })
    local both = a:join(b, { on = { "k", "k" }, expect = "m:m" })
    test.equal({ kind, list(both, "j") }, { kind, want })
  end
end)

test("texts that are stored row by row, with repeats, are keys like others", function()
  local a = ms.frame{ { "i", { 1, 2, 3, 4, 5, 6 } } }
    :with_columns("k = case when i < 6 then 't' .. cast(i % 3 as text) end")
  local b = ms.frame{ { "j", { 1, 2, 3, 4 } } }
    :with_columns("k = case when j != 3 then 't' .. cast(j // 3 as text) end")
  test.equal(list(a:join(b, { on = "k", how = "left", expect = "m:m" }), "j"), { 4, "null", 1, 2, 4, "null", "null" })
  test.equal(list(a:join(b, { on = "k", how = "full", nulls = "match", expect = "m:m" }), "j"),
    { 4, "null", 1, 2, 4, "null", 3 })
  test.equal(list(a:join(a, { on = "k", expect = "m:m", how = "semi" }), "i"), { 1, 2, 3, 4, 5 })
end)

test("several wide keys at once", function()
  local k1, k2, k3 = drawn(2000, 40, 1), drawn(2000, 40, 2), drawn(2000, 3, 4)
  local function columns(n)
    local function part(from)
      local out = {}
      for i = 1, n do out[i] = from[i] end
      return out
    end
    return part(k1), part(k2), part(k3)
  end
  local function made(n, name)
    local a, b, c = columns(n)
    local row = {}
    for i = 1, n do row[i] = i end
    return ms.frame{
      { "a", mapped(a, kinds.real) }, { "b", mapped(b, kinds.sparse) }, { "c", mapped(c, kinds.text) },
      { "d", mapped(a, kinds.real) }, { name, row },
    }
  end
  local f = made(2000, "i"):join(made(300, "j"), { on = { "a", "b", "c", "d" }, expect = "m:m" })
  local want = {}
  for i = 1, 2000 do
    for j = 1, 300 do
      if k1[i] == k1[j] and k2[i] == k2[j] and k3[i] == k3[j] then want[#want + 1] = i * 1000 + j end
    end
  end
  test.equal(f:select("x = i * 1000 + j"):column "x", want)
end)
