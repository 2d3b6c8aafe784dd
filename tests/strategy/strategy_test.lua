-- Strategies: what comes of a day, what a run leaves in the database, and what is refused.
local ms = require "moonsift"
local test = require "moonsift.test"

local function at(text) return ms.date(text) end

local orders = ms.frame {
  { "customer_id", { 1, 1, 2, 3, 4, 4 } },
  { "ordered_at", { at "2024-12-20", at "2024-11-01", at "2024-10-20", at "2024-03-01", at "2025-01-01",
    at "2024-12-31" } },
  { "amount", { 10, 30, 5, 100, 1000, 7 } },
}

local function definition(more)
  local given = {
    name = "recent",
    inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at" } },
    parameters = { days = { 90, "until drifting" } },
    customers = function(s)
      return s.orders:group_by "customer = customer_id":agg("last = max(ordered_at)", "spent = sum(amount)"):collect()
        :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    scores = {
      { "worth", "spent * 2 + @days * 0" },
      { "heat", function(c) return c.recency < 30 and c.worth or 0 end },
    },
    segments = {
      { "active", "recency <= @days and spent > 6" },
      { "drifting", function(c) return c.recency <= 100 end },
      { "gone" },
    },
    value = "spent",
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return given
end

local function strategy(more) return ms.strategy(definition(more)) end

local function database(path)
  path = path or test.temporary "shop.db"
  local db = ms.open(path, { write = true, create = true })
  db:write("orders", orders, { mode = "replace" })
  return db, path
end

local function dump(path)
  local pipe = io.popen("sqlite3 -cmd '.timeout 10000' '" .. path .. "' .dump 2>&1")
  local text = pipe:read "*a"
  pipe:close()
  return text
end

test("features, scores and segments of a day; the day itself is the future", function()
  local found = strategy():customers { inputs = { orders = orders }, as_of = "2025-01-01" }
  test.equal(found:column "customer", { 1, 2, 3, 4 })
  test.equal(found:column "spent", { 40, 5, 100, 7 })
  test.equal(found:column "recency", { 12, 73, 306, 1 })
  test.equal(found:column "worth", { 80, 10, 200, 14 })
  test.equal(found:column "heat", { 80, 0, 0, 14 })
  test.equal(found:column "segment", { "active", "drifting", "gone", "active" })
  test.equal(found:column "rule", { 1, 2, 3, 1 })
end)

test("parameters are set by name, also as texts of the command line", function()
  local found = strategy():customers { inputs = { orders = orders }, as_of = "2025-01-01", set = { days = "10" } }
  test.equal(found:column "segment", { "drifting", "drifting", "gone", "active" })
end)

test("a run leaves customers, stays and the run; the next one closes what ended", function()
  local db = database()
  local s = strategy()
  local first = s:run { db = db, as_of = "2024-12-01" }
  test.equal(first.run, 1)
  test.equal(first.segments:names(), { "segment", "customers", "share", "spent" })
  test.equal(db:table("recent_customers"):collect():column "customer", { 1, 2, 3 })
  local second = s:run { db = db, as_of = at "2025-03-01" }
  test.equal(second.segments:column "segment", { "active", "gone" })
  test.equal(second.segments:column "entered", { 1, 1 }) -- 4 came, 2 left for gone
  test.equal(second.segments:column "left", { 0, 0 })
  test.equal(second.segments:column "spent", { 1047, 105 })
  test.equal(tostring(s:history(2, { db = db })), tostring(ms.frame {
    { "kind", { "segment", "segment" } }, { "name", { "drifting", "gone" } },
    { "entered", { at "2024-12-01", at "2025-03-01" } },
    { "left_on", { at "2025-03-01", ms.null } },
  }))
  test.equal(db:query "select run, strategy, as_of, parameters, customers from ms_run order by run":nrow(), 2)
  test.equal(db:query "select customers from ms_segment_now where segment = 'active'":row(1).customers, 2)
end)

test("running twice leaves what running once left, and a changed rule takes the day's place", function()
  local db, path = database()
  local s = strategy()
  s:run { db = db, as_of = "2024-12-01" }
  s:run { db = db, as_of = "2025-01-01" }
  local once = dump(path)
  s:run { db = db, as_of = "2025-01-01" }
  test.equal(dump(path), once)
  local other = strategy { segments = { { "all" } } }
  other:run { db = db, as_of = "2025-01-01" }
  test.equal(db:query "select distinct name from ms_member where left_on is null":column "name", { "all" })
  s:run { db = db, as_of = "2025-01-01" }
  test.equal(dump(path), once)
end)

test("replayed from an empty database, the history is the same", function()
  local db, path = database()
  local s, days = strategy(), { "2024-11-15", "2024-12-01", "2025-01-01", "2025-02-01" }
  for _, day in ipairs(days) do s:run { db = db, as_of = day } end
  for _, day in ipairs { days[4], days[4] } do s:run { db = db, as_of = day } end
  local again, path2 = database()
  for _, day in ipairs(days) do s:run { db = again, as_of = day } end
  test.equal(dump(path2), dump(path))
end)

test("a dry run writes nothing and says what would move", function()
  local db, path = database()
  local s = strategy()
  s:run { db = db, as_of = "2024-12-01" }
  local before = dump(path)
  local outcome = s:run { db = db, as_of = "2025-03-01", dry_run = true }
  test.equal(outcome.segments:column "entered", { 1, 1 })
  test.equal(dump(path), before)
end)

test("time goes forward; a failing run leaves the last one standing", function()
  local db, path = database()
  local s = strategy()
  s:run { db = db, as_of = "2024-12-01" }
  local before = dump(path)
  test.raises(function() s:run { db = db, as_of = "2024-11-01" } end, "its last run looked from 2024-12-01")
  test.raises(function()
    strategy { scores = { { "bad", function() return error "stop" end } } }:run { db = db, as_of = "2025-01-01" }
  end, "stop")
  test.equal(dump(path), before)
end)

test("texts name customers as well as integers", function()
  local db = database()
  db:write("orders", orders:with_columns "customer_id = 'k' .. cast(customer_id as text)", { mode = "replace" })
  strategy():run { db = db, as_of = "2024-12-01" }
  local outcome = strategy():run { db = db, as_of = "2025-03-01" }
  test.equal(outcome.segments:column "entered", { 1, 1 })
  test.equal(strategy():history("k2", { db = db }):column "name", { "drifting", "gone" })
end)

test("a mapping gives the strategy's names to another schema", function()
  local db = database()
  db:write("purchases", orders:select("cust = customer_id", "day = ordered_at", "price = amount / 2", "pieces = 2"))
  local found = strategy():customers {
    db = db, as_of = "2025-01-01",
    mapping = { orders = { table = "purchases", where = "price > 3",
      columns = { customer_id = "cust", ordered_at = "day", amount = "price * pieces" } } },
  }
  test.equal(found:column "customer", { 1, 3, 4 })
  test.equal(found:column "spent", { 40, 100, 7 })
end)

test("explain names the rule, its clauses with their values, and what is missing for those above", function()
  test.golden("strategy-explain", strategy():explain(3, { inputs = { orders = orders }, as_of = "2025-01-01" }) .. "\n")
end)

test("clauses are split at the ands that stand alone", function()
  local clauses = require("moonsift.strategy.rules").clauses
  test.equal(clauses "a > 1 and b between 2 and 3 and (c and d)", { "a > 1", "b between 2 and 3", "(c and d)" })
  test.equal(clauses "x == ' and ' and case when a and b then c end",
    { "x == ' and '", "case when a and b then c end" })
  test.equal(clauses "a and b or c", { "a and b or c" })
end)

test("diff says who would move", function()
  local given = { inputs = { orders = orders }, as_of = "2025-01-01" }
  local found = strategy():diff(strategy { segments = { { "active", "recency <= 100" }, { "gone" } } }, given)
  test.equal(found.moves:column "from", { "drifting" })
  test.equal(found.moves:column "to", { "active" })
  test.equal(strategy():diff(strategy(), given).moves:nrow(), 0)
end)

test("the command line runs, explains, compares and tests strategies", function()
  local _, path = database()
  local file = test.temporary "recent.lua"
  local out = io.open(file, "w")
  out:write [[
local ms = require "moonsift"
return ms.strategy {
  name = "recent", inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at" } },
  parameters = { days = 90 },
  customers = function(s)
    return s.orders:group_by "customer = customer_id":agg("last = max(ordered_at)"):collect()
      :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
  end,
  segments = { { "active", "recency <= @days" }, { "gone" } },
  tests = { { "a day is active", as_of = "2025-01-02",
    inputs = { orders = { { "customer_id", "ordered_at", "amount" }, { 1, "2025-01-01", 5 } } },
    expect = { { customer = 1, recency = 1, segment = "active" } } } },
}
]]
  out:close()
  local common = (" --db '%s' --as-of 2025-01-01"):format(path)
  local status, output = test.command("run '" .. file .. "'" .. common)
  test.equal(status, 0)
  test.contains(output, "run 1 of recent for 2025-01-01: 4 customers")
  status, output = test.command("run '" .. file .. "' --set days=20 --json --dry-run" .. common)
  test.equal(status, 0)
  test.contains(output, '"customers":4,"dry_run":true')
  test.contains(output, '"customers":2,"segment":"active"')
  status, output = test.command("explain '" .. file .. "' --customer 3" .. common)
  test.equal(status, 0)
  test.contains(output, "no  recency <= @days   (recency is 306)")
  status, output = test.command("diff '" .. file .. "' '" .. file .. "'" .. common)
  test.equal(status, 0)
  test.contains(output, "0 customers of 4 would be elsewhere")
  status, output = test.command("history '" .. file .. "' --customer 3" .. common)
  test.equal(status, 0)
  test.contains(output, "gone")
  status, output = test.command("test '" .. file .. "'")
  test.equal(status, 0)
  test.contains(output, "1 passed, 0 failed")
  local _, _, problem = test.command("explain '" .. file .. "'" .. common)
  test.contains(problem, "--customer ID is missing")
  _, _, problem = test.command("run '" .. file .. "' --set days" .. common)
  test.contains(problem, "NAME=VALUE wanted")
end)

test("the strategies that ship pass their own tests", function()
  local pipe = io.popen "find scripts -name '*.lua' | sort"
  for path in pipe:lines() do
    local file = io.open(path)
    local text = file:read "*a"
    file:close()
    if text:find("tests = {", 1, true) then
      local status, output = test.command("test '" .. path .. "'")
      test.equal({ path, status, output:match "(%d+) failed" }, { path, 0, "0" })
    end
  end
  pipe:close()
end)
