-- The strategies that ship: their own tests, their size, and a run each over a synthetic shop.
local ms = require "moonsift"
local test = require "moonsift.test"

local function list(command)
  local pipe, found = assert(io.popen(command)), {}
  for line in pipe:lines() do found[#found + 1] = line end
  pipe:close()
  return found
end

local path = test.temporary "shop.db"
do
  local shop = ms.open(path, { write = true, create = true })
  ms.sim.save(ms.sim.shop { customers = 2000, seed = 1 }, shop)
  -- Sellers, for pool/recycle: who has whom since when, whom they have spoken with, for whom they ask.
  for _, statement in ipairs {
    "create table owners (customer_id integer, owner text, since date)",
    [[insert into owners select customer_id, case when customer_id % 7 > 0 then 'seller ' || (customer_id % 8 + 1) end,
      date('2024-07-01', (customer_id * 37 % 180) || ' days') from customers]],
    "create table claims (customer integer, owner text, claimed_at datetime)",
    [[insert into claims select customer_id, 'seller ' || (visit_id % 8 + 1), visited_at from visits
      where visit_id % 50 = 0]],
    "create table calls (customer integer, called_at datetime)",
    "insert into calls select customer_id, visited_at from visits",
  } do shop:execute(statement) end
  shop:close()
end

local scripts = list "grep -l 'ms.strategy {' scripts/*/*.lua | LC_ALL=C sort"

for _, script in ipairs(scripts) do
  test(script .. " is below a hundred lines, passes its own tests, and finds nothing wrong with its rules", function()
    test.check(tonumber(list("wc -l <" .. script)[1]) < 100)
    local status, output, errors = test.command("test " .. script)
    test.check(status == 0, output .. errors)
    test.contains(output, " passed, 0 failed")
    status, output, errors = test.command(("check %s --db %s --as-of 2025-01-01"):format(script, path))
    test.check(status == 0, output .. errors)
  end)
  test(script .. " runs on the synthetic shop, and running it again for the day changes nothing", function()
    local copy = test.temporary "shop.db"
    os.execute(("cp '%s' '%s'"):format(path, copy))
    local function all(name)
      return ms.sql(copy, "select group_concat(quote(strategy) || customer || " .. (name == "ms_member"
        and "kind || name || entered || quote(left_on)" or "action || due || value || status") .. ") all_of_it from "
        .. name):row(1).all_of_it
    end
    local run = ("run %s --db %s --as-of 2025-01-01"):format(script, copy)
    local status, output, errors = test.command(run)
    test.check(status == 0, output .. errors)
    test.golden("scripts/" .. script:match "/([^/]+)%.lua$", (output:gsub("\nrun .*", "\n")))
    local members, ledger = all "ms_member", all "ms_action"
    test.equal((test.command(run)), 0)
    test.equal({ all "ms_member", all "ms_action" }, { members, ledger })
  end)
end

local function customers(script, as_of, set)
  return ms.strategy.load("scripts/" .. script):customers { db = ms.open(path), as_of = as_of, set = set }
end

test("leads of grade D buy less than half as often in the next sixty days as the others", function()
  local day = ms.date "2024-10-01"
  local bought = ms.open(path):table "orders"
    :filter("ordered_at >= @day and ordered_at < @day + 60", { day = day })
    :group_by "customer = customer_id":agg "orders = count()":select("customer", "bought = true"):collect()
  local leads = customers("scoring/lead.lua", day):join(bought, { on = "customer", how = "left" })
  local share = leads:group_by("d = segment == 'D'"):agg "share = count(bought) / count()":sort "d":column "share"
  test.check(share[2] < share[1] / 2, ("%g, %g"):format(share[1], share[2]))
end)

test("birthdays within a week are those that the calendar shows", function()
  local found = customers("campaign/birthday.lua", "2025-01-01"):filter "segment in ('today', 'within days')"
  local wanted = ms.sql(path, [[select count(*) n from customers
    where joined_at < '2025-01-01' and strftime('%m-%d', birthday) between '01-01' and '01-08']])
  test.equal(found:nrow(), wanted:row(1).n)
  local lunar = customers("campaign/birthday.lua", "2025-01-01", { lunar = "true" }):filter "birthday is not null"
  local born = lunar:row(1)
  local there, then_ = ms.calendar.lunar(born.birthday), ms.calendar.lunar(born.next_birthday)
  test.equal({ then_.month, then_.day }, { there.month, there.day })
end)

test("the frequency's rates are those of the contacts, counted in SQL", function()
  local found = customers("campaign/frequency.lua", "2025-01-01", { days = 365 })
    :group_by "class":agg("measured = max(measured)", "rate = max(rate)", "frequency = max(frequency)"):sort "class"
  local wanted = ms.sql(path, [[
    with sent as (select customer_id, date(sent_at) at, converted from contacts where arm = 'treated'),
    since as (select s.*, julianday(at) - (select julianday(max(date(ordered_at))) from orders o
      where o.customer_id = s.customer_id and status = 'paid' and date(ordered_at) < at) days from sent s)
    select case when days <= 60 then 'active' when days <= 180 then 'quiet' when days is not null then 'asleep'
      else 'never bought' end class, count(*) measured, avg(converted) rate from since group by 1 order by 1]])
  for _, column in ipairs { "class", "measured" } do test.equal(found:column(column), wanted:column(column)) end
  test.close(found:column "rate", wanted:column "rate")
  for _, n in ipairs(found:column "frequency") do test.check(n >= 0 and n <= 4) end
end)

test("who is made an offer takes up that category more often than another that he has not", function()
  local day = ms.date "2024-10-01"
  local shop = ms.open(path)
  local offered = customers("campaign/next_best_offer.lua", day):filter "offer is not null"
  local lines = shop:table("order_lines"):collect()
    :join(shop:table("orders"):filter "status == 'paid'":collect(), { on = "order_id" })
    :join(shop:table("products"):collect(), { on = "product_id" })
  local before = lines:filter("ordered_at < @day", { day = day }):unique("customer_id", "category")
    :select("customer = customer_id", "category")
  local after = lines:filter("ordered_at >= @day", { day = day }):unique("customer_id", "category")
    :select("customer = customer_id", "category", "took = true")
  test.equal(offered:join(before, { on = { "customer", "offer == category" }, how = "semi" }):nrow(), 0)
  local share = offered:select("customer", "offer", "chance", "worth")
    :join(lines:unique("category"):select "category", { how = "cross" })
    :join(before, { on = { "customer", "category" }, how = "anti" })
    :join(after, { on = { "customer", "category" }, how = "left" })
    :group_by("chosen = offer == category"):agg "share = count(took) / count()":sort "chosen":column "share"
  test.check(share[2] > share[1], ("%g of the offered, %g of the others"):format(share[2], share[1]))
end)

test("run every day, the recycling script gives sellers customers and takes them, and counts nobody twice", function()
  local copy = test.temporary "shop.db"
  os.execute(("cp '%s' '%s'"):format(path, copy))
  local db, s = ms.open(copy, { write = true }), ms.strategy.load "scripts/pool/recycle.lua"
  local kinds, last = {}, nil
  for n = 0, 9 do
    last = s:run { db = db, as_of = ms.date "2024-12-01" + ms.duration(3 * n .. "d") }
    for m in last.pool_moves:rows() do kinds[m.kind] = (kinds[m.kind] or 0) + 1 end
  end
  for _, kind in ipairs { "claimed", "refused", "recycled", "warned", "escalated" } do
    test.check((kinds[kind] or 0) > 0, kind)
  end
  test.golden("scripts/recycle-month", tostring(last.pools) .. "\n")
  local held = 0
  for _, count in ipairs(last.pools:column "held") do held = held + count end
  test.equal(held, db:query "select count(*) n from owners":row(1).n)
  test.equal(db:query "select count(*) n from ms_pool where left_on is null":row(1).n, held)
end)
