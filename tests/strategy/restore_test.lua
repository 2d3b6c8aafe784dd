-- The state at a past run, and going back to it.
local ms = require "moonsift"
local test = require "moonsift.test"

local first = ms.date "2025-01-01"
local function day(n) return first + ms.duration(n .. "d") end

-- Forty days of forty customers' orders and claims.
local inputs
do
  math.randomseed(11)
  local customer, when, amount, by, asked, asked_on = {}, {}, {}, {}, {}, {}
  for i = 1, 150 do
    customer[i], when[i], amount[i] = math.random(40), day(math.random(0, 40)), math.random(100)
    asked[i], by[i], asked_on[i] = math.random(45), ({ "ann", "bob" })[math.random(2)], day(math.random(0, 40))
  end
  inputs = {
    orders = ms.frame { { "customer", customer }, { "ordered_at", when }, { "amount", amount } },
    claims = ms.frame { { "customer", asked }, { "owner", by }, { "claimed_at", asked_on } },
  }
end

local function strategy(name)
  return ms.strategy {
    name = name or "past",
    inputs = {
      orders = { columns = { "customer", "ordered_at", "amount" }, time = "ordered_at" },
      claims = { columns = { "customer", "owner", "claimed_at" }, time = "claimed_at" },
    },
    customers = function(s)
      return s.orders:group_by "customer":agg("last = max(ordered_at)", "spent = sum(amount)"):collect()
        :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    states = { start = "new", { "new", "away", "recency > 5" }, { "away", "new", "recency <= 5", rest = 7 } },
    segments = { { "big", "spent > 100" }, { "small" } },
    pools = { claims = "claims", recycle = { { "quiet", "days_held >= 4 and recency > 4", warn = 1 } }, lock = 2,
      bar = 5, escalate = { after = 9, to = "boss" } },
    actions = { { "mail", "spent > 50", entering = "away", channel = "mail", every = 10 } },
  }
end

local function database()
  local path = test.temporary "past.db"
  return ms.open(path, { write = true, create = true }), path
end

local function dump(path)
  local pipe = io.popen("sqlite3 '" .. path .. "' .dump")
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local function run(db, s, n) return s:run { db = db, inputs = inputs, as_of = day(n) } end

test("restored and run on, the database is what it is where the way was never left", function()
  math.randomseed(3)
  for _ = 1, 6 do
    local straight, straight_path = database()
    local other, other_path = database()
    local s, n = strategy(), 1
    for _ = 1, 3 do
      local from = n
      for _ = 1, math.random(2, 4) do
        run(straight, s, n)
        run(other, s, n)
        from, n = n, n + math.random(3)
      end
      local away = n
      for _ = 1, math.random(3) do -- a way that is left again
        run(other, s, away)
        away = away + math.random(2)
      end
      local _, _, count = s:restore { db = other, as_of = day(from) }
      test.check(count >= 1)
    end
    run(straight, s, n)
    run(other, s, n)
    test.equal(dump(other_path), dump(straight_path))
    straight:close()
    other:close()
  end
end)

test("the state at each past run is what that run gave", function()
  local db = database()
  local s, was = strategy(), {}
  for n = 2, 30, 4 do
    local outcome = run(db, s, n)
    was[outcome.run] = tostring(outcome.customers:select("customer", "segment", "state", "owner"))
  end
  for number, text in pairs(was) do
    local frame, found = s:at { db = db, run = number }
    test.equal(found.run, number)
    test.equal(tostring(frame:select("customer", "segment", "state", "owner")), text)
    local same = s:at { db = db, as_of = found.as_of + ms.duration "3d" } -- the last run on or before that day
    test.equal(tostring(same), tostring(frame))
  end
end)

test("what was done stays in the ledger, another strategy is left alone, and going nowhere writes nothing", function()
  local db, path = database()
  local s, other = strategy(), strategy "other"
  for _, n in ipairs { 5, 15, 25 } do
    run(db, s, n)
    run(db, other, n)
  end
  local once = dump(path)
  test.equal(select(3, s:restore { db = db, run = 5 }), 0)
  test.equal(dump(path), once)
  db:execute "update ms_action set status = 'done' where customer % 2 = 0"
  local function count(sql) return db:query("select count(*) n from " .. sql):row(1).n end
  local done = count "ms_action where strategy = 'past' and status = 'done'"
  test.check(count "ms_action where strategy = 'past' and due > '2025-01-06' and status = 'done'" > 0)
  local members = count "ms_member where strategy = 'other'"
  test.equal(select(3, s:restore { db = db, run = 1 }), 2)
  test.equal(count "ms_action where strategy = 'past' and status = 'done'", done)
  test.equal(count "ms_action where strategy = 'past' and due > '2025-01-06' and status = 'planned'", 0)
  test.equal(count "ms_member where strategy = 'other'", members)
  test.equal(count "ms_run where strategy = 'past'", 1)
  test.equal(count "past_customers", count "ms_pool where strategy = 'past' and left_on is null")
end)

test("a run that is not there is said, with those that are", function()
  local db = database()
  local s = strategy()
  test.raises(function() s:at { db = db, run = 1 } end, "it has no run in")
  run(db, s, 5)
  run(db, s, 9)
  test.raises(function() s:at { db = db, run = 7 } end, "there is no run 7 of it")
  test.raises(function() s:at { db = db, run = 7 } end, "it ran from run 1 (2025-01-06) to run 2 (2025-01-10)")
  test.raises(function() s:restore { db = db, as_of = "2024-12-01" } end,
    "there is no run of it on or before 2024-12-01")
  test.raises(function() s:at { db = db, run = "first" } end, "run is 'first'; the number of a run wanted")
end)

test("the command line shows a past run and goes back to it", function()
  local db, path = database()
  local file = test.temporary "seen.lua"
  local out = io.open(file, "w")
  out:write [[
local ms = require "moonsift"
return ms.strategy {
  name = "seen", inputs = { orders = { columns = { "customer", "ordered_at" }, time = "ordered_at" } },
  customers = function(s) return s.orders:group_by "customer":agg "n = count()":collect() end,
  segments = { { "often", "n > 2" }, { "seldom" } },
}
]]
  out:close()
  db:write("orders", inputs.orders)
  db:close()
  for n = 5, 15, 5 do
    test.equal((test.command(("run '%s' --db '%s' --as-of %s"):format(file, path, tostring(day(n))))), 0)
  end
  local status, output = test.command(("restore '%s' --db '%s' --run 2"):format(file, path))
  test.equal(status, 0)
  test.contains(output, "segment_since")
  test.contains(output, "run 2 of seen for 2025-01-11, nothing written; --write takes the tables back to it")
  status, output = test.command(("restore '%s' --db '%s' --as-of 2025-01-07 --write --json"):format(file, path))
  test.equal(status, 0)
  test.contains(output, '"run":1')
  test.contains(output, '"taken_back":2')
  test.equal(ms.sql(path, "select count(*) n from ms_run"):row(1).n, 1)
  local _, _, problem = test.command(("restore '%s' --run 2"):format(file))
  test.contains(problem, "--db DATABASE is missing")
end)
