-- Declared events, and runs that read only what has changed.
local ms = require "moonsift"
local test = require "moonsift.test"

local function at(text) return #text > 10 and ms.time(text) or ms.date(text) end

local function orders_of(rows)
  local columns = { {}, {}, {}, {} }
  for i, row in ipairs(rows) do
    columns[1][i], columns[2][i], columns[3][i], columns[4][i] = row[1], at(row[2]), row[3], row[4] or "paid"
  end
  return ms.frame {
    { "customer_id", columns[1] }, { "ordered_at", columns[2] }, { "amount", columns[3] }, { "status", columns[4] },
  }
end

local orders = orders_of {
  { 1, "2024-01-01 10:00:00", 10 }, { 1, "2024-01-20 00:00:00", 20 }, { 2, "2023-05-05 12:00:00", 5.5 },
  { 3, "2024-01-30 10:00:00", 1 }, { 3, "2024-01-31 23:00:00", 2, "refunded" }, { 3, "2024-02-01 00:00:00", 4 },
}

local function strategy(more)
  local given = {
    name = "ev",
    inputs = {
      orders = {
        columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at", customer = "customer_id",
      },
    },
    parameters = { n = 2, status = "paid" },
    events = {
      { "orders", "count()", where = "status == @status" },
      { "spent", "sum(amount)", where = "status == @status" },
      { "recent", "count()", within = 30 },
      { "last", "max(ordered_at)" },
      { "dearest", "max(amount)", within = 12 },
    },
    segments = { { "often", "recent >= @n" }, { "seldom" } },
  }
  for part, value in pairs(more or {}) do given[part] = value or nil end
  return ms.strategy(given)
end

test("events are aggregates over the rows before the day, all or those of the last days", function()
  local found = strategy():customers { inputs = { orders = orders }, as_of = "2024-02-01" }
  test.equal(found:column "customer", { 1, 2, 3 })
  test.equal(found:column "orders", { 2, 1, 1 })
  test.equal(found:column "spent", { 30, 5.5, 1 })
  test.equal(found:column "recent", { 1, 0, 2 }) -- 2024-01-01 is 31 days ago, 2024-02-01 not before the day
  test.equal(found:column("dearest", "-"), { 20, "-", 2 }) -- 2024-01-20 00:00:00 is twelve days ago
  test.equal(tostring(found:column "last"[3]), "2024-01-31 23:00:00")
  test.equal(found:column "segment", { "seldom", "seldom", "often" })
end)

test("customers without an event have 0 for a count and null for a maximum", function()
  local s = strategy {
    inputs = {
      orders = {
        columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at", customer = "customer_id",
      },
      people = { columns = { "id" } },
    },
    customers = function(s) return s.people:select "customer = id" end,
  }
  local found = s:customers { inputs = { orders = orders, people = ms.frame { { "id", { 3, 9 } } } },
    as_of = "2024-02-01" }
  test.equal(found:column "customer", { 3, 9 })
  test.equal(found:column "recent", { 2, 0 })
  test.equal(found:column("spent", "-"), { 1, "-" })
end)

test("what an event cannot be is said", function()
  local function raises(events, text) test.raises(function() strategy { events = events } end, text) end
  raises({ { "a", "count()", of = "visits" } }, "event 'a' is of 'visits', which is no input")
  raises({ { "a", "count()", since = 3 } }, "event 'a' has an unknown part 'since'")
  raises({ { "a", "count()", within = 0.5 } }, "event 'a': within is 0.5; a number of days from 1 wanted")
  raises({ { "a", function() return 1 end } }, "event 'a' has a function; an aggregate such as \"count()\" wanted")
  test.raises(function() strategy { inputs = { orders = { columns = { "customer_id" } } } } end,
    "no input says which column is the customer")
  test.raises(function()
    strategy { events = { { "a", "sum(amont)" } } }:customers { inputs = { orders = orders }, as_of = "2024-02-01" }
  end, "event 'a'")
  test.raises(function() strategy { customers = false, events = false } end, "customers is missing")
end)

-- ---- runs that read only what has changed ----

local function history(random, customers, days)
  local rows = {}
  for i = 1, days do
    for _ = 1, random(0, 6) do
      rows[#rows + 1] = {
        random(1, customers), ("2024-%02d-%02d %02d:00:00"):format(1 + math.floor((i - 1) / 28), 1 + (i - 1) % 28,
          random(0, 23)), random(1, 1000) / 10, random() < 0.2 and "refunded" or "paid",
      }
    end
  end
  return rows
end

local function opened(rows, text)
  local db = ms.open(test.temporary "events.db", { write = true, create = true })
  local frame = orders_of(rows)
  if text then frame = frame:with_columns "customer_id = concat('客\"户', cast(customer_id as text))" end
  db:write("orders", frame, { mode = "replace" })
  db:execute "create index orders_customer on orders (customer_id)"
  return db
end

local function growing(more)
  local given = {
    inputs = {
      orders = {
        columns = { "customer_id", "ordered_at", "amount", "status" }, time = "ordered_at", customer = "customer_id",
        grows = true,
      },
    },
  }
  for part, value in pairs(more or {}) do given[part] = value end
  return strategy(given)
end

test("a run that reads what has changed gives what a run that reads everything gives", function()
  local parts = 0
  for seed = 1, 8 do
    math.randomseed(seed)
    local rows, arriving = history(math.random, 400, 280), history(math.random, 440, 280)
    local db = opened(rows, seed % 2 == 0)
    db:execute "delete from orders where rowid % 7 = 3" -- row numbers have gaps
    local mapping = seed % 3 == 0 and { orders = { where = "amount > 20" } } or nil
    local day = ms.date "2024-09-20"
    for _ = 1, 12 do
      local run = growing():run { db = db, as_of = day, mapping = mapping }
      local whole = strategy():customers { db = db, as_of = day, mapping = mapping }
      test.equal(run.customers:show { rows = 300 }, whole:show { rows = 300 })
      if run.events.fresh then parts = parts + 1 end
      if math.random() < 0.8 then day = day + ms.duration(math.random(1, 2) .. "d") end
      local late = {} -- rows come in late and early
      for i = 1, math.random(0, 5) do late[i] = arriving[math.random(#arriving)] end
      if #late > 0 then
        local frame = orders_of(late)
        if seed % 2 == 0 then frame = frame:with_columns "customer_id = concat('客\"户', cast(customer_id as text))" end
        db:write("orders", frame, { mode = "append" })
      end
    end
    db:close()
  end
  test.check(parts > 25, parts .. " runs read a part")
end)

test("a run reads everything where it cannot know what changed", function()
  math.randomseed(7)
  local db = opened(history(math.random, 200, 90))
  local function fresh(s, day)
    local run = s:run { db = db, as_of = day }
    return run.events and (run.events.fresh and "part" or "all") or "nothing kept"
  end
  test.equal(fresh(growing(), "2024-04-01"), "all")
  test.equal(fresh(growing(), "2024-04-02"), "part")
  test.equal(fresh(growing(), "2024-04-02"), "part")
  test.equal(fresh(growing { parameters = { n = 3, status = "paid" } }, "2024-04-03"), "part") -- no event names it
  test.equal(fresh(growing { parameters = { n = 3, status = "refunded" } }, "2024-04-04"), "all")
  test.equal(fresh(growing(), "2024-04-05"), "all")
  db:execute "delete from orders where rowid > 150"
  test.equal(fresh(growing(), "2024-04-06"), "all")
  test.equal(fresh(growing { events = { { "recent", "count(where days_between(ordered_at, @as_of) < 9)" } } },
    "2024-04-07"), "nothing kept")
  test.equal(fresh(strategy(), "2024-04-08"), "nothing kept")
  db:execute "drop index orders_customer"
  test.equal(fresh(growing(), "2024-04-09"), "nothing kept")
end)
