-- moonsift check: what is proved of rules, and that the proof agrees with brute force.
local ms = require "moonsift"
local condition = require "moonsift.strategy.condition"
local test = require "moonsift.test"

local data = ms.frame {
  { "customer", { 1, 2, 3 } }, { "a", { 1, 5, 9 } }, { "b", { 0.5, 2.5, 4.5 } }, { "c", { "x", "y", "z" } },
  { "day", { ms.date "2024-01-01", ms.date "2024-01-01", ms.date "2024-01-01" } },
}

local function strategy(segments, more)
  local given = {
    name = "s", inputs = { rows = { columns = { "customer", "a", "b", "c", "day" }, time = "day" } },
    parameters = { limit = 4 }, customers = function(s) return s.rows end, segments = segments,
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return ms.strategy(given)
end

local function findings(segments, more, source)
  local list = {}
  for i, item in ipairs(strategy(segments, more):check({ inputs = { rows = data }, as_of = "2025-01-01" }, source)) do
    list[i] = item.level .. ": " .. item.text
  end
  return list
end

test("rules that cover everybody once are proved", function()
  test.equal(findings { { "low", "a < 4" }, { "high", "a >= @limit" }, { "unknown" } },
    { "proved: the segments: 4 cells over a" })
  test.equal(findings({ { "low", "a < 4" }, { "high", "a >= @limit" }, { "none", "a is null" } }, { exclusive = true }),
    { "proved: the segments: 4 cells over a" })
end)

test("a rule that can never be true, and one that comes too late", function()
  local rules = { { "never", "a > 5 and a < 6" }, { "some", "a > 2" }, { "late", "a in (3, 4, 7)" }, { "rest" } }
  test.equal(findings(rules), {
    "error: segment 'never' can never be reached: a > 5 and a < 6",
    "error: segment 'late' is shadowed: those before it take everybody that its rule means",
    "proved: the segments: 9 cells over a",
  })
  test.equal(#findings { { "some", "b > 5 and b < 6" }, { "rest" } }, 1) -- between two reals there are others
end)

test("two rules that come together take everybody from a third", function()
  test.equal(findings { { "low", "a <= 3" }, { "high", "a >= 4" }, { "late", "a == 3 or a == 4" }, { "rest" } }[1],
    "error: segment 'late' is shadowed: those before it take everybody that its rule means")
end)

test("a hole in the rules is shown by somebody who falls into it", function()
  test.equal(findings { { "low", "a < 4 and c == 'x'" }, { "high", "a >= 4" } }[1],
    "error: nobody takes a customer with a 3, c (anything else)")
  test.equal(findings { { "low", "a < 4" }, { "high", "a >= 4" } }[1],
    "note: where a value is null, nobody takes a customer, as with a null")
end)

test("rules that must exclude each other are shown to overlap", function()
  test.equal(findings({ { "low", "a <= 4" }, { "high", "a >= 4" }, { "rest" } }, { exclusive = true })[1],
    "error: 'low' and 'high' both take a customer with a 4")
end)

test("other rules are looked at on the customers at hand, and that is said", function()
  test.equal(findings { { "low", "a + b < 4" }, { "big", "a + b > 100" }, { "rest" } }, {
    "note: the segments are not proved (the rule of 'low' is more than comparisons with constants), only looked at on "
      .. "3 customers",
    "note: segment 'big' has none of the customers at hand: a + b > 100",
  })
end)

test("a stated range bounds the proof, and is held to", function()
  local more = { ranges = { a = { 1, 9 } } }
  test.equal(findings({ { "low", "a between 1 and 4" }, { "high", "a between 5 and 9" } }, more)[1],
    "note: where a value is null, nobody takes a customer, as with a null")
  more.ranges.a[2] = 8
  test.raises(function() findings({ { "low", "a < 4" }, { "high" } }, more) end,
    "a is 9 for customer 3; 1 to 8 is its range")
  test.raises(function() strategy({ { "all" } }, { ranges = { a = 5 } }) end, "the range of 'a' is not")
end)

test("a range that ends close to a constant leaves room beside it", function()
  -- Nothing of b - 1, b, b + 1 for a constant b lies in the range on both sides of it.
  test.equal(findings({ { "low", "b < 4.4" }, { "high" } }, { ranges = { b = { 0.5, 4.5 } } }),
    { "proved: the segments: 6 cells over b" })
  test.equal(findings({ { "some", "a is not null" }, { "none" } }, { ranges = { a = { 1, 9 } } }),
    { "proved: the segments: 4 cells over a" })
end)

test("what changes from call to call, and inputs without time", function()
  test.equal(findings({ { "all" } }, { inputs = { rows = { columns = { "customer", "a", "b", "c", "day" } } } },
    "local ms = require 'moonsift'\n-- os.time() in a comment\nlocal now = os.time()"), {
    "error: line 3: os.time gives something else every time",
    "note: input 'rows' has no time: a run for a day of the past sees what it holds today",
    "proved: the segments: 1 cells over ",
  })
end)

test("conditions that can be reasoned about, and others", function()
  local known = { a = "integer", b = "real", c = "text", d = "boolean" }
  local function fine(text) return condition.cuts(text, known, { limit = 3 }, {}) end
  for _, text in ipairs { "a > 1", "1 < a", "not (a > 1 or b <= -2.5)", "c in ('x', 'y') and d",
    "a between 1 and @limit and d", "a not in (1, 2)", "c is not null", "d == true", "`a` != 3", "true" } do
    test.equal({ text, fine(text) }, { text, true })
  end
  for _, text in ipairs { "a > b", "a + 1 > 2", "lower(c) == 'x'", "a > @none", "c", "a >", "a > 1 b", "" } do
    test.equal({ text, fine(text) }, { text, false })
  end
end)

-- Random rules over two small integers: every value from -2 to 12 of both is tried.
test("what is proved agrees with brute force on random rule sets", function()
  local seed = 20261123
  local function draw(n)
    seed = (seed * 1103515245 + 12345) % 2147483648
    return math.floor(seed / 65536) % n
  end
  local values, pairs_of = {}, { a = {}, b = {}, customer = {} }
  for x = -2, 12 do values[#values + 1] = x end
  for _, x in ipairs(values) do
    for _, y in ipairs(values) do
      table.insert(pairs_of.a, x)
      table.insert(pairs_of.b, y)
      table.insert(pairs_of.customer, #pairs_of.a)
    end
  end
  local all = ms.frame { { "customer", pairs_of.customer }, { "a", pairs_of.a }, { "b", pairs_of.b } }
  local operators = { "<", "<=", ">", ">=", "==", "!=" }
  local function atom()
    local column = draw(2) == 0 and "a" or "b"
    if draw(5) == 0 then return ("%s between %d and %d"):format(column, draw(10), draw(10)) end
    return ("%s %s %d"):format(column, operators[draw(6) + 1], draw(10))
  end
  local function rule()
    local text = atom()
    for _ = 1, draw(3) do text = ("(%s) %s %s"):format(text, draw(2) == 0 and "and" or "or", atom()) end
    return text
  end
  local outcomes = {}
  for _ = 1, 150 do
    local segments, tests = {}, {}
    for i = 1, 2 + draw(3) do
      segments[i] = { "s" .. i, rule() }
      tests[i] = ("t%d = %s"):format(i, segments[i][2])
    end
    local s = ms.strategy { name = "s", inputs = { rows = { columns = { "customer", "a", "b" } } },
      customers = function(x) return x.rows end, segments = segments, exclusive = true }
    local said = {}
    for _, item in ipairs(s:check { inputs = { rows = all }, as_of = "2025-01-01" }) do said[#said + 1] = item.text end
    local text, truth = table.concat(said, "\n"), all:with_columns(unpack(tests))
    test.contains(text, "the segments: ")
    local none = {}
    for i = 1, #segments do none[i] = "not t" .. i end
    local hole = truth:filter(table.concat(none, " and ")):nrow() > 0
    test.equal({ segments, text:find("nobody takes a customer with", 1, true) ~= nil }, { segments, hole })
    for i = 1, #segments do
      local reached = truth:filter("t" .. i):nrow() > 0
      local never = text:find(("segment 's%d' can never"):format(i), 1, true) ~= nil
      test.equal({ segments, never }, { segments, not reached })
      for k = 1, i - 1 do
        local both = truth:filter(("t%d and t%d"):format(i, k)):nrow() > 0
        test.equal({ segments, text:find(("'s%d' and 's%d' both"):format(k, i), 1, true) ~= nil }, { segments, both })
        outcomes[tostring(both)] = true
      end
      outcomes["hole " .. tostring(hole)], outcomes["reached " .. tostring(reached)] = true, true
    end
  end
  for _, wanted in ipairs { "true", "false", "hole true", "hole false", "reached true", "reached false" } do
    test.check(outcomes[wanted], "never seen: " .. wanted)
  end
end)

local function circles(states)
  states.start = "new"
  local list = {}
  for _, line in ipairs(findings({ { "all" } }, { states = states })) do
    if line:find "circle" then list[#list + 1] = line end
  end
  return list
end

test("states that go in a circle on one day are found before anybody is in it", function()
  test.equal(circles { { "new", "old", "a > 5" }, { "old", "new", "a < 9" } }, -- with 6, 7, 8
    { "error: the states go in a circle on one day, as with a 6: 'new' → 'old' → 'new'" })
  test.equal(circles { { "new", "old", "a > 5" }, { "old", "new", "a <= 5" } },
    { "proved: the states go in no circle on one day: 4 cells over a" })
  test.equal(circles { { "new", "old", "a > 5" }, { "old", "new", after = 1 } },
    { "proved: the states go in no circle on one day: 4 cells over a, days_in_state" })
  test.equal(circles { { "new", "b", "a > 5" }, { "b", "c", "a == 6" }, { "c", "b", "days_in_state < 9" } },
    { "error: the states go in a circle on one day, as with a 6, days_in_state 0: 'b' → 'c' → 'b'" })
  -- The first way out of a state is taken, and it leads out of the circle.
  test.equal(circles { { "new", "b", "a > 5" }, { "b", "c", "a > 5" }, { "b", "new", "a > 7" } },
    { "proved: the states go in no circle on one day: 6 cells over a" })
  test.equal(circles { { "new", "b", function(c) return c.a > 5 end } },
    { "note: it is not proved that the states go in no circle on one day: the rule of 'new → b' is more than "
      .. "comparisons with constants" })
end)

test("what is proved of circles agrees with runs over a grid on random transitions", function()
  math.randomseed(11)
  local random, ids, a, b, seen = math.random, {}, {}, {}, {}
  for x = -1, 5 do
    for y = -1, 5 do ids[#ids + 1], a[#a + 1], b[#b + 1] = #ids + 1, x, y end
  end
  local grid = ms.frame { { "customer", ids }, { "a", a }, { "b", b } }
  local names = { "p", "q", "r" }
  for _ = 1, 60 do
    local moves = {}
    for i = 1, random(2, 5) do
      local from = random(3)
      moves[i] = { names[from], names[(from + random(0, 1)) % 3 + 1], ("%s %s %d"):format(random(2) == 1 and "a" or "b",
        ({ "<", ">", "==" })[random(3)], random(0, 4)) }
    end
    -- All are entered, so that each may be the start.
    for i, name in ipairs(names) do moves[#moves + 1] = { name, names[i % 3 + 1], "a > 9 and a < 9" } end
    local circle, found = false, false
    for _, start in ipairs(names) do -- a circle may be one that nobody comes to from the first state
      local states = { start = start, unpack(moves) }
      local s = ms.strategy { name = "s", inputs = { x = { columns = { "customer", "a", "b" } } },
        customers = function(x) return x.x end, states = states }
      local ran, problem = pcall(function() return s:customers { inputs = { x = grid }, as_of = "2025-01-01" } end)
      if not ran then test.contains(problem, "in a circle") end
      circle = circle or not ran
      local text = ""
      -- Without customers there is the proof alone.
      local still = grid:head(0)
      for _, item in ipairs(s:check { inputs = { x = still }, as_of = "2025-01-01" }) do text = text .. item.text end
      found = found or text:find("in a circle on one day", 1, true) ~= nil
    end
    test.equal({ moves, found }, { moves, circle })
    seen[tostring(circle)] = true
  end
  test.equal(seen, { ["true"] = true, ["false"] = true })
end)
