-- Lazy frames: what is checked when, what is pushed, and what is said about it.
local ms = require "moonsift"
local test = require "moonsift.test"

local function shop(name, rows)
  local db = ms.open(test.temporary(name), { write = true, create = true })
  db:execute [[create table orders (id integer primary key, customer text, amount real, paid boolean,
    day date, at datetime, note)]]
  db:execute [[insert into orders values
    (1, 'Ana', 120.5, 1, '2024-11-02', '2024-11-02 10:00:00', 'x'),
    (2, 'Bo', 80, 0, '2024-11-30', '2024-11-30 23:59:59', null),
    (3, 'Ana', 42.25, 1, '2024-12-24', '2024-12-24', 7),
    (4, '城', 310, 1, '2024-12-31', '2024-12-31 00:00:00', 'y'),
    (5, null, null, null, null, null, null)]]
  if rows then db:execute(rows) end
  return db
end

-- Joins come from another part of the core.
local function need_join()
  local one = ms.frame { { "a", { 1 } } }
  if not pcall(function() return one:join(one, { on = "a" }) end) then test.skip "there is no verb join yet" end
end

local function sql_of(lazy, given)
  return lazy:explain(given):match "in the database:\n  (.-)\n"
end

test("a verb is checked on the line where it is called, before anything is read", function()
  local orders = shop("checked.db"):table "orders"
  local problem = test.raises(function() orders:filter "amont > 100" end, "unknown column 'amont'")
  test.equal(problem.code, "E-COL-UNKNOWN")
  test.contains(tostring(problem), "did you mean 'amount'?")
  test.raises(function() orders:filter "customer > 100" end, "cannot compare customer (text)")
  test.raises(function() orders:group_by("customer"):agg "s = sum(customer)" end, "sum")
  test.raises(function() orders:select("id"):filter "amount > 1" end, "unknown column 'amount'")
  test.raises(function() orders:filter(true) end, "got a boolean")
  test.raises(function() return orders.amont end, "did you mean 'amount'?")
  test.raises(function() return orders + 1 end, "cannot be computed with")
  test.raises(function() orders.x = 1 end, "a frame cannot be changed")
  test.raises(function() orders.filter("id > 1") end, "with a colon")
end)

test("the schema is known without the rows, also of columns without a declared type", function()
  local types = {}
  for _, column in ipairs(shop("schema.db"):table("orders"):schema()) do types[#types + 1] = column.type end
  test.equal(types, { "integer", "text", "real", "boolean", "date", "time", "text" })
end)

test("filters go to the database as a sieve, constants beside the SQL, and only needed columns are read", function()
  local lazy = shop("pushed.db"):table("orders")
    :filter("paid and customer == @who and customer like '%n%'", { who = "Ana" }):select("id", "amount")
  test.equal(lazy:collect():column "id", { 1, 3 })
  test.equal(sql_of(lazy), [[select "id", "customer", "amount", "paid" from main."orders" ]] ..
    [[where (("paid" and ("customer" collate binary = 'Ana'))) or ]] ..
    [[(typeof("customer") not in ('text', 'null') or ]] ..
    [[("paid" is not null and (typeof("paid") <> 'integer' or "paid" not in (0, 1))))]])
  test.contains(lazy:explain(), "on frames:\n  filter(")
  test.equal(sql_of(lazy, { push = "none" }), [[select "id", "customer", "amount", "paid" from main."orders"]])
end)

test("dates and times are compared as what they are, in whatever form they are stored", function()
  local orders = shop("moments.db"):table "orders"
  local function ids(condition, given) return orders:filter(condition, given):collect():column "id" end
  test.equal(ids("at < @t", { t = ms.time "2024-12-24T00:00:00Z" }), { 1, 2 })
  test.equal(ids("at <= @t", { t = ms.time "2024-12-24T00:00:00Z" }), { 1, 2, 3 })
  test.equal(ids("at >= @d", { d = ms.date "2024-12-31" }), { 4 })
  test.equal(ids("day between date'2024-11-30' and date'2024-12-24'"), { 2, 3 })
  test.equal(ids("day in (date'2024-11-30', date'2024-12-31')"), { 2, 4 })
  test.equal(ids("at is null"), { 5 })
end)

test("a limit goes to the database with its order, groups where an index serves them", function()
  local db = shop("limits.db")
  local top = db:table("orders"):filter("id > 1"):top(2, "-amount")
  test.equal(top:collect():column "id", { 4, 2 })
  test.contains(sql_of(top), [[ order by "#bad" desc, "amount" desc nulls last, rowid limit 2]])
  local groups = db:table("orders"):group_by("customer"):agg("n = count()", "last = max(day)")
  test.check(not sql_of(groups):find("group by", 1, true), "no index: frames group faster")
  db:execute "create index by_customer on orders (customer)"
  test.contains(sql_of(groups), [[group by "customer" collate binary order by min(rowid)]])
  test.contains(groups:explain(), "nothing is left to do on frames")
  test.equal(groups:collect():column("customer", "∅"), { "Ana", "Bo", "城", "∅" })
  test.equal(groups:collect():column "n", { 2, 1, 1, 1 })
  test.equal(tostring(groups:collect():row(1).last), "2024-12-24")
  test.equal(db:table("orders"):group_by():agg("n = count()", "m = max(id)"):collect():row(1).m, 5)
end)

test("a sum of integers that does not fit says so, pushed or not", function()
  local db = shop("overflow.db", "insert into orders (id) values (9223372036854775800), (9223372036854775801)")
  local lazy = db:table("orders"):group_by():agg "s = sum(id)"
  for _, push in ipairs { "all", "none" } do
    test.equal(test.raises(function() lazy:collect { push = push } end, "").code, "E-OVERFLOW")
  end
end)

test("a contradiction in a column that matters is found wherever its row would be", function()
  local db = shop("found.db", "insert into orders (id, amount, day) values (9, 'n/a', '1.2.2024')")
  local orders = db:table "orders"
  for _, lazy in ipairs {
    orders:filter "amount > 1000", orders:top(1, "amount"), orders:filter("amount < 0"):head(1),
    orders:group_by():agg "m = max(amount)",
  } do
    test.raises(function() lazy:collect() end, "table: orders.amount, rowid 9: a text where REAL is declared")
  end
  test.equal(orders:filter("id < 9"):group_by():agg("m = max(amount)"):collect():row(1).m, 310)
  local loose = db:table("orders", { on_mismatch = "null" })
  test.equal(loose:filter("amount is null"):collect():column "id", { 5, 9 })
  test.equal(loose:group_by():agg("m = max(amount)"):collect():row(1).m, 310)
end)

test("a strict table and a rowid need no check", function()
  local db = ms.open(test.temporary "strict.db", { write = true, create = true })
  db:execute "create table s (id integer primary key, n int, t text) strict"
  db:execute "insert into s values (1, 5, 'a'), (2, 6, 'b')"
  local lazy = db:table("s"):filter "n > 5 and t == 'b' and id < 3"
  test.check(not sql_of(lazy):find("typeof", 1, true), sql_of(lazy))
  test.equal(lazy:collect():column "id", { 2 })
end)

test("verbs that need the rows collect them", function()
  local orders = shop("collected.db"):table "orders"
  test.equal(orders:filter(function(r) return r.amount and r.amount > 100 end):column "id", { 1, 4 })
  test.equal(orders:nrow(), 5)
  test.equal(orders:column "customer", { "Ana", "Bo", "Ana", "城" })
  test.equal(orders:row(2).amount, 80)
end)

test("a kernel takes a lazy frame where it wants a frame", function()
  local orders = shop("kernels.db"):table "orders"
  test.equal(ms.unique(orders, { by = { "customer" } }):nrow(), 4)
end)

test("lazy frames join lazy frames and frames", function()
  need_join()
  local orders = shop("joined.db"):table "orders"
  local other = orders:collect()
  test.equal(orders:filter("id > 2"):join(orders:select("id", "note"), { on = "id" }):collect():nrow(), 3)
  test.equal(other:join(orders, { on = "id" }):nrow(), 5)
end)

test("printing shows the first rows", function()
  local text = tostring(shop("printed.db"):table("orders"):select("id", "customer"):filter "id < 3")
  test.contains(text, "│       1 │ Ana      │")
  test.contains(text, "columns\n the first rows of a lazy frame (orders, 2 verbs); :collect() gives them all")
end)

test("a large table is sieved in the database only where few rows remain", function()
  local db = ms.open(test.temporary "large.db", { write = true, create = true })
  db:execute "create table big (id integer primary key, n integer, t text)"
  db:execute [[with recursive i(x) as (select 1 union all select x + 1 from i where x < 200000)
    insert into big select x, x % 100, 'text ' || x % 7 from i]]
  local few, most = db:table("big"):filter "n == 3", db:table("big"):filter "n > 3"
  test.contains(sql_of(few), " where ")
  test.check(not sql_of(most):find(" where ", 1, true), "a coarse sieve is not worth it")
  test.equal(few:collect():nrow(), 2000)
  test.equal(most:collect():nrow(), 192000)
  test.equal(few:collect():column("id")[2000], 199903)
end)

test("real databases: net sales of Northwind and invoices of Chinook through lazy pipelines", function()
  local northwind = ms.open(test.data "northwind/northwind.db")
  local sales = northwind:table("Order Details"):group_by()
    :agg("net = sum(UnitPrice * Quantity * (1 - Discount))"):collect():row(1).net
  test.equal(("%.2f"):format(sales), "1265793.04") -- the README of the shared data sets
  local chinook = ms.open(test.data "chinook/Chinook_Sqlite.sqlite")
  test.equal(("%.2f"):format(chinook:table("Invoice"):group_by():agg("s = sum(Total)"):collect():row(1).s), "2328.60")
  local countries = chinook:table("Invoice"):group_by("BillingCountry"):agg("s = sum(Total)"):top(3, "-s"):collect()
  test.equal(countries:column "BillingCountry", { "USA", "Canada", "France" })
end)

test("a join of two lazy tables", function()
  need_join()
  local northwind = ms.open(test.data "northwind/northwind.db")
  local quick = northwind:table("Orders"):filter("CustomerID == 'QUICK'")
    :join(northwind:table("Order Details"), { on = "OrderID" })
    :group_by():agg("net = sum(UnitPrice * Quantity * (1 - Discount))"):collect():row(1).net
  test.close(quick, 110277.305)
end)
