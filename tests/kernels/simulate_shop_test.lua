-- The synthetic shop: the same for the same seed, and as its models say.
local ms = require "moonsift"
local test = require "moonsift.test"

local function draw(table, options)
  local given = { table = table }
  for name, value in pairs(options or {}) do given[name] = value end
  return ms.simulate_shop(given)
end

test("the same seed draws the same shop, another seed another", function()
  local a, b, c = draw("orders", { seed = 7 }), draw("orders", { seed = 7 }), draw("orders", { seed = 8 })
  test.equal(tostring(a), tostring(b))
  test.equal(a:nrow(), b:nrow())
  test.equal(tostring(a) ~= tostring(c), true)
end)

test("the number of threads changes nothing", function()
  local tables = { "customers", "orders", "order_lines", "visits", "contacts", "truth" }
  for _, name in ipairs(tables) do
    ms.threads(1)
    local one = draw(name, { customers = 5000 })
    ms.threads(4)
    local four = draw(name, { customers = 5000 })
    ms.threads(0)
    test.equal(four:nrow(), one:nrow())
    for _, column in ipairs(one:schema()) do
      test.equal(four:column(column.name), one:column(column.name))
    end
  end
end)

-- P(no repeat purchase until T) = (alpha / (alpha + T)) ^ r: Fader, Hardie, Lee (2005), eq. 8 with x = 0.
test("the share of customers without a repeat purchase is that of BG/NBD", function()
  local shop = ms.sim.shop { customers = 20000, seed = 3, tables = { "orders", "parameters" } }
  local parameter = {}
  for row in shop.parameters:rows() do parameter[row.name] = row.value end
  local customers = shop.orders:group_by("customer_id"):agg("first = min(ordered_at)", "n = count()")
    :with_columns("weeks = (epoch(time'2025-01-01 00:00:00') - epoch(first)) / 604800.0")
  test.equal(customers:nrow(), 20000)
  local expected = customers
    :with_columns("p = (@alpha / (@alpha + weeks)) ^ @r",
      { alpha = parameter["bgnbd.alpha"], r = parameter["bgnbd.r"] })
    :group_by():agg("p = sum(p)", "spread = sqrt(sum(p * (1 - p)))"):row(1)
  local single = customers:filter("n == 1"):nrow()
  test.close(single, expected.p, 4 * expected.spread)
end)

-- E[value] = p gamma / (q - 1): Fader, Hardie (2013), note 025.
test("the mean value of an order is that of Gamma-Gamma", function()
  local truth = draw("truth", { customers = 20000, duplicates = 0 })
  local mean = truth:group_by():agg("v = mean(order_value)", "s = deviation(order_value)"):row(1)
  test.close(mean.v, 4.0 * 175.0 / (4.5 - 1), 4 * mean.s / math.sqrt(20000))
end)

test("the lines of an order add up to its amount", function()
  local shop = ms.sim.shop { customers = 500, seed = 5, tables = { "orders", "order_lines" } }
  local sums = shop.order_lines:group_by("order_id"):agg("lines = sum(amount)", "n = count()")
  local joined = shop.orders:join(sums, { on = "order_id", how = "left" })
  test.equal(joined:filter("lines is null or abs(lines - amount) > 0.005"):nrow(), 0)
  test.equal(joined:nrow(), shop.orders:nrow())
end)

test("planted pairs of products meet more often than by chance", function()
  local lines = draw("order_lines", { customers = 5000 })
  local first = lines:filter("product_id == 1"):select("order_id")
  local second = lines:filter("product_id == 9"):select("order_id")
  local both = first:join(second, { on = "order_id", how = "semi" }):nrow()
  test.equal(both / first:nrow() > 0.4, true)
end)

test("second registrations point to their originals", function()
  local shop = ms.sim.shop { customers = 1000, duplicates = 0.05, tables = { "customers", "truth" } }
  test.equal(shop.customers:nrow(), 1050)
  local seconds = shop.truth:filter("duplicate_of is not null")
  test.equal(seconds:nrow(), 50)
  test.equal(seconds:filter("duplicate_of > 1000 or customer_id <= 1000"):nrow(), 0)
end)

test("options are checked", function()
  test.raises(function() draw("custmers") end, "did you mean 'customers'")
  test.raises(function() ms.simulate_shop {} end, "'table' is missing")
  test.raises(function() draw("orders", { customers = 0 }) end, "1 … 100000000 wanted")
  test.raises(function() draw("orders", { as_of = "soon" }) end, "'as_of' must be a date")
end)

test("one customer makes a shop", function()
  local shop = ms.sim.shop { customers = 1 }
  test.equal(shop.customers:nrow(), 1)
  test.equal(shop.orders:nrow() >= 1, true)
end)
