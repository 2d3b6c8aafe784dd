-- Random rules: runs, explain and check agree with the same rules in plain Lua on a grid of customers that has a value
-- in every stretch between the rules' constants, and nulls. MOONSIFT_RULE_SETS: how many sets (150).
local ms = require "moonsift"
local test = require "moonsift.test"

local SETS = tonumber(os.getenv "MOONSIFT_RULE_SETS" or 150)
math.randomseed(20261123)
local random = math.random

local function pick(list) return list[random(#list)] end

-- Kleene's logic; nil is null.
local function negate(p) if p == nil then return nil end return not p end
local function both(p, q)
  if p == false or q == false then return false end
  if p == nil or q == nil then return nil end
  return true
end
local function either(p, q) return negate(both(negate(p), negate(q))) end

local compare = {
  ["<"] = function(x, y) return x < y end, ["<="] = function(x, y) return x <= y end,
  [">"] = function(x, y) return x > y end, [">="] = function(x, y) return x >= y end,
  ["=="] = function(x, y) return x == y end, ["!="] = function(x, y) return x ~= y end,
}

-- A condition of one column as text, and as a function of its value.
local function on(column, text, fn)
  return column .. text, function(c) if c[column] == nil then return nil end return fn(c[column]) end
end

local atoms = {
  function()
    local column, operator, k = pick { "a", "b" }, pick { "<", "<=", ">", ">=", "==", "!=" }, random(0, 6)
    if column == "b" then k = k - 0.5 end
    return on(column, (" %s %s"):format(operator, k), function(x) return compare[operator](x, k) end)
  end,
  function()
    local low = random(0, 5) - 0.5
    return ("(b > %s and b < %s)"):format(low, low + 1), function(c)
      if c.b == nil then return nil end
      return c.b > low and c.b < low + 1
    end
  end,
  function()
    local low, high = random(0, 3), random(2, 6)
    return on("a", (" between %d and %d"):format(low, high), function(x) return x >= low and x <= high end)
  end,
  function()
    local p, q, out = random(0, 6), random(0, 6), random(2) == 1
    return on("a", (" %sin (%d, %d)"):format(out and "not " or "", p, q),
      function(x) return (x == p or x == q) ~= out end)
  end,
  function()
    local operator, k = pick { "==", "!=" }, pick { "x", "y", "z" }
    return on("c", (" %s '%s'"):format(operator, k), function(x) return compare[operator](x, k) end)
  end,
  function()
    local p, q = pick { "x", "y" }, pick { "y", "z" }
    return on("c", (" in ('%s', '%s')"):format(p, q), function(x) return x == p or x == q end)
  end,
  function()
    local column, out = pick { "a", "b", "c" }, random(2) == 1
    return ("%s is %snull"):format(column, out and "not " or ""), function(c) return (c[column] == nil) ~= out end
  end,
}

local function rule(depth)
  local kind = depth > 0 and random(5) or 1
  if kind <= 2 then return pick(atoms)() end
  local text, fn = rule(depth - 1)
  if kind == 3 then return "not (" .. text .. ")", function(c) return negate(fn(c)) end end
  local more, other = rule(depth - 1)
  local joined = ("(%s) %s (%s)"):format(text, kind == 4 and "and" or "or", more)
  local join = kind == 4 and both or either
  return joined, function(c) return join(fn(c), other(c)) end
end

local rows, columns = {}, { a = {}, b = {}, c = {}, customer = {} }
local function add(a, b, c)
  local at = #rows + 1
  rows[at] = { a = a, b = b, c = c }
  columns.customer[at] = at
  for _, name in ipairs { "a", "b", "c" } do
    local value = rows[at][name]
    columns[name][at] = value == nil and ms.null or value
  end
end
for a = -1, 8 do -- 8: null
  for b = -2, 13 do -- halves; 13: null
    for _, c in ipairs { "x", "y", "z", "w", "null" } do
      add(a < 8 and a or nil, b < 13 and b / 2 or nil, c ~= "null" and c or nil)
    end
  end
end
local given = {
  as_of = "2025-01-01",
  inputs = { rows = ms.frame {
    { "customer", columns.customer }, { "a", columns.a }, { "b", columns.b }, { "c", columns.c },
  } },
}

local function strategy(rules, rest, exclusive)
  local segments = {}
  for i, one in ipairs(rules) do segments[i] = { "s" .. i, one.text } end
  if rest then segments[#segments + 1] = { "rest" } end
  return ms.strategy {
    name = "random", inputs = { rows = { columns = { "customer", "a", "b", "c" } } },
    customers = function(s) return s.rows end, segments = segments, exclusive = exclusive,
  }
end

local function random_rules()
  local rules = {}
  for i = 1, random(4) do
    local text, fn = rule(2)
    rules[i] = { text = text, fn = fn }
  end
  return rules
end

local function segment_of(rules, row)
  for i, one in ipairs(rules) do
    if one.fn(row) == true then return "s" .. i end
  end
  return "rest"
end

test("a run puts everybody where plain Lua puts him, and explain says the same", function()
  for _ = 1, SETS do
    local rules = random_rules()
    local s, wanted = strategy(rules, true), {}
    for i, row in ipairs(rows) do wanted[i] = segment_of(rules, row) end
    test.equal(s:customers(given):column "segment", wanted)
    local who = random(#rows)
    test.contains(s:explain(who, given), ("customer %d is in '%s'"):format(who, wanted[who]))
  end
end)

-- By rule: whether anybody meets it, and whether it is the first for anybody; whether somebody has none, or several.
local function brute(rules)
  local met, first, hole, overlap = {}, {}, false, false
  for _, row in ipairs(rows) do
    local count = 0
    for i, one in ipairs(rules) do
      if one.fn(row) == true then
        count = count + 1
        met[i] = true
        if count == 1 then first[i] = true end
      end
    end
    hole, overlap = hole or count == 0, overlap or count > 1
  end
  return met, first, hole, overlap
end

test("check finds exactly the holes, overlaps, dead and shadowed rules that plain Lua finds", function()
  for _ = 1, SETS do
    local rules, rest, exclusive = random_rules(), random(2) == 1, random(2) == 1
    local text = {}
    for i, item in ipairs(strategy(rules, rest, exclusive):check(given)) do
      text[i] = item.level .. ": " .. item.text
    end
    text = table.concat(text, "\n")
    test.contains(text, "proved: ")
    local met, first, hole, overlap = brute(rules)
    if not rest then test.equal({ text, text:find "nobody takes" ~= nil }, { text, hole }) end
    if exclusive then test.equal({ text, text:find "both take" ~= nil }, { text, overlap }) end
    for i in ipairs(rules) do
      local dead = text:find(("segment 's%d' can never be reached"):format(i), 1, true) ~= nil
      local late = text:find(("segment 's%d' is shadowed"):format(i), 1, true) ~= nil
      test.equal({ text, i, dead, late }, { text, i, not met[i], met[i] ~= nil and not first[i] })
    end
  end
end)
