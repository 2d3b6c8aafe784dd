-- A run sees one state of the customer database, though others write while it reads.
local ms = require "moonsift"
local test = require "moonsift.test"

local ROWS = 300000 -- enough to be read in ranges, by several connections

-- A program of its own, as another user's would be.
local function write(path, statement)
  local status, _, problem = test.command(("sqlite3 '%s' \"%s\""):format(path, statement), { shell = true })
  test.equal({ status, problem }, { 0, "" })
end

local function shop()
  local path = test.temporary "shop.db"
  local db = ms.open(path, { write = true, create = true })
  local orders = ms.frame { { "zero", { 0 } } }
  for _ = 1, 19 do orders = orders:concat(orders) end
  orders = orders:head(ROWS):row_index "id":select("id", "customer = id % 1000", "amount = 1")
  db:write("orders", orders, { mode = "replace" })
  db:write("payments", orders, { mode = "replace" })
  return db, path
end

local function strategy(between)
  local columns = { columns = { "customer", "amount" } }
  return ms.strategy {
    name = "both", inputs = { orders = columns, payments = columns },
    customers = function(s)
      local ordered = s.orders:collect():group_by "customer":agg "ordered = sum(amount)"
      between()
      local paid = s.payments:collect():group_by "customer":agg "paid = sum(amount)"
      local again = s.orders:collect():group_by "customer":agg "again = sum(amount)"
      return ordered:join(paid, { on = "customer", how = "full" }):join(again, { on = "customer", how = "full" })
    end,
    segments = { { "even", "ordered == paid and ordered == again" }, { "odd" } },
  }
end

local sale = "begin; insert into orders select id + 300000, customer, amount from orders where customer < 10;"
  .. " insert into payments select id + 300000, customer, amount from payments where customer < 10; commit"

test("who writes between two reads of a run changes nothing in it, and the next run sees it", function()
  local db, path = shop()
  local held = strategy(function() write(path, sale) end)
  local outcome = held:run { db = db, as_of = "2025-01-01" }
  test.equal(outcome.customers:filter "ordered == 300 and paid == 300 and again == 300":nrow(), 1000)
  outcome = strategy(function() end):run { db = db, as_of = "2025-01-02" }
  test.equal(outcome.customers:filter "ordered == 600 and paid == 600":nrow(), 10)
  test.equal(outcome.segments:column "segment", { "even" })
  -- Without holding, a script's own reads see what was committed in between.
  local first = db:table("orders"):collect():nrow()
  write(path, sale:gsub("300000", "600000"))
  test.check(db:table("orders"):collect():nrow() > first)
end)

test("what goes wrong while a run reads lets go of the database", function()
  local db, path = shop()
  test.raises(function()
    strategy(function() error("the shop burns", 0) end):run { db = db, as_of = "2025-01-01" }
  end, "the shop burns")
  db:execute "delete from payments where customer = 3" -- this connection may write again, and others too
  write(path, "delete from orders where customer = 3")
  local outcome = strategy(function() end):run { db = db, as_of = "2025-01-01" }
  test.equal(outcome.customers:nrow(), 999)
end)

test("diff and check see one state too", function()
  local db, path = shop()
  local held = strategy(function() write(path, "update payments set amount = amount + 1 where customer = 7") end)
  local found = held:diff(strategy(function() end), { db = db, as_of = "2025-01-01" })
  test.equal(found.moves:nrow(), 0)
end)
