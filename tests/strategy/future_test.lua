-- moonsift check: what depends on times after the day, on the clock or on chance is found by computing again.
local ms = require "moonsift"
local test = require "moonsift.test"

local function at(text) return ms.date(text) end

local orders = ms.frame {
  { "customer_id", { 1, 2, 2, 3 } },
  { "ordered_at", { at "2024-12-01", at "2024-12-20", at "2024-06-01", at "2025-02-01" } },
  { "delivered_on", { at "2024-12-05", at "2025-01-03", at "2024-06-04", at "2025-02-04" } },
  { "amount", { 10, 20, 30, 40 } },
}

local function findings(customers, more, source)
  local given = {
    name = "s", customers = customers, segments = { { "all" } },
    inputs = { orders = { columns = { "customer_id", "ordered_at", "delivered_on", "amount" }, time = "ordered_at" } },
  }
  for part, value in pairs(more or {}) do given[part] = value end
  local list = {}
  for _, item in ipairs(ms.strategy(given):check({ inputs = { orders = orders }, as_of = "2025-01-01" }, source)) do
    if item.level ~= "proved" then list[#list + 1] = item.level .. ": " .. item.text end
  end
  return list
end

local function by_customer(aggregate)
  return function(s) return s.orders:group_by "customer = customer_id":agg(aggregate):collect() end
end

test("a strategy that keeps to what is known on the day has no findings", function()
  test.equal(findings(by_customer "spent = sum(amount)"), {})
  test.equal(findings(by_customer "delivered = max(delivered_on where delivered_on < date'2025-01-01')"), {})
end)

test("a feature of a time behind the day is named, with a customer and both values", function()
  test.equal(findings(by_customer "delivered = max(delivered_on)"), {
    "note: 'delivered_on' of 'orders' lies on the day or behind it in 1 rows; where it is not yet known, other values "
      .. "come out: delivered (1 customers, as 2: 2025-01-03, then 2024-06-04)",
  })
  test.equal(findings(function(s)
    return s.orders:group_by "customer = customer_id":agg "n = count(delivered_on)":collect()
  end, { scores = { { "worth", function(c) return c.n * 2 end } }, states = { start = "a", { "a", "b", "n > 1" } } }), {
    "note: nobody leaves the state 'b'",
    "note: 'delivered_on' of 'orders' lies on the day or behind it in 1 rows; where it is not yet known, other values "
      .. "come out: n (1 customers, as 2: 2, then 1), worth (1 customers, as 2: 4, then 2), "
      .. "state (1 customers, as 2: b, then a)",
  })
end)

test("an input without a time is looked at without its rows of the day and behind it", function()
  local list = findings(by_customer "spent = sum(amount)",
    { inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" } } } })
  test.equal(list, {
    "note: input 'orders' has no time: a run for a day of the past sees what it holds today",
    "note: 'orders' has no time, and 1 rows whose 'ordered_at' lies on the day or behind it; without them, other "
      .. "values come out: whether he is there (1 customers, as 3: yes, then no)",
  })
end)

-- In a file of its own, since only scripts see the clocks that are put forward.
local function checked(body)
  local file, path = test.temporary "s.lua", test.temporary "s.db"
  local db = ms.open(path, { write = true, create = true })
  db:write("orders", orders)
  db:close()
  local out = assert(io.open(file, "w"))
  out:write(([[
local ms = require "moonsift"
local clock, chance = os, math
return ms.strategy {
  name = "s", inputs = { orders = { columns = { "customer_id", "ordered_at", "amount" }, time = "ordered_at" } },
  customers = function(s) return s.orders:group_by "customer = customer_id":agg "spent = sum(amount)" end,
  scores = { { "worth", function(c) %s end } }, segments = { { "all" } },
}
]]):format(body))
  out:close()
  local status, output = test.command(("check '%s' --db '%s' --as-of 2025-01-01"):format(file, path))
  return status, output
end

test("the clock and chance are found by computing again, under whatever name", function()
  for _, body in ipairs { "return clock.time()", "return chance.random()", "return chance.random(1000000)",
    "return tonumber(clock.date '%j') + 0", "return clock.clock()", "return c.spent * chance.random(3, 3000000)" } do
    local status, output = checked(body)
    test.equal({ body, status }, { body, 1 })
    test.contains(output, "error   computed again, with the clock put forward and another chance, other values come "
      .. "out: worth (2 customers, as 1: ")
  end
  local status, output = checked "return clock.time { year = 2024, month = 1, day = 1 } + c.spent"
  test.equal({ status, output }, { 0, "proved  the segments: 1 cells over \n" })
end)

test("what reads beside the inputs is named", function()
  test.equal(findings(by_customer "spent = sum(amount)", nil, "local db = ms.open 'other.db'"),
    { "note: line 1: what ms.open reads is not an input: it is not cut at the day" })
end)
