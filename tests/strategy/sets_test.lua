-- Named sets: columns that other sets, segments and actions name; in their order, checked, counted, explained.
local ms = require "moonsift"
local test = require "moonsift.test"

local people = ms.frame {
  { "customer", { 1, 2, 3, 4, 5 } }, { "spent", { 2000, 1500, 10, 500, 0 } },
  { "recency", { 10, 200, 20, 100, ms.null } },
}
local given = { inputs = { people = people }, as_of = "2025-01-01" }

local function strategy(more)
  local said = {
    name = "s", inputs = { people = { columns = { "customer", "spent", "recency" } } }, parameters = { days = 90 },
    customers = function(s) return s.people end,
    sets = {
      vip = "spent >= 1000",
      ["at risk"] = "recency > @days",
      lapsing = "vip and `at risk`", -- in both
      safe = "vip and not `at risk`", -- in one and not in the other
      ["any"] = function(c) return c.vip or c["at risk"] end, -- in one of them
    },
    segments = { { "call", "lapsing" }, { "keep", "safe" }, { "others" } },
    actions = { { "mail", "vip and not lapsing" } },
    value = "spent",
  }
  for part, value in pairs(more or {}) do said[part] = value or nil end
  return ms.strategy(said)
end

test("sets are columns, whatever the order in which they are written", function()
  local found = strategy():customers(given)
  test.equal(found:column "vip", { true, true, false, false, false })
  test.equal(found:column "at risk", { false, true, false, true, false }) -- null is not in a set
  test.equal(found:column "lapsing", { false, true, false, false, false })
  test.equal(found:column "safe", { true, false, false, false, false })
  test.equal(found:column "any", { true, true, false, true, false })
  test.equal(found:column "segment", { "keep", "call", "others", "others", "others" })
  local due = strategy():run({ inputs = given.inputs, as_of = given.as_of, dry_run = true }).due
  test.equal(due:column "customer", { 1 })
end)

test("a run counts them, and keeps them as columns", function()
  local db = ms.open(test.temporary "s.db", { write = true, create = true })
  db:write("people", people)
  local outcome = strategy():run { db = db, as_of = "2025-01-01" }
  test.equal(outcome.sets:column "set", { "at risk", "vip", "any", "lapsing", "safe" })
  test.equal(outcome.sets:column "customers", { 2, 2, 3, 1, 1 })
  test.equal(outcome.sets:column "share", { 0.4, 0.4, 0.6, 0.2, 0.2 })
  test.equal(outcome.sets:column "spent", { 2000, 3500, 4000, 1500, 2000 })
  test.equal(db:query "select customer from s_customers where lapsing":column "customer", { 2 })
end)

test("explain shows the sets of a customer, clause by clause", function()
  test.contains(strategy({ sets = { vip = "spent >= 1000", safe = "vip and recency < 90" },
    segments = { { "safe", "safe" }, { "others" } }, actions = false }):explain(2, given), [[
the sets of customer 2 on 2025-01-01
  in      vip
      yes spent >= 1000   (spent is 1500)
  not in  safe
      yes vip   (vip is true)
      no  recency < 90   (recency is 200)]])
end)

test("who is in a state for some days is a set", function()
  local s = strategy({
    sets = { ["long away"] = "state == 'away' and days_in_state >= 30" },
    states = { start = "here", { "here", "away", "spent < 1000" } },
    segments = { { "long away", "`long away`" }, { "others" } }, actions = false,
  })
  local db = ms.open(test.temporary "s.db", { write = true, create = true })
  db:write("people", people)
  test.equal(s:run({ db = db, as_of = "2025-01-01" }).sets:column "customers", { 0 })
  test.equal(s:run({ db = db, as_of = "2025-01-30" }).sets:column "customers", { 0 })
  test.equal(s:run({ db = db, as_of = "2025-01-31" }).sets:column "customers", { 3 })
end)

local function findings(sets, segments, more)
  local said, list = { sets = sets, segments = segments, actions = false }, {}
  for part, value in pairs(more or {}) do said[part] = value end
  for i, item in ipairs(strategy(said):check(given)) do list[i] = item.level .. ": " .. item.text end
  table.remove(list, #list > 1 and list[#list - 1]:find "no time" and #list - 1 or #list + 1)
  return list
end

test("what is proved of segments goes through the sets that they name", function()
  -- That a set is true says what its columns are: nobody is beyond 2000 and not a vip.
  test.equal(findings({ vip = "spent > 1000" }, { { "a", "vip" }, { "b", "spent > 2000" }, { "c", "not vip" } }), {
    "error: segment 'b' is shadowed: those before it take everybody that its rule means",
    "proved: the segments: 6 cells over spent",
  })
  test.equal(findings({ vip = "spent > 1000", poor = "not vip and spent < 10" },
    { { "a", "vip" }, { "b", "poor" }, { "c", "spent <= 5" } })[1],
    "error: segment 'c' is shadowed: those before it take everybody that its rule means")
  test.equal(findings({ none = "spent > 5 and spent < 3", all = "spent > 5 or not (spent > 5) or spent is null" },
    { { "all" } }), {
    "error: set 'none' can never have anybody: spent > 5 and spent < 3",
    "note: set 'all' has everybody: spent > 5 or not (spent > 5) or spent is null",
    "proved: the segments: 1 cells over ",
  })
end)

test("the proof agrees with the customers of a grid on random sets", function()
  math.randomseed(5)
  local random = math.random
  local a, b, ids = {}, {}, {}
  for x = -1, 6 do
    for y = -1, 6 do
      ids[#ids + 1], a[#a + 1], b[#b + 1] = #ids + 1, x < 6 and x or ms.null, y < 6 and y or ms.null
    end
  end
  local grid = ms.frame { { "customer", ids }, { "a", a }, { "b", b } }
  local function atom(names)
    if #names > 0 and random(2) == 1 then return (random(2) == 1 and "not " or "") .. names[random(#names)] end
    return ("%s %s %d"):format(random(2) == 1 and "a" or "b", ({ "<", ">", "==" })[random(3)], random(0, 4))
  end
  local function rule(names)
    return ("(%s) %s %s"):format(atom(names), random(2) == 1 and "and" or "or", atom(names))
  end
  local seen = {}
  for _ = 1, 60 do
    local sets, names, segments = {}, {}, {}
    for i = 1, 3 do
      sets["s" .. i] = rule(names)
      names[i] = "s" .. i
    end
    for i = 1, 3 do segments[i] = { "t" .. i, rule(names) } end
    segments[4] = { "rest" }
    local s = ms.strategy { name = "s", inputs = { x = { columns = { "customer", "a", "b" } } },
      customers = function(x) return x.x end, sets = sets, segments = segments }
    local text = ""
    for _, item in ipairs(s:check { inputs = { x = grid }, as_of = "2025-01-01" }) do
      text = ("%s%s: %s\n"):format(text, item.level, item.text)
    end
    test.contains(text, "proved: the segments")
    local truth = s:customers { inputs = { x = grid }, as_of = "2025-01-01" }
    for i = 1, 3 do
      local dead = truth:filter(segments[i][2]):nrow() == 0
      local late = not dead and truth:filter("rule == @i", { i = i }):nrow() == 0
      test.equal({ sets, segments, text, i, text:find(("'t%d' can never"):format(i), 1, true) ~= nil },
        { sets, segments, text, i, dead })
      test.equal({ sets, segments, text, i, text:find(("'t%d' is shadowed"):format(i), 1, true) ~= nil },
        { sets, segments, text, i, late })
      local none = truth:filter("s" .. i):nrow() == 0
      test.equal({ sets, i, text:find(("set 's%d' can never"):format(i), 1, true) ~= nil }, { sets, i, none })
      seen["dead " .. tostring(dead)], seen["late " .. tostring(late)] = true, true
      seen["none " .. tostring(none)] = true
    end
  end
  for _, what in ipairs { "dead true", "late true", "none true", "dead false", "late false", "none false" } do
    test.check(seen[what], "never seen: " .. what)
  end
end)

test("what sets cannot be is said", function()
  local lines = {}
  local function refused(what, sets, more)
    more = more or {}
    more.sets = sets
    local fine, problem = pcall(function() return strategy(more):customers(given) end)
    test.check(not fine, what)
    lines[#lines + 1] = ("%s\n%s\n"):format(what, (tostring(problem):gsub("^[^\n]-:%d+: ", "")))
  end
  refused("a circle", { a = "b and spent > 1", b = "not c", c = "a" })
  refused("a set of itself", { a = "not a" })
  refused("a circle by way of a function", { a = "b", b = function(c) return c.a end })
  refused("a misspelt set", { vip = "spent > 1", safe = "vpi and recency < 3" })
  refused("a misspelt set in a segment", { vip = "spent > 1" }, { segments = { { "a", "vpi" }, { "b" } } })
  refused("a list", { "spent > 1" })
  refused("a list of pairs", { { "vip", "spent > 1" } })
  refused("a number for a rule", { vip = 3 })
  refused("a rule that is a number", { vip = "spent + 1" })
  refused("a function without return", { vip = function(c) local _ = c.spent > 1 end })
  refused("the name of a column", { spent = "recency > 3" })
  refused("the name of a column that a run makes", { segment = "recency > 3" })
  test.golden("strategy-sets-refused", table.concat(lines, "\n"))
end)
