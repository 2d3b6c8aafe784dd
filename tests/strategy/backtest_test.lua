-- Strategies replayed over the past, and the runs of many customers.
local ms = require "moonsift"
local test = require "moonsift.test"

local function strategy()
  return ms.strategy {
    name = "recent",
    inputs = { orders = { columns = { "customer_id", "ordered_at" }, time = "ordered_at" } },
    customers = function(s)
      return s.orders:group_by "customer = customer_id":agg "last = max(ordered_at)":collect()
        :with_columns("recency = days_between(last, @as_of)", { as_of = s.as_of })
    end,
    segments = { { "active", "recency <= 10" }, { "gone" } },
  }
end

local function at(text) return ms.date(text) end

local orders = ms.frame {
  { "customer_id", { 1, 2, 3, 1 } },
  { "ordered_at", { at "2024-01-01", at "2024-01-10", at "2024-02-20", at "2024-02-25" } },
}

local function days(every, to)
  local found = strategy():backtest { inputs = { orders = orders }, from = "2024-01-31", to = to, every = every }
  local list = {}
  for i, day in ipairs(found.days) do list[i] = tostring(day) end
  return list
end

test("the step of a backtest is days, weeks, months or years", function()
  test.equal(days("1d", "2024-02-02"), { "2024-01-31", "2024-02-01", "2024-02-02" })
  test.equal(days("10d", "2024-02-25"), { "2024-01-31", "2024-02-10", "2024-02-20" })
  test.equal(days("2w", "2024-02-28"), { "2024-01-31", "2024-02-14", "2024-02-28" })
  test.equal(days("1mo", "2024-03-31"), { "2024-01-31", "2024-02-29", "2024-03-31" })
  test.equal(days("1y", "2025-01-31"), { "2024-01-31", "2025-01-31" })
  test.raises(function() days("0d", "2024-03-31") end, "every is '0d'")
end)

test("the next day's run of many customers takes about as long as the first", function()
  local count, ids, when = 20000, {}, {}
  for i = 1, count do ids[i], when[i] = i, at "2024-01-01" end
  local db = ms.open(test.temporary "many.db", { write = true, create = true })
  db:write("orders", ms.frame { { "customer_id", ids }, { "ordered_at", when } }, { mode = "replace" })
  local function seconds(day)
    local start = os.clock()
    strategy():run { db = db, as_of = day }
    return os.clock() - start
  end
  local first = seconds "2024-01-05"
  test.check(seconds "2024-01-06" < 10 * first + 1) -- 20,000² comparisons take far longer
  test.equal(db:query "select count(*) n from ms_member":row(1).n, count)
end)
