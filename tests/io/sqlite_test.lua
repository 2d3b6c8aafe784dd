-- Databases from Lua: opening, reading, querying, writing, transactions.
local ms = require "moonsift"
local test = require "moonsift.test"

-- The sqlite3 shell as an oracle and as another program.
local function shell(path, sql)
  local pipe = assert(io.popen(("sqlite3 '%s' \"%s\" 2>&1"):format(path, sql:gsub("[\"\\$`]", "\\%0"))))
  local text = pipe:read "*a"
  pipe:close()
  return (text:gsub("\n$", ""))
end

local function new(name, sql)
  local path = test.temporary(name)
  if sql then shell(path, sql) end
  return path, ms.open(path, { write = true, create = true })
end

local function offers()
  return ms.frame {
    { "customer_id", { 1, 2, 3 } },
    { "offer", { "vip preview", ms.null, "win back" } },
    { "value", { 10.5, ms.null, 0.1 } },
    { "sent", { true, false, ms.null } },
    { "day", { ms.date "2024-02-29", ms.null, ms.date "0001-01-01" } },
    { "at", { ms.time "2024-02-29T08:30:15.25Z", ms.null, ms.time "1969-12-31T23:59:59Z" } },
  }
end

test("what cannot be opened says why", function()
  test.raises(function() ms.open "no/such/file.db" end, "open: 'no/such/file.db': No such file or directory")
  test.raises(function() ms.open "tests" end, "is a folder; a database file wanted")
  local path = test.temporary "notes.txt"
  local file = io.open(path, "w")
  file:write(("this is no database\n"):rep(100))
  file:close()
  test.raises(function() ms.open(path) end, "is not an SQLite database")
  test.raises(function() ms.open(path, { wirte = true }) end, "did you mean 'write'?")
  test.raises(function() ms.open(path, { create = true }) end, "create = true needs write = true")
  test.raises(function() ms.open() end, "open: got nil; wanted the path of a database")
end)

test("a frame comes back as it was written, and lies in the file as SQLite's own functions read it", function()
  local path, db = new "written.db"
  db:write("offers", offers())
  local back = db:table("offers"):collect()
  test.equal(back:schema(), offers():schema())
  for _, column in ipairs(offers():names()) do
    test.equal(back:column(column, "null"), offers():column(column, "null"))
  end
  test.equal(shell(path, "select sql from sqlite_schema"),
    'CREATE TABLE "offers" ("customer_id" INTEGER, "offer" TEXT, "value" REAL, "sent" BOOLEAN, "day" DATE, ' ..
    '"at" DATETIME)')
  test.equal(shell(path, "select day, at, strftime('%s', at) from offers where customer_id = 1"),
    "2024-02-29|2024-02-29 08:30:15.25|1709195415")
end)

test("the modes of writing do what they say, and twice is once", function()
  local path, db = new "modes.db"
  local first = ms.frame { { "id", { 1, 2 } }, { "name", { "a", "b" } } }
  local second = ms.frame { { "id", { 2, 3 } }, { "name", { "B", "c" } } }
  test.raises(function() db:write("t", first, { mode = "upsert" }) end, "mode 'upsert' needs the option 'key'")
  for _ = 1, 2 do
    db:write("t", first, { mode = "replace", key = { "id" } })
    db:write("t", second, { mode = "upsert", key = { "id" } })
  end
  test.equal(shell(path, "select group_concat(id || name, ' ') from t"), "1a 2B 3c")
  local problem = test.raises(function() db:write("t", first) end, "write: table 't' exists already")
  test.equal(problem.code, "E-DATABASE")
  test.raises(function() db:write("t", first, { mode = "append" }) end, "write: row 1: UNIQUE constraint failed: t.id")
  test.raises(function() db:write("t", first, { mode = "apend" }) end, "did you mean 'append'?")
  db:write("t", ms.frame { { "id", { 9 } } }, { mode = "append" })
  test.equal(shell(path, "select count(*), sum(id) from t"), "4|15")
end)

test("a replaced table keeps its indexes where its columns are the same, and warns where they go", function()
  local path, db = new("replaced.db", "create table t (id integer, name text);" ..
    "create index by_name on t (name); insert into t values (7, 'x')")
  db:write("t", ms.frame { { "id", { 1 } }, { "name", { "a" } } }, { mode = "replace" })
  test.equal(shell(path, "select id, name, (select count(*) from sqlite_schema where type = 'index') from t"), "1|a|1")
  db:write("t", ms.frame { { "id", { 1 } }, { "city", { "a" } } }, { mode = "replace" })
  test.equal(shell(path, "select id, city, (select count(*) from sqlite_schema where type = 'index') from t"), "1|a|0")
end)

test("a frame that does not fit the table is refused before anything is written", function()
  local _, db = new("fits.db", "create table t (id integer, city text not null, price real)")
  test.raises(function() db:write("t", ms.frame { { "id", { 1 } }, { "ctiy", { "a" } } }, { mode = "append" }) end,
    "did you mean 'city'?")
  test.raises(function() db:write("t", ms.frame { { "id", { 1 } } }, { mode = "append" }) end,
    "write: the frame has no column 'city', which t requires")
  test.raises(function() db:write("t", ms.frame { { "id", { "x" } }, { "city", { "a" } } }, { mode = "append" }) end,
    "write: column 'id' is text in the frame, and t.id is declared INTEGER")
  test.raises(function() db:write("t", ms.frame { { "a", { 1 } }, { "A", { 1 } } }, { mode = "replace" }) end,
    "differ only in case")
  test.raises(function()
    db:write("t", ms.frame { { "id", { 1, ms.null } }, { "city", { "a", "b" } } }, { mode = "upsert", key = { "id" } })
  end, "write: key column 'id' is null in row 2")
  test.raises(function()
    db:write("t", ms.frame { { "id", { 1 } }, { "city", { "a" } } }, { mode = "upsert", key = { "id" } })
  end, "no primary key or unique index on id")
  test.raises(function()
    db:write("u", ms.frame { { "id", { 1, 2, 1 } } }, { mode = "upsert", key = { "id" } })
  end, "write: rows 1 and 3 have the same key")
  test.equal(#db:table("t"):collect(), 0)
end)

test("a read-only database is not written", function()
  local path = new("readonly.db", "create table t (id integer)")
  local db = ms.open(path)
  local problem = test.raises(function() db:write("t", offers(), { mode = "replace" }) end, "is open for reading only")
  test.contains(tostring(problem), "write = true")
  test.raises(function() db:execute "delete from t" end, "is open for reading only")
  test.raises(function() db:query "delete from t" end, "the statement changes the database; a SELECT wanted")
end)

test("several writes are one: all of them, or none", function()
  local path, db = new "several.db"
  db:write("log", ms.frame { { "n", { 1 } } })
  test.raises(function()
    db:transaction(function()
      db:write("log", ms.frame { { "n", { 2 } } }, { mode = "append" })
      db:write("offers", offers())
      error("something else went wrong", 0)
    end)
  end, "something else went wrong")
  test.equal(shell(path, "select count(*), (select count(*) from sqlite_schema) from log"), "1|1")
  -- A write that fails and is caught leaves the others of the transaction alone.
  local result = db:transaction(function()
    db:write("log", ms.frame { { "n", { 3 } } }, { mode = "append" })
    test.equal(pcall(db.write, db, "log", ms.frame { { "m", { 3 } } }, { mode = "append" }), false)
    test.equal(#db:table("log"):collect(), 2)
    return "done"
  end)
  test.equal(result, "done")
  test.equal(shell(path, "select group_concat(n) from log"), "1,3")
end)

test("queries take parameters by name and by place, and nothing else", function()
  local _, db = new("queries.db", "create table t (id integer, city text, at datetime);" ..
    "insert into t values (1, '上海', '2024-01-31 10:00:00'), (2, 'O''Hara', '2024-02-01 00:00:00')")
  test.equal(db:query("select id from t where city = @city", { city = "O'Hara" }):column "id", { 2 })
  test.equal(db:query("select id from t where city = ? and id < ?", { "上海", 9 }):column "id", { 1 })
  test.equal(db:query("select id from t where at < :day", { day = ms.date "2024-02-01" }):column "id", { 1 })
  test.equal(ms.sql(db:path(), "select count(*) n from t"):row(1).n, 2)
  test.raises(function() db:query("select id from t where city = @city", { ctiy = "a" }) end,
    "query: parameter '@city' has no value")
  local problem = test.raises(function() db:query "select idd from t" end, "no such column: idd")
  test.contains(tostring(problem), "select idd from t\n          ^^^")
  test.raises(function() db:query "select \"city_that_is_no_column\" from t" end, "no such column")
  test.raises(function() db:query "select 1; select 2" end, "one statement wanted")
  test.raises(function() db:query "attach 'x.db' as x" end, "scripts may not do this")
  test.equal(db:execute("update t set city = @to where id = 1", { to = "北京" }), 1)
end)

test("columns of a query have the declared type, or that of their values", function()
  local _, db = new("inferred.db", "create table t (day date, flag boolean, price decimal(10, 2), any_old);" ..
    "insert into t values ('2024-01-31', 1, 3, 7), (null, 0, 2.5, 'x')")
  local frame = db:query "select day, flag, price, price * 2 twice, id, any_old from (select rowid id, * from t)"
  local types = {}
  for _, column in ipairs(frame:schema()) do types[#types + 1] = column.type end
  test.equal(types, { "date", "boolean", "real", "real", "integer", "text" })
  test.equal(frame:column "any_old", { "7", "x" })
end)

test("dates are ISO texts, unix seconds or julian days, and nothing that only looks so", function()
  local _, db = new("dates.db", "create table t (id integer primary key, day date, at datetime);" ..
    "insert into t values (1, '2024-01-31', '2024-01-31T10:00:00+08:00'), (2, 1706659200, 1706695200)," ..
    "(3, julianday('2024-01-31'), julianday('2024-01-31 10:00:00')), (4, null, '2024-01-31 10:00')")
  local frame = db:table("t"):collect()
  local days, times = {}, {}
  for i = 1, 4 do
    days[i], times[i] = tostring(frame:row(i).day), tostring(frame:row(i).at)
  end
  test.equal(days, { "2024-01-31", "2024-01-31", "2024-01-31", "nil" })
  test.equal(times, { "2024-01-31 02:00:00", "2024-01-31 10:00:00", "2024-01-31 10:00:00", "2024-01-31 10:00:00" })
  db:execute "insert into t values (5, '20240131', null)"
  local problem = test.raises(function() db:table("t"):collect() end,
    "table: t.day, rowid 5: an integer where date is declared")
  test.contains(tostring(problem), "yyyymmdd")
  test.equal(problem.code, "E-MISMATCH")
  db:execute "delete from t where id < 5"
  test.equal(tostring(db:table("t", { types = { day = "yyyymmdd" } }):collect():row(1).day), "2024-01-31")
  test.raises(function() db:table("t", { types = { dya = "date" } }) end, "did you mean 'day'?")
  test.raises(function() db:table("t", { types = { day = "dates" } }) end, "did you mean 'date'?")
end)

test("what stands against its declaration obeys on_mismatch", function()
  local _, db = new("mismatch.db", "create table orders (id integer primary key, amount real);" ..
    "insert into orders values (1, 2.5), (17, 'n/a'), (18, 3)")
  local problem = test.raises(function() db:table("orders"):collect() end,
    "table: orders.amount, rowid 17: a text where REAL is declared")
  test.contains(tostring(problem), "on_mismatch = 'null'")
  test.equal(db:table("orders", { on_mismatch = "null" }):collect():column "amount", { 2.5, nil, 3 })
  test.equal(db:table("orders", { on_mismatch = "text" }):collect():column "amount", { "2.5", "n/a", "3.0" })
  test.equal(db:table("orders", { types = { amount = "text" } }):collect():column "amount", { "2.5", "n/a", "3.0" })
end)

test("a name close to a table's is suggested", function()
  local _, db = new("names.db", "create table orders (id integer)")
  test.contains(tostring(test.raises(function() db:table "order" end, "no table 'order'")), "did you mean 'orders'?")
  test.raises(function() db:table() end, "table: got nil; wanted the name of a table")
  test.raises(function() return db.tabel end, "there is no 'tabel'")
end)

test("a closed database says so, and closing twice is fine", function()
  local _, db = new("closed.db", "create table t (id integer)")
  local lazy = db:table "t"
  db:close()
  db:close()
  test.raises(function() db:tables() end, "tables: the database is closed")
  test.raises(function() lazy:collect() end, "collect: the database is closed")
  test.equal(tostring(db), "a closed database")
end)

test("odd names of tables and columns are only names", function()
  local _, db = new "odd.db"
  local frame = ms.frame { { 'a "b" c', { 1 } }, { "select", { 2 } }, { "城市", { "上海" } }, { "rowid", { 9 } } }
  db:write('x"; drop table y; --', frame)
  test.equal(db:table('x"; drop table y; --'):collect():names(), frame:names())
  test.equal(db:tables():column "name", { 'x"; drop table y; --' })
end)

test("real databases: Northwind's net sales and Chinook's invoices", function()
  local northwind = ms.open(test.data "northwind/northwind.db")
  local sales = northwind:query 'select sum(UnitPrice * Quantity * (1 - Discount)) x from "Order Details"'
  test.close(sales:row(1).x, 1265793.04, 0.005 / 1265793) -- shared data's README
  test.equal(#northwind:table("Orders"):collect(), 830)
  local chinook = ms.open(test.data "chinook/Chinook_Sqlite.sqlite")
  local total = 0
  for invoice in chinook:table("Invoice"):collect():rows() do total = total + invoice.Total end
  test.close(total, 2328.60, 1e-9)
end)

test("a CSV file is imported whole, with what was rejected", function()
  local path, csv = test.temporary "imported.db", test.temporary "orders.csv"
  local file = io.open(csv, "w")
  file:write("id,amount,day\n1,2.5,2024-01-31\n2,,2024-02-01\n")
  file:close()
  local report = ms.import(csv, { db = path, table = "orders" })
  test.equal(tostring(report), "orders: 2 rows, 3 columns")
  test.equal(shell(path, "select group_concat(id || coalesce(amount, '-') || day) from orders"),
    "12.52024-01-31,2-2024-02-01")
  test.raises(function() ms.import(csv, { db = path, table = "orders" }) end, "table 'orders' exists already")
  ms.import(csv, { db = path, table = "orders", mode = "append" })
  test.equal(shell(path, "select count(*) from orders"), "4")
  test.raises(function() ms.import(csv, { db = path }) end, "the option 'table'")
end)
