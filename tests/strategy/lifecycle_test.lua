-- States, actions and their ledger, holdout, and backtests.
local ms = require "moonsift"
local test = require "moonsift.test"

local function at(text) return ms.date(text) end

local orders = ms.frame {
  { "customer_id", { 1, 1, 2, 3, 4 } },
  { "ordered_at", { at "2024-01-10", at "2024-06-20", at "2024-05-10", at "2024-01-05", at "2024-06-25" } },
  { "amount", { 10, 30, 50, 100, 7 } },
}

local function strategy(more)
  local given = {
    name = "life",
    inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at" } },
    customers = function(s)
      return s.orders:group_by "customer = customer_id":agg("last = max(ordered_at)", "spent = sum(amount)"):collect()
        :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    states = {
      start = "new",
      { "new", "active", "recency < 60" },
      { "new", "away", "recency >= 60" },
      { "active", "away", "recency >= 60" },
      { "away", "back", "recency < 60" },
      { "back", "active", "days_in_state >= 30" },
    },
    value = "spent",
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return ms.strategy(given)
end

local function database()
  local path = test.temporary "shop.db"
  local db = ms.open(path, { write = true, create = true })
  db:write("orders", orders, { mode = "replace" })
  return db, path
end

local function states(outcome) return outcome.customers:column "state" end

test("states move by their rules from where the run before left them", function()
  local db, s = database(), strategy()
  local first = s:run { db = db, as_of = "2024-02-01" }
  test.equal(first.customers:column "customer", { 1, 3 })
  test.equal(states(first), { "active", "active" })
  test.equal(first.customers:column("state_before", "-"), { "-", "-" })
  test.equal(states(s:run { db = db, as_of = "2024-05-01" }), { "away", "away" })
  local third = s:run { db = db, as_of = "2024-07-01" }
  test.equal(third.customers:column "customer", { 1, 2, 3, 4 })
  test.equal(states(third), { "back", "active", "away", "active" })
  test.equal(third.customers:column "state_before"[1], "away")
  test.equal(third.customers:column "days_in_state", { 0, 0, 61, 0 })
  test.equal(third.states:column "state", { "active", "away", "back" })
  test.equal(third.states:column "entered", { 2, 0, 1 })
  test.equal(states(s:run { db = db, as_of = "2024-07-20" }), { "back", "away", "away", "active" })
  test.equal(states(s:run { db = db, as_of = "2024-07-31" })[1], "active") -- thirty days in "back"
  test.equal(s:history(1, { db = db }):column "name", { "active", "away", "back", "active" })
end)

test("a day that is run again begins from the states before it", function()
  local db, path = database()
  local s = strategy()
  s:run { db = db, as_of = "2024-05-01" }
  local once = tostring(s:run { db = db, as_of = "2024-07-01" }.customers)
  test.equal(tostring(s:run { db = db, as_of = "2024-07-01" }.customers), once)
  test.check(path)
end)

test("a circle of states on one day is an error that names it", function()
  local s = strategy { states = { start = "a", { "a", "b", "spent > 0" }, { "b", "a", "spent > 0" } } }
  test.raises(function() s:customers { inputs = { orders = orders }, as_of = "2024-07-01" } end,
    "the states go in a circle on one day, for example customer 1: ")
end)

test("transitions are checked", function()
  test.raises(function() strategy { states = { { "a", "b", "true" } } } end, "where everybody starts")
  test.raises(function() strategy { states = { start = "a", { "a", "b" } } } end, "transition 1 is not")
  test.raises(function() strategy { states = { start = "a", { "a", "b", "true" }, { "bb", "a", "true" } } } end,
    "leaves 'bb', which nobody enters")
  local s = strategy { states = { start = "a", { "a", "b", "speent > 0" } } }
  test.raises(function() s:customers { inputs = { orders = orders }, as_of = "2024-07-01" } end,
    "transition from 'a' to 'b': unknown column 'speent'")
end)

local function ledger(db)
  local rows = {}
  for r in db:query "select action, customer, due, status from ms_action order by due, customer, action":rows() do
    rows[#rows + 1] = ("%s %s %d %s"):format(tostring(r.due), r.action, r.customer, r.status)
  end
  return rows
end

local mail = { "mail", "state == 'away'", channel = "mail", every = 40, cost = 1, value = "spent" }

test("an action is done once, and again only after its rest", function()
  local db, s = database(), strategy { actions = { mail } }
  for _, day in ipairs { "2024-05-01", "2024-05-02", "2024-06-09", "2024-06-10" } do s:run { db = db, as_of = day } end
  test.equal(ledger(db), { "2024-05-01 mail 1 planned", "2024-05-01 mail 3 planned", "2024-06-10 mail 1 planned",
    "2024-06-10 mail 3 planned" })
end)

test("running a day again adds nothing to the ledger, and takes nothing out that was done", function()
  local db, s = database(), strategy { actions = { mail } }
  s:run { db = db, as_of = "2024-05-01" }
  db:execute "update ms_action set status = 'done' where customer = 1"
  s:run { db = db, as_of = "2024-05-01" }
  test.equal(ledger(db), { "2024-05-01 mail 1 done", "2024-05-01 mail 3 planned" })
  -- The rule has changed: what is only planned goes, what was done stays.
  strategy { actions = { { "mail", "state == 'active'", channel = "mail" } } }:run { db = db, as_of = "2024-05-01" }
  test.equal(ledger(db), { "2024-05-01 mail 1 done" })
end)

test("caps count the days before too, the most valuable action first", function()
  local db = database()
  local s = strategy {
    actions = { mail, { "call", "state == 'away'", channel = "phone", value = "spent * 2" } },
    caps = { { most = 1, days = 10 }, { most = 2, days = 100, channel = "phone" } },
  }
  for _, day in ipairs { "2024-05-01", "2024-05-05", "2024-05-11", "2024-05-21" } do s:run { db = db, as_of = day } end
  test.equal(ledger(db), { "2024-05-01 call 1 planned", "2024-05-01 call 3 planned", "2024-05-11 call 1 planned",
    "2024-05-11 call 3 planned", "2024-05-21 mail 1 planned", "2024-05-21 mail 3 planned" })
end)

test("capacity and budget go to the most valuable", function()
  local db = database()
  local s = strategy { actions = { { "mail", "spent > 0", channel = "mail", cost = 2, value = "spent" } }, budget = 5 }
  s:run { db = db, as_of = "2024-07-01" }
  test.equal(ledger(db), { "2024-07-01 mail 2 planned", "2024-07-01 mail 3 planned" })
  s = strategy { actions = { { "call", "spent > 0", channel = "phone", value = "spent" } }, capacity = { phone = 1 } }
  test.equal(s:run({ inputs = { orders = orders }, as_of = "2024-07-01", dry_run = true }).due:column "customer", { 3 })
end)

test("consent keeps everybody else out", function()
  local s = strategy { actions = { { "mail", "true" } }, consent = "spent > 20" }
  test.equal(s:run({ inputs = { orders = orders }, as_of = "2024-07-01", dry_run = true }).due:column "customer",
    { 1, 2, 3 })
end)

test("a holdout is the same share of customers every day, and another one for another strategy", function()
  local ids, days, ones = {}, {}, {}
  for i = 1, 20000 do ids[i], days[i], ones[i] = i, at "2024-06-01", 1 end
  local many = { orders = ms.frame { { "customer_id", ids }, { "ordered_at", days }, { "amount", ones } } }
  local more = { actions = { { "mail", "true", value = "1" } }, holdout = 0.2 }
  local function held(s, day)
    return s:run({ inputs = many, as_of = day, dry_run = true }).due:filter "status == 'held out'":column "customer"
  end
  local first = held(strategy(more), "2024-06-10")
  test.close(#first / 20000, 0.2, 0.015)
  test.equal(held(strategy(more), "2024-07-10"), first)
  more.name = "other"
  local other, both, is = held(strategy(more), "2024-06-10"), 0, {}
  for _, id in ipairs(first) do is[id] = true end
  for _, id in ipairs(other) do both = both + (is[id] and 1 or 0) end
  test.close(both / 20000, 0.04, 0.01) -- independent of each other
end)

test("a backtest gives what runs day by day give, and writes nothing", function()
  local db = database()
  local s = strategy { actions = { mail }, segments = { { "big", "spent > 40" }, { "small" } } }
  local given = { db = db, from = "2024-02-01", to = "2024-07-15", every = "1mo" }
  local found = s:backtest(given)
  test.equal(db:tables():column "name", { "orders" })
  test.equal(#found.days, 6)
  test.equal(tostring(found.days[6]), "2024-07-01")
  for _, day in ipairs(found.days) do
    local outcome = s:run { db = db, as_of = day }
    local same = found.segments:filter("day == @day", { day = day }):select("segment", "customers", "share", "spent")
    test.equal(tostring(same), tostring(outcome.segments:select("segment", "customers", "share", "spent")))
    same = found.actions:filter("day == @day", { day = day }):drop "day"
    test.equal(tostring(same), tostring(outcome.actions))
  end
  local migration = found.migration:filter "kind == 'segment'"
  test.equal(migration:column "to", { "big", "small" }) -- customers 2 and 4 were not there in February
  test.equal(migration:column "customers", { 1, 1 })
  test.raises(function() s:backtest { db = db, from = "2024-02-01", to = "2024-01-01" } end, "is behind")
  test.raises(function() s:backtest { db = db, from = "2024-02-01", to = "2024-03-01", every = "soon" } end,
    "a step such as")
end)

test("what an action cannot be is said", function()
  test.raises(function() strategy { actions = { { "mail", "true", cahnnel = "x" } } } end, "did you mean 'channel'")
  test.raises(function() strategy { actions = { { "mail" } } } end, "an expression or a function wanted")
  test.raises(function() strategy { actions = { { "mail", "true", cost = "much" } } } end, "cost is the text 'much'")
  test.raises(function() strategy { caps = { { most = 1 } } } end, "cap 1 is not")
  test.raises(function() strategy { holdout = 1 } end, "holdout is 1")
  test.raises(function()
    strategy { actions = { { "mail", "speent > 1" } } }:run { inputs = { orders = orders }, as_of = "2024-07-01",
      dry_run = true }
  end, "action 'mail': unknown column 'speent'")
end)

test("an action waits for the day on which a customer enters or leaves a state", function()
  local db = database()
  local s = strategy { actions = {
    { "welcome", entering = "new" }, { "miss you", "spent >= 50", entering = "away" },
    { "hello again", leaving = "away" },
  } }
  for _, day in ipairs { "2024-02-01", "2024-05-01", "2024-05-02", "2024-07-01" } do s:run { db = db, as_of = day } end
  test.equal(ledger(db), { "2024-05-01 miss you 3 planned", "2024-07-01 hello again 1 planned" })
  s = strategy { actions = { { "welcome", entering = "active" } } } -- who begins in a state enters it
  test.equal(s:run({ inputs = { orders = orders }, as_of = "2024-02-01", dry_run = true }).due:column "customer",
    { 1, 3 })
  test.raises(function() strategy { actions = { { "mail", entering = "awya" } } } end, "did you mean 'away'")
  test.raises(function() strategy { actions = { { "mail", function() return true end, entering = "away" } } } end,
    "a function cannot be joined with a moment")
  test.raises(function() strategy { actions = { { "mail" } } } end, "an expression or a function wanted")
end)

local function flapping(days, rest)
  local list = {}
  for i, n in ipairs(days) do list[i] = at "2024-01-01" + ms.duration(n .. "d") end
  local ones = {}
  for i = 1, #list do ones[i] = 1 end
  local s = strategy { states = {
    start = "on", { "on", "off", "recency > 2" }, { "off", "on", "recency <= 2", rest = rest },
  } }
  return s, { orders = ms.frame { { "customer_id", ones }, { "ordered_at", list }, { "amount", ones } } }
end

test("a transition that rests is not made again within its days, whatever the pattern", function()
  math.randomseed(5)
  for seed = 1, 12 do
    local days, rest = { 0 }, seed % 9 + 1
    for _ = 1, 8 do days[#days + 1] = math.random(40) end
    local s, inputs = flapping(days, rest)
    local db = ms.open(test.temporary "rest.db", { write = true, create = true })
    local state, last = "on", nil
    for n = 1, 45 do
      local bought = -100
      for _, d in ipairs(days) do if d < n then bought = math.max(bought, d) end end
      if state == "on" and n - bought > 2 then
        state = "off"
      elseif state == "off" and n - bought <= 2 and not (last and n - last < rest) then
        state, last = "on", n
      end
      local found = s:run { db = db, inputs = inputs, as_of = at "2024-01-01" + ms.duration(n .. "d") }
      test.equal({ seed, n, states(found)[1] }, { seed, n, state })
    end
    db:close()
  end
end)

test("after = days is a time-out, with a rule or without one", function()
  local s = strategy { states = {
    start = "new", { "new", "settled", after = 10 }, { "settled", "big", "spent > 60", after = 5 },
  } }
  local db, seen = database(), {}
  for _, day in ipairs { "2024-02-01", "2024-02-10", "2024-02-11", "2024-02-15", "2024-02-16" } do
    seen[#seen + 1] = table.concat(states(s:run { db = db, as_of = day }), " ")
  end
  test.equal(seen, { "new new", "new new", "settled settled", "settled settled", "settled big" })
  test.raises(function() strategy { states = { start = "a", { "a", "b", after = 0 } } } end,
    "after is 0; a whole number")
  test.raises(function() strategy { states = { start = "a", { "a", "b", "true", rests = 3 } } } end,
    "did you mean 'rest'")
end)

test("check names states that no way leads to, and those that nobody leaves", function()
  local s = strategy { states = {
    start = "new", { "new", "active", "spent > 1" }, { "lost", "found", "true" }, { "found", "lost", "false" },
  } }
  local texts = {}
  for _, item in ipairs(s:check { inputs = { orders = orders }, as_of = "2024-07-01" }) do
    texts[#texts + 1] = item.level .. " " .. item.text
  end
  test.equal(texts, { "error state 'found' can never be reached: no way leads there from 'new'",
    "error state 'lost' can never be reached: no way leads there from 'new'", "note nobody leaves the state 'active'",
    "proved the states go in no circle on one day: 4 cells over spent" })
end)
