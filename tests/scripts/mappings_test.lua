-- The strategies that ship over real data, imported and mapped as a user would: what they find is what SQL counts.
local ms = require "moonsift"
local test = require "moonsift.test"

local function run(arguments)
  local status, output, errors = test.command("run " .. arguments)
  test.check(status == 0, arguments .. "\n" .. output .. errors)
  return output
end

-- Imports a data set into a database of its own, once: the database, what the import said, and a function that runs a
-- strategy there.
local made = {}
local function imported(name, data, day)
  if not made[name] then
    local path = test.temporary(name .. ".db")
    local said = run(("scripts/mappings/%s_import.lua %s --db %s"):format(name, data, path))
    made[name] = { path = path, said = said, run = function(script)
      return run(("scripts/%s.lua --db %s --map scripts/mappings/%s.lua --as-of %s"):format(script, path, name, day))
    end }
  end
  return made[name]
end

local function cdnow() return imported("cdnow", test.data "cdnow/CDNOW_master.txt", "1998-07-01") end

local function journey()
  local folder = test.data "completejourney/campaigns.csv":match "^(.*)/"
  return imported("complete_journey", folder, "2018-01-01")
end

-- What stands in the history is what the statement over the imported tables gives: name, customers.
local function holds(shop, strategy, kind, sql)
  local found = ms.sql(shop.path, [[select name, count(*) customers from ms_member
    where strategy = @strategy and kind = @kind and left_on is null group by name order by name]],
    { strategy = strategy, kind = kind })
  local wanted = ms.sql(shop.path, sql)
  test.check(found:nrow() > 1)
  test.equal(found:column "name", wanted:column "name")
  test.equal(found:column "customers", wanted:column "customers")
end

-- The customers, of orders(customer, day, amount) that a data set's with clause defines.
local CUSTOMERS = [[ customers as (select customer, count(*) orders, sum(amount) spent, max(day) last,
  sum(julianday(@as_of) - julianday(day) <= 365) year, julianday(@as_of) - julianday(max(day)) recency
  from orders group by customer) ]]

local RFM = [[, scored as (select customer, ntile(5) over (order by recency desc, customer) r,
  ntile(5) over (order by orders, customer) f from customers)
  select case when r = 5 and f >= 4 then 'champions' when r in (3, 4) and f >= 4 then 'loyal'
    when r >= 4 and f in (2, 3) then 'potential loyalists' when r = 5 then 'new customers' when r = 4 then 'promising'
    when r = 3 and f = 3 then 'need attention' when r = 3 then 'about to sleep' when f in (3, 4) then 'at risk'
    when f = 5 then 'cannot lose them' else 'hibernating' end name, count(*) customers
  from scored group by 1 order by 1]]

local LIFE = [[ select case when recency >= 240 then 'lapsed' when recency >= 120 then 'at risk' when orders = 1 then 'new'
  when year >= 4 then 'loyal' else 'active' end name, count(*) customers from customers group by 1 order by 1]]

local WINBACK = [[ select case when recency >= 180 and spent >= 1000 then 'lapsed, valuable'
  when recency >= 180 then 'lapsed' else 'with us' end name, count(*) customers from customers group by 1 order by 1]]

local CDNOW = "with orders as (select customer_id customer, date day, dollar_value amount from purchases), "
  .. CUSTOMERS:gsub("@as_of", "'1998-07-01'")
local JOURNEY = "with orders as (select household_id customer, date(bought_at) day, amount from baskets), "
  .. CUSTOMERS:gsub("@as_of", "'2018-01-01'")

test("CDNOW: what is published of it is there after the import", function()
  local shop = cdnow()
  test.equal(shop.said, "69659 purchases of 23570 customers\n")
  local total = ms.sql(shop.path, "select sum(number_of_cds) cds, sum(dollar_value) dollars from purchases"):row(1)
  test.equal(total.cds, 167881)
  test.close(total.dollars, 2500315.63)
end)

test("CDNOW: segments, states and win-back are what SQL counts", function()
  local shop = cdnow()
  test.contains(shop.run "segmentation/rfm", "23570 customers")
  holds(shop, "rfm", "segment", CDNOW .. RFM)
  shop.run "lifecycle/customer"
  holds(shop, "life", "state", CDNOW .. LIFE)
  shop.run "lifecycle/winback"
  holds(shop, "winback", "segment", CDNOW .. WINBACK)
  -- The day's budget of 150 is spent: 15 calls for 6 each, and 600 mails for 0.10.
  local spent = ms.sql(shop.path, "select round(sum(cost), 2) cost from ms_action where status = 'planned'")
  test.equal(spent:row(1).cost, 150)
end)

test("The Complete Journey: what is published of it is there after the import", function()
  local shop = journey()
  test.equal(shop.said, "75000 lines in 47243 baskets of 2377 households, 6589 campaigns sent\n")
  test.equal(ms.sql(shop.path, "select count(*) n from products"):row(1).n, 92331)
end)

test("The Complete Journey: segments, states and win-back are what SQL counts", function()
  local shop = journey()
  shop.run "segmentation/rfm"
  holds(shop, "rfm", "segment", JOURNEY .. RFM)
  shop.run "lifecycle/customer"
  holds(shop, "life", "state", JOURNEY .. LIFE)
  shop.run "lifecycle/winback"
  holds(shop, "winback", "segment", JOURNEY .. WINBACK)
end)

test("The Complete Journey: value and engagement are what SQL counts", function()
  local shop = journey()
  shop.run "segmentation/value_engagement"
  holds(shop, "value_engagement", "segment", JOURNEY .. [[, near as (select customer, count(*) visits from orders
      where julianday('2018-01-01') - julianday(day) <= 180 group by customer),
    seen as (select coalesce(visits, 0) visits, percent_rank() over (order by round(spent, 6) desc) < 0.2 valuable
      from customers left join near using (customer))
    select case when valuable and visits >= 6 then 'keep close' when valuable then 'win back'
      when visits >= 6 then 'grow' else 'leave alone' end name, count(*) customers from seen group by 1 order by 1]])
end)

test("The Complete Journey: active households redeem, those asleep do not, and frequencies follow", function()
  local shop = journey()
  shop.run "campaign/frequency"
  local found = ms.sql(shop.path, [[select class, max(measured) measured, max(rate) rate, max(frequency) frequency
    from frequency_customers group by class order by class]])
  test.equal(found:column "class", { "active", "asleep", "quiet" })
  test.equal(found:column "frequency", { 3, 0, 1 })
  local db = ms.open(shop.path, { write = true })
  db:execute "create index baskets_of on baskets (household_id, bought_at)"
  db:close()
  local wanted = ms.sql(shop.path, [[with last as (select s.*, (select julianday(start_date) - max(julianday(date(bought_at)))
      from baskets b where b.household_id = s.household_id and bought_at < start_date) days from sent s
      where start_date < '2018-01-01')
    select case when days <= 60 then 'active' when days <= 180 then 'quiet' else 'asleep' end class,
      count(*) measured, avg(redemptions > 0) rate from last where days is not null group by 1 order by 1]])
  test.equal(found:column "measured", wanted:column "measured")
  test.close(found:column "rate", wanted:column "rate")
end)

-- The script as an analyst of this shop would have it: with his own offers.
local OFFERS = [[local OFFERS = {
  { "PRODUCE", 0.3, 0.1 }, { "MEAT", 0.2, 0.1 }, { "MEAT-PCKGD", 0.2, 0.1 }, { "DELI", 0.3, 0.1 },
  { "PASTRY", 0.3, 0.1 }, { "NUTRITION", 0.3, 0.1 }, { "SEAFOOD-PCKGD", 0.2, 0.1 }, { "SALAD BAR", 0.3, 0.1 },
}
]]

test("The Complete Journey: what is offered is bought more than twice as often as the rest, and as foretold", function()
  local shop = journey()
  local file = assert(io.open "scripts/campaign/next_best_offer.lua")
  local text, changed = file:read "*a":gsub("local OFFERS = .-\n}\n", OFFERS)
  file:close()
  test.equal(changed, 1)
  local copy = test.temporary "offers.lua"
  file = assert(io.open(copy, "w"))
  file:write(text)
  file:close()
  local day, db = ms.date "2017-10-01", ms.open(shop.path)
  local offered = ms.strategy.load(copy):customers {
    db = db, as_of = day, mapping = dofile "scripts/mappings/complete_journey.lua",
  }:filter "offer is not null"
  local lines = db:table "lines":collect()
    :join(db:table "products":select("product_id", "department"):collect(), { on = "product_id" })
    :select("customer = household_id", "department", "bought_at")
  local had = lines:filter("bought_at < @day", { day = day }):unique("customer", "department")
  local taken = lines:filter("bought_at >= @day and bought_at < @day + 90", { day = day })
    :unique("customer", "department"):select("customer", "department", "took = true")
  test.equal(offered:join(had, { on = { "customer", "offer == department" }, how = "semi" }):nrow(), 0)
  local share = offered:join(offered:unique "offer":select "department = offer", { how = "cross" })
    :join(had, { on = { "customer", "department" }, how = "anti" })
    :join(taken, { on = { "customer", "department" }, how = "left" })
    :group_by("chosen = offer == department"):agg "share = count(took) / count()":sort "chosen":column "share"
  test.check(share[2] > 2 * share[1], ("%g of the offered, %g of the others"):format(share[2], share[1]))
  local foretold = offered:group_by():agg "chance = mean(chance)":row(1).chance
  test.check(math.abs(foretold - share[2]) < 0.03, ("%g foretold, %g came"):format(foretold, share[2]))
end)

test("a mapping may name what a strategy does not use, and a slip of the pen is still found", function()
  local orders = ms.frame {
    { "cust", { 1 } }, { "ordered_at", { ms.date "2024-01-01" } }, { "amount", { 1 } }, { "status", { "paid" } },
  }
  local path = test.temporary "shop.db"
  local db = ms.open(path, { write = true, create = true })
  db:write("orders", orders)
  local rfm = ms.strategy.load "scripts/segmentation/rfm.lua"
  local function mapped(mapping) return rfm:customers { db = db, as_of = "2024-02-01", mapping = mapping } end
  local columns = { customer_id = "cust", channel = "'app'" }
  test.equal(mapped { visits = { table = "web" }, orders = { columns = columns } }:nrow(), 1)
  test.raises(function() mapped { ordres = { columns = { customer_id = "cust" } } } end, "did you mean 'orders'?")
  test.raises(function() mapped { orders = { columns = { custmer_id = "cust" } } } end, "did you mean 'customer_id'?")
end)
