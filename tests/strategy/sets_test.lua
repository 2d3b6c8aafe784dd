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
    local s = ms.strategy { name = "s", sets = sets, segments = segments, customers = function(x) return x.x end,
      inputs = { x = { columns = { "customer", "a", "b" } } } }
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

-- ---- sets over time ----

local function over_time(late)
  return ms.strategy {
    name = "held", inputs = { orders = { columns = { "id", "at", "amount" }, time = "at" } },
    customers = function(s)
      return s.orders:group_by "customer = id":agg("spent = sum(amount)", "last = max(at)"):collect()
        :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    sets = { big = "spent > 100", late = "recency > " .. (late or 4), losing = "big and late" }, value = "spent",
  }
end

local function day(n) return ms.date "2025-01-01" + ms.duration(n .. "d") end

-- Orders as a list { id, day, amount }, and the same as a frame.
local function drawn(seed)
  math.randomseed(seed)
  local list, columns = {}, { { "id", {} }, { "at", {} }, { "amount", {} } }
  for i = 1, 120 do
    list[i] = { math.random(1, 25), math.random(0, 20), math.random(1, 60) }
    for c = 1, 3 do columns[c][2][i] = c == 2 and day(list[i][2]) or list[i][c] end
  end
  return list, ms.frame(columns)
end

-- Who is in which set on a day, by plain loops: in[set][id].
local function inside(list, n)
  local spent, last, sets = {}, {}, { big = {}, late = {}, losing = {} }
  for _, order in ipairs(list) do
    if order[2] < n then
      spent[order[1]] = (spent[order[1]] or 0) + order[3]
      last[order[1]] = math.max(last[order[1]] or 0, order[2])
    end
  end
  for id in pairs(spent) do
    sets.big[id] = spent[id] > 100 or nil
    sets.late[id] = n - last[id] > 4 or nil
    sets.losing[id] = sets.big[id] and sets.late[id] or nil
  end
  return sets, spent
end

-- A row of the table of sets checked by plain loops, and the stays { set, id, from, to } carried on.
local function check_row(row, now, before, stays, n)
  local count, entered, left = 0, 0, 0
  for id in pairs(now[row.set]) do
    count = count + 1
    if not before[row.set][id] then
      entered = entered + 1
      stays[#stays + 1] = { row.set, id, n }
    end
  end
  for id in pairs(before[row.set]) do
    if not now[row.set][id] then
      left = left + 1
      for _, stay in ipairs(stays) do
        if stay[1] == row.set and stay[2] == id and not stay[4] then stay[4] = n end
      end
    end
  end
  test.equal(tonumber(row.customers), count)
  if n > 3 then test.equal({ tonumber(row.entered), tonumber(row.left) }, { entered, left }) end
end

local function line(...)
  local words = { ... }
  for i, word in ipairs(words) do words[i] = tostring(word) end
  return table.concat(words, " ")
end

test("the stays in sets are kept, also through a day that is run again, and can be gone back to", function()
  for seed = 1, 8 do
    local list, orders = drawn(seed)
    local db = ms.open(test.temporary("sets" .. seed .. ".db"), { write = true, create = true })
    db:write("orders", orders, { mode = "replace" })
    local s, stays, before = over_time(), {}, { big = {}, late = {}, losing = {} }
    for i, n in ipairs { 3, 7, 8, 12, 16, 21 } do
      local now, spent = inside(list, n)
      local outcome = s:run { db = db, as_of = day(n) }
      if i == 4 then outcome = s:run { db = db, as_of = day(n) } end
      for row in outcome.sets:rows() do check_row(row, now, before, stays, n) end
      local value = 0
      for id in pairs(now.big) do value = value + spent[id] end
      test.equal(outcome.sets:filter "`set` == 'big'":row(1).spent, value)
      before = now
    end
    local wanted, got = {}, {}
    for i, stay in ipairs(stays) do
      wanted[i] = line(stay[1], stay[2], day(stay[3]), stay[4] and day(stay[4]) or "still")
    end
    for row in db:query "select * from ms_member where kind = 'set'":rows() do
      got[#got + 1] = line(row.name, row.customer, row.entered, row.left_on or "still")
    end
    table.sort(wanted)
    table.sort(got)
    test.equal(got, wanted)
    local then_in, open = inside(list, 8), 0
    for row in s:at({ db = db, as_of = day(10) }):rows() do
      for name in pairs(then_in) do
        test.equal(row[name], then_in[name][tonumber(row.customer)] == true)
        open = open + (row[name] and 1 or 0)
      end
    end
    test.check(s:history(stays[1][2], { db = db }):filter("kind == 'set'"):nrow() > 0)
    s:restore { db = db, as_of = day(8) }
    local still = db:query "select count(*) n from ms_member where kind = 'set' and left_on is null":row(1).n
    test.equal(tonumber(still), open)
    db:close()
  end
end)

test("diff counts who would enter and leave a set, and a backtest has the sets of each day", function()
  local list, orders = drawn(3)
  local of_day = { inputs = { orders = orders }, as_of = day(15) }
  local found = over_time():diff(over_time(8), of_day).sets
  local customers = over_time(8):customers(of_day)
  local now = inside(list, 15)
  for row in found:rows() do
    local was, is, leave = 0, customers:filter("`" .. row.set .. "`"), 0
    for id in pairs(now[row.set]) do
      was = was + 1
      if is:filter("customer == @id", { id = id }):nrow() == 0 then leave = leave + 1 end
    end
    test.equal({ tonumber(row.before), tonumber(row.after), tonumber(row.leave), tonumber(row.enter) },
      { was, is:nrow(), leave, is:nrow() - was + leave })
  end
  test.equal(found:column "set", { "big", "late", "losing" })
  local replay = over_time():backtest { inputs = of_day.inputs, from = tostring(day(5)), to = tostring(day(15)),
    every = "5d" }
  for _, n in ipairs { 5, 10, 15 } do
    local count = 0
    for _ in pairs(inside(list, n).late) do count = count + 1 end
    local row = replay.series:filter("day == @day and kind == 'set' and name == 'late' and measure == 'customers'",
      { day = day(n) }):row(1)
    test.equal(row.value, count)
  end
end)

test("a strategy with sets runs without a value", function()
  local s = ms.strategy { name = "s", inputs = { x = { columns = { "customer", "a" } } },
    customers = function(x) return x.x:collect() end, sets = { low = "a < 3", none = "a > 9" } }
  local x = ms.frame { { "customer", { 1, 2, 3, 4 } }, { "a", { 1, 2, 3, 4 } } }
  local list = {}
  for row in s:run({ inputs = { x = x }, as_of = "2025-01-01", dry_run = true }).sets:rows() do
    list[#list + 1] = ("%s %d %g"):format(row.set, tonumber(row.customers), row.share)
  end
  test.equal(list, { "low 2 0.5", "none 0 0" })
end)
